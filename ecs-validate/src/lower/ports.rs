//! `ports` to listeners of the load balancer.

use compose_model::Path;
use compose_model::service::Port;

use crate::context::Context;
use crate::service::{ContainerPort, Publication};

/// What a service's ports come to.
#[derive(Debug, Default)]
pub(super) struct Ports {
    pub(super) container: Vec<ContainerPort>,
    pub(super) publications: Vec<Publication>,
}

/// Lowers the ports of one container. `networks` are those of the service.
pub(super) fn ports(
    _name: &str,
    _ports: &[Port],
    _networks: &[String],
    _at: &Path,
    _cx: &mut Context<'_>,
) -> Ports {
    Ports::default()
}
