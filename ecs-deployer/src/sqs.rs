//! SQS. The only place that knows the SDK, beside what opens it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types as sdk;
use ecs_apply::{AwsError, failed};
use jiff::Timestamp;
use md5::{Digest, Md5};

use crate::queue::{About, Attribute, Letter, Message, Queue, Receipt, Wanted};

/// A queue of SQS.
#[derive(Debug, Clone)]
pub struct Sqs {
    client: Client,
    url: String,
}

impl Sqs {
    /// Asks nothing yet.
    pub fn new(client: Client, url: &str) -> Self {
        Self { client, url: url.to_owned() }
    }

    /// What went wrong, and with which queue, where AWS says only that there is none.
    fn of(url: &str, error: AwsError) -> AwsError {
        match error {
            AwsError::Refused { action, code, message } if code.contains("Queue") => {
                AwsError::Refused { action, code, message: format!("{message} {url}") }
            }
            error @ (AwsError::Refused { .. }
            | AwsError::NoRegion
            | AwsError::NoAnswer { .. }
            | AwsError::Credentials { .. }) => error,
        }
    }

    /// Another queue, asked in the same way.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self { client: self.client.clone(), url: url.to_owned() }
    }
}

impl Queue for Sqs {
    async fn receive(&self, wanted: &Wanted) -> Result<Vec<Message>, AwsError> {
        use sdk::MessageSystemAttributeName as Name;
        let system = [
            Name::ApproximateReceiveCount,
            Name::DeadLetterQueueSourceArn,
            Name::MessageGroupId,
            Name::SentTimestamp,
            Name::SequenceNumber,
        ];
        let request = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(wanted.most.into())
            .wait_time_seconds(seconds(wanted.wait))
            .visibility_timeout(seconds(wanted.hide))
            .set_message_system_attribute_names(Some(system.to_vec()))
            .message_attribute_names("All");
        let answer = request.send().await.map_err(failed("sqs:ReceiveMessage"));
        let answer = answer.map_err(|error| Self::of(&self.url, error))?;
        answer.messages.unwrap_or_default().into_iter().filter_map(to_message).collect()
    }

    async fn delete(&self, receipt: &Receipt) -> Result<(), AwsError> {
        let request = self.client.delete_message().queue_url(&self.url).receipt_handle(&receipt.0);
        request.send().await.map_err(failed("sqs:DeleteMessage"))?;
        Ok(())
    }

    async fn hide(&self, receipt: &Receipt, time: Duration) -> Result<(), AwsError> {
        let request = self
            .client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(&receipt.0)
            .visibility_timeout(seconds(time));
        request.send().await.map_err(failed("sqs:ChangeMessageVisibility"))?;
        Ok(())
    }

    async fn send(&self, letter: &Letter) -> Result<(), AwsError> {
        let Letter { queue, body, attributes, group, twin } = letter;
        let keeps_order = queue.ends_with(".fifo");
        let attributes =
            attributes.iter().filter_map(|(key, value)| Some((key.clone(), to_value(value)?)));
        let request = self
            .client
            .send_message()
            .queue_url(queue)
            .message_body(body)
            .set_message_attributes(Some(attributes.collect()))
            .set_message_group_id(
                group
                    .clone()
                    .or_else(|| keeps_order.then(|| "ecs-deployer".to_owned()))
                    .filter(|_| keeps_order),
            )
            .set_message_deduplication_id(twin.clone().filter(|_| keeps_order));
        let answer = request.send().await.map_err(failed("sqs:SendMessage"));
        answer.map_err(|error| Self::of(queue, error))?;
        Ok(())
    }

    async fn about(&self) -> Result<About, AwsError> {
        use sdk::QueueAttributeName as Name;
        let names =
            [Name::RedrivePolicy, Name::ApproximateNumberOfMessages, Name::MaximumMessageSize];
        let request = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .set_attribute_names(Some(names.to_vec()));
        let answer = request.send().await.map_err(failed("sqs:GetQueueAttributes"));
        let answer = answer.map_err(|error| Self::of(&self.url, error))?;
        let all = answer.attributes.unwrap_or_default();
        let number = |name: &Name| all.get(name).and_then(|it| it.parse().ok());
        let policy = all.get(&Name::RedrivePolicy);
        Ok(About {
            max_receives: policy.and_then(|policy| max_receives(policy)),
            waiting: number(&Name::ApproximateNumberOfMessages).unwrap_or(0),
            largest: number(&Name::MaximumMessageSize).and_then(|it| usize::try_from(it).ok()),
        })
    }
}

/// AWS writes the number as one, and takes it as a text, too.
fn max_receives(policy: &str) -> Option<u32> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let count = &policy["maxReceiveCount"];
    let number = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
    u32::try_from(number).ok()
}

fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_secs()).unwrap_or(i32::MAX)
}

/// Nothing, if it cannot be talked about.
fn to_message(message: sdk::Message) -> Option<Result<Message, AwsError>> {
    use sdk::MessageSystemAttributeName as Name;
    let body = message.body?;
    let told = message.md5_of_body.unwrap_or_default();
    if !told.is_empty() && told != digest(&body) {
        return Some(Err(AwsError::NoAnswer {
            action: "sqs:ReceiveMessage",
            reason: "a message was damaged on its way".to_owned(),
        }));
    }
    let system = message.attributes.unwrap_or_default();
    let text = |name: Name| system.get(&name);
    let sent = text(Name::SentTimestamp).and_then(|it| it.parse().ok());
    Some(Ok(Message {
        id: message.message_id?,
        receipt: Receipt(message.receipt_handle?),
        body,
        attributes: to_attributes(message.message_attributes.unwrap_or_default()),
        sent: sent.and_then(|it| Timestamp::from_millisecond(it).ok()),
        receives: text(Name::ApproximateReceiveCount).and_then(|it| it.parse().ok()).unwrap_or(1),
        sequence: text(Name::SequenceNumber).and_then(|it| it.parse().ok()),
        group: text(Name::MessageGroupId).cloned(),
        redriven: text(Name::DeadLetterQueueSourceArn).is_some(),
    }))
}

fn digest(body: &str) -> String {
    Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_attributes(
    attributes: std::collections::HashMap<String, sdk::MessageAttributeValue>,
) -> BTreeMap<String, Attribute> {
    let to_attribute = |value: sdk::MessageAttributeValue| Attribute {
        kind: value.data_type,
        value: value
            .string_value
            .or_else(|| Some(aws_smithy_types::base64::encode(value.binary_value?)))
            .unwrap_or_default(),
    };
    attributes.into_iter().map(|(key, value)| (key, to_attribute(value))).collect()
}

/// Nothing, if it was damaged.
fn to_value(attribute: &Attribute) -> Option<sdk::MessageAttributeValue> {
    let value = sdk::MessageAttributeValue::builder().data_type(&attribute.kind);
    let value = match attribute.kind.starts_with("Binary") {
        true => {
            value.binary_value(Blob::new(aws_smithy_types::base64::decode(&attribute.value).ok()?))
        }
        false => value.string_value(&attribute.value),
    };
    value.build().ok()
}
