//! What is found out before the first message comes.

use ecs_deployer::check::check;
use ecs_deployer::exit::Exit;

use crate::office::Office;
use crate::world::World;

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
