//! `ecs-cli down`: removes a stack.

use std::time::Duration;

use clap::Args;
use ecs_apply::{Aws, Begun, DeployError, Stack, Status, operation};
use serde_json::json;

use crate::aws_args::{AwsArgs, attempt_number, wait};
use crate::caller::Caller;
use crate::deadline::Deadline;
use crate::error::CliError;
use crate::exit::Exit;
use crate::follow::{Followed, follow};
use crate::kept::{self, Kept};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::{StackArgs, patience};
use crate::ui::{Report, Ui};

/// Remove the project's stack; volumes are kept, unless asked for
#[derive(Debug, Args)]
pub(crate) struct Down {
    /// Delete the volumes of the project too, with all that is in them
    #[arg(short, long)]
    volumes: bool,

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
    pub(crate) stack: StackArgs,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Down, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    wait(down(args, process, ui))
}

async fn down(args: &Down, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let deadline = Deadline::after(args.timeout);
    let name = args.stack.find(&args.project, process)?;
    let aws = args.aws.open().await?;
    let found = aws.stack(&name).await?.filter(|stack| !stack.status.is_deleted());
    let project = match &found {
        Some(stack) if stack.status.is_announced() => None,
        Some(stack) => Some(args.stack.check_owner(stack, &args.project, process)?),
        None => args.stack.project(&args.project, process),
    };
    let down = Removal { args, aws: &aws, name: &name, project };
    let Some(stack) = found else {
        ui.tell(&format!("there is no stack {name} in {}\n", aws.region()));
        return down.finish("absent", Vec::new(), ui).await;
    };
    let begun = down.begin(stack, ui).await?;
    if args.detach {
        ui.tell(&format!("the stack {name} is being removed\n"));
        down.report("under-way", &[], &[], ui)?;
        return Ok(Exit::Success);
    }
    let followed = follow(&aws, &name, &begun, deadline, ui).await;
    if followed.is_err() {
        down.leave(ui)?;
    }
    match followed? {
        Followed::Ended { status, .. } if status.is_deleted() => {
            let kept = kept::skipped(&aws, &begun).await?;
            ui.tell(&format!("the stack {name} is removed\n"));
            down.finish("done", kept, ui).await
        }
        Followed::Ended { status, evidence } => {
            ui.explain(&evidence, Some(&name));
            ui.tell(&failure(&name, &status, ui.caller()));
            down.report("failed", &[], &[], ui)?;
            Ok(Exit::Failed)
        }
        Followed::Interrupted | Followed::TimedOut => {
            down.leave(ui)?;
            Ok(Exit::UnderWay)
        }
    }
}

/// The removal of a stack.
struct Removal<'a> {
    args: &'a Down,
    aws: &'a Aws,
    name: &'a str,
    project: Option<String>,
}

impl Removal<'_> {
    async fn begin(&self, stack: Stack, ui: &mut Ui) -> Result<Begun, CliError> {
        let begun = |seen| Begun { stack: stack.id.clone(), seen, creates: false };
        match stack.status.0.as_str() {
            "DELETE_IN_PROGRESS" => {
                ui.tell("it is being removed already; watching that\n");
                Ok(begun(operation(self.aws, &stack).await?.and_then(|it| it.before)))
            }
            // AWS does not delete what it changes. What it makes, it does.
            status if status.starts_with("UPDATE") && stack.status.is_under_way() => {
                let operation = operation(self.aws, &stack).await?.map(Box::new);
                let stack = Box::new(stack);
                Err(DeployError::Busy { stack, operation, same: false }.into())
            }
            _ => {
                let newest = self.aws.newest_stack_event(&stack.id).await?;
                let token = format!("ecs-cli-down-{:x}", attempt_number());
                let role = self.args.role_arn.as_deref();
                self.aws.delete_stack(&stack.id, role, &token).await?;
                Ok(begun(newest.map(|event| event.id)))
            }
        }
    }

    /// What was begun goes on when nobody watches.
    fn leave(&self, ui: &mut Ui) -> Result<(), CliError> {
        let name = self.name;
        let again = ui.caller().about(name, "down");
        ui.tell(&format!(
            "no longer watched; the stack {name} is still being removed. `{again}` watches it\n"
        ));
        self.report("under-way", &[], &[], ui)
    }

    /// Deletes volumes if that is asked, and tells what is kept. Where a volume cannot be
    /// deleted, what became of the others is told all the same.
    async fn finish(&self, outcome: &str, kept: Vec<Kept>, ui: &mut Ui) -> Result<Exit, CliError> {
        let mut deleted = Vec::new();
        let failed = match &self.project {
            Some(project) if self.args.volumes => {
                self.delete_volumes(project, &mut deleted, ui).await.err()
            }
            None if self.args.volumes => {
                ui.tell(
                    "its volumes are not known: name the project with -p, or its file with -f\n",
                );
                None
            }
            Some(_) | None => None,
        };
        let mut kept = match &self.project {
            Some(project) => kept::with_volumes(kept, self.aws, project, self.name, ui).await?,
            None => kept,
        };
        kept.retain(|it| !deleted.contains(&it.id));
        kept::tell(&kept, ui);
        self.report(outcome, &kept, &deleted, ui)?;
        failed.map_or(Ok(Exit::Success), Err)
    }

    async fn delete_volumes(
        &self,
        project: &str,
        deleted: &mut Vec<String>,
        ui: &mut Ui,
    ) -> Result<(), CliError> {
        for volume in ecs_apply::left_volumes(self.aws, project, self.name).await? {
            self.aws.delete_file_system(&volume.id).await?;
            let name = volume.name.as_deref().unwrap_or("a volume");
            ui.tell(&format!("deleted: {} ({name})\n", volume.id));
            deleted.push(volume.id);
        }
        Ok(())
    }

    fn report(
        &self,
        outcome: &str,
        kept: &[Kept],
        deleted: &[String],
        ui: &mut Ui,
    ) -> Result<(), CliError> {
        if self.args.output == Report::Text {
            return Ok(());
        }
        let report = json!({
            "version": 1,
            "stack": self.name,
            "outcome": outcome,
            "kept": kept::data(kept),
            "deleted": deleted,
        });
        ui.data(&format!("{report:#}\n"))
    }
}

fn failure(name: &str, status: &Status, caller: &Caller) -> String {
    format!(
        "the stack {name} could not be removed: {status}\n\
         `{}` shows what is in the way; remove that, then run `down` again\n",
        caller.about(name, "events")
    )
}
