//! Every folder of `tests/scenarios` shows a rule of the loader: a project, and
//! what the program makes of it.
//!
//! Beside the files of a project may lie `args` and `env`, with an argument and
//! a `NAME=VALUE` on each line, `stdin`, and `folder`, which names the one that
//! the program runs in.

mod folders;

use std::path::Path;
use std::process::Command;

use folders::{Written, text};

#[test]
fn projects_are_understood() {
    insta::glob!("../../tests", "scenarios/*", |folder| {
        let written = folders::run(&mut scenario(folder), &text(folder, "stdin"));
        assert_eq!(written.exit, Some(0), "{}\n{}", folder.display(), written.errors);
        folders::assert_snapshot(folder, "project", &written.output);
        let warnings = folder.join("warnings.snap");
        assert!(!written.errors.is_empty() || !warnings.exists(), "{}", warnings.display());
        if !written.errors.is_empty() {
            folders::assert_snapshot(folder, "warnings", &written.errors);
        }
    });
}

#[test]
fn what_is_printed_means_the_same_again() {
    insta::glob!("../../tests", "scenarios/*", |folder| {
        let first = folders::run(&mut scenario(folder), &text(folder, "stdin"));
        // Variables that are left mean something else in another place.
        if !text(folder, "args").contains("--no-interpolate") {
            let second = again(folder, &first);
            assert_eq!(second.output, first.output, "{}\n{}", folder.display(), second.errors);
        }
    });
}

/// The program as a scenario asks for it.
fn scenario(folder: &Path) -> Command {
    folders::with_arguments(bare(folder), folder)
}

/// What the program prints of what it printed.
fn again(folder: &Path, first: &Written) -> Written {
    let mut command = bare(folder);
    command.args(["-f", "-", "--profile", "*"]);
    if text(folder, "args").contains("--format") {
        command.args(["--format", "json"]);
    }
    // The name that the text has was not given by an option.
    command.env_remove("COMPOSE_PROJECT_NAME");
    folders::run(&mut command, &first.output)
}

fn bare(folder: &Path) -> Command {
    let inner = folder.join(text(folder, "folder").trim());
    folders::with_variables(folders::program(&inner, "config"), folder)
}
