//! What runs before, and what is kept after.

use std::time::Duration;

use ecs_deployer::ear::Mouth;
use ecs_deployer::exit::Exit;
use serde_json::json;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, Moment};

fn rehearsing(exit: i32) -> Office {
    let mut office = Office::open();
    office.settings.terms.rehearsal = Some(json!({"containerOverrides": []}));
    office.world.with(|state| state.ecs.run_exit = exit);
    office.world.send("web", WEB);
    office
}

#[tokio::test(start_paused = true)]
async fn what_runs_before_has_to_end_well() {
    let office = rehearsing(0);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    let office = rehearsing(1);
    assert_eq!(office.settle().await, [Some(Exit::Failed)]);
    assert!(office.told().contains("exit code 1"), "{}", office.told());
    assert_eq!(office.world.begun(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_runs_before_runs_once() {
    for place in 3..7 {
        let office = rehearsing(0);
        office.world.with(|state| state.kill = Some((place, Moment::After)));
        assert_eq!(office.once().await, None);
        assert_eq!(office.settle().await, [Some(Exit::Done)]);
        office.world.with(|state| assert_eq!(state.ecs.runs.len(), 1));
        assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn old_revisions_are_retired_but_never_what_is_needed() {
    let mut office = Office::open();
    office.settings.keep_revisions = Some(2);
    for number in 2..7 {
        office.world.send("web", &WEB.replace(":2", &format!(":{number}")));
        assert_eq!(office.settle().await, [Some(Exit::Done)]);
    }
    let active = |office: &Office| {
        office.world.with(|state| {
            let active = state.ecs.revisions.iter().filter(|it| it.is_active);
            active.map(|it| it.arn.rsplit(':').next().unwrap().to_owned()).collect::<Vec<_>>()
        })
    };
    // The first was made by somebody else.
    assert_eq!(active(&office), ["1", "5", "6"]);
    office.settings.keep_revisions = Some(0);
    office.world.deny("ecs:DeregisterTaskDefinition");
    office.world.send("web", &WEB.replace(":2", ":7"));
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert!(office.said().contains("NotRetired"), "{}", office.said());
}

#[tokio::test(start_paused = true)]
async fn whoever_hears_what_happens_need_not_ask() {
    let mut office = Office::open();
    let mouth = Mouth::default();
    office.ear = Some(mouth.ear());
    office.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(100)));
    office.world.send("web", WEB);
    let start = tokio::time::Instant::now();
    let ecs = async {
        for seconds in [0, 101, 20] {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            mouth.say();
        }
        std::future::pending().await
    };
    tokio::select! {
        exit = office.once() => assert_eq!(exit, Some(Exit::Done)),
        () = ecs => {}
    }
    assert!(start.elapsed().as_secs() < 123, "{:?}", start.elapsed());
    let looks = office.world.count("ecs:DescribeServices");
    assert!(looks < 10, "{looks}");
}

#[tokio::test(start_paused = true)]
async fn what_is_heard_comes_from_a_queue() {
    let office = Office::open();
    office.world.send("event", "{}");
    let mouth = Mouth::default();
    let mut ear = mouth.ear();
    tokio::select! {
        () = mouth.listen(&office.world, |_| {}) => {}
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    assert!(office.world.message().is_none());
    assert!(ear.has_heard());
}

#[tokio::test(start_paused = true)]
async fn whoever_cannot_hear_looks_as_often_as_others_and_says_so_once() {
    let office = Office::open();
    office.world.deny("sqs:ReceiveMessage");
    let mouth = Mouth::default();
    let mut ear = mouth.ear();
    let told = std::cell::RefCell::new(Vec::new());
    let listen = mouth.listen(&office.world, |error| told.borrow_mut().push(error.to_string()));
    tokio::select! {
        () = listen => {}
        () = tokio::time::sleep(Duration::from_secs(300)) => {}
    }
    assert_eq!(told.borrow().len(), 1, "{told:?}");
    assert!(told.borrow()[0].contains("sqs:ReceiveMessage"), "{told:?}");
    ear.has_heard();
    let start = tokio::time::Instant::now();
    ear.pause(Duration::from_secs(3)).await;
    assert_eq!(start.elapsed().as_secs(), 3);
    // One that answers is listened to.
    office.world.with(|state| state.denied.clear());
    tokio::select! {
        () = mouth.listen(&office.world, |_| {}) => {}
        () = tokio::time::sleep(Duration::from_secs(25)) => {}
    }
    let start = tokio::time::Instant::now();
    ear.pause(Duration::from_secs(3)).await;
    assert_eq!(start.elapsed().as_secs(), 30);
}
