//! A stack of its own: made, looked at, changed, changed in vain and removed, before a
//! local AWS.

use std::thread;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::local::{Local, PUBLIC};
use super::terminal::{Terminal, check, say};
use crate::clock::timed;

/// How often a container that has nothing to say is listened to, and how long between.
const TRIES: usize = 120;
const PAUSE: Duration = Duration::from_millis(500);

/// The recipes that the example keeps in a file.
const RECIPES: &str = include_str!("../../../examples/canteen/recipes.txt");

/// The whole story, in a terminal that nobody has typed in yet.
pub(super) fn shown(mut terminal: Terminal) -> Result<()> {
    say("A local AWS, to deploy to (it is installed when it is first needed):");
    let local = Local::start()?;
    for (name, value) in local.account.environment() {
        terminal.export(&name, &value);
    }
    if let Some(image) = local.image.filter(|image| *image != PUBLIC) {
        terminal.export("SHELL_IMAGE", image);
    }
    println!("{}", local.reality());
    planned(&terminal)?;
    made(&terminal, &local)?;
    looked_at(&terminal, &local)?;
    left_alone(&terminal)?;
    changed(&terminal, &local)?;
    changed_in_vain(&terminal)?;
    removed(&terminal, &local)
}

/// Nothing happens, and it is said what would.
fn planned(terminal: &Terminal) -> Result<()> {
    say("examples/canteen: three services, a secret, a volume and a load balancer. What would\n\
         `up` do? (--no-resolve asks no registry for digests, so that this needs no network.)");
    let asked = ["plan", "--no-resolve", "--exit-code"];
    terminal.type_in(&asked)?.exits(10)?.prints(&["the stack canteen is made", "0 to remove"])?;
    let plan = terminal.data(&["plan", "--no-resolve", "--output", "json"])?;
    check(&plan, "/kind", "create")?;
    let added = |kind: &str| items(&plan["changes"]).filter(|it| it["type"] == kind).count();
    ensure!(added("AWS::ECS::Service") == 3, "each service should become one of ECS");
    for kind in
        ["SecretsManager::Secret", "EFS::FileSystem", "ElasticLoadBalancingV2::LoadBalancer"]
    {
        ensure!(added(&format!("AWS::{kind}")) == 1, "there should be one AWS::{kind}");
    }
    Ok(())
}

fn made(terminal: &Terminal, local: &Local) -> Result<()> {
    say("Then it shall. While it works it tells of each resource; here is what is about services:");
    let answer = terminal.watch(&["up", "--no-resolve"], is_about_services)?.exits(0)?;
    answer.complains(&["CREATE_COMPLETE canteen"])?;
    answer.prints(&["page  http://"])?;
    ensure!(running(terminal)? == ["cook", "guest", "page"], "all services should run");
    let left = local.account.inventory().join("\n");
    ensure!(!left.contains("change-set"), "what was planned with should be gone: {left}");
    Ok(())
}

/// Whether a line is about a service, or no resource at all.
fn is_about_services(line: &str) -> bool {
    let more = ["AWS::ECS::Service", "AWS::CloudFormation::Stack", "DELETE_SKIPPED", "kept: "];
    !line.contains("AWS::") || more.iter().any(|text| line.contains(text))
}

fn looked_at(terminal: &Terminal, local: &Local) -> Result<()> {
    say("What runs, and where is it reached?");
    terminal.type_in(&["ps"])?.exits(0)?.prints(&["cook", "guest", "page", "http://"])?;
    let status = terminal.data(&["ps", "--output", "json"])?;
    check(&status, "/stack/status", "CREATE_COMPLETE")?;
    check(&status, "/services/2/endpoints/0/port", 80)?;
    if local.image.is_some() {
        check(&status, "/services/2/tasks/0/health", "HEALTHY")?;
    }

    say("What do they say? The cook has its recipes from a secret and writes to the volume; the\n\
         guest reads that on the page, which it finds by name:");
    wait_for_line(terminal, "guest", "today there is lentil soup")?;
    let logs = terminal.type_in(&["logs", "--tail", "2", "cook", "guest"])?.exits(0)?;
    logs.prints(&["cooking lentil soup", "today there is lentil soup"])?;
    let recipe = RECIPES.lines().next().unwrap_or_default();
    let logs = terminal.data_lines(&["logs", "--output", "json"])?;
    ensure!(!format!("{logs:?}").contains(recipe), "the logs hold a secret");

    say("Which stacks are there?");
    terminal.type_in(&["ls"])?.exits(0)?.prints(&["canteen"])
}

fn left_alone(terminal: &Terminal) -> Result<()> {
    say("`up` again, with nothing new:");
    let before = revisions(terminal)?;
    let answer = terminal.type_in(&["up", "--no-resolve"])?.exits(0)?;
    answer.complains(&["nothing to change"])?;
    ensure!(revisions(terminal)? == before, "nothing should have been deployed");
    Ok(())
}

fn changed(terminal: &Terminal, local: &Local) -> Result<()> {
    say("Another dish, which compose.yaml takes from a variable. Only the cook is replaced:");
    let terminal = terminal.with("DISH", "goulash");
    let before = revisions(&terminal)?;
    let plan = terminal.data(&["plan", "--no-resolve", "--output", "json"])?;
    let changed: Vec<&Value> = items(&plan["changes"]).map(|it| &it["logical_id"]).collect();
    ensure!(changed == ["CookService", "CookTaskDefinition"], "only the cook should change");
    let answer = terminal.type_in(&["up", "--no-resolve"])?.exits(0)?;
    answer.complains(&["lentil soup → goulash", "UPDATE_COMPLETE canteen"])?;
    let after = revisions(&terminal)?;
    ensure!(before[0] != after[0], "the cook should have a new revision");
    ensure!(before[1..] == after[1..], "nobody else should have been replaced");
    // Without containers, nobody reads what others write.
    let witness = if local.image.is_some() { "guest" } else { "cook" };
    wait_for_line(&terminal, witness, "goulash")?;
    terminal.type_in(&["logs", "--tail", "1", witness])?.exits(0)?.prints(&["goulash"])
}

fn changed_in_vain(terminal: &Terminal) -> Result<()> {
    say(
        "A dish that there is no recipe for, so that the cook ends as soon as it starts. What was\n\
         there before comes back:",
    );
    let kept = revisions(terminal)?;
    let vain = terminal.with("DISH", "pizza");
    let (answer, duration) = timed(|| vain.type_in(&["up", "--no-resolve"]));
    answer?.exits(4)?.complains(&[
        "error[container-exited]: cook ends with exit code 3",
        "there is no recipe for pizza",
        "UPDATE_ROLLBACK_COMPLETE canteen",
    ])?;

    say("The cook, and how its tasks ended:");
    let cook = terminal.type_in(&["ps", "--all", "cook"])?.exits(0)?;
    cook.prints(&["Exited (3)", "Running"])?;
    say("What happened since, as the service and CloudFormation tell it:");
    let since = format!("{}s", duration.as_secs() + 2);
    let events = terminal.type_in(&["events", "--since", &since])?.exits(0)?;
    events.prints(&["UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"])?;
    ensure!(running(terminal)? == ["cook", "guest", "page"], "all services should run again");
    ensure!(revisions(terminal)? == kept, "what was there before should be back");
    Ok(())
}

fn removed(terminal: &Terminal, local: &Local) -> Result<()> {
    say("Everything is removed, but for what the volume holds:");
    let answer = terminal.watch(&["down"], is_about_services)?.exits(0)?;
    answer.complains(&["the stack canteen is removed", "kept: fs-"])?;
    let left = local.account.inventory();
    ensure!(left.len() == 1 && left[0].contains("file-system"), "this is left: {left:?}");
    say("That is removed only if it is asked for:");
    terminal.type_in(&["down", "--volumes"])?.exits(0)?.complains(&["deleted: fs-"])?;
    let left = local.account.inventory();
    ensure!(left.is_empty(), "this is left: {left:?}");
    println!("The account is empty.");
    Ok(())
}

/// The services that run, by their names.
fn running(terminal: &Terminal) -> Result<Vec<String>> {
    let status = terminal.data(&["ps", "--output", "json"])?;
    let running = items(&status["services"]).filter(|it| it["state"] == "running");
    Ok(running.filter_map(|it| Some(it["name"].as_str()?.to_owned())).collect())
}

/// Which revision of its task definition each service has.
fn revisions(terminal: &Terminal) -> Result<Vec<String>> {
    let status = terminal.data(&["ps", "--output", "json"])?;
    let rollouts = items(&status["services"]).map(|it| &it["rollout"]["task_definition"]);
    Ok(rollouts.filter_map(|it| Some(it.as_str()?.to_owned())).collect())
}

/// Waits until the last line of a service is about something.
fn wait_for_line(terminal: &Terminal, service: &str, text: &str) -> Result<()> {
    for _ in 0..TRIES {
        let lines = terminal.data_lines(&["logs", "--output", "json", "--tail", "1", service])?;
        if lines.iter().any(|it| it["message"].as_str().unwrap_or_default().contains(text)) {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
    bail!("{service} never says `{text}`")
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
