//! Whatever happens to calls and to the program, in any order: at most one revision and
//! one deployment for each message, a service that is deployed, rolled back or
//! untouched, and a message that is gone, or comes again. The same holds for two orders
//! and two deployers.

use std::cell::RefCell;
use std::time::Duration;

use ecs_deployer::exit::Exit;
use proptest::prelude::*;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, Fault, Moment};

const CALLS: [&str; 8] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTaskDefinitions",
    "ecs:RegisterTaskDefinition",
    "ecs:UpdateService",
];

const FAULTS: [Fault; 5] = [
    Fault::Throttled,
    Fault::Failed,
    Fault::CutBefore,
    Fault::CutAfter,
    Fault::Late(Duration::from_secs(12)),
];

/// What happens in one history.
#[derive(Debug, Clone)]
struct Schedule {
    /// Which call fails how, by its name and number.
    faults: Vec<(usize, usize, usize)>,
    /// At which calls the program is killed, each counted from the one before.
    kills: Vec<(usize, bool)>,
    behaviour: usize,
    roll_back: bool,
    breaker: bool,
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let faults = prop::collection::vec((0..CALLS.len(), 0..6_usize, 0..FAULTS.len()), 0..5);
    let kills = prop::collection::vec((0..14_usize, any::<bool>()), 0..4);
    (faults, kills, 0..4_usize, any::<bool>(), any::<bool>()).prop_map(
        |(faults, kills, behaviour, roll_back, breaker)| Schedule {
            faults,
            kills,
            behaviour,
            roll_back,
            breaker,
        },
    )
}

fn office(schedule: &Schedule) -> Office {
    let mut office = Office::open();
    office.settings.terms.roll_back = schedule.roll_back;
    office.world.with(|state| {
        let service = state.ecs.services.get_mut("web").expect("it was made");
        service.ways.breaker = schedule.breaker;
        service.ways.reverts = schedule.breaker;
    });
    office.world.behaves("acme/web:2", behaviour(schedule.behaviour));
    for (call, nth, fault) in &schedule.faults {
        office.world.fault(CALLS[*call], *nth, FAULTS[*fault]);
    }
    office
}

fn behaviour(number: usize) -> Behaviour {
    match number {
        0 | 1 => Behaviour::Runs(Duration::from_secs(5)),
        2 => Behaviour::Exits,
        _ => Behaviour::NoRoom,
    }
}

async fn history(schedule: &Schedule) -> (Office, Vec<Option<Exit>>) {
    let office = office(schedule);
    office.world.send("web", WEB);
    for (after, before) in &schedule.kills {
        let moment = if *before { Moment::Before } else { Moment::After };
        office.world.with(|state| state.kill = Some((state.calls.len() + after, moment)));
        // Who is not killed has done all that there was.
        if office.world.message().is_none() {
            break;
        }
        if office.once().await.is_some() {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    office.world.with(|state| state.kill = None);
    let exits = office.settle().await;
    (office, exits)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_one_revision_and_one_deployment(schedule in schedules()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime needs nothing");
        let (made, begun, updates, image) = runtime.block_on(async {
            let (office, _) = history(&schedule).await;
            let world = &office.world;
            let updates = world.count("ecs:UpdateService");
            (world.made(), world.begun(), updates, world.image("web"))
        });
        prop_assert!(made <= 1, "{made} revisions");
        // Going back is one more.
        let back = usize::from(schedule.roll_back);
        prop_assert!(begun <= 1 + back, "{begun} deployments, {updates} updates");
        let ends = ["acme/web:1", "acme/web:2"];
        prop_assert!(ends.contains(&image.as_str()));
        let works = schedule.behaviour < 2;
        prop_assert!(!works || image == "acme/web:2", "a good order is lost: {image}");
    }
}

/// What happens in a history of two orders for one service, and two deployers.
#[derive(Debug, Clone)]
struct Crowd {
    faults: Vec<(usize, usize, usize)>,
    kills: Vec<(usize, bool)>,
    /// Whether the queue gives the newer order first.
    swapped: bool,
    /// When the second deployer begins, if there is one.
    late: Option<u64>,
    /// How the tasks of the newer order behave.
    behaviour: usize,
    roll_back: bool,
}

fn crowds() -> impl Strategy<Value = Crowd> {
    let faults = prop::collection::vec((0..CALLS.len(), 0..8_usize, 0..FAULTS.len()), 0..5);
    let kills = prop::collection::vec((0..20_usize, any::<bool>()), 0..4);
    let late = prop::option::of(0..60_u64);
    (faults, kills, any::<bool>(), late, 0..4_usize, any::<bool>()).prop_map(
        |(faults, kills, swapped, late, behaviour, roll_back)| Crowd {
            faults,
            kills,
            swapped,
            late,
            behaviour,
            roll_back,
        },
    )
}

/// The next that is killed is whoever makes this call.
fn arm(office: &Office, kills: &RefCell<Vec<(usize, bool)>>) {
    let next = kills
        .borrow_mut()
        .pop()
        .map(|(after, before)| (after, if before { Moment::Before } else { Moment::After }));
    office.world.with(|state| {
        state.kill = next.map(|(after, moment)| (state.calls.len() + after, moment));
    });
}

/// Runs again and again, until all messages are gone.
async fn persist(office: &Office, kills: &RefCell<Vec<(usize, bool)>>) {
    for _ in 0..300 {
        if office.world.message().is_none() {
            return;
        }
        match office.once().await {
            None => arm(office, kills),
            Some(Exit::Empty) => {}
            Some(_) => continue,
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
}

async fn crowd(schedule: &Crowd) -> Office {
    let mut one = Office::open();
    let mut other = Office::of(one.world.another());
    for office in [&mut one, &mut other] {
        office.settings.terms.roll_back = schedule.roll_back;
    }
    one.world.behaves("acme/web:3", behaviour(schedule.behaviour));
    one.world.send("web", WEB);
    tokio::time::sleep(Duration::from_secs(1)).await;
    one.world.send("web", &WEB.replace(":2", ":3"));
    if schedule.swapped {
        one.world.with(|state| state.sqs.messages.swap(0, 1));
    }
    for (call, nth, fault) in &schedule.faults {
        one.world.fault(CALLS[*call], *nth, FAULTS[*fault]);
    }
    let kills = RefCell::new(schedule.kills.clone());
    arm(&one, &kills);
    let late = async {
        let Some(late) = schedule.late else { return };
        tokio::time::sleep(Duration::from_secs(late)).await;
        persist(&other, &kills).await;
    };
    tokio::join!(persist(&one, &kills), late);
    one
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn whoever_else_is_at_work_each_order_is_one_revision_and_one_deployment(crowd_ in crowds()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime needs nothing");
        let (made, begun, left, image) = runtime.block_on(async {
            let office = crowd(&crowd_).await;
            let world = &office.world;
            (world.made(), world.begun(), world.message().is_some(), world.image("web"))
        });
        prop_assert!(made <= 2, "{made} revisions");
        prop_assert!(!left, "a message never goes");
        // Where an older order takes the place of a newer one in the same moment, the newer
        // one gets it back.
        let back = usize::from(crowd_.roll_back) + usize::from(crowd_.late.is_some());
        prop_assert!(begun <= 2 + back, "{begun} deployments");
        let works = crowd_.behaviour < 2;
        prop_assert!(!works || image == "acme/web:3", "a good order is lost: {image}");
    }
}
