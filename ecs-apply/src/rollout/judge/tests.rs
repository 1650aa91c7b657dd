//! What is shown goes in, look by look; what is thought of it comes out.

use std::time::Duration;

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::service::{Container, ServiceName};

const NEW: &str = "arn:aws:ecs:eu-west-1:1:task-definition/web:2";
const OLD: &str = "arn:aws:ecs:eu-west-1:1:task-definition/web:1";
const OTHER: &str = "arn:aws:ecs:eu-west-1:1:task-definition/web:3";

fn begin() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A deployment with `running`, `desired` and failed tasks.
fn deployment(id: &str, revision: &str, counts: (i32, i32, i32)) -> Deployment {
    let (running, desired, failed) = counts;
    Deployment {
        id: id.to_owned(),
        status: "ACTIVE".to_owned(),
        task_definition: revision.to_owned(),
        desired,
        running,
        pending: desired - running,
        failed,
        rollout: Some("IN_PROGRESS".to_owned()),
        reason: None,
        created: Some(begin()),
    }
}

fn primary(mut deployment: Deployment) -> Deployment {
    deployment.status = "PRIMARY".to_owned();
    deployment
}

fn rolled(mut deployment: Deployment, state: &str, reason: &str) -> Deployment {
    deployment.rollout = Some(state.to_owned());
    deployment.reason = Some(reason.to_owned()).filter(|it| !it.is_empty());
    deployment
}

fn ours(running: i32, desired: i32, failed: i32) -> Deployment {
    primary(deployment("new", NEW, (running, desired, failed)))
}

fn old(running: i32) -> Deployment {
    let mut old = deployment("old", OLD, (running, running, 0));
    old.created = Some(begin() - SignedDuration::from_hours(1));
    rolled(old, "COMPLETED", "")
}

fn service(deployments: Vec<Deployment>) -> Service {
    Service {
        arn: "arn:aws:ecs:eu-west-1:1:service/default/web".to_owned(),
        name: ServiceName { cluster: "default".to_owned(), service: "web".to_owned() },
        status: "ACTIVE".to_owned(),
        desired: 2,
        running: 2,
        pending: 0,
        task_definition: NEW.to_owned(),
        deployments,
        events: Vec::new(),
        target_groups: Vec::new(),
        tags: IndexMap::new(),
    }
}

fn terms() -> Terms {
    Terms {
        success: Success::Completed,
        start: Duration::from_secs(300),
        complete: Duration::from_secs(900),
        failures: None,
        roll_back: false,
        rehearsal: None,
    }
}

fn watched() -> Watched {
    Watched {
        deployment: "new".to_owned(),
        revision: NEW.to_owned(),
        before: OLD.to_owned(),
        since: begin(),
        terms: terms(),
        ways: Ways::default(),
        resumed: false,
        is_checked: false,
    }
}

/// A judge, and how many seconds have passed.
struct Court {
    judge: Judge,
    course: Option<Course>,
    stopped: Vec<Task>,
    is_well: bool,
}

impl Court {
    fn new(watched: Watched) -> Self {
        Self {
            judge: Judge::new(watched, begin()),
            course: None,
            stopped: Vec::new(),
            is_well: true,
        }
    }

    /// The verdict after so many seconds, in a few words.
    fn look(&mut self, seconds: i64, deployments: Vec<Deployment>) -> String {
        let service = service(deployments);
        let now = begin() + SignedDuration::from_secs(seconds);
        let (course, stopped, is_well) = (self.course.as_ref(), &self.stopped, self.is_well);
        match self.judge.look(&Sight { now, service: &service, course, stopped, is_well }) {
            Verdict::Wait(phase) => format!("wait: {phase}"),
            Verdict::Done => "done".to_owned(),
            Verdict::Superseded { by } => format!("superseded: {}", end(&by)),
            Verdict::Failed(failure) => match failure {
                Failure::Reverted { to, reason } => {
                    format!("reverted: {} {}", end(&to), reason.unwrap_or_default())
                }
                Failure::GivenUp { reason } => format!("given up: {}", reason.unwrap_or_default()),
                Failure::CannotStart(cause) => format!("cannot start: {}", cause.kind),
                Failure::TasksFail { failed, desired } => format!("fail: {failed}/{desired}"),
                Failure::TimedOut { phase, after } => format!("late: {phase} {}", after.as_secs()),
                Failure::Gone => "gone".to_owned(),
            },
        }
    }
}

fn end(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn course(status: &str) -> Course {
    Course {
        arn: "arn".to_owned(),
        status: status.to_owned(),
        reason: Some("because".to_owned()),
        stage: None,
        pause: None,
    }
}

#[test]
fn a_deployment_goes_through_its_phases() {
    let mut court = Court::new(watched());
    let looks = [
        (1, vec![ours(0, 0, 0), old(2)], "wait: created"),
        (
            1,
            vec![
                {
                    let mut it = ours(0, 2, 0);
                    it.pending = 0;
                    it
                },
                old(2),
            ],
            "wait: created",
        ),
        (2, vec![ours(0, 2, 0), old(2)], "wait: started"),
        (3, vec![ours(1, 2, 0), old(2)], "wait: running"),
        (4, vec![ours(2, 2, 0), old(2)], "wait: running"),
        (5, vec![ours(2, 2, 0), old(1)], "wait: draining"),
        (6, vec![ours(2, 2, 1), old(1)], "wait: running"),
        (7, vec![ours(2, 2, 1)], "wait: live"),
        (8, vec![rolled(ours(2, 2, 1), "COMPLETED", "")], "done"),
    ];
    for (seconds, deployments, verdict) in looks {
        assert_eq!(court.look(seconds, deployments), verdict, "after {seconds} s");
    }
}

#[test]
fn a_service_without_tasks_is_done_when_that_is_certain() {
    let mut court = Court::new(watched());
    assert_eq!(court.look(1, vec![ours(0, 0, 0), old(2)]), "wait: created");
    // The scheduler of a daemon service says a moment later how many there are to be.
    assert_eq!(court.look(2, vec![ours(0, 3, 0), old(2)]), "wait: started");
    assert_eq!(court.look(3, vec![ours(0, 0, 0), old(2)]), "wait: created");
    assert_eq!(court.look(4, vec![ours(0, 0, 0), old(2)]), "done");
}

#[test]
fn tasks_that_are_not_well_are_not_live() {
    let terms = Terms { success: Success::Live, ..terms() };
    let mut court = Court::new(Watched { terms, ..watched() });
    court.is_well = false;
    assert_eq!(court.look(1, vec![ours(2, 2, 0)]), "wait: running");
    assert_eq!(court.look(2, vec![ours(2, 2, 0)]), "wait: running");
    court.is_well = true;
    assert_eq!(court.look(3, vec![ours(2, 2, 0)]), "wait: running");
    assert_eq!(court.look(4, vec![ours(2, 2, 0)]), "done");
}

#[test]
fn who_comes_later_does_not_count_what_ecs_has_waited_for() {
    let ways = |strategy: &str| Ways { strategy: Some(strategy.to_owned()), ..Ways::default() };
    let resumed = |strategy| Watched { ways: ways(strategy), resumed: true, ..watched() };
    let since = begin() - SignedDuration::from_hours(2);
    let mut court = Court::new(Watched { since, ..resumed("BLUE_GREEN") });
    assert_eq!(court.look(60, vec![ours(1, 2, 0), old(2)]), "wait: running");
    assert_eq!(court.look(1300, vec![ours(1, 2, 0), old(2)]), "late: running 1300");
    let mut court = Court::new(Watched { since, ..resumed("ROLLING") });
    assert_eq!(court.look(60, vec![ours(1, 2, 0), old(2)]), "late: running 7260");
}

#[test]
fn success_is_what_was_asked_for() {
    let looks = [vec![ours(1, 2, 0), old(2)], vec![ours(2, 2, 0), old(1)], vec![ours(2, 2, 0)]];
    let first_done = |success| {
        let mut court = Court::new(Watched { terms: Terms { success, ..terms() }, ..watched() });
        looks.iter().position(|look| court.look(1, look.clone()) == "done")
    };
    assert_eq!(first_done(Success::Running), Some(0));
    assert_eq!(first_done(Success::Live), Some(2));
    assert_eq!(first_done(Success::Completed), None);
}

#[test]
fn services_that_say_nothing_of_rollouts_are_done_when_they_are_alone_and_complete() {
    let mut silent = ours(2, 2, 0);
    silent.rollout = None;
    let mut court = Court::new(watched());
    assert_eq!(court.look(1, vec![silent.clone(), old(1)]), "wait: running");
    assert_eq!(court.look(2, vec![silent]), "done");
}

#[test]
fn going_back_is_told_from_something_newer() {
    let failed = || rolled(deployment("new", NEW, (0, 2, 3)), "FAILED", "tasks failed to start");
    let back = |reason| rolled(primary(deployment("back", OLD, (2, 2, 0))), "IN_PROGRESS", reason);
    let other = |reason| rolled(primary(deployment("x", OTHER, (0, 2, 0))), "IN_PROGRESS", reason);
    let breaker = "ECS deployment circuit breaker: rolling back to deploymentId old.";
    let cases = [
        (
            vec![back(breaker), failed()],
            "reverted: web:1 ECS deployment circuit breaker: rolling back to deploymentId old.",
        ),
        (vec![back(""), failed()], "reverted: web:1 tasks failed to start"),
        (vec![back("")], "reverted: web:1 "),
        (vec![other(""), failed()], "reverted: web:3 tasks failed to start"),
        (vec![other(""), deployment("new", NEW, (1, 2, 0))], "superseded: web:3"),
        (vec![other("")], "superseded: web:3"),
        (vec![primary(failed())], "given up: tasks failed to start"),
        (vec![], "gone"),
    ];
    for (deployments, verdict) in cases {
        assert_eq!(Court::new(watched()).look(60, deployments), verdict);
    }
}

#[test]
fn not_all_of_aws_knows_at_once() {
    let mut court = Court::new(watched());
    let before = || vec![primary(old(2))];
    assert_eq!(court.look(1, before()), "wait: created");
    assert_eq!(court.look(29, before()), "wait: created");
    assert_eq!(court.look(30, before()), "reverted: web:1 ");
}

#[test]
fn somebody_who_restarts_the_revision_changes_nothing() {
    let again = primary(deployment("again", NEW, (1, 2, 0)));
    let mut court = Court::new(watched());
    assert_eq!(court.look(60, vec![again, deployment("new", NEW, (2, 2, 0))]), "wait: running");
}

#[test]
fn tasks_that_fail_are_counted_where_ecs_does_not() {
    let looks = [
        ((0, 2, 3), "wait: started"),
        ((0, 2, 4), "fail: 4/2"),
        ((0, 40, 10), "wait: started"),
        ((0, 40, 11), "fail: 11/40"),
    ];
    for ((running, desired, failed), verdict) in looks {
        let look = vec![ours(running, desired, failed), old(2)];
        assert_eq!(Court::new(watched()).look(9, look), verdict);
    }
    let breaker = Ways { breaker: true, ..Ways::default() };
    let mut court = Court::new(Watched { ways: breaker, ..watched() });
    assert_eq!(court.look(9, vec![ours(0, 2, 9), old(2)]), "wait: started");
}

fn stopped(reason: &str) -> Task {
    Task {
        arn: format!("arn:aws:ecs:eu-west-1:1:task/default/{}", fastrand::u64(..)),
        group: Some("service:web".to_owned()),
        started_by: Some("new".to_owned()),
        task_definition: NEW.to_owned(),
        last_status: "STOPPED".to_owned(),
        desired_status: "STOPPED".to_owned(),
        health: None,
        stop_code: Some("TaskFailedToStart".to_owned()),
        stopped_reason: Some(reason.to_owned()),
        created: Some(begin() + SignedDuration::from_secs(1)),
        started: None,
        stopped: Some(begin() + SignedDuration::from_secs(2)),
        network_interface: None,
        private_ip: None,
        containers: vec![Container {
            name: "web".to_owned(),
            image: Some("acme/web:2".to_owned()),
            last_status: Some("STOPPED".to_owned()),
            exit_code: None,
            reason: None,
            health: None,
        }],
    }
}

#[test]
fn what_stopped_two_tasks_before_they_ran_will_stop_the_next() {
    const MISSING: &str = "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
                           failed to resolve ref docker.io/acme/web:2: not found";
    const SECRET: &str = "ResourceInitializationError: unable to pull secrets or registry auth: \
                          execution resource retrieval failed: unable to retrieve secret from asm: \
                          service call has been retried 1 time(s): failed to fetch secret \
                          arn:aws:secretsmanager:eu-west-1:1:secret:x: ResourceNotFoundException: \
                          Secrets Manager can't find the specified secret.";
    for (reason, kind) in [(MISSING, "image-not-found"), (SECRET, "secret-not-found")] {
        let mut court = Court::new(watched());
        court.stopped.push(stopped(reason));
        assert_eq!(court.look(5, vec![ours(0, 2, 1), old(2)]), "wait: started");
        court.stopped.push(stopped(reason));
        assert_eq!(court.look(6, vec![ours(0, 2, 2), old(2)]), format!("cannot start: {kind}"));
    }
}

#[test]
fn no_room_is_waited_for() {
    let mut court = Court::new(watched());
    let mut look = || {
        court.look(
            299,
            vec![
                {
                    let mut it = ours(0, 2, 0);
                    it.pending = 0;
                    it
                },
                old(2),
            ],
        )
    };
    assert_eq!(look(), "wait: created");
}

#[test]
fn each_part_has_its_time() {
    let looks = [
        (299, (0, 2, 0), "wait: started"),
        (300, (0, 2, 0), "late: started 300"),
        (300, (1, 2, 0), "wait: running"),
        (1199, (1, 2, 0), "wait: running"),
        (1200, (1, 2, 0), "late: running 1200"),
    ];
    for (seconds, (running, desired, failed), verdict) in looks {
        let look = vec![ours(running, desired, failed), old(2)];
        assert_eq!(Court::new(watched()).look(seconds, look), verdict);
    }
    let ways = Ways { bake: Duration::from_secs(600), ..Ways::default() };
    let mut court = Court::new(Watched { ways, ..watched() });
    assert_eq!(court.look(1799, vec![ours(1, 2, 0), old(2)]), "wait: running");
}

#[test]
fn what_ecs_says_of_a_deployment_counts_most() {
    let cases = [
        ("IN_PROGRESS", "wait: running"),
        ("PENDING", "wait: running"),
        ("SUCCESSFUL", "done"),
        ("ROLLBACK_REQUESTED", "reverted: web:1 because"),
        ("ROLLBACK_IN_PROGRESS", "reverted: web:1 because"),
        ("ROLLBACK_SUCCESSFUL", "reverted: web:1 because"),
        ("ROLLBACK_FAILED", "given up: because"),
        ("STOPPED", "given up: because"),
    ];
    for (status, verdict) in cases {
        let mut court = Court::new(watched());
        court.course = Some(course(status));
        assert_eq!(court.look(9, vec![ours(2, 2, 0), old(2)]), verdict, "{status}");
    }
}

#[test]
fn whoever_has_to_decide_has_the_time_that_ecs_gives() {
    let mut court = Court::new(watched());
    let until = begin() + SignedDuration::from_hours(4);
    let pause =
        Pause { hook: "approve".to_owned(), until: Some(until), then: Some("ROLLBACK".to_owned()) };
    court.course = Some(Course { pause: Some(pause), ..course("IN_PROGRESS") });
    let look = || vec![ours(2, 2, 0), old(2)];
    assert_eq!(court.look(10, look()), "wait: paused");
    assert_eq!(court.look(14_399, look()), "wait: paused");
    // The time that was waited does not count.
    assert_eq!(court.look(14_401, look()), "wait: running");
    assert_eq!(court.look(14_399 + 1200, look()), "late: draining 1200");
}
