//! Drives the built program where it needs no project.

use std::io::{BufRead, BufReader, Write};
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
    let cases: [&[&str]; 8] = [
        &["--nonsense"],
        &["config", "--format", "xml"],
        &["config", "--services", "--volumes"],
        &["config"],
        &["config", "-f", "missing.yaml"],
        &["up", "--scale", "web=-1"],
        &["plan", "--stack-name", "1abc"],
        &["logs", "-p", "shop", "--since", "1m", "--until", "10m"],
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
    // More than any pipe holds, so that the program is still writing.
    let lines = (0..20_000).map(|line| format!("  - {line:060}\n"));
    let mut project = "name: long\nservices: {web: {image: nginx}}\nx-list:\n".to_owned();
    project.extend(lines);
    assert!(project.len() > 1 << 20);

    let mut command = command(PROGRAM, &["config", "-f", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    stdin.write_all(project.as_bytes()).expect("it reads all of its input");
    drop(stdin);

    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("it is a pipe"));
    reader.read_line(&mut line).expect("it writes a line");
    drop(reader);
    assert_eq!(line, "name: long\n");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn standard_input_may_be_one_of_several_files() {
    let folder = tempfile::tempdir().unwrap();
    let over = folder.path().join("over.yaml");
    write(&over, "name: two\nservices: {web: {image: nginx:2}}\n");
    let mut command = command(PROGRAM, &["config", "--images"]);
    command.env("COMPOSE_FILE", format!("-,{}", over.display()));
    command.env("COMPOSE_PATH_SEPARATOR", ",").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    stdin.write_all(b"services: {web: {image: nginx:1}, db: {image: db}}").unwrap();
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stdout), "db\nnginx:2\n");
}

#[test]
fn programs_are_told_also_what_has_no_place_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.yaml");
    write(&file, "name: shop\nservices: {web: {image: nginx}}\n");
    let file = file.display().to_string();
    let cases: [(&[&str], &str); 7] = [
        (&["config"], "cli::file"),
        (&["config", "-f", "missing.yaml"], "cli::file"),
        (&["config", "-f", &file, "-o", "no/such/folder"], "cli::file"),
        (&["config", "-f", &file, "wbe"], "cli::service"),
        (&["config", "-f", &file, "--hash", "wbe"], "cli::service"),
        (&["config", "-f", &file, "--hash", ","], "cli::option"),
        (&["config", "-f", &file, "-p", "No Name"], "cli::option"),
    ];
    for (arguments, code) in cases {
        for format in ["json", "sarif"] {
            let output = run(PROGRAM, &[&["--diagnostics", format], arguments].concat());
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            assert_eq!(text(&output.stderr), "", "{arguments:?}");
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let found = match format {
                "json" => &report["diagnostics"][0]["code"],
                _ => &report["runs"][0]["results"][0]["ruleId"],
            };
            assert_eq!(found, code, "{arguments:?}");
        }
    }
}

#[test]
fn a_file_that_is_no_text_is_rejected_and_one_that_cannot_be_had_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    write(path("latin.yaml").as_ref(), b"services:\n  web:\n    image: caf\xe9\n");
    write(path("large.yaml").as_ref(), b"#\n".repeat((32 << 20) / 2 + 1));
    write(path("ok.yaml").as_ref(), b"name: shop\nservices: {web: {image: nginx}}\n");
    let (latin, large, ok) = (path("latin.yaml"), path("large.yaml"), path("ok.yaml"));
    let (missing, directory) = (path("missing"), folder.path().display().to_string());
    let cases: [(&[&str], i32, &str); 7] = [
        (&["-f", &latin], 1, "it is not UTF-8 text\n"),
        (&["-f", &large], 1, "it is larger than 32 MiB (33554432 bytes)\n"),
        (&["-f", &ok, "--env-file", &latin], 1, "it is not UTF-8 text\n"),
        (&["-f", &missing], 2, "cannot read "),
        (&["-f", &directory], 2, "it is a folder\n"),
        (&["-f", &ok, "--env-file", &missing], 2, "cannot read "),
        (&["--project-directory", &missing], 2, "is not a folder that exists\n"),
    ];
    for (arguments, exit, reason) in cases {
        let output = run(PROGRAM, &[&["config", "-q"], arguments].concat());
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}");
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("may read"), "{}", text(&output.stderr));
        let output = run(PROGRAM, &[&["config", "--diagnostics", "json"], arguments].concat());
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["diagnostics"].as_array().map(Vec::len), Some(1), "{arguments:?}");
    }
}

#[test]
fn bytes_that_are_no_text_have_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.yaml");
    write(&file, b"services:\n  web:\n    image: caf\xe9\n");
    let output = command(PROGRAM, &["config"]).current_dir(folder.path()).output().unwrap();
    insta::assert_snapshot!(text(&output.stderr), @"
    error[compose::file]: the file is refused: it is not UTF-8 text
    --> compose.yaml:3:15
     = help: save it as UTF-8, or name another file

    error: compose.yaml was refused: 1 problem
    ");
}

#[test]
fn a_variable_that_names_a_missing_file_is_named() {
    for variable in ["COMPOSE_FILE", "COMPOSE_ENV_FILES"] {
        let output = command(PROGRAM, &["config"]).env(variable, "/no/such/file").output().unwrap();
        let expected = format!("error: cannot read /no/such/file, which {variable} names\n");
        assert!(text(&output.stderr).starts_with(&expected), "{}", text(&output.stderr));
    }
}

#[test]
fn a_dash_is_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("compose.yaml"), "name: shop\nservices: {web: {image: nginx}}\n");
    let arguments = ["config", "--services", "-o", "-"];
    let output = command(PROGRAM, &arguments).current_dir(folder.path()).output().unwrap();
    assert_eq!(text(&output.stdout), "web\n");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn names_of_services_are_checked_whatever_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.yaml");
    write(&file, "name: shop\nservices: {web: {image: nginx}, db: {image: db, profiles: [x]}}\n");
    let views: [&[&str]; 9] = [
        &["--services"],
        &["--volumes"],
        &["--networks"],
        &["--models"],
        &["--images"],
        &["--profiles"],
        &["--variables"],
        &["--environment"],
        &["--hash=*"],
    ];
    for view in views {
        for (service, exit) in [("web", 0), ("db", 0), ("wbe", 2)] {
            let arguments = [&["config", service], view].concat();
            let output = command(PROGRAM, &arguments).current_dir(folder.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(exit), "{view:?} {service}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_project_in_the_root_is_told_how_to_get_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.yaml");
    write(&file, "services: {web: {image: nginx}}\n");
    let file = file.display().to_string();
    let output = run(PROGRAM, &["config", "--project-directory", "/", "-f", &file]);
    insta::assert_snapshot!(text(&output.stderr), @"
    error[compose::project-name]: no project name can be made of the folder `/`
     |
     = help: write `name: NAME` in the file, or use `-p NAME`; a name has lower-case letters, digits, `-` and `_`

    error: the project was refused: 1 problem
    ");
}

#[test]
#[cfg(unix)]
fn docker_runs_it_as_a_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("docker-ecs");
    std::os::unix::fs::symlink(PROGRAM, &plugin).unwrap();

    let metadata = run(&plugin, &["docker-cli-plugin-metadata"]);
    assert!(text(&metadata.stdout).contains(r#""SchemaVersion": "0.1.0""#));

    let before: [&[&str]; 4] =
        [&[], &["--debug"], &["--context", "default"], &["-Dl", "debug", "--host=tcp://x"]];
    for before in before {
        let help = run(&plugin, &[before, &["ecs", "config", "--help"]].concat());
        assert_eq!(help.status.code(), Some(0), "{before:?}");
        assert!(text(&help.stdout).contains("Usage: docker ecs config"), "{before:?}");
    }
    let wrong = run(&plugin, &["--debug", "ecs", "confg"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("Usage: docker ecs "), "{}", text(&wrong.stderr));
}

#[test]
fn help_and_wrong_usage_have_the_colours_that_were_asked_for() {
    let colours = |arguments: &[&str], variable: &str| {
        let output = command(PROGRAM, arguments).env(variable, "1").output().unwrap();
        text(&output.stdout).contains('\x1b') || text(&output.stderr).contains('\x1b')
    };
    for arguments in [&["--help"][..], &["confg"]] {
        let with = |color| [&["--color", color], arguments].concat();
        assert!(colours(&with("always"), "NO_COLOR"), "{arguments:?}");
        assert!(!colours(&with("never"), "CLICOLOR_FORCE"), "{arguments:?}");
        assert!(colours(arguments, "CLICOLOR_FORCE"), "{arguments:?}");
        assert!(!colours(arguments, "NO_COLOR"), "{arguments:?}");
    }
}

#[test]
fn a_project_and_facts_may_come_from_standard_input() {
    let project = "services: {web: {image: nginx}}";
    let written = fed(&["convert", "-p", "shop", "-f", "-", "--format", "json"], project);
    let template: serde_json::Value = serde_json::from_slice(&written.stdout).expect("it is JSON");
    assert_eq!(template["Resources"]["Cluster"]["Properties"]["ClusterName"], "shop");

    let folder = tempfile::tempdir().expect("there is space for a project");
    write(&folder.path().join("compose.yaml"), project);
    let mut command = command(PROGRAM, &["convert", "--facts", "-"]);
    let facts = r#"{"vpc": {"id": "vpc-0a1b2c3d", "subnets": []}}"#;
    let output = feed(command.current_dir(folder.path()), facts);
    assert!(text(&output.stdout).contains("Vpc: vpc-0a1b2c3d"), "{}", text(&output.stderr));
}

#[test]
fn facts_that_cannot_be_used_are_told_in_words_of_their_file() {
    let folder = tempfile::tempdir().expect("there is space for a project");
    write(&folder.path().join("compose.yaml"), "services: {web: {image: nginx}}");
    let cases = [
        (r#"{"vpc": 3}"#, "expected a mapping with `id` and `subnets` at line 1"),
        (r#"{"vpcs": {}}"#, "unknown field `vpcs`"),
        (r#"{"#, "EOF"),
        ("3", "expected a mapping of what is known"),
    ];
    for (facts, expected) in cases {
        write(&folder.path().join("facts.json"), facts);
        for subcommand in ["check", "convert"] {
            let arguments = [subcommand, "--facts", "facts.json"];
            let output = feed(command(PROGRAM, &arguments).current_dir(folder.path()), "");
            assert_eq!(output.status.code(), Some(1), "{facts}");
            assert_eq!(text(&output.stdout), "", "{facts}");
            let errors = text(&output.stderr);
            assert!(errors.starts_with("error: facts.json does not hold facts"), "{errors}");
            assert!(errors.contains(expected), "{errors}");
            assert!(errors.contains("docs/facts.md"), "{errors}");
        }
    }
    let missing = ["convert", "--facts", "missing.json"];
    let output = feed(command(PROGRAM, &missing).current_dir(folder.path()), "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: cannot read missing.json"));
}

#[test]
fn a_template_goes_where_it_is_asked_to() {
    let folder = tempfile::tempdir().expect("there is space for a project");
    write(&folder.path().join("compose.yaml"), "services: {web: {image: nginx, dns: 192.0.2.1}}");
    let convert = |more: &[&str]| {
        let arguments: Vec<&str> = ["convert"].iter().chain(more).copied().collect();
        let output = feed(command(PROGRAM, &arguments).current_dir(folder.path()), "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        output
    };
    let file = folder.path().join("template.yaml");
    let quiet = convert(&["-q", "-o", "template.yaml"]);
    assert_eq!(text(&quiet.stdout), "");
    assert!(!file.exists(), "nothing is written");

    let printed = convert(&[]);
    let written = convert(&["-o", "template.yaml"]);
    assert_eq!(text(&written.stdout), "");
    assert_eq!(content(&file), text(&printed.stdout));
    assert_eq!(text(&convert(&["-o", "-"]).stdout), text(&printed.stdout));
}

#[test]
fn diagnostics_are_data_unless_a_template_is() {
    let folder = tempfile::tempdir().expect("there is space for a project");
    write(&folder.path().join("compose.yaml"), "services: {web: {image: nginx, dns: 192.0.2.1}}");
    let run = |arguments: &[&str]| feed(command(PROGRAM, arguments).current_dir(folder.path()), "");
    let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");

    let checked = run(&["check", "--diagnostics", "json"]);
    assert_eq!(json(&checked.stdout)["diagnostics"][0]["code"], "ecs::no-effect");
    assert_eq!(text(&checked.stderr), "");
    let sarif = run(&["check", "--diagnostics", "sarif"]);
    assert_eq!(json(&sarif.stdout)["runs"][0]["results"][0]["ruleId"], "ecs::no-effect");

    let converted = run(&["convert", "--diagnostics", "json"]);
    assert!(text(&converted.stdout).starts_with("AWSTemplateFormatVersion"));
    assert_eq!(json(&converted.stderr), json(&checked.stdout));
    let saved = run(&["convert", "--diagnostics", "json", "-o", "template.yaml"]);
    assert_eq!(json(&saved.stdout), json(&checked.stdout));
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

fn write(file: &Path, text: impl AsRef<[u8]>) {
    std::fs::write(file, text).expect("a temporary folder can be written to");
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("output is UTF-8")
}

/// Runs the program with something to read.
fn fed(arguments: &[&str], input: &str) -> Output {
    feed(&mut command(PROGRAM, arguments), input)
}

fn feed(command: &mut Command, input: &str) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    // Who does not read its input may be gone already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

#[expect(clippy::disallowed_methods, reason = "this file is of the test, not of a project")]
fn content(file: &Path) -> String {
    std::fs::read_to_string(file).expect("it is there")
}
