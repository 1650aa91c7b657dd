//! A program that stays, and takes messages as they come.

use std::time::Duration;

use ecs_deployer::exit::Exit;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, World};

fn of(service: &str, number: u32) -> String {
    WEB.replace("web", service).replace(":2", &format!(":{number}"))
}

#[tokio::test(start_paused = true)]
async fn all_messages_are_worked_on_and_then_it_ends() {
    let office = Office::open();
    assert_eq!(office.drain().await, Exit::Empty);
    for number in 2..5 {
        office.world.send("web", &of("web", number));
    }
    assert_eq!(office.drain().await, Exit::Done);
    assert_eq!((office.world.made(), office.world.begun()), (3, 3));
    office.world.send("web", "nonsense");
    office.world.send("web", &of("web", 9));
    assert_eq!(office.drain().await, Exit::Unusable);
    assert_eq!(office.world.image("web"), "acme/web:9");
}

#[tokio::test(start_paused = true)]
async fn services_are_worked_on_at_the_same_time_and_each_in_order() {
    let world = World::new();
    let names = ["a", "b", "c", "d"];
    names.iter().for_each(|name| world.service(name));
    let office = Office::of(world);
    for name in names {
        office.world.send(name, &of(name, 2));
        office.world.send(name, &of(name, 3));
    }
    assert_eq!(office.stay(Duration::from_secs(120)).await, Exit::Stopped);
    for name in names {
        assert_eq!(office.world.image(name), format!("acme/{name}:3"));
    }
    assert!(office.world.message().is_none());
    assert_eq!((office.world.made(), office.world.begun()), (8, 8));
}

#[tokio::test(start_paused = true)]
async fn t36_of_several_for_one_service_only_the_newest_is_done() {
    let mut office = Office::open();
    office.settings.coalesce = true;
    for number in 2..6 {
        office.world.send("web", &of("web", number));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(office.stay(Duration::from_secs(120)).await, Exit::Stopped);
    assert_eq!(office.world.image("web"), "acme/web:5");
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    assert!(office.world.message().is_none());
    // Whoever waits for one of them hears of it, once it is certain.
    assert_eq!(office.all_told(), ["Deployed", "coalesced", "coalesced", "coalesced"]);
}

#[tokio::test(start_paused = true)]
async fn t36_a_later_one_that_is_refused_takes_nothing_away() {
    let mut office = Office::open();
    office.settings.coalesce = true;
    office.settings.policy.images = crate::office::only("acme/web:2,acme/web:3");
    for number in 2..5 {
        office.world.send("web", &of("web", number));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(office.stay(Duration::from_secs(120)).await, Exit::Stopped);
    assert_eq!(office.world.image("web"), "acme/web:3");
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

/// An office whose service bakes for half an hour, and two orders for it.
fn baking() -> Office {
    let world = World::new();
    world.service_like("web", |service| service.ways.bake = Duration::from_secs(1800));
    let office = Office::of(world);
    office.world.send("web", &of("web", 2));
    office
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_long_is_kept_from_others() {
    let office = baking();
    office.world.send("web", &of("web", 3));
    let look = async {
        tokio::time::sleep(Duration::from_secs(1500)).await;
        office.world.with(|state| {
            assert_eq!(state.sqs.messages.len(), 2);
            assert!(state.sqs.messages.iter().all(|it| !it.is_visible() && it.receives == 1));
        });
    };
    tokio::join!(office.stay(Duration::from_secs(4000)), look);
    assert_eq!(office.world.image("web"), "acme/web:3");
    assert_eq!((office.world.made(), office.world.begun()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_kept_until_its_turn_is_left_to_whoever_gets_it() {
    let mut office = baking();
    office.world.service_like("api", |service| service.ways.bake = Duration::from_secs(1800));
    office.world.deny("sqs:ChangeMessageVisibility");
    office.settings.concurrency = 2;
    // Messages are away for two minutes.
    office.settings.terms.start = Duration::from_secs(30);
    office.settings.terms.complete = Duration::from_secs(30);
    let later = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        office.world.send("web", &of("web", 3));
        tokio::time::sleep(Duration::from_secs(5)).await;
        // From now on, there is no place, so that nothing is received.
        office.world.send("api", &of("api", 2));
    };
    tokio::join!(office.stay(Duration::from_secs(9000)), later);
    assert!(office.said().contains("Lapsed"), "{}", office.said());
    assert_eq!(office.world.image("web"), "acme/web:3");
    assert_eq!((office.world.made(), office.world.begun()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_known_to_hold_messages_takes_them_for_a_moment_only() {
    let office = baking();
    office.world.service("api");
    let late = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        office.world.send("api", &of("api", 2));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let hidden = office.world.with(|state| state.sqs.messages[1].hidden_for().as_secs());
        assert!((110..=120).contains(&hidden), "{hidden}");
    };
    tokio::join!(office.stay(Duration::from_secs(90)), late);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_named_in_two_ways_is_one() {
    let office = Office::open();
    let arn = "arn:aws:ecs:eu-west-1:111122223333:service/default/web";
    office.world.send("web", &of("web", 2));
    office.world.send(arn, &of("web", 3));
    assert_eq!(office.stay(Duration::from_secs(120)).await, Exit::Stopped);
    assert_eq!(office.all_told(), ["Deployed", "Deployed"]);
    assert_eq!(office.world.image("web"), "acme/web:3");
}

#[tokio::test(start_paused = true)]
async fn one_busy_service_keeps_no_other_waiting() {
    let office = Office::open();
    office.world.service("api");
    office.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(200)));
    for _ in 0..9 {
        office.world.send("web", &of("web", 2));
    }
    office.world.send("api", &of("api", 2));
    assert_eq!(office.stay(Duration::from_secs(60)).await, Exit::Stopped);
    assert_eq!(office.world.image("api"), "acme/api:2");
    assert_eq!(office.world.begun(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_daemon_says_that_it_is_at_work_whatever_it_waits_for() {
    for office in [baking(), Office::open()] {
        for nth in 0..9 {
            let silent = crate::world::Fault::Late(Duration::from_secs(160));
            office.world.fault("sqs:ReceiveMessage", nth, silent);
        }
        office.stay(Duration::from_secs(3000)).await;
        assert!(office.silent_for().as_secs() <= 30, "{:?}", office.silent_for());
    }
    // One that only empties the queue looks at what it has begun.
    let office = baking();
    office.drain().await;
    assert!(office.silent_for().as_secs() <= 60, "{:?}", office.silent_for());
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_to_stop_does_not_wait_for_a_silent_queue() {
    let office = Office::open();
    office.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(200)));
    for _ in 0..5 {
        office.world.send("web", &of("web", 2));
    }
    let start = tokio::time::Instant::now();
    for nth in 0..99 {
        let silent = crate::world::Fault::Late(Duration::from_secs(160));
        office.world.fault("sqs:ChangeMessageVisibility", nth, silent);
    }
    assert_eq!(office.stay(Duration::from_secs(30)).await, Exit::Stopped);
    assert!(start.elapsed() < Duration::from_secs(32), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_to_stop_gives_back_what_waits() {
    let office = Office::open();
    office.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(200)));
    office.world.send("web", &of("web", 2));
    office.world.send("web", &of("web", 3));
    let start = tokio::time::Instant::now();
    assert_eq!(office.stay(Duration::from_secs(30)).await, Exit::Stopped);
    assert!(start.elapsed().as_secs() < 33, "{:?}", start.elapsed());
    tokio::time::sleep(Duration::from_secs(6)).await;
    office.world.with(|state| assert!(state.sqs.messages.iter().all(|it| it.is_visible())));
    office.settle().await;
    assert_eq!(office.world.image("web"), "acme/web:3");
    assert_eq!((office.world.made(), office.world.begun()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn t67_who_replaces_itself_removes_the_message_first() {
    let mut office = Office::open();
    office.settings.own_family = Some("web".to_owned());
    office.world.send("web", WEB);
    // ECS stops it while its own deployment goes on.
    assert_eq!(office.stay(Duration::from_secs(3)).await, Exit::Stopped);
    assert!(office.world.message().is_none());
    assert_eq!(office.world.begun(), 1);
    assert!(office.said().contains("AcknowledgedEarly(Own)"), "{}", office.said());
    assert!(office.summary().contains("nobody watches it"), "{}", office.summary());
}

#[tokio::test(start_paused = true)]
async fn trouble_with_the_queue_is_waited_out() {
    let office = Office::open();
    for nth in 0..3 {
        office.world.fault("sqs:ReceiveMessage", nth, crate::world::Fault::CutBefore);
    }
    office.world.send("web", WEB);
    assert_eq!(office.stay(Duration::from_secs(90)).await, Exit::Stopped);
    assert!(office.world.message().is_none());
}
