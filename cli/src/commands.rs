//! The commands, as they are typed.

mod cancel;
mod check;
mod config;
mod convert;
mod down;
mod events;
mod logs;
mod lookup;
mod ls;
mod plan;
mod ps;
mod up;

use clap::{Parser, Subcommand};

use crate::arguments::Arguments;
use crate::aws_args::AwsArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::plugin::{self, Call};
use crate::process::Process;
use crate::profiles;
use crate::project_args::{DiagnosticsFormat, ProjectArgs, typed_color};
use crate::stack_args::StackArgs;
use crate::ui::Ui;

/// The commands, as they are typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Config(config::Config),
    Check(check::Check),
    Convert(convert::Convert),
    #[command(alias = "diff")]
    Plan(plan::Plan),
    Up(up::Up),
    Down(down::Down),
    Cancel(cancel::Cancel),
    Lookup(lookup::Lookup),
    Ps(ps::Ps),
    Logs(logs::Logs),
    Events(events::Events),
    Ls(ls::Ls),
}

impl Command {
    /// The options that every command shares.
    pub(crate) fn project_mut(&mut self) -> &mut ProjectArgs {
        match self {
            Self::Config(args) => &mut args.project,
            Self::Check(args) => &mut args.project,
            Self::Convert(args) => &mut args.project,
            Self::Plan(args) => &mut args.project,
            Self::Up(args) => &mut args.project,
            Self::Down(args) => &mut args.project,
            Self::Cancel(args) => &mut args.project,
            Self::Lookup(args) => &mut args.project,
            Self::Ps(args) => &mut args.project,
            Self::Logs(args) => &mut args.project,
            Self::Events(args) => &mut args.project,
            Self::Ls(args) => &mut args.project,
        }
    }
}

impl Command {
    /// The options of a command that asks AWS, and those that name a stack.
    fn place(&self) -> Option<(&AwsArgs, Option<&StackArgs>)> {
        match self {
            Self::Config(_) | Self::Check(_) | Self::Convert(_) => None,
            Self::Plan(args) => Some((&args.aws, Some(&args.stack))),
            Self::Up(args) => Some((&args.aws, Some(&args.stack))),
            Self::Down(args) => Some((&args.aws, Some(&args.stack))),
            Self::Cancel(args) => Some((&args.aws, Some(&args.stack))),
            Self::Lookup(args) => Some((&args.aws, Some(&args.stack))),
            Self::Ps(args) => Some((&args.aws, Some(&args.stack))),
            Self::Logs(args) => Some((&args.aws, Some(&args.stack))),
            Self::Events(args) => Some((&args.aws, Some(&args.stack))),
            Self::Ls(args) => Some((&args.aws, None)),
        }
    }
}

/// Does what the command line asks.
pub(crate) fn run(process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let arguments = match plugin::call(process.arguments.clone()) {
        Call::Command(arguments) => arguments,
        Call::Metadata => {
            ui.data(&plugin::metadata())?;
            return Ok(Exit::Success);
        }
    };
    ui.choose(DiagnosticsFormat::default(), typed_color(&arguments));
    let mut command = Arguments::try_parse_from(arguments)?.into_command();
    let project = command.project_mut();
    ui.choose(project.diagnostics(), project.color());
    let project = project.clone();
    if let Some((aws, stack)) = command.place() {
        let is_named = project.is_named() || stack.is_some_and(StackArgs::is_named);
        ui.know(|caller| caller.meaning(aws.typed(), is_named));
        if project.has_profiles() && !aws.has_profile() {
            let sentences = profiles::mistaken(&project.silent_request(process)?);
            sentences.iter().for_each(|sentence| ui.note(sentence));
        }
    }
    match command {
        Command::Config(args) => config::run(&args, process, ui),
        Command::Check(args) => check::run(&args, process, ui),
        Command::Convert(args) => convert::run(&args, process, ui),
        Command::Plan(args) => plan::run(&args, process, ui),
        Command::Up(args) => up::run(&args, process, ui),
        Command::Down(args) => down::run(&args, process, ui),
        Command::Cancel(args) => cancel::run(&args, process, ui),
        Command::Lookup(args) => lookup::run(&args, process, ui),
        Command::Ps(args) => ps::run(&args, process, ui),
        Command::Logs(args) => logs::run(&args, process, ui),
        Command::Events(args) => events::run(&args, process, ui),
        Command::Ls(args) => ls::run(&args, ui),
    }
}
