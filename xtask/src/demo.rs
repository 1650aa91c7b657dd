//! `cargo xtask demo`: what the program can do, on the examples.

mod converting;
mod loading;
mod terminal;

use std::process::ExitCode;

use anyhow::Result;

use self::terminal::Terminal;
use crate::workspace::Workspace;

/// Builds the program as it is shipped, types commands and checks the answers.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    workspace.build("ecs-cli")?;
    let program = workspace.release("ecs-cli");
    let example = |name| Terminal {
        program: program.clone(),
        directory: workspace.root.join("examples").join(name),
    };
    loading::accepted(&example("voting-app"))?;
    loading::refused(&example("broken"))?;
    converting::checked(&example("voting-app"))?;
    converting::asking(&example("voting-app"))?;
    converting::knowing(&example("voting-app"))?;
    converting::unfit(&example("voting-app"))?;
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
- what ECS cannot run is refused, each reason in its place, and gives no template.";
