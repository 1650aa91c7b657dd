//! Whoever has a message in hand while its order is rolled out.

use std::cell::Cell;
use std::time::Duration;

use ecs_apply::rollout::{Cloud, Gate, News};

use super::seen::{Early, Herald, Seen, Witness};
use super::{Desk, Held};
use crate::ear::Ear;
use crate::queue::{Queue, remove};
use crate::settings::Acknowledge;

/// How far the work is, for whoever has to leave it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Whether AWS may have been told to change something.
    pub(super) begun: Cell<bool>,
    /// Whether the message was removed.
    pub(super) acknowledged: Cell<bool>,
}

/// Whoever has a message in hand while its order is rolled out.
pub(super) struct Bearer<'a, Q, C, W, H> {
    pub(super) desk: &'a Desk<'a, Q, C, W, H>,
    pub(super) held: &'a Held,
    pub(super) progress: &'a Progress,
    /// Whether the program is what is being replaced.
    pub(super) is_own: bool,
    pub(super) ear: Option<Ear>,
}

impl<Q: Queue, C: Cloud, W: Witness, H: Herald> Bearer<'_, Q, C, W, H> {
    fn see(&self, seen: Seen<'_>) {
        self.desk.witness.see(Some(&self.held.message), seen);
    }

    /// Why the message is to be removed now, if it is.
    fn early(&self, marked: bool) -> Option<Early> {
        // Whoever replaces itself is stopped before it knows how that ends.
        let own = self.is_own.then_some(Early::Own);
        own.or(match self.desk.settings.acknowledge {
            Acknowledge::Finish => None,
            Acknowledge::Started => Some(Early::Asked),
            Acknowledge::Auto => (!marked).then_some(Early::Unmarked),
        })
    }
}

impl<Q: Queue, C: Cloud, W: Witness, H: Herald> Gate for Bearer<'_, Q, C, W, H> {
    fn may_update(&mut self) -> bool {
        // Nobody else gets a message that is gone.
        self.progress.acknowledged.get() || self.held.lease.is_held()
    }

    async fn updated(&mut self, marked: bool) {
        let Some(early) = self.early(marked) else { return };
        match remove(self.desk.queue, &self.held.lease.receipt()).await {
            Ok(()) => {
                self.progress.acknowledged.set(true);
                self.held.lease.end();
                self.see(Seen::AcknowledgedEarly(early));
            }
            Err(error) => self.see(Seen::NotSettled(&error)),
        }
    }

    async fn pause(&mut self, time: Duration) {
        self.see(Seen::Awake);
        match &mut self.ear {
            None => tokio::time::sleep(time).await,
            Some(ear) => ear.pause(time).await,
        }
    }

    fn tell(&mut self, news: News) {
        // What comes after this may change something.
        self.progress.begun.set(true);
        self.see(Seen::News(news));
    }
}
