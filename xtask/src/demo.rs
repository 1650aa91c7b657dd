//! `cargo xtask demo`: what the program can do, on the examples.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::workspace::Workspace;

/// Builds the program as it is shipped, types commands and checks the answers.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    workspace.build("ecs-cli")?;
    let program = workspace.release("ecs-cli");
    let example = |name| Terminal {
        program: program.clone(),
        directory: workspace.root.join("examples").join(name),
    };
    accepted(&example("voting-app"))?;
    refused(&example("broken"))?;
    println!("{SHOWN}");
    Ok(ExitCode::SUCCESS)
}

const SHOWN: &str = "
Shown, and checked on the way:
- a project of two files and an .env is found, interpolated, merged and printed whole;
- an override adds, replaces and, told so, throws away;
- -f chooses files, --profile adds a service, --format json is for programs;
- a wrong file is refused with exit code 1 and every slip in it at once, each in its place.";

fn accepted(terminal: &Terminal) -> Result<()> {
    say("examples/voting-app: compose.yaml, compose.override.yaml and .env");
    terminal.type_in(&["config"])?.exits(0)?.prints(&[
        "name: lunch",
        "image: example/lunch-ballot:2.4.1",
        "Whatever Harbour Street had yesterday",
        "image: postgres:17-alpine",
    ])?;

    say("Which services is that? One more takes part in rehearsals:");
    let usual = ["ballot", "counter", "queue", "standings", "store"];
    let services = terminal.type_in(&["config", "--services"])?.exits(0)?;
    ensure!(services.lines() == usual, "these services were expected: {usual:?}");
    let arguments = ["--profile", "rehearsal", "config", "--services"];
    terminal.type_in(&arguments)?.exits(0)?.prints(&["rehearsal"])?;

    say("As JSON, without the override, and then with it:");
    let base = terminal.json(&["-f", "compose.yaml", "config", "--format", "json"])?;
    expect(&base, "/services/ballot/environment/LOG_LEVEL", "info")?;
    expect(&base, "/services/counter/command/1", "--batch=50")?;
    let merged = terminal.json(&["config", "--format", "json"])?;
    expect(&merged, "/services/ballot/environment/LOG_LEVEL", "debug")?;
    expect(&merged, "/services/counter/command/1", "--batch=1")?;
    expect(&merged, "/services/store/ports/0/published", "5432")
}

fn refused(terminal: &Terminal) -> Result<()> {
    say("examples/broken: the same application after a hurried edit");
    let answer = terminal.type_in(&["config"])?.exits(1)?;
    ensure!(answer.stdout.is_empty(), "a refused project must not be printed");
    for slip in ["port:", "- queue", "80810", "10 seconds"] {
        let line = BROKEN.lines().position(|line| line.contains(slip));
        let line = 1 + line.with_context(|| format!("examples/broken has no `{slip}`"))?;
        answer
            .complains(&[slip.trim_matches([':', '-', ' ']), &format!("compose.yaml:{line}:")])?;
    }
    Ok(())
}

const BROKEN: &str = include_str!("../../examples/broken/compose.yaml");

fn say(text: &str) {
    println!("\n# {text}");
}

fn expect(value: &Value, pointer: &str, expected: &str) -> Result<()> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    println!("{pointer}: {}", found.unwrap_or("missing"));
    ensure!(found == Some(expected), "{pointer} should be {expected}");
    Ok(())
}

/// Where a person would type the commands.
struct Terminal {
    program: PathBuf,
    directory: PathBuf,
}

impl Terminal {
    /// Shows a command line and all that it answers.
    fn type_in(&self, arguments: &[&str]) -> Result<Answer> {
        let answer = self.ask(arguments)?;
        print!("{}", answer.stdout);
        Ok(answer)
    }

    /// Shows a command line and keeps the answer, which is for programs.
    fn json(&self, arguments: &[&str]) -> Result<Value> {
        let answer = self.ask(arguments)?.exits(0)?;
        serde_json::from_str(&answer.stdout).context("this is not JSON")
    }

    /// Shows a command line and what it says to people. The variables of
    /// whoever runs the demo must not decide that.
    fn ask(&self, arguments: &[&str]) -> Result<Answer> {
        println!("$ ecs-cli {}", arguments.join(" "));
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir(&self.directory).args(arguments);
        let output = command.output().context("cannot run ecs-cli")?;
        let stderr = String::from_utf8(output.stderr)?;
        print!("{stderr}");
        let stdout = String::from_utf8(output.stdout)?;
        Ok(Answer { code: output.status.code(), stdout, stderr })
    }
}

struct Answer {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Answer {
    fn exits(self, code: i32) -> Result<Self> {
        let shown = self.code.map_or("none".into(), |code| code.to_string());
        ensure!(self.code == Some(code), "exit code {code} was expected, not {shown}");
        Ok(self)
    }

    fn lines(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.stdout.lines().collect();
        lines.sort_unstable();
        lines
    }

    fn prints(&self, texts: &[&str]) -> Result<()> {
        contains("output", &self.stdout, texts)
    }

    fn complains(&self, texts: &[&str]) -> Result<()> {
        contains("diagnostics", &self.stderr, texts)
    }
}

fn contains(what: &str, whole: &str, texts: &[&str]) -> Result<()> {
    for text in texts {
        ensure!(whole.contains(text), "the {what} should mention `{text}`");
    }
    Ok(())
}
