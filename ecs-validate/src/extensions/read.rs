//! How each struct of extensions is read.

use compose_model::value::{Extensions, Value};
use compose_model::{Diagnostic, Path};

use super::field::Fields;
use super::grammar::{
    CERTIFICATE, CLUSTER, LOAD_BALANCER, POLICY, Read, SECRET, Wrong, arn, between, boolean, id,
    image, json_key, matcher, name_or_arn, one_of, percentage, request_path, retention, role_path,
    seconds, text,
};
use super::policy;
use super::{
    Autoscaling, ChosenSubnets, DeployExtensions, LoggingExtensions, MountExtensions,
    NetworkExtensions, PortExtensions, PortProtocol, ProjectExtensions, SecretExtensions,
    ServiceExtensions, UpdateExtensions,
};
use crate::service::{SearchDomain, SecretKeys, TargetHealthCheck};

impl ProjectExtensions {
    /// The keys of the project itself.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        let mut fields = Fields::new(extensions, at, problems);
        Self {
            cluster: fields.read("x-aws-cluster", name_or_arn(&CLUSTER, 255)),
            vpc: fields.read("x-aws-vpc", id("vpc-", "a VPC")),
            subnets: subnets(&mut fields),
            load_balancer: fields.read("x-aws-loadbalancer", name_or_arn(&LOAD_BALANCER, 32)),
            logs_retention: logs_retention(&mut fields),
            cloudformation: fields.read("x-aws-cloudformation", policy::cloudformation),
            role_path: fields.read("x-aws-role_path", role_path),
            permissions_boundary: fields.read("x-aws-permissions_boundary", arn(&POLICY)),
            search_domain: fields.read("x-aws-search_domain", one_of(&SEARCH_DOMAINS)),
            helper_image: fields.read("x-aws-helper_image", image),
        }
    }
}

fn logs_retention(fields: &mut Fields<'_>) -> Option<u16> {
    const KEY: &str = "x-aws-logs_retention";
    let (asked, kept) = fields.read(KEY, retention)?;
    if let Some(kept) = kept.filter(|kept| *kept != asked) {
        let message = format!("CloudWatch keeps logs for {kept} days, not for {asked}");
        fields.adapted(KEY, message, format!("write `{KEY}: {kept}`"));
    }
    kept
}

const SEARCH_DOMAINS: [(&str, SearchDomain); 3] = [
    ("init", SearchDomain::InitContainer),
    ("variable", SearchDomain::Variable),
    ("none", SearchDomain::None),
];

const PROTOCOLS: [(&str, PortProtocol); 5] = [
    ("http", PortProtocol::Http),
    ("https", PortProtocol::Https),
    ("tcp", PortProtocol::Tcp),
    ("tls", PortProtocol::Tls),
    ("udp", PortProtocol::Udp),
];

/// A list is for everything.
fn subnets(fields: &mut Fields<'_>) -> Option<ChosenSubnets> {
    const KEY: &str = "x-aws-subnets";
    let subnet = id("subnet-", "a subnet");
    if fields.get(KEY)?.as_map().is_none() {
        let all = fields.list(KEY, subnet)?;
        return Some(ChosenSubnets { tasks: all.clone(), load_balancer: all });
    }
    let (tasks, load_balancer) = fields.below(KEY, &["tasks", "loadbalancer"], |below| {
        (below.list("tasks", &subnet), below.list("loadbalancer", &subnet))
    })?;
    let other = tasks.clone().or_else(|| load_balancer.clone());
    let (tasks, load_balancer) = (tasks.or_else(|| other.clone()), load_balancer.or(other));
    if tasks.is_none() {
        let help = "list ids of subnets below `tasks:` and `loadbalancer:`";
        fields.refuse(KEY, Wrong::new("names no subnets", help));
    }
    Some(ChosenSubnets { tasks: tasks?, load_balancer: load_balancer? })
}

impl ServiceExtensions {
    /// The keys of a service.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        let mut fields = Fields::new(extensions, at, problems);
        Self {
            pull_credentials: fields.read("x-aws-pull_credentials", name_or_arn(&SECRET, 512)),
            policies: fields.list("x-aws-policies", arn(&POLICY)).unwrap_or_default(),
            role: fields.read("x-aws-role", policy::document),
            secrets: fields.entries("x-aws-secrets", text),
            ephemeral_storage: fields.read("x-aws-ephemeral_storage", storage).flatten(),
        }
    }
}

/// GiB of scratch space, of which every task has 20.
fn storage(value: &Value) -> Read<Option<u16>> {
    let size: u16 = between(20, 200, " GiB")(value)?;
    Ok((size > 20).then_some(size))
}

impl PortExtensions {
    /// The keys of a port.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        let mut fields = Fields::new(extensions, at, problems);
        Self {
            protocol: fields.read("x-aws-protocol", one_of(&PROTOCOLS)),
            certificate: fields.read("x-aws-certificate", arn(&CERTIFICATE)),
            health_check: fields
                .below("x-aws-healthcheck", &HEALTH_CHECK, health_check)
                .unwrap_or_default(),
        }
    }
}

const HEALTH_CHECK: [&str; 7] =
    ["path", "port", "matcher", "interval", "timeout", "healthy", "unhealthy"];

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
fn health_check(fields: &mut Fields<'_>) -> TargetHealthCheck {
    let mut check = TargetHealthCheck {
        path: fields.read("path", request_path),
        port: fields.read("port", between(1, 65535, "")),
        matcher: fields.read("matcher", matcher),
        interval: fields.read("interval", seconds(5, 300)),
        timeout: fields.read("timeout", seconds(2, 120)),
        healthy: fields.read("healthy", between(2, 10, "")),
        unhealthy: fields.read("unhealthy", between(2, 10, "")),
    };
    // AWS asks every 30 seconds unless it is told otherwise.
    let interval = check.interval.unwrap_or(30);
    if check.timeout.is_some_and(|timeout| timeout >= interval) {
        let help = format!("write less than the {interval} seconds between two questions");
        fields.refuse("timeout", Wrong::new("is as long as the interval, or longer", help));
    }
    // AWS waits 5 seconds, or 10 for TCP, and refuses a shorter interval.
    let short = check.interval.filter(|interval| *interval <= 10);
    check.timeout = check.timeout.or_else(|| short.map(|interval| (interval - 1).min(5)));
    check
}

impl NetworkExtensions {
    /// The keys of a network.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        const KEY: &str = "x-aws-securitygroup";
        let mut fields = Fields::new(extensions, at, problems);
        let security_group = fields.read(KEY, id("sg-", "a security group"));
        if security_group.is_some() {
            fields.deprecated(KEY, "write `external: true`, and the id behind `name`");
        }
        Self { security_group }
    }
}

impl SecretExtensions {
    /// The keys of a secret of the project.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        const KEY: &str = "x-aws-keys";
        let mut fields = Fields::new(extensions, at, problems);
        let list = fields.get(KEY).is_some_and(|value| value.as_list().is_some());
        let keys = match list {
            true => fields.list(KEY, json_key),
            false => fields.read(KEY, json_key).map(|key| vec![key]),
        };
        let keys = match keys {
            None => SecretKeys::Whole,
            Some(keys) if keys.iter().any(|key| key == "*") => SecretKeys::All,
            Some(keys) => SecretKeys::Some(keys),
        };
        Self { keys }
    }
}

impl UpdateExtensions {
    /// The keys of `deploy.update_config`.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        let mut fields = Fields::new(extensions, at, problems);
        Self {
            min_percent: fields.read("x-aws-min_percent", between(0, 100, " percent")),
            max_percent: fields.read("x-aws-max_percent", between(100, 1000, " percent")),
        }
    }
}

impl DeployExtensions {
    /// The keys of `deploy`.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        Self { autoscaling: autoscaling(&mut Fields::new(extensions, at, problems)) }
    }
}

fn autoscaling(fields: &mut Fields<'_>) -> Option<Autoscaling> {
    const KEY: &str = "x-aws-autoscaling";
    const MOST: i64 = 5000; // Tasks that a service can have.
    if fields.get(KEY)?.as_map().is_none() {
        let cpu = Some(fields.read(KEY, percentage)?);
        return Some(Autoscaling { cpu, ..Autoscaling::default() });
    }
    let scaling = fields.below(KEY, &["min", "max", "cpu", "memory"], |below| Autoscaling {
        min: below.read("min", between(0, MOST, " tasks")),
        max: below.read("max", between(1, MOST, " tasks")),
        cpu: below.read("cpu", percentage),
        memory: below.read("memory", percentage),
    })?;
    // What was wrong or mistyped is not also missing.
    let Autoscaling { min, max, cpu, memory } = scaling;
    let read = [min.is_some(), max.is_some(), cpu.is_some(), memory.is_some()];
    let given = fields.get(KEY)?.as_map().map_or(0, indexmap::IndexMap::len);
    (read.into_iter().filter(|read| *read).count() == given).then_some(scaling)
}

impl LoggingExtensions {
    /// The keys of `logging`.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        let mut fields = Fields::new(extensions, at, problems);
        Self {
            secret_options: fields.entries("x-aws-secret_options", text),
            router_image: fields.read("x-aws-router_image", image),
        }
    }
}

impl MountExtensions {
    /// The keys of a mounted volume or config.
    pub(crate) fn read(extensions: &Extensions, at: &Path, problems: &mut Vec<Diagnostic>) -> Self {
        Self { seed: Fields::new(extensions, at, problems).read("x-aws-seed", boolean) }
    }
}
