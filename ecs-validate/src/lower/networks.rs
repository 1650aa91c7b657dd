//! `networks` to security groups.

use compose_model::{Path, Service};

use crate::context::Context;

/// The networks that a service is in, by their keys, sorted.
pub(super) fn of_service(_service: &Service, _at: &Path, _cx: &mut Context<'_>) -> Vec<String> {
    Vec::new()
}
