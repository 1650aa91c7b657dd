//! `develop`, and the hooks around a container's life.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/develop.md>

use super::{Command, Variables};
use crate::form::mapping;

mapping! {
    /// How a service follows its source code.
    pub struct Develop {
        /// What to do when which files change.
        watch: Vec<Trigger>,
    }
}

mapping! {
    /// What to do when some files change.
    pub struct Trigger {
        /// The folder or file to watch.
        path: Option<String>,
        /// `rebuild`, `sync`, `restart`, `sync+restart` or `sync+exec`.
        action: Option<String>,
        /// Where the files go in the container.
        target: Option<String>,
        /// What to run after them.
        exec: Option<Box<Hook>>,
        /// Watch only what matches these.
        include: Vec<String>,
        /// Do not watch what matches these.
        ignore: Vec<String>,
        /// Whether all files go there at the start.
        initial_sync: bool,
    }
}

mapping! {
    /// A command at a moment of a container's life.
    pub struct Hook {
        /// What to run.
        command: Command,
        /// In which image, before the service starts; the service's by default.
        image: Option<String>,
        /// As which user.
        user: Option<String>,
        /// Whether with the rights of the host.
        privileged: bool,
        /// Where.
        working_dir: Option<String>,
        /// With which variables.
        environment: Variables,
        /// Whether once for each container instead of once for the service.
        per_replica: bool,
    }
}
