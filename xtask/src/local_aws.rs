//! `cargo xtask aws`: a local AWS to play with.

use std::io::Read;
use std::process::ExitCode;

use anyhow::Result;
use testkit::emulator::{Emulator, Mode, engine_answers};

/// Starts a local AWS, with containers where an engine answers, and says how programs
/// get there. It ends with the standard input.
pub(crate) fn run() -> Result<ExitCode> {
    let mode = if engine_answers() { Mode::Containers } else { Mode::Lean };
    let emulator = Emulator::start(mode)?;
    let account = emulator.account().with_public_subnets();
    for (name, value) in account.environment() {
        println!("export {name}={value}");
    }
    let tasks = match mode {
        Mode::Lean => "no Docker engine answers, so tasks only seem to run",
        Mode::Containers => "tasks are containers",
    };
    println!("# {tasks}; it writes to {}", emulator.log().display());
    println!("# Enter the lines above in another shell; Ctrl-D ends it.");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(ExitCode::SUCCESS)
}
