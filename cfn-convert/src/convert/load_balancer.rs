//! What takes traffic from outside, and from where it may reach tasks.

use std::collections::{BTreeSet, HashSet};

use ecs_validate::{
    EcsProject, ListenerProtocol, LoadBalancerKind, LoadBalancerSource, Lookup, Publication,
    SecurityGroups, Service,
};
use serde::Serialize;

use super::network::Network;
use super::security_group::{Groups, Ingress, Rule, load_balancer_group};
use super::shared::Names;
use super::tags::{Tags, project_tags};
use crate::logical_id::LogicalId;
use crate::template::{Parameter, ParameterType, Resource, Stack};
use crate::value::{Att, List, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LoadBalancer {
    load_balancer_attributes: Vec<Attribute>,
    scheme: &'static str,
    security_groups: Vec<Value<String>>,
    subnets: List,
    tags: Tags,
    #[serde(rename = "Type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    key: &'static str,
    value: &'static str,
}

impl Resource for LoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
}

impl LoadBalancer {
    const DNS_NAME: Att<Self> = Att::new("DNSName");
}

/// The load balancer, and where its traffic comes from.
pub(crate) struct Balancer {
    /// What identifies it.
    pub(crate) arn: Value<String>,
    /// Its security group, if it can have one.
    group: Option<Value<String>>,
    /// Rules that tasks have already.
    rules: HashSet<(String, u16, &'static str)>,
}

/// The project's load balancer, if it has one.
pub(crate) fn load_balancer(
    stack: &mut Stack,
    project: &EcsProject,
    network: &Network<'_>,
) -> Option<Balancer> {
    let wanted = project.load_balancer.as_ref()?;
    let (arn, group) = match &wanted.source {
        LoadBalancerSource::New => {
            let rules = listener_rules(project);
            let group = load_balancer_group(stack, project, network, rules);
            (new(stack, project, wanted.kind, network, vec![group.clone()]), Some(group))
        }
        LoadBalancerSource::NewWithoutSecurityGroup => {
            (new(stack, project, wanted.kind, network, Vec::new()), None)
        }
        LoadBalancerSource::Existing { name, arn, security_groups } => {
            let arn = existing(stack, arn, name, wanted.kind);
            (arn, existing_group(stack, security_groups, name))
        }
    };
    Some(Balancer { arn, group, rules: HashSet::new() })
}

fn new(
    stack: &mut Stack,
    project: &EcsProject,
    kind: LoadBalancerKind,
    network: &Network<'_>,
    security_groups: Vec<Value<String>>,
) -> Value<String> {
    let (kind, load_balancer_attributes) = match kind {
        LoadBalancerKind::Application => ("application", Vec::new()),
        // A task in one zone would otherwise never hear from clients in another.
        LoadBalancerKind::Network => {
            let key = "load_balancing.cross_zone.enabled";
            ("network", vec![Attribute { key, value: "true" }])
        }
    };
    let balancer = LoadBalancer {
        load_balancer_attributes,
        scheme: "internet-facing",
        security_groups,
        subnets: network.for_load_balancer(stack),
        tags: project_tags(&project.name),
        kind,
    };
    let handle = stack.add(LogicalId::new("LoadBalancer"), &balancer);
    let address = handle.get(LoadBalancer::DNS_NAME);
    stack.tell("LoadBalancerAddress", "Where the application is reached", &address);
    handle.reference()
}

fn existing(stack: &mut Stack, arn: &Lookup, name: &str, kind: LoadBalancerKind) -> Value<String> {
    match arn {
        Lookup::Known(arn) => arn.clone().into(),
        Lookup::Asked => {
            Value::Ref(stack.ask(LogicalId::new("LoadBalancerArn"), || asked_arn(name, kind)))
        }
    }
}

/// One group is enough: all of a load balancer's traffic comes from each of its
/// groups.
fn existing_group(stack: &mut Stack, groups: &SecurityGroups, name: &str) -> Option<Value<String>> {
    match groups {
        SecurityGroups::Known(groups) => groups.first().map(|group| group.clone().into()),
        SecurityGroups::Asked => {
            let id = LogicalId::new("LoadBalancerSecurityGroup");
            Some(Value::Ref(stack.ask(id, || asked_group(name))))
        }
    }
}

fn asked_arn(name: &str, kind: LoadBalancerKind) -> Parameter {
    let kind = match kind {
        LoadBalancerKind::Application => "an application",
        LoadBalancerKind::Network => "a network",
    };
    Parameter {
        description: format!("The ARN of the load balancer {name}, {kind} load balancer"),
        allowed_pattern: Some("arn:[^:]+:elasticloadbalancing:.+:loadbalancer/.+"),
        constraint_description: Some("the ARN of a load balancer"),
        ..Parameter::default()
    }
}

fn asked_group(name: &str) -> Parameter {
    Parameter {
        kind: ParameterType::SecurityGroup,
        description: format!("A security group of the load balancer {name}"),
        ..Parameter::default()
    }
}

/// From the internet to every port that the load balancer listens on; ports that
/// follow each other share their rules.
fn listener_rules(project: &EcsProject) -> Vec<Rule> {
    let publications = project.services.iter().flat_map(|service| &service.publications);
    let ports: BTreeSet<_> = publications
        .flat_map(|publication| {
            let listener = publication.listener;
            transports(&publication.protocol).iter().map(move |transport| (*transport, listener))
        })
        .collect();
    let mut ranges: Vec<(&str, u16, u16)> = Vec::new();
    for (transport, port) in ports {
        match ranges.last_mut() {
            Some((same, _, last)) if *same == transport && last.checked_add(1) == Some(port) => {
                *last = port;
            }
            Some(_) | None => ranges.push((transport, port, port)),
        }
    }
    ranges.into_iter().flat_map(from_internet).collect()
}

fn from_internet((ip_protocol, from_port, to_port): (&'static str, u16, u16)) -> [Rule; 2] {
    let rule = |cidr_ip, cidr_ipv6| Rule {
        cidr_ip,
        cidr_ipv6,
        description: "From the internet".to_owned(),
        from_port,
        ip_protocol,
        to_port,
    };
    [rule(Some("0.0.0.0/0"), None), rule(None, Some("::/0"))]
}

/// What carries a protocol.
pub(crate) fn transports(protocol: &ListenerProtocol) -> &'static [&'static str] {
    match protocol {
        ListenerProtocol::Http
        | ListenerProtocol::Https { .. }
        | ListenerProtocol::Tcp
        | ListenerProtocol::Tls { .. } => &["tcp"],
        ListenerProtocol::Udp => &["udp"],
        ListenerProtocol::TcpUdp => &["tcp", "udp"],
    }
}

impl Balancer {
    /// Lets the load balancer reach the tasks behind a port, and ask whether they
    /// are well, which is done over TCP whatever the port speaks.
    pub(crate) fn admit(
        &mut self,
        stack: &mut Stack,
        names: &Names<'_>,
        groups: &Groups<'_>,
        service: &Service,
        publication: &Publication,
    ) {
        let Some(group) = groups.get(publication.network.as_str()) else { return };
        let traffic = transports(&publication.protocol).iter();
        let mut wanted: Vec<_> =
            traffic.map(|transport| (publication.target, *transport)).collect();
        wanted.push((publication.health_check.port.unwrap_or(publication.target), "tcp"));
        for (port, transport) in wanted {
            let network = &publication.network;
            if self.rules.insert((network.clone(), port, transport)) {
                let udp = if transport == "udp" { "UDP" } else { "" };
                let id = names.networks.id(network, &format!("{port}{udp}Ingress"));
                let description =
                    format!("{}:{port}/{transport} on {network} network", service.name);
                stack.add(id, &self.ingress(group, port, transport, description));
            }
        }
    }

    fn ingress(
        &self,
        group: &Value<String>,
        port: u16,
        ip_protocol: &'static str,
        description: String,
    ) -> Ingress {
        Ingress {
            cidr_ip: self.group.is_none().then_some("0.0.0.0/0"),
            description,
            from_port: Some(port),
            group_id: group.clone(),
            ip_protocol,
            source_security_group_id: self.group.clone(),
            to_port: Some(port),
        }
    }
}
