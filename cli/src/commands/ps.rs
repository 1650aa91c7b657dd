//! `ecs-cli ps`: the services of a stack and their tasks.

use clap::Args;
use ecs_apply::{PROJECT_TAG, Stack, StackStatus, Task};

use crate::aws_args::{AwsArgs, wait};
use crate::caller::Caller;
use crate::error::CliError;
use crate::existing::existing_stack;
use crate::exit::Exit;
use crate::process::{Process, now};
use crate::project_args::ProjectArgs;
use crate::stack_args::StackArgs;
use crate::ui::{Report, Ui, json, services};

/// List the services of a project, where they are reached, and their tasks
///
/// The project is found by --stack-name, -p or its Compose file, which is not needed
/// otherwise.
#[derive(Debug, Args)]
pub(crate) struct Ps {
    /// Only these services
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,

    /// Also tasks that were stopped, which ECS remembers for about an hour, and why
    #[arg(short, long)]
    all: bool,

    /// Print the ids of tasks alone
    #[arg(short, long)]
    quiet: bool,

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

pub(crate) fn run(args: &Ps, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let name = args.stack.find(&args.project, process)?;
    let status = wait(look(args, &name))?;
    for sentence in &status.unseen {
        ui.note(sentence);
    }
    let sentence = state(&status.stack, ui.caller());
    if let Some(sentence) = sentence.filter(|_| !args.quiet && args.output == Report::Text) {
        ui.note(&sentence);
    }
    let text = if args.quiet {
        ids(&status)
    } else if args.output == Report::Json {
        json::status(&status)
    } else {
        services(&status, now())
    };
    ui.data(&text)?;
    Ok(Exit::Success)
}

async fn look(args: &Ps, name: &str) -> Result<StackStatus, CliError> {
    let aws = args.aws.open().await?;
    let stack = existing_stack(&aws, name).await?;
    let mut known = Vec::new();
    let status = ecs_apply::status(&aws, stack, args.all, |title| {
        known.push(title.to_owned());
        args.services.is_empty() || args.services.iter().any(|wanted| wanted == title)
    });
    let status = status.await?;
    expect_services(&args.services, &known)?;
    Ok(status)
}

/// Refuses names of services that the stack has not.
pub(crate) fn expect_services(wanted: &[String], known: &[String]) -> Result<(), CliError> {
    let Some(name) = wanted.iter().find(|name| !known.contains(name)) else { return Ok(()) };
    let nearest = compose_model::nearest(name, known.iter().map(String::as_str));
    Err(CliError::NoService {
        name: name.clone(),
        nearest: nearest.map(ToOwned::to_owned),
        known: known.to_vec(),
    })
}

/// What people should know of the stack, unless all is well with it.
fn state(stack: &Stack, caller: &Caller) -> Option<String> {
    let Stack { name, status, tags, .. } = stack;
    if !tags.contains_key(PROJECT_TAG) && !status.is_announced() {
        return Some(format!("the stack {name} was not made from a Compose file"));
    }
    let why = format!("`{}` says why", caller.about(name, "events"));
    let more = match status.0.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => return None,
        "REVIEW_IN_PROGRESS" => "it was planned, and never made".to_owned(),
        "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => {
            format!("it could not be made, and {why}; `up` removes what is left, and tries again")
        }
        "UPDATE_ROLLBACK_COMPLETE" => format!("the last change was taken back, and {why}"),
        _ if status.is_under_way() => {
            format!("`{}` shows what happens", caller.about(name, "events -f"))
        }
        _ => why,
    };
    Some(format!("the stack {name} is {status}: {more}"))
}

fn ids(status: &StackStatus) -> String {
    let tasks = status.services.iter().flat_map(|service| &service.tasks);
    tasks.map(|task: &Task| format!("{}\n", task.id())).collect()
}

#[cfg(test)]
mod tests {
    use ecs_apply::Status;

    use super::*;
    use crate::ui::sample_stack::stack;

    #[test]
    fn a_stack_that_is_not_well_says_so() {
        let told = |status: &str| {
            let stack = Stack { status: Status(status.to_owned()), ..stack("shop") };
            state(&stack, &Caller::new("ecs-cli")).unwrap_or_default()
        };
        let cases = [
            ("UPDATE_COMPLETE", ""),
            (
                "ROLLBACK_COMPLETE",
                "the stack shop is ROLLBACK_COMPLETE: it could not be made, and `ecs-cli events \
                 --stack-name shop` says why; `up` removes what is left, and tries again",
            ),
            (
                "CREATE_IN_PROGRESS",
                "the stack shop is CREATE_IN_PROGRESS: `ecs-cli events -f --stack-name shop` \
                 shows what happens",
            ),
            (
                "UPDATE_ROLLBACK_FAILED",
                "the stack shop is UPDATE_ROLLBACK_FAILED: `ecs-cli events --stack-name shop` \
                 says why",
            ),
        ];
        for (status, expected) in cases {
            assert_eq!(told(status), expected, "{status}");
        }
        let mut other = stack("shop");
        other.tags.clear();
        let told = state(&other, &Caller::new("ecs-cli"));
        assert_eq!(told.as_deref(), Some("the stack shop was not made from a Compose file"));
    }
}
