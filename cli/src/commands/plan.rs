//! `ecs-cli plan`: what `up` would do.

use clap::Args;
use ecs_apply::Attempt;

use crate::aws_args::{AwsArgs, attempt_number, wait};
use crate::error::CliError;
use crate::exit::Exit;
use crate::prepare::{Order, Prepared, Purpose, StackOptions};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::StackArgs;
use crate::ui::{Report, Ui, planned};

/// Show what `up` would add, change, replace and remove, and what would be lost
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// Exit with 10 if there is something to do
    #[arg(long)]
    exit_code: bool,

    /// How to write the plan
    #[arg(short, long, value_enum, default_value = "text")]
    output: Report,

    #[command(flatten)]
    options: StackOptions,

    #[command(flatten)]
    pub(crate) stack: StackArgs,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Plan, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    wait(plan(args, process, ui))
}

async fn plan(args: &Plan, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let aws = args.aws.open().await?;
    let order = Order { project: &args.project, stack: &args.stack, purpose: Purpose::Show };
    let prepared = args.options.prepare(&aws, &order, process, ui).await?;
    let Prepared { found, request } = match prepared {
        Ok(prepared) => prepared,
        Err(exit) => return Ok(exit),
    };
    let mut attempt = Attempt::new(&aws, request, attempt_number())?.that_looks();
    let planned = attempt.plan(found).await?;
    attempt.forget(&planned).await?;
    let plan = &planned.plan;
    match args.output {
        Report::Text => ui.styled(&planned::text(plan))?,
        Report::Json => ui.data(&format!("{:#}\n", planned::data(plan)))?,
    }
    let something = args.exit_code && !plan.is_empty();
    Ok(if something { Exit::Changes } else { Exit::Success })
}
