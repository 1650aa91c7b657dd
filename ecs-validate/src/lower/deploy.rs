//! `deploy` to what is true of a whole service: how many tasks there are, how a new
//! version takes over, where they run and what tags they have.

use compose_model::Path;
use compose_model::service::Deploy;
use indexmap::IndexMap;

use super::placement::expressions;
use super::rollout::{BESIDE, rollout};
use super::scaling::{ScalingKeys, scaling};
use super::tags::tags;
use crate::context::Context;
use crate::extensions::DeployExtensions;
use crate::service::{Rollout, Scaling};

/// What is true of a whole service.
pub(super) struct Deployment {
    pub(super) scaling: Scaling,
    pub(super) rollout: Rollout,
    pub(super) placement: Vec<String>,
    pub(super) tags: IndexMap<String, String>,
}

/// Lowers `deploy` and `scale`. `at` is the place of the service.
pub(super) fn deployment(
    scale: Option<i64>,
    deploy: Option<&Deploy>,
    machines: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> Deployment {
    let Some(deploy) = deploy else { return alone(scale, at, cx) };
    let Deploy {
        mode,
        replicas,
        labels,
        update_config,
        rollback_config,
        // Read where sizes, GPUs and restarts are.
        resources: _,
        restart_policy: _,
        placement,
        // Answered for its key alone.
        endpoint_mode: _,
        extensions,
    } = deploy;
    let deploy_at = at.key("deploy");
    let DeployExtensions { autoscaling } =
        DeployExtensions::read(extensions, &deploy_at, &mut cx.problems);
    let keys = ScalingKeys { scale, replicas: *replicas, mode: mode.as_deref(), autoscaling };
    let scaling = scaling(&keys, at, cx);
    let (update, rollback) = (update_config.as_deref(), rollback_config.as_deref());
    Deployment {
        scaling,
        rollout: rollout(update, rollback, scaling, &deploy_at, cx),
        placement: expressions(placement.as_deref(), machines, &deploy_at, cx),
        tags: tags(labels, &deploy_at, cx),
    }
}

/// What is true of a service without `deploy`.
fn alone(scale: Option<i64>, at: &Path, cx: &mut Context<'_>) -> Deployment {
    let keys = ScalingKeys { scale, replicas: None, mode: None, autoscaling: None };
    Deployment {
        scaling: scaling(&keys, at, cx),
        rollout: BESIDE,
        placement: Vec::new(),
        tags: IndexMap::new(),
    }
}
