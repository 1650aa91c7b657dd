//! The account that Docker's tool was shown: it has one VPC with two public
//! subnets, and everything that a project names.

use compose_model::{Loaded, Project};
use ecs_validate::{
    ClusterFacts, Facts, LoadBalancerFacts, LoadBalancerKind, StackFacts, SubnetFacts, VpcFacts,
};

const ACCOUNT: &str = "us-east-1:123456789012";

/// What is known about a project in that account.
pub(super) fn facts(loaded: &Loaded) -> Facts {
    let project = &loaded.project;
    let extension = |key: &str| project.extensions.get(key).and_then(|value| value.as_str());
    let vpc = extension("x-aws-vpc").unwrap_or("vpc-123").to_owned();
    Facts {
        load_balancer: extension("x-aws-loadbalancer").map(|name| LoadBalancerFacts {
            arn: balancer(name),
            kind: kind(project),
            vpc: vpc.clone(),
            security_groups: vec!["sg-loadbalancer".to_owned()],
            ports: Vec::new(),
        }),
        cluster: extension("x-aws-cluster").map(cluster),
        vpc: Some(VpcFacts { id: vpc, subnets: ["subnet1", "subnet2"].map(subnet).into() }),
        file_systems: names(
            project.volumes.iter().map(|(_, volume)| (volume.external, &volume.name)),
        ),
        security_groups: names(
            project.networks.iter().map(|(_, network)| (network.external, &network.name)),
        ),
        stack: Some(StackFacts { load_balancer_without_security_groups: true }),
        files: compose_model::local_files(loaded),
        ..Facts::default()
    }
}

fn balancer(text: &str) -> String {
    if text.starts_with("arn:") {
        return text.to_owned();
    }
    format!("arn:aws:elasticloadbalancing:{ACCOUNT}:loadbalancer/app/{text}/0123456789abcdef")
}

fn cluster(text: &str) -> ClusterFacts {
    let name = text.rsplit('/').next().unwrap_or(text).to_owned();
    let arn = if text.starts_with("arn:") {
        text.to_owned()
    } else {
        format!("arn:aws:ecs:{ACCOUNT}:cluster/{name}")
    };
    ClusterFacts { name, arn }
}

fn subnet(id: &str) -> SubnetFacts {
    SubnetFacts { id: id.to_owned(), zone: None, public: true }
}

/// Whatever a project names has that name as its id.
fn names<'p>(
    named: impl Iterator<Item = (bool, &'p Option<String>)>,
) -> indexmap::IndexMap<String, String> {
    named
        .filter(|(external, _)| *external)
        .filter_map(|(_, name)| name.clone())
        .map(|name| (name.clone(), name))
        .collect()
}

/// The load balancer is of the kind that the project needs.
fn kind(project: &Project) -> LoadBalancerKind {
    let mut ports = project.services.values().flat_map(|service| &service.ports);
    if ports.all(|port| matches!(port.target, 80 | 443)) {
        LoadBalancerKind::Application
    } else {
        LoadBalancerKind::Network
    }
}
