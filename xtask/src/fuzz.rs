//! `cargo xtask fuzz`: looks for input that crashes the loader.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::misused;
use crate::process::succeed;
use crate::tools::CARGO_FUZZ;
use crate::workspace::Workspace;

const TARGETS: [&str; 2] = ["grammars", "load"];

/// Runs one fuzz target, or each, for a number of seconds.
pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<ExitCode> {
    let (seconds, targets) = match arguments {
        [] => ("60", TARGETS.to_vec()),
        [seconds] => (*seconds, TARGETS.to_vec()),
        [seconds, target] if TARGETS.contains(target) => (*seconds, vec![*target]),
        _ => return Ok(misused(&format!("the fuzz targets are: {}", TARGETS.join(", ")))),
    };
    let Ok(seconds) = seconds.parse() else {
        return Ok(misused(&format!("`{seconds}` is no number of seconds")));
    };
    if !has_nightly() {
        println!("fuzzing needs a nightly compiler: rustup toolchain install nightly");
        return Ok(ExitCode::FAILURE);
    }
    for target in targets {
        fuzz(workspace, target, seconds)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn has_nightly() -> bool {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "rustc", "--version"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// What is found lands in `fuzz/artifacts`; the inputs that reached something
/// new stay in `fuzz/corpus`, and the next run starts from them.
fn fuzz(workspace: &Workspace, target: &str, seconds: u32) -> Result<()> {
    let program = CARGO_FUZZ.find(workspace)?;
    let corpus = workspace.root.join("fuzz/corpus").join(target);
    std::fs::create_dir_all(&corpus).context("cannot keep what fuzzing finds")?;
    let mut command = Command::new("rustup");
    command.current_dir(&workspace.root).args(["run", "nightly"]).arg(program);
    command.args(["run", "--target-dir"]).arg(workspace.target.join("fuzz"));
    command.args([target, &format!("fuzz/corpus/{target}"), &format!("fuzz/seeds/{target}")]);
    command.args(["--", "-dict=fuzz/compose.dict", "-timeout=10"]);
    succeed(command.arg(format!("-max_total_time={seconds}")))
}
