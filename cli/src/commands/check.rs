//! `ecs-cli check`: what of the project ECS can run.

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::pipeline::{FactsArgs, convert};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::ui::{Output, Ui};

/// Say what of the project ECS can run, and what happens instead of the rest
///
/// An error is something that ECS cannot do, a warning something that it does in
/// another way or that has no effect there. docs/compose-support.md has the answer
/// to every key.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    facts: FactsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Check, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let request = args.project.request(process)?;
    let converted = convert(&request, &args.facts, process)?;
    ui.diagnostics(&converted.document, &converted.diagnostics, Output::Free)?;
    Ok(if converted.refused { Exit::Rejected } else { Exit::Success })
}
