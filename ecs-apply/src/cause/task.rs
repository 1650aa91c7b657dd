//! What tasks that stopped say.

use super::kind::Kind;
use super::reading::Reading;
use super::sighting::Sighting;
use super::subject::{Subject, Subjects, container, is_helper};
use super::text::Text;
use super::{Finding, Source, exit_code, recovery, start};
use crate::evidence::{ContainerSettings, Evidence, LogTail};
use crate::service::{Container, Service, ServiceName, Task};

/// A task that stopped, and the container that it stopped for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Culprit<'a> {
    /// The task.
    pub(crate) task: &'a Task,
    /// The container, if it is one.
    pub(crate) container: Option<&'a Container>,
}

/// The tasks that stopped and should not have, with the container to blame.
pub(crate) fn culprits(evidence: &Evidence) -> Vec<Culprit<'_>> {
    let counted = evidence.stopped.iter().filter(|task| counts(evidence, task));
    counted
        .filter(|task| !was_meant(task))
        .map(|task| Culprit { task, container: to_blame(task, &evidence.containers) })
        .collect()
}

pub(super) fn sightings<'a>(evidence: &'a Evidence, subjects: &Subjects) -> Vec<Sighting<'a>> {
    let mut sightings = Vec::new();
    for culprit in culprits(evidence) {
        let subject = subject(evidence, subjects, culprit.task);
        if let Some(reading) = read(evidence, &culprit, &subject) {
            sightings.push(Sighting {
                subject,
                reading,
                finding: finding(&culprit),
                also: also(&culprit),
                log: log(evidence, &culprit),
            });
        }
    }
    sightings
}

/// Whether a task belongs to what is being deployed: it was asked for since, and not
/// by an older deployment, and its service did not become stable without it.
fn counts(evidence: &Evidence, task: &Task) -> bool {
    let young = task.created.or(task.stopped).is_some_and(|time| time >= evidence.since);
    let starter = task.started_by.as_deref().unwrap_or_default();
    let mut deployments = evidence.services.iter().flat_map(|service| &service.deployments);
    let older = deployments
        .find(|deployment| !deployment.id.is_empty() && deployment.id == starter)
        .and_then(|deployment| deployment.created)
        .is_some_and(|created| created < evidence.since);
    let stable = |service: &Service| recovery::is_stable(service, evidence.since);
    young && !older && !service(evidence, task).is_some_and(stable)
}

/// Whether somebody wanted the task to stop.
fn was_meant(task: &Task) -> bool {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    task.stop_code.as_deref() == Some("UserInitiated")
        || reason.starts_with("Scaling activity initiated by")
        || reason.starts_with("Task stopped by user")
}

/// The service that a task belongs to.
fn service<'a>(evidence: &'a Evidence, task: &Task) -> Option<&'a Service> {
    let starter = task.started_by.as_deref().unwrap_or_default();
    let group = task.group.as_deref().and_then(|group| group.strip_prefix("service:"));
    let by_deployment = evidence.services.iter().find(|service| {
        service.deployments.iter().any(|deployment| !starter.is_empty() && deployment.id == starter)
    });
    by_deployment.or_else(|| {
        evidence.services.iter().find(|service| Some(service.name.service.as_str()) == group)
    })
}

fn subject(evidence: &Evidence, subjects: &Subjects, task: &Task) -> Subject {
    match service(evidence, task) {
        Some(service) => subjects.service(service),
        None => {
            let group = task.group.as_deref().unwrap_or("a service");
            let service = group.strip_prefix("service:").unwrap_or(group).to_owned();
            subjects.named(&ServiceName { cluster: String::new(), service })
        }
    }
}

/// The container that a task stopped for. When one ends, ECS ends the others, so that
/// a container that was told to end is the last to blame.
fn to_blame<'a>(task: &'a Task, settings: &[ContainerSettings]) -> Option<&'a Container> {
    let blame = |container: &&Container| blame(task, container, settings);
    task.containers.iter().filter(|it| blame(it) > 0).min_by_key(|it| std::cmp::Reverse(blame(it)))
}

fn blame(task: &Task, container: &Container, settings: &[ContainerSettings]) -> u8 {
    let known = settings
        .iter()
        .find(|it| it.task_definition == task.task_definition && it.name == container.name);
    let essential = known.map_or(!is_helper(&container.name), |it| it.essential);
    if container.reason.as_deref().is_some_and(|reason| !is_aftermath(reason)) {
        return 6;
    }
    if is_sick(container) && failed_its_check(task) {
        return 7;
    }
    match container.exit_code {
        Some(exit_code::KILLED) if essential => 4,
        Some(0) if essential && exited(task) => 3,
        Some(exit_code::TOLD | exit_code::KILLED) => 2,
        Some(0) | None => u8::from(is_sick(container)),
        Some(_) => 5,
    }
}

/// Whether a reason only says that the task was stopped for another container.
fn is_aftermath(reason: &str) -> bool {
    reason.trim().is_empty() || reason.starts_with("Essential container in task exited")
}

/// Whether a container finds itself unhealthy. Helpers have no health check, whatever
/// is said of them.
fn is_sick(container: &Container) -> bool {
    container.health.as_deref() == Some("UNHEALTHY") && !is_helper(&container.name)
}

fn failed_its_check(task: &Task) -> bool {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    Text::new(reason).has(&["failed container health checks"])
}

fn exited(task: &Task) -> bool {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    task.stop_code.as_deref() == Some("EssentialContainerExited")
        || reason.contains("Essential container in task exited")
}

fn read(evidence: &Evidence, culprit: &Culprit<'_>, service: &Subject) -> Option<Reading> {
    let task = culprit.task;
    let stopped = task.stopped_reason.as_deref().unwrap_or_default();
    let who =
        culprit.container.map_or_else(|| service.phrase.clone(), |it| container(service, &it.name));
    if let Some(reading) = unhealthy(stopped, culprit, service) {
        return Some(reading);
    }
    let reason = culprit.container.and_then(|it| it.reason.as_deref()).unwrap_or_default();
    let image = image(evidence, culprit);
    let known = [reason, stopped]
        .into_iter()
        .filter(|said| !said.is_empty())
        .find_map(|said| start::read(said, &who, image).or_else(|| start::denial(said, &who)));
    if let Some(reading) = known {
        return Some(by_its_log(evidence, culprit, &who).unwrap_or(reading));
    }
    if let Some(code) = culprit.container.and_then(|it| it.exit_code) {
        return Some(
            by_its_log(evidence, culprit, &who).unwrap_or_else(|| ended(&who, code, culprit)),
        );
    }
    unknown(reason, stopped, &who)
}

fn ended(who: &str, code: i32, culprit: &Culprit<'_>) -> Reading {
    let (meaning, help) = exit_code::meaning(code);
    let helper = culprit.container.is_some_and(|it| is_helper(&it.name));
    let help = if helper {
        "what runs before a service has to end well; its last lines say what it lacked".to_owned()
    } else {
        help.to_owned()
    };
    Reading::new(
        Kind::ContainerExited,
        format!("{who} ends with exit code {code}: {meaning}"),
        help,
    )
}

/// What the last lines of a container give away. The system writes this one, whatever
/// the program is.
fn by_its_log(evidence: &Evidence, culprit: &Culprit<'_>, who: &str) -> Option<Reading> {
    let log = log(evidence, culprit)?;
    let said = log.lines.iter().rev().find(|line| line.text.contains("exec format error"))?;
    start::read(&format!("CannotStartContainerError: {}", said.text), who, None)
}

fn unhealthy(stopped: &str, culprit: &Culprit<'_>, service: &Subject) -> Option<Reading> {
    let text = Text::new(stopped);
    if text.has(&["failed elb health checks", "failed load balancer health checks"]) {
        return Some(super::service::target("", service));
    }
    let sick = culprit.container.filter(|it| is_sick(it));
    if failed_its_check(culprit.task) || sick.is_some_and(|it| it.exit_code.is_none()) {
        return Some(super::service::sick(sick.map(|it| it.name.as_str()), service));
    }
    None
}

fn unknown(reason: &str, stopped: &str, who: &str) -> Option<Reading> {
    let said = [reason, stopped].into_iter().find(|said| !said.trim().is_empty())?;
    Some(Reading::new(
        Kind::Unknown,
        format!("a task of {who} stopped: {}", super::text::clause(said)),
        "look at the events of the service, and at its log",
    ))
}

fn image<'a>(evidence: &'a Evidence, culprit: &Culprit<'a>) -> Option<&'a str> {
    let container = culprit.container?;
    let own = container.image.as_deref();
    let written = evidence
        .containers
        .iter()
        .find(|it| it.task_definition == culprit.task.task_definition && it.name == container.name);
    written.map(|it| it.image.as_str()).or(own)
}

fn log<'a>(evidence: &'a Evidence, culprit: &Culprit<'_>) -> Option<&'a LogTail> {
    let container = culprit.container?;
    evidence.logs.iter().find(|it| it.task == culprit.task.arn && it.container == container.name)
}

fn finding(culprit: &Culprit<'_>) -> Finding {
    let Culprit { task, container } = culprit;
    let Some(container) = container else {
        let reason = task.stopped_reason.as_deref().or(task.stop_code.as_deref());
        let source = Source::Task { id: task.id().to_owned() };
        return Finding { time: task.stopped, source, text: reason.unwrap_or_default().to_owned() };
    };
    let mut parts = Vec::new();
    parts.extend(container.exit_code.map(|code| format!("exit code {code}")));
    parts.extend(container.reason.clone());
    parts.extend(is_sick(container).then(|| "unhealthy".to_owned()));
    let source = Source::Container { task: task.id().to_owned(), name: container.name.clone() };
    Finding { time: task.stopped, source, text: parts.join(", ") }
}

/// What the task says beside its container, if that is more.
fn also(culprit: &Culprit<'_>) -> Option<Finding> {
    let container = culprit.container?;
    let said = culprit.task.stopped_reason.clone().filter(|said| !said.is_empty())?;
    let repeated = container.reason.as_deref().is_some_and(|reason| said.contains(reason));
    (!repeated).then(|| Finding {
        time: culprit.task.stopped,
        source: Source::Task { id: culprit.task.id().to_owned() },
        text: said,
    })
}
