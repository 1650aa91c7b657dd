//! Brings word to others by AWS and by the web.

use std::collections::BTreeMap;

use ecs_apply::{AwsError, Courier, Undelivered};

use super::Messenger;
use crate::queue::{Attribute, Letter, Queue};
use crate::result::DeployResult;

/// Brings word to others.
#[derive(Debug, Clone)]
pub struct Post<Q> {
    courier: Courier,
    queue: Q,
}

impl<Q> Post<Q> {
    /// Sends by this courier, and results by whoever can send to queues.
    pub fn new(courier: Courier, queue: Q) -> Self {
        Self { courier, queue }
    }
}

impl<Q: Queue> Messenger for Post<Q> {
    async fn post(&self, url: &str, json: String) -> Result<(), Undelivered> {
        self.courier.post(url, json).await
    }

    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), Undelivered> {
        self.courier.publish(topic, subject, text).await
    }

    async fn send(&self, queue: &str, result: &DeployResult) -> Result<(), Undelivered> {
        let undelivered = |error: AwsError| Undelivered {
            reason: error.to_string(),
            passing: error.is_passing(),
        };
        self.queue.send(&letter(queue, result)).await.map_err(undelivered)
    }
}

/// What is needed to choose among results stands beside them. A queue that keeps the
/// order does so for each service, and takes a result that is told twice once.
fn letter(queue: &str, result: &DeployResult) -> Letter {
    let status = result.status.name();
    let attributes = [("delivery_key", result.key()), ("status", status)];
    let attributes = attributes.into_iter().chain(result.service().map(|it| ("service", it)));
    let attribute = |(name, value): (&str, &str)| (name.to_owned(), Attribute::text(value));
    Letter {
        queue: queue.to_owned(),
        body: result.json().to_string(),
        attributes: attributes.map(attribute).collect::<BTreeMap<_, _>>(),
        group: result.service().map(str::to_owned),
        twin: Some(twin(result.key(), status)),
    }
}

/// AWS takes 128 characters.
fn twin(key: &str, status: &str) -> String {
    let is_right = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let key: String = key.chars().filter(is_right).take(100).collect();
    format!("{key}-{status}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{About, Answer, Story, result};

    #[test]
    fn a_result_says_beside_it_what_it_is() {
        let about =
            About {
                key: "6f1c/é".to_owned(), service: Some("web".to_owned()), ..About::default()
            };
        let told = result(Answer::Unusable(&[]), &about, &Story::default(), 1);
        let letter = letter("https://sqs.eu-west-1.amazonaws.com/1/results.fifo", &told);
        assert_eq!(letter.attributes["status"], Attribute::text("refused"));
        assert_eq!(letter.attributes["service"], Attribute::text("web"));
        assert_eq!(letter.attributes["delivery_key"], Attribute::text("6f1c/é"));
        assert_eq!(letter.group.as_deref(), Some("web"));
        assert_eq!(letter.twin.as_deref(), Some("6f1c-refused"));
    }
}
