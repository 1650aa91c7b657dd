//! `cargo xtask test`: what CI runs.

use std::process::ExitCode;

use anyhow::Result;

use crate::clock::timed;
use crate::image;
use crate::lint::lint;
use crate::misused;
use crate::process::{cargo, succeed};
use crate::tools::CARGO_DENY;
use crate::workspace::Workspace;

struct Step {
    name: &'static str,
    claim: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

/// Quick ones first, so that a slip shows early.
const STEPS: [Step; 8] = [
    Step { name: "fmt", claim: "sources are formatted", run: fmt },
    Step { name: "clippy", claim: "no lint complains", run: clippy },
    Step { name: "build", claim: "the programs build as they are shipped", run: build },
    Step { name: "test", claim: "tests pass, those in the documentation too", run: test },
    Step { name: "image", claim: "the deployer's image deploys, as a task", run: image },
    Step { name: "lint", claim: "cfn-lint finds nothing in any template", run: lint },
    Step { name: "docs", claim: "the documentation builds", run: docs },
    Step { name: "deny", claim: "dependencies follow deny.toml", run: deny },
];

/// Prints the steps.
pub(crate) fn list() -> ExitCode {
    for Step { name, claim, run: _ } in &STEPS {
        println!("{name:<8}{claim}");
    }
    ExitCode::SUCCESS
}

/// Runs these steps, or all; a failure stops none of the others.
pub(crate) fn run(workspace: &Workspace, names: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        return Ok(misused(&format!("there is no step `{unknown}`: see cargo xtask test --list")));
    }
    let chosen = |step: &&Step| names.is_empty() || names.contains(&step.name);
    let steps: Vec<&Step> = STEPS.iter().filter(chosen).collect();
    let failed: Vec<&str> =
        steps.iter().filter(|step| !passes(workspace, step)).map(|step| step.name).collect();
    if !failed.is_empty() {
        println!("\nfailed: {}", failed.join(", "));
    }
    println!("{} passed, {} failed", steps.len() - failed.len(), failed.len());
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn passes(workspace: &Workspace, step: &Step) -> bool {
    println!("\n=== {}: {}", step.name, step.claim);
    let (result, duration) = timed(|| (step.run)(workspace));
    let seconds = duration.as_secs_f64();
    match &result {
        Ok(()) => println!("=== {} passed in {seconds:.1} s", step.name),
        Err(error) => println!("=== {} failed in {seconds:.1} s: {error:#}", step.name),
    }
    result.is_ok()
}

fn fmt(workspace: &Workspace) -> Result<()> {
    succeed(&mut cargo(&workspace.root, ["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    succeed(&mut cargo(&workspace.root, arguments))
}

fn build(workspace: &Workspace) -> Result<()> {
    let arguments = ["build", "--release", "--package", "ecs-cli", "--bins"];
    succeed(&mut cargo(&workspace.root, arguments))
}

fn test(workspace: &Workspace) -> Result<()> {
    if std::env::var_os("CONFORMANCE_CORPUS").is_none() {
        println!(
            "CONFORMANCE_CORPUS is not set: the conformance tests are skipped; \
             set it to a directory of Compose projects and expectations to run them"
        );
    }
    succeed(&mut cargo(&workspace.root, ["test", "--workspace", "--no-fail-fast"]))
}

/// The program is shipped in its image alone, so that it is built for that alone.
fn image(workspace: &Workspace) -> Result<()> {
    let Some(tag) = image::image(workspace, None)? else { return Ok(()) };
    let arguments = ["test", "--workspace", "--tests", "t70_the_image"];
    succeed(cargo(&workspace.root, arguments).env("ECS_DEPLOYER_IMAGE", tag))
}

fn docs(workspace: &Workspace) -> Result<()> {
    let mut command = cargo(&workspace.root, ["doc", "--workspace", "--no-deps"]);
    succeed(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn deny(workspace: &Workspace) -> Result<()> {
    let mut command = std::process::Command::new(CARGO_DENY.find(workspace)?);
    command.current_dir(&workspace.root).args(["check", "licenses", "bans", "sources"]);
    succeed(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_are_unique() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(STEPS[..index].iter().all(|earlier| earlier.name != step.name));
        }
    }
}
