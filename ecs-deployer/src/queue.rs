//! A queue, as far as the deployer needs one.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ecs_apply::AwsError;
use jiff::Timestamp;

/// A queue. Tests put another in its place, to show lost answers and crashes.
#[expect(async_fn_in_trait, reason = "all work is done on one thread")]
pub trait Queue {
    /// Messages, which nobody else gets for a while.
    async fn receive(&self, wanted: &Wanted) -> Result<Vec<Message>, AwsError>;

    /// Removes a message.
    async fn delete(&self, receipt: &Receipt) -> Result<(), AwsError>;

    /// Has nobody else get a message for so long, from now on.
    async fn hide(&self, receipt: &Receipt, time: Duration) -> Result<(), AwsError>;

    /// Puts a message into a queue.
    async fn send(&self, letter: &Letter) -> Result<(), AwsError>;

    /// What is known of the queue itself.
    async fn about(&self) -> Result<About, AwsError>;
}

/// How a queue is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// How many messages at most.
    pub most: u8,
    /// How long to wait for one.
    pub wait: Duration,
    /// For how long nobody else gets them.
    pub hide: Duration,
}

/// What says to the queue which receive of a message is meant. It is never shown:
/// whoever has it can remove the message.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(pub String);

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}

/// A message that was received.
#[derive(Clone, PartialEq)]
pub struct Message {
    /// The same however often it is received.
    pub id: String,
    /// For this receive.
    pub receipt: Receipt,
    /// A task definition. It may hold what nobody shall see.
    pub body: String,
    /// What is said beside it.
    pub attributes: BTreeMap<String, Attribute>,
    /// When it came to the queue.
    pub sent: Option<Timestamp>,
    /// How often it was received, this time included.
    pub receives: u32,
    /// Where it stands in a queue that keeps the order.
    pub sequence: Option<u128>,
    /// What it is in order with, in such a queue.
    pub group: Option<String>,
    /// Whether it comes from a queue of messages that could not be used.
    pub redriven: bool,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, receives, sent, .. } = self;
        write!(f, "Message {{ id: {id}, receives: {receives}, sent: {sent:?}, .. }}")
    }
}

impl Message {
    /// A message that nobody has sent, so that what it asks for can be read as any other.
    pub fn unsent(id: String, body: String, attributes: BTreeMap<String, Attribute>) -> Self {
        Self {
            id,
            receipt: Receipt(String::new()),
            body,
            attributes,
            sent: None,
            receives: 1,
            sequence: None,
            group: None,
            redriven: false,
        }
    }

    /// The text of an attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).filter(|it| it.is_text()).map(|it| it.value.as_str())
    }
}

/// What is said beside a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, and perhaps more after a dot.
    pub kind: String,
    /// The value; that of a `Binary` in base64.
    pub value: String,
}

impl Attribute {
    /// An attribute that is a text.
    pub fn text(value: &str) -> Self {
        Self { kind: "String".to_owned(), value: value.to_owned() }
    }

    fn is_text(&self) -> bool {
        self.kind == "String" || self.kind.starts_with("String.")
    }
}

/// A message that is to be sent.
#[derive(Clone, PartialEq)]
pub struct Letter {
    /// The queue's URL.
    pub queue: String,
    /// What it says.
    pub body: String,
    /// What is said beside it.
    pub attributes: BTreeMap<String, Attribute>,
    /// What it is in order with, in a queue that keeps the order.
    pub group: Option<String>,
    /// Such a queue takes two messages with the same for one.
    pub twin: Option<String>,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter {{ queue: {}, .. }}", self.queue)
    }
}

/// What is known of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// After how many receives it puts a message away itself, if it does.
    pub max_receives: Option<u32>,
    /// How many messages are waiting, nearly.
    pub waiting: u64,
    /// How large a message may be.
    pub largest: Option<usize>,
}

/// How often removing is tried.
const TRIES: u32 = 3;

/// Removes a message; a lost answer or a moment's trouble is no reason to leave it.
pub async fn remove<Q: Queue>(queue: &Q, receipt: &Receipt) -> Result<(), AwsError> {
    let mut tries = 1;
    loop {
        match queue.delete(receipt).await {
            Err(error) if error.is_passing() && tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(300 * u64::from(tries))).await;
                tries += 1;
            }
            answer => return answer,
        }
    }
}
