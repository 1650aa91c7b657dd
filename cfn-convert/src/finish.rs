//! A project to the template that is deployed.

use compose_model::Diagnostic;
use ecs_validate::EcsProject;

use crate::convert::convert;
use crate::exposed::exposed;
use crate::limits::limits;
use crate::overlay::overlay;
use crate::similar::similar;
use crate::template::Template;

/// Converts a project, merges its author's CloudFormation over that, counts what is
/// too much, and looks for secrets and for names that are too much alike. Nothing comes of an overlay that is wrong.
pub fn finish(project: &EcsProject) -> (Option<Template>, Vec<Diagnostic>) {
    let template = convert(project);
    let (template, mut problems) = match &project.overlay {
        Some(author) => overlay(template, author),
        None => (Some(template), Vec::new()),
    };
    problems.extend(similar(project));
    if let Some(template) = &template {
        problems.extend(limits(template));
        problems.extend(exposed(template, &project.guard));
    }
    project.guard.conceal(&mut problems);
    (template, problems)
}
