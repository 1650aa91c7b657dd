//! One container of a task.

use std::collections::BTreeMap;

use ecs_validate::{
    Condition, Container, ContainerPort, Image, ListenerProtocol, RestartPolicy, SecretVariable,
    Tmpfs,
};
use indexmap::IndexMap;
use serde::Serialize;

use super::logging::{FirelensConfiguration, LogConfiguration, log_configuration};
use super::mounts::{MountPoint, plain_name};
use super::search_domain;
use super::secret::{Store, find};
use super::task_definition::Task;
use crate::template::{Parameter, Stack};
use crate::value::Value;

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-taskdefinition-containerdefinition.html>
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContainerDefinition<'a> {
    pub(crate) name: String,
    pub(crate) image: Value<String>,
    pub(crate) essential: bool,
    pub(crate) entry_point: Option<Vec<Value<String>>>,
    pub(crate) command: Option<Vec<Value<String>>>,
    pub(crate) depends_on: Vec<Dependency>,
    pub(crate) docker_labels: Option<&'a IndexMap<String, String>>,
    pub(crate) environment: Vec<Variable>,
    pub(crate) firelens_configuration: Option<FirelensConfiguration>,
    pub(crate) health_check: Option<HealthCheck<'a>>,
    pub(crate) interactive: Option<bool>,
    pub(crate) linux_parameters: Option<LinuxParameters<'a>>,
    pub(crate) log_configuration: Option<LogConfiguration>,
    pub(crate) memory_reservation: Option<u32>,
    pub(crate) mount_points: Vec<MountPoint>,
    pub(crate) port_mappings: Vec<PortMapping>,
    pub(crate) pseudo_terminal: Option<bool>,
    pub(crate) readonly_root_filesystem: Option<bool>,
    pub(crate) repository_credentials: Option<RepositoryCredentials<'a>>,
    pub(crate) resource_requirements: Vec<ResourceRequirement>,
    pub(crate) restart_policy: Option<Restart<'a>>,
    pub(crate) secrets: Vec<SecretEntry>,
    pub(crate) stop_timeout: Option<u32>,
    pub(crate) system_controls: Vec<SystemControl<'a>>,
    pub(crate) ulimits: Vec<Ulimit<'a>>,
    pub(crate) user: Option<&'a str>,
    pub(crate) working_directory: Option<&'a str>,
}

/// What another container must have come to.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Dependency {
    pub(crate) condition: &'static str,
    pub(crate) container_name: String,
}

/// A variable of the environment.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: Value<String>,
}

/// A value that ECS fetches when the container starts.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecretEntry {
    pub(crate) name: String,
    pub(crate) value_from: Value<String>,
}

/// How to see that a container works.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HealthCheck<'a> {
    command: &'a [String],
    interval: Option<u32>,
    retries: Option<u32>,
    start_period: Option<u32>,
    timeout: Option<u32>,
}

/// What Linux alone has.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LinuxParameters<'a> {
    capabilities: Capabilities<'a>,
    init_process_enabled: Option<bool>,
    shared_memory_size: Option<u32>,
    tmpfs: Vec<TmpfsMount<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Capabilities<'a> {
    add: &'a [String],
    drop: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TmpfsMount<'a> {
    container_path: &'a str,
    mount_options: &'a [String],
    size: u32,
}

/// A port that a container listens on.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PortMapping {
    container_port: u16,
    protocol: &'static str,
}

/// The secret that a registry asks for.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RepositoryCredentials<'a> {
    credentials_parameter: &'a str,
}

/// Something that a machine has few of.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceRequirement {
    #[serde(rename = "Type")]
    kind: &'static str,
    value: String,
}

/// When a container is started again inside of its task.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Restart<'a> {
    enabled: bool,
    ignored_exit_codes: &'a [i32],
    restart_attempt_period: Option<u32>,
}

/// A parameter of the kernel.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SystemControl<'a> {
    namespace: &'a str,
    value: &'a str,
}

/// A limit of processes.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Ulimit<'a> {
    hard_limit: i64,
    name: &'a str,
    soft_limit: i64,
}

/// The name of a container, of what ECS takes for one.
pub(crate) fn container_name(name: &str) -> String {
    plain_name(name)
}

/// A container of the Compose file, which waits for what runs before it.
pub(crate) fn container<'a>(
    task: &mut Task<'a>,
    stack: &mut Stack,
    one: &'a Container,
    mount_points: Vec<MountPoint>,
    before: &[String],
) -> ContainerDefinition<'a> {
    ContainerDefinition {
        name: container_name(&one.name),
        image: image(task, stack, one),
        essential: one.essential,
        entry_point: one.entrypoint.as_deref().map(literals),
        command: one.command.as_deref().map(literals),
        depends_on: dependencies(one, before),
        docker_labels: (!one.labels.is_empty()).then_some(&one.labels),
        environment: environment(task, &one.environment),
        health_check: one.health_check.as_ref().map(health_check),
        interactive: one.stdin_open.then_some(true),
        linux_parameters: Some(linux_parameters(one)),
        log_configuration: log_configuration(task, &one.logging),
        memory_reservation: one.memory_reservation,
        mount_points,
        port_mappings: port_mappings(task, one),
        pseudo_terminal: one.tty.then_some(true),
        readonly_root_filesystem: one.read_only.then_some(true),
        repository_credentials: credentials(task, one),
        resource_requirements: gpus(one.gpus),
        restart_policy: one.restart.as_ref().map(restart),
        secrets: secret_variables(task, &one.secret_variables),
        stop_timeout: one.stop_timeout,
        system_controls: one.sysctls.iter().map(system_control).collect(),
        ulimits: one.ulimits.iter().map(ulimit).collect(),
        user: one.user.as_deref(),
        working_directory: one.working_dir.as_deref(),
        ..ContainerDefinition::default()
    }
}

/// Texts as they are.
pub(crate) fn literals(texts: &[String]) -> Vec<Value<String>> {
    texts.iter().map(|text| Value::Literal(text.clone())).collect()
}

/// The image of a container; of one that is built, whoever deploys says what came
/// of it.
pub(crate) fn image(task: &mut Task<'_>, stack: &mut Stack, one: &Container) -> Value<String> {
    match &one.image {
        Image::Reference(image) => {
            // A registry that wants credentials is none of AWS's.
            if one.pull_credentials.is_none() {
                task.needs.image(image);
            }
            image.clone().into()
        }
        Image::Built => {
            task.needs.built_image();
            let id = task.shared.names.services.id(&one.name, "Image");
            let known = stack.ask(id, || built(&one.name));
            stack.inputs().images.insert(one.name.clone(), known.id().to_string());
            Value::Ref(known)
        }
    }
}

fn built(container: &str) -> Parameter {
    Parameter {
        description: format!("The image of {container}, which is built from its sources"),
        allowed_pattern: Some(".+"),
        constraint_description: Some("the reference of an image"),
        ..Parameter::default()
    }
}

fn dependencies(one: &Container, before: &[String]) -> Vec<Dependency> {
    ended(before.iter().map(String::as_str)).into_iter().chain(others(one)).collect()
}

/// That containers have ended well.
pub(crate) fn ended<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Dependency> {
    let ended = |name: &str| Dependency { condition: "SUCCESS", container_name: name.to_owned() };
    names.into_iter().map(ended).collect()
}

/// What the author wants of other containers.
pub(crate) fn others(one: &Container) -> Vec<Dependency> {
    let condition = |condition: &Condition| match condition {
        Condition::Started => "START",
        Condition::Healthy => "HEALTHY",
        Condition::Succeeded => "SUCCESS",
    };
    let wanted = one.depends_on.iter();
    wanted
        .map(|(name, wanted)| Dependency {
            condition: condition(wanted),
            container_name: container_name(name),
        })
        .collect()
}

/// Variables, by name.
pub(crate) fn environment(task: &Task<'_>, variables: &IndexMap<String, String>) -> Vec<Variable> {
    let mut all: BTreeMap<String, Value<String>> =
        search_domain::variable(task).into_iter().collect();
    all.extend(variables.iter().map(|(name, value)| (name.clone(), value.clone().into())));
    all.into_iter().map(|(name, value)| Variable { name, value }).collect()
}

/// Variables whose values ECS fetches. Only Secrets Manager knows keys.
pub(crate) fn secret_variables(
    task: &mut Task<'_>,
    variables: &[SecretVariable],
) -> Vec<SecretEntry> {
    let mut entries = Vec::new();
    for SecretVariable { name, source, key } in variables {
        let Some(secret) = find(&task.shared.secrets, source) else { continue };
        task.needs.secret(&secret);
        let value_from = match key {
            Some(key) if secret.store != Store::Parameters => secret.value_of_key(key),
            Some(_) | None => secret.value_from(),
        };
        entries.push(SecretEntry { name: name.clone(), value_from });
    }
    entries
}

fn health_check(check: &ecs_validate::HealthCheck) -> HealthCheck<'_> {
    let ecs_validate::HealthCheck { command, interval, timeout, retries, start_period } = check;
    HealthCheck {
        command,
        interval: *interval,
        retries: *retries,
        start_period: *start_period,
        timeout: *timeout,
    }
}

fn linux_parameters(one: &Container) -> LinuxParameters<'_> {
    LinuxParameters {
        capabilities: Capabilities { add: &one.cap_add, drop: &one.cap_drop },
        init_process_enabled: one.init,
        shared_memory_size: one.shared_memory,
        tmpfs: one.tmpfs.iter().map(tmpfs).collect(),
    }
}

fn tmpfs(Tmpfs { target, size, options }: &Tmpfs) -> TmpfsMount<'_> {
    TmpfsMount { container_path: target, mount_options: options, size: *size }
}

/// Ports that the container says it listens on, and those that are published.
fn port_mappings(task: &Task<'_>, one: &Container) -> Vec<PortMapping> {
    let mut ports = one.ports.clone();
    let published = task.service.publications.iter().filter(|it| it.container == one.name);
    for publication in published {
        let (tcp, udp) = match publication.protocol {
            ListenerProtocol::Udp => (false, true),
            ListenerProtocol::TcpUdp => (true, true),
            ListenerProtocol::Http
            | ListenerProtocol::Https { .. }
            | ListenerProtocol::Tcp
            | ListenerProtocol::Tls { .. } => (true, false),
        };
        let port = publication.target;
        ports.extend(tcp.then_some(ContainerPort { port, udp: false }));
        ports.extend(udp.then_some(ContainerPort { port, udp: true }));
    }
    ports.sort();
    ports.dedup();
    ports.into_iter().map(port_mapping).collect()
}

fn port_mapping(ContainerPort { port, udp }: ContainerPort) -> PortMapping {
    PortMapping { container_port: port, protocol: if udp { "udp" } else { "tcp" } }
}

/// What the registry of the container's image asks for.
pub(crate) fn credentials<'a>(
    task: &mut Task<'a>,
    one: &'a Container,
) -> Option<RepositoryCredentials<'a>> {
    let credentials_parameter = one.pull_credentials.as_deref()?;
    task.needs.secret(&super::secret::KnownSecret::credentials(credentials_parameter));
    Some(RepositoryCredentials { credentials_parameter })
}

fn gpus(count: Option<u32>) -> Vec<ResourceRequirement> {
    let requirement = |count: u32| ResourceRequirement { kind: "GPU", value: count.to_string() };
    count.map(requirement).into_iter().collect()
}

fn restart(policy: &RestartPolicy) -> Restart<'_> {
    Restart {
        enabled: true,
        ignored_exit_codes: &policy.ignored_exit_codes,
        restart_attempt_period: policy.attempt_period,
    }
}

fn system_control<'a>((namespace, value): (&'a String, &'a String)) -> SystemControl<'a> {
    SystemControl { namespace, value }
}

fn ulimit<'a>((name, (soft, hard)): (&'a String, &(i64, i64))) -> Ulimit<'a> {
    Ulimit { hard_limit: *hard, name, soft_limit: *soft }
}
