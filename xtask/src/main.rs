//! What cargo cannot say in one line: `cargo xtask` lists it.

#![expect(clippy::print_stdout, reason = "a person reads along in a terminal")]

mod bench;
mod clock;
mod demo;
mod fuzz;
mod image;
mod lint;
mod local_aws;
mod process;
mod properties;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use image::Linking;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask test [--list] [STEP]...    what CI runs, or some of it
cargo xtask demo                       what ecs-cli can do, on the examples
cargo xtask aws                        a local AWS to play with
cargo xtask image [musl|glibc]         the deployer as an image, without pulling anything
cargo xtask fuzz [SECONDS] [TARGET]    looks for crashes; a minute for every target by default
cargo xtask bench [PART]               what phases, whole runs and a deployment cost: phases, loader, deployer
cargo xtask properties                 writes down which properties AWS lists for resources";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        println!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["test", "--list"] => Ok(test::list()),
        ["test", steps @ ..] => test::run(&Workspace::find()?, steps),
        ["demo"] => demo::run(&Workspace::find()?),
        ["aws"] => local_aws::run(),
        ["image"] => image::image(&Workspace::find()?, None).map(|_| ExitCode::SUCCESS),
        ["image", library] => match Linking::named(library) {
            Some(linking) => {
                image::image(&Workspace::find()?, Some(linking)).map(|_| ExitCode::SUCCESS)
            }
            None => Ok(misused(&format!("there is no image with {library}"))),
        },
        ["fuzz", rest @ ..] => fuzz::run(&Workspace::find()?, rest),
        ["bench", parts @ ..] => bench::run(&Workspace::find()?, parts),
        ["properties"] => {
            properties::write(&Workspace::find()?)?;
            Ok(ExitCode::SUCCESS)
        }
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => Ok(misused(&format!("there is no `cargo xtask {}`", arguments.join(" ")))),
    }
}

/// Says what was typed wrong and what can be typed.
fn misused(problem: &str) -> ExitCode {
    println!("{problem}\n\n{USAGE}");
    ExitCode::from(2)
}
