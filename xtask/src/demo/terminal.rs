//! A terminal that types commands, shows what they answer and checks it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Where a person would type the commands.
pub(super) struct Terminal {
    pub(super) program: PathBuf,
    pub(super) directory: PathBuf,
}

impl Terminal {
    /// Shows a command line and all that it answers.
    pub(super) fn type_in(&self, arguments: &[&str]) -> Result<Answer> {
        let answer = self.ask(arguments)?;
        print!("{}", answer.stdout);
        Ok(answer)
    }

    /// Shows a command line and keeps the answer, which is for programs.
    pub(super) fn json(&self, arguments: &[&str]) -> Result<Value> {
        self.ask(arguments)?.exits(0)?.json()
    }

    /// The same, without what it says to people: it was said before.
    pub(super) fn json_again(&self, arguments: &[&str]) -> Result<Value> {
        self.run(arguments)?.exits(0)?.json()
    }

    /// Shows a command line and what it says to people.
    fn ask(&self, arguments: &[&str]) -> Result<Answer> {
        let answer = self.run(arguments)?;
        print!("{}", answer.stderr);
        Ok(answer)
    }

    /// Shows a command line. The variables of whoever runs the demo must not
    /// decide what it answers.
    fn run(&self, arguments: &[&str]) -> Result<Answer> {
        println!("$ ecs-cli {}", arguments.join(" "));
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir(&self.directory).args(arguments);
        let output = command.output().context("cannot run ecs-cli")?;
        let stderr = String::from_utf8(output.stderr)?;
        let stdout = String::from_utf8(output.stdout)?;
        Ok(Answer { code: output.status.code(), stdout, stderr })
    }
}

/// What the program answered.
pub(super) struct Answer {
    code: Option<i32>,
    pub(super) stdout: String,
    stderr: String,
}

impl Answer {
    pub(super) fn exits(self, code: i32) -> Result<Self> {
        let shown = self.code.map_or("none".into(), |code| code.to_string());
        ensure!(self.code == Some(code), "exit code {code} was expected, not {shown}");
        Ok(self)
    }

    fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).context("this is not JSON")
    }

    pub(super) fn lines(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.stdout.lines().collect();
        lines.sort_unstable();
        lines
    }

    pub(super) fn prints(&self, texts: &[&str]) -> Result<()> {
        contains("output", &self.stdout, texts)
    }

    pub(super) fn complains(&self, texts: &[&str]) -> Result<()> {
        contains("diagnostics", &self.stderr, texts)
    }
}

fn contains(what: &str, whole: &str, texts: &[&str]) -> Result<()> {
    for text in texts {
        ensure!(whole.contains(text), "the {what} should mention `{text}`");
    }
    Ok(())
}

/// Says what comes.
pub(super) fn say(text: &str) {
    println!("\n# {text}");
}

/// Shows a value in data, and checks it.
pub(super) fn expect(data: &Value, pointer: &str, expected: impl Into<Value>) -> Result<()> {
    let expected = expected.into();
    let found = data.pointer(pointer).cloned().unwrap_or_default();
    println!("{pointer}: {}", found.as_str().map_or(found.to_string(), str::to_owned));
    ensure!(found == expected, "{pointer} should be {expected}");
    Ok(())
}
