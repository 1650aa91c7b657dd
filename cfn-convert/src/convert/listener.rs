//! A published port becomes a listener of the load balancer, and a target group
//! that it passes traffic on to.

use ecs_validate::{ListenerProtocol, Publication, Service, TargetHealthCheck};
use serde::Serialize;

use super::load_balancer::Balancer;
use super::network::Network;
use super::shared::Names;
use super::tags::{Tags, service_tags};
use crate::logical_id::LogicalId;
use crate::template::{Resource, Stack};
use crate::value::{Known, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-listener.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listener {
    certificates: Vec<Certificate>,
    default_actions: [Action; 1],
    load_balancer_arn: Value<String>,
    port: u16,
    protocol: &'static str,
    ssl_policy: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Certificate {
    certificate_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Action {
    forward_config: ForwardConfig,
    #[serde(rename = "Type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ForwardConfig {
    target_groups: [TargetGroupTuple; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TargetGroupTuple {
    target_group_arn: Value<String>,
}

impl Resource for Listener {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::Listener";
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-targetgroup.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TargetGroup {
    health_check_interval_seconds: Option<u32>,
    health_check_path: Option<String>,
    health_check_port: Option<String>,
    health_check_protocol: Option<&'static str>,
    health_check_timeout_seconds: Option<u32>,
    healthy_threshold_count: Option<u8>,
    matcher: Option<Matcher>,
    port: u16,
    protocol: &'static str,
    tags: Tags,
    target_type: &'static str,
    unhealthy_threshold_count: Option<u8>,
    vpc_id: Value<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Matcher {
    http_code: String,
}

impl Resource for TargetGroup {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::TargetGroup";
}

/// A published port, as the service of ECS has to know it.
pub(crate) struct Published {
    /// The service waits for it: a target group that no load balancer uses can
    /// have no targets.
    pub(crate) listener: Known,
    /// Where tasks are registered.
    pub(crate) target_group: Value<String>,
}

/// TLS 1.2 and 1.3; what AWS takes by default allows older ones.
const SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// The listener and the target group of a published port.
pub(crate) fn publish(
    stack: &mut Stack,
    project: &str,
    names: &Names<'_>,
    network: &Network<'_>,
    balancer: &Balancer,
    service: &Service,
    position: usize,
) -> Published {
    let ids = Ids::of(names, service, position);
    let publication = &service.publications[position];
    let vpc_id = network.vpc(stack);
    let tags = service_tags(project, &service.name);
    let target_group = stack.add(ids.target_group, &target_group(publication, tags, vpc_id));
    let target_group = target_group.reference();
    let listener = listener(publication, balancer.arn.clone(), Value::clone(&target_group));
    let listener = stack.add(ids.listener, &listener).known().clone();
    Published { listener, target_group }
}

fn listener(
    publication: &Publication,
    load_balancer_arn: Value<String>,
    target_group_arn: Value<String>,
) -> Listener {
    let target_groups = [TargetGroupTuple { target_group_arn }];
    let (protocol, certificate) = spoken(&publication.protocol);
    Listener {
        ssl_policy: certificate.map(|_| SSL_POLICY),
        certificates: certificate
            .map(|arn| Certificate { certificate_arn: arn.clone() })
            .into_iter()
            .collect(),
        default_actions: [Action {
            forward_config: ForwardConfig { target_groups },
            kind: "forward",
        }],
        load_balancer_arn,
        port: publication.listener,
        protocol,
    }
}

fn spoken(protocol: &ListenerProtocol) -> (&'static str, Option<&String>) {
    match protocol {
        ListenerProtocol::Http => ("HTTP", None),
        ListenerProtocol::Https { certificate } => ("HTTPS", Some(certificate)),
        ListenerProtocol::Tcp => ("TCP", None),
        ListenerProtocol::Tls { certificate } => ("TLS", Some(certificate)),
        ListenerProtocol::Udp => ("UDP", None),
        ListenerProtocol::TcpUdp => ("TCP_UDP", None),
    }
}

/// Encryption ends at the load balancer.
fn spoken_behind(protocol: &ListenerProtocol) -> &'static str {
    match protocol {
        ListenerProtocol::Http | ListenerProtocol::Https { .. } => "HTTP",
        ListenerProtocol::Tcp | ListenerProtocol::Tls { .. } => "TCP",
        ListenerProtocol::Udp => "UDP",
        ListenerProtocol::TcpUdp => "TCP_UDP",
    }
}

fn target_group(publication: &Publication, tags: Tags, vpc_id: Value<String>) -> TargetGroup {
    let TargetHealthCheck { path, port, matcher, interval, timeout, healthy, unhealthy } =
        &publication.health_check;
    let protocol = spoken_behind(&publication.protocol);
    let asks_http = (path.is_some() || matcher.is_some()) && protocol != "HTTP";
    TargetGroup {
        health_check_interval_seconds: *interval,
        health_check_path: path.clone(),
        health_check_port: port.map(|port| port.to_string()),
        health_check_protocol: asks_http.then_some("HTTP"),
        health_check_timeout_seconds: *timeout,
        healthy_threshold_count: *healthy,
        matcher: matcher.clone().map(|http_code| Matcher { http_code }),
        port: publication.target,
        protocol,
        tags,
        target_type: "ip",
        unhealthy_threshold_count: *unhealthy,
        vpc_id,
    }
}

struct Ids {
    listener: LogicalId,
    target_group: LogicalId,
}

impl Ids {
    /// Docker's tool names listeners after the container's port and target groups
    /// after the published one. Where that does not tell two ports of a service
    /// apart, the later ones name both.
    fn of(names: &Names<'_>, service: &Service, position: usize) -> Self {
        let (before, this) = (&service.publications[..position], &service.publications[position]);
        let id = |suffix: &str| names.services.id(&service.name, suffix);
        let like_this = |other: &&Publication| family(other) == family(this);
        let mut rivals = before.iter().filter(like_this);
        let both = format!("{}{}To{}", family(this), this.listener, this.target);
        let listener = if rivals.clone().any(|other| other.target == this.target) {
            id(&format!("{both}Listener"))
        } else {
            id(&format!("{}{}Listener", family(this), this.target))
        };
        let target_group = if rivals.any(|other| other.listener == this.listener) {
            id(&format!("{both}TargetGroup"))
        } else {
            id(&format!("{}{}TargetGroup", family(this), this.listener))
        };
        Self { listener, target_group }
    }
}

fn family(publication: &Publication) -> &'static str {
    match publication.protocol {
        _ if publication.bare => "",
        ListenerProtocol::Http
        | ListenerProtocol::Https { .. }
        | ListenerProtocol::Tcp
        | ListenerProtocol::Tls { .. }
        | ListenerProtocol::TcpUdp => "TCP",
        ListenerProtocol::Udp => "UDP",
    }
}
