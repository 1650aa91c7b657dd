//! What two orders, two clocks or two strategies do to each other.

use std::time::Duration;

use ecs_apply::rollout::{Strategy, Success};
use ecs_deployer::exit::Exit;
use serde_json::{Value, json};

use crate::office::{Office, WEB, only};
use crate::world::{Fault, Moment, World};

/// An office whose deployer is killed as soon as the revision is there.
async fn registered() -> Office {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.with(|state| {
        state.kill_at = Some(("ecs:RegisterTaskDefinition", 0, Moment::After));
    });
    assert_eq!(office.once().await, None);
    assert_eq!((office.world.made(), office.world.begun()), (1, 0));
    office
}

#[tokio::test(start_paused = true)]
async fn t20_what_is_only_registered_has_to_be_allowed_too() {
    let mut office = Office::open();
    office.settings.policy.images = only("111122223333.dkr.ecr.eu-west-1.amazonaws.com/*");
    office.world.send("false", WEB);
    assert_eq!(office.once().await, Some(Exit::Unusable));
    assert!(office.told().contains("acme/web:2"), "{}", office.told());
    assert_eq!(office.world.made(), 0);
}

#[tokio::test(start_paused = true)]
async fn t24_a_list_that_cannot_be_had_makes_no_second_revision() {
    let office = Office::open();
    office.world.send("false", WEB);
    office.world.with(|state| {
        state.kill_at = Some(("ecs:RegisterTaskDefinition", 0, Moment::After));
    });
    assert_eq!(office.once().await, None);
    office.world.fault("ecs:ListTaskDefinitions", 0, Fault::Throttled);
    assert_eq!(office.settle().await, [Some(Exit::Unanswered), Some(Exit::Done)]);
    assert_eq!(office.world.made(), 1);
}

#[tokio::test(start_paused = true)]
async fn t37_two_who_register_at_once_wait_for_each_other() {
    let office = Office::open();
    office.world.send("web", WEB);
    office.world.fault("ecs:RegisterTaskDefinition", 0, Fault::Busy);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_older_order_does_not_end_one_that_was_registered() {
    let office = registered().await;
    let older = ("ecs-deployer:order", "sent:1");
    office.world.interfere(
        "web",
        "acme/web:old",
        &[older, ("ecs-deployer:service", "default/web")],
    );
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!(office.world.image("web"), "acme/web:2");
}

#[tokio::test(start_paused = true)]
async fn who_starts_the_old_revision_anew_does_not_end_an_order() {
    let office = registered().await;
    office.world.restart("web");
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!(office.world.image("web"), "acme/web:2");
    assert_eq!(office.world.made(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_told_again_does_not_undo_a_newer_one() {
    let office = Office::open();
    let named = |key| [("service", "web"), ("deployment_id", key)];
    office.world.send_with(&named("x9"), WEB);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    office.world.send_with(&named("y9"), &WEB.replace(":2", ":3"));
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    office.world.send_with(&named("x9"), WEB);
    assert_eq!(office.settle().await, [Some(Exit::Superseded)]);
    assert_eq!(office.world.image("web"), "acme/web:3");
    assert_eq!((office.world.made(), office.world.begun()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn another_strategy_is_watched_as_what_it_is() {
    let world = World::new();
    world.service_like("web", |service| service.asked_bake = Duration::from_secs(1800));
    let mut office = Office::of(world);
    office.settings.strategy = Some(Strategy::Canary);
    office.settings.terms.roll_back = true;
    office.world.send("web", WEB);
    let start = tokio::time::Instant::now();
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert!(start.elapsed().as_secs() > 1800, "{:?}", start.elapsed());
    assert!(office.said().contains("Stage(\"BAKE_TIME\")"), "{}", office.said());
    assert_eq!(office.world.image("web"), "acme/web:2");
}

#[tokio::test(start_paused = true)]
async fn marks_that_nobody_may_read_are_not_relied_on() {
    let office = Office::open();
    office.world.deny("ecs:DescribeTaskDefinition");
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert!(office.said().contains("AcknowledgedEarly"), "{}", office.said());
}

#[tokio::test(start_paused = true)]
async fn marks_that_have_no_room_are_not_relied_on() {
    let office = Office::open();
    let mut definition: Value = serde_json::from_str(WEB).unwrap();
    let tags = (0..48).map(|number| json!({"key": format!("k{number}"), "value": "v"}));
    definition["tags"] = tags.collect();
    office.world.send("web", &definition.to_string());
    assert_eq!(office.once().await, Some(Exit::Done));
    assert!(office.said().contains("doubt: $.tags"), "{}", office.said());
    assert!(office.said().contains("AcknowledgedEarly"), "{}", office.said());
}

#[tokio::test(start_paused = true)]
async fn t47_live_is_what_is_healthy_where_somebody_looks() {
    let world = World::new();
    world.service_like("web", |service| service.healthy_after = Duration::from_secs(60));
    let mut office = Office::of(world);
    office.settings.terms.success = Success::Live;
    let mut definition: Value = serde_json::from_str(WEB).unwrap();
    definition["containerDefinitions"][0]["healthCheck"] = json!({"command": ["CMD", "true"]});
    office.world.send("web", &definition.to_string());
    let start = tokio::time::Instant::now();
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert!((60..75).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_aws_repeats_of_a_variable_is_hidden() {
    let office = Office::open();
    let mut definition: Value = serde_json::from_str(WEB).unwrap();
    definition["cpu"] = json!("echo");
    let variables = json!([{"name": "TOKEN", "value": "hunter2secret"}]);
    definition["containerDefinitions"][0]["environment"] = variables;
    office.world.send("web", &definition.to_string());
    assert_eq!(office.once().await, Some(Exit::Unusable));
    assert!(office.told().contains("(hidden)"), "{}", office.told());
    assert!(!office.told().contains("hunter2secret"), "{}", office.told());
}

fn rehearsing() -> Office {
    let mut office = Office::open();
    office.settings.terms.rehearsal = Some(json!({"containerOverrides": []}));
    office.world.send("web", WEB);
    office
}

#[tokio::test(start_paused = true)]
async fn a_task_that_not_all_of_aws_knows_yet_is_waited_for() {
    let office = rehearsing();
    office.world.with(|state| state.ecs.run_known_after = Duration::from_secs(10));
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
}

#[tokio::test(start_paused = true)]
async fn t48_a_full_cluster_keeps_the_order() {
    let office = rehearsing();
    office.world.fault("ecs:RunTask", 0, Fault::Full);
    assert_eq!(office.settle().await, [Some(Exit::Unanswered), Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn revisions_of_others_are_not_retired() {
    let mut office = Office::open();
    office.settings.keep_revisions = Some(1);
    office.world.service("other");
    office.world.interfere("web", "acme/web:other", &[("ecs-deployer:service", "default/other")]);
    for number in 2..5 {
        office.world.send("web", &WEB.replace(":2", &format!(":{number}")));
        assert_eq!(office.settle().await, [Some(Exit::Done)]);
    }
    let retired = office.world.with(|state| {
        let retired = state.ecs.revisions.iter().filter(|it| !it.is_active);
        retired.map(|it| it.arn.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    });
    assert_eq!(retired, ["web:3"]);
}

#[tokio::test(start_paused = true)]
async fn what_send_sends_costs_little_more() {
    let office = Office::open();
    for number in 0..12 {
        office.world.interfere("web", &format!("acme/web:n{number}"), &[]);
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    let millis = office.world.with(|state| state.now().as_millisecond());
    let key = format!("send-{millis:012x}-0123456789abcdef");
    office.world.send_with(&[("service", "web"), ("deployment_id", &key)], WEB);
    let before = office.world.with(|state| state.calls.len());
    assert_eq!(office.once().await, Some(Exit::Done));
    let calls = office.world.with(|state| state.calls[before..].to_vec());
    let count = |name: &str| calls.iter().filter(|call| **call == name).count();
    assert_eq!(count("ecs:ListTaskDefinitions"), 1, "{calls:?}");
    // What runs, the newest of the family, and its own.
    assert_eq!(count("ecs:DescribeTaskDefinition"), 3, "{calls:?}");
}
