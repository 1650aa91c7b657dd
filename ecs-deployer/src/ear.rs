//! Hears what ECS tells of deployments and tasks, so that it need not be asked.
//!
//! A rule of EventBridge sends that to a queue. What it says is not read: whatever
//! happens is a reason to look.

use std::time::Duration;

use ecs_apply::AwsError;
use tokio::sync::watch;

use crate::queue::{Queue, Wanted, remove};
use crate::run::patience;

/// An event may be lost: it is looked so often, whatever is heard.
const SAFE: Duration = Duration::from_secs(30);

/// How long a queue is asked at a time.
const WAIT: Duration = Duration::from_secs(20);

/// What is known of what ECS tells.
#[derive(Debug, Default)]
struct Heard {
    /// How often something was heard.
    count: u64,
    /// Whether the queue answered when it was asked last. Whoever would hear nothing has
    /// to look.
    works: bool,
}

/// Who says that something was heard.
#[derive(Debug, Default)]
pub struct Mouth(watch::Sender<Heard>);

/// Who waits for it.
#[derive(Debug, Clone)]
pub struct Ear(watch::Receiver<Heard>);

impl Mouth {
    /// Who hears this one.
    pub fn ear(&self) -> Ear {
        Ear(self.0.subscribe())
    }

    /// Something was heard.
    pub fn say(&self) {
        self.0.send_modify(|heard| {
            heard.count += 1;
            heard.works = true;
        });
    }

    /// Says what comes to a queue; that it cannot be asked is `told` when that begins.
    /// Ends never.
    pub async fn listen<Q: Queue>(&self, queue: &Q, told: impl Fn(&AwsError)) {
        let mut errors = 0;
        loop {
            match queue.receive(&Wanted { most: 10, wait: WAIT, hide: SAFE }).await {
                Ok(messages) if messages.is_empty() => {
                    errors = 0;
                    self.0.send_if_modified(|heard| {
                        heard.works = true;
                        false
                    });
                }
                Ok(messages) => {
                    self.say();
                    for message in messages {
                        // Whoever hears it twice looks twice.
                        let _ = remove(queue, &message.receipt).await;
                    }
                    errors = 0;
                }
                Err(error) => {
                    if errors == 0 {
                        told(&error);
                    }
                    // Whoever waits for a word looks now, and then as if there were none.
                    self.0.send_modify(|heard| heard.works = false);
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
    pub async fn pause(&mut self, time: Duration) {
        let long = if self.0.borrow().works { time.max(SAFE) } else { time };
        tokio::select! {
            Ok(()) = self.0.changed() => {}
            () = tokio::time::sleep(long) => {}
        }
    }
}
