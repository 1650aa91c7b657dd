//! What Elastic Load Balancing keeps.

use ecs_validate::LoadBalancerKind;

/// A load balancer as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What it balances; nothing if that is not traffic of services.
    pub kind: Option<LoadBalancerKind>,
    /// The VPC that it is in.
    pub vpc: String,
    /// The security groups that its traffic comes from.
    pub security_groups: Vec<String>,
}

/// A port that a load balancer listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// The port.
    pub port: u16,
}
