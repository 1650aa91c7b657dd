//! How long `up` waits, what it says when it waits no longer, and what is left then.

use std::time::Duration;

use serde_json::Value as Json;
use testkit::emulator::{Image, Settings};
use testkit::proxy::{Proxy, Rule};

use crate::account::{Project, Run, SHOP};

const UP: &str = "up --no-resolve";

fn shop() -> Project {
    let project = Project::new(SHOP);
    project.write("token", "hunter2");
    project
}

/// A shop whose web ends as soon as it is started.
fn broken() -> Project {
    let project = shop();
    let images = vec![Image::named("acme/web:1").exits(3)];
    project.account.set(&Settings { images, ..Settings::default() });
    project
}

fn json(run: &Run) -> Json {
    serde_json::from_str(&run.output).unwrap_or_else(|_| panic!("no JSON: {run:?}"))
}

#[test]
fn the_time_counts_before_anything_is_begun() {
    let project = shop();
    let proxy = Proxy::before(&project.account);
    proxy.rule(Rule::on("CloudFormation.ValidateTemplate").delay(Duration::from_secs(20)));
    let run = project.run_through(&proxy, &format!("{UP} --timeout 2s"));
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.errors.contains("nothing is being deployed"), "{}", run.errors);
    assert_eq!(project.account.stack_status("shop"), "");
}

#[test]
fn the_time_counts_while_what_is_left_is_removed() {
    let project = broken();
    assert_eq!(project.run(&format!("{UP} --on-failure keep")).code, Some(4));
    project.account.set(&Settings { delay: Duration::from_secs(20), ..Settings::default() });
    let run = project.run(&format!("{UP} --yes --timeout 5s --output json"));
    assert_eq!((run.code, json(&run)["outcome"].as_str()), (Some(5), Some("under-way")), "{run:?}");
    assert!(run.errors.contains("is still being removed"), "{}", run.errors);
}

#[test]
fn how_what_is_left_is_removed_is_shown() {
    let project = broken();
    assert_eq!(project.run(&format!("{UP} --on-failure keep")).code, Some(4));
    project.account.set(&Settings::default());
    let run = project.run(&format!("{UP} --yes"));
    assert_eq!(run.code, Some(0), "{run:?}");
    let removing = "removing what is left of the stack that could not be made";
    let (_, told) = run.errors.split_once(removing).unwrap();
    assert!(told.contains("DELETE_IN_PROGRESS"), "{told}");
}

#[test]
fn what_a_failed_creation_leaves_is_listed() {
    for choice in ["rollback", "delete"] {
        let project = broken();
        let run = project.run(&format!("{UP} --on-failure {choice} --output json"));
        assert_eq!(run.code, Some(4), "{run:?}");
        assert_eq!(run.errors.matches("kept: fs-").count(), 1, "{}", run.errors);
        assert_eq!(json(&run)["kept"][0]["type"], "AWS::EFS::FileSystem", "{run:?}");
        // Its logs went with it.
        assert!(!run.errors.rsplit_once("error[").unwrap().1.contains("has more"), "{run:?}");
    }
}

#[test]
fn hints_lead_to_where_the_command_was() {
    let project = shop();
    project.account.set(&Settings { delay: Duration::from_millis(400), ..Settings::default() });
    let run = project.run(&format!("{UP} -p two --region us-east-1 --timeout 1s"));
    assert_eq!(run.code, Some(5), "{run:?}");
    for command in ["events -f", "down"] {
        let hint = format!("`ecs-cli {command} --stack-name two --region us-east-1`");
        assert!(run.errors.contains(&hint), "{hint}: {}", run.errors);
    }
}
