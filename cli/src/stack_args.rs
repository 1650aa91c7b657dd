//! Which stack a command is about.

use std::time::Duration;

use clap::Args;
use ecs_apply::{DeployError, PROJECT_TAG, Stack};

use crate::error::CliError;
use crate::process::Process;
use crate::project_args::ProjectArgs;

/// Which stack a command is about.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StackArgs {
    /// The stack, if it is not named after the project
    #[arg(long, value_name = "NAME", value_parser = stack_name)]
    stack_name: Option<String>,
}

impl StackArgs {
    /// Whether somebody named the stack.
    pub(crate) fn is_named(&self) -> bool {
        self.stack_name.is_some()
    }

    /// The stack of a project that is loaded.
    pub(crate) fn of(&self, project: &str) -> String {
        self.stack_name.clone().unwrap_or_else(|| ecs_apply::stack_name(project))
    }

    /// The stack of a project that need not be loaded if it is named.
    pub(crate) fn find(
        &self,
        project: &ProjectArgs,
        process: &mut Process,
    ) -> Result<String, CliError> {
        if let Some(name) = &self.stack_name {
            return Ok(name.clone());
        }
        let request = project.request(process)?;
        let named = request.environment.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty());
        if let Some(name) = request.project_name.as_ref().or(named) {
            return Ok(ecs_apply::stack_name(name));
        }
        let loaded = compose_model::load(&request)?;
        Ok(self.of(&loaded.project.name))
    }

    /// The project that a stack is of. Where it is known which is meant, it has to be that
    /// one: several can have one name, and names are mistyped.
    pub(crate) fn check_owner(
        &self,
        stack: &Stack,
        project: &ProjectArgs,
        process: &mut Process,
    ) -> Result<String, CliError> {
        let owner = stack.tags.get(PROJECT_TAG).cloned();
        let meant = self.project(project, process);
        match owner {
            Some(owner) if meant.is_none_or(|meant| meant == owner) => Ok(owner),
            owner => Err(DeployError::Foreign { stack: Box::new(stack.clone()), owner }.into()),
        }
    }

    /// The project that is meant, if it is named or can be loaded.
    pub(crate) fn project(&self, project: &ProjectArgs, process: &mut Process) -> Option<String> {
        let request = project.request(process).ok()?;
        let loaded = || Some(compose_model::load(&request).ok()?.project.name);
        request.project_name.clone().or_else(loaded)
    }
}

/// A name that CloudFormation takes, or the ARN of a stack.
fn stack_name(text: &str) -> Result<String, String> {
    const LONGEST: usize = 128;
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let is_name = text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(is_part)
        && text.len() <= LONGEST;
    match is_name || text.starts_with("arn:") {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "a stack is named with up to {LONGEST} letters, digits and `-`, a letter first"
        )),
    }
}

/// How long to wait, as Compose writes it: `1h30m`.
pub(crate) fn patience(text: &str) -> Result<Duration, String> {
    let time: compose_model::value::Duration =
        text.parse().map_err(|error: compose_model::value::DurationError| error.to_string())?;
    Ok(Duration::from_nanos(time.as_nanos().max(0).unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::stack_name;

    #[test]
    fn stacks_have_names_that_cloudformation_takes() {
        let long = "a".repeat(129);
        let arn = "arn:aws:cloudformation:eu-west-1:1:stack/shop/0a1b";
        let cases = [
            ("shop", true),
            ("Shop-2", true),
            (arn, true),
            ("has_underscore", false),
            ("1abc", false),
            ("-x", false),
            ("", false),
            (&long[1..], true),
            (&long, false),
        ];
        for (name, expected) in cases {
            assert_eq!(stack_name(name).is_ok(), expected, "{name}");
        }
    }
}
