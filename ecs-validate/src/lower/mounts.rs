//! `volumes`, `volumes_from`, `tmpfs` and `configs` to what a container sees in its
//! file system.

use compose_model::{Path, Service};

use crate::context::Context;
use crate::service::{Mount, Tmpfs};

/// What a service's mounts come to.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    pub(super) mounts: Vec<Mount>,
    pub(super) tmpfs: Vec<Tmpfs>,
}

/// Lowers all that is mounted into one container.
pub(super) fn mounts(_name: &str, _service: &Service, _at: &Path, _cx: &mut Context<'_>) -> Mounts {
    Mounts::default()
}
