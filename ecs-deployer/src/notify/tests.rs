use std::cell::RefCell;
use std::rc::Rc;

use ecs_apply::rollout::{Failure, Outcome, Report};

use super::*;
use crate::log::{Format, Level};
use crate::result::{Answer, Story, result};

/// Writes down what it was to bring, and fails as often as it is told to.
#[derive(Clone, Default)]
struct Fake {
    brought: Rc<RefCell<Vec<String>>>,
    failures: Rc<RefCell<u32>>,
    passing: bool,
    hangs: bool,
}

impl Fake {
    async fn bring(&self, what: String) -> Result<(), Undelivered> {
        self.brought.borrow_mut().push(what);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        let mut failures = self.failures.borrow_mut();
        if *failures == 0 {
            return Ok(());
        }
        *failures -= 1;
        Err(Undelivered {
            reason: "it was refused with HTTP 500".to_owned(),
            passing: self.passing,
        })
    }
}

impl Messenger for Fake {
    async fn post(&self, url: &str, json: String) -> Result<(), Undelivered> {
        self.bring(format!("post {url} {json}")).await
    }

    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), Undelivered> {
        self.bring(format!("publish {topic} [{subject}] {text}")).await
    }

    async fn send(&self, queue: &str, result: &DeployResult) -> Result<(), Undelivered> {
        self.bring(format!("send {queue} {}", result.json())).await
    }
}

const WEBHOOK: &str = "https://hook.example.com/poison";
const SLACK: &str = "https://hooks.slack.com/services/poison";

fn everybody() -> Notices {
    Notices {
        slack: Some(Slack {
            webhook: SLACK.to_owned(),
            channel: "#shop".to_owned(),
            name: "ecs-deployment".to_owned(),
            color: "#335EFF".to_owned(),
        }),
        topic: Some("arn:aws:sns:eu-west-1:111122223333:told".to_owned()),
        webhook: Some(WEBHOOK.to_owned()),
    }
}

fn only_webhook() -> Notices {
    Notices { webhook: Some(WEBHOOK.to_owned()), ..Notices::default() }
}

fn about() -> About {
    About {
        key: "6f1c".to_owned(),
        service: Some("web".to_owned()),
        cluster: "shop".to_owned(),
        family: Some("shop-web".to_owned()),
        region: Some("eu-west-1".to_owned()),
        commit_url: Some("https://example.com/commit/1".to_owned()),
        ..About::default()
    }
}

fn failed() -> DeployResult {
    let report = Report {
        outcome: Outcome::Failed {
            failure: Failure::TasksFail { failed: 4, desired: 2 },
            rollback: None,
        },
        revision: Some("shop-web:42".to_owned()),
        before: "shop-web:41".to_owned(),
        is_idle: false,
        causes: Vec::new(),
        said: vec!["<!channel> tasks failed".to_owned()],
    };
    result(Answer::Rollout(&Ok(report)), &about(), &Story::default(), 9)
}

fn log() -> Log {
    Log::to_memory(Format::Text, Level::Debug)
}

#[tokio::test]
async fn everybody_is_told_the_same() {
    let fake = Fake::default();
    let results = Some("https://sqs.eu-west-1.amazonaws.com/111122223333/results".to_owned());
    let notifier = Notifier::new(fake.clone(), everybody(), results);
    assert!(notifier.is_needed());
    notifier.begun(&about(), &log()).await;
    notifier.ended(&failed(), &log()).await;
    insta::assert_snapshot!(fake.brought.borrow().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn t65_who_does_not_answer_is_asked_again_and_then_left() {
    for (failures, told, complains) in [(0, 1, false), (2, 3, false), (3, 3, true), (99, 3, true)] {
        let fake = Fake { passing: true, ..Fake::default() };
        *fake.failures.borrow_mut() = failures;
        let log = log();
        Notifier::new(fake.clone(), only_webhook(), None).ended(&failed(), &log).await;
        assert_eq!(fake.brought.borrow().len(), told, "{failures} failures");
        assert_eq!(log.written().contains("the webhook could not be told"), complains);
    }
}

#[tokio::test(start_paused = true)]
async fn t65_who_hangs_is_not_waited_for_long() {
    let fake = Fake { hangs: true, ..Fake::default() };
    let (log, start) = (log(), tokio::time::Instant::now());
    Notifier::new(fake, everybody(), None).ended(&failed(), &log).await;
    assert_eq!(start.elapsed(), LONGEST);
    assert!(log.written().contains("not everybody could be told within 15 s"));
}

#[tokio::test]
async fn who_refuses_is_not_asked_again() {
    let fake = Fake::default();
    *fake.failures.borrow_mut() = 1;
    Notifier::new(fake.clone(), only_webhook(), None).ended(&failed(), &log()).await;
    assert_eq!(fake.brought.borrow().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn addresses_are_never_logged() {
    let fake = Fake { passing: true, ..Fake::default() };
    *fake.failures.borrow_mut() = 99;
    let log = log();
    Notifier::new(fake, everybody(), None).ended(&failed(), &log).await;
    assert!(log.written().contains("Slack could not be told"));
    assert!(!log.written().contains("poison"));
}

#[tokio::test]
async fn nobody_to_tell_is_nothing_to_do() {
    let fake = Fake::default();
    let notifier = Notifier::new(fake.clone(), Notices::default(), None);
    assert!(!notifier.is_needed());
    notifier.ended(&failed(), &log()).await;
    assert!(fake.brought.borrow().is_empty());
}

#[test]
fn a_subject_is_short_and_plain() {
    let service = Some("wéb".repeat(80));
    let about = About { service, ..about() };
    let told = result(Answer::Unusable(&[]), &about, &Story::default(), 1);
    let subject = subject(&told);
    assert!(subject.len() <= 100 && subject.is_ascii(), "{subject}");
    assert_eq!(super::subject(&failed()), "web in shop: FAILED");
}
