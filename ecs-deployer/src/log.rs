//! What is told while the program works.

use serde_json::{Map, Value};

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sentences.
    Text,
    /// An object a line.
    Json,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For those who look for a mistake.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// How much it matters.
    pub level: Level,
    /// A name that does not change: `deploy.updated`.
    pub event: &'static str,
    /// A sentence.
    pub message: String,
    /// What programs want to know of it.
    pub fields: Map<String, Value>,
}
