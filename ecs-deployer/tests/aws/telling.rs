//! Who is told, and what the commands beside the work on messages do.

use std::io::BufReader;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::http::{Response, read_request, write_response};

use crate::shop::{Shop, definition};

const NEW: &str = "acme/web:2";

/// Whoever waits for something that is certain to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody on the web who takes what is posted, and answers with a number.
fn somebody(status: u16) -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("somebody connects");
            let mut reader = BufReader::new(stream);
            while let Ok(Some(request)) = read_request(&mut reader) {
                let body = serde_json::from_slice(&request.body).expect("it is JSON");
                let _ = sender.send(body);
                let answer = Response::new(status, "text/plain", "thanks");
                let _ = write_response(reader.get_mut(), "POST", &answer);
            }
        }
    });
    (format!("http://{address}/poison-of-the-address"), receiver)
}

/// A topic whose messages come to a queue: its ARN, and the queue's URL.
fn topic(shop: &Shop) -> (String, String) {
    let made = shop.account.query("sns", "CreateTopic", &[("Name", "told")]);
    let topic = made.text("TopicArn");
    let queue = shop.queue("told");
    let asked = json!({"QueueUrl": queue, "AttributeNames": ["QueueArn"]});
    let answer = shop.account.json("sqs", "GetQueueAttributes", &asked).json();
    let arn = answer["Attributes"]["QueueArn"].as_str().expect("a queue has an ARN").to_owned();
    let to = [("TopicArn", topic.as_str()), ("Protocol", "sqs"), ("Endpoint", &arn)];
    let answer = shop.account.query("sns", "Subscribe", &to);
    assert_eq!(answer.status, 200, "{}", answer.body);
    (topic, queue)
}

/// The body of a message of a queue.
fn body(shop: &Shop, queue: &str) -> Value {
    let asked = json!({"QueueUrl": queue, "WaitTimeSeconds": 5});
    let answer = shop.account.json("sqs", "ReceiveMessage", &asked).json();
    let body = answer["Messages"][0]["Body"].as_str();
    let body = body.unwrap_or_else(|| panic!("nothing is in {queue}: {answer}"));
    serde_json::from_str(body).expect("it is JSON")
}

#[test]
fn everybody_is_told_the_same() {
    let mut shop = Shop::open();
    let (webhook, posted) = somebody(200);
    let (slack, said) = somebody(200);
    let (topic, told) = topic(&shop);
    let results = shop.queue("results");
    shop.variables = vec![
        ("WEBHOOK_URL", webhook),
        ("SLACK_WEBHOOK", slack),
        ("SLACK_CHANNEL", "#shop".to_owned()),
        ("SNS_TOPIC", topic),
        ("RESULT_URL", results.clone()),
        ("METRICS_EMF", "1".to_owned()),
    ];
    shop.send("web", &definition("web", NEW).to_string());
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
    let result = posted.recv_timeout(PATIENCE).expect("it was posted");
    assert_eq!((&result["status"], &result["service"]), (&"deployed".into(), &"web".into()));
    assert_eq!(body(&shop, &results)["delivery_key"], result["delivery_key"]);
    let begun = said.recv_timeout(PATIENCE).expect("it was said").to_string();
    assert!(begun.contains("web is being deployed to web"), "{begun}");
    let ended = said.recv_timeout(PATIENCE).expect("it was said").to_string();
    assert!(ended.contains("web runs web:2 now"), "{ended}");
    let told: Vec<Value> = vec![body(&shop, &told), body(&shop, &told)];
    let subjects: Vec<&str> = told.iter().filter_map(|it| it["Subject"].as_str()).collect();
    assert!(subjects.contains(&"web in default: deployed"), "{subjects:?}");
    assert!(run.errors.contains("CloudWatchMetrics"), "{run:?}");
    assert!(!run.errors.contains("poison"), "{run:?}");
}

#[test]
fn t65_who_cannot_be_told_changes_nothing() {
    let mut shop = Shop::open();
    let (webhook, posted) = somebody(500);
    shop.variables = vec![
        ("WEBHOOK_URL", webhook),
        ("SNS_TOPIC", "arn:aws:sns:us-east-1:000000000000:nowhere".to_owned()),
        ("RESULT_URL", shop.queue.replace("/deploy", "/nowhere")),
    ];
    shop.send("web", &definition("web", NEW).to_string());
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(posted.iter().take(3).count(), 3, "it was tried three times");
    for whom in ["the webhook", "the topic", "the queue of results"] {
        assert!(run.errors.contains(&format!("{whom} could not be told")), "{whom}: {run:?}");
    }
    assert!(!run.errors.contains("poison"), "{run:?}");
    assert_eq!(shop.waiting(&shop.queue), 0);
}

#[test]
fn who_sends_may_wait_for_the_end() {
    let mut shop = Shop::open();
    shop.variables = vec![("RESULT_URL", shop.queue("results"))];
    let file = std::env::temp_dir().join(format!("ecs-deployer-{}.json", shop.account.id()));
    std::fs::write(&file, definition("web", NEW).to_string()).expect("it can be written");
    let sender = shop.begin(&format!("send --wait -f {} --service web", file.display()));
    shop.until(|| shop.waiting(&shop.queue) == 1);
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
    let sent = sender.wait();
    let _ = std::fs::remove_file(file);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    assert!(sent.errors.contains("web runs web:2 now"), "{sent:?}");
}

#[test]
fn a_check_says_what_is_there() {
    let shop = Shop::open();
    let run = shop.run("check --service web");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.output.contains("service default/web: it can be deployed to"), "{run:?}");
    assert_eq!(shop.run("check").code, Some(0));
    let run = shop.run("check --service nobody");
    assert_eq!(run.code, Some(6), "{run:?}");
    assert_eq!((shop.revisions("web"), shop.waiting(&shop.queue)), (1, 0));
}

#[test]
fn a_daemon_says_how_it_is() {
    let mut shop = Shop::open();
    let place = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener.local_addr().expect("it listens").to_string()
    };
    shop.variables = vec![("HEALTH_ADDR", place.clone()), ("METRICS_ADDR", place)];
    assert_eq!(shop.run("healthcheck").code, Some(1), "nobody is there yet");
    let daemon = shop.begin("--daemon");
    shop.until(|| shop.run("healthcheck").code == Some(0));
    let run = daemon.terminate();
    assert_eq!(run.code, Some(143), "{run:?}");
}

#[test]
fn what_is_to_be_allowed_is_printed() {
    let shop = Shop::open();
    let run = shop.run("iam --queue arn:aws:sqs:eu-west-1:111122223333:orders --minimum");
    assert_eq!(run.code, Some(0), "{run:?}");
    let policy: Value = serde_json::from_str(&run.output).expect("it is JSON");
    assert_eq!(policy["Version"], "2012-10-17");
    let run = shop.run("iam --queue orders");
    assert_eq!((run.code, run.output.as_str()), (Some(2), ""), "{run:?}");
}

#[test]
fn who_reads_an_order_can_be_stopped() {
    let shop = Shop::open();
    for command in ["send", "deploy"] {
        let reading = shop.begin_reading(&format!("{command} -f - --service web"));
        thread::sleep(Duration::from_millis(500));
        let run = reading.terminate();
        assert_eq!(run.code, None, "the signal ends it: {run:?}");
    }
}

#[test]
fn a_deployment_without_a_queue_is_told_and_named_too() {
    let mut shop = Shop::open();
    let (webhook, posted) = somebody(200);
    shop.variables = vec![("WEBHOOK_URL", webhook)];
    let file = std::env::temp_dir().join(format!("ecs-deployer-{}-d.json", shop.account.id()));
    std::fs::write(&file, definition("web", NEW).to_string()).expect("it can be written");
    let run = shop.run(&format!("deploy -f {} --service web", file.display()));
    let _ = std::fs::remove_file(file);
    assert_eq!(run.code, Some(0), "{run:?}");
    let result = posted.recv_timeout(PATIENCE).expect("it was posted");
    let key = result["delivery_key"].as_str().expect("it has a name");
    assert!(run.errors.contains(&format!("--deployment-id {key}")), "{run:?}");
    assert!(result["api_calls"].as_u64().is_some_and(|calls| calls >= 4), "{result}");
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let mut shop = Shop::open();
    shop.variables = ["AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_ECS", "HOME", "ECS_TIMEOUT"]
        .map(|name| (name, String::new()))
        .to_vec();
    shop.send("web", &definition("web", NEW).to_string());
    let run = shop.run("");
    assert_eq!(run.code, Some(0), "{run:?}");
}
