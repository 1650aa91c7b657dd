//! Stacks of Docker's tool for ECS are taken over by `up` with the same Compose file:
//! what holds state or an address stays what it is.
//!
//! `CONFORMANCE_CORPUS` says where such stacks are. They are made in a local AWS as that
//! tool has left them: some of each kind, or all of them if `TAKEOVER` is `all`, or those
//! whose names have in them what it says otherwise.

mod corpus;
mod stack;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value as Json;
use testkit::emulator::Settings;

use self::corpus::Deployed;
use self::stack::Made;
use crate::account::{Project, Run, for_each};

/// What holds state, or a name or an address that others know.
const LASTING: [&str; 8] = [
    "AWS::ECS::Cluster",
    "AWS::EFS::AccessPoint",
    "AWS::EFS::FileSystem",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Logs::LogGroup",
    "AWS::SecretsManager::Secret",
    "AWS::ServiceDiscovery::PrivateDnsNamespace",
    "AWS::ServiceDiscovery::Service",
];

/// `difference -- reason`, one a line; a difference of one project has its name
/// before it.
const ON_PURPOSE: &str = include_str!("../../../tests/takeover.txt");

const CALM: &str = "nobody panics with it";

/// What became of a stack.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// Nothing was lost, and there is nothing left to do.
    TakenOver,
    /// We do not deploy the project, or leave something of it out.
    Differs(String),
    /// The local AWS cannot make what Docker's tool made.
    NotMade(String),
    /// The project names what neither the account nor the corpus has.
    Missing(String),
    /// Something was lost, or failed.
    Wrong(String),
}

#[test]
fn what_dockers_tool_deployed_is_taken_over() {
    let Some(corpus) = corpus::corpus() else {
        say("takeover: skipped, because CONFORMANCE_CORPUS is not set");
        return;
    };
    let all = corpus::chosen(Deployed::all(&corpus));
    let fates = fates(&all);
    let mut kinds: BTreeMap<Fate, Vec<&str>> = BTreeMap::new();
    for (deployed, fate) in all.iter().zip(fates) {
        kinds.entry(fate).or_default().push(&deployed.name);
    }
    let taken_over = kinds.remove(&Fate::TakenOver).unwrap_or_default().len();
    say(&format!("takeover: {taken_over} of {} stacks are taken over", all.len()));
    for (fate, names) in &kinds {
        say(&format!("  {:4} {fate:?} ({})", names.len(), names[..names.len().min(3)].join(", ")));
    }
    let is_wrong = |fate: &Fate, name: &str| match fate {
        Fate::TakenOver | Fate::NotMade(_) | Fate::Missing(_) => false,
        Fate::Differs(what) => !is_on_purpose(name, what),
        Fate::Wrong(_) => true,
    };
    let wrong: Vec<String> = kinds
        .iter()
        .flat_map(|(fate, names)| names.iter().map(move |name| (fate, *name)))
        .filter(|(fate, name)| is_wrong(fate, name))
        .map(|(fate, name)| format!("{name}: {fate:?}"))
        .collect();
    assert!(taken_over > 0, "there is nothing to take over");
    assert!(wrong.is_empty(), "not taken over:\n{}", wrong.join("\n"));
}

fn fates(all: &[Deployed]) -> Vec<Fate> {
    let fates: Mutex<BTreeMap<usize, Fate>> = Mutex::default();
    for_each(all, |place, deployed| {
        let fate = fate(deployed);
        fates.lock().expect(CALM).insert(place, fate);
    });
    fates.into_inner().expect(CALM).into_values().collect()
}

fn fate(deployed: &Deployed) -> Fate {
    let Some(project) = deployed.project() else {
        return Fate::NotMade("the template does not say of which project it is".to_owned());
    };
    let name = ecs_apply::stack_name(project);
    let place = Project::new("");
    // Some wait for a secret that nobody makes.
    let stabilize = Some(Duration::from_secs(30));
    place.account.set(&Settings { stabilize, ..Settings::default() });
    if let Made::Failed(reason) = stack::make(&place.account, &name, deployed) {
        return Fate::NotMade(reason);
    }
    let before = stack::lasting(&place.account, &name, &LASTING);
    let plan = run(&place, deployed, "plan --no-resolve --output json --diagnostics json");
    let secrets = deployed.secrets();
    if let Some(told) = told(&secrets, &plan) {
        return told;
    }
    if plan.code != Some(0) {
        return refusal(&plan);
    }
    let plan: Json = serde_json::from_str(&plan.output).expect("a plan is JSON");
    if let Some(lost) = lost(&plan) {
        return Fate::Differs(lost);
    }
    let up = run(&place, deployed, "up --no-resolve --yes");
    if let Some(told) = told(&secrets, &up) {
        return told;
    }
    if up.code != Some(0) {
        return Fate::Wrong(format!("up: {}", up.errors));
    }
    let after = stack::lasting(&place.account, &name, &LASTING);
    if let Some(gone) = before.iter().find(|it| !after.contains(it)) {
        return Fate::Wrong(format!("it is gone: {gone}"));
    }
    let again = run(&place, deployed, "plan --no-resolve --exit-code");
    match again.code {
        Some(0) => Fate::TakenOver,
        _ => Fate::Wrong(format!("planned again: {}{}", again.output, again.errors)),
    }
}

fn run(place: &Project, deployed: &Deployed, arguments: &str) -> Run {
    let mut command = place.command(arguments, &place.account);
    deployed.load(&mut command);
    Run::from(command.output().expect("the program runs"))
}

/// Docker's tool wrote secrets into templates; whoever reads a log must not learn them.
fn told(secrets: &[&str], run: &Run) -> Option<Fate> {
    let is_told =
        |secret: &&&str| [&run.output, &run.errors].iter().any(|it| it.contains(**secret));
    secrets.iter().find(is_told).map(|_| Fate::Wrong("a secret is told".to_owned()))
}

/// Why there is no plan, in words that are the same for many projects.
fn refusal(run: &Run) -> Fate {
    // What was loaded and refused is told beside the plan, all else in place of it.
    let report = serde_json::from_str(&run.output).or_else(|_| serde_json::from_str(&run.errors));
    let report: Json = report.unwrap_or_default();
    let problems = report["diagnostics"].as_array().into_iter().flatten();
    let errors = problems.filter(|problem| problem["severity"] == "error");
    let mut codes = errors.filter_map(|problem| problem["code"].as_str());
    match (run.code, codes.next()) {
        (Some(1), Some(code)) if code.starts_with("ecs::") => {
            Fate::Differs(format!("refused: {code}"))
        }
        (Some(1), Some(code)) if code.starts_with("lookup::") || code == "cli::file" => {
            Fate::Missing(code.to_owned())
        }
        (Some(1), Some(_)) => Fate::Differs("refused by the loader".to_owned()),
        _ => Fate::Wrong(format!("plan: {}{}", run.output, run.errors)),
    }
}

/// What the plan would lose, if anything.
fn lost(plan: &Json) -> Option<String> {
    let changes = plan["changes"].as_array().into_iter().flatten();
    let lasting = |kind: &str| LASTING.contains(&kind);
    let mut lost = changes.filter_map(|change| {
        let kind = change["type"].as_str().filter(|kind| lasting(kind))?;
        match change["action"].as_str()? {
            "remove" => Some(format!("no {kind}")),
            "replace" | "perhaps-replace" => Some(format!("replaced {kind}")),
            _ => None,
        }
    });
    let risks = plan["risks"].as_array().into_iter().flatten();
    let mut risks = risks.filter(|risk| risk["kind"] == "data" || risk["kind"] == "address");
    lost.next().or_else(|| Some(format!("risk {}", risks.next()?["logical_id"])))
}

fn is_on_purpose(name: &str, difference: &str) -> bool {
    let of_project = format!("{name} {difference}");
    let lines = ON_PURPOSE.lines().filter_map(|line| line.split_once(" -- "));
    lines.map(|(entry, _)| entry).any(|entry| entry == difference || entry == of_project)
}

/// Shows a line next to the results of the tests.
#[expect(clippy::print_stdout, reason = "the harness shows what tests print")]
fn say(line: &str) {
    println!("{line}");
}
