//! What `config` makes of a project, and of one with slips in it.

use anyhow::{Context, Result, ensure};

use super::terminal::{Terminal, expect, say};

pub(super) fn accepted(terminal: &Terminal) -> Result<()> {
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

pub(super) fn refused(terminal: &Terminal) -> Result<()> {
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

const BROKEN: &str = include_str!("../../../examples/broken/compose.yaml");
