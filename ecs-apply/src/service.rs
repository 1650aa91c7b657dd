//! What ECS keeps: services, their deployments and their tasks.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// Which service of which cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName {
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.service)
    }
}

/// The names of services by their cluster, each once: a call is about one cluster.
pub(crate) fn by_cluster<'n>(
    names: impl IntoIterator<Item = &'n ServiceName>,
) -> BTreeMap<&'n str, Vec<String>> {
    let mut clusters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in names {
        let names = clusters.entry(&name.cluster).or_default();
        if !names.contains(&name.service) {
            names.push(name.service.clone());
        }
    }
    clusters
}

/// It is not the ARN of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAService;

impl FromStr for ServiceName {
    type Err = NotAService;

    /// Reads `arn:aws:ecs:eu-west-1:111122223333:service/cluster/name`. Services
    /// that are older than 2018 have no cluster in their ARN; it is `default` then.
    fn from_str(arn: &str) -> Result<Self, NotAService> {
        let (_, path) = arn.split_once(":service/").ok_or(NotAService)?;
        let (cluster, service) = path.rsplit_once('/').unwrap_or(("default", path));
        Ok(Self { cluster: cluster.to_owned(), service: service.to_owned() })
    }
}

/// A service as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Which one it is.
    pub name: ServiceName,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// How many tasks there shall be.
    pub desired: i32,
    /// How many there are.
    pub running: i32,
    /// How many are being started.
    pub pending: i32,
    /// The task definition that it shall run.
    pub task_definition: String,
    /// The newest first.
    pub deployments: Vec<Deployment>,
    /// The newest first; at most a hundred.
    pub events: Vec<ServiceEvent>,
    /// The target groups that send it traffic.
    pub target_groups: Vec<String>,
    /// Its tags.
    pub tags: indexmap::IndexMap<String, String>,
}

/// One version of a service on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// No other deployment has it.
    pub id: String,
    /// `PRIMARY` for the newest, `ACTIVE` for those that still have tasks.
    pub status: String,
    /// The task definition that it runs.
    pub task_definition: String,
    /// How many tasks there shall be.
    pub desired: i32,
    /// How many there are.
    pub running: i32,
    /// How many are being started.
    pub pending: i32,
    /// How many could not be started since the last that could.
    pub failed: i32,
    /// `IN_PROGRESS`, `COMPLETED` or `FAILED`.
    pub rollout: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it began.
    pub created: Option<Timestamp>,
}

/// The newest of a service's deployments.
pub(crate) fn primary(deployments: &[Deployment]) -> Option<&Deployment> {
    deployments.iter().find(|it| it.status == "PRIMARY")
}

impl Deployment {
    /// How many of its tasks may fail before it is given up where ECS is not asked to: a
    /// quarter of them, and three at least.
    pub(crate) fn bearable(&self) -> u32 {
        u32::try_from(self.desired).unwrap_or(0).div_ceil(4).max(3)
    }
}

/// Something that a service says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceEvent {
    /// No other event has it.
    pub id: String,
    /// When it was said.
    pub time: Timestamp,
    /// What was said.
    pub message: String,
}

/// Which tasks of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFilter {
    /// The cluster's name or ARN.
    pub cluster: String,
    /// Only those of this service.
    pub service: Option<String>,
    /// Whether those that shall be stopped are meant, and not those that shall run.
    /// ECS remembers them for an hour.
    pub stopped: bool,
}

/// A task as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// What started it: `service:web`.
    pub group: Option<String>,
    /// The deployment or whoever started it.
    pub started_by: Option<String>,
    /// The task definition that it runs.
    pub task_definition: String,
    /// What it is doing: `PROVISIONING`, `RUNNING`, `STOPPED`.
    pub last_status: String,
    /// What it shall be doing.
    pub desired_status: String,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: Option<String>,
    /// `TaskFailedToStart`, `EssentialContainerExited`, …
    pub stop_code: Option<String>,
    /// Why it was stopped.
    pub stopped_reason: Option<String>,
    /// When it was asked for.
    pub created: Option<Timestamp>,
    /// When it ran.
    pub started: Option<Timestamp>,
    /// When it was stopped.
    pub stopped: Option<Timestamp>,
    /// Its network interface, if AWS tells.
    pub network_interface: Option<String>,
    /// Its address inside of the VPC.
    pub private_ip: Option<String>,
    /// What runs in it.
    pub containers: Vec<Container>,
}

impl Task {
    /// The last part of its ARN, which log streams are named after.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// What it was started from.
    pub image: Option<String>,
    /// What it is doing.
    pub last_status: Option<String>,
    /// What its process returned.
    pub exit_code: Option<i32>,
    /// What ECS says of it: `CannotPullContainerError: …`, `OutOfMemoryError: …`.
    pub reason: Option<String>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_by_their_arns() {
        let of = |arn: &str| arn.parse::<ServiceName>().map(|name| name.to_string());
        assert_eq!(of("arn:aws:ecs:eu-west-1:1:service/shop/web"), Ok("shop/web".to_owned()));
        assert_eq!(of("arn:aws:ecs:eu-west-1:1:service/web"), Ok("default/web".to_owned()));
        assert_eq!(of("arn:aws:ecs:eu-west-1:1:cluster/web"), Err(NotAService));
    }

    #[test]
    fn each_service_of_a_cluster_is_asked_for_once() {
        let names = ["b/web", "a/web", "b/db", "b/web"].map(|it| {
            let (cluster, service) = it.split_once('/').unwrap();
            ServiceName { cluster: cluster.to_owned(), service: service.to_owned() }
        });
        let found = by_cluster(&names);
        let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert_eq!(found, BTreeMap::from([("a", names(&["web"])), ("b", names(&["web", "db"]))]));
    }
}
