//! cfn-lint over every template that scenarios, examples and the corpus give.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};

use crate::process::succeed;
use crate::workspace::Workspace;

/// What AWS checks templates with. Every version knows more, so it is pinned.
const VERSION: &str = "1.58.0";

/// `CODE template: reason`, one a line; a template is the beginning of its name.
const EXCEPTIONS: &str = include_str!("../../tests/lint-exceptions.txt");

/// Where the tests put the templates of the corpus.
const CORPUS: &str = "tmp/templates";

/// Converts every project, and lets cfn-lint read what came of it.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    let linter = linter(workspace)?;
    let folder = workspace.target.join("templates");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    workspace.build("ecs-cli")?;
    for project in projects(workspace)? {
        convert(workspace, &project, &folder)?;
    }
    let mut templates = files(&folder)?;
    ensure!(!templates.is_empty(), "there is no template to check");
    let corpus = workspace.target.join(CORPUS);
    if std::env::var_os("CONFORMANCE_CORPUS").is_some() && corpus.exists() {
        templates.extend(files(&corpus)?);
    }
    println!("cfn-lint {VERSION} reads {} templates", templates.len());
    let complaints = complaints(&linter, &templates)?;
    let unexpected: Vec<&String> =
        complaints.iter().filter(|complaint| !is_excepted(complaint)).collect();
    for complaint in &unexpected {
        println!("{complaint}");
    }
    println!("{} complaints are excepted", complaints.len() - unexpected.len());
    ensure!(unexpected.is_empty(), "cfn-lint complains {} times", unexpected.len());
    Ok(())
}

/// The program, installed if need be.
fn linter(workspace: &Workspace) -> Result<PathBuf> {
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
fn convert(workspace: &Workspace, project: &Path, folder: &Path) -> Result<()> {
    let name = project.file_name().context("a project lies in a folder")?.display().to_string();
    let facts = project.join("facts.json");
    let mut variants = vec![(format!("{name}.json"), None)];
    if facts.exists() {
        variants.push((format!("{name}.facts.json"), Some(facts)));
    }
    for (file, facts) in variants {
        let mut command = Command::new(workspace.release("ecs-cli"));
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

fn is_excepted(complaint: &str) -> bool {
    let mut parts = complaint.split(':');
    let file = parts.next().map(Path::new).and_then(Path::file_name);
    let name = file.map(|name| name.display().to_string()).unwrap_or_default();
    let code = parts.nth(4).unwrap_or_default();
    let entries = EXCEPTIONS.lines().filter(|line| !line.starts_with('#'));
    entries.filter_map(|line| line.split_once(": ")).any(|(entry, _)| {
        entry.split_once(' ').is_some_and(|(rule, template)| {
            rule == code && (template == "*" || name.starts_with(template))
        })
    })
}
