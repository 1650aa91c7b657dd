//! What is found out before the first message comes.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Parser as _;
use ecs_deployer::args::{Arguments, Command};
use ecs_deployer::check::check;
use ecs_deployer::exit::Exit;
use ecs_deployer::iam::policies;

use crate::office::{Office, WEB};
use crate::world::{Behaviour, World};

async fn checked(office: &Office, services: &[&str]) -> (Exit, String) {
    let services: Vec<String> = services.iter().map(|it| (*it).to_owned()).collect();
    let checked = check(&services, &office.settings, (&office.world, &[]), &office.world).await;
    (checked.exit, checked.to_string())
}

#[tokio::test(start_paused = true)]
async fn all_that_can_be_tried_without_harm_is_tried() {
    let office = Office::open();
    let (exit, text) = checked(&office, &["web"]).await;
    assert_eq!(exit, Exit::Done, "{text}");
    insta::assert_snapshot!(text);
    assert_eq!((office.world.made(), office.world.begun()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_the_original_may_not_do_is_weak_and_not_bad() {
    let office = Office::open();
    for call in [
        "sqs:GetQueueAttributes",
        "ecs:DescribeTaskDefinition",
        "ecs:ListTaskDefinitions",
        "ecs:ListServiceDeployments",
    ] {
        office.world.deny(call);
    }
    let (exit, text) = checked(&office, &["web"]).await;
    assert_eq!(exit, Exit::Done, "{text}");
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn what_nothing_goes_without_is_bad() {
    let office = Office::open();
    office.world.deny("ecs:DescribeServices");
    let (exit, text) = checked(&office, &[]).await;
    assert_eq!(exit, Exit::Denied, "{text}");
    assert!(text.contains("allow ecs:DescribeServices"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_told() {
    let mut office = Office::of(World::new());
    let (exit, text) = checked(&office, &["web"]).await;
    assert_eq!(exit, Exit::NoTarget, "{text}");
    assert!(text.contains("BAD     service default/web: there is none of this name"), "{text}");
    assert_eq!(checked(&office, &["a b"]).await.0, Exit::Usage);
    office.settings.cluster = "other".to_owned();
    let (exit, text) = checked(&office, &[]).await;
    assert_eq!(exit, Exit::NoTarget, "{text}");
    assert!(text.contains("cluster other: there is none of this name"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn other_queues_are_looked_at_too() {
    let office = Office::open();
    let others = [("ECS_EVENTS_URL", office.world.clone())];
    let checked = check(&[], &office.settings, (&office.world, &others), &office.world).await;
    assert!(
        checked.to_string().contains("ok      ECS_EVENTS_URL: the queue is there"),
        "{checked}"
    );
    office.world.deny("sqs:GetQueueAttributes");
    let checked = check(&[], &office.settings, (&office.world, &others), &office.world).await;
    assert!(
        checked.to_string().contains("weak    ECS_EVENTS_URL: whether it is there"),
        "{checked}"
    );
}

#[tokio::test(start_paused = true)]
async fn whatever_is_asked_is_in_the_policy_that_is_printed() {
    let mut office = Office::open();
    office.settings.terms.roll_back = true;
    office.settings.terms.rehearsal = Some(serde_json::json!({"containerOverrides": []}));
    office.settings.keep_revisions = Some(1);
    office.settings.dead_letters = Some("https://sqs/dead".to_owned());
    office.world.behaves("acme/web:3", Behaviour::Exits);
    office.world.service_like("api", |service| service.ways.bake = Duration::from_secs(60));
    for (service, body) in [
        ("web", WEB.to_owned()),
        ("web", WEB.replace(":2", ":3")),
        ("web", "nonsense".to_owned()),
        ("api", WEB.replace("web", "api")),
    ] {
        office.world.send(service, &body);
        office.settle().await;
    }
    checked(&office, &["web"]).await;
    let typed = "ecs-deployer iam --queue arn:aws:sqs:eu-west-1:111122223333:deploy --recommended \
                 --keep-revisions --pre-task --send-to arn:aws:sqs:eu-west-1:111122223333:dead";
    let arguments = Arguments::try_parse_from(typed.split_whitespace()).unwrap();
    let Some(Command::Iam(what)) = arguments.into_parts().0 else { unreachable!("it was typed") };
    let allowed = policies(&what).unwrap().recommended.to_string();
    let calls: BTreeSet<&str> = office.world.with(|state| state.calls.iter().copied().collect());
    assert!(calls.len() > 12, "{calls:?}");
    let denied: Vec<_> =
        calls.iter().filter(|call| !allowed.contains(&format!("\"{call}\""))).collect();
    assert!(denied.is_empty(), "{denied:?}");
}
