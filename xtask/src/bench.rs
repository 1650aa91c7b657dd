//! `cargo xtask bench`: how long loading and converting take, how long Docker's loader
//! takes for the same files, and what a deployment costs.

mod deployer;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::clock::timed;
use crate::misused;
use crate::process::{answers, cargo, succeed};
use crate::workspace::{Build, Workspace};

struct Part {
    name: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

const PARTS: [Part; 3] = [
    Part { name: "phases", run: phases },
    Part { name: "loader", run: loader },
    Part { name: "deployer", run: deployer::run },
];

/// Runs these parts, or all.
pub(crate) fn run(workspace: &Workspace, names: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|part| part.name != **name)) {
        return Ok(misused(&format!("there is no part `{unknown}` of the benchmarks")));
    }
    let chosen = |part: &&Part| names.is_empty() || names.contains(&part.name);
    PARTS.iter().filter(chosen).try_for_each(|part| (part.run)(workspace))?;
    Ok(ExitCode::SUCCESS)
}

fn phases(workspace: &Workspace) -> Result<()> {
    succeed(&mut cargo(&workspace.root, ["bench", "--workspace", "--bench", "*"]))
}

fn loader(workspace: &Workspace) -> Result<()> {
    if answers("go", "version") {
        return side_by_side(workspace);
    }
    println!("Docker's loader was left out: building it takes Go");
    Ok(())
}

/// Docker's loader refuses files of more than 100,000 YAML nodes, so larger
/// ones compare nothing. Of 70 services, CloudFormation takes the template; of more
/// it does not, and converting ends with the count, just before it would write.
const SIZES: [usize; 4] = [4, 70, 100, 1_000];

/// What Docker Compose loads files with, behind a command line of its own that
/// prints the model without binding it to types.
const PEER: &str = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2";

fn side_by_side(workspace: &Workspace) -> Result<()> {
    let ours = workspace.build("ecs-cli", Build::Shipped)?;
    let programs = Programs { ours, peer: peer(workspace)? };
    let directory = workspace.target.join("side-by-side");
    std::fs::create_dir_all(&directory)?;
    println!(
        "\nWhole processes: ecs-cli config and convert, and Docker's loader (compose-go) alone"
    );
    println!(
        "                          time                 compose-go :             most memory\n\
         services    config   convert compose-go   config  convert   config  convert compose-go"
    );
    for services in SIZES {
        let file = directory.join(format!("compose-{services}.yaml"));
        std::fs::write(&file, testkit::synthetic::compose(services))?;
        let commands = programs.commands(&file);
        commands.iter().try_for_each(ends_well)?;
        row(services, times(&directory, &commands)?, commands.each_ref().map(peak));
    }
    Ok(())
}

fn row(services: usize, times: [f64; 3], peaks: [Option<u64>; 3]) {
    let [config, convert, peer] = times;
    print!("{services:>8}");
    times.iter().for_each(|seconds| print!(" {:>6.1} ms", seconds * 1e3));
    print!("  {:>6.1}× {:>7.1}×", peer / config, peer / convert);
    peaks.into_iter().for_each(|peak| print!(" {:>9}", show_peak(peak)));
    println!();
}

/// Builds Docker's loader, with modules that `cargo clean` can delete.
fn peer(workspace: &Workspace) -> Result<PathBuf> {
    let program = workspace.tools().join("bin").join("cmd");
    if !program.exists() {
        println!("building {PEER}");
        let mut go = Command::new("go");
        go.args(["install", PEER]).env("GOBIN", workspace.tools().join("bin"));
        go.env("GOPATH", workspace.tools().join("go")).env("GOFLAGS", "-modcacherw");
        succeed(&mut go)?;
    }
    Ok(program)
}

struct Programs {
    ours: PathBuf,
    peer: PathBuf,
}

/// A program and its arguments.
type Line = Vec<String>;

impl Programs {
    fn commands(&self, file: &Path) -> [Line; 3] {
        let [ours, peer, file] =
            [&self.ours, &self.peer, file].map(|path: &Path| path.display().to_string());
        let own = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Line>();
        [
            own(&[&ours, "-f", &file, "config", "--format", "json"]),
            own(&[&ours, "-f", &file, "convert"]),
            own(&[&peer, "-format", "json", &file]),
        ]
    }
}

/// What fails early is fast and says nothing. Only a template's limits may be
/// passed: they are counted last.
fn ends_well(line: &Line) -> Result<()> {
    let output = command(line).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let mut codes = errors.lines().filter(|line| line.starts_with("error["));
    let only_limits = codes.clone().count() > 0 && codes.all(|it| it.contains("[ecs::limit]"));
    if !output.status.success() && !only_limits {
        bail!("{} ended with {}: {errors}", line.join(" "), output.status);
    }
    Ok(())
}

/// Median seconds of each.
fn times(directory: &Path, commands: &[Line; 3]) -> Result<[f64; 3]> {
    if answers("hyperfine", "--version") {
        return hyperfine(&directory.join("times.json"), commands);
    }
    let [config, convert, peer] = commands.each_ref().map(median);
    Ok([config?, convert?, peer?])
}

#[expect(clippy::disallowed_methods, reason = "no project is read here")]
fn hyperfine(report: &Path, commands: &[Line; 3]) -> Result<[f64; 3]> {
    let mut command = Command::new("hyperfine");
    command.args(["--shell=none", "--ignore-failure", "--warmup=3", "--style=none"]);
    command.arg("--export-json").arg(report);
    // It warns about noise at length; the medians stand it.
    let output = command.args(commands.each_ref().map(quoted)).output()?;
    ensure!(output.status.success(), "hyperfine: {}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report)?)?;
    let seconds = |index: usize| {
        report["results"][index]["median"].as_f64().context("hyperfine reports no median")
    };
    Ok([seconds(0)?, seconds(1)?, seconds(2)?])
}

fn quoted(line: &Line) -> String {
    line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

fn median(line: &Line) -> Result<f64> {
    let mut durations = Vec::new();
    for _ in 0..21 {
        let (result, duration) = timed(|| command(line).output());
        result?;
        durations.push(duration);
    }
    durations.sort_unstable();
    Ok(durations.get(durations.len() / 2).map_or(0.0, Duration::as_secs_f64))
}

fn command(line: &Line) -> Command {
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]);
    command
}

/// The most memory that a process held, in KiB, if GNU time is there to ask.
fn peak(line: &Line) -> Option<u64> {
    let mut command = Command::new("/usr/bin/time");
    let output = command.args(["-f", "%M"]).args(line).output().ok()?;
    String::from_utf8(output.stderr).ok()?.lines().last()?.trim().parse().ok()
}

fn show_peak(kibibytes: Option<u64>) -> String {
    kibibytes.map_or("n/a".into(), |kibibytes| format!("{:.1} MiB", kibibytes as f64 / 1024.0))
}
