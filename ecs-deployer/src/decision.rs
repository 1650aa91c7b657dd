//! What becomes of a message, by what became of its order. Asks nobody.

use std::time::Duration;

use ecs_apply::rollout::{Outcome, Report, RolloutError};

use crate::exit::Exit;

/// A service that is not there may be made just now.
const NOT_YET: u32 = 3;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is removed: its outcome is decided.
    Remove,
    /// It is put where messages go that somebody has to look at, and removed.
    Bury,
    /// It cannot be used. It is put where somebody looks, by this program or by the
    /// queue itself; where nobody does that, it is removed after a while.
    Poison,
    /// It cannot be used, came often enough, and nobody puts it away: it is removed.
    GiveUp,
    /// It stays, and comes again after this time.
    Keep(Duration),
    /// Others may have it by now, and it is left to them.
    Leave,
    /// It was removed before its outcome was known.
    Gone,
}

impl Fate {
    /// A name that does not change, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Remove | Self::Gone => "removed",
            Self::Bury => "dead_lettered",
            Self::Poison | Self::Keep(_) => "kept",
            Self::GiveUp => "given_up",
            Self::Leave => "left",
        }
    }
}

/// What becomes of a message, and how a program ends that handles only this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the message.
    pub fate: Fate,
    /// How the program ends.
    pub exit: Exit,
}

impl Decision {
    /// Of a message that cannot be read.
    pub const POISON: Self = Self { fate: Fate::Poison, exit: Exit::Unusable };

    /// Of one that asked for a revision alone.
    pub const REGISTERED: Self = Self { fate: Fate::Remove, exit: Exit::Done };

    /// Of one instead of which a later one was carried out.
    pub const COALESCED: Self = Self { fate: Fate::Remove, exit: Exit::Superseded };

    /// Of one that was removed before somebody stopped the program.
    pub const UNATTENDED: Self = Self { fate: Fate::Gone, exit: Exit::Stopped };
}

/// What becomes of a message that was received so often.
pub fn decide(result: Result<&Report, &RolloutError>, receives: u32) -> Decision {
    match result {
        Ok(report) => {
            Decision { fate: decided(&report.outcome), exit: Exit::from(&report.outcome) }
        }
        Err(error) => Decision { fate: not_begun(error, receives), exit: Exit::from(error) },
    }
}

fn decided(outcome: &Outcome) -> Fate {
    match outcome {
        Outcome::Deployed
        | Outcome::Already
        | Outcome::Superseded { .. }
        | Outcome::Stale { .. } => Fate::Remove,
        // A revision that is broken is broken the next time, too.
        Outcome::Failed { .. } => Fate::Bury,
    }
}

fn not_begun(error: &RolloutError, receives: u32) -> Fate {
    match error {
        RolloutError::NoService(_) if receives < NOT_YET => Fate::Keep(backoff(receives)),
        // Nothing was done, so that it does no harm if it comes again: the queue may put
        // it away, where this program would have to delete it.
        RolloutError::NoService(_)
        | RolloutError::NotActive { .. }
        | RolloutError::Controller { .. }
        | RolloutError::Unfit { .. }
        | RolloutError::Rejected(_) => Fate::Poison,
        // Something was done, and must not be done again.
        RolloutError::NotUpdated { .. } | RolloutError::Rehearsal { .. } => Fate::Bury,
        RolloutError::Withdrawn(_) => Fate::Leave,
        // Not the message is wrong, but whoever runs the program, or nothing at all.
        RolloutError::NoCluster(_) | RolloutError::Aws(_) => Fate::Keep(backoff(receives)),
    }
}

/// The longer, the more often it came, so that the queue counts it and the reason may
/// pass.
pub fn backoff(receives: u32) -> Duration {
    const FIRST: u64 = 30;
    const LAST: u64 = 900;
    Duration::from_secs(LAST.min(FIRST << receives.min(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_often_waits_long() {
        let waits: Vec<u64> = (0..7).map(|receives| backoff(receives).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(backoff(u32::MAX).as_secs(), 900);
    }
}
