//! Large stacks: time and calls grow with what is there, and no faster; of lists of many
//! pages, nothing is lost.

use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};
use testkit::proxy::Proxy;

use crate::account::{Project, Run};

/// As many as a template of two resources each can have: CloudFormation takes 500.
const SERVICES: usize = 200;

const APPLY: &str = "up --no-resolve --template stack.json";
const PLAN: &str = "plan --no-resolve --template stack.json --output json";

/// A template of services that all run this image.
fn template(image: &str) -> String {
    let mut resources = Map::new();
    resources.insert("Cluster".to_owned(), json!({ "Type": "AWS::ECS::Cluster" }));
    for number in 0..SERVICES {
        let task = json!({
            "Family": format!("large-s{number:03}"),
            "ContainerDefinitions": [{ "Name": "main", "Image": image, "Essential": true }],
        });
        let service = json!({
            "Cluster": { "Ref": "Cluster" },
            "DesiredCount": 1,
            "TaskDefinition": { "Ref": format!("S{number:03}Task") },
        });
        let mut add = |name: String, kind: &str, properties: Json| {
            resources.insert(name, json!({ "Type": kind, "Properties": properties }))
        };
        add(format!("S{number:03}Task"), "AWS::ECS::TaskDefinition", task);
        add(format!("S{number:03}Service"), "AWS::ECS::Service", service);
    }
    json!({ "Resources": resources }).to_string()
}

/// Runs the program, says how long that took and how many calls, and bounds both: the
/// time is for a machine that is busy with something else.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what the test is about")]
#[expect(clippy::print_stdout, reason = "the harness shows what tests print")]
fn bounded(project: &Project, arguments: &str, seconds: u64) -> (Run, Proxy) {
    let proxy = Proxy::before(&project.account);
    let start = Instant::now();
    let run = project.run_through(&proxy, arguments);
    let took = start.elapsed();
    println!("{arguments}: {} calls, {took:?}", proxy.calls().len());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(took < Duration::from_secs(seconds), "{arguments} took {took:?}");
    (run, proxy)
}

/// The calls of a run that makes or changes something: those that look what happens are
/// as many as time allows.
fn besides_looking(proxy: &Proxy) -> usize {
    proxy.count("*")
        - proxy.count("CloudFormation.DescribeStackEvents")
        - proxy.count("ECS.DescribeServices")
        - proxy.count("ECS.ListTasks")
}

#[test]
fn two_hundred_services_are_made_planned_and_changed() {
    let project = Project::new("name: large\nservices: {one: {image: x}}\n");
    project.write("stack.json", &template("acme/web:1"));
    let (made, proxy) = bounded(&project, APPLY, 240);
    assert!(made.errors.contains("CREATE_COMPLETE"), "{made:?}");
    assert!(besides_looking(&proxy) < 60, "{:?}", proxy.calls());

    let (plan, proxy) = bounded(&project, PLAN, 60);
    assert_eq!(changes(&plan), 0);
    assert_eq!(proxy.count("ECS.DescribeServices"), SERVICES / 10);
    assert!(proxy.count("*") < SERVICES / 10 + 30, "{:?}", proxy.calls());

    project.write("stack.json", &template("acme/web:2"));
    let (plan, proxy) = bounded(&project, PLAN, 60);
    assert_eq!(changes(&plan), 2 * SERVICES, "no change is lost between pages");
    assert!(proxy.count("CloudFormation.DescribeChangeSet") >= 4);
    assert!(proxy.count("*") < SERVICES / 10 + 30, "{:?}", proxy.calls());

    let (changed, proxy) = bounded(&project, APPLY, 240);
    assert!(changed.errors.contains("UPDATE_COMPLETE"), "{changed:?}");
    assert!(besides_looking(&proxy) < 60, "{:?}", proxy.calls());
    for number in 0..SERVICES {
        let name = format!("S{number:03}Service ");
        let lines = changed.errors.lines().filter(|line| line.contains(&name));
        let told: Vec<&str> = lines.filter(|line| line.contains("UPDATE_COMPLETE")).collect();
        assert_eq!(told.len(), 1, "{told:?}");
    }
    assert!(told_events(&project) >= 2000, "{}", told_events(&project));

    let (same, proxy) = bounded(&project, APPLY, 60);
    assert!(same.errors.contains("nothing to change"), "{same:?}");
    // Of two thousand events, none is asked for.
    assert_eq!(proxy.count("CloudFormation.DescribeStackEvents"), 0);
    assert_eq!(proxy.count("ECS.DescribeServices"), 2 * SERVICES / 10);
    assert!(proxy.count("*") < 2 * SERVICES / 10 + 40, "{:?}", proxy.calls());
}

fn changes(plan: &Run) -> usize {
    let plan: Json = serde_json::from_str(&plan.output).expect("a plan is JSON");
    plan["changes"].as_array().map_or(0, Vec::len)
}

fn told_events(project: &Project) -> usize {
    let run = project.run("events --stack-name large");
    assert_eq!(run.code, Some(0), "{run:?}");
    run.output.lines().count()
}
