//! `ecs-cli events`: what happened to a stack and its services.

use clap::Args;
use ecs_apply::Happening;

use crate::aws_args::{AwsArgs, wait};
use crate::commands::logs::until_interrupted;
use crate::error::CliError;
use crate::existing::existing_stack;
use crate::exit::Exit;
use crate::moment::Moment;
use crate::process::{Process, now, zone};
use crate::project_args::ProjectArgs;
use crate::stack_args::StackArgs;
use crate::ui::{Report, Ui, happenings, json};

/// Show what happened to the stack of a project and to its services, and why
///
/// A stack that is gone is still found by its ARN: --stack-name ARN. A Compose file is
/// named before the command (`-f FILE events`) or as --file, since -f means --follow
/// here.
#[derive(Debug, Args)]
#[command(mut_arg("file", |file| file.short(None)))]
pub(crate) struct Events {
    /// Go on with what happens, until Ctrl-C or the end of the stack
    #[arg(short, long)]
    follow: bool,

    /// Nothing before this moment: 10m, 2026-11-21, 2026-11-21T15:04:05Z, seconds since
    /// 1970
    #[arg(long, value_name = "MOMENT")]
    since: Option<Moment>,

    /// How to write it; docs/json.md says what is in JSON
    #[arg(short, long, value_enum, default_value = "text")]
    output: Report,

    #[command(flatten)]
    pub(crate) stack: StackArgs,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Events, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let name = args.stack.find(&args.project, process)?;
    wait(async {
        let telling = tell(args, &name, ui);
        if args.follow { until_interrupted(telling).await } else { telling.await }
    })?;
    Ok(Exit::Success)
}

async fn tell(args: &Events, name: &str, ui: &mut Ui) -> Result<(), CliError> {
    let aws = args.aws.open().await?;
    let stack = existing_stack(&aws, name).await?;
    let since = args.since.map(|moment| moment.resolve(now(), &zone()));
    let mut width = 0;
    let mut show = |new: Vec<Happening>| match args.output {
        Report::Text => ui.styled(&happenings(&new, &mut width)),
        Report::Json => ui.data(&json::happenings(&new)),
    };
    let is_gone = ecs_apply::history(&aws, &stack, since, args.follow, &mut show).await?;
    if is_gone && args.follow {
        ui.note(&format!("the stack {} is gone", stack.name));
    }
    Ok(())
}
