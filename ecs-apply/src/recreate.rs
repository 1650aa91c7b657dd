//! Starts tasks anew where nothing else changes.

use std::time::Duration;

use jiff::Timestamp;

use crate::aws::{Aws, AwsError};
use crate::service::{Deployment, Service, ServiceName};

/// Tasks take seconds to minutes to start.
const PAUSE: Duration = Duration::from_secs(2);

/// Not all of AWS knows a deployment at once.
const UNKNOWN: usize = 10;

/// Services whose tasks are being started anew.
#[derive(Debug)]
pub struct Restart<'a> {
    aws: &'a Aws,
    /// Each with the deployment that does it, if AWS has said which.
    services: Vec<(ServiceName, Option<String>)>,
    looks: usize,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Recreated {
    /// Whether all of them have come to an end.
    pub is_over: bool,
    /// The names of those that could not be started.
    pub failed: Vec<ServiceName>,
    /// How they are.
    pub services: Vec<Service>,
    /// When the first of them began, if AWS knows it by now.
    pub since: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    GoesOn,
    Done,
    Failed,
}

impl<'a> Restart<'a> {
    /// Starts the tasks of these services anew.
    pub async fn begin(aws: &'a Aws, names: Vec<ServiceName>) -> Result<Self, AwsError> {
        let mut services = Vec::new();
        for name in names {
            let deployment = aws.recreate_tasks(&name).await?;
            services.push((name, deployment));
        }
        Ok(Self { aws, services, looks: 0 })
    }

    /// Waits a little, then looks how far it is.
    pub async fn look(&mut self) -> Result<Recreated, AwsError> {
        let pause = if self.looks == 0 { PAUSE / 8 } else { PAUSE };
        tokio::time::sleep(pause).await;
        self.looks += 1;
        let found = self.aws.services_named(self.services.iter().map(|(name, _)| name)).await?;
        let states = self.services.iter().map(|(name, deployment)| {
            let service = found.iter().find(|it| it.name == *name);
            (name, state(service, deployment.as_deref(), self.looks))
        });
        let states: Vec<(&ServiceName, State)> = states.collect();
        let is_ours = |it: &&Deployment| {
            self.services.iter().any(|(_, deployment)| deployment.as_ref() == Some(&it.id))
        };
        let ours = found.iter().flat_map(|service| &service.deployments).filter(is_ours);
        Ok(Recreated {
            is_over: states.iter().all(|(_, state)| *state != State::GoesOn),
            failed: states
                .into_iter()
                .filter(|(_, state)| *state == State::Failed)
                .map(|(name, _)| name.clone())
                .collect(),
            since: ours.filter_map(|it| it.created).min(),
            services: found,
        })
    }
}

/// What became of a deployment. ECS may go back by a newer one, which says nothing of
/// this.
fn state(service: Option<&Service>, deployment: Option<&str>, looks: usize) -> State {
    let unknown = if looks < UNKNOWN { State::GoesOn } else { State::Failed };
    let Some(service) = service else { return unknown };
    let is_meant = |it: &&Deployment| match deployment {
        Some(id) => it.id == id,
        None => it.status == "PRIMARY",
    };
    let Some(meant) = service.deployments.iter().find(is_meant) else { return unknown };
    match meant.rollout.as_deref() {
        Some("FAILED") => State::Failed,
        _ if meant.status != "PRIMARY" => State::Failed,
        Some("COMPLETED") => State::Done,
        // Nobody else gives up where ECS is not asked to.
        _ if u32::try_from(meant.failed).unwrap_or(0) > meant.bearable() => State::Failed,
        Some(_) => State::GoesOn,
        // Services that are not rolled out by ECS have no such state.
        None if meant.running == meant.desired && service.deployments.len() == 1 => State::Done,
        None => State::GoesOn,
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    fn deployment(id: &str, status: &str, rollout: Option<&str>, failed: i32) -> Deployment {
        Deployment {
            id: id.to_owned(),
            status: status.to_owned(),
            task_definition: "web:1".to_owned(),
            desired: 1,
            running: 1,
            pending: 0,
            failed,
            rollout: rollout.map(str::to_owned),
            reason: None,
            created: None,
        }
    }

    fn service(deployments: Vec<Deployment>) -> Service {
        Service {
            arn: String::new(),
            name: ServiceName { cluster: "shop".to_owned(), service: "web".to_owned() },
            status: "ACTIVE".to_owned(),
            desired: 1,
            running: 1,
            pending: 0,
            task_definition: "web:1".to_owned(),
            deployments,
            events: Vec::new(),
            target_groups: Vec::new(),
            tags: IndexMap::new(),
        }
    }

    #[test]
    fn the_deployment_that_was_begun_is_judged_and_no_other() {
        let new = |status: &str, rollout, failed| deployment("new", status, rollout, failed);
        let old = || deployment("old", "ACTIVE", Some("COMPLETED"), 0);
        let back = || deployment("back", "PRIMARY", Some("COMPLETED"), 0);
        let cases = [
            (vec![new("PRIMARY", Some("IN_PROGRESS"), 0), old()], State::GoesOn),
            (vec![new("PRIMARY", Some("COMPLETED"), 0)], State::Done),
            (vec![new("PRIMARY", Some("FAILED"), 0)], State::Failed),
            (vec![new("PRIMARY", Some("IN_PROGRESS"), 4), old()], State::Failed),
            // ECS went back, and calls that a success.
            (vec![back(), new("ACTIVE", Some("FAILED"), 3)], State::Failed),
            (vec![back(), new("ACTIVE", Some("IN_PROGRESS"), 0)], State::Failed),
            (vec![new("PRIMARY", None, 0)], State::Done),
            (vec![new("PRIMARY", None, 0), old()], State::GoesOn),
            // The list is older than the answer.
            (vec![deployment("old", "PRIMARY", Some("COMPLETED"), 0)], State::GoesOn),
        ];
        for (deployments, wanted) in cases {
            let service = service(deployments);
            assert_eq!(state(Some(&service), Some("new"), 1), wanted, "{:?}", service.deployments);
        }
        assert_eq!(state(None, Some("new"), 1), State::GoesOn);
        assert_eq!(state(Some(&service(vec![back()])), Some("new"), UNKNOWN), State::Failed);
    }
}
