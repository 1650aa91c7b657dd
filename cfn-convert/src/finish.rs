//! A project to the template that is deployed.

use compose_model::Diagnostic;
use ecs_validate::EcsProject;

use crate::convert::convert;
use crate::limits::limits;
use crate::overlay::overlay;
use crate::template::Template;

/// Converts a project, merges its author's CloudFormation over that, and counts
/// what is too much. Nothing comes of an overlay that is wrong.
pub fn finish(project: &EcsProject) -> (Option<Template>, Vec<Diagnostic>) {
    let template = convert(project);
    let template = match &project.overlay {
        Some(author) => overlay(template, author),
        None => Ok(template),
    };
    match template {
        Ok(template) => {
            let problems = limits(&template);
            (Some(template), problems)
        }
        Err(problems) => (None, problems),
    }
}
