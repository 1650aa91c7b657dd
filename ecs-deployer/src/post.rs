//! Brings word to those who are named in the settings.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use aws_config::SdkConfig;
use ecs_apply::{AwsError, Courier, Undelivered};

use crate::notify::Messenger;
use crate::queue::{Attribute, Letter, Queue};
use crate::result::DeployResult;
use crate::sqs::Sqs;

/// Brings word by queues, by topics and over the web.
#[derive(Debug)]
pub struct Post {
    queue: Sqs,
    config: SdkConfig,
    /// Made when it is needed: most have nobody to tell.
    courier: OnceCell<Courier>,
}

impl Post {
    /// Sends as whoever runs the program.
    pub fn new(queue: Sqs, config: SdkConfig) -> Self {
        Self { queue, config, courier: OnceCell::new() }
    }

    fn courier(&self) -> &Courier {
        self.courier.get_or_init(|| Courier::new(&self.config))
    }
}

impl Messenger for Post {
    async fn post(&self, url: &str, json: String) -> Result<(), Undelivered> {
        self.courier().post(url, json).await
    }

    async fn publish(&self, topic: &str, subject: &str, text: &str) -> Result<(), Undelivered> {
        self.courier().publish(topic, subject, text).await
    }

    async fn send(&self, queue: &str, result: &DeployResult) -> Result<(), Undelivered> {
        let told = |error: AwsError| Undelivered {
            passing: error.is_passing(),
            reason: error.to_string(),
        };
        self.queue.send(&letter(queue, result)).await.map_err(told)
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

/// AWS takes 128 characters, of few kinds.
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
