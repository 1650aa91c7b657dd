//! `cargo xtask demo`: what the program can do, on the examples.

mod converting;
mod deploying;
mod loading;
mod local;
mod terminal;

use std::process::ExitCode;

use anyhow::Result;

use self::terminal::Terminal;
use crate::workspace::{Build, Workspace};

/// Builds the program, types commands and checks the answers.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let program = workspace.build("ecs-cli", Build::Quick)?;
    let example = |name| Terminal::new(program.clone(), workspace.root.join("examples").join(name));
    loading::accepted(&example("voting-app"))?;
    loading::refused(&example("broken"))?;
    converting::checked(&example("voting-app"))?;
    converting::asking(&example("voting-app"))?;
    converting::knowing(&example("voting-app"))?;
    converting::unfit(&example("voting-app"))?;
    deploying::shown(example("canteen"))?;
    println!("{SHOWN}");
    Ok(ExitCode::SUCCESS)
}

const SHOWN: &str = "
Shown, and checked on the way:
- a project of two files and an .env is found, interpolated, merged and printed whole;
- an override adds, replaces and, told so, throws away;
- -f chooses files, --profile adds a service, --format json is for programs;
- a wrong file is refused with exit code 1 and every slip in it at once, each in its place;
- check says what ECS does in another way, and lets the project pass;
- convert writes a template that asks for what is not known, and holds no secret;
- facts take the place of what it would ask for, and pin images;
- what ECS cannot run is refused, each reason in its place, and gives no template;
- plan says what up would do, and leaves nothing behind; up does it, and watches to the end;
- ps, logs, ls and events tell what runs, where, since when, and what it writes;
- a change is deployed alone, property by property, and without one nothing happens;
- a change that fails ends with exit code 4 and the reason, and what was there comes back;
- down removes everything but what volumes hold, and that too if it is asked for.";
