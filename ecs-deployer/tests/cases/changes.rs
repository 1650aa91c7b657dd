//! Others who change the same service.

use ecs_deployer::exit::Exit;
use ecs_deployer::settings::Acknowledge;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, Moment};

fn image(number: u32) -> String {
    WEB.replace("acme/web:2", &format!("acme/web:{number}"))
}

#[tokio::test(start_paused = true)]
async fn t34_an_older_message_does_not_undo_a_newer() {
    let office = Office::open();
    office.world.send("web", &image(2));
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    office.world.send("web", &image(3));
    // The queue gives the newer first.
    office.world.with(|state| state.sqs.messages.swap(0, 1));
    assert_eq!(office.once().await, Some(Exit::Done));
    assert_eq!(office.once().await, Some(Exit::Superseded));
    assert_eq!(office.world.image("web"), "acme/web:3");
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    assert!(office.world.message().is_none());
}

#[tokio::test(start_paused = true)]
async fn t34_who_counts_is_believed_more_than_the_clock() {
    let office = Office::open();
    let numbered = |number: &str, body: &str| {
        office.world.send_with(&[("service", "web"), ("sequence", number)], body);
    };
    numbered("8", &image(3));
    numbered("7", &image(2));
    assert_eq!(office.once().await, Some(Exit::Done));
    assert_eq!(office.once().await, Some(Exit::Superseded));
    assert_eq!(office.world.image("web"), "acme/web:3");
}

#[tokio::test(start_paused = true)]
async fn t35_a_newer_order_of_another_deployer_wins() {
    let office = Office::open();
    office.world.behaves("acme/web:2", Behaviour::Runs(std::time::Duration::from_secs(60)));
    office.world.send("web", &image(2));
    let other = async {
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        office.world.send("web", &image(3));
        office.once().await
    };
    let (one, other) = tokio::join!(office.once(), other);
    assert_eq!((one, other), (Some(Exit::Superseded), Some(Exit::Done)));
    assert_eq!(office.world.image("web"), "acme/web:3");
    assert_eq!((office.world.made(), office.world.begun()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn t37_two_at_the_same_instant_do_not_fight() {
    let mut office = Office::open();
    office.settings.terms.roll_back = true;
    office.world.send("web", &image(2));
    office.world.send("web", &image(3));
    let (one, other) = tokio::join!(office.once(), office.once());
    let mut exits = [one.unwrap(), other.unwrap()];
    exits.sort_by_key(|exit| *exit != Exit::Done);
    assert_eq!(exits, [Exit::Done, Exit::Superseded]);
    assert_eq!((office.world.made(), office.world.begun()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn t38_somebody_who_changes_the_service_by_hand_is_left_alone() {
    let mut office = Office::open();
    office.settings.terms.roll_back = true;
    office.world.send("web", WEB);
    let hand = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        office.world.interfere("web", "acme/web:hand", &[]);
    };
    let (exit, ()) = tokio::join!(office.once(), hand);
    assert_eq!(exit, Some(Exit::Superseded));
    assert_eq!(office.world.image("web"), "acme/web:hand");
    assert!(office.world.message().is_none());
}

#[tokio::test(start_paused = true)]
async fn t38_who_went_on_by_hand_meanwhile_is_not_undone_by_a_message_that_comes_again() {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.with(|state| state.kill = Some((5, Moment::Before)));
    assert_eq!(office.once().await, None);
    office.world.interfere("web", "acme/web:hand", &[]);
    assert_eq!(office.settle().await, [Some(Exit::Superseded)]);
    assert_eq!(office.world.image("web"), "acme/web:hand");
}

#[tokio::test(start_paused = true)]
async fn t61_a_message_that_was_put_away_and_comes_back_is_compared() {
    let office = Office::open();
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    office.world.send("web", WEB);
    office.world.with(|state| state.sqs.messages[0].redriven = true);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!(office.told(), "Already");
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
    // One that was only sent again is another order: an image's tag may be another.
    office.world.send("web", WEB);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn t61_an_order_with_a_name_of_its_own_is_known_under_any_message() {
    let office = Office::open();
    let named = [("service", "web"), ("deployment_id", "release-7")];
    office.world.send_with(&named, WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    office.world.send_with(&named, WEB);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_says_something_else_under_a_name_that_was_used_is_refused() {
    let office = Office::open();
    let named = [("service", "web"), ("deployment_id", "release-7")];
    office.world.send_with(&named, WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    office.world.send_with(&named, &image(3));
    assert_eq!(office.once().await, Some(Exit::Unusable));
    assert!(office.told().contains("give this one another name"), "{}", office.told());
    // The name is known, too, when something else runs.
    office.world.interfere("web", "acme/web:hand", &[]);
    office.world.send_with(&named, &image(4));
    assert_eq!(office.once().await, Some(Exit::Unusable));
    assert_eq!((office.world.made(), office.world.begun()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn what_says_the_same_is_left_as_it_is_if_that_is_wanted() {
    let mut office = Office::open();
    office.settings.policy.skip_unchanged = true;
    for _ in 0..2 {
        office.world.send("web", WEB);
        assert_eq!(office.settle().await, [Some(Exit::Done)]);
    }
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn who_wants_to_know_whose_a_revision_is_does_not_guess() {
    let mut office = Office::open();
    office.settings.acknowledge = Acknowledge::Finish;
    office.world.deny("ecs:DescribeTaskDefinition");
    office.world.send("web", WEB);
    office.world.with(|state| state.sqs.messages[0].receives = 1);
    assert_eq!(office.once().await, Some(Exit::Denied));
    assert!(office.told().contains("ecs:DescribeTaskDefinition"), "{}", office.told());
    assert_eq!(office.world.made(), 0);
}
