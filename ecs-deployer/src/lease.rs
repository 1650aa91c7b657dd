//! Keeps a message from others, from when it is received until it is gone or left.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use ecs_apply::AwsError;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::queue::{Message, Queue, Receipt};

/// How long a message stays away from others when nobody says that it is still worked
/// on.
pub const LEASE: Duration = Duration::from_secs(120);

/// How often that is said.
const BEAT: Duration = Duration::from_secs(40);

/// A message was received for longer than a lease, in case that it cannot be held. Soon
/// it is held for a lease only, so that it is not away for long if this program is killed.
const FIRST: Duration = Duration::from_secs(2);

/// After a beat that was not heard.
const AGAIN: Duration = Duration::from_secs(10);

/// A message, and for how long nobody else gets it.
#[derive(Debug)]
pub struct Held {
    /// The message.
    pub message: Message,
    /// For how long it is held.
    pub lease: Lease,
}

impl Held {
    /// A message that the queue gave when it was asked at this time, for so long.
    pub fn new(message: Message, asked: Instant, hidden: Duration) -> Self {
        let lease = Lease::new(message.receipt.clone(), asked, hidden);
        Self { message, lease }
    }
}

/// Whether a message is held, and what says to the queue which receive is meant.
#[derive(Debug)]
pub struct Lease {
    receipt: RefCell<Receipt>,
    until: Cell<Instant>,
    /// Whether it is of no use to ask for more time.
    is_refused: Cell<bool>,
    renewed: Notify,
}

impl Lease {
    /// Counts from when the queue was asked: the message may have been on its way since.
    pub fn new(receipt: Receipt, asked: Instant, hidden: Duration) -> Self {
        Self {
            receipt: RefCell::new(receipt),
            until: Cell::new(asked + hidden),
            is_refused: Cell::new(false),
            renewed: Notify::new(),
        }
    }

    /// Whether nobody else can have got the message.
    pub fn is_held(&self) -> bool {
        Instant::now() < self.until.get()
    }

    /// What the queue gave with the message last. It knows no older one, once it has
    /// given the message again.
    pub fn receipt(&self) -> Receipt {
        self.receipt.borrow().clone()
    }

    /// The message was received once more by whoever has it already.
    pub fn renew(&self, newer: &Self) {
        self.receipt.replace(newer.receipt());
        self.until.set(newer.until.get());
        self.is_refused.set(false);
        self.renewed.notify_one();
    }

    /// The message was removed: there is nothing to hold.
    pub fn end(&self) {
        self.is_refused.set(true);
    }

    /// Holds the message for ever, or as long as that is possible, and tells each time
    /// what came of it. Whoever begins to hold it again does not ask what was refused.
    pub async fn hold<Q: Queue>(&self, queue: &Q, mut told: impl FnMut(Result<(), &AwsError>)) {
        let mut pause = FIRST;
        loop {
            tokio::time::sleep(pause).await;
            while self.is_refused.get() {
                // It stays away for as long as it was received for.
                self.renewed.notified().await;
            }
            let (asked, receipt) = (Instant::now(), self.receipt());
            match queue.hide(&receipt, LEASE).await {
                Ok(()) => {
                    self.until.set(asked + LEASE);
                    told(Ok(()));
                    pause = BEAT;
                }
                Err(error) => {
                    told(Err(&error));
                    let is_known = receipt == self.receipt();
                    self.is_refused.set(!error.is_passing() && is_known);
                    pause = AGAIN;
                }
            }
        }
    }
}
