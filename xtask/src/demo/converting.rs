//! What ECS makes of a project, and what it cannot do.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::terminal::{Terminal, expect, say};

/// The files of the example that are for AWS.
const FOR_AWS: [&str; 4] = ["-f", "compose.yaml", "-f", "compose.aws.yaml"];

/// The files of the example that are for one machine.
const FOR_A_MACHINE: [&str; 4] = ["-f", "compose.yaml", "-f", "compose.machine.yaml"];

/// The password that the example keeps in a file.
const PASSWORD: &str = include_str!("../../../examples/voting-app/secrets/store-password.txt");

/// Warnings, with which a project can be deployed.
pub(super) fn checked(terminal: &Terminal) -> Result<()> {
    say("examples/voting-app, with compose.aws.yaml: what does ECS do in another way?");
    let answer = terminal.type_in(&[&FOR_AWS[..], &["check"]].concat())?.exits(0)?;
    answer.complains(&[
        "warning[ecs::log-driver]",
        "`ballot` waits for `queue` only when the project is deployed",
        "queue.conf` is delivered as a copy",
        "can be used, with",
    ])
}

/// A template for an account of which nothing is known.
pub(super) fn asking(terminal: &Terminal) -> Result<()> {
    say("The template, for an account of which nothing is known:");
    let template = convert(terminal, &[])?;
    println!("What it asks for when it is deployed:");
    for (name, parameter) in entries(&template, "Parameters")? {
        println!("  {name:<24} {}", parameter["Description"].as_str().unwrap_or_default());
    }
    let expected = ["AssignPublicIp", "LunchstorepasswordValue", "Subnets", "Vpc"];
    ensure!(asked(&template)? == expected, "these parameters were expected: {expected:?}");
    let hidden = template.pointer("/Parameters/LunchstorepasswordValue/NoEcho");
    ensure!(hidden == Some(&Value::Bool(true)), "the value of a secret must not be shown");

    println!("What it makes:");
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, resource) in entries(&template, "Resources")? {
        kinds.entry(resource["Type"].as_str().unwrap_or_default()).or_default().push(id);
    }
    for (kind, ids) in &kinds {
        println!("  {:>2} {kind}", ids.len());
    }
    let services = kinds.get("AWS::ECS::Service").map_or(0, Vec::len);
    ensure!(services == 5, "each of the five services should become one of ECS");

    println!("How the first page is reached:");
    expect(&template, "/Resources/LoadBalancer/Properties/Type", "application")?;
    expect(&template, "/Resources/Ballot8080Listener/Properties/Port", 80)?;
    expect(&template, "/Resources/Ballot80TargetGroup/Properties/Port", 8080)?;
    println!("What outlives the stack:");
    expect(&template, "/Resources/StoredataFilesystem/DeletionPolicy", "Retain")
}

/// A template for an account of which something is known.
pub(super) fn knowing(terminal: &Terminal) -> Result<()> {
    say("The same, with what facts.json knows of the account:");
    let template = convert(terminal, &["--facts", "facts.json"])?;
    let asked = asked(&template)?;
    println!("What it still asks for: {}", asked.join(", "));
    ensure!(asked == ["LunchstorepasswordValue"], "only the secret should be asked for");
    let subnets = "/Resources/BallotService/Properties/NetworkConfiguration/AwsvpcConfiguration";
    expect(&template, &format!("{subnets}/Subnets/0"), "subnet-0a1b2c3d4e5f60718")?;
    expect(&template, &format!("{subnets}/AssignPublicIp"), "ENABLED")?;
    let containers = "/Resources/StoreTaskDefinition/Properties/ContainerDefinitions";
    let store = template
        .pointer(containers)
        .and_then(Value::as_array)
        .and_then(|list| list.iter().position(|container| container["Name"] == "store"))
        .context("the database has no container")?;
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    expect(
        &template,
        &format!("{containers}/{store}/Image"),
        format!("postgres:17-alpine@{digest}"),
    )
}

/// Errors, with which nothing is converted.
pub(super) fn unfit(terminal: &Terminal) -> Result<()> {
    say("examples/voting-app, with compose.machine.yaml: what can ECS not do?");
    let answer = terminal.type_in(&[&FOR_A_MACHINE[..], &["convert"]].concat())?.exits(1)?;
    ensure!(answer.stdout.is_empty(), "what ECS cannot run must give no template");
    let reasons = [
        ("privileged:", "`privileged` is not possible on ECS"),
        ("docker.sock", "a task has no host whose `/var/run/docker.sock` it could use"),
        ("devices:", "`devices` is not possible on ECS"),
        ("mem_limit:", "Fargate has no size with 300 GB"),
    ];
    for (text, reason) in reasons {
        let line = MACHINE.lines().position(|line| line.contains(text));
        let line = 1 + line.with_context(|| format!("compose.machine.yaml has no `{text}`"))?;
        answer.complains(&[reason, &format!("compose.machine.yaml:{line}:")])?;
    }
    Ok(())
}

const MACHINE: &str = include_str!("../../../examples/voting-app/compose.machine.yaml");

/// The template as data, of which the password must be no part.
fn convert(terminal: &Terminal, facts: &[&str]) -> Result<Value> {
    let arguments = [&FOR_AWS[..], &["convert", "--format", "json"], facts].concat();
    let template = terminal.json_again(&arguments)?;
    ensure!(!template.to_string().contains(PASSWORD.trim()), "the template holds the password");
    Ok(template)
}

/// The names of the template's parameters, sorted.
fn asked(template: &Value) -> Result<Vec<&str>> {
    let mut names: Vec<&str> =
        entries(template, "Parameters")?.map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    Ok(names)
}

fn entries<'a>(
    template: &'a Value,
    section: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>> {
    let section = template[section].as_object();
    Ok(section.context("the template lacks a section")?.iter())
}
