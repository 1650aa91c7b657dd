//! What to load: everything that `docker compose` takes from its command line
//! and its environment.

use std::path::PathBuf;

use indexmap::IndexMap;

/// Names to values, as a process inherits them.
pub type Environment = IndexMap<String, String>;

/// What to load. Every field's default is what `docker compose` does when the
/// option is not given.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Where the command runs: relative paths start here. Must be absolute.
    pub working_dir: PathBuf,
    /// `-f`: files to merge, in this order; `-` is [`stdin`](Self::stdin).
    /// When empty, `COMPOSE_FILE` and then the usual names are looked for.
    pub files: Vec<PathBuf>,
    /// What was read from standard input, if a file is `-`.
    pub stdin: Option<String>,
    /// `--project-directory`: where the project's relative paths start.
    pub project_directory: Option<PathBuf>,
    /// `-p`.
    pub project_name: Option<String>,
    /// `--env-file`. When empty, `COMPOSE_ENV_FILES` and then `.env`.
    pub env_files: Vec<PathBuf>,
    /// `--profile`. When empty, `COMPOSE_PROFILES`.
    pub profiles: Vec<String>,
    /// Keep these services and what they depend on; all when empty.
    pub services: Vec<String>,
    /// The environment of the process. Nothing else is asked for variables.
    pub environment: Environment,
    /// Phases to leave out.
    pub skip: Skip,
}

/// Phases that a load leaves out. All run by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skip {
    /// Leave `$VARIABLES` as they are written.
    pub interpolation: bool,
    /// Add no implicit network, names or dependencies.
    pub normalization: bool,
    /// Leave relative paths as they are written.
    pub path_resolution: bool,
    /// Accept references to what does not exist.
    pub consistency: bool,
    /// Do not read `env_file` and `label_file` into `environment` and `labels`.
    pub environment_resolution: bool,
}
