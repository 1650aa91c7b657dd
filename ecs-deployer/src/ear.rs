//! Hears what ECS tells of deployments and tasks, so that it need not be asked.
//!
//! A rule of EventBridge sends that to a queue. What it says is not read: whatever
//! happens is a reason to look.

use std::time::Duration;

use tokio::sync::watch;

use crate::queue::{Queue, Wanted, remove};
use crate::run::patience;

/// An event may be lost: it is looked so often, whatever is heard.
const SAFE: Duration = Duration::from_secs(30);

/// How long a queue is asked at a time.
const WAIT: Duration = Duration::from_secs(20);

/// Who says that something was heard.
#[derive(Debug, Default)]
pub struct Mouth(watch::Sender<u64>);

/// Who waits for it.
#[derive(Debug, Clone)]
pub struct Ear(watch::Receiver<u64>);

impl Mouth {
    /// Who hears this one.
    pub fn ear(&self) -> Ear {
        Ear(self.0.subscribe())
    }

    /// Something was heard.
    pub fn say(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Says what comes to a queue. Ends never.
    pub async fn listen<Q: Queue>(&self, queue: &Q) {
        let mut errors = 0;
        loop {
            match queue.receive(&Wanted { most: 10, wait: WAIT, hide: SAFE }).await {
                Ok(messages) if messages.is_empty() => errors = 0,
                Ok(messages) => {
                    self.say();
                    for message in messages {
                        // Whoever hears it twice looks twice.
                        let _ = remove(queue, &message.receipt).await;
                    }
                    errors = 0;
                }
                Err(_) => {
                    // It is looked all the same, only not so soon.
                    errors += 1;
                    tokio::time::sleep(patience(errors)).await;
                }
            }
        }
    }
}

impl Ear {
    /// Whether something was heard since this was asked last.
    pub fn has_heard(&mut self) -> bool {
        let heard = self.0.has_changed().unwrap_or(false);
        self.0.mark_unchanged();
        heard
    }

    /// Waits until something is heard, or long enough.
    pub(crate) async fn pause(&mut self, time: Duration) {
        tokio::select! {
            Ok(()) = self.0.changed() => {}
            () = tokio::time::sleep(time.max(SAFE)) => {}
        }
    }
}
