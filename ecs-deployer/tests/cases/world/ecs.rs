//! ECS.

use std::collections::BTreeMap;
use std::time::Duration;

use ecs_apply::rollout::{
    Cloud, Course, Entrance, Pause, Revision, Site, Update, Updated, Ways, Which,
};
use ecs_apply::{AwsError, Container, Deployment, Service, ServiceEvent, ServiceName, Task};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use super::{State, World, refused};

/// How long old tasks stay after new ones run.
const DRAIN: Duration = Duration::from_secs(20);

/// How often ECS starts a task that has failed again.
const AGAIN: Duration = Duration::from_secs(10);

/// How the tasks of an image behave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Behaviour {
    /// They run after this time.
    Runs(Duration),
    /// They cannot be started, for this reason.
    CannotStart(&'static str),
    /// They run for a moment, and end.
    Exits,
    /// They run, and their health check fails.
    Unhealthy,
    /// There is no room for them.
    NoRoom,
    /// They run, and after this time an alarm goes off.
    Alarming(Duration),
}

#[derive(Default)]
pub(crate) struct Ecs {
    pub(crate) services: BTreeMap<String, FakeService>,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) behaviours: Vec<(&'static str, Behaviour)>,
    /// What has been run once: the revision, and the client's token.
    pub(crate) runs: Vec<String>,
    run_at: Option<Instant>,
    /// When all of AWS knows of a task that is run once.
    pub(crate) run_known_after: Duration,
    /// What tasks that are run once end with.
    pub(crate) run_exit: i32,
    /// Whether tags may not be written.
    pub(crate) no_tags: bool,
    deployments: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct FakeService {
    pub(crate) status: &'static str,
    pub(crate) controller: &'static str,
    pub(crate) desired: i32,
    pub(crate) ways: Ways,
    pub(crate) has_network: bool,
    pub(crate) entrances: Vec<Entrance>,
    pub(crate) tags: Vec<(&'static str, &'static str)>,
    /// When the health checks of new tasks say that they are well.
    pub(crate) healthy_after: Duration,
    /// How long old tasks stay if another strategy is asked for.
    pub(crate) asked_bake: Duration,
    /// Until when ECS waits for somebody, after a deployment began.
    pub(crate) pause: Option<Duration>,
    /// The newest first.
    pub(crate) deployments: Vec<FakeDeployment>,
    pub(crate) events: Vec<ServiceEvent>,
}

#[derive(Debug, Clone)]
pub(crate) struct FakeDeployment {
    pub(crate) id: String,
    pub(crate) revision: String,
    pub(crate) begun: Instant,
    pub(crate) created: Timestamp,
    pub(crate) failed: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) stopped: bool,
}

/// What is to be seen of a deployment.
struct Shown {
    running: i32,
    pending: i32,
    failed: i32,
    is_complete: bool,
}

impl World {
    /// A service that has run the first revision of its own family for an hour.
    pub(crate) fn service(&self, name: &str) {
        self.service_like(name, |_| {});
    }

    pub(crate) fn service_like(&self, name: &str, change: impl FnOnce(&mut FakeService)) {
        self.with(|state| {
            let body = format!(
                r#"{{"family": "{name}", "containerDefinitions": [{{"name": "main", "image": "acme/{name}:1"}}]}}"#
            );
            let body: Value = serde_json::from_str(&body).expect("it is JSON");
            let created = state.now() - SignedDuration::from_hours(1);
            let revision = state.ecs.add(&body, created);
            let mut service = FakeService {
                status: "ACTIVE",
                controller: "ECS",
                desired: 2,
                ways: Ways::default(),
                has_network: false,
                entrances: Vec::new(),
                tags: Vec::new(),
                healthy_after: Duration::ZERO,
                asked_bake: Duration::ZERO,
                pause: None,
                deployments: vec![FakeDeployment {
                    id: format!("ecs-svc/{name}-0"),
                    revision,
                    begun: state.start,
                    created,
                    failed: None,
                    reason: None,
                    stopped: false,
                }],
                events: Vec::new(),
            };
            change(&mut service);
            state.ecs.services.insert(name.to_owned(), service);
        });
    }

    pub(crate) fn behaves(&self, image: &'static str, behaviour: Behaviour) {
        self.with(|state| state.ecs.behaviours.insert(0, (image, behaviour)));
    }

    /// The image that a service is to run.
    pub(crate) fn image(&self, service: &str) -> String {
        self.with(|state| {
            let arn = &state.ecs.services[service].deployments[0].revision;
            state.ecs.image(arn)
        })
    }

    /// How many revisions there are beside those that services began with.
    pub(crate) fn made(&self) -> usize {
        self.with(|state| state.ecs.revisions.len() - state.ecs.services.len())
    }

    /// How many deployments of a service there were beside the first.
    pub(crate) fn begun(&self) -> usize {
        self.with(|state| state.ecs.deployments)
    }

    /// Somebody starts the tasks of a service anew.
    pub(crate) fn restart(&self, service: &str) {
        self.with(|state| {
            let now = state.now();
            let service = state.ecs.services.get_mut(service).expect("it is there");
            let mut newest = service.deployments[0].clone();
            newest.id += "-again";
            newest.begun = Instant::now();
            newest.created = now;
            service.deployments = vec![newest];
        });
    }

    /// Somebody else has a service run an image.
    pub(crate) fn interfere(&self, service: &str, image: &str, tags: &[(&str, &str)]) {
        self.with(|state| {
            let body = format!(
                r#"{{"family": "{service}", "containerDefinitions": [{{"name": "main", "image": "{image}"}}]}}"#
            );
            let body: Value = serde_json::from_str(&body).expect("it is JSON");
            let now = state.now();
            let arn = state.ecs.add(&body, now);
            let revision = state.ecs.revisions.last_mut().expect("it was added just now");
            revision.tags =
                tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            state.ecs.update(service, &arn, now);
            state.ecs.deployments -= 1;
        });
    }

    /// Somebody has a service run what it ran before.
    pub(crate) fn goes_back(&self, service: &str, image: &str) {
        self.with(|state| {
            let now = state.now();
            let mut revisions = state.ecs.revisions.iter();
            let found = revisions.find(|it| state.ecs.image(&it.arn) == image);
            let arn = found.expect("it was made").arn.clone();
            state.ecs.update(service, &arn, now);
        });
    }
}

impl Ecs {
    fn add(&mut self, body: &Value, now: Timestamp) -> String {
        let family = body["family"].as_str().unwrap_or_default();
        let number = self.revisions.iter().filter(|it| it.body["family"] == family).count() + 1;
        let arn = format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/{family}:{number}");
        let mut body = body.as_object().expect("it is an object").clone();
        let tags = body.remove("tags").unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tags = tags.as_array().into_iter().flatten();
        self.revisions.push(Revision {
            arn: arn.clone(),
            is_active: true,
            registered: Some(now),
            body,
            tags: tags.map(|tag| (text(&tag["key"]), text(&tag["value"]))).collect(),
        });
        arn
    }

    fn image(&self, arn: &str) -> String {
        let revision = self.revisions.iter().find(|it| it.arn == arn).expect("it was made");
        revision.body["containerDefinitions"][0]["image"].as_str().unwrap_or_default().to_owned()
    }

    fn behaviour(&self, arn: &str) -> Behaviour {
        let image = self.image(arn);
        let found = self.behaviours.iter().find(|(known, _)| *known == image);
        found.map_or(Behaviour::Runs(Duration::from_secs(5)), |(_, behaviour)| behaviour.clone())
    }

    /// Nothing happens, if the service is to run it already.
    fn update(&mut self, service: &str, arn: &str, now: Timestamp) {
        let number = self.deployments + 1;
        let service_ = self.services.get_mut(service).expect("it is there");
        if service_.deployments[0].revision == arn {
            return;
        }
        self.deployments = number;
        service_.deployments.insert(
            0,
            FakeDeployment {
                id: format!("ecs-svc/{service}-{number}"),
                revision: arn.to_owned(),
                begun: Instant::now(),
                created: now,
                failed: None,
                reason: None,
                stopped: false,
            },
        );
    }

    fn shown(&self, service: &FakeService, deployment: &FakeDeployment) -> Shown {
        let age = deployment.begun.elapsed();
        let desired = service.desired;
        let times = |each: Duration| i32::try_from(age.as_secs() / each.as_secs()).unwrap_or(0);
        let ready = |start: Duration, more: Duration| {
            let runs = age >= start;
            let running = if runs { desired } else { 0 };
            Shown {
                running,
                pending: desired - running,
                failed: 0,
                is_complete: age >= start.max(service.healthy_after) + more,
            }
        };
        let bake = service.ways.bake + service.pause.unwrap_or_default();
        match self.behaviour(&deployment.revision) {
            Behaviour::Runs(start) => ready(start, DRAIN + bake),
            Behaviour::Alarming(_) => ready(Duration::from_secs(5), Duration::from_secs(9999)),
            Behaviour::CannotStart(_) => {
                Shown { running: 0, pending: desired, failed: times(AGAIN), is_complete: false }
            }
            Behaviour::Exits | Behaviour::Unhealthy => {
                let running = if age.as_secs() % 10 >= 5 { desired } else { 0 };
                let pending = desired - running;
                Shown { running, pending, failed: times(AGAIN), is_complete: false }
            }
            Behaviour::NoRoom => Shown { running: 0, pending: 0, failed: 0, is_complete: false },
        }
    }

    /// What happens by itself.
    fn go_on(&mut self, now: Timestamp) {
        let names: Vec<String> = self.services.keys().cloned().collect();
        for name in names {
            let service = self.services[&name].clone();
            let newest = &service.deployments[0];
            let shown = self.shown(&service, newest);
            let behaviour = self.behaviour(&newest.revision);
            let alarm =
                matches!(behaviour, Behaviour::Alarming(at) if newest.begun.elapsed() >= at);
            let breaks = service.ways.breaker && shown.failed >= 3 && newest.failed.is_none();
            if shown.is_complete && newest.failed.is_none() {
                self.services.get_mut(&name).expect("it is there").deployments.truncate(1);
            } else if (alarm || breaks) && newest.failed.is_none() && service.deployments.len() > 1
            {
                let why = if alarm { "alarm detected" } else { "tasks failed to start" };
                self.give_up(&name, &format!("ECS deployment circuit breaker: {why}."), now);
            }
            let no_room = behaviour == Behaviour::NoRoom;
            let service = self.services.get_mut(&name).expect("it is there");
            if no_room && service.events.is_empty() {
                service.events.push(ServiceEvent {
                    id: "no-room".to_owned(),
                    time: now,
                    message: format!(
                        "(service {name}) was unable to place a task because no \
                                      container instance met all of its requirements."
                    ),
                });
            }
        }
    }

    fn give_up(&mut self, name: &str, why: &str, now: Timestamp) {
        self.deployments += 1;
        let id = format!("ecs-svc/{name}-back-{}", self.deployments);
        self.deployments -= 1;
        let service = self.services.get_mut(name).expect("it is there");
        let reverts = service.ways.reverts || service.deployments[0].stopped;
        service.deployments[0].failed = Some(why.to_owned());
        let failed = &service.deployments[0].id;
        service.events.insert(
            0,
            ServiceEvent {
                id: format!("{failed}-failed"),
                time: now,
                message: format!("(service {name}) (deployment {failed}) deployment failed: {why}"),
            },
        );
        if reverts {
            // What was completed last; all else is in between.
            let last = service.deployments.last().expect("there is one");
            let back = last.revision.clone();
            let reason = format!("{why} rolling back to deploymentId {}.", last.id);
            service.deployments.insert(
                0,
                FakeDeployment {
                    id,
                    revision: back,
                    begun: Instant::now(),
                    created: now,
                    failed: None,
                    reason: Some(reason),
                    stopped: false,
                },
            );
        }
    }

    fn describe(&self, name: &str) -> Option<Service> {
        let service = self.services.get(name)?;
        let deployments = service.deployments.iter().enumerate().map(|(place, deployment)| {
            let shown = self.shown(service, deployment);
            let state = match (&deployment.failed, place) {
                (Some(_), _) => "FAILED",
                (None, 0) if !shown.is_complete => "IN_PROGRESS",
                (None, _) => "COMPLETED",
            };
            Deployment {
                id: deployment.id.clone(),
                status: if place == 0 { "PRIMARY" } else { "ACTIVE" }.to_owned(),
                task_definition: deployment.revision.clone(),
                desired: service.desired,
                running: shown.running,
                pending: shown.pending,
                failed: shown.failed,
                rollout: Some(state.to_owned()),
                reason: deployment.failed.clone().or_else(|| deployment.reason.clone()),
                created: Some(deployment.created),
            }
        });
        let deployments: Vec<Deployment> = deployments.collect();
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Some(Service {
            arn: format!("arn:aws:ecs:eu-west-1:111122223333:service/default/{name}"),
            name: ServiceName { cluster: "default".to_owned(), service: name.to_owned() },
            status: service.status.to_owned(),
            desired: service.desired,
            running: deployments.iter().map(|it| it.running).sum(),
            pending: deployments.iter().map(|it| it.pending).sum(),
            task_definition: service.deployments[0].revision.clone(),
            deployments,
            events: service.events.clone(),
            target_groups: Vec::new(),
            tags: service.tags.iter().map(own).collect(),
        })
    }

    fn stopped(&self, name: &str, revision: &str, now: Timestamp) -> Vec<Task> {
        let service = &self.services[name];
        let Some(deployment) = service.deployments.iter().find(|it| it.revision == revision) else {
            return Vec::new();
        };
        let (code, reason, exit) = match self.behaviour(&deployment.revision) {
            Behaviour::CannotStart(reason) => ("TaskFailedToStart", reason, None),
            Behaviour::Exits => {
                ("EssentialContainerExited", "Essential container in task exited", Some(3))
            }
            Behaviour::Unhealthy => {
                ("ServiceSchedulerInitiated", "Task failed container health checks", Some(137))
            }
            Behaviour::Runs(_) | Behaviour::NoRoom | Behaviour::Alarming(_) => return Vec::new(),
        };
        let failed = self.shown(service, deployment).failed;
        let task = |number: i32| {
            let mut task = self.task(name, deployment, number, "STOPPED");
            task.stop_code = Some(code.to_owned());
            task.stopped_reason = Some(reason.to_owned());
            task.stopped = Some(now);
            task.containers[0].exit_code = exit;
            task
        };
        (0..failed).map(task).collect()
    }

    fn running(&self, name: &str, revision: &str) -> Vec<Task> {
        let service = &self.services[name];
        let Some(deployment) = service.deployments.iter().find(|it| it.revision == revision) else {
            return Vec::new();
        };
        let is_well = deployment.begun.elapsed() >= service.healthy_after;
        let health = if is_well { "HEALTHY" } else { "UNKNOWN" };
        let task = |number: i32| {
            let mut task = self.task(name, deployment, number, "RUNNING");
            task.health = Some(health.to_owned());
            task
        };
        (0..self.shown(service, deployment).running).map(task).collect()
    }

    fn task(&self, name: &str, deployment: &FakeDeployment, number: i32, status: &str) -> Task {
        Task {
            arn: format!("arn:aws:ecs:eu-west-1:111122223333:task/default/{number:032}"),
            group: Some(format!("service:{name}")),
            started_by: Some(deployment.id.clone()),
            task_definition: deployment.revision.clone(),
            last_status: status.to_owned(),
            desired_status: status.to_owned(),
            health: None,
            stop_code: None,
            stopped_reason: None,
            created: Some(deployment.created),
            started: None,
            stopped: None,
            network_interface: None,
            private_ip: None,
            containers: vec![Container {
                name: "main".to_owned(),
                image: Some(self.image(&deployment.revision)),
                last_status: Some(status.to_owned()),
                exit_code: None,
                reason: None,
                health: None,
            }],
        }
    }

    fn course(&self, name: &str, revision: &str, now: Timestamp) -> Option<Course> {
        let service = &self.services[name];
        let deployment = service.deployments.iter().find(|it| it.revision == revision)?;
        let is_newest = deployment.id == service.deployments[0].id;
        let shown = self.shown(service, deployment);
        let status = match (&deployment.failed, is_newest) {
            (Some(_), _) => "ROLLBACK_SUCCESSFUL",
            (None, true) if shown.is_complete => "SUCCESSFUL",
            (None, _) => "IN_PROGRESS",
        };
        let age = deployment.begun.elapsed();
        let left = service.pause.and_then(|pause| pause.checked_sub(age));
        let pause = left.filter(|_| shown.running > 0).map(|left| Pause {
            hook: "approve".to_owned(),
            until: SignedDuration::try_from(left).ok().map(|left| now + left),
            then: Some("ROLLBACK".to_owned()),
        });
        Some(Course {
            arn: format!("arn:aws:ecs:eu-west-1:111122223333:service-deployment/{}", deployment.id),
            status: status.to_owned(),
            reason: deployment.failed.clone(),
            stage: Some(if shown.running > 0 { "BAKE_TIME" } else { "SCALE_UP" }.to_owned()),
            pause,
        })
    }
}

impl World {
    async fn ask<T>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut Ecs, Timestamp) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let effect = |state: &mut State| {
            let now = state.now();
            state.ecs.go_on(now);
            effect(&mut state.ecs, now)
        };
        self.call(name, effect).await
    }
}

impl Cloud for World {
    fn now(&self) -> Timestamp {
        self.with(|state| state.now())
    }

    async fn site(&self, name: &ServiceName) -> Result<Option<Site>, AwsError> {
        let look = |ecs: &mut Ecs, _| {
            if name.cluster != "default" {
                let code = "ClusterNotFoundException";
                return Err(refused("ecs:DescribeServices", code, "Cluster not found."));
            }
            let Some(service) = ecs.describe(&name.service) else { return Ok(None) };
            let fake = &ecs.services[&name.service];
            Ok(Some(Site {
                service,
                controller: fake.controller.to_owned(),
                launch_type: Some("EC2".to_owned()),
                has_network: fake.has_network,
                entrances: fake.entrances.clone(),
                ways: fake.ways.clone(),
            }))
        };
        self.ask("ecs:DescribeServices", look).await
    }

    async fn service(&self, name: &ServiceName) -> Result<Option<Service>, AwsError> {
        self.ask("ecs:DescribeServices", |ecs, _| Ok(ecs.describe(&name.service))).await
    }

    async fn revision(&self, arn: &str) -> Result<Option<Revision>, AwsError> {
        let look = |ecs: &mut Ecs, _| Ok(ecs.revisions.iter().find(|it| it.arn == arn).cloned());
        self.ask("ecs:DescribeTaskDefinition", look).await
    }

    async fn newest_revisions(&self, family: &str, most: u8) -> Result<Vec<String>, AwsError> {
        let look = |ecs: &mut Ecs, _| {
            let of_family = ecs.revisions.iter().rev().filter(|it| it.body["family"] == *family);
            let active = of_family.filter(|it| it.is_active);
            Ok(active.map(|it| it.arn.clone()).take(most.into()).collect())
        };
        self.ask("ecs:ListTaskDefinitions", look).await
    }

    async fn register(&self, definition: &Value) -> Result<String, AwsError> {
        let make = |ecs: &mut Ecs, now| {
            const ACTION: &str = "ecs:RegisterTaskDefinition";
            if ecs.no_tags && !definition["tags"].is_null() {
                let told = "User is not authorized to perform: ecs:TagResource on resource: *";
                return Err(refused(ACTION, "AccessDeniedException", told));
            }
            if definition["cpu"] == "echo" {
                let told = format!("Invalid value in {definition}.");
                return Err(refused(ACTION, "ClientException", &told));
            }
            if definition["cpu"] == "7" {
                return Err(refused(ACTION, "ClientException", "Invalid CPU value."));
            }
            Ok(ecs.add(definition, now))
        };
        self.ask("ecs:RegisterTaskDefinition", make).await
    }

    async fn deregister(&self, arn: &str) -> Result<(), AwsError> {
        let retire = |ecs: &mut Ecs, _| {
            let found = ecs.revisions.iter_mut().find(|it| it.arn == arn);
            found.into_iter().for_each(|it| it.is_active = false);
            Ok(())
        };
        self.ask("ecs:DeregisterTaskDefinition", retire).await
    }

    async fn update(&self, update: &Update) -> Result<Updated, AwsError> {
        let change = |ecs: &mut Ecs, now| {
            const ACTION: &str = "ecs:UpdateService";
            let revision = ecs.revisions.iter().find(|it| it.arn == update.revision);
            if !revision.is_some_and(|it| it.is_active) {
                let told = "TaskDefinition is inactive";
                return Err(refused(ACTION, "ClientException", told));
            }
            if revision.is_some_and(|it| it.body["family"] == "unwanted") {
                let told = "the task definition does not fit";
                return Err(refused(ACTION, "InvalidParameterException", told));
            }
            let name = &update.service.service;
            ecs.update(name, &update.revision, now);
            let service = ecs.services.get_mut(name).expect("it is there");
            if let Some(strategy) = update.strategy {
                service.ways.strategy = Some(strategy.name().to_owned());
                service.ways.bake = service.asked_bake;
            }
            let ways = service.ways.clone();
            let deployments = ecs.describe(name).map(|it| it.deployments).unwrap_or_default();
            Ok(Updated { deployments, ways })
        };
        self.ask("ecs:UpdateService", change).await
    }

    async fn tasks(
        &self,
        name: &ServiceName,
        revision: &str,
        which: Which,
    ) -> Result<Vec<Task>, AwsError> {
        self.ask("ecs:ListTasks", |_, _| Ok(())).await?;
        let look = |ecs: &mut Ecs, now| {
            Ok(match which {
                Which::Running => ecs.running(&name.service, revision),
                Which::Stopped => ecs.stopped(&name.service, revision, now),
            })
        };
        self.ask("ecs:DescribeTasks", look).await
    }

    async fn course(
        &self,
        name: &ServiceName,
        revision: &str,
        _: Option<&Course>,
    ) -> Result<Option<Course>, AwsError> {
        let look = |ecs: &mut Ecs, now| Ok(ecs.course(&name.service, revision, now));
        self.ask("ecs:ListServiceDeployments", look).await
    }

    async fn give_up(&self, course: &Course) -> Result<(), AwsError> {
        let stop = |ecs: &mut Ecs, now| {
            let is_meant = |it: &FakeDeployment| course.arn.ends_with(&it.id);
            let found = ecs.services.iter().find(|(_, it)| is_meant(&it.deployments[0]));
            let Some(name) = found.map(|(name, _)| name.clone()) else { return Ok(()) };
            ecs.services.get_mut(&name).expect("it is there").deployments[0].stopped = true;
            ecs.give_up(&name, "somebody stopped it.", now);
            Ok(())
        };
        self.ask("ecs:StopServiceDeployment", stop).await
    }

    async fn run(&self, _: &Site, revision: &str, _: &Value) -> Result<String, AwsError> {
        let run = |ecs: &mut Ecs, _| {
            if !ecs.runs.contains(&revision.to_owned()) {
                ecs.runs.push(revision.to_owned());
                ecs.run_at = Some(Instant::now());
            }
            Ok(format!("arn:aws:ecs:eu-west-1:111122223333:task/default/{}", ecs.runs.len()))
        };
        self.ask("ecs:RunTask", run).await
    }

    async fn task(&self, _: &ServiceName, arn: &str) -> Result<Option<Task>, AwsError> {
        let look = |ecs: &mut Ecs, now| {
            if ecs.run_at.is_some_and(|it| it.elapsed() < ecs.run_known_after) {
                return Ok(None);
            }
            Ok(Some(Task {
                arn: arn.to_owned(),
                group: None,
                started_by: None,
                task_definition: String::new(),
                last_status: "STOPPED".to_owned(),
                desired_status: "STOPPED".to_owned(),
                health: None,
                stop_code: None,
                stopped_reason: None,
                created: Some(now),
                started: Some(now),
                stopped: Some(now),
                network_interface: None,
                private_ip: None,
                containers: vec![Container {
                    name: "main".to_owned(),
                    image: None,
                    last_status: None,
                    exit_code: Some(ecs.run_exit),
                    reason: None,
                    health: None,
                }],
            }))
        };
        self.ask("ecs:DescribeTasks", look).await
    }
}
