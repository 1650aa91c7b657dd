//! What lowering knows, and what it collects.

use compose_model::{Diagnostic, Document, Loaded, Path, Project};

use crate::facts::Facts;

/// What lowering knows, and what it collects.
pub(crate) struct Context<'a> {
    pub(crate) project: &'a Project,
    pub(crate) document: &'a Document,
    pub(crate) facts: &'a Facts,
    pub(crate) problems: Vec<Diagnostic>,
    /// Where each published port stands.
    pub(crate) published: Vec<Published>,
}

/// A published port, as far as others can be in its way.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) service: String,
    pub(crate) listener: u16,
    pub(crate) target: u16,
    /// Whether the Compose file names the port of the listener.
    pub(crate) asked: bool,
    pub(crate) at: Path,
}

impl<'a> Context<'a> {
    pub(crate) fn new(loaded: &'a Loaded, facts: &'a Facts) -> Self {
        let Loaded { project, document, .. } = loaded;
        Self { project, document, facts, problems: Vec::new(), published: Vec::new() }
    }

    pub(crate) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }
}
