//! Tells others what became of orders. Who cannot be told changes nothing: whatever goes
//! wrong here is a warning in the log.

mod slack;

use std::time::Duration;

use ecs_apply::Undelivered;
use serde_json::Value;

use crate::log::{Entry, Log};
use crate::result::{About, DeployResult, Status};
use crate::settings::{Notices, Slack};

/// So often is it tried to tell somebody.
const TRIES: u32 = 3;

/// Before the second try; before each further one it is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// Nobody is waited for any longer, since what is told of is not removed from the queue
/// until then.
const LONGEST: Duration = Duration::from_secs(15);

/// What SNS takes for a subject.
const LONGEST_SUBJECT: usize = 100;

/// Brings word to others. Tests put another in its place.
#[expect(async_fn_in_trait, reason = "whoever tells others does so on one thread")]
pub trait Messenger {
    /// Sends JSON to an address.
    async fn post(&self, url: &str, json: String) -> Result<(), Undelivered>;

    /// Publishes to a topic of SNS.
    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), Undelivered>;

    /// Sends a result to a queue.
    async fn send(&self, queue: &str, result: &DeployResult) -> Result<(), Undelivered>;
}

/// Tells others.
#[derive(Debug, Clone)]
pub struct Notifier<M> {
    messenger: M,
    notices: Notices,
    results: Option<String>,
}

impl<M: Messenger> Notifier<M> {
    /// Tells those who are named in the settings.
    pub fn new(messenger: M, notices: Notices, results: Option<String>) -> Self {
        Self { messenger, notices, results }
    }

    /// Whether there is anybody to tell.
    pub fn is_needed(&self) -> bool {
        let Notices { slack, topic, webhook } = &self.notices;
        slack.is_some() || topic.is_some() || webhook.is_some() || self.results.is_some()
    }

    /// Tells people that an order was begun.
    pub async fn begun(&self, about: &About, log: &Log) {
        let Notices { slack, topic, webhook: _ } = &self.notices;
        let subject = begun(about);
        let to_slack =
            self.to_slack(slack.as_ref(), |slack| slack::begun(slack, &subject, about), log);
        let to_topic = self.to_topic(topic.as_deref(), &subject, &subject, log);
        self.in_time(async { tokio::join!(to_slack, to_topic) }, log).await;
    }

    /// Tells everybody what became of an order.
    pub async fn ended(&self, result: &DeployResult, log: &Log) {
        let Notices { slack, topic, webhook } = &self.notices;
        let to_slack = self.to_slack(slack.as_ref(), |slack| slack::ended(slack, result), log);
        let (subject, text) = (subject(result), result.text());
        let to_topic = self.to_topic(topic.as_deref(), &subject, &text, log);
        let to_webhook = self.to_webhook(webhook.as_deref(), result, log);
        let to_queue = self.to_queue(result, log);
        let all = async { tokio::join!(to_slack, to_topic, to_webhook, to_queue) };
        self.in_time(all, log).await;
    }

    async fn to_slack(&self, slack: Option<&Slack>, text: impl Fn(&Slack) -> Value, log: &Log) {
        let Some(slack) = slack else { return };
        let text = text(slack).to_string();
        insist("Slack", log, async || self.messenger.post(&slack.webhook, text.clone()).await)
            .await;
    }

    async fn to_topic(&self, topic: Option<&str>, subject: &str, text: &str, log: &Log) {
        let Some(topic) = topic else { return };
        insist("the topic", log, async || self.messenger.publish(topic, subject, text).await).await;
    }

    async fn to_webhook(&self, webhook: Option<&str>, result: &DeployResult, log: &Log) {
        let Some(webhook) = webhook else { return };
        let text = result.json().to_string();
        insist("the webhook", log, async || self.messenger.post(webhook, text.clone()).await).await;
    }

    async fn to_queue(&self, result: &DeployResult, log: &Log) {
        let Some(queue) = &self.results else { return };
        insist("the queue of results", log, async || self.messenger.send(queue, result).await)
            .await;
    }

    async fn in_time(&self, telling: impl Future, log: &Log) {
        if tokio::time::timeout(LONGEST, telling).await.is_err() {
            let message = format!("not everybody could be told within {} s", LONGEST.as_secs());
            log.tell(&Entry::warn("notify.failed", message));
        }
    }
}

/// Tries again where that may help.
async fn insist(whom: &str, log: &Log, tell: impl AsyncFn() -> Result<(), Undelivered>) {
    let mut pause = PAUSE;
    for attempt in 1..=TRIES {
        let Err(Undelivered { reason, passing }) = tell().await else { return };
        if !passing || attempt == TRIES {
            let message = format!("{whom} could not be told: {reason}");
            log.tell(&Entry::warn("notify.failed", message).with("attempts", attempt));
            return;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

fn begun(about: &About) -> String {
    let family = about.family.as_deref().unwrap_or("a task definition");
    match &about.service {
        Some(service) => format!("{family} is being deployed to {service} in {}", about.cluster),
        None => format!("{family} is being registered"),
    }
}

/// A line, of characters that a subject may have.
fn subject(result: &DeployResult) -> String {
    let what = match result.status {
        Status::Deployed => "deployed",
        Status::Already => "already deployed",
        Status::Registered => "registered",
        Status::Failed => "FAILED",
        Status::RolledBack => "FAILED, rolled back",
        Status::NotRolledBack => "FAILED, AND NOT ROLLED BACK",
        Status::Superseded => "superseded",
        Status::Stale => "left out",
        Status::Refused => "refused",
        Status::Interrupted => "interrupted",
        Status::Unattended => "UNATTENDED",
    };
    let whom = result.service().map(|it| format!("{it} in {}", result.cluster()));
    let subject = format!("{}: {what}", whom.as_deref().unwrap_or("task definition"));
    subject.chars().filter(|c| matches!(c, ' '..='~')).take(LONGEST_SUBJECT).collect()
}

#[cfg(test)]
mod tests;
