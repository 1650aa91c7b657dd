//! Stays with a deployment until its end is known.

use jiff::{SignedDuration, Timestamp};

use super::cloud::{Cloud, Course, Which};
use super::driver::Stop;
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::judge::{Failure, Judge, Phase, Sight, Verdict, Watched, evidence};
use super::order::Success;
use super::pace::Pace;
use crate::aws::AwsError;
use crate::cause::{Cause, causes};
use crate::service::{Service, ServiceName, Task};

/// After this long without an answer nobody watches any more, beyond the time that the
/// rollout has.
const SILENCE: SignedDuration = SignedDuration::from_secs(120);

/// What was seen of a deployment.
#[derive(Debug)]
pub(super) struct Seen {
    /// Whether it came to a good end.
    pub(super) verdict: Result<(), Stop>,
    /// Whether the first look showed it.
    pub(super) at_once: bool,
    /// Whether the service wants no task at all.
    pub(super) is_idle: bool,
    /// Why not, the root first.
    pub(super) causes: Vec<Cause>,
    /// What the service said, the oldest first.
    pub(super) said: Vec<String>,
}

/// Watches a deployment to its end.
pub(super) async fn watch<C: Cloud, G: Gate>(
    cloud: &C,
    name: &ServiceName,
    watched: Watched,
    gate: &mut G,
) -> Result<Seen, RolloutError> {
    let is_new = !watched.resumed;
    let mut eyes = Eyes::new(cloud, name, watched);
    let mut pace = Pace::default();
    let mut at_once = true;
    // How it is when it begins was told by the answer.
    if is_new {
        gate.pause(pace.next()).await;
    }
    loop {
        match eyes.look(gate).await {
            Ok(Look::Ended(verdict)) => return Ok(eyes.seen(verdict, at_once).await),
            Ok(Look::Changed) => pace.hurry(),
            Ok(Look::Same) => {}
            Err(error) if error.is_passing() && eyes.patient(cloud.now()) => {
                gate.tell(News::Blind(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
        at_once = false;
        gate.pause(pace.next()).await;
    }
}

enum Look {
    Ended(Result<(), Stop>),
    Changed,
    Same,
}

struct Eyes<'a, C> {
    cloud: &'a C,
    name: &'a ServiceName,
    watched: Watched,
    judge: Judge,
    stopped: Vec<Task>,
    /// Failures when the tasks that stopped were last looked at.
    failed: i32,
    service: Option<Service>,
    last: Option<(Phase, i32, i32)>,
    sighted: Sighted,
    course: Option<Course>,
    stage: Option<String>,
    said: Vec<String>,
    heard: Vec<String>,
    answered: Timestamp,
}

/// Whether ECS's own account of a deployment can be had.
enum Sighted {
    /// Nobody has asked, or it can.
    Open,
    /// It may not be seen, or there is none.
    Closed,
}

impl<'a, C: Cloud> Eyes<'a, C> {
    fn new(cloud: &'a C, name: &'a ServiceName, watched: Watched) -> Self {
        let now = cloud.now();
        let sighted = if watched.ways.is_rolling() { Sighted::Closed } else { Sighted::Open };
        Self {
            cloud,
            name,
            judge: Judge::new(watched.clone(), now),
            watched,
            stopped: Vec::new(),
            failed: 0,
            service: None,
            last: None,
            sighted,
            course: None,
            stage: None,
            said: Vec::new(),
            heard: Vec::new(),
            answered: now,
        }
    }

    fn patient(&self, now: Timestamp) -> bool {
        now.duration_since(self.answered) < SILENCE
    }

    async fn look<G: Gate>(&mut self, gate: &mut G) -> Result<Look, AwsError> {
        let Some(service) = self.cloud.service(self.name).await? else {
            return Ok(Look::Ended(Err(Stop::Failed(Failure::Gone))));
        };
        self.course = self.course(gate).await?;
        let course = self.course.clone();
        self.look_at_tasks(&service).await;
        self.follow(course.as_ref(), gate);
        self.listen(&service, gate);
        let now = self.cloud.now();
        self.answered = now;
        let is_well = self.is_well(&service).await?;
        let sight = Sight {
            now,
            service: &service,
            course: course.as_ref(),
            stopped: &self.stopped,
            is_well,
        };
        let verdict = self.judge.look(&sight);
        let look = match verdict {
            Verdict::Done => Look::Ended(Ok(())),
            Verdict::Failed(failure) => Look::Ended(Err(Stop::Failed(failure))),
            Verdict::Superseded { by } => Look::Ended(Err(Stop::Superseded { by })),
            Verdict::Wait(phase) => self.progress(phase, &service, course.as_ref(), gate),
        };
        self.service = Some(service);
        Ok(look)
    }

    fn progress<G: Gate>(
        &mut self,
        phase: Phase,
        service: &Service,
        course: Option<&Course>,
        gate: &mut G,
    ) -> Look {
        let ours =
            service.deployments.iter().find(|it| it.task_definition == self.watched.revision);
        let (running, desired, failed) =
            ours.map_or((0, 0, 0), |it| (it.running, it.desired, it.failed));
        if self.last.replace((phase, running, failed)) == Some((phase, running, failed)) {
            return Look::Same;
        }
        if let (Phase::Paused, Some(pause)) = (phase, course.and_then(|it| it.pause.clone())) {
            gate.tell(News::Paused(pause));
        }
        gate.tell(News::Progress { phase, running, desired, failed });
        Look::Changed
    }

    /// Asked for only where ECS moves traffic: tasks that are replaced one by one are
    /// told with the service.
    async fn course<G: Gate>(&mut self, gate: &mut G) -> Result<Option<Course>, AwsError> {
        let (revision, known) = (&self.watched.revision, self.course.as_ref());
        match self.sighted {
            Sighted::Closed => Ok(None),
            Sighted::Open => match self.cloud.course(self.name, revision, known).await {
                Err(error) if error.is_denied() => {
                    self.sighted = Sighted::Closed;
                    gate.tell(News::NoCourse(error.to_string()));
                    Ok(None)
                }
                answer => answer,
            },
        }
    }

    /// Whether all tasks that run are healthy; asked for only where that decides.
    async fn is_well(&self, service: &Service) -> Result<bool, AwsError> {
        let Watched { terms, is_checked, deployment, revision, .. } = &self.watched;
        let ours = service.deployments.iter().find(|it| it.id == *deployment);
        let all_run = ours.is_some_and(|it| it.running >= it.desired && it.pending == 0);
        if terms.success != Success::Live || !is_checked || !all_run {
            return Ok(true);
        }
        let tasks = self.cloud.tasks(self.name, revision, Which::Running).await?;
        Ok(tasks.iter().all(|task| task.health.as_deref() == Some("HEALTHY")))
    }

    /// Tasks are asked for only when one more has failed.
    async fn look_at_tasks(&mut self, service: &Service) {
        let is_ours = |id: &str| id == self.watched.deployment;
        let failed =
            service.deployments.iter().find(|it| is_ours(&it.id)).map_or(0, |it| it.failed);
        if failed <= self.failed {
            return;
        }
        self.ask_for_tasks().await;
        self.failed = failed;
    }

    /// Why tasks stop is good to know; whether the service gets there does not hang on it.
    async fn ask_for_tasks(&mut self) {
        let asked = self.cloud.tasks(self.name, &self.watched.revision, Which::Stopped).await;
        for task in asked.unwrap_or_default() {
            if !self.stopped.iter().any(|known| known.arn == task.arn) {
                self.stopped.push(task);
            }
        }
    }

    fn follow<G: Gate>(&mut self, course: Option<&Course>, gate: &mut G) {
        let stage = course.and_then(|it| it.stage.as_ref());
        if let Some(stage) = stage.filter(|stage| self.stage.as_ref() != Some(*stage)) {
            self.stage = Some(stage.clone());
            gate.tell(News::Stage(stage.clone()));
        }
    }

    fn listen<G: Gate>(&mut self, service: &Service, gate: &mut G) {
        for event in service.events.iter().rev() {
            if event.time < self.watched.since || self.heard.contains(&event.id) {
                continue;
            }
            self.heard.push(event.id.clone());
            self.said.push(event.message.clone());
            gate.tell(News::Said(event.message.clone()));
        }
    }

    async fn seen(mut self, verdict: Result<(), Stop>, at_once: bool) -> Seen {
        let mut found = Vec::new();
        let is_idle = self.service.as_ref().is_some_and(|it| it.desired == 0);
        if let (Err(Stop::Failed(_)), Some(service)) = (&verdict, self.service.take()) {
            self.ask_for_tasks().await;
            found = causes(&evidence(&self.watched, &service, &self.stopped));
        }
        Seen { verdict, at_once, is_idle, causes: found, said: self.said }
    }
}
