//! Judges how a rollout goes by what AWS shows of it. Asks nobody.

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::cloud::{Course, Pause};
use super::order::{Success, Terms};
use super::site::Ways;
use crate::cause::{Cause, Kind, causes};
use crate::evidence::Evidence;
use crate::service::{Deployment, Service, Task, primary};

/// How long something may be missing that was begun: not all of AWS knows of it at once.
pub(super) const UNKNOWN: Duration = Duration::from_secs(30);

/// What is watched, and by which rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Watched {
    /// The deployment's id.
    pub(super) deployment: String,
    /// The revision that it brings.
    pub(super) revision: String,
    /// What the service ran before.
    pub(super) before: String,
    /// When it began.
    pub(super) since: Timestamp,
    /// When it is done, and when it is given up.
    pub(super) terms: Terms,
    /// How the service gets from one revision to the next.
    pub(super) ways: Ways,
    /// Whether somebody else has begun it.
    pub(super) resumed: bool,
    /// Whether ECS looks how its tasks are, beside whether they run.
    pub(super) is_checked: bool,
}

/// What AWS shows at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) now: Timestamp,
    pub(super) service: &'a Service,
    pub(super) course: Option<&'a Course>,
    /// The tasks of the deployment that stopped.
    pub(super) stopped: &'a [Task],
    /// Whether all that run are well, as far as anybody looks.
    pub(super) is_well: bool,
}

/// How far a rollout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// AWS knows of it.
    Created,
    /// Tasks are being started.
    Started,
    /// At least one task runs.
    Running,
    /// All tasks run.
    Live,
    /// Old tasks are being stopped, or traffic is being moved.
    Draining,
    /// ECS waits for somebody to say that it may go on.
    Paused,
    /// It is done.
    Done,
}

impl Phase {
    /// A name that does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Started => "started",
            Self::Running => "running",
            Self::Live => "live",
            Self::Draining => "draining",
            Self::Paused => "paused",
            Self::Done => "done",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is to be thought of a rollout.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// It goes on.
    Wait(Phase),
    /// It is what was wanted.
    Done,
    /// It is not, and will not be.
    Failed(Failure),
    /// Somebody else has changed the service since.
    Superseded {
        /// What it runs, or will run, instead.
        by: String,
    },
}

/// Why a rollout failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// ECS, or somebody, went back.
    Reverted {
        /// What the service runs, or will run.
        to: String,
        /// What is known of why.
        reason: Option<String>,
    },
    /// ECS gave it up, and left the service as it is.
    GivenUp {
        /// What is known of why.
        reason: Option<String>,
    },
    /// Tasks cannot be started, for a reason that does not pass.
    CannotStart(Box<Cause>),
    /// Too many tasks have failed.
    TasksFail {
        /// How many.
        failed: i32,
        /// Of how many that are wanted.
        desired: i32,
    },
    /// It took too long.
    TimedOut {
        /// How far it came.
        phase: Phase,
        /// How long it was waited for.
        after: Duration,
    },
    /// The service is not there any more.
    Gone,
}

impl Failure {
    /// Whether the service is left with the new revision.
    pub fn leaves_it(&self) -> bool {
        match self {
            Self::Reverted { .. } | Self::Gone => false,
            Self::GivenUp { .. }
            | Self::CannotStart(_)
            | Self::TasksFail { .. }
            | Self::TimedOut { .. } => true,
        }
    }
}

/// Judges one rollout, look by look.
#[derive(Debug)]
pub(super) struct Judge {
    watched: Watched,
    /// Since when its time counts.
    since: Timestamp,
    /// The failures at the last look that found all tasks running.
    live: Option<i32>,
    /// Whether the last look found that no tasks are wanted.
    nothing: bool,
    /// How long ECS waited for somebody, as far as that was seen.
    paused: SignedDuration,
    last: Timestamp,
}

impl Judge {
    pub(super) fn new(watched: Watched, now: Timestamp) -> Self {
        // How long ECS has waited for somebody before is not known to whoever comes later.
        let since = match watched.resumed && !watched.ways.is_rolling() {
            true => now,
            false => watched.since,
        };
        Self { watched, since, live: None, nothing: false, paused: SignedDuration::ZERO, last: now }
    }

    pub(super) fn look(&mut self, sight: &Sight<'_>) -> Verdict {
        let since_last = sight.now.duration_since(self.last);
        self.last = sight.now;
        if let Some(verdict) = sight.course.and_then(|course| self.by_course(course)) {
            return verdict;
        }
        let Some(ours) = self.ours(sight.service) else { return self.missing(sight) };
        if let Some(verdict) = self.ended(ours, sight.service) {
            return verdict;
        }
        let phase = self.phase(ours, sight);
        if phase == Phase::Paused {
            self.paused = self.paused.saturating_add(since_last);
            return Verdict::Wait(phase);
        }
        if phase >= self.goal() {
            return Verdict::Done;
        }
        if let Some(failure) = self.failure(ours, sight) {
            return Verdict::Failed(failure);
        }
        self.in_time(phase, sight.now)
    }

    /// The deployment that is watched; or a later one of the same revision, because
    /// restarting it is no other rollout.
    fn ours<'a>(&self, service: &'a Service) -> Option<&'a Deployment> {
        let Watched { deployment, revision, .. } = &self.watched;
        let primary = primary(&service.deployments);
        primary
            .filter(|it| it.task_definition == *revision)
            .or_else(|| service.deployments.iter().find(|it| it.id == *deployment))
    }

    fn by_course(&self, course: &Course) -> Option<Verdict> {
        let reason = course.reason.clone();
        let to = self.watched.before.clone();
        match course.status.as_str() {
            "SUCCESSFUL" => Some(Verdict::Done),
            "STOPPED" => Some(Verdict::Failed(Failure::GivenUp { reason })),
            "ROLLBACK_FAILED" => Some(Verdict::Failed(Failure::GivenUp { reason })),
            status if status.starts_with("ROLLBACK") => {
                Some(Verdict::Failed(Failure::Reverted { to, reason }))
            }
            _ => None,
        }
    }

    /// Our deployment is not among those of the service.
    fn missing(&self, sight: &Sight<'_>) -> Verdict {
        let primary = primary(&sight.service.deployments);
        let Some(primary) = primary else { return Verdict::Failed(Failure::Gone) };
        let age = sight.now.duration_since(self.watched.since);
        let is_older = primary.created.is_none_or(|created| created < self.watched.since);
        if is_older && age < SignedDuration::try_from(UNKNOWN).unwrap_or(SignedDuration::ZERO) {
            return Verdict::Wait(Phase::Created);
        }
        self.replaced(primary, false)
    }

    /// Whether our deployment is not the one that the service is to run, or was given
    /// up.
    fn ended(&self, ours: &Deployment, service: &Service) -> Option<Verdict> {
        let failed = ours.rollout.as_deref() == Some("FAILED");
        if ours.status == "PRIMARY" {
            let reason = ours.reason.clone();
            return failed.then_some(Verdict::Failed(Failure::GivenUp { reason }));
        }
        let primary = primary(&service.deployments)?;
        match self.replaced(primary, failed) {
            Verdict::Failed(Failure::Reverted { to, reason: None }) => {
                let reason = ours.reason.clone().filter(|_| failed);
                Some(Verdict::Failed(Failure::Reverted { to, reason }))
            }
            verdict @ (Verdict::Wait(_)
            | Verdict::Done
            | Verdict::Failed(_)
            | Verdict::Superseded { .. }) => Some(verdict),
        }
    }

    /// The service is to run something else: what it ran before, or something newer.
    fn replaced(&self, primary: &Deployment, failed: bool) -> Verdict {
        let says_so = |reason: &str| {
            let reason = reason.to_ascii_lowercase();
            reason.contains("rolling back") || reason.contains("rollback")
        };
        let to = primary.task_definition.clone();
        let reason = primary.reason.clone().filter(|reason| says_so(reason));
        if failed || reason.is_some() || to == self.watched.before {
            return Verdict::Failed(Failure::Reverted { to, reason });
        }
        Verdict::Superseded { by: to }
    }

    fn phase(&mut self, ours: &Deployment, sight: &Sight<'_>) -> Phase {
        if sight.course.is_some_and(|course| is_paused(course, sight.now)) {
            return Phase::Paused;
        }
        // Without a course, only ECS's own word counts.
        let alone = sight.service.deployments.len() == 1;
        let settled = alone && ours.running == ours.desired && ours.pending == 0;
        let done = match ours.rollout.as_deref() {
            Some(state) => state == "COMPLETED",
            None => settled,
        };
        // How many tasks there are to be may not be known yet.
        let is_nothing = ours.desired == 0 && ours.running == 0 && ours.pending == 0;
        if done || is_nothing && self.nothing {
            return Phase::Done;
        }
        self.nothing = is_nothing;
        let all = ours.desired > 0 && ours.running >= ours.desired && ours.pending == 0;
        if !all || !sight.is_well {
            self.live = None;
            let started = ours.pending > 0 || ours.failed > 0;
            return match (ours.running > 0, started) {
                (true, _) => Phase::Running,
                (false, true) => Phase::Started,
                (false, false) => Phase::Created,
            };
        }
        // Whoever runs for a moment is not alive yet: seen twice, and nothing failed.
        let steady = self.live.replace(ours.failed) == Some(ours.failed);
        match (steady, alone) {
            (false, _) => Phase::Running,
            (true, true) => Phase::Live,
            (true, false) => Phase::Draining,
        }
    }

    fn goal(&self) -> Phase {
        match self.watched.terms.success {
            Success::Running => Phase::Running,
            Success::Live => Phase::Live,
            Success::Completed => Phase::Done,
        }
    }

    fn failure(&self, ours: &Deployment, sight: &Sight<'_>) -> Option<Failure> {
        if let Some(cause) = self.cannot_start(sight) {
            return Some(Failure::CannotStart(Box::new(cause)));
        }
        // ECS counts itself, and goes back itself.
        if self.watched.ways.breaker && self.watched.ways.is_rolling() {
            return None;
        }
        let most = self.watched.terms.failures.unwrap_or_else(|| ours.bearable());
        let failed = u32::try_from(ours.failed).unwrap_or(0);
        (failed > most).then_some(Failure::TasksFail { failed: ours.failed, desired: ours.desired })
    }

    /// What stopped two tasks before they ran will stop the next.
    fn cannot_start(&self, sight: &Sight<'_>) -> Option<Cause> {
        let evidence = evidence(&self.watched, sight.service, sight.stopped);
        causes(&evidence).into_iter().find(|cause| cause.tasks >= 2 && lasts(cause.kind))
    }

    fn in_time(&self, phase: Phase, now: Timestamp) -> Verdict {
        let Watched { terms, ways, .. } = &self.watched;
        let limit = match phase < Phase::Running || terms.success == Success::Running {
            true => terms.start,
            false => terms.start + terms.complete + ways.bake,
        };
        let spent = now.duration_since(self.since).saturating_sub(self.paused);
        let after = Duration::try_from(spent).unwrap_or_default();
        match after >= limit {
            true => Verdict::Failed(Failure::TimedOut { phase, after }),
            false => Verdict::Wait(phase),
        }
    }
}

/// What is known of a rollout, for those who say why it fails.
pub(super) fn evidence(watched: &Watched, service: &Service, stopped: &[Task]) -> Evidence {
    Evidence {
        since: watched.since,
        services: vec![service.clone()],
        stopped: stopped.to_vec(),
        ..Evidence::default()
    }
}

fn is_paused(course: &Course, now: Timestamp) -> bool {
    // When the time is over, ECS decides.
    course.pause.as_ref().is_some_and(|Pause { until, .. }| until.is_none_or(|until| now < until))
}

/// Whether a task that is started again meets the same.
fn lasts(kind: Kind) -> bool {
    match kind {
        Kind::ImageNotFound
        | Kind::ImageDenied
        | Kind::ImagePlatform
        | Kind::RegistryUnreachable
        | Kind::PullFailed
        | Kind::SecretNotFound
        | Kind::SecretDenied
        | Kind::SecretUnreachable
        | Kind::LogsFailed
        | Kind::VolumeFailed
        | Kind::NotStarted => true,
        Kind::PullLimit
        | Kind::ContainerExited
        | Kind::OutOfMemory
        | Kind::ContainerUnhealthy
        | Kind::TargetUnhealthy
        | Kind::NoCapacity
        | Kind::Interrupted
        | Kind::Quota
        | Kind::Denied
        | Kind::PortTaken
        | Kind::NameTaken
        | Kind::NotFound
        | Kind::Invalid
        | Kind::GivenUp
        | Kind::TimedOut
        | Kind::Unknown => false,
    }
}
