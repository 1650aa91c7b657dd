//! `cargo xtask bench`: how long loading takes, and how long Docker's loader
//! takes for the same files.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::clock::timed;
use crate::process::{answers, cargo, output, succeed};
use crate::workspace::Workspace;

/// Runs the benchmarks, then the comparison if Go is at hand.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    succeed(&mut cargo(&workspace.root, ["bench", "--workspace", "--bench", "*"]))?;
    if answers("go", "version") {
        side_by_side(workspace)?;
    } else {
        println!("Docker's loader was left out: building it takes Go");
    }
    Ok(ExitCode::SUCCESS)
}

/// Docker's loader refuses files of more than 100,000 YAML nodes, so larger
/// ones compare nothing.
const SIZES: [usize; 3] = [4, 100, 1_000];

/// What Docker Compose loads files with, behind a command line of its own that
/// prints the model without binding it to types.
const PEER: &str = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2";

fn side_by_side(workspace: &Workspace) -> Result<()> {
    workspace.build("ecs-cli")?;
    let pair = Pair { ours: workspace.release("ecs-cli"), peer: peer(workspace)? };
    let directory = workspace.target.join("side-by-side");
    std::fs::create_dir_all(&directory)?;
    println!("\nWhole processes: ecs-cli config, and the same by Docker's loader (compose-go)");
    println!("services      ecs-cli    compose-go   ratio   peak: ecs-cli   compose-go");
    for services in SIZES {
        let file = directory.join(format!("compose-{services}.yaml"));
        std::fs::write(&file, testkit::synthetic::compose(services))?;
        let commands = pair.commands(&file);
        let [ours, peer] = times(&directory, &commands)?;
        let [our_peak, peer_peak] = commands.each_ref().map(|command| show_peak(peak(command)));
        let ratio = peer / ours;
        let (ours, peer) = (ours * 1e3, peer * 1e3);
        println!(
            "{services:>8} {ours:>9.1} ms {peer:>10.1} ms {ratio:>6.1}× {our_peak:>15} {peer_peak:>12}"
        );
    }
    Ok(())
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

struct Pair {
    ours: PathBuf,
    peer: PathBuf,
}

/// A program and its arguments.
type Line = Vec<String>;

impl Pair {
    fn commands(&self, file: &Path) -> [Line; 2] {
        let [ours, peer, file] =
            [&self.ours, &self.peer, file].map(|path: &Path| path.display().to_string());
        let own = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Line>();
        [
            own(&[&ours, "-f", &file, "config", "--format", "json"]),
            own(&[&peer, "-format", "json", &file]),
        ]
    }
}

/// Median seconds of each.
fn times(directory: &Path, commands: &[Line; 2]) -> Result<[f64; 2]> {
    if answers("hyperfine", "--version") {
        return hyperfine(&directory.join("times.json"), commands);
    }
    let [ours, peer] = commands.each_ref().map(median);
    Ok([ours?, peer?])
}

#[expect(clippy::disallowed_methods, reason = "no project is read here")]
fn hyperfine(report: &Path, commands: &[Line; 2]) -> Result<[f64; 2]> {
    let mut command = Command::new("hyperfine");
    command.args(["--shell=none", "--warmup=3", "--style=none", "--export-json"]).arg(report);
    // It warns about noise at length; the medians stand it.
    let output = command.args(commands.each_ref().map(quoted)).output()?;
    ensure!(output.status.success(), "hyperfine: {}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report)?)?;
    let seconds = |index: usize| {
        report["results"][index]["median"].as_f64().context("hyperfine reports no median")
    };
    Ok([seconds(0)?, seconds(1)?])
}

fn quoted(line: &Line) -> String {
    line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

fn median(line: &Line) -> Result<f64> {
    let mut durations = Vec::new();
    for _ in 0..21 {
        let (result, duration) = timed(|| output(&mut command(line)));
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
