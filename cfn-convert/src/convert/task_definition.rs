//! A task: containers that start, run and stop together.

use std::collections::HashSet;

use ecs_validate::{
    Architecture, Container, FargateSize, Launch, MountSource, OperatingSystem, Platform, Service,
};
use serde::Serialize;

use super::container::{ContainerDefinition, container};
use super::helper::{self, SecretFolder};
use super::logging::router;
use super::mounts::{Folder, Mounted, TaskVolume, mounted_in, plain_name};
use super::needs::Needs;
use super::role::{execution_role, task_role};
use super::search_domain;
use super::shared::Shared;
use super::tags::{Tags, service_tags};
use crate::template::{Resource, Stack};
use crate::value::{Handle, Value};

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-taskdefinition.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TaskDefinition<'a> {
    container_definitions: Vec<ContainerDefinition<'a>>,
    cpu: Option<String>,
    ephemeral_storage: Option<EphemeralStorage>,
    execution_role_arn: Value<String>,
    family: String,
    memory: Option<String>,
    network_mode: &'static str,
    pid_mode: Option<&'static str>,
    placement_constraints: Vec<PlacementConstraint<'a>>,
    requires_compatibilities: [&'static str; 1],
    runtime_platform: Option<RuntimePlatform>,
    tags: Tags,
    task_role_arn: Option<Value<String>>,
    volumes: Vec<TaskVolume>,
}

#[derive(Serialize)]
struct EphemeralStorage {
    #[serde(rename = "SizeInGiB")]
    size: u16,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PlacementConstraint<'a> {
    expression: &'a str,
    #[serde(rename = "Type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuntimePlatform {
    cpu_architecture: &'static str,
    operating_system_family: &'static str,
}

impl Resource for TaskDefinition<'_> {
    const TYPE: &'static str = "AWS::ECS::TaskDefinition";
}

/// A task that is being put together.
pub(crate) struct Task<'a> {
    pub(crate) shared: &'a Shared<'a>,
    pub(crate) service: &'a Service,
    pub(crate) needs: Needs,
    pub(crate) volumes: Vec<TaskVolume>,
    /// Names that are taken inside of the task.
    pub(crate) names: HashSet<String>,
    before: Vec<ContainerDefinition<'a>>,
    running: Vec<ContainerDefinition<'a>>,
}

/// The task of a service, and the roles that it needs.
pub(crate) fn task_definition<'a>(
    stack: &mut Stack,
    shared: &'a Shared<'a>,
    service: &'a Service,
) -> Handle<TaskDefinition<'a>> {
    let task = Task::assemble(stack, shared, service);
    let Task { needs, volumes, before, running, .. } = task;
    let (cpu, memory) = size(&service.launch);
    let definition = TaskDefinition {
        container_definitions: before.into_iter().chain(running).collect(),
        cpu,
        ephemeral_storage: service.ephemeral_storage.map(|size| EphemeralStorage { size }),
        execution_role_arn: execution_role(stack, shared.project, shared.names, service, &needs),
        family: plain_name(&format!("{}-{}", shared.project.name, service.name)),
        memory,
        network_mode: "awsvpc",
        pid_mode: service.shared_processes.then_some("task"),
        placement_constraints: service.placement.iter().map(|it| placement(it)).collect(),
        requires_compatibilities: [compatibility(&service.launch)],
        runtime_platform: runtime_platform(service.platform),
        tags: service_tags(&shared.project.name, &service.name),
        task_role_arn: task_role(stack, shared.project, shared.names, service, &needs),
        volumes,
    };
    stack.add(shared.names.services.id(&service.name, "TaskDefinition"), &definition)
}

fn size(launch: &Launch) -> (Option<String>, Option<String>) {
    match launch {
        Launch::Fargate(FargateSize { cpu, memory }) => {
            (Some(cpu.to_string()), Some(memory.to_string()))
        }
        Launch::Machines { cpu, memory, .. } => {
            (cpu.map(|cpu| cpu.to_string()), memory.map(|memory| memory.to_string()))
        }
    }
}

fn compatibility(launch: &Launch) -> &'static str {
    match launch {
        Launch::Fargate(_) => "FARGATE",
        Launch::Machines { .. } => "EC2",
    }
}

fn placement(expression: &str) -> PlacementConstraint<'_> {
    PlacementConstraint { expression, kind: "memberOf" }
}

fn runtime_platform(platform: Platform) -> Option<RuntimePlatform> {
    if platform == Platform::default() {
        return None;
    }
    let cpu_architecture = match platform.architecture {
        Architecture::X86 => "X86_64",
        Architecture::Arm => "ARM64",
    };
    let operating_system_family = match platform.system {
        OperatingSystem::Linux => "LINUX",
        OperatingSystem::Windows2019 => "WINDOWS_SERVER_2019_CORE",
        OperatingSystem::Windows2022 => "WINDOWS_SERVER_2022_CORE",
        OperatingSystem::Windows2025 => "WINDOWS_SERVER_2025_CORE",
    };
    Some(RuntimePlatform { cpu_architecture, operating_system_family })
}

impl<'a> Task<'a> {
    fn assemble(stack: &mut Stack, shared: &'a Shared<'a>, service: &'a Service) -> Self {
        let mut task = Self {
            shared,
            service,
            needs: Needs::default(),
            volumes: Vec::new(),
            names: HashSet::new(),
            before: Vec::new(),
            running: Vec::new(),
        };
        task.reserve_volume_names();
        let search_domain = search_domain::helper(&mut task);
        let first: Vec<String> = search_domain.into_iter().map(|it| task.start_with(it)).collect();
        for one in &service.containers {
            task.add(stack, one, &first);
        }
        if let Some(router) = router(&mut task) {
            task.running.push(router);
        }
        task.give_room();
        task
    }

    /// Volumes keep their names, so that scratch space takes others.
    fn reserve_volume_names(&mut self) {
        let mounts = self.service.containers.iter().flat_map(|container| &container.mounts);
        for mount in mounts {
            if let MountSource::Volume(volume) = &mount.source {
                let name = self.volume_name(volume);
                self.names.insert(name);
            }
        }
    }

    /// A container, with what runs before it.
    fn add(&mut self, stack: &mut Stack, one: &'a Container, first: &[String]) {
        let mut mounted = mounted_in(self, one);
        let secrets = helper::secret_folders(self, one, &mut mounted);
        let delivered = self.deliver(stack, one, &mounted);
        let handed_out = self.hand_out(one, &secrets, delivered.as_deref());
        let mut before: Vec<_> = first.iter().cloned().chain(delivered).chain(handed_out).collect();
        before.extend(self.prepare(stack, one, &mounted, &before));
        let definition = container(self, stack, one, mounted.points, &before);
        self.running.push(definition);
    }

    /// Files that are written before a container starts, over what its image has.
    fn deliver(
        &mut self,
        stack: &mut Stack,
        one: &'a Container,
        mounted: &Mounted<'a>,
    ) -> Option<String> {
        let seeded: Vec<&Folder<'a>> = mounted.folders.iter().filter(|it| it.seeded).collect();
        let seed = helper::seed(self, stack, one, &seeded).map(|it| self.start_with(it));
        let files = helper::files(self, one, &mounted.folders, seed.as_deref());
        files.map(|it| self.start_with(it)).or(seed)
    }

    /// Secrets may go where files went, and must not be overwritten by them.
    fn hand_out(
        &mut self,
        one: &'a Container,
        folders: &[SecretFolder<'a>],
        after: Option<&str>,
    ) -> Option<String> {
        helper::secrets(self, one, folders, after).map(|it| self.start_with(it))
    }

    /// What the author wants to run before a container, one after another.
    fn prepare(
        &mut self,
        stack: &mut Stack,
        one: &'a Container,
        mounted: &Mounted<'a>,
        before: &[String],
    ) -> Vec<String> {
        let mut before = before.to_vec();
        let already = before.len();
        for (position, preparation) in one.before.iter().enumerate() {
            let definition =
                helper::preparation(self, stack, one, (position, preparation), mounted, &before);
            before.push(self.start_with(definition));
        }
        before.split_off(already)
    }

    fn start_with(&mut self, definition: ContainerDefinition<'a>) -> String {
        let name = definition.name.clone();
        self.before.push(definition);
        name
    }

    /// On machines, ECS wants to know what a container takes if the task does not
    /// say what it takes as a whole.
    fn give_room(&mut self) {
        const LEAST: u32 = 128;
        if matches!(self.service.launch, Launch::Machines { memory: None, .. }) {
            for definition in self.before.iter_mut().chain(&mut self.running) {
                definition.memory_reservation.get_or_insert(LEAST);
            }
        }
    }
}
