//! What is wrong with a Compose file, as plain data.
//!
//! A diagnostic knows where it belongs but not how it looks: a terminal, an
//! editor and a CI system each render it in their own way.

use crate::path::Path;
use crate::source::Span;

/// Something to tell the author of a Compose file.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Stable, kebab-case and namespaced: `compose::unknown-key`.
    pub code: &'static str,
    /// Whether the project can still be used.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where. The first label is the place itself, the others explain it.
    pub labels: Vec<Label>,
    /// What to type instead.
    pub help: Option<String>,
}

/// Whether a problem stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The project is usable; its author should know anyway.
    Warning,
    /// The project is refused.
    Error,
}

/// A place and what to say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where to point.
    pub place: Place,
    /// A short remark to stand under the caret; may be empty.
    pub text: String,
}

/// Where a label points.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// At characters of a source file.
    Span(Span),
    /// At an element of the merged project, which a
    /// [`Document`](crate::Document) knows how to find.
    Path(Path),
    /// At the key of such an element.
    Key(Path),
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self::Span(span)
    }
}

impl From<Path> for Place {
    fn from(path: Path) -> Self {
        Self::Path(path)
    }
}

impl Diagnostic {
    /// A problem that stops the run.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A problem that does not stop the run.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into(), labels: Vec::new(), help: None }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.into(), text: text.into() });
        self
    }

    /// Says what to type instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
