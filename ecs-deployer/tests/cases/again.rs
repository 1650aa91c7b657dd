//! Messages that come again, because somebody was killed or an answer was lost.

use std::time::Duration;

use ecs_deployer::exit::Exit;
use ecs_deployer::settings::Acknowledge;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, Fault, Moment};

/// The program is killed at a call, and run again.
async fn killed_at(name: &'static str, moment: Moment) -> Office {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.with(|state| state.kill_at = Some((name, 0, moment)));
    assert_eq!(office.once().await, None);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 1), "{}", office.said());
    assert_eq!(office.world.image("web"), "acme/web:2");
    office
}

#[tokio::test(start_paused = true)]
async fn t22_who_comes_while_another_works_goes_on_with_it() {
    let office = Office::open();
    office.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(100)));
    office.world.send("web", WEB);
    let early = async {
        tokio::time::sleep(Duration::from_secs(15)).await;
        office.world.let_go(0);
        office.once().await
    };
    let (one, other) = tokio::join!(office.once(), early);
    assert_eq!((one, other), (Some(Exit::Done), Some(Exit::Done)));
    assert!(office.said().contains("standing: Begun"), "{}", office.said());
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    assert!(office.world.message().is_none());
}

#[tokio::test(start_paused = true)]
async fn t23_what_was_done_is_not_done_again() {
    let office = killed_at("sqs:DeleteMessage", Moment::Before).await;
    assert_eq!(office.told(), "Already");
}

#[tokio::test(start_paused = true)]
async fn t24_a_revision_that_was_made_is_used() {
    killed_at("ecs:RegisterTaskDefinition", Moment::After).await;
    killed_at("ecs:UpdateService", Moment::Before).await;
}

#[tokio::test(start_paused = true)]
async fn t25_a_deployment_that_was_begun_is_watched() {
    killed_at("ecs:UpdateService", Moment::After).await;
}

#[tokio::test(start_paused = true)]
async fn t26_the_time_counts_from_when_the_deployment_began() {
    let office = Office::open();
    office.world.behaves("acme/web:2", Behaviour::NoRoom);
    office.world.send("web", WEB);
    office.world.with(|state| state.kill = Some((12, Moment::Before)));
    assert_eq!(office.once().await, None);
    let start = tokio::time::Instant::now();
    assert_eq!(office.settle().await, [Some(Exit::Failed)]);
    // The message came again after the lease; what was left of five minutes, or nothing.
    assert!(start.elapsed().as_secs() < 1300, "{:?}", start.elapsed());
    assert!(office.told().contains("TimedOut"), "{}", office.told());
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn t27_it_is_told_before_the_message_is_gone() {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.with(|state| state.kill_at = Some(("sqs:DeleteMessage", 0, Moment::Before)));
    assert_eq!(office.once().await, None);
    assert_eq!(office.all_told(), ["Deployed"]);
}

#[tokio::test(start_paused = true)]
async fn t28_a_registration_that_nobody_heard_of_is_looked_for() {
    for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Failed] {
        let office = Office::open();
        office.world.send("web", WEB);
        office.world.fault("ecs:RegisterTaskDefinition", 0, fault);
        assert_eq!(office.once().await, Some(Exit::Done), "{fault:?}");
        assert_eq!((office.world.made(), office.world.begun()), (1, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn t29_an_update_that_nobody_heard_of_is_looked_for() {
    for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Failed] {
        let office = Office::open();
        office.world.send("web", WEB);
        office.world.fault("ecs:UpdateService", 0, fault);
        assert_eq!(office.once().await, Some(Exit::Done), "{fault:?}");
        assert_eq!((office.world.made(), office.world.begun()), (1, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn t56_who_is_stopped_before_the_update_gives_the_message_back() {
    // The service was looked at, or AWS is just being told to make a revision.
    for (after, hidden) in [(30, 0), (90, 5)] {
        let office = Office::open();
        office.world.send("web", WEB);
        assert_eq!(office.stopped_after(Duration::from_millis(after)).await, Exit::Stopped);
        let message = office.world.message().unwrap();
        assert_eq!(message.hidden_for().as_secs(), hidden, "{after}");
        assert_eq!(office.settle().await, [Some(Exit::Done)]);
        assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn t57_who_is_stopped_after_the_update_lets_another_watch() {
    let office = Office::open();
    office.world.send("web", WEB);
    let stopped = office.stopped_after(Duration::from_secs(3)).await;
    assert_eq!((stopped, office.world.begun()), (Exit::Stopped, 1));
    assert!(office.world.message().unwrap().hidden_for().as_secs() <= 5);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    let mut office = Office::open();
    office.settings.acknowledge = Acknowledge::Started;
    office.world.send("web", WEB);
    assert_eq!(office.stopped_after(Duration::from_secs(3)).await, Exit::Stopped);
    assert!(office.world.message().is_none());
    // Nobody goes on with it, and that is told.
    let told = office.summary();
    assert!(told.contains("ecs-svc/web-1 of web:2 goes on"), "{told}");
    assert!(told.contains("nobody watches it"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn who_is_stopped_while_others_are_told_does_not_wait_for_them() {
    let office = Office::open();
    office.telling_takes(Duration::from_secs(15));
    office.world.send("web", WEB);
    let start = tokio::time::Instant::now();
    let exit = office.stopped_after(Duration::from_secs(35)).await;
    assert_eq!(office.all_told(), ["Deployed"]);
    assert_eq!(exit, Exit::Stopped);
    assert!(start.elapsed().as_secs() < 37, "{:?}", start.elapsed());
    // Whoever was not told is told by the next.
    assert!(office.world.message().is_some());
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn who_is_stopped_does_not_wait_for_a_queue_that_is_silent() {
    let office = Office::open();
    office.world.send("web", WEB);
    for nth in 0..9 {
        let silent = Fault::Late(Duration::from_secs(160));
        office.world.fault("sqs:ChangeMessageVisibility", nth, silent);
    }
    let start = tokio::time::Instant::now();
    assert_eq!(office.stopped_after(Duration::from_secs(3)).await, Exit::Stopped);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn t58_who_is_killed_while_it_waits_is_replaced() {
    for place in 5..9 {
        let office = Office::open();
        office.world.send("web", WEB);
        office.world.with(|state| state.kill = Some((place, Moment::After)));
        assert_eq!(office.once().await, None);
        assert_eq!(office.settle().await, [Some(Exit::Done)], "{place}");
        assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn with_the_first_seven_permissions_it_works_and_says_what_it_cannot() {
    let office = Office::open();
    for call in [
        "ecs:DescribeTaskDefinition",
        "ecs:ListTaskDefinitions",
        "ecs:ListServiceDeployments",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
    ] {
        office.world.deny(call);
    }
    office.world.with(|state| state.ecs.no_tags = true);
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert!(office.world.message().is_none());
    assert!(office.said().contains("Unmarked"), "{}", office.said());
    assert!(office.said().contains("AcknowledgedEarly"), "{}", office.said());
}

#[tokio::test(start_paused = true)]
async fn a_deployment_costs_five_calls_and_one_for_each_look() {
    let office = Office::open();
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    let looks = office.world.count("ecs:DescribeServices") - 1;
    let beats = office.world.count("sqs:ChangeMessageVisibility");
    // The first look is at its own marks: whether they may be read.
    let marks = office.world.count("ecs:DescribeTaskDefinition");
    assert_eq!(marks, 1);
    assert_eq!(office.world.with(|state| state.calls.len()), 5 + marks + looks + beats);
}
