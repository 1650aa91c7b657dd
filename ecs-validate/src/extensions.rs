//! Every `x-aws-*` key, typed, in one place.
//!
//! Each struct is read where its keys are lowered, which tells of values that
//! are wrong. That a key is not known where it stands is told by [`stray`] alone,
//! which the walk over the whole tree calls: a mistyped extension would otherwise
//! be dropped in silence.

mod field;
mod grammar;
mod keys;
mod policy;
mod read;
#[cfg(test)]
mod tests;

use compose_model::value::Value;
use indexmap::IndexMap;

pub(crate) use grammar::is_secret_arn;
pub(crate) use keys::{KEYS, Key, Level, is_ours, stray};

use crate::service::{SearchDomain, SecretKeys, TargetHealthCheck};

/// Keys of the project itself.
#[derive(Debug, Default)]
pub(crate) struct ProjectExtensions {
    /// `x-aws-cluster`: the name or ARN of a cluster that exists.
    pub(crate) cluster: Option<String>,
    /// `x-aws-vpc`: the id or ARN of a VPC.
    pub(crate) vpc: Option<String>,
    /// `x-aws-subnets`: ids of subnets, for everything or for tasks and the load
    /// balancer apart.
    pub(crate) subnets: Option<ChosenSubnets>,
    /// `x-aws-loadbalancer`: the name or ARN of a load balancer that exists.
    pub(crate) load_balancer: Option<String>,
    /// `x-aws-logs_retention`: days; none if logs are kept for ever.
    pub(crate) logs_retention: Option<u16>,
    /// `x-aws-cloudformation`: what is merged over the finished template.
    pub(crate) cloudformation: Option<Value>,
    /// `x-aws-role_path`: the path of all roles.
    pub(crate) role_path: Option<String>,
    /// `x-aws-permissions_boundary`: the ARN of a policy for all roles.
    pub(crate) permissions_boundary: Option<String>,
    /// `x-aws-search_domain`: `init`, `variable` or `none`.
    pub(crate) search_domain: Option<SearchDomain>,
    /// `x-aws-helper_image`: the image of the containers that prepare a task.
    pub(crate) helper_image: Option<String>,
}

/// `x-aws-subnets`; what is chosen only for the one is for the other, too.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ChosenSubnets {
    pub(crate) tasks: Vec<String>,
    pub(crate) load_balancer: Vec<String>,
}

/// Keys of a service.
#[derive(Debug, Default)]
pub(crate) struct ServiceExtensions {
    /// `x-aws-pull_credentials`: the ARN of a secret.
    pub(crate) pull_credentials: Option<String>,
    /// `x-aws-policies`: ARNs of managed policies.
    pub(crate) policies: Vec<String>,
    /// `x-aws-role`: a policy document.
    pub(crate) role: Option<Value>,
    /// `x-aws-secrets`: variables to secrets of the project or ARNs.
    pub(crate) secrets: IndexMap<String, String>,
    /// `x-aws-ephemeral_storage`: GiB.
    pub(crate) ephemeral_storage: Option<u16>,
}

/// Keys of a port.
#[derive(Debug, Default)]
pub(crate) struct PortExtensions {
    /// `x-aws-protocol`
    pub(crate) protocol: Option<PortProtocol>,
    /// `x-aws-certificate`: an ARN.
    pub(crate) certificate: Option<String>,
    /// `x-aws-healthcheck`
    pub(crate) health_check: TargetHealthCheck,
}

/// `x-aws-protocol`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortProtocol {
    /// Served by an application load balancer.
    Http,
    /// The same; with a certificate, encrypted.
    Https,
    /// Served by a network load balancer.
    Tcp,
    /// The same, encrypted.
    Tls,
    /// Served by a network load balancer.
    Udp,
}

/// Keys of a network.
#[derive(Debug, Default)]
pub(crate) struct NetworkExtensions {
    /// `x-aws-securitygroup`: the id of a group that exists, as an older form of
    /// `external: true` with `name`.
    pub(crate) security_group: Option<String>,
}

/// Keys of a secret of the project.
#[derive(Debug)]
pub(crate) struct SecretExtensions {
    /// `x-aws-keys`: keys of a JSON object, or `*`.
    pub(crate) keys: SecretKeys,
}

/// Keys of `deploy.update_config`.
#[derive(Debug, Default)]
pub(crate) struct UpdateExtensions {
    /// `x-aws-min_percent`
    pub(crate) min_percent: Option<u32>,
    /// `x-aws-max_percent`
    pub(crate) max_percent: Option<u32>,
}

/// Keys of `deploy`.
#[derive(Debug, Default)]
pub(crate) struct DeployExtensions {
    /// `x-aws-autoscaling`
    pub(crate) autoscaling: Option<Autoscaling>,
}

/// `x-aws-autoscaling`; a number alone is `cpu`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Autoscaling {
    pub(crate) min: Option<u32>,
    pub(crate) max: Option<u32>,
    pub(crate) cpu: Option<u8>,
    pub(crate) memory: Option<u8>,
}

/// Keys of `logging`.
#[derive(Debug, Default)]
pub(crate) struct LoggingExtensions {
    /// `x-aws-secret_options`: options to secrets of the project or ARNs.
    pub(crate) secret_options: IndexMap<String, String>,
    /// `x-aws-router_image`: the image of the log router.
    pub(crate) router_image: Option<String>,
}

/// Keys of what a service mounts: a volume or a config.
#[derive(Debug, Default)]
pub(crate) struct MountExtensions {
    /// `x-aws-seed`: whether what the image has in the folder is kept.
    pub(crate) seed: Option<bool>,
}

impl Default for SecretExtensions {
    fn default() -> Self {
        Self { keys: SecretKeys::Whole }
    }
}
