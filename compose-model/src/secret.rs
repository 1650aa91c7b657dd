//! `secrets`, `configs` and `models` of a project.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md>

use crate::form::mapping;
use crate::service::{Labels, Options};

mapping! {
    /// Something that only some services may read. Where its content is, never
    /// the content itself.
    pub struct Secret {
        /// Its name outside of the project.
        name: Option<String>,
        /// The file that holds it.
        file: Option<String>,
        /// The variable that holds it.
        environment: Option<String>,
        /// Whether it exists already.
        external: bool,
        /// Its labels.
        labels: Labels,
        /// What keeps it.
        driver: Option<String>,
        /// Options of the driver.
        driver_opts: Options,
        /// What fills in its template.
        template_driver: Option<String>,
    }
}

mapping! {
    /// A file that services are given.
    pub struct Config {
        /// Its name outside of the project.
        name: Option<String>,
        /// The file that holds it.
        file: Option<String>,
        /// The variable that holds it.
        environment: Option<String>,
        /// What it holds.
        content: Option<String>,
        /// Whether it exists already.
        external: bool,
        /// Its labels.
        labels: Labels,
        /// What fills in its template.
        template_driver: Option<String>,
    }
}

mapping! {
    /// A language model that services use.
    pub struct Model {
        /// Its name outside of the project.
        name: Option<String>,
        /// Which model.
        model: Option<String>,
        /// How much text it can see at once.
        context_size: i64,
        /// Flags of what runs it.
        runtime_flags: Vec<String>,
    }
}
