//! Takes Compose files to Amazon ECS.

mod arguments;
mod aws_args;
mod build;
mod caller;
mod commands;
mod deadline;
mod error;
mod existing;
mod exit;
mod follow;
mod interrupt;
mod kept;
mod moment;
mod pipeline;
mod plugin;
mod prepare;
mod process;
mod profiles;
mod project_args;
mod save;
mod stack_args;
mod ui;

use std::process::ExitCode;

use crate::exit::Exit;
use crate::process::{Process, Streams};
use crate::ui::Ui;

fn main() -> ExitCode {
    let mut process = Process::current();
    let mut ui = Ui::new(Streams::standard(), &process);
    let exit = match commands::run(&mut process, &mut ui) {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&error);
            Exit::from(&error)
        }
    };
    exit.into()
}
