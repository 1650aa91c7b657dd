//! Services that became stable all the same.

use jiff::Timestamp;

use crate::service::{Deployment, Service};

/// Whether a service runs what was deployed since a time. One that went back to what
/// it was has had another deployment meanwhile.
pub(super) fn is_stable(service: &Service, since: Timestamp) -> bool {
    let young = |it: &&Deployment| it.created.is_some_and(|created| created >= since);
    let mut deployments = service.deployments.iter().filter(young);
    match (deployments.next(), deployments.next()) {
        (Some(only), None) => {
            only.status == "PRIMARY"
                && only.rollout.as_deref() == Some("COMPLETED")
                && service.running == service.desired
        }
        (None, _) | (Some(_), Some(_)) => false,
    }
}
