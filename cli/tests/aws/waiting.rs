//! How long `up` waits, what it says when it waits no longer, and what is left then.

use std::time::Duration;

use serde_json::Value as Json;
use testkit::emulator::{Image, Settings};
use testkit::http::Response;
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
fn what_a_plan_left_halfway_is_removed_when_the_time_is_over() {
    let project = shop();
    assert_eq!(project.run(UP).code, Some(0));
    let proxy = Proxy::before(&project.account);
    proxy.rule(Rule::on("CloudFormation.DescribeChangeSet").delay(Duration::from_secs(30)));
    let run = project.run_through(&proxy, &format!("{UP} --tags a=b --timeout 8s"));
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(proxy.count("CloudFormation.DescribeChangeSet") > 0, "it came that far");
    let name = [("StackName", "shop")];
    let sets = project.account.query("cloudformation", "ListChangeSets", &name).body;
    assert!(!sets.contains("ecs-cli-"), "{sets}");
}

#[test]
fn tasks_that_are_still_being_started_are_under_way() {
    let project = shop();
    assert_eq!(project.run(UP).code, Some(0));
    let proxy = Proxy::before(&project.account);
    assert_eq!(project.run_through(&proxy, "plan --no-resolve").code, Some(0));
    let before = proxy.count("ECS.DescribeServices");
    // Not all of AWS knows of it at once.
    let silent = Response::new(200, "application/x-amz-json-1.1", r#"{"services": []}"#);
    proxy.rule(Rule::on("ECS.DescribeServices").skip(before).always().answer(silent));
    let run =
        project.run_through(&proxy, &format!("{UP} --force-recreate --timeout 8s --output json"));
    assert_eq!((run.code, json(&run)["outcome"].as_str()), (Some(5), Some("under-way")), "{run:?}");
    assert!(run.errors.contains("ECS goes on by itself"), "{}", run.errors);
}

#[test]
fn a_removal_that_cannot_be_watched_goes_on() {
    let project = broken();
    assert_eq!(project.run(&format!("{UP} --on-failure keep")).code, Some(4));
    project.account.set(&Settings { delay: Duration::from_secs(5), ..Settings::default() });
    let proxy = Proxy::before(&project.account);
    // The first looks what happened before.
    proxy.rule(Rule::on("CloudFormation.DescribeStackEvents").skip(1).always().expire());
    let run = project.run_through(&proxy, &format!("{UP} --yes --output json"));
    assert_eq!((run.code, json(&run)["outcome"].as_str()), (Some(3), Some("under-way")), "{run:?}");
    assert!(run.errors.contains("is still being removed"), "{}", run.errors);
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
