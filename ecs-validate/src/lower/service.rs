//! A service of Compose to one of ECS.

use crate::context::Context;
use crate::project::Capacity;
use crate::service::{SearchDomain, Service};

/// All services that run, sorted by name, and the machines that they need.
pub(crate) fn services(_: SearchDomain, _cx: &mut Context<'_>) -> (Vec<Service>, Vec<Capacity>) {
    (Vec::new(), Vec::new())
}
