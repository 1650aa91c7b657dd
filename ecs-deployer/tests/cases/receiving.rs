//! The queue itself.

use std::time::Duration;

use ecs_deployer::exit::Exit;
use ecs_deployer::settings::Acknowledge;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, Fault, World};

#[tokio::test(start_paused = true)]
async fn t01_an_empty_queue_is_waited_for_and_left() {
    let office = Office::open();
    let start = tokio::time::Instant::now();
    assert_eq!(office.once().await, Some(Exit::Empty));
    assert_eq!(start.elapsed().as_secs(), 20);
    assert_eq!(office.world.count("ecs:DescribeServices"), 0);
}

#[tokio::test(start_paused = true)]
async fn t02_a_message_that_comes_late_is_not_missed() {
    let office = Office::open();
    let late = async {
        tokio::time::sleep(Duration::from_secs(15)).await;
        office.world.send("web", WEB);
    };
    let (exit, ()) = tokio::join!(office.once(), late);
    assert_eq!(exit, Some(Exit::Done));
}

#[tokio::test(start_paused = true)]
async fn t03_a_queue_that_may_not_be_read_is_no_empty_queue() {
    let office = Office::open();
    office.world.deny("sqs:ReceiveMessage");
    assert_eq!(office.once().await, Some(Exit::Denied));
    assert!(office.said().contains("sqs:ReceiveMessage"), "{}", office.said());
}

#[tokio::test(start_paused = true)]
async fn two_new_tasks_at_once_are_a_success() {
    for desired in [1, 2, 20] {
        let office = Office::of(World::new());
        office.world.service_like("web", |service| service.desired = desired);
        office.world.send("web", WEB);
        let start = tokio::time::Instant::now();
        assert_eq!(office.once().await, Some(Exit::Done), "{desired}");
        assert!(start.elapsed().as_secs() < 40, "{desired}: {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn t30_a_message_that_cannot_be_deleted_is_tried_again_and_recognised() {
    let office = Office::open();
    office.world.send("web", WEB);
    for nth in 0..3 {
        office.world.fault("sqs:DeleteMessage", nth, Fault::CutBefore);
    }
    assert_eq!(office.once().await, Some(Exit::Done));
    assert_eq!(office.world.count("sqs:DeleteMessage"), 3);
    // It comes again, and nothing is done about it but to remove it.
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn t31_a_message_is_held_though_a_beat_is_missed() {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.fault("sqs:ChangeMessageVisibility", 0, Fault::CutBefore);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert_eq!(office.world.begun(), 1);
    assert!(office.world.count("sqs:ChangeMessageVisibility") >= 2);
}

/// An office whose queue does not let messages be held, and gives no answer.
fn losing() -> Office {
    let office = Office::open();
    office.world.send("web", WEB);
    for nth in 0..999 {
        office.world.fault("sqs:ChangeMessageVisibility", nth, Fault::CutBefore);
    }
    office
}

#[tokio::test(start_paused = true)]
async fn t31_who_has_lost_the_message_does_not_touch_the_service() {
    let office = losing();
    office.world.fault("ecs:DescribeServices", 0, Fault::Late(Duration::from_secs(1300)));
    assert_eq!(office.once().await, Some(Exit::Unanswered));
    assert!(office.told().contains("is left to them"), "{}", office.told());
    assert_eq!((office.world.count("ecs:UpdateService"), office.world.begun()), (0, 0));
    // It is left to whoever has it.
    assert!(office.said().contains("Settled(Leave)"), "{}", office.said());
    assert!(office.world.message().is_some());
}

#[tokio::test(start_paused = true)]
async fn t31_who_has_lost_the_message_watches_what_was_begun() {
    let office = losing();
    office.world.fault("ecs:DescribeServices", 2, Fault::Late(Duration::from_secs(1300)));
    assert_eq!(office.once().await, Some(Exit::Done));
    assert_eq!(office.world.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn t32_who_may_not_hold_a_message_receives_it_for_long() {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.deny("sqs:ChangeMessageVisibility");
    let look = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        office.world.message().unwrap().hidden_for().as_secs()
    };
    let (exit, hidden) = tokio::join!(office.once(), look);
    assert_eq!((exit, hidden), (Some(Exit::Done), 300 + 900 + 60 - 1));
    assert_eq!(office.world.count("sqs:ChangeMessageVisibility"), 1, "{}", office.said());
}

#[tokio::test(start_paused = true)]
async fn t39_who_asks_too_often_waits_and_asks_again() {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.fault("ecs:RegisterTaskDefinition", 0, Fault::Throttled);
    office.world.fault("ecs:RegisterTaskDefinition", 1, Fault::Throttled);
    office.world.fault("ecs:UpdateService", 0, Fault::Throttled);
    office.world.fault("ecs:DescribeServices", 3, Fault::Throttled);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn t39_who_gets_no_answer_at_all_leaves_the_message() {
    let office = Office::open();
    office.world.send("web", WEB);
    for nth in 0..9 {
        office.world.fault("ecs:RegisterTaskDefinition", nth, Fault::Throttled);
    }
    assert_eq!(office.once().await, Some(Exit::Unanswered));
    let message = office.world.message().unwrap();
    assert_eq!(message.hidden_for().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn t40_credentials_that_expire_leave_the_message_and_say_what_goes_on() {
    let office = Office::open();
    office.world.send("web", WEB);
    for nth in 3..99 {
        office.world.fault("ecs:DescribeServices", nth, Fault::Expired);
    }
    assert_eq!(office.once().await, Some(Exit::Denied));
    let told = office.summary();
    assert!(told.contains("ExpiredTokenException"), "{told}");
    let goes_on = "ecs-svc/web-1 of web:2 goes on in its service, and nobody watches it until the \
                   message comes again, in 60 s";
    assert!(told.contains(goes_on), "{told}");
    assert!(office.world.message().is_some());
    office.world.with(|state| state.faults.clear());
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_goes_on_when_the_message_is_gone_is_told() {
    let mut office = Office::open();
    office.settings.acknowledge = Acknowledge::Started;
    office.world.send("web", WEB);
    for nth in 3..99 {
        office.world.fault("ecs:DescribeServices", nth, Fault::Expired);
    }
    assert_eq!(office.once().await, Some(Exit::Denied));
    let told = office.summary();
    assert!(told.contains("ecs-svc/web-1 of web:2 goes on in its service"), "{told}");
    assert!(told.contains("no other deployer will"), "{told}");
    assert!(!told.contains("try again"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_gone_is_not_held() {
    let mut office = Office::open();
    office.settings.acknowledge = Acknowledge::Started;
    office.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(200)));
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert!(!office.said().contains("NotHeld"), "{}", office.said());
    assert_eq!(office.world.count("sqs:ChangeMessageVisibility"), 0);
}

#[tokio::test(start_paused = true)]
async fn t41_what_is_not_allowed_is_named_and_the_message_stays() {
    for call in ["ecs:RegisterTaskDefinition", "ecs:UpdateService", "ecs:DescribeServices"] {
        let office = Office::open();
        office.world.send("web", WEB);
        office.world.deny(call);
        assert_eq!(office.once().await, Some(Exit::Denied), "{call}");
        assert!(office.told().contains(call), "{}", office.told());
        assert!(office.world.message().is_some());
        assert_eq!(office.world.count(call), 1, "nobody storms a door that is locked");
    }
}
