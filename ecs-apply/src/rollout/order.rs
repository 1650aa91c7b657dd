//! What somebody wants to be rolled out.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

use super::cloud::Strategy;
use super::definition::Definition;
use super::policy::Policy;
use crate::service::ServiceName;

/// A definition for a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Which service.
    pub service: ServiceName,
    /// What it shall run.
    pub definition: Definition,
    /// Says which order it is, however often it is told.
    pub key: String,
    /// Where it stands among the orders of its service, if that is known.
    pub rank: Option<Rank>,
    /// When it was given, by the clocks of AWS.
    pub asked: Option<Timestamp>,
    /// When it got its key, if that is known: nobody has begun with it before.
    pub born: Option<Timestamp>,
    /// Whether somebody may have begun with it before.
    pub again: bool,
    /// Whether it is told once more under another key, so that what runs already has
    /// to be compared with it.
    pub retold: bool,
    /// Whether it is not carried out where nobody can see if it was before.
    pub must_be_known: bool,
    /// How ECS shall do it, if not as it always does.
    pub strategy: Option<Strategy>,
    /// How many revisions of the family can still be run afterwards; all, if nothing is
    /// said.
    pub keep: Option<u8>,
    /// When it is done, and when it is not.
    pub terms: Terms,
    /// What may be rolled out at all.
    pub policy: Policy,
}

/// When a rollout is done, and when it is given up.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// What counts as success.
    pub success: Success,
    /// How long a new task may take until it runs.
    pub start: Duration,
    /// How long the rest may take, beside what the service itself waits for.
    pub complete: Duration,
    /// How many tasks may fail; a quarter of what is wanted, and three at least, if
    /// nothing is said.
    pub failures: Option<u32>,
    /// Whether to go back after a failure, if ECS does not.
    pub roll_back: bool,
    /// What is run once before the service is touched: overrides of `RunTask`.
    pub rehearsal: Option<serde_json::Value>,
}

/// What counts as success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Success {
    /// One task of the new revision runs.
    Running,
    /// All of them run, and none is unhealthy.
    Live,
    /// ECS says that it is completed, and the old tasks are gone.
    Completed,
}

impl FromStr for Success {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "running" => Ok(Self::Running),
            "live" => Ok(Self::Live),
            "completed" => Ok(Self::Completed),
            _ => Err(()),
        }
    }
}

/// Where an order stands among others of its service. Numbers that come from different
/// places say nothing about each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// Who counts.
    pub source: RankSource,
    /// How far.
    pub number: u128,
}

/// Who says in which order orders were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankSource {
    /// Whoever gave them.
    Sequence,
    /// A queue that keeps their order.
    Queue,
    /// The time at which they came to a queue, in milliseconds.
    Sent,
}

impl RankSource {
    const ALL: [Self; 3] = [Self::Sequence, Self::Queue, Self::Sent];

    fn name(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Queue => "queue",
            Self::Sent => "sent",
        }
    }
}

impl Rank {
    /// Whether it is certainly given later than another.
    pub fn is_after(self, other: Self) -> bool {
        self.source == other.source && self.number > other.number
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source.name(), self.number)
    }
}

impl FromStr for Rank {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (source, number) = text.split_once(':').ok_or(())?;
        let source = RankSource::ALL.into_iter().find(|it| it.name() == source).ok_or(())?;
        Ok(Self { source, number: number.parse().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_one_source_are_compared() {
        let rank = |text: &str| text.parse::<Rank>().unwrap();
        for text in ["sequence:7", "queue:18849496460467696128", "sent:1700000000000"] {
            assert_eq!(rank(text).to_string(), text);
        }
        assert!(rank("sent:2").is_after(rank("sent:1")));
        assert!(!rank("sent:1").is_after(rank("sent:1")));
        assert!(!rank("sent:2").is_after(rank("sequence:1")));
        for text in ["", "sent", "sent:x", "sent:-1", "other:1"] {
            assert!(text.parse::<Rank>().is_err(), "{text}");
        }
    }
}
