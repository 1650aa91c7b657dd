//! Orders that are refused before anything is registered.

use ecs_apply::rollout::Entrance;
use ecs_deployer::exit::Exit;

use crate::office::{Office, WEB, only};
use crate::world::{FakeService, World};

/// An office for a service like this.
fn office(change: impl FnOnce(&mut FakeService)) -> Office {
    let world = World::new();
    world.service_like("web", change);
    Office::of(world)
}

/// Nothing was made; the message is left to the queue's own dead-letter queue, or put
/// where somebody looks.
async fn is_refused(mut office: Office, exit: Exit) -> String {
    office.world.with(|state| state.sqs.max_receives = Some(5));
    office.world.send("web", WEB);
    assert_eq!(office.settle().await, [Some(exit); 5], "{}", office.told());
    office.world.with(|state| assert_eq!(state.sqs.put_away.len(), 1));
    office.settings.dead_letters = Some("https://sqs/dead".to_owned());
    office.world.send("web", WEB);
    assert_eq!(office.settle().await, [Some(exit)], "{}", office.told());
    office.world.with(|state| assert_eq!(state.sqs.sent.len(), 1));
    assert_eq!((office.world.made(), office.world.begun()), (0, 0));
    office.told()
}

#[tokio::test(start_paused = true)]
async fn t13_a_service_that_is_not_there_yet_is_waited_for_a_while() {
    let office = Office::of(World::new());
    office.world.send("web", WEB);
    // Nobody puts it away.
    assert_eq!(office.settle().await, [Some(Exit::NoTarget); 5]);
    let mut office = Office::of(World::new());
    office.settings.dead_letters = Some("https://sqs/dead".to_owned());
    office.world.send("web", WEB);
    assert_eq!(office.settle().await, [Some(Exit::NoTarget); 3]);
    office.world.with(|state| assert_eq!(state.sqs.sent.len(), 1));
    let office = Office::of(World::new());
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::NoTarget));
    office.world.service("web");
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
}

#[tokio::test(start_paused = true)]
async fn t14_nothing_is_registered_for_a_service_that_is_going() {
    for status in ["DRAINING", "INACTIVE"] {
        let told = is_refused(office(|service| service.status = status), Exit::NoTarget).await;
        assert!(told.contains(status), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn t15_a_cluster_that_is_not_there_is_no_fault_of_the_message() {
    let mut office = Office::open();
    office.settings.cluster = "other".to_owned();
    office.world.send("web", WEB);
    for _ in 0..9 {
        let exit = office.once().await;
        assert!(matches!(exit, Some(Exit::NoTarget | Exit::Empty)), "{exit:?}");
        tokio::time::sleep(std::time::Duration::from_secs(900)).await;
    }
    assert!(office.world.message().is_some());
    assert!(office.told().contains("other"), "{}", office.told());
}

#[tokio::test(start_paused = true)]
async fn t16_what_others_deploy_is_left_to_them() {
    for controller in ["CODE_DEPLOY", "EXTERNAL"] {
        let office = office(|service| service.controller = controller);
        let told = is_refused(office, Exit::NoTarget).await;
        assert!(told.contains(controller), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn t17_what_does_not_fit_the_service_is_named() {
    let office = office(|service| {
        service.has_network = true;
        service.entrances = vec![Entrance { container: "web".to_owned(), port: Some(80) }];
    });
    let told = is_refused(office, Exit::Unusable).await;
    assert!(told.contains("$.networkMode") && told.contains("container `web`"), "{told}");
}

const ELSEWHERE: &str = r#"{"family": "web", "executionRoleArn": "arn:aws:iam::444455556666:role/x",
    "containerDefinitions": [{"name": "main", "image": "acme/web:2"}]}"#;

#[tokio::test(start_paused = true)]
async fn t18_what_belongs_to_others_is_told_and_refused_if_that_is_wanted() {
    let office = Office::open();
    office.world.send("web", ELSEWHERE);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert!(office.said().contains("doubt: $.executionRoleArn"), "{}", office.said());
    let mut office = Office::open();
    office.settings.policy.accounts = only("111122223333");
    office.world.send("web", ELSEWHERE);
    assert_eq!(office.once().await, Some(Exit::Unusable));
    assert_eq!(office.world.made(), 0);
}

const OPEN: &str = r#"{"family": "web", "containerDefinitions": [{"name": "main",
    "image": "acme/web:2", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}]}"#;

#[tokio::test(start_paused = true)]
async fn t19_secrets_in_the_open_are_told_by_their_names_alone() {
    for (refuses, exit) in [(false, Exit::Done), (true, Exit::Unusable)] {
        let mut office = Office::open();
        office.settings.policy.no_secrets = refuses;
        office.world.send("web", OPEN);
        assert_eq!(office.once().await, Some(exit));
        let all = format!("{}{}", office.said(), office.told());
        assert!(all.contains("DB_PASSWORD") && !all.contains("hunter2"), "{all}");
    }
}

#[tokio::test(start_paused = true)]
async fn t20_what_is_not_on_the_list_is_refused() {
    for change in [
        |office: &mut Office| office.settings.policy.services = only("api"),
        |office: &mut Office| office.settings.policy.families = only("api-*"),
        |office: &mut Office| office.settings.policy.images = only("*.dkr.ecr.*"),
    ] {
        let mut office = Office::open();
        change(&mut office);
        let told = is_refused(office, Exit::Unusable).await;
        assert!(told.contains("is not one of those that are allowed"), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn t21_another_family_is_told_and_refused_if_that_is_wanted() {
    let other = WEB.replace(r#""family": "web""#, r#""family": "api""#);
    for (refuses, exit) in [(false, Exit::Done), (true, Exit::Unusable)] {
        let mut office = Office::open();
        office.settings.policy.same_family = refuses;
        office.world.send("web", &other);
        assert_eq!(office.once().await, Some(exit));
        let all = format!("{}{}", office.said(), office.told());
        assert!(all.contains("runs the family `web`"), "{all}");
    }
}

#[tokio::test(start_paused = true)]
async fn t42_what_aws_does_not_take_is_told_in_its_words() {
    let office = Office::open();
    office.world.send("web", &WEB.replacen('{', r#"{"cpu": "7", "#, 1));
    assert_eq!(office.settle().await, [Some(Exit::Unusable); 5]);
    assert!(office.told().contains("Invalid CPU value."), "{}", office.told());
    assert_eq!(office.world.count("ecs:UpdateService"), 0);
}

#[tokio::test(start_paused = true)]
async fn t43_a_revision_that_the_service_does_not_take_is_decided() {
    let office = Office::open();
    office.world.send("web", &WEB.replace(r#""family": "web""#, r#""family": "unwanted""#));
    assert_eq!(office.settle().await, [Some(Exit::Failed)]);
    assert!(office.told().contains("does not fit"), "{}", office.told());
    assert_eq!(office.world.begun(), 0);
}

#[tokio::test(start_paused = true)]
async fn t68_a_service_of_a_stack_is_told_so() {
    let key = "aws:cloudformation:stack-name";
    let office = office(|service| service.tags.push((key, "shop")));
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::Done));
    assert!(office.said().contains("stack shop"), "{}", office.said());
    office.world.with(|state| {
        // By this, `ecs-cli up` sees whose the revision is.
        let made = state.ecs.revisions.last().unwrap();
        assert_eq!(made.tag("ecs-deployer:service"), Some("default/web"));
    });
}
