//! What is known of a deployment that may be failing. It is looked at by
//! [`causes`](crate::causes), which asks nobody.

mod inquiry;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::service::{Service, Task};
use crate::stack::StackEvent;

pub use self::inquiry::Inquiry;

/// What is known of a deployment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// When the deployment began, by the clock of AWS. What is older does not count.
    pub since: Timestamp,
    /// The services of the Compose file, as far as they are known. Services that exist
    /// have their names in their tags.
    pub names: Vec<String>,
    /// What happened to the stack, in any order.
    pub events: Vec<StackEvent>,
    /// The stack's services, those that were looked up.
    pub services: Vec<Service>,
    /// Their tasks that stopped.
    pub stopped: Vec<Task>,
    /// What their task definitions say of their containers.
    pub containers: Vec<ContainerSettings>,
    /// The last that containers wrote.
    pub logs: Vec<LogTail>,
    /// What could not be looked at, and why.
    pub unseen: Vec<Unseen>,
}

impl Evidence {
    /// Takes in what was found out later. Events and tasks are kept that AWS has
    /// forgotten meanwhile, because a stack that is rolled back takes its services,
    /// and what they would say, along.
    pub fn add(&mut self, later: Self) {
        let Self { since: _, names, events, services, stopped, containers, logs, unseen } = later;
        if !names.is_empty() {
            self.names = names;
        }
        add(&mut self.events, events, |it| &it.id);
        for mut service in services {
            if let Some(known) = self.services.iter_mut().find(|it| it.arn == service.arn) {
                add(&mut service.events, std::mem::take(&mut known.events), |it| &it.id);
                add(&mut service.deployments, std::mem::take(&mut known.deployments), |it| &it.id);
                *known = service;
            } else {
                self.services.push(service);
            }
        }
        replace(&mut self.stopped, stopped, |a, b| a.arn == b.arn);
        replace(&mut self.containers, containers, |a, b| {
            a.task_definition == b.task_definition && a.name == b.name
        });
        replace(&mut self.logs, logs, |a, b| a.task == b.task && a.container == b.container);
        replace(&mut self.unseen, unseen, |a, b| a.what == b.what);
    }
}

/// Adds what is not there yet.
fn add<T>(known: &mut Vec<T>, mut more: Vec<T>, key: impl Fn(&T) -> &str) {
    let keys: BTreeSet<&str> = known.iter().map(&key).collect();
    more.retain(|it| !keys.contains(key(it)));
    known.append(&mut more);
}

/// Adds what is not there yet, and takes the newer of what is.
fn replace<T>(known: &mut Vec<T>, more: Vec<T>, same: impl Fn(&T, &T) -> bool) {
    for one in more {
        match known.iter_mut().find(|it| same(it, &one)) {
            Some(old) => *old = one,
            None => known.push(one),
        }
    }
}

/// What a task definition says of a container. Its variables are never read: they
/// may hold what nobody shall see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerSettings {
    /// The ARN of the task definition.
    pub task_definition: String,
    /// The name of the container.
    pub name: String,
    /// What it is started from.
    pub image: String,
    /// Whether its end is the end of its task.
    pub essential: bool,
    /// Where its output goes, if that is CloudWatch.
    pub log: Option<LogStream>,
}

/// Where the output of a container goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    /// The log group.
    pub group: String,
    /// What its streams begin with.
    pub prefix: String,
}

impl LogStream {
    /// The stream of a container of a task, as the driver of ECS names it.
    pub fn of(&self, container: &str, task: &str) -> String {
        format!("{}/{container}/{task}", self.prefix)
    }
}

/// The last lines that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTail {
    /// The ARN of the task.
    pub task: String,
    /// The name of the container.
    pub container: String,
    /// The log group that has them.
    pub group: String,
    /// The oldest first.
    pub lines: Vec<LogLine>,
}

/// A line that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub time: Option<Timestamp>,
    /// What, as it was written: a terminal must not get it as it is.
    pub text: String,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// What it is: `the stopped tasks of web`.
    pub what: String,
    /// What was said instead.
    pub reason: String,
    /// What to do about it, if that is known.
    pub help: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_forgets_is_kept() {
        let line = |text: &str| LogLine { time: None, text: text.to_owned() };
        let tail = |text: &str| LogTail {
            task: "task".to_owned(),
            container: "web".to_owned(),
            group: "logs".to_owned(),
            lines: vec![line(text)],
        };
        let mut known = Evidence { logs: vec![tail("begin")], ..Evidence::default() };
        known.add(Evidence { logs: vec![tail("end")], ..Evidence::default() });
        known.add(Evidence::default());
        assert_eq!(known.logs, [tail("end")]);
    }

    #[test]
    fn a_stream_is_named_as_ecs_names_it() {
        let stream = LogStream { group: "/shop".to_owned(), prefix: "shop".to_owned() };
        assert_eq!(stream.of("web", "0123"), "shop/web/0123");
    }
}
