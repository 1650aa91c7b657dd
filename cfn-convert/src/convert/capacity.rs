//! Machines for services that Fargate cannot run: a group that grows with the
//! tasks that wait for it.

use ecs_validate::{Capacity, EcsProject, Launch, Service};
use serde::Serialize;

use super::cluster::ClusterNames;
use super::file_system::mounted;
use super::network::Network;
use super::policy::Document;
use super::role::{Role, aws_policy};
use super::security_group::Groups;
use super::shared::Names;
use super::tags::{TagKey, Tags, project_tags};
use crate::logical_id::LogicalId;
use crate::template::{Parameter, ParameterType, Resource, Stack};
use crate::value::{Att, Handle, Known, List, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-capacityprovider.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CapacityProvider {
    auto_scaling_group_provider: GroupProvider,
    tags: Tags,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupProvider {
    auto_scaling_group_arn: Value<String>,
    managed_scaling: ManagedScaling,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedScaling {
    status: &'static str,
    target_capacity: u32,
}

impl Resource for CapacityProvider {
    const TYPE: &'static str = "AWS::ECS::CapacityProvider";
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-clustercapacityproviderassociations.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Associations {
    capacity_providers: Vec<Value<String>>,
    cluster: Value<String>,
    default_capacity_provider_strategy: [Strategy; 1],
}

impl Resource for Associations {
    const TYPE: &'static str = "AWS::ECS::ClusterCapacityProviderAssociations";
}

/// How much of a service runs on which machines.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Strategy {
    capacity_provider: Value<String>,
    weight: u32,
}

impl Strategy {
    /// All of it on these.
    pub(crate) fn only(capacity_provider: Value<String>) -> Self {
        Self { capacity_provider, weight: 1 }
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-autoscaling-autoscalinggroup.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AutoScalingGroup {
    launch_template: TemplateVersion,
    max_size: String,
    min_size: String,
    tags: Vec<GroupTag>,
    #[serde(rename = "VPCZoneIdentifier")]
    subnets: List,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TemplateVersion {
    launch_template_id: Value<String>,
    version: Value<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupTag {
    key: TagKey,
    propagate_at_launch: bool,
    value: String,
}

impl Resource for AutoScalingGroup {
    const TYPE: &'static str = "AWS::AutoScaling::AutoScalingGroup";
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-launchtemplate.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LaunchTemplate<'a> {
    launch_template_data: Machine<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Machine<'a> {
    iam_instance_profile: Profile,
    image_id: Value<String>,
    instance_type: &'a str,
    metadata_options: MetadataOptions,
    security_group_ids: Vec<Value<String>>,
    user_data: Value<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Profile {
    arn: Value<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetadataOptions {
    http_tokens: &'static str,
}

impl Resource for LaunchTemplate<'_> {
    const TYPE: &'static str = "AWS::EC2::LaunchTemplate";
}

impl LaunchTemplate<'_> {
    const LATEST_VERSION: Att<Self> = Att::new("LatestVersionNumber");
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-instanceprofile.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfile<'a> {
    path: Option<&'a str>,
    roles: [Value<String>; 1],
}

impl Resource for InstanceProfile<'_> {
    const TYPE: &'static str = "AWS::IAM::InstanceProfile";
}

impl InstanceProfile<'_> {
    const ARN: Att<Self> = Att::new("Arn");
}

/// What services on machines refer to.
#[derive(Default)]
pub(crate) struct Capacities {
    /// One for each capacity of the project; none in a cluster of somebody else.
    pub(crate) providers: Vec<Value<String>>,
    /// Services wait for it: the cluster does not know its machines before.
    pub(crate) associations: Option<Known>,
}

/// What groups of machines are made from.
struct Surroundings<'a> {
    project: &'a EcsProject,
    names: &'a Names<'a>,
    network: &'a Network<'a>,
    groups: &'a Groups<'a>,
    cluster: &'a ClusterNames,
}

/// The machines of a project, and what makes them part of its cluster. The
/// providers of a cluster of somebody else are not ours to replace: machines join
/// it by themselves.
pub(crate) fn capacities(
    stack: &mut Stack,
    project: &EcsProject,
    names: &Names<'_>,
    network: &Network<'_>,
    groups: &Groups<'_>,
    cluster: &ClusterNames,
) -> Capacities {
    if project.capacities.is_empty() {
        return Capacities::default();
    }
    let around = Surroundings { project, names, network, groups, cluster };
    let profile = instance_profile(stack, project);
    let mut providers = Vec::new();
    for (position, capacity) in project.capacities.iter().enumerate() {
        let group = machines(stack, &around, position, capacity, &profile);
        if cluster.own {
            providers.push(provider(stack, &around, capacity, &group));
        }
    }
    let associations = associations(stack, cluster, &providers);
    Capacities { providers, associations }
}

fn associations(
    stack: &mut Stack,
    cluster: &ClusterNames,
    providers: &[Value<String>],
) -> Option<Known> {
    let first = providers.first()?;
    let associations = Associations {
        capacity_providers: providers.to_vec(),
        cluster: cluster.name.clone(),
        default_capacity_provider_strategy: [Strategy::only(first.clone())],
    };
    let id = LogicalId::new("ClusterCapacityProviders");
    Some(stack.add(id, &associations).known().clone())
}

fn instance_profile(stack: &mut Stack, project: &EcsProject) -> Value<String> {
    let policy = aws_policy("service-role/AmazonEC2ContainerServiceforEC2Role");
    let role = Role {
        assume_role_policy_document: Document::trust("ec2.amazonaws.com"),
        managed_policy_arns: vec![policy],
        path: project.roles.path.as_deref(),
        permissions_boundary: project.roles.permissions_boundary.as_deref(),
        policies: Vec::new(),
        tags: project_tags(&project.name),
    };
    let role = stack.add(LogicalId::new("EC2InstanceRole"), &role);
    let path = project.roles.path.as_deref();
    let profile = InstanceProfile { path, roles: [role.reference()] };
    stack.add(LogicalId::new("EC2InstanceProfile"), &profile).get(InstanceProfile::ARN)
}

fn id(around: &Surroundings<'_>, capacity: &Capacity, suffix: &str) -> LogicalId {
    match &capacity.name {
        Some(service) => around.names.services.id(service, suffix),
        None => LogicalId::new(suffix),
    }
}

fn provider(
    stack: &mut Stack,
    around: &Surroundings<'_>,
    capacity: &Capacity,
    group: &Handle<AutoScalingGroup>,
) -> Value<String> {
    let provider = CapacityProvider {
        auto_scaling_group_provider: GroupProvider {
            auto_scaling_group_arn: group.reference(),
            managed_scaling: ManagedScaling { status: "ENABLED", target_capacity: 100 },
        },
        tags: project_tags(&around.project.name),
    };
    stack.add(id(around, capacity, "CapacityProvider"), &provider).reference()
}

/// Without a provider nothing starts machines, so that as many as are needed always run.
fn machines(
    stack: &mut Stack,
    around: &Surroundings<'_>,
    position: usize,
    capacity: &Capacity,
    profile: &Value<String>,
) -> Handle<AutoScalingGroup> {
    let users: Vec<&Service> =
        around.project.services.iter().filter(|service| uses(service, position)).collect();
    let template = launch_template(stack, around, capacity, profile, &users);
    let mounts = users.iter().any(|service| !mounted(service).is_empty());
    let group = AutoScalingGroup {
        launch_template: TemplateVersion {
            launch_template_id: template.reference(),
            version: template.get(LaunchTemplate::LATEST_VERSION),
        },
        max_size: capacity.machines.max.to_string(),
        min_size: capacity.machines.min.to_string(),
        tags: group_tags(around),
        subnets: around.network.for_tasks(stack, mounts),
    };
    stack.add(id(around, capacity, "AutoscalingGroup"), &group)
}

fn uses(service: &Service, position: usize) -> bool {
    match service.launch {
        Launch::Fargate(_) => false,
        Launch::Machines { capacity, .. } => capacity == position,
    }
}

/// ECS adds the second tag to groups that it scales, and would miss it here.
fn group_tags(around: &Surroundings<'_>) -> Vec<GroupTag> {
    let passed_on = |key, value| GroupTag { key, propagate_at_launch: true, value };
    let tags = project_tags(&around.project.name).into_iter();
    let mut tags: Vec<_> = tags.map(|tag| passed_on(tag.key, tag.value)).collect();
    if around.cluster.own {
        tags.push(passed_on(TagKey::Own("AmazonECSManaged".to_owned()), "true".to_owned()));
    }
    tags
}

fn launch_template<'a>(
    stack: &mut Stack,
    around: &Surroundings<'a>,
    capacity: &'a Capacity,
    profile: &Value<String>,
    users: &[&Service],
) -> Handle<LaunchTemplate<'a>> {
    let template = LaunchTemplate {
        launch_template_data: Machine {
            iam_instance_profile: Profile { arn: profile.clone() },
            image_id: image(stack, capacity),
            instance_type: &capacity.instance_type,
            metadata_options: MetadataOptions { http_tokens: "required" },
            security_group_ids: machine_groups(around.groups, users),
            user_data: Value::Base64(Box::new(join_cluster(around.cluster, capacity))),
        },
    };
    stack.add(id(around, capacity, "LaunchTemplate"), &template)
}

/// The first script of a machine.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html>
fn join_cluster(cluster: &ClusterNames, capacity: &Capacity) -> Value<String> {
    let mut rest = " >> /etc/ecs/ecs.config\n".to_owned();
    if !capacity.attributes.is_empty() {
        let json = serde_json::to_string(&capacity.attributes).expect("texts can be written");
        rest += &format!("echo 'ECS_INSTANCE_ATTRIBUTES={json}' >> /etc/ecs/ecs.config\n");
    }
    cluster.name.clone().around("#!/bin/bash\necho ECS_CLUSTER=", &rest)
}

/// A machine is in the networks of its services, as far as it can be in so many.
fn machine_groups(groups: &Groups<'_>, users: &[&Service]) -> Vec<Value<String>> {
    const MOST: usize = 5;
    let mut networks: Vec<&str> = Vec::new();
    for network in users.iter().flat_map(|service| &service.networks) {
        if !networks.contains(&network.as_str()) {
            networks.push(network);
        }
    }
    networks.into_iter().take(MOST).filter_map(|network| groups.get(network).cloned()).collect()
}

/// The image that was asked for, or the latest that AWS recommends.
fn image(stack: &mut Stack, capacity: &Capacity) -> Value<String> {
    match (&capacity.machine_image, capacity.arm) {
        (Some(image), _) => image.clone().into(),
        (None, false) => latest(stack, "MachineImage", "gpu"),
        (None, true) => latest(stack, "ArmMachineImage", "arm64"),
    }
}

fn latest(stack: &mut Stack, id: &str, variant: &str) -> Value<String> {
    let parameter = || Parameter {
        kind: ParameterType::LatestImage,
        description: "Where AWS publishes the id of the machine image that it recommends"
            .to_owned(),
        default: Some(format!(
            "/aws/service/ecs/optimized-ami/amazon-linux-2023/{variant}/recommended/image_id"
        )),
        ..Parameter::default()
    };
    Value::Ref(stack.ask(LogicalId::new(id), parameter))
}
