//! The answer to every key of Compose.

use compose_model::{Diagnostic, Loaded};

/// Tells of every key that has no effect or cannot be done.
pub(crate) fn check(_loaded: &Loaded, _problems: &mut Vec<Diagnostic>) {}
