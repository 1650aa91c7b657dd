//! `ecs-cli ps`: the services of a stack and their tasks.

use clap::Args;
use ecs_apply::{StackStatus, Task};

use crate::aws_args::{AwsArgs, wait};
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

fn ids(status: &StackStatus) -> String {
    let tasks = status.services.iter().flat_map(|service| &service.tasks);
    tasks.map(|task: &Task| format!("{}\n", task.id())).collect()
}
