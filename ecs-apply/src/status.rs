//! How a stack is doing: its services, what they are reached at and their tasks.

mod gather;

use std::collections::HashMap;

use jiff::Timestamp;

use crate::endpoint::{Endpoint, Entrance, Target};
use crate::roster::{Member, Roster};
use crate::service::{Deployment, Service, ServiceName, Task};
use crate::stack::Stack;

pub(crate) use gather::services;
pub use gather::status;

/// How a stack is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct StackStatus {
    /// The stack itself.
    pub stack: Stack,
    /// Its services, sorted by their names.
    pub services: Vec<ServiceStatus>,
    /// What could not be looked at, in a sentence each.
    pub unseen: Vec<String>,
}

/// How a service is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceStatus {
    /// The service as CloudFormation knows it.
    pub member: Member,
    /// The service as ECS knows it, if it does.
    pub service: Option<Service>,
    /// Where it is reached.
    pub endpoints: Vec<Endpoint>,
    /// Its tasks, the newest first.
    pub tasks: Vec<Task>,
}

/// What a service is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// CloudFormation has not made it yet, or could not.
    NotMade,
    /// It was there, and somebody removed it without CloudFormation.
    Missing,
    /// It is being removed.
    Ending,
    /// It shall have no tasks.
    Idle,
    /// Tasks of its newest version are being started.
    Deploying,
    /// Its newest version could not be started.
    Failed,
    /// It has the tasks that it shall have.
    Running,
    /// It has had them, and lacks some.
    Short,
}

/// What was asked about a stack.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) services: Vec<Service>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) entrances: Vec<Entrance>,
    pub(crate) hosts: HashMap<String, String>,
    pub(crate) targets: HashMap<String, Vec<Target>>,
}

/// Puts together what was asked about the services of a stack.
pub(crate) fn assemble(roster: Roster, answers: Answers) -> Vec<ServiceStatus> {
    let Answers { services, tasks, entrances, hosts, targets } = answers;
    let mut services: HashMap<ServiceName, Service> =
        services.into_iter().map(|service| (service.name.clone(), service)).collect();
    let mut tasks = by_service(tasks, &services);
    let endpoints = |service: &Service| endpoints(service, &entrances, &hosts, &targets);
    let mut all: Vec<_> = roster
        .services
        .into_iter()
        .map(|member| {
            let service = member.name.as_ref().and_then(|name| services.remove(name));
            ServiceStatus {
                endpoints: service.as_ref().map(endpoints).unwrap_or_default(),
                tasks: member.name.as_ref().and_then(|it| tasks.remove(it)).unwrap_or_default(),
                member,
                service,
            }
        })
        .collect();
    all.sort_by(|one, other| one.member.title.cmp(&other.member.title));
    all
}

/// Tasks say which service they are of, though not of which cluster, but no cluster
/// has two services of a name.
fn by_service(
    mut tasks: Vec<Task>,
    services: &HashMap<ServiceName, Service>,
) -> HashMap<ServiceName, Vec<Task>> {
    tasks.sort_by(|one, other| (other.created, &other.arn).cmp(&(one.created, &one.arn)));
    let mut found: HashMap<ServiceName, Vec<Task>> = HashMap::new();
    for task in tasks {
        let Some(name) = task.service().filter(|name| services.contains_key(name)) else {
            continue;
        };
        found.entry(name).or_default().push(task);
    }
    found
}

/// A port is the service's if its target group is.
fn endpoints(
    service: &Service,
    entrances: &[Entrance],
    hosts: &HashMap<String, String>,
    targets: &HashMap<String, Vec<Target>>,
) -> Vec<Endpoint> {
    let mut endpoints: Vec<_> = entrances
        .iter()
        .filter_map(|entrance| {
            let group =
                entrance.target_groups.iter().find(|it| service.target_groups.contains(it))?;
            Some(Endpoint {
                host: hosts.get(&entrance.load_balancer)?.clone(),
                port: entrance.port,
                protocol: entrance.protocol.clone(),
                target_group: group.clone(),
                targets: targets.get(group).cloned().unwrap_or_default(),
            })
        })
        .collect();
    endpoints.sort_by_key(|endpoint| endpoint.port);
    endpoints
}

impl ServiceStatus {
    /// What it is doing.
    pub fn state(&self) -> State {
        match &self.service {
            None if self.member.name.is_some() => State::Missing,
            None => State::NotMade,
            Some(service) if service.status != "ACTIVE" => State::Ending,
            Some(service) => state(service),
        }
    }

    /// Its newest version.
    pub fn rollout(&self) -> Option<&Deployment> {
        self.service.as_ref()?.newest()
    }

    /// Why it is not as it should be, if anybody says so.
    pub fn reason(&self) -> Option<&str> {
        match self.state() {
            State::NotMade | State::Missing => self.member.reason.as_deref(),
            State::Deploying | State::Failed | State::Short => self.rollout()?.reason.as_deref(),
            State::Ending | State::Idle | State::Running => None,
        }
    }

    /// Of its tasks with a health check, how many are well, and how many there are.
    pub fn health(&self) -> (usize, usize) {
        let running = self.tasks.iter().filter(|task| task.stopped.is_none());
        let told = running.filter_map(|task| task.health.as_deref());
        told.filter(|health| *health != "UNKNOWN")
            .fold((0, 0), |(well, all), health| (well + usize::from(health == "HEALTHY"), all + 1))
    }
}

fn state(service: &Service) -> State {
    let rollout = service.newest().and_then(|it| it.rollout.as_deref());
    match rollout {
        Some("FAILED") => State::Failed,
        Some("IN_PROGRESS") if service.desired > 0 || service.running > 0 => State::Deploying,
        _ if service.desired == 0 && service.running == 0 => State::Idle,
        _ if service.running < service.desired => State::Short,
        _ => State::Running,
    }
}

impl Service {
    /// Its newest version.
    pub fn newest(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|it| it.status == "PRIMARY").or(self.deployments.first())
    }
}

impl Task {
    /// The service that it is of. Tasks that somebody started by hand have none.
    pub fn service(&self) -> Option<ServiceName> {
        let service = self.group.as_deref()?.strip_prefix("service:")?;
        Some(ServiceName { cluster: self.cluster().to_owned(), service: service.to_owned() })
    }

    /// The cluster's name. ARNs that are older than 2018 have none; it is `default`
    /// then.
    pub fn cluster(&self) -> &str {
        let path = self.arn.split_once(":task/").map_or("", |(_, path)| path);
        path.split_once('/').map_or("default", |(cluster, _)| cluster)
    }

    /// Since when it is what it is.
    pub fn since(&self) -> Option<Timestamp> {
        self.stopped.or(self.started).or(self.created)
    }
}

#[cfg(test)]
mod tests;
