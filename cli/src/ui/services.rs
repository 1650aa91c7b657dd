//! The services of a stack, and below each its tasks, for people.

use ecs_apply::{Endpoint, Service, ServiceStatus, StackStatus, State, Task};
use jiff::Timestamp;

use super::age::age;
use super::table::table;

/// As many characters of a task's id as Docker shows of a container's.
const SHORT: usize = 12;

/// A row for each service and each task, and then why something is not as it should
/// be.
pub(crate) fn services(status: &StackStatus, now: Timestamp) -> String {
    let mut rows = Vec::new();
    for service in &status.services {
        rows.push(service_row(service));
        rows.extend(service.tasks.iter().map(|task| task_row(task, now)));
    }
    let reasons: String = status.services.iter().map(reasons).collect();
    let table = table(["NAME", "TASKS", "STATUS", "HEALTH", "ADDRESS"], &rows);
    let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if reasons.is_empty() { table } else { format!("{table}\n{reasons}") }
}

fn service_row(status: &ServiceStatus) -> [String; 5] {
    let addresses: Vec<_> = status.endpoints.iter().map(ToString::to_string).collect();
    [
        status.member.title.clone(),
        status.service.as_ref().map(counts).unwrap_or_default(),
        state(status),
        health(status),
        addresses.join(", "),
    ]
}

/// `2/2`, and how many are being started: `1/2 (+1)`.
fn counts(service: &Service) -> String {
    let Service { running, desired, pending, .. } = service;
    match pending {
        0 => format!("{running}/{desired}"),
        _ => format!("{running}/{desired} (+{pending})"),
    }
}

fn state(status: &ServiceStatus) -> String {
    match status.state() {
        State::NotMade => format!("Not made ({})", status.member.status),
        State::Missing => "Missing".to_owned(),
        State::Ending => "Ending".to_owned(),
        State::Idle => "Idle".to_owned(),
        State::Deploying => "Deploying".to_owned(),
        State::Failed => "Failed".to_owned(),
        State::Running => "Running".to_owned(),
        State::Short => "Lacks tasks".to_owned(),
    }
}

/// What health checks of containers say, and what the load balancer says if that is
/// not the same.
fn health(status: &ServiceStatus) -> String {
    let (well, all) = status.health();
    let reached: usize = status.endpoints.iter().map(Endpoint::healthy).sum();
    let targets: usize = status.endpoints.iter().map(|endpoint| endpoint.targets.len()).sum();
    let tasks = of(well, all, "");
    let targets = of(reached, targets, "targets ");
    match (tasks, targets) {
        (Some(tasks), Some(targets)) if targets != "healthy" => format!("{tasks}, {targets}"),
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => String::new(),
    }
}

fn of(well: usize, all: usize, what: &str) -> Option<String> {
    match (well, all) {
        (_, 0) => None,
        _ if well == all => Some("healthy".to_owned()),
        (0, _) => Some(format!("{what}unhealthy")),
        _ => Some(format!("{well}/{all} {what}healthy")),
    }
}

fn task_row(task: &Task, now: Timestamp) -> [String; 5] {
    let health = task.health.as_deref().filter(|health| *health != "UNKNOWN");
    [
        format!("  {}", short(task.id())),
        String::new(),
        task_state(task, now),
        health.unwrap_or_default().to_lowercase(),
        task.private_ip.clone().unwrap_or_default(),
    ]
}

fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

fn task_state(task: &Task, now: Timestamp) -> String {
    let age = task.since().map(|since| age(since, now)).unwrap_or_default();
    match task.last_status.as_str() {
        "RUNNING" => format!("Up {age}"),
        "STOPPED" | "DELETED" => match exit_code(task) {
            Some(code) => format!("Exited ({code}) {age} ago"),
            None => format!("Stopped {age} ago"),
        },
        // `PROVISIONING`, `PENDING`, `ACTIVATING` and what leads to the end.
        other => format!("{} {age}", capitalised(other)),
    }
}

/// What went wrong counts more than what ended well beside it.
fn exit_code(task: &Task) -> Option<i32> {
    let codes = || task.containers.iter().filter_map(|container| container.exit_code);
    codes().find(|code| *code != 0).or_else(|| codes().next())
}

fn capitalised(word: &str) -> String {
    let mut rest = word.chars();
    let first = rest.next().into_iter();
    first.chain(rest.map(|c| c.to_ascii_lowercase())).collect()
}

/// Why a service and its stopped tasks are as they are, a line each.
fn reasons(status: &ServiceStatus) -> String {
    let own = status.reason().map(|reason| format!("{}: {reason}\n", status.member.title));
    let stopped = status.tasks.iter().filter_map(|task| {
        let reason = task_reason(task)?;
        Some(format!("{} {}: {reason}\n", status.member.title, short(task.id())))
    });
    own.into_iter().chain(stopped).collect()
}

fn task_reason(task: &Task) -> Option<String> {
    let containers = task.containers.iter().filter_map(|container| {
        let code = container.exit_code.filter(|code| *code != 0);
        let code = code.map(|code| format!("exit code {code}"));
        let told: Vec<_> = container.reason.clone().into_iter().chain(code).collect();
        (!told.is_empty()).then(|| format!("{}: {}", container.name, told.join(", ")))
    });
    let all: Vec<_> = task.stopped_reason.clone().into_iter().chain(containers).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

#[cfg(test)]
mod tests {
    use ecs_apply::Deployment;

    use super::*;
    use crate::ui::sample_stack::{endpoint, service, stack, status, stopped_task, task};

    const NOW: i64 = 1_000_000;

    #[test]
    fn tasks_are_shown_below_their_service() {
        let mut web = status("web", Some(service("web", 2, 2)));
        web.endpoints = vec![endpoint("HTTP", 8080, &["healthy", "healthy"])];
        web.tasks = vec![task("web", "3f2a9c1b7d604e58", NOW - 180, Some("HEALTHY"))];
        let mut db = status("db", Some(service("db", 1, 0)));
        db.tasks = vec![stopped_task("db", "0123456789abcdef", NOW - 60)];
        let mut new = status("new", None);
        new.member.name = None;
        new.member.status.0 = "CREATE_IN_PROGRESS".to_owned();
        let shown = shown(vec![db, new, web]);
        insta::assert_snapshot!(shown, @"
        NAME                TASKS               STATUS                          HEALTH              ADDRESS
        db                  0/1                 Lacks tasks
          0123456789ab                          Exited (1) About a minute ago                       10.0.1.12
        new                                     Not made (CREATE_IN_PROGRESS)
        web                 2/2                 Running                         healthy             http://shop-1.eu-west-1.elb.amazonaws.com:8080
          3f2a9c1b7d60                          Up 3 minutes                    healthy             10.0.1.12

        db 0123456789ab: Essential container in task exited; db: exit code 1
        ");
    }

    #[test]
    fn a_failure_says_why() {
        let mut api = service("api", 2, 1);
        api.pending = 1;
        api.deployments[0] = Deployment {
            rollout: Some("FAILED".to_owned()),
            reason: Some("ECS deployment circuit breaker: tasks failed to start.".to_owned()),
            ..api.deployments[0].clone()
        };
        let mut api = status("api", Some(api));
        api.endpoints = vec![
            endpoint("HTTPS", 443, &["healthy", "unhealthy"]),
            endpoint("TCP", 5432, &["unhealthy", "initial"]),
        ];
        api.tasks = vec![task("api", "aaaa", NOW - 7200, Some("UNHEALTHY"))];
        insta::assert_snapshot!(shown(vec![api]), @"
        NAME                TASKS               STATUS              HEALTH                           ADDRESS
        api                 1/2 (+1)            Failed              unhealthy, 1/4 targets healthy   https://shop-1.eu-west-1.elb.amazonaws.com, shop-1.eu-west-1.elb.amazonaws.com:5432/tcp
          aaaa                                  Up 2 hours          unhealthy                        10.0.1.12

        api: ECS deployment circuit breaker: tasks failed to start.
        ");
    }

    fn shown(services: Vec<ServiceStatus>) -> String {
        let status = StackStatus { stack: stack("shop"), services, unseen: Vec::new() };
        super::services(&status, Timestamp::from_second(NOW).unwrap())
    }
}
