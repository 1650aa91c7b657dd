//! Whatever happens to calls and to the program, in any order: at most one revision and
//! one deployment for each message, a service that is deployed, rolled back or
//! untouched, and a message that is gone, or comes again.

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

const FAULTS: [Fault; 4] = [Fault::Throttled, Fault::Failed, Fault::CutBefore, Fault::CutAfter];

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
    let behaviour = match schedule.behaviour {
        0 | 1 => Behaviour::Runs(Duration::from_secs(5)),
        2 => Behaviour::Exits,
        _ => Behaviour::NoRoom,
    };
    office.world.behaves("acme/web:2", behaviour);
    for (call, nth, fault) in &schedule.faults {
        office.world.fault(CALLS[*call], *nth, FAULTS[*fault]);
    }
    office
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
