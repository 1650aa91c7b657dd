//! `ecs-cli logs`: what the containers of a stack wrote.

use clap::Args;
use ecs_apply::{Aws, LogNews, LogRequest, LogSources, Stack};

use crate::aws_args::{AwsArgs, wait};
use crate::commands::ps::expect_services;
use crate::error::CliError;
use crate::existing::existing_stack;
use crate::exit::Exit;
use crate::interrupt::interrupted;
use crate::moment::Moment;
use crate::process::{Process, now};
use crate::project_args::ProjectArgs;
use crate::stack_args::StackArgs;
use crate::ui::{LogPrinter, LogStyle, Report, Ui, elsewhere, json};

/// Show what the containers of a project wrote
///
/// The project is found by --stack-name, -p or its Compose file, which is not needed
/// otherwise. A moment is how long ago (10m, 1h30m, 2d), a date or a time
/// (2026-11-21, 2026-11-21T15:04, 2026-11-21T15:04:05Z), or seconds since 1970; one
/// without a zone is meant as clocks here show it. A Compose file is named before
/// the command (`-f FILE logs`) or as --file, since -f means --follow here.
#[derive(Debug, Args)]
#[command(mut_arg("file", |file| file.short(None)))]
pub(crate) struct Logs {
    /// Only these services
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,

    /// Go on with what they write, until Ctrl-C or the end of the stack
    #[arg(short, long)]
    follow: bool,

    /// Nothing before this moment
    #[arg(long, value_name = "MOMENT")]
    since: Option<Moment>,

    /// Nothing after this moment
    #[arg(long, value_name = "MOMENT", conflicts_with = "follow")]
    until: Option<Moment>,

    /// As many of the last lines of each service, or all
    #[arg(short = 'n', long, value_name = "LINES", default_value = "all", value_parser = tail)]
    tail: Tail,

    /// Show when each line was written
    #[arg(short, long)]
    timestamps: bool,

    /// Only lines that fit a filter pattern of CloudWatch: ERROR, "out of memory", ?a ?b
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,

    /// No colours
    #[arg(long)]
    no_color: bool,

    /// Lines alone, without their service and task
    #[arg(long)]
    no_log_prefix: bool,

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

/// How many of the last lines; nothing means all.
#[derive(Debug, Clone, Copy)]
struct Tail(Option<usize>);

/// As with Docker, also a number below zero means all.
fn tail(text: &str) -> Result<Tail, String> {
    match text.parse::<i64>() {
        Ok(count) => Ok(Tail(usize::try_from(count).ok())),
        Err(_) if text == "all" => Ok(Tail(None)),
        Err(_) => Err("write a number of lines, or `all`".to_owned()),
    }
}

pub(crate) fn run(args: &Logs, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let name = args.stack.find(&args.project, process)?;
    let request = request(args)?;
    wait(async {
        let aws = args.aws.open().await?;
        let stack = existing_stack(&aws, &name).await?;
        let sources = ecs_apply::log_sources(&aws, &stack).await?;
        expect_services(&args.services, &sources.services())?;
        let sources = sources.only(&args.services);
        for one in &sources.elsewhere {
            ui.note(&elsewhere(one));
        }
        let reading = read(args, &request, &aws, &stack, sources, ui);
        if args.follow { until_interrupted(reading).await } else { reading.await }
    })?;
    Ok(Exit::Success)
}

async fn read(
    args: &Logs,
    request: &LogRequest,
    aws: &Aws,
    stack: &Stack,
    sources: LogSources,
    ui: &mut Ui,
) -> Result<(), CliError> {
    let mut printer = LogPrinter::new(style(args, ui), &sources.services());
    ecs_apply::read_logs(aws, stack, sources, request, now, |news| match news {
        LogNews::Lines(lines) if args.output == Report::Json => ui.raw(&json::logs(&lines)),
        LogNews::Lines(lines) => ui.raw(&printer.text(&lines)),
        LogNews::SearchedFrom(time) => {
            ui.note(&format!("older lines than of {time:.0} were not looked for; --since does"));
            Ok(())
        }
        LogNews::StackGone => {
            ui.note(&format!("the stack {} is gone", stack.name));
            Ok(())
        }
    })
    .await
}

/// Whoever follows has seen enough some time, which is no failure.
pub(crate) async fn until_interrupted(
    following: impl Future<Output = Result<(), CliError>>,
) -> Result<(), CliError> {
    tokio::select! {
        result = following => result,
        () = interrupted() => Ok(()),
    }
}

fn request(args: &Logs) -> Result<LogRequest, CliError> {
    let (now, zone) = (now(), crate::process::zone());
    let at = |moment: Option<Moment>| moment.map(|moment| moment.resolve(now, &zone));
    let (since, until) = (at(args.since), at(args.until));
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        let told = "--since is after --until: there is nothing between them\n";
        return Err(clap::Error::raw(clap::error::ErrorKind::ValueValidation, told).into());
    }
    Ok(LogRequest {
        services: args.services.clone(),
        since,
        until,
        tail: args.tail.0,
        pattern: args.filter.clone(),
        follow: args.follow,
    })
}

fn style(args: &Logs, ui: &Ui) -> LogStyle {
    let look = ui.look();
    LogStyle {
        look: crate::ui::Look { color: look.color && !args.no_color, ..look },
        prefix: !args.no_log_prefix,
        timestamps: args.timestamps,
    }
}
