//! Why a project could not be loaded.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// Why a project could not be loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The system refused to give a file that was asked for by name.
    #[error("cannot read {}{}", file.display(), named_by.map(which).unwrap_or_default())]
    Read {
        /// Which file.
        file: PathBuf,
        /// The variable that names it, if no option does.
        named_by: Option<&'static str>,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing to load.
    #[error("no Compose file in {} or its parents", directory.display())]
    NotFound {
        /// Where the search began.
        directory: PathBuf,
    },
    /// An option of the request is unusable.
    #[error("{option} {value:?} {reason}")]
    Option {
        /// The option or variable as a user types it: `--project-name`.
        option: &'static str,
        /// What it was set to.
        value: String,
        /// What is wrong with that, after the value in a sentence.
        reason: String,
    },
    /// A service was asked for that the project does not have.
    #[error("there is no service {name:?}")]
    UnknownService {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// The files were read, and are wrong.
    #[error("{} problems in the Compose file", .0.diagnostics.len())]
    Invalid(Box<Rejected>),
}

fn which(variable: &str) -> String {
    format!(", which {variable} names")
}

/// What is wrong with the files of a project, and the texts to show it in.
#[derive(Debug)]
pub struct Rejected {
    /// Errors and warnings; at least one is an error.
    pub diagnostics: Vec<Diagnostic>,
    /// As far as it could be read; finds the places of the diagnostics.
    pub document: Document,
}
