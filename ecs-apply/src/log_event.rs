//! What CloudWatch Logs keeps, and how it is asked for.

use jiff::Timestamp;

/// What to read of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Where the group is, if not where everything else is.
    pub region: Option<String>,
    /// The group's name.
    pub group: String,
    /// What the names of streams begin with.
    pub prefix: String,
    /// The first moment that counts, to the millisecond.
    pub from: Timestamp,
    /// The last moment that counts.
    pub until: Option<Timestamp>,
    /// A filter pattern of CloudWatch.
    pub pattern: Option<String>,
}

/// Some of what was logged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Sorted by time.
    pub events: Vec<LogEvent>,
    /// What to ask for more with.
    pub next: Option<String>,
}

/// Something that was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// No other event has it.
    pub id: String,
    /// When it was logged, to the millisecond.
    pub time: Timestamp,
    /// `prefix/container/task`
    pub stream: String,
    /// What was logged; several lines if the log driver was told how they begin.
    pub message: String,
}
