//! The merged tree of a project, kept so that every element can be found in
//! the file that it was written in.

use std::fmt;

use crate::diagnostic::{Diagnostic, Place};
use crate::load::conceal::{Used, conceal};
use crate::path::Path;
use crate::source::{Sources, Span};
use crate::tree::Node;
use crate::value::Value;

/// A project as one tree, after files were merged and before it became types.
#[derive(Clone, Default)]
pub struct Document {
    /// None if nothing could be read.
    root: Option<Node>,
    sources: Sources,
    /// What variables held where they were used.
    used: Used,
    /// Extensions of included files, and where they stand.
    left_out: Vec<(String, Span)>,
}

impl fmt::Debug for Document {
    /// Leaves out what variables held.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl Document {
    /// A document without a tree, for texts that have none.
    pub fn from_sources(sources: Sources) -> Self {
        Self { root: None, sources, used: Used::new(), left_out: Vec::new() }
    }

    pub(crate) fn new(
        root: Option<Node>,
        sources: Sources,
        used: Used,
        left_out: Vec<(String, Span)>,
    ) -> Self {
        Self { root, sources, used, left_out }
    }

    /// The keys `x-*` at the top level of included files, and where they stand: only
    /// what services and their resources say is included.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, Span)> {
        self.left_out.iter().map(|(key, span)| (key.as_str(), *span))
    }

    /// Puts the names of variables where problems show what they hold, which may
    /// be a secret.
    pub fn conceal(&self, problems: &mut [Diagnostic]) {
        conceal(problems, self, &self.used);
    }

    pub(crate) fn root(&self) -> Option<&Node> {
        self.root.as_ref()
    }

    /// Every text that was read for it.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) fn sources_mut(&mut self) -> &mut Sources {
        &mut self.sources
    }

    /// Where an element was written, or its nearest ancestor, for one that a
    /// default added. Mappings and lists are found at their key.
    pub fn locate(&self, path: &Path) -> Option<Span> {
        let node = self.root.as_ref()?.nearest(path);
        let collection = node.as_map().is_some() || node.as_list().is_some();
        Some(if collection { node.key } else { node.span })
    }

    /// The characters that a diagnostic's label points at.
    pub fn span(&self, place: &Place) -> Option<Span> {
        match place {
            Place::Span(span) => Some(*span),
            Place::Path(path) => self.locate(path),
            Place::Key(path) => Some(self.root.as_ref()?.nearest(path).key),
        }
    }

    /// The tree without its places.
    pub fn value(&self) -> Value {
        self.root.as_ref().map(Node::value).unwrap_or_default()
    }
}
