//! What is wrong with what the program was given.

use std::fmt;

/// Something that is wrong with what the program was given, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The variable or the flag.
    pub at: String,
    /// What is wrong with it. Has no secrets.
    pub message: String,
    /// What to type instead.
    pub help: String,
}

impl Problem {
    pub(crate) fn new(at: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at: at.to_owned(), message: message.into(), help: help.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, message, help } = self;
        write!(f, "{at} {message}: {help}")
    }
}
