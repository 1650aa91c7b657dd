//! A terminal that types commands, shows what they answer and checks it.

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Where a person would type the commands.
#[derive(Debug, Clone)]
pub(super) struct Terminal {
    pub(super) program: PathBuf,
    pub(super) directory: PathBuf,
    /// Variables of the shell. Those of whoever runs the demo must not decide what a
    /// command answers.
    pub(super) exported: Vec<(String, String)>,
    /// Variables that are typed before each command.
    typed: Vec<(String, String)>,
}

/// Which lines that the program writes for people are shown.
#[derive(Clone, Copy)]
enum Shown {
    All,
    None,
    Some(fn(&str) -> bool),
}

impl Terminal {
    pub(super) fn new(program: PathBuf, directory: PathBuf) -> Self {
        Self { program, directory, exported: Vec::new(), typed: Vec::new() }
    }

    /// The same, with a variable that is typed before each command.
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let mut terminal = self.clone();
        terminal.typed.push((name.to_owned(), value.to_owned()));
        terminal
    }

    /// Sets a variable for all commands that come.
    pub(super) fn export(&mut self, name: &str, value: &str) {
        println!("$ export {name}={value}");
        self.exported.push((name.to_owned(), value.to_owned()));
    }

    /// Shows a command line and all that it answers.
    pub(super) fn type_in(&self, arguments: &[&str]) -> Result<Answer> {
        self.ask(arguments, Shown::All).map(Answer::shown)
    }

    /// The same, with some of what it says while it works; the rest is counted.
    pub(super) fn watch(&self, arguments: &[&str], shows: fn(&str) -> bool) -> Result<Answer> {
        self.ask(arguments, Shown::Some(shows)).map(Answer::shown)
    }

    /// Shows a command line and keeps the answer, which is for programs.
    pub(super) fn json(&self, arguments: &[&str]) -> Result<Value> {
        self.ask(arguments, Shown::All)?.exits(0)?.json()
    }

    /// The same, without what it says to people: it was said before.
    pub(super) fn json_again(&self, arguments: &[&str]) -> Result<Value> {
        self.ask(arguments, Shown::None)?.exits(0)?.json()
    }

    /// Asks for what was shown before once more, to check it.
    pub(super) fn data(&self, arguments: &[&str]) -> Result<Value> {
        self.run(arguments, Shown::None)?.exits(0)?.json()
    }

    /// The same, of documents that have a line each.
    pub(super) fn data_lines(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let answer = self.run(arguments, Shown::None)?.exits(0)?;
        let documents = answer.stdout.lines().map(serde_json::from_str);
        documents.collect::<Result<_, _>>().context("this is not JSON")
    }

    /// Shows a command line and what it says to people.
    fn ask(&self, arguments: &[&str], shown: Shown) -> Result<Answer> {
        let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
        let typed = self.typed.iter().map(|(name, value)| format!("{name}={} ", quoted(value)));
        println!("$ {}ecs-cli {}", typed.collect::<String>(), words.join(" "));
        self.run(arguments, shown)
    }

    fn run(&self, arguments: &[&str], shown: Shown) -> Result<Answer> {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.directory).args(arguments).env_clear();
        command.envs(self.exported.iter().cloned()).envs(self.typed.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot run ecs-cli")?;
        let mut output = child.stdout.take().context("ecs-cli has no output")?;
        let errors = child.stderr.take().context("ecs-cli has no errors")?;
        let output = thread::spawn(move || {
            let mut text = String::new();
            output.read_to_string(&mut text).map(|_| text)
        });
        let stderr = relayed(errors, shown)?;
        let status = child.wait()?;
        let stdout = output.join().ok().context("reading its output failed")??;
        Ok(Answer { code: status.code(), stdout, stderr })
    }
}

/// Shows lines when they come, and gives all of them.
fn relayed(errors: impl Read, shown: Shown) -> io::Result<String> {
    let (mut text, mut hidden) = (String::new(), 0);
    for line in BufReader::new(errors).lines() {
        let line = line?;
        match shown {
            Shown::None => {}
            Shown::Some(shows) if !shows(&line) => hidden += 1,
            Shown::All | Shown::Some(_) => {
                say_hidden(&mut hidden);
                println!("{line}");
            }
        }
        text = text + &line + "\n";
    }
    say_hidden(&mut hidden);
    Ok(text)
}

fn say_hidden(count: &mut usize) {
    if *count > 0 {
        println!("  … {count} lines more");
    }
    *count = 0;
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
}

/// What the program answered.
#[derive(Debug)]
pub(super) struct Answer {
    code: Option<i32>,
    pub(super) stdout: String,
    stderr: String,
}

impl Answer {
    fn shown(self) -> Self {
        print!("{}", self.stdout);
        self
    }

    pub(super) fn exits(self, code: i32) -> Result<Self> {
        let Self { code: ended, stdout: _, stderr } = &self;
        let shown = ended.map_or("none".into(), |code| code.to_string());
        ensure!(*ended == Some(code), "exit code {code} was expected, not {shown}:\n{stderr}");
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
    println!();
    for line in text.lines() {
        println!("# {line}");
    }
}

/// Shows a value in data, and checks it.
pub(super) fn expect(data: &Value, pointer: &str, expected: impl Into<Value>) -> Result<()> {
    let found = data.pointer(pointer).cloned().unwrap_or_default();
    println!("{pointer}: {}", found.as_str().map_or(found.to_string(), str::to_owned));
    check(data, pointer, expected)
}

/// Checks a value in data.
pub(super) fn check(data: &Value, pointer: &str, expected: impl Into<Value>) -> Result<()> {
    let (found, expected) = (data.pointer(pointer), expected.into());
    let shown: &dyn Display = found.map_or(&"missing", |found| found);
    ensure!(found == Some(&expected), "{pointer} should be {expected}, and is {shown}");
    Ok(())
}
