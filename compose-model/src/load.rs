//! Text to types, phase by phase.

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::error::LoadError;
use crate::project::Project;
use crate::request::Request;

/// A project, and what there is to say about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The project as types.
    pub project: Project,
    /// The same project as a tree with places.
    pub document: Document,
    /// Problems that do not stop the run.
    pub warnings: Vec<Diagnostic>,
}

/// Reads, merges and checks a project, as `docker compose` does.
///
/// # Errors
///
/// [`LoadError::Invalid`] holds every problem of the files at once.
pub fn load(request: &Request) -> Result<Loaded, LoadError> {
    Err(LoadError::NotFound { directory: request.working_dir.clone() })
}

/// A project that was read and merged, but not bound to types.
#[derive(Debug, Clone)]
pub struct Read {
    /// The tree.
    pub document: Document,
    /// Problems that do not stop the run.
    pub warnings: Vec<Diagnostic>,
}

/// Reads and merges a project without binding it to types, so that a value may
/// still be a `${VARIABLE}` where a number belongs.
///
/// # Errors
///
/// As [`load`].
pub fn read(request: &Request) -> Result<Read, LoadError> {
    Err(LoadError::NotFound { directory: request.working_dir.clone() })
}

/// A variable that a project's files mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// `${NAME:?}`: the project cannot be loaded without it.
    pub required: bool,
    /// `${NAME:-default}`.
    pub default: Option<String>,
    /// `${NAME:+alternate}`.
    pub alternate: Option<String>,
}

/// Every variable that the files of a project mention, by name.
///
/// # Errors
///
/// As [`load`].
pub fn variables(request: &Request) -> Result<Vec<Variable>, LoadError> {
    Err(LoadError::NotFound { directory: request.working_dir.clone() })
}

/// The variables that interpolation sees: the request's, then those of the env
/// files.
///
/// # Errors
///
/// As [`load`].
pub fn environment(request: &Request) -> Result<crate::request::Environment, LoadError> {
    Err(LoadError::NotFound { directory: request.working_dir.clone() })
}
