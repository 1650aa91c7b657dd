//! The queue.

use std::collections::BTreeMap;
use std::time::Duration;

use ecs_apply::AwsError;
use ecs_deployer::queue::{About, Attribute, Letter, Message, Queue, Receipt, Wanted};
use jiff::Timestamp;
use tokio::time::Instant;

use super::{State, World, refused};

#[derive(Default)]
pub(crate) struct Sqs {
    pub(crate) messages: Vec<FakeMessage>,
    /// What the queue itself has put away.
    pub(crate) put_away: Vec<FakeMessage>,
    /// What was sent elsewhere.
    pub(crate) sent: Vec<Letter>,
    /// After how many receives it puts a message away.
    pub(crate) max_receives: Option<u32>,
    receipts: usize,
    ids: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct FakeMessage {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) attributes: BTreeMap<String, Attribute>,
    pub(crate) sent: Timestamp,
    pub(crate) sequence: Option<u128>,
    pub(crate) redriven: bool,
    pub(crate) receives: u32,
    receipt: String,
    hidden: Option<Instant>,
}

impl FakeMessage {
    pub(crate) fn is_visible(&self) -> bool {
        self.hidden.is_none_or(|until| Instant::now() >= until)
    }

    /// How long it stays away.
    pub(crate) fn hidden_for(&self) -> Duration {
        self.hidden.map_or(Duration::ZERO, |until| until - Instant::now())
    }
}

impl World {
    /// A definition for a service.
    pub(crate) fn send(&self, service: &str, body: &str) -> String {
        self.send_with(&[("service", service)], body)
    }

    pub(crate) fn send_with(&self, attributes: &[(&str, &str)], body: &str) -> String {
        let all = attributes.iter().map(|(key, value)| ((*key).to_owned(), Attribute::text(value)));
        self.put(all.collect(), body)
    }

    pub(crate) fn put(&self, attributes: BTreeMap<String, Attribute>, body: &str) -> String {
        self.with(|state| {
            state.sqs.ids += 1;
            let id = format!("message-{}", state.sqs.ids);
            let sent = state.now();
            state.sqs.messages.push(FakeMessage {
                id: id.clone(),
                body: body.to_owned(),
                attributes,
                sent,
                sequence: None,
                redriven: false,
                receives: 0,
                receipt: String::new(),
                hidden: None,
            });
            id
        })
    }

    /// The queue gives to others what somebody has.
    pub(crate) fn let_go(&self, place: usize) {
        self.with(|state| state.sqs.messages[place].hidden = None);
    }

    /// The message that is in the queue.
    pub(crate) fn message(&self) -> Option<FakeMessage> {
        self.with(|state| state.sqs.messages.first().cloned())
    }
}

impl Sqs {
    fn receive(&mut self, wanted: &Wanted) -> Vec<Message> {
        let mut received = Vec::new();
        let most = self.max_receives.unwrap_or(u32::MAX);
        let mut place = 0;
        while place < self.messages.len() && received.len() < usize::from(wanted.most) {
            let message = &mut self.messages[place];
            if !message.is_visible() {
                place += 1;
            } else if message.receives >= most {
                let message = self.messages.remove(place);
                self.put_away.push(message);
            } else {
                self.receipts += 1;
                message.receives += 1;
                message.receipt = format!("receipt-{}", self.receipts);
                message.hidden = Some(Instant::now() + wanted.hide);
                received.push(to_message(message));
                place += 1;
            }
        }
        received
    }

    fn held(&mut self, receipt: &Receipt) -> Option<&mut FakeMessage> {
        self.messages.iter_mut().find(|it| it.receipt == receipt.0)
    }
}

fn to_message(message: &FakeMessage) -> Message {
    Message {
        id: message.id.clone(),
        receipt: Receipt(message.receipt.clone()),
        body: message.body.clone(),
        attributes: message.attributes.clone(),
        sent: Some(message.sent),
        receives: message.receives,
        sequence: message.sequence,
        group: None,
        redriven: message.redriven,
    }
}

impl Queue for World {
    async fn receive(&self, wanted: &Wanted) -> Result<Vec<Message>, AwsError> {
        let wanted = *wanted;
        let end = Instant::now() + wanted.wait;
        let look = move |state: &mut State| Ok(state.sqs.receive(&wanted));
        let mut received = self.call("sqs:ReceiveMessage", look).await?;
        while received.is_empty() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(500)).await;
            received = self.with(|state| state.sqs.receive(&wanted));
        }
        Ok(received)
    }

    async fn delete(&self, receipt: &Receipt) -> Result<(), AwsError> {
        let remove = |state: &mut State| {
            state.sqs.messages.retain(|it| it.receipt != receipt.0);
            Ok(())
        };
        self.call("sqs:DeleteMessage", remove).await
    }

    async fn hide(&self, receipt: &Receipt, time: Duration) -> Result<(), AwsError> {
        let hide = |state: &mut State| {
            let message = state.sqs.held(receipt).filter(|it| !it.is_visible());
            let gone = || refused("sqs:ChangeMessageVisibility", "MessageNotInflight", "gone");
            message.ok_or_else(gone)?.hidden = Some(Instant::now() + time);
            Ok(())
        };
        self.call("sqs:ChangeMessageVisibility", hide).await
    }

    async fn send(&self, letter: &Letter) -> Result<(), AwsError> {
        let send = |state: &mut State| {
            state.sqs.sent.push(letter.clone());
            Ok(())
        };
        self.call("sqs:SendMessage", send).await
    }

    async fn about(&self) -> Result<About, AwsError> {
        let look = |state: &mut State| {
            let waiting = state.sqs.messages.iter().filter(|it| it.is_visible()).count();
            Ok(About {
                max_receives: state.sqs.max_receives,
                waiting: waiting as u64,
                largest: Some(256 * 1024),
            })
        };
        self.call("sqs:GetQueueAttributes", look).await
    }
}
