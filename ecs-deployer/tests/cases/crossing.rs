//! Two deployers whose orders cross: the earlier one is carried out after the later one,
//! because neither could see the other.

use std::time::Duration;

use ecs_deployer::exit::Exit;
use ecs_deployer::settings::Acknowledge;
use serde_json::json;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, Fault, Moment};

/// So long the earlier update is under way to ECS.
const SOON: Duration = Duration::from_secs(10);

/// The later order is carried out by then.
const LATE: Duration = Duration::from_secs(29);

/// Longer than a task may take until it runs.
const MINUTES: Duration = Duration::from_secs(320);

/// Two deployers of one queue. What the first tells ECS is under way for a while.
fn deployers(under_way: Duration) -> (Office, Office) {
    let earlier = Office::open();
    earlier.world.fault("ecs:UpdateService", 0, Fault::Late(under_way));
    let later = Office::of(earlier.world.another());
    (earlier, later)
}

/// The first deployer dies as soon as its update was heard.
fn dies(earlier: &Office) {
    earlier.world.with(|state| state.kill_at = Some(("ecs:UpdateService", 0, Moment::After)));
}

/// New tasks are well only after a time.
fn settles_after(office: &Office, time: Duration) {
    office.world.with(|state| {
        state.ecs.services.get_mut("web").expect("it was made").healthy_after = time;
    });
}

async fn send_later(later: &Office) -> Option<Exit> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    later.world.send("web", &WEB.replace(":2", ":3"));
    later.once().await
}

async fn both(earlier: &Office, later: &Office) -> (Option<Exit>, Option<Exit>) {
    earlier.world.send("web", WEB);
    tokio::join!(earlier.once(), send_later(later))
}

/// The image that the service is to run, and how many revisions and deployments were made.
fn ended(office: &Office) -> (String, usize, usize) {
    (office.world.image("web"), office.world.made(), office.world.begun())
}

#[tokio::test(start_paused = true)]
async fn an_earlier_order_gives_a_later_one_its_place_back() {
    for under_way in [SOON, LATE] {
        let (earlier, later) = deployers(under_way);
        let exits = both(&earlier, &later).await;
        assert_eq!(exits, (Some(Exit::Superseded), Some(Exit::Done)));
        assert!(earlier.told().contains("Stale"), "{}", earlier.told());
        assert!(earlier.said().contains("Updated"), "what was begun is told");
        assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 3));
        assert!(earlier.world.message().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_order_takes_its_place_back_from_an_earlier_one_whose_deployer_died() {
    let (earlier, later) = deployers(SOON);
    dies(&earlier);
    assert_eq!(both(&earlier, &later).await, (None, Some(Exit::Done)));
    assert!(later.said().contains("Crossed"), "{}", later.said());
    assert_eq!(earlier.settle().await, [Some(Exit::Superseded)]);
    assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 3));
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_its_place_back_has_all_of_its_time_again() {
    let (earlier, mut later) = deployers(MINUTES);
    settles_after(&earlier, MINUTES + SOON);
    dies(&earlier);
    later.settings.terms.roll_back = true;
    assert_eq!(both(&earlier, &later).await, (None, Some(Exit::Done)));
    assert_eq!(earlier.settle().await, [Some(Exit::Superseded)]);
    assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 3));
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_message_is_gone_takes_its_place_back_too() {
    let (earlier, mut later) = deployers(MINUTES);
    settles_after(&earlier, MINUTES + SOON);
    dies(&earlier);
    later.settings.acknowledge = Acknowledge::Started;
    assert_eq!(both(&earlier, &later).await, (None, Some(Exit::Done)));
    assert_eq!(earlier.world.image("web"), "acme/web:3");
}

/// Its tasks need so long that the later order's deployment is still to be seen when the
/// message comes again.
#[tokio::test(start_paused = true)]
async fn an_earlier_order_gives_way_after_its_deployer_died() {
    let (earlier, later) = deployers(LATE);
    earlier.world.behaves("acme/web:2", Behaviour::Runs(Duration::from_secs(1000)));
    dies(&earlier);
    assert_eq!(both(&earlier, &later).await, (None, Some(Exit::Done)));
    assert_eq!(earlier.world.image("web"), "acme/web:2");
    assert_eq!(earlier.settle().await, [Some(Exit::Superseded)]);
    assert!(earlier.said().contains("GivesWay"), "{}", earlier.said());
    assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_later_order_that_is_told_again_takes_its_place_back() {
    let (earlier, later) = deployers(SOON);
    dies(&earlier);
    earlier.world.send("web", WEB);
    let afterwards = tokio::time::timeout(Duration::from_secs(6), send_later(&later));
    let (exit, died) = tokio::join!(earlier.once(), afterwards);
    assert!(exit.is_none() && died.is_err(), "both die, the later one first");
    assert_eq!(earlier.world.image("web"), "acme/web:2");
    assert_eq!(later.settle().await, [Some(Exit::Done); 2]);
    assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_place_is_given_back_in_spite_of_faults() {
    for fault in [Fault::Throttled, Fault::Failed, Fault::CutBefore, Fault::CutAfter] {
        let (earlier, later) = deployers(SOON);
        earlier.world.fault("ecs:UpdateService", 2, fault);
        let (_, done) = both(&earlier, &later).await;
        assert_eq!(done, Some(Exit::Done), "{fault:?}");
        earlier.settle().await;
        assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 3), "{fault:?}");
        assert!(earlier.world.message().is_none(), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_order_that_fails_is_not_tried_again_because_an_earlier_one_crossed() {
    let (earlier, mut later) = deployers(SOON);
    earlier.world.behaves("acme/web:3", Behaviour::Exits);
    later.settings.terms.roll_back = true;
    let exits = both(&earlier, &later).await;
    assert_eq!(exits, (Some(Exit::Superseded), Some(Exit::Failed)));
    // It was deployed, displaced and given its place back. Going back is ECS's own.
    assert_eq!(ended(&earlier), ("acme/web:1".to_owned(), 2, 3));
    assert!(earlier.world.message().is_none());
}

#[tokio::test(start_paused = true)]
async fn orders_without_marks_are_left_as_they_are() {
    let (earlier, later) = deployers(SOON);
    earlier.world.with(|state| state.ecs.no_tags = true);
    let exits = both(&earlier, &later).await;
    assert_eq!(exits, (Some(Exit::Done), Some(Exit::Superseded)));
    assert_eq!(ended(&earlier), ("acme/web:2".to_owned(), 2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_was_ordered_later_while_the_earlier_was_tried_out_is_left_alone() {
    let (mut earlier, later) = deployers(Duration::ZERO);
    earlier.settings.terms.rehearsal = Some(json!({"containerOverrides": []}));
    earlier.world.with(|state| state.ecs.run_known_after = SOON);
    let exits = both(&earlier, &later).await;
    assert_eq!(exits, (Some(Exit::Superseded), Some(Exit::Done)));
    assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 1));
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

#[tokio::test(start_paused = true)]
async fn whoever_goes_back_to_an_order_whose_message_comes_again_means_it() {
    let office = Office::open();
    office.world.with(|state| state.kill_at = Some(("sqs:DeleteMessage", 0, Moment::Before)));
    office.world.send("web", WEB);
    assert_eq!(office.once().await, None);
    let later = Office::of(office.world.another());
    office.world.behaves("acme/web:3", Behaviour::NoRoom);
    let hand = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        office.world.goes_back("web", "acme/web:2");
    };
    let (exit, ()) = tokio::join!(send_later(&later), hand);
    assert_eq!(exit, Some(Exit::Failed), "ECS, or somebody, went back");
    office.world.let_go(0);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!(office.world.image("web"), "acme/web:2");
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_an_earlier_order_after_a_lost_answer_takes_its_place_back() {
    let (earlier, later) = deployers(Duration::from_millis(1500));
    dies(&earlier);
    earlier.world.fault("ecs:UpdateService", 1, Fault::CutAfter);
    assert_eq!(both(&earlier, &later).await, (None, Some(Exit::Done)));
    assert_eq!(earlier.settle().await, [Some(Exit::Superseded)]);
    assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 3));
}

#[tokio::test(start_paused = true)]
async fn whoever_was_held_up_looks_once_more_before_it_updates() {
    for call in ["ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"] {
        let (earlier, later) = deployers(Duration::ZERO);
        earlier.world.fault(call, 0, Fault::Late(SOON));
        let exits = both(&earlier, &later).await;
        assert_eq!(exits, (Some(Exit::Superseded), Some(Exit::Done)), "{call}");
        assert_eq!(ended(&earlier), ("acme/web:3".to_owned(), 2, 1), "{call}");
    }
}
