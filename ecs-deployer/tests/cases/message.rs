//! Messages that can be used, and those that cannot.

use std::collections::BTreeMap;

use ecs_deployer::exit::Exit;
use ecs_deployer::queue::Attribute;
use serde_json::{Value, json};

use crate::office::{Office, WEB};

/// Sends a message, and says how the program ends and what it says.
async fn ended(attributes: &[(&str, &str)], body: &str) -> (Exit, String) {
    let office = Office::open();
    office.world.send_with(attributes, body);
    let exit = office.once().await.expect("it ends");
    (exit, office.told())
}

/// A message for `web`.
async fn body(body: &str) -> (Exit, String) {
    ended(&[("service", "web")], body).await
}

#[tokio::test(start_paused = true)]
async fn t04_what_is_no_json_is_left_to_the_queue_and_then_removed() {
    let office = Office::open();
    office.world.send("web", "nonsense");
    assert_eq!(office.settle().await, [Some(Exit::Unusable); 5]);
    assert_eq!(office.world.count("ecs:DescribeServices"), 0);
    assert!(office.said().contains("Settled(Keep(60s))"), "{}", office.said());
    // Nobody can find it any more, so that it is said.
    assert!(office.said().ends_with("Settled(GiveUp)"), "{}", office.said());
    assert!(office.summary().contains("this message is lost"), "{}", office.summary());
}

#[tokio::test(start_paused = true)]
async fn t04_nothing_is_removed_where_the_queue_does_not_say_what_it_does() {
    let office = Office::open();
    office.world.deny("sqs:GetQueueAttributes");
    office.world.send("web", "nonsense");
    for _ in 0..9 {
        let exit = office.once().await;
        assert!(matches!(exit, Some(Exit::Unusable | Exit::Empty)), "{exit:?}");
        tokio::time::sleep(std::time::Duration::from_secs(900)).await;
    }
    assert!(office.world.message().is_some());
    assert!(office.said().contains("NotAbout"), "{}", office.said());
}

#[tokio::test(start_paused = true)]
async fn t04_a_queue_that_puts_messages_away_does_so() {
    let office = Office::open();
    office.world.with(|state| state.sqs.max_receives = Some(3));
    office.world.send("web", "nonsense");
    assert_eq!(office.settle().await, [Some(Exit::Unusable); 3]);
    office.world.with(|state| assert_eq!(state.sqs.put_away.len(), 1));
}

#[tokio::test(start_paused = true)]
async fn t04_a_copy_goes_where_somebody_looks() {
    let mut office = Office::open();
    office.settings.dead_letters = Some("https://sqs/dead".to_owned());
    office.world.send("web", "nonsense");
    assert_eq!(office.settle().await, [Some(Exit::Unusable)]);
    office.world.with(|state| {
        let letter = &state.sqs.sent[0];
        assert_eq!((letter.queue.as_str(), letter.body.as_str()), ("https://sqs/dead", "nonsense"));
        assert_eq!(letter.attributes["service"].value, "web");
        assert_eq!(letter.attributes["ecs-deployer-reason"].value, "unusable");
    });
}

#[tokio::test(start_paused = true)]
async fn t05_everything_that_is_missing_is_told_at_once() {
    let (exit, told) = ended(&[], r#"{"containerDefinitions": [{"name": "a"}]}"#).await;
    assert_eq!(exit, Exit::Unusable);
    for at in ["$.family", "$.containerDefinitions[0].image", "attribute service"] {
        assert!(told.contains(at), "{told}");
    }
    for body in ["[]", "3", "null", "\"text\"", "{}"] {
        assert_eq!(self::body(body).await.0, Exit::Unusable, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn t06_volumes_may_be_left_out() {
    assert_eq!(body(WEB).await.0, Exit::Done);
    let mut office = Office::open();
    office.settings.needs_volumes = true;
    office.world.send("web", WEB);
    assert_eq!(office.once().await, Some(Exit::Unusable));
    assert!(office.told().contains("$.volumes"), "{}", office.told());
}

#[tokio::test(start_paused = true)]
async fn t07_what_aws_describes_is_taken() {
    let described = format!(
        r#"{{"taskDefinition": {}}}"#,
        WEB.replacen('{', r#"{"revision": 7, "status": "ACTIVE", "#, 1)
    );
    let office = Office::open();
    office.world.send("web", &described);
    assert_eq!(office.once().await, Some(Exit::Done));
    office.world.with(|state| {
        let made = &state.ecs.revisions.last().unwrap().body;
        assert!(made.get("revision").is_none() && made.get("status").is_none(), "{made:?}");
    });
}

#[tokio::test(start_paused = true)]
async fn t08_what_is_registered_is_what_was_sent() {
    let nested =
        json!({"a": json!({"b": json!({"c": "\\ \n \t \" ü 😀"}).to_string()}).to_string()});
    let mut sent: Value = serde_json::from_str(WEB).unwrap();
    sent["containerDefinitions"][0]["environment"] = json!([
        {"name": "LINES", "value": "one\ntwo\r\nthree\ttab \\ back"},
        {"name": "NESTED", "value": nested.to_string()},
        {"name": "EMPTY", "value": ""},
    ]);
    sent["containerDefinitions"][0]["inventedLater"] = json!({"x": [1, 2.5, null, true]});
    let texts = [
        sent.to_string(),
        serde_json::to_string_pretty(&sent).unwrap(),
        serde_json::to_string_pretty(&sent).unwrap().replace('\n', "\r\n").replace("  ", "\t"),
        format!("\u{feff}{sent}"),
    ];
    for text in texts {
        let office = Office::open();
        office.world.send("web", &text);
        assert_eq!(office.once().await, Some(Exit::Done));
        office.world.with(|state| {
            let made = state.ecs.revisions.last().unwrap().body.clone();
            assert_eq!(Value::from(made), sent);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn t09_what_can_be_read_in_two_ways_or_never_ends_is_refused() {
    let twice = WEB.replacen('{', r#"{"family": "api", "#, 1);
    let (deep, large) = ("[".repeat(10_000), " ".repeat(10 * 1024 * 1024));
    for (text, why) in [
        (twice.as_str(), "`family` is there twice"),
        (&deep, "128 levels"),
        (&large, "larger"),
        (r#"{"cpu": NaN}"#, "no JSON"),
    ] {
        let (exit, told) = body(text).await;
        assert_eq!(exit, Exit::Unusable);
        assert!(told.contains(why), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn t10_who_names_no_service_is_told_how() {
    let (exit, told) = ended(&[], WEB).await;
    assert_eq!(exit, Exit::Unusable);
    assert!(told.contains("--message-attributes"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn t11_what_is_no_name_of_a_service_reaches_nobody() {
    let long = "x".repeat(300);
    for name in ["", " ", "web svc", "web-svc --desired-count 0", "../web", long.as_str()] {
        let (exit, told) = ended(&[("service", name)], WEB).await;
        assert_eq!(exit, Exit::Unusable, "{name}");
        assert!(told.contains("attribute service"), "{told}");
    }
    for kind in ["Number", "Binary"] {
        let office = Office::open();
        let attribute = Attribute { kind: kind.to_owned(), value: "1".to_owned() };
        office.world.put(BTreeMap::from([("service".to_owned(), attribute)]), WEB);
        assert_eq!(office.once().await, Some(Exit::Unusable), "{kind}");
    }
    let arn = "arn:aws:ecs:eu-west-1:111122223333:service/default/web";
    assert_eq!(ended(&[("service", arn)], WEB).await.0, Exit::Done);
}

#[tokio::test(start_paused = true)]
async fn an_arn_of_another_place_is_not_taken_for_what_is_called_the_same_here() {
    for arn in [
        "arn:aws:ecs:eu-central-1:111122223333:service/default/web",
        "arn:aws:ecs:eu-west-1:999999999999:service/default/web",
    ] {
        let (exit, told) = ended(&[("service", arn)], WEB).await;
        assert_eq!(exit, Exit::Unusable, "{arn}");
        assert!(told.contains("attribute service: the ARN is of the"), "{told}");
    }
    let cluster = "arn:aws:ecs:eu-west-1:999999999999:cluster/default";
    let (exit, told) = ended(&[("service", "web"), ("cluster", cluster)], WEB).await;
    assert_eq!(exit, Exit::Unusable, "{told}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_become_a_tag_is_no_name_of_an_order() {
    for (name, exit) in [
        ("build/7 of main:1.2_3+4=5-6@x", Exit::Done),
        ("build #7 (main)", Exit::Unusable),
        ("", Exit::Unusable),
        (&"x".repeat(257), Exit::Unusable),
    ] {
        let (ended, told) = ended(&[("service", "web"), ("deployment_id", name)], WEB).await;
        assert_eq!(ended, exit, "{name}: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn t12_who_wants_no_service_gets_a_revision() {
    let office = Office::open();
    office.world.send("false", WEB);
    assert_eq!(office.settle().await, [Some(Exit::Done)]);
    assert_eq!((office.world.made(), office.world.begun()), (1, 0));
    assert_eq!(office.world.count("ecs:DescribeServices"), 0);
}

#[tokio::test(start_paused = true)]
async fn other_attributes_are_taken_or_refused() {
    for (name, value, exit) in [
        ("timeout", "5m", Exit::Done),
        ("timeout", "13h", Exit::Unusable),
        ("timeout", "18446744073709551615", Exit::Unusable),
        ("timeout", "soon", Exit::Unusable),
        ("rollback", "1", Exit::Done),
        ("rollback", "perhaps", Exit::Unusable),
        ("strategy", "canary", Exit::Done),
        ("strategy", "pink", Exit::Unusable),
        ("sequence", "7", Exit::Done),
        ("sequence", "first", Exit::Unusable),
        ("cluster", "default", Exit::Done),
        ("cluster", "other", Exit::Unusable),
        ("commit_url", "https://example.com/1", Exit::Done),
        ("anything", "else", Exit::Done),
    ] {
        let (ended, told) = ended(&[("service", "web"), (name, value)], WEB).await;
        assert_eq!(ended, exit, "{name}={value}: {told}");
    }
}
