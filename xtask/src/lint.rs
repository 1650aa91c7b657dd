//! cfn-lint over every template that scenarios, examples and the corpus give.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};

use crate::process::succeed;
use crate::properties;
use crate::workspace::{Build, Workspace};

/// What AWS checks templates with. Every version knows more, so it is pinned.
const VERSION: &str = "1.58.0";

/// `CODE template: reason`, one a line.
const EXCEPTIONS: &str = include_str!("../../tests/lint-exceptions.txt");

/// Where the tests put the templates of the corpus.
const CORPUS: &str = "tmp/templates";

/// A line of the exceptions.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Exception<'a> {
    code: &'a str,
    template: &'a str,
}

/// Converts every project, and lets cfn-lint read what came of it.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    let linter = linter(workspace)?;
    properties::check(workspace)?;
    let folder = workspace.target.join("templates");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let program = workspace.build("ecs-cli", Build::Quick)?;
    for project in projects(workspace)? {
        convert(&program, &project, &folder)?;
    }
    let mut templates = files(&folder)?;
    templates.push(workspace.root.join("ecs-deployer/examples/queue.yaml"));
    ensure!(!templates.is_empty(), "there is no template to check");
    let has_corpus = std::env::var_os("CONFORMANCE_CORPUS").is_some();
    if has_corpus {
        templates.extend(of_corpus(&workspace.target.join(CORPUS))?);
    }
    println!("cfn-lint {VERSION} reads {} templates", templates.len());
    let complaints = complaints(&linter, &templates)?;
    let exceptions: Vec<Exception<'_>> = exceptions(EXCEPTIONS).collect();
    let is_excepted = |complaint: &&String| exceptions.iter().any(|it| it.covers(complaint));
    let unexpected: Vec<&String> = complaints.iter().filter(|it| !is_excepted(it)).collect();
    for complaint in &unexpected {
        println!("{complaint}");
    }
    println!("{} complaints are excepted", complaints.len() - unexpected.len());
    let is_read = |exception: &Exception<'_>| {
        has_corpus || templates.iter().any(|template| exception.names(template))
    };
    let unused = unused(&exceptions, &complaints).into_iter().filter(is_read);
    let unused: Vec<String> = unused.map(|it| format!("{} {}", it.code, it.template)).collect();
    ensure!(unexpected.is_empty(), "cfn-lint complains {} times", unexpected.len());
    ensure!(unused.is_empty(), "remove from tests/lint-exceptions.txt: {}", unused.join(", "));
    Ok(())
}

/// What the tests made of the corpus.
fn of_corpus(folder: &Path) -> Result<Vec<PathBuf>> {
    let templates = if folder.exists() { files(folder)? } else { Vec::new() };
    ensure!(
        !templates.is_empty(),
        "CONFORMANCE_CORPUS is set, and there is no template in {}: \
         run `cargo xtask test test` first",
        folder.display()
    );
    Ok(templates)
}

/// The program, installed if need be.
pub(crate) fn linter(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tools().join(format!("cfn-lint-{VERSION}"));
    let program = folder.join("bin/cfn-lint");
    if !program.exists() {
        println!("installing cfn-lint {VERSION}");
        succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
            .context("Python 3 with venv is needed (Debian: python3-venv)")?;
        let package = format!("cfn-lint=={VERSION}");
        succeed(Command::new(folder.join("bin/pip")).args(["install", "--quiet", &package]))?;
    }
    Ok(program)
}

/// Folders with a project that can be converted.
fn projects(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut projects = Vec::new();
    for parent in ["tests/templates", "examples"] {
        for entry in workspace.root.join(parent).read_dir()? {
            projects.push(entry?.path());
        }
    }
    projects.retain(|project| project.file_name().is_some_and(|name| name != "broken"));
    projects.sort();
    Ok(projects)
}

/// Converts a project, without its facts and with them.
fn convert(program: &Path, project: &Path, folder: &Path) -> Result<()> {
    let name = project.file_name().context("a project lies in a folder")?.display().to_string();
    let facts = project.join("facts.json");
    let mut variants = vec![(format!("{name}.json"), None)];
    if facts.exists() {
        variants.push((format!("{name}.facts.json"), Some(facts)));
    }
    for (file, facts) in variants {
        let mut command = Command::new(program);
        command.current_dir(project).env_clear().args(["convert", "--format", "json", "-o"]);
        command.arg(folder.join(file)).args(lines(&project.join("args"))?);
        command.envs(
            lines(&project.join("env"))?
                .iter()
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        if let Some(facts) = facts {
            command.arg("--facts").arg(facts);
        }
        let output = command.output()?;
        if !output.status.success() {
            bail!("{name} is not converted:\n{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "these files are of the tests, not of a project")]
fn lines(file: &Path) -> Result<Vec<String>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    Ok(fs::read_to_string(file)?.lines().map(str::to_owned).collect())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

/// What cfn-lint says, a line each: `file:line:column:line:column:CODE:message`.
fn complaints(linter: &Path, templates: &[PathBuf]) -> Result<Vec<String>> {
    let half = templates.len().div_ceil(2);
    let runs = thread::scope(|scope| {
        let runs: Vec<_> = templates
            .chunks(half)
            .map(|templates| scope.spawn(move || complaints_of(linter, templates)))
            .collect();
        runs.into_iter()
            .map(|run| run.join().map_err(|_| anyhow::anyhow!("a run of cfn-lint panicked"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    Ok(runs.concat())
}

fn complaints_of(linter: &Path, templates: &[PathBuf]) -> Result<Vec<String>> {
    let output = Command::new(linter)
        .args(["--format", "parseable", "--regions", "us-east-1", "--template"])
        .args(templates)
        .output()
        .with_context(|| format!("cannot run {}", linter.display()))?;
    let complaints: Vec<String> =
        String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    if complaints.is_empty() && !output.status.success() {
        bail!("cfn-lint failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(complaints)
}

fn exceptions(text: &str) -> impl Iterator<Item = Exception<'_>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let entry = line.split_once(": ").and_then(|(entry, _)| entry.split_once(' '));
        let (code, template) = entry.expect("an exception is `CODE template: reason`");
        Exception { code, template }
    })
}

/// Exceptions of what nobody complains about.
fn unused<'a>(exceptions: &[Exception<'a>], complaints: &[String]) -> Vec<Exception<'a>> {
    let is_used = |it: &&Exception<'_>| complaints.iter().any(|complaint| it.covers(complaint));
    exceptions.iter().filter(|it| !is_used(it)).copied().collect()
}

impl Exception<'_> {
    fn covers(&self, complaint: &str) -> bool {
        let mut parts = complaint.split(':');
        let is_of_file = parts.next().is_some_and(|file| self.names(Path::new(file)));
        is_of_file && parts.nth(4) == Some(self.code)
    }

    /// Whether a template is meant, made without facts or with them.
    fn names(&self, template: &Path) -> bool {
        let file = template.file_name().map(|name| name.display().to_string()).unwrap_or_default();
        let name = file.strip_suffix(".json").unwrap_or(&file);
        let name = name.strip_suffix(".facts").unwrap_or(name);
        self.template == "*" || self.template == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_of_whole_names_and_every_one_is_needed() {
        let text = "# comment\n\nE1 a: reason\nE2 *: reason\nE1 a-b: reason: more\n";
        let exceptions: Vec<_> = exceptions(text).collect();
        let is_excepted = |complaint: &str| exceptions.iter().any(|it| it.covers(complaint));
        let cases = [
            ("/x/a.json:1:2:3:4:E1:text", true),
            ("/x/a.facts.json:1:2:3:4:E1:text", true),
            ("/x/ab.json:1:2:3:4:E1:text", false),
            ("/x/a.json:1:2:3:4:E3:text", false),
            ("/x/other.json:1:2:3:4:E2:text", true),
        ];
        for (complaint, expected) in cases {
            assert_eq!(is_excepted(complaint), expected, "{complaint}");
        }
        let complaints = cases.map(|(complaint, _)| complaint.to_owned());
        assert_eq!(unused(&exceptions, &complaints), [Exception { code: "E1", template: "a-b" }]);
    }

    #[test]
    fn a_corpus_without_templates_is_no_success() {
        let error = of_corpus(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(error.ends_with("run `cargo xtask test test` first"), "{error}");
    }

    #[test]
    fn the_exceptions_can_be_read() {
        assert!(exceptions(EXCEPTIONS).count() > 0);
    }
}
