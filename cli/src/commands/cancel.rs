//! `ecs-cli cancel`: gives up an update that is under way.

use std::time::Duration;

use clap::Args;
use ecs_apply::{Begun, Stack};
use serde_json::json;

use crate::aws_args::{AwsArgs, attempt_number, wait};
use crate::caller::Caller;
use crate::deadline::Deadline;
use crate::error::CliError;
use crate::existing::existing_stack;
use crate::exit::Exit;
use crate::follow::{Followed, follow};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::{StackArgs, patience};
use crate::ui::{Report, Ui};

/// Give up an update of the project's stack: what was before comes back
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// Begin, and do not wait for the end
    #[arg(short, long, alias = "no-wait")]
    detach: bool,

    /// Watch no longer than this, such as `15m`; what was begun goes on
    #[arg(long, value_name = "TIME", value_parser = patience)]
    timeout: Option<Duration>,

    /// How to write what came of it
    #[arg(short, long, value_enum, default_value = "text")]
    output: Report,

    #[command(flatten)]
    pub(crate) stack: StackArgs,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Cancel, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    wait(cancel(args, process, ui))
}

async fn cancel(args: &Cancel, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let deadline = Deadline::after(args.timeout);
    let name = args.stack.find(&args.project, process)?;
    let aws = args.aws.open().await?;
    let stack = existing_stack(&aws, &name).await?;
    args.stack.check_owner(&stack, &args.project, process)?;
    if stack.status.0 != "UPDATE_IN_PROGRESS" {
        ui.tell(&nothing_to_give_up(&stack, ui.caller()));
        return report(args, &stack, "unchanged", ui).map(|()| Exit::Success);
    }
    let newest = aws.newest_stack_event(&stack.id).await?;
    let token = format!("ecs-cli-cancel-{:x}", attempt_number());
    if let Err(error) = aws.cancel_update(&stack.id, &token).await {
        // It may have come to its end meanwhile, or have heard this.
        let stack = existing_stack(&aws, &name).await?;
        if !stack.status.is_rollback() {
            if stack.status.0 == "UPDATE_IN_PROGRESS" {
                return Err(error.into());
            }
            ui.tell(&nothing_to_give_up(&stack, ui.caller()));
            return report(args, &stack, "unchanged", ui).map(|()| Exit::Success);
        }
    }
    let begun =
        Begun { stack: stack.id.clone(), seen: newest.map(|event| event.id), creates: false };
    if args.detach {
        ui.tell(&format!("the update of the stack {name} is being given up\n"));
        return report(args, &stack, "under-way", ui).map(|()| Exit::Success);
    }
    let followed = follow(&aws, &name, &begun, deadline, ui).await;
    if followed.is_err() {
        leave(&name, ui);
        report(args, &stack, "under-way", ui)?;
    }
    let (outcome, exit) = match followed? {
        Followed::Ended { status, .. } if status.0 == "UPDATE_ROLLBACK_COMPLETE" => {
            ui.tell(&format!("the stack {name} is what it was before\n"));
            ("done", Exit::Success)
        }
        Followed::Ended { status, evidence } => {
            ui.explain(&evidence, Some(&name));
            ui.tell(&format!("the stack {name} is {status}\n"));
            ("failed", Exit::Failed)
        }
        Followed::Interrupted | Followed::TimedOut => {
            leave(&name, ui);
            ("under-way", Exit::UnderWay)
        }
    };
    report(args, &stack, outcome, ui).map(|()| exit)
}

/// What was begun goes on when nobody watches.
fn leave(name: &str, ui: &mut Ui) {
    let events = ui.caller().about(name, "events -f");
    ui.tell(&format!("no longer watched; it goes on. `{events}` watches it\n"));
}

/// Asking for what is so already is no error.
fn nothing_to_give_up(stack: &Stack, caller: &Caller) -> String {
    let Stack { name, status, .. } = stack;
    let way = match status.0.as_str() {
        "CREATE_IN_PROGRESS" => format!("; `{}` removes it", caller.about(name, "down")),
        _ => String::new(),
    };
    format!("the stack {name} is not being updated: it is {status}{way}\n")
}

fn report(args: &Cancel, stack: &Stack, outcome: &str, ui: &mut Ui) -> Result<(), CliError> {
    if args.output == Report::Text {
        return Ok(());
    }
    let report = json!({"version": 1, "stack": stack.name, "outcome": outcome});
    ui.data(&format!("{report:#}\n"))
}
