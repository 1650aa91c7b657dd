//! `ecs-cli down`: removes a stack.

use std::time::Duration;

use clap::Args;
use ecs_apply::{Begun, DeployError, PROJECT_TAG, StackEvent, Status, operation};
use serde_json::json;

use crate::aws_args::{AwsArgs, attempt_number, wait};
use crate::error::CliError;
use crate::exit::Exit;
use crate::follow::{Followed, follow};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::{StackArgs, patience};
use crate::ui::{Report, Ui};

/// Remove the project's stack; volumes are kept, unless asked for
#[derive(Debug, Args)]
pub(crate) struct Down {
    /// Begin, and do not wait for the end
    #[arg(short, long, alias = "no-wait")]
    detach: bool,

    /// Watch no longer than this, such as `15m`; what was begun goes on
    #[arg(long, value_name = "TIME", value_parser = patience)]
    timeout: Option<Duration>,

    /// Let CloudFormation work as this role
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,

    /// How to write what came of it
    #[arg(short, long, value_enum, default_value = "text")]
    output: Report,

    #[command(flatten)]
    stack: StackArgs,

    #[command(flatten)]
    aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Down, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    wait(down(args, process, ui))
}

async fn down(args: &Down, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let name = args.stack.find(&args.project, process)?;
    let aws = args.aws.open().await?;
    let found = aws.stack(&name).await?.filter(|stack| !stack.status.is_deleted());
    let Some(stack) = found else {
        ui.tell(&format!("there is no stack {name} in {}: nothing to remove\n", aws.region()));
        report(args, &name, "absent", &[], ui)?;
        return Ok(Exit::Success);
    };
    if !stack.status.is_announced() && !stack.tags.contains_key(PROJECT_TAG) {
        return Err(DeployError::Foreign { stack: Box::new(stack), owner: None }.into());
    }
    let newest = aws.newest_stack_event(&stack.id).await?.map(|event| event.id);
    let begun = match stack.status.0.as_str() {
        "DELETE_IN_PROGRESS" => {
            ui.tell("it is being removed already; watching that\n");
            let seen = operation(&aws, &stack).await?.and_then(|it| it.before);
            Begun { stack: stack.id.clone(), seen, creates: false }
        }
        // AWS does not delete what it changes. What it makes, it does.
        status if status.starts_with("UPDATE") && stack.status.is_under_way() => {
            let operation = operation(&aws, &stack).await?.map(Box::new);
            let stack = Box::new(stack);
            return Err(DeployError::Busy { stack, operation, same: false }.into());
        }
        _ => {
            let token = format!("ecs-cli-down-{:x}", attempt_number());
            aws.delete_stack(&stack.id, args.role_arn.as_deref(), &token).await?;
            Begun { stack: stack.id.clone(), seen: newest, creates: false }
        }
    };
    if args.detach {
        ui.tell(&format!("the stack {name} is being removed\n"));
        report(args, &name, "under-way", &[], ui)?;
        return Ok(Exit::Success);
    }
    match follow(&aws, &name, &begun, args.timeout, ui).await? {
        Followed::Ended(status) if status.is_deleted() => {
            let events = aws.stack_events(&begun.stack, begun.seen.as_deref()).await?;
            let kept: Vec<StackEvent> =
                events.into_iter().filter(|it| it.status.0 == "DELETE_SKIPPED").collect();
            ui.tell(&removed(&name, &kept));
            report(args, &name, "done", &kept, ui)?;
            Ok(Exit::Success)
        }
        Followed::Ended(status) => {
            ui.tell(&failure(&name, &status, ui.program()));
            report(args, &name, "failed", &[], ui)?;
            Ok(Exit::Failed)
        }
        Followed::Interrupted | Followed::TimedOut => {
            ui.tell(&format!("no longer watched; the stack {name} is still being removed\n"));
            report(args, &name, "under-way", &[], ui)?;
            Ok(Exit::UnderWay)
        }
    }
}

fn removed(name: &str, kept: &[StackEvent]) -> String {
    let mut text = format!("the stack {name} is removed\n");
    for event in kept {
        let id = event.physical_id.as_deref().unwrap_or("?");
        text += &format!("kept: {id} ({}, {})\n", event.kind, event.logical_id);
    }
    text
}

fn failure(name: &str, status: &Status, program: &str) -> String {
    format!(
        "the stack {name} could not be removed: {status}\n\
         `{program} events --stack-name {name}` shows what is in the way; remove that, then run \
         `down` again\n"
    )
}

fn report(
    args: &Down,
    name: &str,
    outcome: &str,
    kept: &[StackEvent],
    ui: &mut Ui,
) -> Result<(), CliError> {
    if args.output == Report::Text {
        return Ok(());
    }
    let kept: Vec<_> = kept
        .iter()
        .map(|it| {
            json!({"logical_id": it.logical_id, "physical_id": it.physical_id, "type": it.kind})
        })
        .collect();
    let report = json!({"version": 1, "stack": name, "outcome": outcome, "kept": kept});
    ui.data(&format!("{report:#}\n"))
}
