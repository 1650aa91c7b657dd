//! Deployments that fail, and what is done then.

use std::time::Duration;

use ecs_apply::rollout::Ways;
use ecs_deployer::exit::Exit;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, FakeService, Fault, Moment, World};

/// How a deployment ends whose tasks behave like this, and how long that takes.
async fn ended(behaviour: Behaviour, change: impl FnOnce(&mut FakeService)) -> (Office, u64) {
    let world = World::new();
    world.service_like("web", change);
    world.behaves("acme/web:2", behaviour);
    let office = Office::of(world);
    office.world.send("web", WEB);
    let start = tokio::time::Instant::now();
    assert_eq!(office.settle().await, [Some(Exit::Failed)], "{}", office.said());
    assert_eq!(office.world.made(), 1);
    (office, start.elapsed().as_secs())
}

const MISSING: Behaviour = Behaviour::CannotStart(
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve \
     ref docker.io/acme/web:2: not found",
);

const SECRET: Behaviour = Behaviour::CannotStart(
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
     retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): \
     failed to fetch secret arn:aws:secretsmanager:eu-west-1:1:secret:x: ResourceNotFoundException: \
     Secrets Manager can't find the specified secret.",
);

#[tokio::test(start_paused = true)]
async fn t44_an_image_that_is_not_there_does_not_take_five_minutes() {
    let (office, took) = ended(MISSING, |_| {}).await;
    assert!(took < 30, "{took}");
    assert!(office.told().contains("ImageNotFound"), "{}", office.told());
    assert_eq!(office.world.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn t45_a_secret_that_is_not_there_does_not_take_five_minutes() {
    let (office, took) = ended(SECRET, |_| {}).await;
    assert!(took < 30, "{took}");
    assert!(office.told().contains("SecretNotFound"), "{}", office.told());
}

#[tokio::test(start_paused = true)]
async fn t46_a_container_that_ends_again_and_again_is_given_up() {
    let (office, took) = ended(Behaviour::Exits, |_| {}).await;
    assert!(took < 60, "{took}");
    assert!(office.told().contains("TasksFail"), "{}", office.told());
}

#[tokio::test(start_paused = true)]
async fn t46_how_many_may_fail_can_be_said() {
    let mut office = Office::open();
    office.settings.terms.failures = Some(0);
    office.world.behaves("acme/web:2", Behaviour::Exits);
    office.world.send("web", WEB);
    let start = tokio::time::Instant::now();
    assert_eq!(office.settle().await, [Some(Exit::Failed)]);
    assert!(start.elapsed().as_secs() < 20);
}

#[tokio::test(start_paused = true)]
async fn t47_what_runs_and_is_unhealthy_is_no_success() {
    let (office, _) = ended(Behaviour::Unhealthy, |_| {}).await;
    assert!(office.told().contains("TasksFail"), "{}", office.told());
}

#[tokio::test(start_paused = true)]
async fn t48_no_room_is_waited_for_and_told_in_the_end() {
    let (office, took) = ended(Behaviour::NoRoom, |_| {}).await;
    assert!((300..320).contains(&took), "{took}");
    assert!(office.said().contains("unable to place a task"), "{}", office.said());
}

fn breaker(service: &mut FakeService) {
    service.ways = Ways { breaker: true, reverts: true, ..Ways::default() };
}

#[tokio::test(start_paused = true)]
async fn t49_what_ecs_brings_back_is_not_brought_back_again() {
    let world = World::new();
    world.service_like("web", breaker);
    world.behaves("acme/web:2", Behaviour::Exits);
    let mut office = Office::of(world);
    office.settings.terms.roll_back = true;
    office.world.send("web", WEB);
    assert_eq!(office.settle().await, [Some(Exit::Failed)]);
    assert!(office.told().contains("Reverted"), "{}", office.told());
    assert!(office.told().contains("rollback: None"), "{}", office.told());
    assert_eq!(office.world.image("web"), "acme/web:1");
    assert_eq!(office.world.count("ecs:UpdateService"), 1);
}

#[tokio::test(start_paused = true)]
async fn t50_an_alarm_is_a_failure_with_its_reason() {
    let (office, _) = ended(Behaviour::Alarming(Duration::from_secs(30)), breaker).await;
    assert!(office.told().contains("alarm detected"), "{}", office.told());
    assert_eq!(office.world.image("web"), "acme/web:1");
}

fn blue_green(bake: u64, pause: Option<u64>) -> impl FnOnce(&mut FakeService) {
    move |service: &mut FakeService| {
        let strategy = Some("BLUE_GREEN".to_owned());
        service.ways = Ways { strategy, bake: Duration::from_secs(bake), ..Ways::default() };
        service.pause = pause.map(Duration::from_secs);
    }
}

#[tokio::test(start_paused = true)]
async fn t51_traffic_that_bakes_for_an_hour_is_waited_for() {
    let world = World::new();
    world.service_like("web", blue_green(3600, None));
    let office = Office::of(world);
    office.world.send("web", WEB);
    let start = tokio::time::Instant::now();
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert!(start.elapsed().as_secs() > 3600);
    assert_eq!(office.world.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn t51_a_hook_that_waits_for_somebody_is_waited_for() {
    let world = World::new();
    world.service_like("web", blue_green(0, Some(7200)));
    let mut office = Office::of(world);
    office.settings.terms.roll_back = true;
    office.world.send("web", WEB);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert!(office.said().contains("Paused(Pause { hook: \"approve\""), "{}", office.said());
    assert_eq!(office.world.image("web"), "acme/web:2");
}

#[tokio::test(start_paused = true)]
async fn t51_who_may_not_see_how_ecs_moves_traffic_sees_the_end() {
    let world = World::new();
    world.service_like("web", blue_green(600, None));
    let office = Office::of(world);
    office.world.deny("ecs:ListServiceDeployments");
    office.world.send("web", WEB);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
}

#[tokio::test(start_paused = true)]
async fn t52_without_a_rollback_the_service_is_left_as_it_is() {
    let (office, _) = ended(Behaviour::NoRoom, |_| {}).await;
    assert!(office.told().contains("rollback: None"), "{}", office.told());
    assert_eq!(office.world.image("web"), "acme/web:2");
    assert_eq!(office.world.count("ecs:UpdateService"), 1);
}

/// An office that goes back after a failure.
fn careful() -> Office {
    let mut office = Office::open();
    office.settings.terms.roll_back = true;
    office.world.behaves("acme/web:2", Behaviour::NoRoom);
    office.world.send("web", WEB);
    office
}

#[tokio::test(start_paused = true)]
async fn t53_a_rollback_is_waited_for() {
    for may_stop in [true, false] {
        let office = careful();
        if !may_stop {
            office.world.deny("ecs:StopServiceDeployment");
        }
        assert_eq!(office.settle().await, [Some(Exit::Failed)]);
        assert!(office.told().contains("Done { to:"), "{}", office.told());
        assert_eq!(office.world.image("web"), "acme/web:1");
        assert_eq!(office.world.count("ecs:UpdateService"), 2 - usize::from(may_stop));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollback_goes_back_to_what_was_completed() {
    for killed in [false, true] {
        let mut office = Office::open();
        office.world.deny("ecs:ListServiceDeployments");
        for number in [2, 3] {
            office.settings.terms.roll_back = number == 3;
            let image = ["acme/web:2", "acme/web:3"][number - 2];
            office.world.behaves(image, Behaviour::Exits);
            office.world.send("web", &WEB.replace("acme/web:2", image));
            if killed && number == 3 {
                let updates = office.world.count("ecs:UpdateService");
                let at = ("ecs:UpdateService", updates, Moment::After);
                office.world.with(|state| state.kill_at = Some(at));
                assert_eq!(office.once().await, None);
            }
            assert_eq!(office.settle().await, [Some(Exit::Failed)]);
        }
        assert_eq!(office.world.image("web"), "acme/web:1", "the second never ran");
    }
}

#[tokio::test(start_paused = true)]
async fn t54_what_was_retired_meanwhile_is_made_anew() {
    let office = careful();
    office.world.deny("ecs:ListServiceDeployments");
    office.world.with(|state| state.ecs.revisions[0].is_active = false);
    assert_eq!(office.settle().await, [Some(Exit::Failed)]);
    assert!(office.told().contains("Done { to:"), "{}", office.told());
    assert_eq!(office.world.image("web"), "acme/web:1");
    assert_eq!(office.world.made(), 2);
}

#[tokio::test(start_paused = true)]
async fn t55_a_rollback_that_fails_is_told_and_not_tried_for_ever() {
    let office = careful();
    office.world.deny("ecs:ListServiceDeployments");
    office.world.behaves("acme/web:1", Behaviour::NoRoom);
    assert_eq!(office.settle().await, [Some(Exit::NotRolledBack)]);
    assert!(office.world.message().is_none());
    let office = careful();
    office.world.deny("ecs:ListServiceDeployments");
    for nth in 1..9 {
        office.world.fault("ecs:UpdateService", nth, Fault::Expired);
    }
    assert_eq!(office.settle().await, [Some(Exit::NotRolledBack)]);
    assert!(office.told().contains("ExpiredTokenException"), "{}", office.told());
}

#[tokio::test(start_paused = true)]
async fn t62_a_service_that_wants_no_tasks_is_done_at_once() {
    let world = World::new();
    world.service_like("web", |service| service.desired = 0);
    let office = Office::of(world);
    office.world.send("web", WEB);
    let start = tokio::time::Instant::now();
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert!(start.elapsed().as_secs() < 5);
    assert!(office.summary().contains("no task is wanted"), "{}", office.summary());
}

#[tokio::test(start_paused = true)]
async fn t63_what_a_daemon_service_wants_is_what_its_deployment_says() {
    let office = Office::open();
    office.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(30)));
    office.world.send("web", WEB);
    let grow = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        office.world.with(|state| state.ecs.services.get_mut("web").unwrap().desired = 5);
    };
    let (exit, ()) = tokio::join!(office.once(), grow);
    assert_eq!(exit, Some(Exit::Done));
}
