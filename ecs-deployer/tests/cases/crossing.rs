//! Two deployers whose orders cross: the earlier one is carried out after the later one,
//! because neither could see the other.

use std::time::Duration;

use ecs_deployer::exit::Exit;
use serde_json::json;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, Fault, Moment};

/// The earlier order waits this long between its look at the service and its update.
const SOON: Duration = Duration::from_secs(10);

/// The later order is carried out by then.
const LATE: Duration = Duration::from_secs(29);

/// Two deployers of one queue. The first rehearses what it has been told.
fn deployers(rehearsal: Duration) -> (Office, Office) {
    let mut earlier = Office::open();
    earlier.settings.terms.rehearsal = Some(json!({"containerOverrides": []}));
    earlier.world.with(|state| state.ecs.run_known_after = rehearsal);
    let later = Office::of(earlier.world.another());
    (earlier, later)
}

async fn both(earlier: &Office, later: &Office) -> (Option<Exit>, Option<Exit>) {
    earlier.world.send("web", WEB);
    let afterwards = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        later.world.send("web", &WEB.replace(":2", ":3"));
        later.once().await
    };
    tokio::join!(earlier.once(), afterwards)
}

#[tokio::test(start_paused = true)]
async fn an_earlier_order_gives_a_later_one_its_place_back() {
    for rehearsal in [SOON, LATE] {
        let (earlier, later) = deployers(rehearsal);
        let exits = both(&earlier, &later).await;
        assert_eq!(exits, (Some(Exit::Superseded), Some(Exit::Done)));
        assert!(earlier.told().contains("Stale"), "{}", earlier.told());
        assert_eq!(earlier.world.image("web"), "acme/web:3");
        assert_eq!((earlier.world.made(), earlier.world.begun()), (2, 3));
        assert!(earlier.world.message().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_order_takes_its_place_back_from_an_earlier_one_whose_deployer_died() {
    let (earlier, later) = deployers(SOON);
    earlier.world.with(|state| state.kill_at = Some(("ecs:UpdateService", 1, Moment::After)));
    assert_eq!(both(&earlier, &later).await, (None, Some(Exit::Done)));
    assert!(later.said().contains("Crossed"), "{}", later.said());
    assert_eq!(earlier.settle().await, [Some(Exit::Superseded)]);
    assert_eq!(earlier.world.image("web"), "acme/web:3");
    assert_eq!((earlier.world.made(), earlier.world.begun()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn an_earlier_order_gives_way_after_its_deployer_died() {
    let (earlier, later) = deployers(LATE);
    earlier.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(1000)));
    earlier.world.with(|state| state.kill_at = Some(("ecs:UpdateService", 1, Moment::After)));
    assert_eq!(both(&earlier, &later).await, (None, Some(Exit::Done)));
    assert_eq!(earlier.world.image("web"), "acme/web:2");
    assert_eq!(earlier.settle().await, [Some(Exit::Superseded)]);
    assert!(earlier.said().contains("GivesWay"), "{}", earlier.said());
    assert_eq!(earlier.world.image("web"), "acme/web:3");
    assert_eq!((earlier.world.made(), earlier.world.begun()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_later_order_that_is_told_again_takes_its_place_back() {
    let (earlier, later) = deployers(SOON);
    earlier.world.with(|state| state.kill_at = Some(("ecs:UpdateService", 1, Moment::After)));
    earlier.world.send("web", WEB);
    let afterwards = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        later.world.send("web", &WEB.replace(":2", ":3"));
        // It dies before the other comes.
        tokio::time::timeout(Duration::from_secs(5), later.once()).await.is_err()
    };
    assert_eq!(tokio::join!(earlier.once(), afterwards), (None, true));
    assert_eq!(earlier.world.image("web"), "acme/web:2");
    assert_eq!(later.settle().await, [Some(Exit::Done); 2]);
    assert_eq!(earlier.world.image("web"), "acme/web:3");
    assert_eq!((earlier.world.made(), earlier.world.begun()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_place_is_given_back_in_spite_of_faults() {
    for fault in [Fault::Throttled, Fault::Failed, Fault::CutBefore, Fault::CutAfter] {
        let (earlier, later) = deployers(SOON);
        earlier.world.fault("ecs:UpdateService", 2, fault);
        let (_, done) = both(&earlier, &later).await;
        assert_eq!(done, Some(Exit::Done), "{fault:?}");
        earlier.settle().await;
        assert_eq!(earlier.world.image("web"), "acme/web:3", "{fault:?}");
        assert_eq!((earlier.world.made(), earlier.world.begun()), (2, 3), "{fault:?}");
        assert!(earlier.world.message().is_none(), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_back_to_an_earlier_order_by_hand_means_it() {
    let office = Office::open();
    for number in [2, 3] {
        office.world.send("web", &WEB.replace(":2", &format!(":{number}")));
        assert_eq!(office.once().await, Some(Exit::Done));
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    office.world.behaves("acme/web:4", Behaviour::NoRoom);
    office.world.send("web", &WEB.replace(":2", ":4"));
    let hand = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        office.world.goes_back("web", "acme/web:2");
    };
    let (exit, ()) = tokio::join!(office.once(), hand);
    assert_eq!(exit, Some(Exit::Superseded));
    assert_eq!(office.world.image("web"), "acme/web:2");
}
