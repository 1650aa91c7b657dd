//! Finds out why a deployment fails, while it does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Evidence, LogTail, Unseen};
use crate::aws::{Aws, AwsError};
use crate::cause::{Cause, Culprit, causes, culprits};
use crate::roster::{SERVICE, SERVICE_TAG};
use crate::service::{Service, ServiceName, Task, by_cluster};
use crate::stack::StackEvent;
use crate::template;

/// Up to so many services of a cluster are asked for their stopped tasks one by one;
/// of more, the whole cluster is asked at once.
const SINGLY: usize = 3;

/// Task definitions, and logs, that one look asks for.
const DEFINITIONS: usize = 5;
const LOGS: usize = 5;

/// How often a log that is empty is looked at again: what a container wrote arrives
/// some seconds after its end, or never.
const TRIES: u8 = 5;

/// Finds out why a deployment fails, while it does: long before CloudFormation gives
/// up, services have events and tasks that stopped.
///
/// A [look](Self::look) asks about services that are not stable, and of those only
/// what is not known yet. For each cluster it costs a call for each service that is not
/// stable, or one for all of them if they are more than three (a list has three pages
/// at most); one for every hundred tasks that stopped since the last look; and at most
/// five each for task definitions and for logs of tasks that failed. While nothing
/// fails, it costs the first of these alone; once everything is stable, nothing. For
/// the names of the Compose file the template is asked for once, if something fails.
#[derive(Debug)]
pub struct Inquiry<'a> {
    aws: &'a Aws,
    /// The ARN, by which a stack is found also when it is gone.
    stack: String,
    /// Whether it is known since when things count.
    begun: bool,
    /// Whether the names of the Compose file were looked for.
    named: bool,
    evidence: Evidence,
    /// Tasks that are known and will not change.
    seen: BTreeSet<String>,
    /// How often a log was looked at, by task and container.
    tries: BTreeMap<(String, String), u8>,
    /// What whoever asks may not do. It is asked once.
    refused: BTreeSet<&'static str>,
}

impl<'a> Inquiry<'a> {
    /// Begins to look at a deployment of the stack with this ARN. It begins with the
    /// first stack event that is looked at.
    pub fn new(aws: &'a Aws, stack: impl Into<String>) -> Self {
        Self {
            aws,
            stack: stack.into(),
            begun: false,
            named: false,
            evidence: Evidence::default(),
            seen: BTreeSet::new(),
            tries: BTreeMap::new(),
            refused: BTreeSet::new(),
        }
    }

    /// What is known by now.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Leaves out what is older, by the clock of AWS. Not all of its times have a part
    /// of a second.
    pub fn since(&mut self, time: Timestamp) {
        self.evidence.since = Timestamp::from_second(time.as_second()).unwrap_or(time);
        self.begun = true;
    }

    /// What is known, for good.
    pub fn into_evidence(self) -> Evidence {
        self.evidence
    }

    /// Why the deployment fails, as far as that is known by now.
    pub fn causes(&self) -> Vec<Cause> {
        causes(&self.evidence)
    }

    /// Takes in what was seen by whoever watches, and asks for what more there is to
    /// know. What cannot be looked at is noted; nothing here fails a deployment.
    pub async fn look(&mut self, events: &[StackEvent], services: &[Service]) {
        if let Some(first) = events.iter().map(|event| event.time).min()
            && !self.begun
        {
            self.since(first);
        }
        self.evidence.add(Evidence {
            events: events.to_vec(),
            services: services.to_vec(),
            ..Evidence::default()
        });
        let moving = services.iter().filter(|it| is_moving(it)).map(|it| it.name.clone());
        let failed = self.failed(events);
        self.services(&failed, services).await;
        let names: BTreeSet<ServiceName> = moving.chain(failed).collect();
        for (cluster, names) in by_cluster(&names) {
            self.stopped_tasks(cluster, &names).await;
        }
        self.explain().await;
    }

    /// The services that CloudFormation could not make or change. What it says of the
    /// failure need not have the ARN; what it said before has.
    fn failed(&self, events: &[StackEvent]) -> Vec<ServiceName> {
        let failed =
            events.iter().filter(|it| it.kind == SERVICE && it.status.0.ends_with("_FAILED"));
        let known = |logical_id: &str| {
            let same = self.evidence.events.iter().filter(|it| it.logical_id == logical_id);
            same.filter_map(|it| it.physical_id.as_deref()).find_map(|arn| arn.parse().ok())
        };
        failed.filter_map(|event| known(&event.logical_id)).collect()
    }

    /// Asks for services that failed and that nobody has seen.
    async fn services(&mut self, failed: &[ServiceName], seen: &[Service]) {
        let unknown: BTreeSet<ServiceName> =
            failed.iter().filter(|name| seen.iter().all(|it| it.name != **name)).cloned().collect();
        for (cluster, names) in by_cluster(&unknown) {
            let asked = self.aws.services(cluster, &names);
            let found = self.ask("ecs:DescribeServices", "services that failed", asked).await;
            let services = found.unwrap_or_default();
            self.evidence.add(Evidence { services, ..Evidence::default() });
        }
    }

    /// Asks what tasks that failed were to run, what they wrote, and what things are
    /// called in the Compose file.
    pub(super) async fn explain(&mut self) {
        if !self.named && !self.causes().is_empty() {
            self.named = true;
            let stack = self.stack.clone();
            let asked = self.aws.template(&stack);
            let found = self.ask("cloudformation:GetTemplate", "the template", asked).await;
            self.evidence.names = found.map(|text| service_names(&text)).unwrap_or_default();
        }
        self.container_settings().await;
        self.logs().await;
    }

    /// Asks for tasks that stopped, and takes in those of these services.
    async fn stopped_tasks(&mut self, cluster: &str, names: &[String]) {
        let aws = self.aws;
        let which: Vec<Option<&str>> = match names.len() {
            0..=SINGLY => names.iter().map(|name| Some(name.as_str())).collect(),
            _ => vec![None],
        };
        let mut arns = Vec::new();
        for service in which {
            let asked = aws.stopped_tasks(cluster, service);
            let found = self.ask("ecs:ListTasks", "the tasks that stopped", asked).await;
            arns.extend(found.unwrap_or_default());
        }
        arns.retain(|arn| !self.seen.contains(arn));
        if arns.is_empty() {
            return;
        }
        let asked = aws.tasks_of(cluster, &arns);
        let found = self.ask("ecs:DescribeTasks", "why tasks stopped", asked).await;
        for task in found.unwrap_or_default() {
            if task.last_status == "STOPPED" {
                self.seen.insert(task.arn.clone());
            }
            if names.iter().any(|name| belongs(&task, name)) {
                super::replace(&mut self.evidence.stopped, vec![task], |a, b| a.arn == b.arn);
            }
        }
    }

    async fn container_settings(&mut self) {
        let evidence = &self.evidence;
        let known: BTreeSet<&str> =
            evidence.containers.iter().map(|it| it.task_definition.as_str()).collect();
        let wanted: BTreeSet<String> = culprits(evidence)
            .iter()
            .map(|culprit| culprit.task.task_definition.as_str())
            .filter(|it| !it.is_empty() && !known.contains(it))
            .map(ToOwned::to_owned)
            .collect();
        for task_definition in wanted.into_iter().take(DEFINITIONS) {
            let asked = self.aws.container_settings(&task_definition);
            let what = "what tasks that stopped were to run";
            let found = self.ask("ecs:DescribeTaskDefinition", what, asked).await;
            self.evidence.containers.extend(found.unwrap_or_default());
        }
    }

    async fn logs(&mut self) {
        for wanted in self.wanted_logs().into_iter().take(LOGS) {
            *self.tries.entry((wanted.task.clone(), wanted.container.clone())).or_default() += 1;
            let asked = self.aws.log_tail(&wanted.group, &wanted.stream);
            let found = self.ask("logs:GetLogEvents", "what containers wrote", asked).await;
            if let Some(lines) = found.filter(|lines| !lines.is_empty()) {
                let Wanted { task, container, group, stream: _ } = wanted;
                self.evidence.logs.push(LogTail { task, container, group, lines });
            }
        }
    }

    /// Of every container that failed and whose words are not known, the log of its
    /// newest task: one is enough, since they fail alike.
    fn wanted_logs(&self) -> Vec<Wanted> {
        let mut newest: BTreeMap<(&Option<String>, &str), Culprit<'_>> = BTreeMap::new();
        for culprit in culprits(&self.evidence) {
            let Some(container) = culprit.container else { continue };
            let one = newest.entry((&culprit.task.group, &container.name)).or_insert(culprit);
            if one.task.stopped < culprit.task.stopped {
                *one = culprit;
            }
        }
        newest.into_values().filter_map(|culprit| self.wanted_log(&culprit)).collect()
    }

    fn wanted_log(&self, culprit: &Culprit<'_>) -> Option<Wanted> {
        let task = culprit.task;
        let container = culprit.container?;
        let evidence = &self.evidence;
        let same = |known: &LogTail| {
            let owner = evidence.stopped.iter().find(|it| it.arn == known.task);
            known.container == container.name && owner.is_some_and(|it| it.group == task.group)
        };
        let settings = evidence
            .containers
            .iter()
            .find(|it| it.task_definition == task.task_definition && it.name == container.name);
        let log = settings?.log.as_ref()?;
        let key = (task.arn.clone(), container.name.clone());
        let tries = self.tries.get(&key).copied().unwrap_or_default();
        if tries >= TRIES || evidence.logs.iter().any(same) {
            return None;
        }
        let stream = log.of(&container.name, task.id());
        Some(Wanted { task: key.0, container: key.1, group: log.group.clone(), stream })
    }

    /// Waits for an answer. Where there is none, that is noted; what is not allowed is
    /// not asked for again.
    async fn ask<T>(
        &mut self,
        action: &'static str,
        what: &str,
        asked: impl Future<Output = Result<T, AwsError>>,
    ) -> Option<T> {
        if self.refused.contains(action) {
            return None;
        }
        let unseen = &mut self.evidence.unseen;
        unseen.retain(|it| it.what != what);
        match asked.await {
            Ok(answer) => Some(answer),
            Err(error) => {
                let (reason, help) = (error.to_string(), error.help());
                unseen.push(Unseen { what: what.to_owned(), reason, help });
                if error.is_denied() {
                    self.refused.insert(action);
                }
                None
            }
        }
    }
}

/// A log to look at.
#[derive(Debug)]
struct Wanted {
    task: String,
    container: String,
    group: String,
    stream: String,
}

/// What services are called in the Compose file: their tags say so.
fn service_names(template: &str) -> Vec<String> {
    let Ok(template) = template::parse(template) else { return Vec::new() };
    let resources = template["Resources"].as_object().into_iter().flatten();
    let services = resources.map(|(_, it)| it).filter(|it| it["Type"] == SERVICE);
    let tags = services.filter_map(|it| it["Properties"]["Tags"].as_array()).flatten();
    let names = tags.filter(|tag| tag["Key"] == SERVICE_TAG).filter_map(|it| it["Value"].as_str());
    names.map(ToOwned::to_owned).collect()
}

/// Whether a service is not what it shall be.
fn is_moving(service: &Service) -> bool {
    let settled = |rollout: Option<&str>| matches!(rollout, Some("COMPLETED") | None);
    service.running != service.desired
        || service.deployments.len() != 1
        || service.deployments.iter().any(|it| !settled(it.rollout.as_deref()))
}

fn belongs(task: &Task, service: &str) -> bool {
    task.group.as_deref().and_then(|group| group.strip_prefix("service:")) == Some(service)
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::service::Deployment;

    #[test]
    fn only_what_is_not_stable_is_looked_at() {
        let deployment = |rollout: Option<&str>| Deployment {
            id: "1".to_owned(),
            status: "PRIMARY".to_owned(),
            task_definition: "web:1".to_owned(),
            desired: 1,
            running: 1,
            pending: 0,
            failed: 0,
            rollout: rollout.map(ToOwned::to_owned),
            reason: None,
            created: None,
        };
        let service = |running: i32, deployments: Vec<Deployment>| Service {
            arn: String::new(),
            name: ServiceName { cluster: "shop".to_owned(), service: "web".to_owned() },
            status: "ACTIVE".to_owned(),
            desired: 1,
            running,
            pending: 0,
            task_definition: "web:1".to_owned(),
            deployments,
            events: Vec::new(),
            target_groups: Vec::new(),
            tags: IndexMap::new(),
        };
        assert!(!is_moving(&service(1, vec![deployment(Some("COMPLETED"))])));
        assert!(!is_moving(&service(1, vec![deployment(None)])));
        assert!(is_moving(&service(0, vec![deployment(Some("COMPLETED"))])));
        assert!(is_moving(&service(1, vec![deployment(Some("IN_PROGRESS"))])));
        assert!(is_moving(&service(1, vec![deployment(None), deployment(Some("FAILED"))])));
    }
}
