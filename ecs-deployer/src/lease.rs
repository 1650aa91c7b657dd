//! Keeps a message from others while it is worked on.

use std::cell::Cell;
use std::time::Duration;

use ecs_apply::AwsError;
use tokio::time::Instant;

use crate::queue::{Queue, Receipt};

/// How long a message stays away from others when nobody says that it is still worked
/// on.
pub const LEASE: Duration = Duration::from_secs(120);

/// How often that is said.
const BEAT: Duration = Duration::from_secs(40);

/// A message was received for longer than a lease, in case that it cannot be held. When
/// the first work is done, it is held for a lease only, so that it is not away for long
/// if this program is killed.
const FIRST: Duration = Duration::from_secs(10);

/// Whether a message is held.
#[derive(Debug)]
pub struct Lease {
    until: Cell<Instant>,
}

impl Lease {
    /// A message that was received just now, for so long.
    pub fn new(hidden: Duration) -> Self {
        Self { until: Cell::new(Instant::now() + hidden) }
    }

    /// Whether nobody else can have got the message.
    pub fn is_held(&self) -> bool {
        Instant::now() < self.until.get()
    }

    /// Holds the message for ever, or as long as that is possible; then tells why not.
    pub async fn hold<Q: Queue>(
        &self,
        queue: &Q,
        receipt: &Receipt,
        mut told: impl FnMut(&AwsError),
    ) {
        let mut pause = FIRST;
        loop {
            tokio::time::sleep(pause).await;
            let asked = Instant::now();
            match queue.hide(receipt, LEASE).await {
                Ok(()) => {
                    self.until.set(asked + LEASE);
                    pause = BEAT;
                }
                Err(error) if error.is_passing() => {
                    told(&error);
                    pause = FIRST;
                }
                Err(error) => {
                    // It stays away for as long as it was received for.
                    told(&error);
                    return std::future::pending().await;
                }
            }
        }
    }
}
