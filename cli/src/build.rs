//! `--build`: images of the project's services, built by the Docker engine that the
//! user has, and pushed to the account.
//!
//! Docker's own program does both, so that what it is set up to do is done: contexts,
//! builders, proxies, credentials of registries that base images come from.

mod arguments;
mod docker;
mod error;
mod images;
mod push;
mod wish;

pub(crate) use self::docker::Docker;
pub(crate) use self::error::{BuildError, list};
pub(crate) use self::images::{Site, build};
pub(crate) use self::wish::{Wish, wishes};
