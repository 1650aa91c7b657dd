//! Loads Compose files the way Docker does.

mod diagnostic;
mod document;
pub mod dotenv;
mod error;
mod load;
mod path;
mod project;
mod request;
mod source;
pub mod template;
pub mod value;

pub use diagnostic::{Diagnostic, Label, Place, Severity};
pub use document::Document;
pub use error::{LoadError, Rejected};
pub use load::{Loaded, Read, Variable, environment, load, read, variables};
pub use path::{Path, Step};
pub use project::Project;
pub use request::{Environment, Request, Skip};
pub use source::{FileId, Position, Source, Sources, Span};
