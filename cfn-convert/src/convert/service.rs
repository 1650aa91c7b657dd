//! What keeps the tasks of a service running, and replaces them by newer ones.

use std::collections::BTreeSet;

use ecs_validate::{Launch, OnFailure, Rollout, Scaling, Service};
use serde::Serialize;

use super::capacity::Strategy;
use super::container::container_name;
use super::file_system::mounted;
use super::listener::Published;
use super::shared::Shared;
use super::tags::{Tags, service_tags, with};
use super::task_definition::TaskDefinition;
use crate::template::{Resource, Stack};
use crate::value::{Att, Handle, Known, List, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-service.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EcsService {
    /// Moving tasks between zones starts one before it ends another, for which
    /// there has to be room; AWS turns it on by itself.
    availability_zone_rebalancing: Option<&'static str>,
    capacity_provider_strategy: Vec<Strategy>,
    cluster: Value<String>,
    deployment_configuration: DeploymentConfiguration,
    deployment_controller: DeploymentController,
    desired_count: Option<u32>,
    health_check_grace_period_seconds: Option<u32>,
    launch_type: Option<&'static str>,
    load_balancers: Vec<LoadBalancer>,
    network_configuration: NetworkConfiguration,
    propagate_tags: &'static str,
    scheduling_strategy: &'static str,
    service_registries: [Registry; 1],
    tags: Tags,
    task_definition: Value<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeploymentConfiguration {
    deployment_circuit_breaker: CircuitBreaker,
    maximum_percent: u32,
    minimum_healthy_percent: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CircuitBreaker {
    enable: bool,
    rollback: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeploymentController {
    #[serde(rename = "Type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoadBalancer {
    container_name: String,
    container_port: u16,
    target_group_arn: Value<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkConfiguration {
    awsvpc_configuration: AwsvpcConfiguration,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AwsvpcConfiguration {
    assign_public_ip: Value<String>,
    security_groups: Vec<Value<String>>,
    subnets: List,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Registry {
    registry_arn: Value<String>,
}

impl Resource for EcsService {
    const TYPE: &'static str = "AWS::ECS::Service";
}

impl EcsService {
    /// What scaling knows it by.
    pub(crate) const NAME: Att<Self> = Att::new("Name");
}

/// The service itself. It waits for the listeners that send it traffic and for the
/// doors to its volumes.
pub(crate) fn ecs_service(
    stack: &mut Stack,
    shared: &Shared<'_>,
    service: &Service,
    task_definition: &Handle<TaskDefinition<'_>>,
    registry_arn: Value<String>,
    published: &[Published],
) -> Handle<EcsService> {
    let (launch_type, capacity_provider_strategy) = launch(shared, service);
    let crowded = service.rollout.max_percent <= 100;
    let resource = EcsService {
        availability_zone_rebalancing: crowded.then_some("DISABLED"),
        capacity_provider_strategy,
        cluster: shared.cluster.arn.clone(),
        deployment_configuration: deployment(&service.rollout),
        deployment_controller: DeploymentController { kind: "ECS" },
        desired_count: desired_count(service.scaling),
        health_check_grace_period_seconds: grace_period(service),
        launch_type,
        load_balancers: load_balancers(service, published),
        network_configuration: network(stack, shared, service),
        propagate_tags: "SERVICE",
        scheduling_strategy: "REPLICA",
        service_registries: [Registry { registry_arn }],
        tags: with(service_tags(&shared.project.name, &service.name), &service.tags),
        task_definition: task_definition.reference(),
    };
    let handle = stack.add(shared.names.services.id(&service.name, "Service"), &resource);
    stack.wait(&handle, published.iter().map(|published| &published.listener));
    stack.wait(&handle, doors(shared, service));
    stack.wait(&handle, shared.capacities.associations.iter().filter(|_| on_machines(service)));
    handle
}

fn doors<'a>(shared: &'a Shared<'_>, service: &'a Service) -> impl Iterator<Item = &'a Known> {
    let volumes = mounted(service).into_iter().filter_map(|volume| shared.volumes.get(volume));
    volumes.flat_map(|volume| &volume.mount_targets)
}

fn on_machines(service: &Service) -> bool {
    match service.launch {
        Launch::Fargate(_) => false,
        Launch::Machines { .. } => true,
    }
}

fn launch(shared: &Shared<'_>, service: &Service) -> (Option<&'static str>, Vec<Strategy>) {
    match service.launch {
        Launch::Fargate(_) => (Some("FARGATE"), Vec::new()),
        Launch::Machines { capacity, .. } => match shared.capacities.providers.get(capacity) {
            Some(provider) => (None, vec![Strategy::only(provider.clone())]),
            None => (Some("EC2"), Vec::new()),
        },
    }
}

fn deployment(rollout: &Rollout) -> DeploymentConfiguration {
    let (enable, rollback) = match rollout.on_failure {
        OnFailure::Rollback => (true, true),
        OnFailure::Pause => (true, false),
        OnFailure::Continue => (false, false),
    };
    DeploymentConfiguration {
        deployment_circuit_breaker: CircuitBreaker { enable, rollback },
        maximum_percent: rollout.max_percent,
        minimum_healthy_percent: rollout.min_percent,
    }
}

/// What scales the service owns the number of its tasks: a deployment would
/// otherwise set it back.
fn desired_count(scaling: Scaling) -> Option<u32> {
    match scaling {
        Scaling::Fixed(count) => Some(count),
        Scaling::Automatic { .. } => None,
    }
}

/// A load balancer does not give up on a task for as long as the container itself
/// is given to start.
fn grace_period(service: &Service) -> Option<u32> {
    let checks = service.containers.iter().filter_map(|container| container.health_check.as_ref());
    let longest = checks.filter_map(|check| check.start_period).max();
    longest.filter(|seconds| *seconds > 0 && !service.publications.is_empty())
}

fn load_balancers(service: &Service, published: &[Published]) -> Vec<LoadBalancer> {
    let pairs = service.publications.iter().zip(published);
    pairs
        .map(|(publication, published)| LoadBalancer {
            container_name: container_name(&publication.container),
            container_port: publication.target,
            target_group_arn: published.target_group.clone(),
        })
        .collect()
}

fn network(stack: &mut Stack, shared: &Shared<'_>, service: &Service) -> NetworkConfiguration {
    let group = |network: &String| shared.groups.get(network.as_str()).cloned();
    let assign_public_ip = if on_machines(service) {
        "DISABLED".into()
    } else {
        shared.network.public_addresses(stack)
    };
    NetworkConfiguration {
        awsvpc_configuration: AwsvpcConfiguration {
            assign_public_ip,
            security_groups: service.networks.iter().filter_map(group).collect(),
            subnets: shared.network.for_tasks(stack, !mounted(service).is_empty()),
        },
    }
}

/// Makes services wait for those that they depend on.
pub(crate) fn order<'a>(
    stack: &mut Stack,
    services: impl Iterator<Item = (&'a Service, &'a Handle<EcsService>)> + Clone,
) {
    let handles: std::collections::HashMap<&str, &Known> =
        services.clone().map(|(service, handle)| (service.name.as_str(), handle.known())).collect();
    for (service, handle) in services {
        let first: BTreeSet<&str> = service.depends_on.iter().map(String::as_str).collect();
        let first = first.into_iter().filter(|name| *name != service.name);
        stack.wait(handle, first.filter_map(|name| handles.get(name).copied()));
    }
}
