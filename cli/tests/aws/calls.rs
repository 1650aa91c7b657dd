//! How often AWS is asked. What did not change costs nothing but the steps in which lists
//! come: ten services, a hundred resources, events or tasks. A template of more than
//! 51,200 bytes, such as one of twenty services, goes through a bucket, which is asked
//! whether it is there already.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use testkit::emulator::Settings;
use testkit::http::Response;
use testkit::proxy::{Proxy, Rule};

use crate::account::Project;

const UP: &str = "up --no-resolve";

/// A project with so many services, one of which is reached from outside and one of
/// which keeps files.
fn project(services: usize) -> Project {
    let mut compose = "name: shop\nvolumes: {data: {}}\nservices:\n".to_owned();
    for number in 0..services {
        let more = match number {
            0 => ", ports: ['80:80']",
            1 => ", volumes: ['data:/data']",
            _ => "",
        };
        let _ = writeln!(compose, "  s{number:02}: {{image: acme/web:1{more}}}");
    }
    let project = Project::new(&compose);
    let run = project.run(UP);
    assert_eq!(run.code, Some(0), "{run:?}");
    project
}

/// How often each call was made.
fn calls(project: &Project, arguments: &str) -> BTreeMap<String, usize> {
    let proxy = Proxy::before(&project.account);
    let run = project.run_through(&proxy, arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut counts = BTreeMap::new();
    for call in proxy.calls() {
        *counts.entry(call.name.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

/// A line for each call, with a number for each size of the project.
fn table(arguments: &str) -> String {
    let [few, many] = [2, 20].map(|services| calls(&project(services), arguments));
    let names: BTreeSet<&String> = few.keys().chain(many.keys()).collect();
    let of = |counts: &BTreeMap<String, usize>, name| counts.get(name).copied().unwrap_or(0);
    let line = |name| format!("{name} {} {}\n", of(&few, name), of(&many, name));
    let (all_few, all_many): (usize, usize) = (few.values().sum(), many.values().sum());
    format!("{}all {all_few} {all_many}", names.into_iter().map(line).collect::<String>())
}

#[test]
fn an_up_that_changes_nothing() {
    insta::assert_snapshot!(table(UP), @"
    CloudFormation.CreateChangeSet 1 1
    CloudFormation.DeleteChangeSet 1 1
    CloudFormation.DescribeChangeSet 1 1
    CloudFormation.DescribeStacks 2 2
    CloudFormation.GetTemplate 1 1
    CloudFormation.ListStackResources 3 3
    EC2.DescribeRouteTables 1 1
    EC2.DescribeSubnets 1 1
    EC2.DescribeVpcs 1 1
    ECS.DescribeServices 2 4
    ECS.DescribeTasks 1 1
    ECS.ListTasks 1 1
    EFS.GET 1 1
    ELB.DescribeListeners 1 1
    ELB.DescribeLoadBalancers 1 1
    ELB.DescribeTargetHealth 1 1
    S3.HEAD 0 1
    STS.GetCallerIdentity 0 1
    all 20 24
    ");
}

#[test]
fn a_plan_of_a_stack_that_is_right() {
    insta::assert_snapshot!(table("plan --no-resolve"), @"
    CloudFormation.CreateChangeSet 1 1
    CloudFormation.DeleteChangeSet 1 1
    CloudFormation.DescribeChangeSet 1 1
    CloudFormation.DescribeStacks 1 1
    CloudFormation.GetTemplate 1 1
    CloudFormation.ListStackResources 2 2
    EC2.DescribeRouteTables 1 1
    EC2.DescribeSubnets 1 1
    EC2.DescribeVpcs 1 1
    ECS.DescribeServices 1 2
    EFS.GET 1 1
    S3.HEAD 0 1
    STS.GetCallerIdentity 0 1
    all 12 15
    ");
}

#[test]
fn a_look_at_services() {
    insta::assert_snapshot!(table("ps"), @"
    CloudFormation.DescribeStacks 1 1
    CloudFormation.ListStackResources 1 1
    ECS.DescribeServices 1 2
    ECS.DescribeTasks 1 1
    ECS.ListTasks 1 1
    ELB.DescribeListeners 1 1
    ELB.DescribeLoadBalancers 1 1
    ELB.DescribeTargetHealth 1 1
    all 8 9
    ");
}

#[test]
fn a_look_at_progress_costs_a_call_and_one_for_ten_services() {
    for (services, each) in [(2, 1 + 1), (20, 1 + 2)] {
        let project = project(services);
        let proxy = Proxy::before(&project.account);
        let events = Rule::on("CloudFormation.DescribeStackEvents").skip(1).always();
        proxy.rule(events.answer(all_under_way(&project)));
        let run = project.run_through(&proxy, "up --no-resolve --tags a=b --timeout 6s");
        assert_eq!(run.code, Some(5), "{run:?}");
        assert_eq!(looks(&proxy), vec![each; looks(&proxy).len()]);
    }
}

#[test]
fn who_is_at_work_is_known_from_the_newest_events() {
    let project = project(2);
    project.account.set(&Settings { delay: Duration::from_secs(2), ..Settings::default() });
    let other = project.run("up --no-resolve --tags a=b --detach");
    assert_eq!(other.code, Some(0), "{other:?}");
    let proxy = Proxy::before(&project.account);
    let events = Rule::on("CloudFormation.DescribeStackEvents").always();
    proxy.rule(events.answer(first_page(&project)));
    let run = project.run_through(&proxy, "up --no-resolve --tags a=c --detach");
    assert_eq!(run.code, Some(3), "{run:?}");
    let reads = |name: &str| name == "CloudFormation.DescribeStackEvents";
    assert_eq!(proxy.calls().iter().filter(|call| reads(&call.name)).count(), 1);
}

/// How many calls each look took but the first, which finds what there is, and the last,
/// which does not come to its end.
fn looks(proxy: &Proxy) -> Vec<usize> {
    let names: Vec<String> = proxy.calls().into_iter().map(|call| call.name).collect();
    let looks = names.split_inclusive(|name| name == "CloudFormation.DescribeStackEvents");
    let sizes: Vec<usize> = looks.map(<[String]>::len).collect();
    assert!(sizes.len() > 5, "{names:?}");
    sizes[2..sizes.len() - 1].to_vec()
}

/// What CloudFormation says when it changes all services of a stack.
fn all_under_way(project: &Project) -> Response {
    let resources = project.account.query("cloudformation", "ListStackResources", &SHOP);
    let names = resources.texts("PhysicalResourceId").into_iter();
    let all = names.zip(resources.texts("LogicalResourceId"));
    let services = all.filter(|(arn, _)| arn.contains(":service/"));
    let stack = stack(project);
    let event = |(arn, id): (String, String)| {
        event(&stack, &id, &arn, "AWS::ECS::Service", "UPDATE_IN_PROGRESS")
    };
    events(&services.map(event).collect::<String>(), "")
}

/// What CloudFormation says first of a stack that is being changed and has a long history.
fn first_page(project: &Project) -> Response {
    let stack = stack(project);
    let states = ["UPDATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_IN_PROGRESS"];
    let event = |state: &str| event(&stack, state, &stack, "AWS::CloudFormation::Stack", state);
    events(&states.map(event).concat(), "<NextToken>older</NextToken>")
}

const SHOP: [(&str, &str); 1] = [("StackName", "shop")];

fn stack(project: &Project) -> String {
    project.account.query("cloudformation", "DescribeStacks", &SHOP).text("StackId")
}

fn event(stack: &str, id: &str, arn: &str, kind: &str, status: &str) -> String {
    format!(
        "<member><StackId>{stack}</StackId><EventId>{id}</EventId><StackName>shop</StackName>\
         <LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{arn}</PhysicalResourceId>\
         <ResourceType>{kind}</ResourceType><Timestamp>2026-01-01T00:00:00Z</Timestamp>\
         <ResourceStatus>{status}</ResourceStatus></member>"
    )
}

fn events(members: &str, more: &str) -> Response {
    let body = format!(
        "<DescribeStackEventsResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
         <DescribeStackEventsResult><StackEvents>{members}</StackEvents>{more}\
         </DescribeStackEventsResult></DescribeStackEventsResponse>"
    );
    Response::new(200, "text/xml", body)
}
