//! What lowering knows, and what it collects.

use compose_model::{Diagnostic, Project};

use crate::facts::Facts;

/// What lowering knows, and what it collects.
pub(crate) struct Context<'a> {
    pub(crate) project: &'a Project,
    pub(crate) facts: &'a Facts,
    pub(crate) problems: Vec<Diagnostic>,
}

impl Context<'_> {
    pub(crate) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }
}
