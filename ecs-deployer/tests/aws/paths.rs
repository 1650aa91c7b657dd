//! The main paths.

use serde_json::{Value, json};
use testkit::emulator::{Image, Settings};
use testkit::http::Response;
use testkit::proxy::{Proxy, Rule};

use crate::shop::{Shop, definition, result};

const NEW: &str = "acme/web:2";

fn send(shop: &Shop, image: &str) {
    shop.send("web", &definition("web", image).to_string());
}

#[test]
fn a_message_becomes_a_deployment() {
    let shop = Shop::open();
    send(&shop, NEW);
    let proxy = Proxy::before(&shop.account);
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!((shop.image("web").as_str(), shop.revisions("web")), (NEW, 2));
    assert_eq!(shop.waiting(&shop.queue), 0);
    assert_eq!(result(&run)["status"], "deployed");
    let looks = proxy.count("ECS.DescribeServices") - 1;
    let beats = proxy.count("SQS.ChangeMessageVisibility");
    // The service was made just now, so that it may have been somebody else's order; and
    // whether its own marks may be read is looked at once.
    let doubts = proxy.count("ECS.DescribeTaskDefinition");
    assert!(doubts <= 2, "{run:?}");
    assert_eq!(proxy.count("*"), 5 + looks + beats + doubts, "{run:?}");
}

#[test]
fn t01_an_empty_queue_is_no_success() {
    let mut shop = Shop::open();
    assert_eq!(shop.run("").code, Some(4));
    shop.variables.push(("ECS_EMPTY_OK", "1".to_owned()));
    assert_eq!(shop.run("").code, Some(0));
}

#[test]
fn t03_a_queue_that_is_not_there_is_named() {
    let mut shop = Shop::open();
    shop.queue.push_str("-nowhere");
    let run = shop.run("");
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(run.errors.contains("sqs:ReceiveMessage"), "{run:?}");
    shop.variables.push(("ECS_EXIT_COMPAT", "1".to_owned()));
    assert_eq!(shop.run("").code, Some(1));
}

#[test]
fn t08_what_the_sdk_does_not_know_is_registered() {
    let shop = Shop::open();
    let mut definition = definition("web", NEW);
    let environment = json!([{"name": "X", "value": "a\n\"b\" \\ \t ü 😀"}]);
    definition["containerDefinitions"][0]["environment"] = environment.clone();
    definition["containerDefinitions"][0]["inventedLater"] = json!({"x": [1, null]});
    let proxy = Proxy::before(&shop.account);
    shop.send("web", &serde_json::to_string_pretty(&definition).unwrap());
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    let calls = proxy.calls();
    let sent = calls.iter().find(|call| call.name == "ECS.RegisterTaskDefinition").unwrap();
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(sent["containerDefinitions"], definition["containerDefinitions"]);
    assert!(!run.errors.contains("😀"), "no body is logged: {run:?}");
}

#[test]
fn t44_an_image_that_is_missing_is_told() {
    let shop = Shop::open();
    let images = vec![Image::named("acme/nope").is_missing()];
    shop.account.set(&Settings { images, ..Settings::default() });
    send(&shop, "acme/nope:1");
    let run = shop.run("");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.errors.contains("acme/nope:1"), "{run:?}");
    assert_eq!(shop.waiting(&shop.queue), 0);
}

#[test]
fn t46_a_crash_loop_is_told_and_taken_back() {
    let mut shop = Shop::open();
    shop.variables.push(("ECS_ROLLBACK", "1".to_owned()));
    shop.variables.push(("ECS_FAILURES", "1".to_owned()));
    let images = vec![Image::named(NEW).exits(3)];
    shop.account.set(&Settings { images, ..Settings::default() });
    send(&shop, NEW);
    let run = shop.run("");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(result(&run)["status"], "rolled_back", "{run:?}");
    assert_eq!(shop.image("web"), "acme/web:1");
}

#[test]
fn t04_poison_goes_where_somebody_looks() {
    let mut shop = Shop::open();
    let dead = shop.queue("dead");
    shop.variables.push(("DEADLETTER_URL", dead.clone()));
    shop.send("web", "nonsense");
    let run = shop.run("");
    assert_eq!(run.code, Some(5), "{run:?}");
    assert_eq!((shop.waiting(&shop.queue), shop.waiting(&dead)), (0, 1));
}

#[test]
fn t23_a_message_that_comes_again_is_known() {
    let shop = Shop::open();
    send(&shop, NEW);
    let proxy = Proxy::before(&shop.account);
    proxy.rule(Rule::on("SQS.DeleteMessage").fail(503).always());
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(shop.waiting(&shop.queue), 1);
    shop.redeliver();
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(result(&run)["status"], "already_deployed", "{run:?}");
    assert_eq!((shop.revisions("web"), shop.waiting(&shop.queue)), (2, 0));
}

#[test]
fn t34_an_older_message_does_not_undo_a_newer() {
    let shop = Shop::open();
    let numbered = |number: &str, image: &str| {
        let attribute = |value: &str| json!({"DataType": "String", "StringValue": value});
        let message = json!({
            "QueueUrl": shop.queue, "MessageBody": definition("web", image).to_string(),
            "MessageAttributes": {"service": attribute("web"), "sequence": attribute(number)},
        });
        assert_eq!(shop.account.json("sqs", "SendMessage", &message).status, 200);
    };
    numbered("8", "acme/web:3");
    assert_eq!(shop.run("").code, Some(0));
    numbered("7", NEW);
    let run = shop.run("");
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(shop.image("web"), "acme/web:3");
}

#[test]
fn t41_what_is_not_allowed_is_named_once() {
    let shop = Shop::open();
    send(&shop, NEW);
    let proxy = Proxy::before(&shop.account);
    proxy.rule(Rule::on("ECS.UpdateService").deny().always());
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(run.errors.contains("ecs:UpdateService"), "{run:?}");
    assert_eq!(proxy.count("ECS.UpdateService"), 1);
    assert_eq!(shop.waiting(&shop.queue), 1);
}

#[test]
fn with_the_first_seven_permissions_it_works_and_says_what_it_cannot() {
    let shop = Shop::open();
    send(&shop, NEW);
    let proxy = Proxy::before(&shop.account);
    for call in [
        "ECS.DescribeTaskDefinition",
        "ECS.ListTaskDefinitions",
        "ECS.ListServiceDeployments",
        "SQS.ChangeMessageVisibility",
        "SQS.GetQueueAttributes",
        "SQS.SendMessage",
    ] {
        proxy.rule(Rule::on(call).deny().always());
    }
    let told = r#"{"__type": "AccessDeniedException", "message": "User: x is not authorized to perform: ecs:TagResource on resource: y"}"#;
    let denied = Response::new(400, "application/x-amz-json-1.1", told);
    proxy.rule(Rule::on("ECS.RegisterTaskDefinition").times(1).answer(denied));
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!((shop.image("web").as_str(), shop.waiting(&shop.queue)), (NEW, 0));
    let told = run.errors.matches("ecs:TagResource").count();
    assert_eq!(told, 1, "it is said once: {run:?}");
}

#[test]
fn t66_a_clock_that_is_wrong_is_corrected_once() {
    let shop = Shop::open();
    send(&shop, NEW);
    let proxy = Proxy::before(&shop.account);
    let told = r#"{"__type": "InvalidSignatureException", "message": "Signature expired"}"#;
    let mut wrong = Response::new(403, "application/x-amz-json-1.0", told);
    wrong.headers.add("Date", "Thu, 01 Jan 2037 00:00:00 GMT");
    proxy.rule(Rule::on("SQS.ReceiveMessage").times(1).answer(wrong));
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(proxy.count("SQS.ReceiveMessage"), 2);
}

#[test]
fn t69_what_makes_no_sense_is_told_before_anything_is_received() {
    let mut shop = Shop::open();
    shop.variables = vec![
        ("ECS_TIMEOUT", "-5".to_owned()),
        ("ECS_ACK", "sometimes".to_owned()),
        ("SQS_URL", "not a queue".to_owned()),
    ];
    let proxy = Proxy::before(&shop.account);
    let run = shop.run_through(&proxy, "");
    assert_eq!((run.code, proxy.count("*")), (Some(2), 0), "{run:?}");
    for name in ["ECS_TIMEOUT", "ECS_ACK", "SQS_URL"] {
        assert!(run.errors.contains(name), "{run:?}");
    }
}

#[test]
fn t64_more_tasks_than_one_call_takes_are_asked_for_in_parts() {
    let shop = Shop::open();
    let arn = |number: usize| {
        format!("arn:aws:ecs:us-east-1:{}:task/default/{number:032x}", shop.account.id())
    };
    let arns: Vec<String> = (0..250).map(arn).collect();
    let images = vec![Image::named("acme/nope").is_missing()];
    shop.account.set(&Settings { images, ..Settings::default() });
    send(&shop, "acme/nope:1");
    let proxy = Proxy::before(&shop.account);
    let listed = json!({ "taskArns": arns }).to_string();
    let listed = Response::new(200, "application/x-amz-json-1.1", listed);
    proxy.rule(Rule::on("ECS.ListTasks").always().answer(listed));
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(1), "{run:?}");
    let calls = proxy.calls();
    let asked = calls.iter().filter(|call| call.name == "ECS.DescribeTasks").map(|call| {
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        body["tasks"].as_array().map_or(0, Vec::len)
    });
    let asked: Vec<usize> = asked.collect();
    assert_eq!(asked[..3], [100, 100, 50], "{asked:?}");
}
