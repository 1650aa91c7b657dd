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
        let body = result.json();
        let key = body["delivery_key"].as_str().unwrap_or_default();
        let letter = Letter {
            queue: queue.to_owned(),
            attributes: BTreeMap::from([("delivery_key".to_owned(), Attribute::text(key))]),
            group: result.service().map(str::to_owned),
            twin: Some(key.to_owned()),
            body: body.to_string(),
        };
        let told = |error: AwsError| Undelivered {
            passing: error.is_passing(),
            reason: error.to_string(),
        };
        self.queue.send(&letter).await.map_err(told)
    }
}
