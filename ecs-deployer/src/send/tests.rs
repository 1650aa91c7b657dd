use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use super::*;
use crate::log::Format;
use crate::queue::{About, Receipt};
use crate::settings::{Asked, Given, settings};

const BODY: &str = r#"{"family": "web", "containerDefinitions": [{"name": "a", "image": "b"}]}"#;

/// A queue that answers each receive with what is next.
#[derive(Default)]
struct Fake {
    sent: RefCell<Vec<Letter>>,
    answers: RefCell<VecDeque<Vec<Message>>>,
    done: RefCell<Vec<String>>,
    largest: Option<usize>,
    is_missing: bool,
}

impl Queue for Fake {
    async fn receive(&self, wanted: &Wanted) -> Result<Vec<Message>, AwsError> {
        tokio::time::sleep(wanted.wait).await;
        Ok(self.answers.borrow_mut().pop_front().unwrap_or_default())
    }

    async fn delete(&self, receipt: &Receipt) -> Result<(), AwsError> {
        self.done.borrow_mut().push(format!("delete {}", receipt.0));
        Ok(())
    }

    async fn hide(&self, receipt: &Receipt, time: Duration) -> Result<(), AwsError> {
        self.done.borrow_mut().push(format!("hide {} {}", receipt.0, time.as_secs()));
        Ok(())
    }

    async fn send(&self, letter: &Letter) -> Result<(), AwsError> {
        self.sent.borrow_mut().push(letter.clone());
        Ok(())
    }

    async fn about(&self) -> Result<About, AwsError> {
        if self.is_missing {
            let message = "The specified queue does not exist.".to_owned();
            let code = "QueueDoesNotExist".to_owned();
            return Err(AwsError::Refused { action: "sqs:GetQueueAttributes", code, message });
        }
        Ok(About { max_receives: None, waiting: 0, largest: self.largest })
    }
}

fn answer(key: &str, exit: u8) -> Message {
    let body = serde_json::json!({
        "event": "deploy.result",
        "delivery_key": key,
        "success": exit == 0,
        "exit_code": exit,
        "summary": "that is how it went",
        "causes": [{ "message": "a cause" }],
        "help": ["do something"],
    });
    Message {
        id: key.to_owned(),
        receipt: Receipt(key.to_owned()),
        body: body.to_string(),
        attributes: BTreeMap::new(),
        sent: None,
        receives: 1,
        sequence: None,
        group: None,
        redriven: false,
    }
}

fn given() -> Settings {
    const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders.fifo";
    let environment = |name: &str| (name == "SQS_URL").then(|| QUEUE.to_owned());
    let given = Given { flags: &|_| None, environment: &environment };
    settings(given, Asked { needs_queue: true, terminal: false }).unwrap()
}

fn args(typed: &str) -> Send {
    use clap::Parser as _;
    let typed = format!("ecs-deployer send -f - --service web {typed}");
    let arguments = crate::args::Arguments::try_parse_from(typed.split_whitespace()).unwrap();
    match arguments.into_parts().0 {
        Some(crate::args::Command::Send(args)) => args,
        _ => unreachable!("it is what was typed"),
    }
}

fn log() -> Log {
    Log::to_memory(Format::Text, Level::Info)
}

async fn sent(typed: &str, body: &str, queue: &Fake, results: Option<&Fake>) -> (Exit, String) {
    let log = log();
    let exit = send(&args(typed), body.to_owned(), &given(), (queue, results), &log).await;
    (exit, log.written())
}

#[tokio::test]
async fn an_order_is_what_a_deployer_can_use() {
    let queue = Fake::default();
    let typed = "--commit-url https://example.com/1 --sequence 7 --deployment-id build/7";
    let (exit, written) = sent(typed, BODY, &queue, None).await;
    assert_eq!(exit, Exit::Done);
    assert!(written.contains("the order build/7 for web is in the queue"));
    let letter = queue.sent.borrow()[0].clone();
    assert_eq!(letter.body, BODY, "as it was given");
    assert_eq!(letter.attributes["service"], Attribute::text("web"));
    assert_eq!(letter.attributes["deployment_id"], Attribute::text("build/7"));
    assert_eq!(letter.attributes["commit_url"], Attribute::text("https://example.com/1"));
    assert_eq!(letter.attributes["sequence"].kind, "Number");
    assert_eq!((letter.group.as_deref(), letter.twin.as_deref()), (Some("web"), Some("build7")));
}

#[tokio::test]
async fn what_no_deployer_could_use_is_not_sent() {
    let queue = Fake::default();
    for body in ["", "{}", r#"{"family": "web"}"#, "{\"a\": 1, \"a\": 2}"] {
        let (exit, written) = sent("", body, &queue, None).await;
        assert_eq!(exit, Exit::Unusable, "{body}");
        assert!(written.contains("error: $"), "{written}");
    }
    let small = Fake { largest: Some(100), ..Fake::default() };
    let (exit, written) = sent("", BODY, &small, None).await;
    assert_eq!(exit, Exit::Unusable);
    assert!(written.contains("and the queue takes 100"), "{written}");
    assert!(queue.sent.borrow().is_empty() && small.sent.borrow().is_empty());
}

#[tokio::test]
async fn what_was_typed_reaches_the_deployer() {
    let queue = Fake::default();
    let typed = "--timeout 7m --rollback --strategy canary --deployment-id a";
    assert_eq!(sent(typed, BODY, &queue, None).await.0, Exit::Done);
    let letter = queue.sent.borrow()[0].clone();
    assert_eq!(letter.attributes["timeout"], Attribute::text("7m"));
    assert_eq!(letter.attributes["strategy"], Attribute::text("canary"));
    assert!(letter.attributes.contains_key("rollback"));
    assert!(!letter.attributes.contains_key("cluster"), "nobody typed one");
}

#[tokio::test(start_paused = true)]
async fn who_waits_does_so_while_the_order_is_tried_again() {
    let (queue, results) = (Fake::default(), Fake::default());
    let again = |message: &str| {
        let mut answer = answer("mine", 7);
        let mut body: Value = serde_json::from_str(&answer.body).unwrap();
        body["status"] = "interrupted".into();
        body["message"] = message.into();
        answer.body = body.to_string();
        answer
    };
    results.answers.borrow_mut().extend([vec![again("kept")], vec![], vec![answer("mine", 0)]]);
    let typed = "--wait --deployment-id mine";
    let (exit, written) = sent(typed, BODY, &queue, Some(&results)).await;
    assert_eq!(exit, Exit::Done, "{written}");
    assert!(written.contains("the order is tried again"), "{written}");
    // Nobody tries it again.
    results.answers.borrow_mut().extend([vec![again("dead_lettered")]]);
    assert_eq!(sent(typed, BODY, &queue, Some(&results)).await.0, Exit::Denied);
}

#[tokio::test]
async fn nothing_is_sent_if_no_result_could_come() {
    let queue = Fake::default();
    let results = Fake { is_missing: true, ..Fake::default() };
    let (exit, written) = sent("--wait", BODY, &queue, Some(&results)).await;
    assert_eq!(exit, Exit::Denied);
    assert!(written.contains("RESULT_URL: AWS refused") && written.contains("to do:"), "{written}");
    assert!(queue.sent.borrow().is_empty());
}

#[tokio::test]
async fn two_orders_have_two_names() {
    let queue = Fake::default();
    sent("", BODY, &queue, None).await;
    sent("", BODY, &queue, None).await;
    let all = queue.sent.borrow();
    assert_ne!(key(&all[0]), key(&all[1]));
}

#[tokio::test]
async fn waiting_needs_somewhere_to_wait() {
    let queue = Fake::default();
    let (exit, written) = sent("--wait", BODY, &queue, None).await;
    assert_eq!(exit, Exit::Usage);
    assert!(written.contains("--wait needs RESULT_URL"));
    assert!(queue.sent.borrow().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_waits_ends_as_the_deployment_does_and_leaves_others_theirs() {
    for (code, expected) in [(0, Exit::Done), (1, Exit::Failed), (9, Exit::NotRolledBack)] {
        let queue = Fake::default();
        let results = Fake::default();
        results.answers.borrow_mut().extend([vec![], vec![answer("x", 0), answer("mine", code)]]);
        let (exit, written) =
            sent("--wait --deployment-id mine", BODY, &queue, Some(&results)).await;
        assert_eq!(exit, expected);
        assert_eq!(*results.done.borrow(), ["hide x 2", "delete mine"]);
        assert!(written.contains("that is how it went"), "{written}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let (queue, results) = (Fake::default(), Fake::default());
    let (exit, written) = sent("--wait", BODY, &queue, Some(&results)).await;
    assert_eq!(exit, Exit::Unanswered);
    assert!(written.contains("no result came to RESULT_URL within 1260 s"), "{written}");
}
