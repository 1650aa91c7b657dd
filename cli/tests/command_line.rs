//! Drives the built program where it needs no project.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-cli");

#[test]
fn no_arguments_print_help_and_fail() {
    let output = run(PROGRAM, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("Usage: ecs-cli"));
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn help_and_version_are_data() {
    for arguments in [&["--help"][..], &["--version"], &["config", "--help"]] {
        let output = run(PROGRAM, arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        assert!(text(&output.stdout).contains("ecs-cli"), "{arguments:?}");
    }
}

#[test]
fn wrong_usage_is_told_from_a_wrong_file() {
    let cases: [&[&str]; 5] = [
        &["--nonsense"],
        &["config", "--format", "xml"],
        &["config", "--services", "--volumes"],
        &["config"],
        &["config", "-f", "missing.yaml"],
    ];
    for arguments in cases {
        let output = run(PROGRAM, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).starts_with("error: "), "{arguments:?}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_reader_may_stop_early() {
    let mut child =
        command(PROGRAM, &["--help"]).stdout(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
#[cfg(unix)]
fn docker_runs_it_as_a_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("docker-ecs");
    std::os::unix::fs::symlink(PROGRAM, &plugin).unwrap();

    let metadata = run(&plugin, &["docker-cli-plugin-metadata"]);
    assert!(text(&metadata.stdout).contains(r#""SchemaVersion": "0.1.0""#));

    let help = run(&plugin, &["ecs", "config", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(text(&help.stdout).contains("Usage: docker ecs config"), "{}", text(&help.stdout));
}

/// Runs in a folder without a project, with an empty environment.
fn run(program: impl AsRef<Path>, arguments: &[&str]) -> Output {
    command(program, arguments).output().expect("the program starts")
}

fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(arguments).env_clear().current_dir("/").stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("output is UTF-8")
}
