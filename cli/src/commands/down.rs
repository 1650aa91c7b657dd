//! `ecs-cli down`: removes a stack.

use std::time::Duration;

use clap::Args;
use ecs_apply::{Aws, Begun, DeployError, Stack, StackEvent, Status, operation};
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
    let project = match &found {
        Some(stack) if stack.status.is_announced() => None,
        Some(stack) => Some(args.stack.check_owner(stack, &args.project, process)?),
        None => args.stack.project(&args.project, process),
    };
    let down = Removal { args, aws: &aws, name: &name, project };
    let Some(stack) = found else {
        ui.tell(&format!("there is no stack {name} in {}\n", aws.region()));
        return down.finish("absent", &[], ui).await;
    };
    let begun = down.begin(stack, ui).await?;
    if args.detach {
        ui.tell(&format!("the stack {name} is being removed\n"));
        down.report("under-way", &[], &[], ui)?;
        return Ok(Exit::Success);
    }
    let followed = follow(&aws, &name, &begun, args.timeout, ui).await;
    if followed.is_err() {
        down.leave(ui)?;
    }
    match followed? {
        Followed::Ended { status, .. } if status.is_deleted() => {
            let events = aws.stack_events(&begun.stack, begun.seen.as_deref()).await?;
            let kept: Vec<StackEvent> =
                events.into_iter().filter(|it| it.status.0 == "DELETE_SKIPPED").collect();
            ui.tell(&format!("the stack {name} is removed\n"));
            down.finish("done", &kept, ui).await
        }
        Followed::Ended { status, evidence } => {
            ui.explain(&evidence);
            ui.tell(&failure(&name, &status, ui.program()));
            down.report("failed", &[], &[], ui)?;
            Ok(Exit::Failed)
        }
        Followed::Interrupted | Followed::TimedOut => {
            down.leave(ui)?;
            Ok(Exit::UnderWay)
        }
    }
}

/// Something that is left of a stack.
struct Kept {
    id: String,
    kind: String,
    /// Its name in the template, or that of its volume.
    name: String,
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
        let (program, name) = (ui.program(), self.name);
        ui.tell(&format!(
            "no longer watched; the stack {name} is still being removed. `{program} down` again \
             watches it\n"
        ));
        self.report("under-way", &[], &[], ui)
    }

    /// Deletes volumes if that is asked, and tells what is kept.
    async fn finish(
        &self,
        outcome: &str,
        kept: &[StackEvent],
        ui: &mut Ui,
    ) -> Result<Exit, CliError> {
        let mut deleted = Vec::new();
        match &self.project {
            Some(project) if self.args.volumes => {
                for volume in ecs_apply::left_volumes(self.aws, project, self.name).await? {
                    self.aws.delete_file_system(&volume.id).await?;
                    let name = volume.name.as_deref().unwrap_or("a volume");
                    ui.tell(&format!("deleted: {} ({name})\n", volume.id));
                    deleted.push(volume.id);
                }
            }
            None if self.args.volumes => {
                ui.tell(
                    "its volumes are not known: name the project with -p, or its file with -f\n",
                );
            }
            Some(_) | None => {}
        }
        let kept = self.kept(kept, &deleted, ui).await?;
        for Kept { id, kind, name } in &kept {
            ui.tell(&format!("kept: {id} ({kind}, {name})\n"));
        }
        self.report(outcome, &kept, &deleted, ui)?;
        Ok(Exit::Success)
    }

    /// What is left of the stack, from this removal and from earlier ones.
    async fn kept(
        &self,
        events: &[StackEvent],
        deleted: &[String],
        ui: &mut Ui,
    ) -> Result<Vec<Kept>, CliError> {
        let of_event = |it: &StackEvent| Kept {
            id: it.physical_id.clone().unwrap_or_else(|| "?".to_owned()),
            kind: it.kind.clone(),
            name: it.logical_id.clone(),
        };
        let mut kept: Vec<Kept> = events.iter().map(of_event).collect();
        if let Some(project) = &self.project {
            let left = match ecs_apply::left_volumes(self.aws, project, self.name).await {
                Err(error) if error.is_denied() => {
                    let help = error.help().unwrap_or_default();
                    ui.note(&format!(
                        "volumes of earlier removals are not listed: {error}; {help}"
                    ));
                    Vec::new()
                }
                answer => answer?,
            };
            kept.extend(left.into_iter().map(|volume| Kept {
                name: volume.name.unwrap_or_else(|| "a volume".to_owned()),
                kind: "AWS::EFS::FileSystem".to_owned(),
                id: volume.id,
            }));
        }
        let mut seen: Vec<String> = deleted.to_vec();
        kept.retain(|it| {
            let is_new = !seen.contains(&it.id);
            seen.push(it.id.clone());
            is_new
        });
        Ok(kept)
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
        let kept: Vec<_> = kept
            .iter()
            .map(|Kept { id, kind, name }| {
                json!({"logical_id": name, "physical_id": id, "type": kind})
            })
            .collect();
        let report = json!({
            "version": 1,
            "stack": self.name,
            "outcome": outcome,
            "kept": kept,
            "deleted": deleted,
        });
        ui.data(&format!("{report:#}\n"))
    }
}

fn failure(name: &str, status: &Status, program: &str) -> String {
    format!(
        "the stack {name} could not be removed: {status}\n\
         `{program} events --stack-name {name}` shows what is in the way; remove that, then run \
         `down` again\n"
    )
}
