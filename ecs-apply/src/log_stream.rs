//! Lines of many containers as one: in order, none twice, none lost.
//!
//! CloudWatch hands out what it has, which is not what was logged: containers send
//! their lines in batches some seconds later, each in its own time. Whoever follows
//! asks therefore again for the last minute, and passes over what is known.

mod merge;
mod read;
mod seen;
mod tail;

use jiff::Timestamp;

pub use read::{LogNews, LogRequest, read_logs};

/// Something that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When it wrote that.
    pub time: Timestamp,
    /// The service of the Compose file that it is for.
    pub service: String,
    /// Its name in the task definition.
    pub container: String,
    /// Whether it is of the Compose file, and not a helper.
    pub is_own: bool,
    /// The id of its task.
    pub task: String,
    /// What it wrote; several lines if the log driver was told how they begin.
    pub message: String,
    /// The group that it is in.
    pub group: String,
    /// No other line has it.
    pub id: String,
}
