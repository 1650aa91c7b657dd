//! `ecs-cli ls`: the stacks of Compose projects.

use clap::Args;

use crate::aws_args::{AwsArgs, wait};
use crate::error::CliError;
use crate::exit::Exit;
use crate::process::now;
use crate::project_args::ProjectArgs;
use crate::ui::{Report, Ui, json, stacks};

/// List the stacks of Compose projects in a region
///
/// Those that Docker's own tool for ECS made are among them.
#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// Also stacks that could not be made, and those that are being removed
    #[arg(short, long)]
    all: bool,

    /// Print the names of stacks alone
    #[arg(short, long)]
    quiet: bool,

    /// How to write it; docs/json.md says what is in JSON
    #[arg(short, long, value_enum, default_value = "text")]
    output: Report,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Ls, ui: &mut Ui) -> Result<Exit, CliError> {
    let all = wait(async { Ok(args.aws.open().await?.stacks().await?) })?;
    let mut shown = ecs_apply::projects(all);
    let count = shown.len();
    shown.retain(|stack| args.all || stack.status.is_alive());
    let text = match args.output {
        _ if args.quiet => shown.iter().map(|stack| format!("{}\n", stack.name)).collect(),
        Report::Json => json::stacks(&shown),
        Report::Text => stacks(&shown, now()),
    };
    ui.data(&text)?;
    let hidden = count - shown.len();
    if hidden > 0 && !args.quiet {
        ui.note(&format!("--all shows {hidden} more, which failed or are being removed"));
    }
    Ok(Exit::Success)
}
