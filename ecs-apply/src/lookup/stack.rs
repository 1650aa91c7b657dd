//! The stack that is to be updated, if there is one.

use std::collections::HashSet;

use ecs_validate::{LoadBalancerKind, StackFacts, Wanted};

use super::trouble::{Found, refused};
use crate::aws::{Aws, AwsError};
use crate::stack::StackResource;

const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

/// What a stack has made, and has not left behind.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    ids: HashSet<String>,
    load_balancer: Option<String>,
}

impl Own {
    fn new(resources: Vec<StackResource>) -> Self {
        let mut own = Self::default();
        for StackResource { physical_id, kind, status, .. } in resources {
            let left = matches!(status.0.as_str(), "DELETE_SKIPPED" | "DELETE_COMPLETE");
            let Some(id) = physical_id.filter(|_| !left) else { continue };
            if kind == LOAD_BALANCER {
                own.load_balancer = Some(id.clone());
            }
            own.ids.insert(id);
        }
        own
    }

    /// A stack that has made these.
    #[cfg(test)]
    pub(super) fn of<const N: usize>(ids: [&str; N]) -> Self {
        Self { ids: ids.into_iter().map(str::to_owned).collect(), load_balancer: None }
    }

    /// Whether it has made this, by the name that AWS gave it.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

/// What the stack has made, as far as a project has to know.
pub(super) async fn own(aws: &Aws, wanted: &Wanted, stack: &str) -> Found<Own> {
    let matters = wanted.network_load_balancer
        || wanted.load_balancer.is_some()
        || !wanted.volumes.is_empty();
    if !matters {
        return Ok(Own::default());
    }
    let own = made_by(aws, stack).await;
    own.map_err(refused(format!("what is in the stack `{stack}`"), None))
}

/// What the stack of this name has made; nothing if there is none.
async fn made_by(aws: &Aws, stack: &str) -> Result<Own, AwsError> {
    match aws.stack_resources(stack).await {
        Ok(resources) => Ok(Own::new(resources)),
        Err(error) if error.says("does not exist") => Ok(Own::default()),
        Err(error) => Err(error),
    }
}

/// What the stack can change no more.
pub(super) async fn facts(aws: &Aws, wanted: &Wanted, own: &Own) -> Found<Option<StackFacts>> {
    let Some(arn) = own.load_balancer.as_deref().filter(|_| wanted.network_load_balancer) else {
        return Ok(None);
    };
    let balancer = aws.load_balancer(arn).await;
    let balancer = balancer.map_err(refused("the load balancer of the stack", None))?;
    Ok(balancer.map(|balancer| StackFacts {
        load_balancer_without_security_groups: balancer.kind == Some(LoadBalancerKind::Network)
            && balancer.security_groups.is_empty(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Status;

    #[test]
    fn what_a_stack_left_behind_is_not_its_own() {
        let resource = |id: Option<&str>, status: &str| StackResource {
            logical_id: "X".to_owned(),
            physical_id: id.map(str::to_owned),
            kind: "AWS::EFS::FileSystem".to_owned(),
            status: Status(status.to_owned()),
            reason: None,
        };
        let own = Own::new(vec![
            resource(Some("fs-1"), "CREATE_COMPLETE"),
            resource(Some("fs-2"), "DELETE_SKIPPED"),
            resource(None, "CREATE_IN_PROGRESS"),
        ]);
        assert!(own.has("fs-1"));
        assert!(!own.has("fs-2"));
    }
}
