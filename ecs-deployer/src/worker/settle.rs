//! What is done with a message in the end.

use ecs_apply::AwsError;
use ecs_apply::rollout::Cloud;

use super::seen::{Herald, Seen, Witness};
use super::{Desk, Held};
use crate::decision::{Decision, Fate, backoff};
use crate::exit::Exit;
use crate::queue::{Attribute, Letter, Message, Queue, remove};

impl<Q: Queue, C: Cloud, W: Witness, H: Herald> Desk<'_, Q, C, W, H> {
    /// What can be done of what was decided.
    pub(super) async fn fate(&self, message: &Message, decision: Decision) -> Fate {
        let has_place = self.settings.dead_letters.is_some();
        match decision.fate {
            Fate::Poison if has_place => Fate::Bury,
            Fate::Poison => self.poison(message).await,
            Fate::Bury if !has_place => Fate::Remove,
            fate @ (Fate::Remove
            | Fate::Bury
            | Fate::GiveUp
            | Fate::Keep(_)
            | Fate::Leave
            | Fate::Gone) => fate,
        }
    }

    /// A message that cannot be used is put away by the queue itself, if it does such
    /// things. Where nobody does, it is removed, so that it does not come for ever; but
    /// only where that is certain.
    async fn poison(&self, message: &Message) -> Fate {
        let later = Fate::Keep(backoff(message.receives));
        if message.receives < self.settings.max_receives {
            return later;
        }
        match self.queue.about().await {
            Ok(about) if about.max_receives.is_none() => Fate::GiveUp,
            Ok(_) => later,
            Err(error) => {
                self.witness.see(Some(message), Seen::NotAbout(&error));
                later
            }
        }
    }

    /// Does with the message what is to become of it.
    pub(super) async fn settle(&self, held: &Held, fate: Fate, exit: Exit) {
        let Held { message, lease } = held;
        let receipt = lease.receipt();
        let settled = match fate {
            Fate::Remove | Fate::GiveUp => remove(self.queue, &receipt).await,
            Fate::Bury => match self.copy(message, exit).await {
                Ok(()) => remove(self.queue, &receipt).await,
                Err(error) => Err(error),
            },
            Fate::Keep(time) => self.queue.hide(&receipt, time).await,
            Fate::Poison | Fate::Leave | Fate::Gone => Ok(()),
        };
        match settled {
            Ok(()) => self.witness.see(Some(message), Seen::Settled(fate)),
            Err(error) => self.witness.see(Some(message), Seen::NotSettled(&error)),
        }
    }

    /// Puts a copy where somebody looks at it, if there is such a place.
    pub(super) async fn copy(&self, message: &Message, exit: Exit) -> Result<(), AwsError> {
        let Some(queue) = &self.settings.dead_letters else { return Ok(()) };
        let mut attributes = message.attributes.clone();
        // AWS takes ten.
        if attributes.len() < 10 {
            attributes.insert("ecs-deployer-reason".to_owned(), Attribute::text(reason(exit)));
        }
        let letter = Letter {
            queue: queue.clone(),
            body: message.body.clone(),
            attributes,
            group: message.group.clone(),
            twin: Some(message.id.clone()),
        };
        self.queue.send(&letter).await
    }
}

/// Why a message was put where somebody looks.
fn reason(exit: Exit) -> &'static str {
    match exit {
        Exit::Unusable => "unusable",
        Exit::NoTarget => "no-target",
        Exit::NotRolledBack => "not-rolled-back",
        Exit::Failed
        | Exit::Done
        | Exit::Usage
        | Exit::Superseded
        | Exit::Empty
        | Exit::Denied
        | Exit::Unanswered
        | Exit::Stopped => "failed",
    }
}
