//! `ecs-cli up`: makes a stack what the project says.

use std::time::Duration;

use clap::Args;
use ecs_apply::{
    Attempt, Aws, Begun, Cause, DeployError, Endpoint, Evidence, PlanKind, Planned, Recreated,
    Restart, ServiceName, ServiceStatus, Stack, StackStatus, Status, causes, observe,
};
use serde_json::json;

use crate::aws_args::{AwsArgs, attempt_number, wait};
use crate::error::CliError;
use crate::existing::existing_stack;
use crate::exit::Exit;
use crate::follow::{Followed, follow};
use crate::prepare::{Order, Prepared, Purpose, StackOptions};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::{StackArgs, patience};
use crate::ui::json::causes as causes_document;
use crate::ui::{Report, Ui, planned};

/// Deploy the project: make its stack, or change it to what the project says now
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Do not ask, also when data or an address would be lost
    #[arg(short, long)]
    yes: bool,

    /// Begin, and do not wait for the end
    #[arg(short, long, alias = "no-wait")]
    detach: bool,

    /// Watch no longer than this, such as `15m`; what was begun goes on
    #[arg(long, value_name = "TIME", value_parser = patience)]
    timeout: Option<Duration>,

    /// Start all tasks anew, also where nothing changes
    #[arg(long)]
    force_recreate: bool,

    /// How to write what came of it
    #[arg(short, long, value_enum, default_value = "text")]
    output: Report,

    #[command(flatten)]
    options: StackOptions,

    #[command(flatten)]
    stack: StackArgs,

    #[command(flatten)]
    aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Up, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    wait(up(args, process, ui))
}

async fn up(args: &Up, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let aws = args.aws.open().await?;
    for _ in 0..TRIES {
        if let Some(exit) = attempt(args, &aws, process, ui).await? {
            return Ok(exit);
        }
    }
    let stack = args.stack.find(&args.project, process)?;
    Err(DeployError::Contended { stack }.into())
}

/// Whoever is always too late does better to see who else is at work.
const TRIES: usize = 5;

/// Does what is to do; nothing, if somebody else was quicker, so that all of it has to be
/// looked at again.
async fn attempt(
    args: &Up,
    aws: &Aws,
    process: &mut Process,
    ui: &mut Ui,
) -> Result<Option<Exit>, CliError> {
    let order = Order { project: &args.project, stack: &args.stack, purpose: Purpose::Do };
    let prepared = args.options.prepare(aws, &order, process, ui).await?;
    let Prepared { found, request } = match prepared {
        Ok(prepared) => prepared,
        Err(exit) => return Ok(Some(exit)),
    };
    let name = request.stack.clone();
    let mut attempt = Attempt::new(aws, request, attempt_number())?;
    let asks = ui.is_watched(process);
    let run = Run { args, aws, name: &name, asks, is_comparable: attempt.is_comparable() };
    let planned = match attempt.plan(found).await {
        Ok(planned) => planned,
        Err(error) => return run.step_back(error, ui).await,
    };
    ui.tell(&planned::text(&planned.plan));
    if planned.plan.is_empty() {
        attempt.forget(&planned).await?;
        return run.finish("unchanged", ui).await.map(Some);
    }
    if !run.may(&planned, ui).await {
        attempt.forget(&planned).await?;
        return Ok(Some(Exit::Usage));
    }
    if planned.plan.kind == PlanKind::CreateAgain {
        ui.tell("removing what is left of the stack that could not be made\n");
    }
    if attempt.clear(&planned).await? {
        return Ok(None);
    }
    let begun = match attempt.begin(&planned).await {
        Ok(begun) => begun,
        Err(error) => return run.step_back(error, ui).await,
    };
    if args.detach {
        return run.leave(&begun, "begun; it goes on by itself", Exit::Success, ui).map(Some);
    }
    match run.watch(&begun, ui).await? {
        Some(exit) => Ok(Some(exit)),
        None => run.finish("done", ui).await.map(Some),
    }
}

struct Run<'a> {
    args: &'a Up,
    aws: &'a Aws,
    name: &'a str,
    /// Whether there is somebody to ask.
    asks: bool,
    /// Whether it can be known that somebody else wants the same.
    is_comparable: bool,
}

impl Run<'_> {
    /// Whether somebody agrees. Where there is nobody to ask, what was typed is
    /// enough, unless something would be lost.
    async fn may(&self, planned: &Planned, ui: &mut Ui) -> bool {
        if self.args.yes {
            return true;
        }
        if self.asks {
            return ui.ask("Do this?").await;
        }
        let harmless = !planned.plan.needs_consent();
        if !harmless {
            ui.tell(
                "something would be lost, and there is nobody to ask: nothing was done. \
                 Give --yes to do it all the same\n",
            );
        }
        harmless
    }

    /// Joins whoever does the same, and looks again where somebody was quicker. What else
    /// is in the way is an error.
    async fn step_back(&self, error: DeployError, ui: &mut Ui) -> Result<Option<Exit>, CliError> {
        if matches!(error, DeployError::Overtaken { .. }) {
            ui.tell("somebody else was quicker; looking at the stack again\n");
            return Ok(None);
        }
        let DeployError::Busy { stack, operation, same } = error else {
            return Err(error.into());
        };
        if same && self.args.detach && !self.is_comparable {
            ui.tell(
                "it may be the same, but secrets cannot be compared; without --detach, it would \
                 be watched, and what it left undone be done\n",
            );
            return Err(DeployError::Busy { stack, operation, same: false }.into());
        }
        if !same && (self.args.detach || !stack.status.is_undone_creation()) {
            return Err(DeployError::Busy { stack, operation, same }.into());
        }
        let seen = operation.and_then(|it| it.before);
        let creates = stack.status.0.starts_with("CREATE");
        let begun = Begun { stack: stack.id, seen, creates };
        if !same {
            ui.tell("it could not be made, and that is being undone; waiting for the end\n");
            return match follow(self.aws, self.name, &begun, self.args.timeout, ui).await? {
                Followed::Ended { .. } => Ok(None),
                Followed::Interrupted | Followed::TimedOut => self
                    .leave(&begun, "no longer waited for; it goes on", Exit::UnderWay, ui)
                    .map(Some),
            };
        }
        if self.args.detach {
            let told = "the same is being deployed already; it goes on by itself";
            return self.leave(&begun, told, Exit::Success, ui).map(Some);
        }
        ui.tell("the same is being deployed already; watching that\n");
        // What it made is compared with the project once more.
        self.watch(&begun, ui).await
    }

    /// Watches to the end; nothing, if that is a good one.
    async fn watch(&self, begun: &Begun, ui: &mut Ui) -> Result<Option<Exit>, CliError> {
        let followed = follow(self.aws, self.name, begun, self.args.timeout, ui).await;
        if followed.is_err() {
            self.leave(begun, "no longer watched; it goes on", Exit::Refused, ui)?;
        }
        let exit = match followed? {
            Followed::Ended { status, evidence } if status.is_failure() || status.is_deleted() => {
                self.fail(&status, &evidence, ui)?
            }
            Followed::Ended { status, evidence } => match self.reverted(ui).await? {
                true => self.fail(&status, &evidence, ui)?,
                false => return Ok(None),
            },
            Followed::Interrupted if self.asks => return self.interrupted(begun, ui).await,
            Followed::Interrupted => {
                self.leave(begun, "no longer watched; it goes on", Exit::UnderWay, ui)?
            }
            Followed::TimedOut => {
                self.leave(begun, "not finished in time; it goes on", Exit::UnderWay, ui)?
            }
        };
        Ok(Some(exit))
    }

    /// Somebody typed Ctrl-C, and may want more than to stop watching.
    async fn interrupted(&self, begun: &Begun, ui: &mut Ui) -> Result<Option<Exit>, CliError> {
        let question = if begun.creates {
            "\nit goes on by itself. Give up, and delete what was made?"
        } else {
            "\nit goes on by itself. Give up, and go back to what was?"
        };
        if !ui.ask(question).await {
            return self
                .leave(begun, "no longer watched; it goes on", Exit::UnderWay, ui)
                .map(Some);
        }
        // Nobody has looked while the answer was waited for.
        let newest = self.aws.newest_stack_event(&begun.stack).await?;
        if !self.give_up(begun).await? {
            ui.tell("that comes too late: it is over\n");
            return Box::pin(self.watch(begun, ui)).await;
        }
        let begun = Begun { seen: newest.map(|event| event.id), ..begun.clone() };
        match follow(self.aws, self.name, &begun, self.args.timeout, ui).await? {
            Followed::Ended { status, .. } => {
                ui.tell(&format!("given up; the stack {} is {status}\n", self.name));
                self.report("given-up", None, &[], ui)?;
                Ok(Some(Exit::Failed))
            }
            Followed::Interrupted | Followed::TimedOut => {
                self.leave(&begun, "being given up; that goes on", Exit::UnderWay, ui).map(Some)
            }
        }
    }

    /// Gives up what was begun; not, if it is over by now.
    async fn give_up(&self, begun: &Begun) -> Result<bool, CliError> {
        let goes_on = if begun.creates { "CREATE_IN_PROGRESS" } else { "UPDATE_IN_PROGRESS" };
        let is_over = |stack: Option<Stack>| stack.is_none_or(|it| it.status.0 != goes_on);
        if is_over(self.aws.stack(&begun.stack).await?) {
            return Ok(false);
        }
        let token = format!("ecs-cli-cancel-{:x}", attempt_number());
        let asked = match begun.creates {
            true => self.aws.delete_stack(&begun.stack, None, &token).await,
            false => self.aws.cancel_update(&begun.stack, &token).await,
        };
        match asked {
            Ok(()) => Ok(true),
            Err(_) if is_over(self.aws.stack(&begun.stack).await?) => Ok(begun.creates),
            Err(error) => Err(error.into()),
        }
    }

    fn fail(&self, status: &Status, evidence: &Evidence, ui: &mut Ui) -> Result<Exit, CliError> {
        ui.explain(evidence);
        ui.tell(&format!("the stack {} failed: {status}\n", self.name));
        self.report("failed", None, &causes(evidence), ui)?;
        Ok(Exit::Failed)
    }

    /// Whether ECS went back to what was before without CloudFormation's noticing.
    async fn reverted(&self, ui: &mut Ui) -> Result<bool, CliError> {
        let stack = existing_stack(self.aws, self.name).await?;
        let before = (stack.status.clone(), stack.updated);
        let sentences = ecs_apply::reverted(&observe(self.aws, stack).await?);
        if sentences.is_empty() {
            return Ok(false);
        }
        // Whoever came next may have moved services already.
        let now = existing_stack(self.aws, self.name).await?;
        if now.status.is_under_way() || (now.status, now.updated) != before {
            ui.note("somebody else changes the stack already");
            return Ok(false);
        }
        for sentence in &sentences {
            ui.note(sentence);
        }
        Ok(!sentences.is_empty())
    }

    /// Tells where everything is reached.
    async fn finish(&self, outcome: &str, ui: &mut Ui) -> Result<Exit, CliError> {
        if self.args.force_recreate && !self.recreate(ui).await? {
            return Ok(Exit::Failed);
        }
        let stack = existing_stack(self.aws, self.name).await?;
        let status = ecs_apply::status(self.aws, stack, false, |_| true).await?;
        for sentence in &status.unseen {
            ui.note(sentence);
        }
        match self.args.output {
            Report::Text => {
                let lines = status.services.iter().flat_map(|service| {
                    service
                        .endpoints
                        .iter()
                        .map(move |it| format!("{}  {it}\n", service.member.title))
                });
                ui.data(&lines.collect::<String>())?;
            }
            Report::Json => self.report(outcome, Some(&status), &[], ui)?,
        }
        Ok(Exit::Success)
    }

    /// Starts all tasks anew, and waits until they run.
    async fn recreate(&self, ui: &mut Ui) -> Result<bool, CliError> {
        let resources = self.aws.stack_resources(self.name).await?;
        let there = resources.iter().filter(|it| !it.status.is_deleted());
        let arns = there.filter_map(|it| it.physical_id.as_deref());
        let services: Vec<ServiceName> = arns.filter_map(|arn| arn.parse().ok()).collect();
        ui.tell(&format!("starting the tasks of {} services anew\n", services.len()));
        let mut restart = Restart::begin(self.aws, services).await?;
        let deadline = self.args.timeout.map(|time| tokio::time::Instant::now() + time);
        let mut told = Vec::new();
        loop {
            let Recreated { is_over, failed } = restart.look().await?;
            for service in &failed {
                if !told.contains(service) {
                    ui.tell(&format!("the tasks of {service} could not be started anew\n"));
                }
            }
            told = failed;
            if is_over {
                return Ok(told.is_empty());
            }
            if deadline.is_some_and(|deadline| tokio::time::Instant::now() >= deadline) {
                ui.tell("the tasks were not started anew in time; ECS goes on by itself\n");
                return Ok(false);
            }
        }
    }

    fn leave(&self, begun: &Begun, what: &str, exit: Exit, ui: &mut Ui) -> Result<Exit, CliError> {
        let (program, name) = (ui.program(), self.name);
        let cancel = if begun.creates {
            format!("`{program} down --stack-name {name}` removes it")
        } else {
            format!("`{program} cancel --stack-name {name}` takes it back")
        };
        ui.tell(&format!(
            "the stack {name}: {what}\n`{program} events -f --stack-name {name}` or the same \
             `up` again watches it; {cancel}\n"
        ));
        self.report("under-way", None, &[], ui)?;
        Ok(exit)
    }

    fn report(
        &self,
        outcome: &str,
        status: Option<&StackStatus>,
        causes: &[Cause],
        ui: &mut Ui,
    ) -> Result<(), CliError> {
        if self.args.output == Report::Text {
            return Ok(());
        }
        let endpoint = |service: &ServiceStatus, it: &Endpoint| {
            json!({
                "service": service.member.title,
                "host": it.host,
                "port": it.port,
                "protocol": it.protocol,
                "url": it.url(),
            })
        };
        let endpoints: Vec<_> = status
            .iter()
            .flat_map(|status| &status.services)
            .flat_map(|service| service.endpoints.iter().map(|it| endpoint(service, it)))
            .collect();
        let report = json!({
            "version": 1,
            "stack": self.name,
            "outcome": outcome,
            "status": status.map(|status| &status.stack.status.0),
            "endpoints": endpoints,
            "causes": causes_document(causes),
        });
        ui.data(&format!("{report:#}\n"))
    }
}
