//! Every folder of `tests/templates` is a project and its template, and every
//! folder of `tests/unfit` a project that ECS cannot run, and why.
//!
//! Beside the files of a project may lie `facts.json`, and `args` and `env`, with
//! an argument and a `NAME=VALUE` on each line.

mod folders;

use std::path::Path;
use std::process::Command;

#[test]
fn projects_become_templates() {
    insta::glob!("../../tests", "templates/*", |folder| {
        let written = folders::run(&mut scenario(folder, "convert"), "");
        assert_eq!(written.exit, Some(0), "{}\n{}", folder.display(), written.errors);
        folders::assert_snapshot(folder, "template", &written.output);
        let warnings = folder.join("warnings.snap");
        assert!(!written.errors.is_empty() || !warnings.exists(), "{}", warnings.display());
        if !written.errors.is_empty() {
            folders::assert_snapshot(folder, "warnings", &written.errors);
        }
    });
}

#[test]
fn both_formats_have_the_same_template() {
    insta::glob!("../../tests", "templates/*", |folder| {
        let yaml = folders::run(&mut scenario(folder, "convert"), "").output;
        let json = folders::run(scenario(folder, "convert").args(["--format", "json"]), "").output;
        let yaml: serde_json::Value = serde_yaml::from_str(&yaml).expect("it is YAML");
        let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(yaml, json, "{}", folder.display());
    });
}

#[test]
fn what_ecs_cannot_do_is_explained() {
    insta::glob!("../../tests", "unfit/*", |folder| {
        let written = folders::run(&mut scenario(folder, "convert"), "");
        assert_eq!(written.exit, Some(1), "{} is refused", folder.display());
        assert_eq!(written.output, "", "{} gives no template", folder.display());
        folders::assert_snapshot(folder, "refusal", &written.errors);
    });
}

fn scenario(folder: &Path, subcommand: &str) -> Command {
    let command = folders::with_arguments(folders::program(folder, subcommand), folder);
    let mut command = folders::with_variables(command, folder);
    if folder.join("facts.json").exists() {
        command.args(["--facts", "facts.json"]);
    }
    command
}
