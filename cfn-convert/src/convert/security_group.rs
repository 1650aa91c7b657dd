//! Who may talk to whom: a group for each network, and one for the load balancer.

use std::collections::HashMap;

use ecs_validate::{EcsProject, Lookup, Network as ComposeNetwork, SecurityGroup as Wanted};
use serde::Serialize;

use super::network::Network;
use super::shared::Names;
use super::tags::{Tags, network_tags, project_tags, with};
use crate::logical_id::LogicalId;
use crate::template::{Parameter, ParameterType, Resource, Stack};
use crate::value::{Att, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecurityGroup {
    group_description: String,
    security_group_ingress: Vec<Rule>,
    tags: Tags,
    vpc_id: Value<String>,
}

impl Resource for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
}

impl SecurityGroup {
    const ID: Att<Self> = Att::new("GroupId");
}

/// A rule of a group that stands in the group itself.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Rule {
    pub(crate) cidr_ip: Option<&'static str>,
    pub(crate) cidr_ipv6: Option<&'static str>,
    pub(crate) description: String,
    pub(crate) from_port: u16,
    pub(crate) ip_protocol: &'static str,
    pub(crate) to_port: u16,
}

/// A rule of a group that stands beside it, so that it can name the group.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Ingress {
    pub(crate) cidr_ip: Option<&'static str>,
    pub(crate) description: String,
    pub(crate) from_port: Option<u16>,
    pub(crate) group_id: Value<String>,
    pub(crate) ip_protocol: &'static str,
    pub(crate) source_security_group_id: Option<Value<String>>,
    pub(crate) to_port: Option<u16>,
}

impl Resource for Ingress {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupIngress";
}

/// The group of each network, by the network's key.
pub(crate) type Groups<'a> = HashMap<&'a str, Value<String>>;

/// A group for each network, in which everybody may talk to everybody.
pub(crate) fn security_groups<'a>(
    stack: &mut Stack,
    project: &'a EcsProject,
    names: &Names<'_>,
    network: &Network<'_>,
) -> Groups<'a> {
    let mut groups = Groups::new();
    for wanted in &project.networks {
        let id = |suffix: &str| names.networks.id(&wanted.name, suffix);
        let group = match &wanted.security_group {
            Wanted::New => new_group(stack, project, wanted, &id, network),
            Wanted::Existing(Lookup::Known(group)) => group.clone().into(),
            Wanted::Existing(Lookup::Asked) => {
                Value::Ref(stack.ask(id("SecurityGroup"), || asked(&wanted.name)))
            }
        };
        groups.insert(&wanted.name, group);
    }
    groups
}

fn new_group(
    stack: &mut Stack,
    project: &EcsProject,
    wanted: &ComposeNetwork,
    id: &dyn Fn(&str) -> LogicalId,
    network: &Network<'_>,
) -> Value<String> {
    let group = SecurityGroup {
        group_description: format!("{} Security Group for {} network", project.name, wanted.name),
        security_group_ingress: Vec::new(),
        tags: with(network_tags(&project.name, &wanted.full_name), &wanted.tags),
        vpc_id: network.vpc(stack),
    };
    let group = stack.add(id("Network"), &group).get(SecurityGroup::ID);
    let ingress = Ingress {
        cidr_ip: None,
        description: format!("Allow communication within network {}", wanted.name),
        from_port: None,
        group_id: group.clone(),
        ip_protocol: "-1",
        source_security_group_id: Some(group.clone()),
        to_port: None,
    };
    stack.add(id("NetworkIngress"), &ingress);
    group
}

fn asked(network: &str) -> Parameter {
    Parameter {
        kind: ParameterType::SecurityGroup,
        description: format!("The security group that stands for the network {network}"),
        ..Parameter::default()
    }
}

/// The group of the load balancer, with rules for what comes from the internet.
pub(crate) fn load_balancer_group(
    stack: &mut Stack,
    project: &EcsProject,
    network: &Network<'_>,
    rules: Vec<Rule>,
) -> Value<String> {
    let group = SecurityGroup {
        group_description: format!("{} Security Group for the load balancer", project.name),
        security_group_ingress: rules,
        tags: project_tags(&project.name),
        vpc_id: network.vpc(stack),
    };
    stack.add(LogicalId::new("LoadBalancerSecurityGroup"), &group).get(SecurityGroup::ID)
}
