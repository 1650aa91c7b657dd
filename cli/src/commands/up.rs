//! `ecs-cli up`: makes a stack what the project says.

mod outcome;
mod run;

use std::cell::Cell;
use std::time::Duration;

use clap::Args;
use ecs_apply::{Attempt, Aws, DeployError, PROJECT_TAG, PlanKind, Planned};
use tokio::time::timeout;

use self::run::Run;
use crate::aws_args::{AwsArgs, attempt_number, wait};
use crate::deadline::Deadline;
use crate::error::CliError;
use crate::exit::Exit;
use crate::prepare::{Order, Prepared, Purpose, StackOptions};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::{StackArgs, patience};
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
    pub(crate) stack: StackArgs,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Up, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    wait(up(args, process, ui))
}

async fn up(args: &Up, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let mut course = Course { deadline: Deadline::after(args.timeout), is_agreed: false };
    let aws = args.aws.open().await?;
    for _ in 0..TRIES {
        if let Some(exit) = attempt(args, &aws, &mut course, process, ui).await? {
            return Ok(exit);
        }
    }
    let stack = args.stack.find(&args.project, process)?;
    Err(DeployError::Contended { stack }.into())
}

/// Whoever is always too late does better to see who else is at work.
const TRIES: usize = 5;

/// How long it may take to remove what was left halfway when the time was over.
const LATE: Duration = Duration::from_secs(10);

/// What holds from one attempt to the next.
struct Course {
    deadline: Deadline,
    /// Whether somebody agreed to what making the stack is the rest of.
    is_agreed: bool,
}

/// Does what is to do; nothing, if all of it has to be looked at again, since somebody
/// else was quicker, or what was in the way is gone.
async fn attempt(
    args: &Up,
    aws: &Aws,
    course: &mut Course,
    process: &mut Process,
    ui: &mut Ui,
) -> Result<Option<Exit>, CliError> {
    let order = Order { project: &args.project, stack: &args.stack, purpose: Purpose::Do };
    let prepared = args.options.prepare(aws, &order, process, ui);
    let Prepared { found, request } = match course.deadline.meet(prepared).await? {
        Ok(prepared) => prepared,
        Err(exit) => return Ok(Some(exit)),
    };
    let (name, project) = (request.stack.clone(), request.tags.get(PROJECT_TAG).cloned());
    let mut attempt = Attempt::new(aws, request, attempt_number())?;
    let run = Run {
        args,
        aws,
        name: &name,
        project,
        asks: ui.is_watched(process),
        is_comparable: attempt.is_comparable(),
        deadline: Cell::new(course.deadline),
    };
    let is_there = found.is_some();
    let plan = async { Ok(attempt.plan(found).await) };
    let planned = match course.deadline.meet(plan).await {
        Ok(Ok(planned)) => planned,
        Ok(Err(error)) => return run.step_back(error, ui).await,
        Err(error) => {
            if is_there {
                // It is late already. What cannot be removed now is made anew by the next run.
                let _ = timeout(LATE, attempt.abandon()).await;
            }
            return Err(error);
        }
    };
    ui.tell(&planned::text(&planned.plan));
    if planned.plan.is_empty() {
        attempt.forget(&planned).await?;
        return run.finish("unchanged", ui).await.map(Some);
    }
    if !may(&run, course, &planned, ui).await {
        attempt.forget(&planned).await?;
        run.report("declined", None, &[], &[], ui).await?;
        return Ok(Some(Exit::Usage));
    }
    match attempt.clear(&planned).await {
        Ok(None) => {}
        Ok(Some(removal)) => {
            course.is_agreed = true;
            return run.clear(&removal, ui).await;
        }
        Err(error) => return run.step_back(error, ui).await,
    }
    let begun = match attempt.begin(&planned).await {
        Ok(begun) => begun,
        Err(error) => return run.step_back(error, ui).await,
    };
    if args.detach {
        return run.leave(&begun, "begun; it goes on by itself", Exit::Success, ui).await.map(Some);
    }
    match run.watch(&begun, ui).await? {
        Some(exit) => Ok(Some(exit)),
        None => run.finish("done", ui).await.map(Some),
    }
}

/// Whether somebody agrees. Where there is nobody to ask, what was typed is enough,
/// unless something would be lost.
async fn may(run: &Run<'_>, course: &mut Course, planned: &Planned, ui: &mut Ui) -> bool {
    let is_harmless = !planned.plan.needs_consent();
    let is_rest = std::mem::take(&mut course.is_agreed) && planned.plan.kind == PlanKind::Create;
    if run.args.yes || is_rest && is_harmless {
        return true;
    }
    if !run.asks {
        if !is_harmless {
            ui.tell(
                "something would be lost, and there is nobody to ask: nothing was done. \
                 Give --yes to do it all the same\n",
            );
        }
        return is_harmless;
    }
    let agrees = run.ask("Do this?", ui).await;
    course.deadline = run.deadline.get();
    if !agrees {
        ui.tell("nothing was done\n");
    }
    agrees
}
