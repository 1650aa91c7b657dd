//! `volumes` of a project.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md>

use crate::form::mapping;
use crate::service::{Labels, Options};

mapping! {
    /// Storage that outlives containers.
    pub struct Volume {
        /// Its name outside of the project.
        name: Option<String>,
        /// What makes it.
        driver: Option<String>,
        /// Options of the driver.
        driver_opts: Options,
        /// Whether it exists already.
        external: bool,
        /// Its labels.
        labels: Labels,
    }
}
