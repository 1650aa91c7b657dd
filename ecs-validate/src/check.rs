//! The phases of a check, in order.

use compose_model::{Diagnostic, Loaded};

use crate::context::Context;
use crate::facts::Facts;
use crate::lower;
use crate::project::EcsProject;
use crate::service::SearchDomain;
use crate::support;

/// A project that ECS can run, if it can, and what there is to say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Nothing if one of the problems is an error.
    pub project: Option<EcsProject>,
    /// What was adapted, has no effect or cannot be done.
    pub diagnostics: Vec<Diagnostic>,
}

/// Lowers a project to what ECS can run, and collects every problem.
pub fn check(loaded: &Loaded, facts: &Facts) -> Checked {
    let mut cx = Context { project: &loaded.project, facts, problems: Vec::new() };
    support::check(loaded, &mut cx.problems);
    let _services = lower::service::services(SearchDomain::default(), &mut cx);
    Checked { project: None, diagnostics: cx.problems }
}
