use std::rc::Rc;
use std::time::Duration;

use ecs_apply::rollout::{News, Outcome, Phase, Report, Standing};
use ecs_apply::{AwsError, Undelivered};

use super::*;
use crate::decision::Decision;
use crate::exit::Exit;
use crate::log::{Format, Level};
use crate::message::request;
use crate::queue::{Attribute, Receipt};
use crate::result::{Answer, DeployResult};
use crate::settings::{Asked, Given, settings};
use crate::worker::Early;

const RECEIPT: &str = "AQEB-poison-of-the-receipt";

/// Remembers whom it told.
#[derive(Clone, Default)]
struct Told(Rc<RefCell<Vec<String>>>);

impl Messenger for Told {
    async fn post(&self, url: &str, json: String) -> Result<(), Undelivered> {
        self.0.borrow_mut().push(format!("{url} {json}"));
        Err(Undelivered { reason: format!("{url} is not there"), passing: false })
    }

    async fn publish(&self, _: &str, _: &str, _: &str) -> Result<(), Undelivered> {
        Ok(())
    }

    async fn send(&self, _: &str, result: &DeployResult) -> Result<(), Undelivered> {
        self.0.borrow_mut().push(result.json().to_string());
        Ok(())
    }
}

fn given() -> Settings {
    let environment = |name: &str| {
        let value = match name {
            "SQS_URL" => "https://sqs.eu-west-1.amazonaws.com/111122223333/orders",
            "RESULT_URL" => "https://sqs.eu-west-1.amazonaws.com/111122223333/results",
            "SLACK_WEBHOOK" => "https://hooks.slack.com/services/poison-of-slack",
            "SLACK_CHANNEL" => "#shop",
            "WEBHOOK_URL" => "https://hook.example.com/poison-of-the-webhook",
            "ECS_ROLE_ARN" => "arn:aws:iam::111122223333:role/deployer",
            "ECS_EXTERNAL_ID" => "poison-of-the-role",
            "ECS_PRE_TASK" => {
                r#"{"containerOverrides": [{"environment": [{"name": "A", "value": "poison-of-it"}]}]}"#
            }
            "METRICS_EMF" => "1",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let given = Given { flags: &|_| None, environment: &environment };
    settings(given, Asked { needs_queue: true, terminal: false }).unwrap()
}

fn message(body: &str) -> Message {
    Message {
        id: "6f1c".to_owned(),
        receipt: Receipt(RECEIPT.to_owned()),
        body: body.to_owned(),
        attributes: [("service".to_owned(), Attribute::text("web"))].into(),
        sent: None,
        receives: 2,
        sequence: None,
        group: None,
        redriven: false,
    }
}

const BODY: &str = r#"{"family": "shop-web", "revision": 7, "containerDefinitions": [{
    "name": "app", "image": "shop/web:2", "command": ["--token", "poison-of-the-command"],
    "environment": [{"name": "PASSWORD", "value": "poison-of-the-variable"}]
}]}"#;

fn arn(number: u32) -> String {
    format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/shop-web:{number}")
}

/// AWS repeats what it was given.
fn repeated() -> AwsError {
    AwsError::Refused {
        action: "sqs:DeleteMessage",
        code: "InvalidParameterValue".to_owned(),
        message: format!(
            "Value {RECEIPT} for parameter ReceiptHandle is invalid. Reason: expired."
        ),
    }
}

fn reporter(format: Format, told: &Told) -> (Settings, Reporter<Told>) {
    let settings = given();
    let log = Log::to_memory(format, Level::Debug).hiding(settings.secrets());
    let link = Some("https://eu-west-1.console.aws.amazon.com/task".to_owned());
    let reporter = Reporter::new(&settings, log, Metrics::default(), told.clone()).of_task(link);
    (settings, reporter)
}

/// All that can be seen of a message, up to its end.
async fn work(settings: &Settings, reporter: &Reporter<Told>) {
    let message = message(BODY);
    let wanted = request(&message, settings).unwrap();
    let repeated = repeated();
    let see = |seen| reporter.see(Some(&message), seen);
    let silent =
        AwsError::NoAnswer { action: "sqs:ReceiveMessage", reason: "silent for 40 s".to_owned() };
    reporter.see(None, Seen::Asking);
    reporter.see(None, Seen::NotReceived(&silent));
    see(Seen::Received);
    see(Seen::Read(&wanted));
    see(Seen::News(News::Found { runs: arn(41), standing: Standing::New }));
    see(Seen::News(News::Registered { revision: arn(42) }));
    let deployment = "ecs-svc/9".to_owned();
    see(Seen::News(News::Updated { revision: arn(42), deployment }));
    see(Seen::AcknowledgedEarly(Early::Unmarked));
    see(Seen::NotHeld(&repeated));
    let progress = News::Progress { phase: Phase::Running, running: 1, desired: 2, failed: 0 };
    see(Seen::News(progress));
    see(Seen::NotSettled(&repeated));
    let report = Report {
        outcome: Outcome::Deployed,
        revision: Some(arn(42)),
        before: arn(41),
        is_idle: false,
        causes: Vec::new(),
        said: Vec::new(),
    };
    let decision = Decision { fate: Fate::Remove, exit: Exit::Done };
    let answer = Ok(report);
    let answer = Answer::Rollout(&answer);
    reporter
        .announce(&Done { message: &message, answer, decision, fate: Some(decision.fate) })
        .await;
    // It could not be removed, though it is done.
    reporter.see(Some(&message), Seen::NotSettled(&repeated));
}

#[tokio::test]
async fn nothing_that_is_secret_is_written_down() {
    for format in [Format::Text, Format::Json] {
        let (settings, reporter) = reporter(format, &Told::default());
        work(&settings, &reporter).await;
        let written = reporter.log.written() + &reporter.metrics.text();
        assert!(written.contains("shop-web:42") && written.contains("could not be told"));
        let at = written.find("poison-of").map(|at| &written[at.saturating_sub(200)..]);
        assert_eq!(at, None, "{format:?}");
    }
}

#[tokio::test]
async fn a_message_is_told_from_its_beginning_to_its_end() {
    let told = Told::default();
    let (settings, reporter) = reporter(Format::Text, &told);
    work(&settings, &reporter).await;
    let written: Vec<String> = reporter
        .log
        .written()
        .lines()
        .map(|line| if line.starts_with('{') { "(metrics)" } else { &line[10..] }.to_owned() + "\n")
        .collect();
    insta::assert_snapshot!(written.concat());
    assert_eq!(told.0.borrow().len(), 3, "Slack, the webhook and the queue");
    assert!(reporter.cases.borrow().is_empty());
    assert!(reporter.metrics.text().contains("in_flight 0\n"));
}

#[tokio::test]
async fn every_line_of_json_says_what_it_is_about() {
    let (settings, reporter) = reporter(Format::Json, &Told::default());
    work(&settings, &reporter).await;
    let mut about = 0;
    for line in reporter.log.written().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        about += usize::from(line["service"] == "web" && line["delivery_key"] == "6f1c");
    }
    assert!(about >= 8, "{about}");
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_named() {
    let (_, reporter) = reporter(Format::Text, &Told::default());
    let error = AwsError::Refused {
        action: "sqs:ReceiveMessage",
        code: "QueueDoesNotExist".to_owned(),
        message: "The specified queue does not exist.".to_owned(),
    };
    reporter.see(None, Seen::NotReceived(&error));
    let written = reporter.log.written();
    assert!(written.contains("111122223333/orders: AWS refused sqs:ReceiveMessage"), "{written}");
    assert!(written.contains("to do: check the queue's address"), "{written}");
}

#[tokio::test]
async fn people_are_told_that_it_begins() {
    let told = Told::default();
    let (settings, reporter) = reporter(Format::Text, &told);
    let message = message(BODY);
    reporter.see(Some(&message), Seen::Received);
    reporter.see(Some(&message), Seen::Read(&request(&message, &settings).unwrap()));
    reporter.begin(&message).await;
    assert!(told.0.borrow()[0].contains("shop-web is being deployed to web in default"));
}

#[tokio::test]
async fn a_message_that_cannot_be_used_is_told_without_its_body() {
    let told = Told::default();
    let (settings, reporter) = reporter(Format::Text, &told);
    let message = message(r#"{"family": 7, "poison": "poison-of-the-body"}"#);
    let poison = request(&message, &settings).unwrap_err();
    reporter.see(Some(&message), Seen::Received);
    reporter.see(Some(&message), Seen::Poison(&poison));
    let answer = Answer::Unusable(&poison.0);
    let decision = Decision::POISON;
    reporter
        .announce(&Done {
            message: &message,
            answer,
            decision,
            fate: Some(Fate::Keep(Duration::from_secs(120))),
        })
        .await;
    assert!(reporter.log.written().contains("the message cannot be used"));
    assert_eq!(told.0.borrow().len(), 0, "it had come before");
    assert!(!reporter.log.written().contains("poison-of"), "{}", reporter.log.written());
}

#[tokio::test]
async fn what_may_not_be_done_is_said_once_for_all_messages() {
    let (settings, reporter) = reporter(Format::Text, &Told::default());
    let wanted = request(&message(BODY), &settings).unwrap();
    for id in ["a", "b", "c"] {
        let message = Message { id: id.to_owned(), ..message(BODY) };
        for seen in [Seen::Received, Seen::Read(&wanted), Seen::News(News::Unmarked)] {
            reporter.see(Some(&message), seen);
        }
    }
    let written = reporter.log.written();
    assert_eq!(written.matches("received message").count(), 3, "{written}");
    assert_eq!(written.matches("ecs:TagResource").count(), 1, "{written}");
}
