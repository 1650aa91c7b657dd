//! Services find each other by names that Cloud Map keeps: `db.shop.local`.

use ecs_validate::{EcsProject, Service};
use serde::Serialize;

use super::network::Network;
use super::shared::Names;
use super::tags::{Tags, project_tags, service_tags};
use crate::logical_id::LogicalId;
use crate::template::{Resource, Stack};
use crate::value::{Att, Handle, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-servicediscovery-privatednsnamespace.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Namespace {
    description: String,
    name: String,
    vpc: Value<String>,
    tags: Tags,
}

impl Resource for Namespace {
    const TYPE: &'static str = "AWS::ServiceDiscovery::PrivateDnsNamespace";
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-servicediscovery-service.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DiscoveryEntry<'a> {
    description: String,
    name: &'a str,
    namespace_id: Value<String>,
    dns_config: DnsConfig,
    health_check_custom_config: HealthCheckCustomConfig,
    tags: Tags,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DnsConfig {
    dns_records: [DnsRecord; 1],
    routing_policy: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DnsRecord {
    #[serde(rename = "TTL")]
    ttl: u32,
    #[serde(rename = "Type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HealthCheckCustomConfig {
    failure_threshold: u32,
}

impl Resource for DiscoveryEntry<'_> {
    const TYPE: &'static str = "AWS::ServiceDiscovery::Service";
}

impl DiscoveryEntry<'_> {
    /// What a service of ECS registers its tasks at.
    pub(crate) const ARN: Att<Self> = Att::new("Arn");
}

/// The domain that all names are in.
pub(crate) fn domain(project: &str) -> String {
    format!("{project}.local")
}

/// `{project}.local`
pub(crate) fn namespace(
    stack: &mut Stack,
    project: &EcsProject,
    network: &Network<'_>,
) -> Handle<Namespace> {
    let namespace = Namespace {
        description: format!("Service Map for Docker Compose project {}", project.name),
        name: domain(&project.name),
        vpc: network.vpc(stack),
        tags: project_tags(&project.name),
    };
    stack.add(LogicalId::new("CloudMap"), &namespace)
}

/// The name of one service, which stands for the addresses of its tasks.
pub(crate) fn discovery_entry(
    stack: &mut Stack,
    project: &EcsProject,
    names: &Names<'_>,
    service: &Service,
    namespace: &Handle<Namespace>,
) -> Value<String> {
    let entry = DiscoveryEntry {
        description: format!("{:?} service discovery entry in Cloud Map", service.name),
        name: &service.name,
        namespace_id: namespace.reference(),
        dns_config: DnsConfig {
            dns_records: [DnsRecord { ttl: 60, kind: "A" }],
            routing_policy: "MULTIVALUE",
        },
        health_check_custom_config: HealthCheckCustomConfig { failure_threshold: 1 },
        tags: service_tags(&project.name, &service.name),
    };
    let id = names.services.id(&service.name, "ServiceDiscoveryEntry");
    stack.add(id, &entry).get(DiscoveryEntry::ARN)
}
