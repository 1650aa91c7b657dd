//! What a text of AWS means.

use super::kind::Kind;

/// What a text of AWS means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) help: String,
}

impl Reading {
    pub(super) fn new(kind: Kind, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: help.into() }
    }
}
