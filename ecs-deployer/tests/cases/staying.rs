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
