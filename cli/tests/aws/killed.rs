//! The program is killed at every call to AWS in turn, and run again: in the end
//! everything is as if nothing had happened.

use std::collections::BTreeMap;

use crate::account::{Moment, Project, SHOP, for_each};
use testkit::emulator::{Image, Settings};
use testkit::proxy::Proxy;

/// What is done to a project before and when the program is killed.
struct Story {
    /// The state that it begins in.
    begin: fn(&Project),
    /// What is killed, and run again.
    arguments: &'static str,
    /// How it ends when nobody kills it, and when it is run again.
    code: i32,
}

#[test]
fn a_stack_that_is_made() {
    survives(&Story { begin: |_| {}, arguments: "up --no-resolve", code: 0 });
}

#[test]
fn a_stack_that_is_changed() {
    let begin = |project: &Project| {
        up(project);
        project.write("compose.yaml", &SHOP.replace("acme/web:1", "acme/web:2"));
    };
    survives(&Story { begin, arguments: "up --no-resolve", code: 0 });
}

#[test]
fn a_stack_that_is_right_already() {
    survives(&Story { begin: up, arguments: "up --no-resolve", code: 0 });
}

#[test]
fn a_resource_that_is_replaced() {
    let begin = |project: &Project| {
        up(project);
        project.write("compose.yaml", &SHOP.replace("80:80", "80:8080"));
    };
    survives(&Story { begin, arguments: "up --no-resolve --yes", code: 0 });
}

#[test]
fn a_stack_that_cannot_be_made() {
    survives(&Story {
        begin: |project| fail(project, "acme/web:1"),
        arguments: "up --no-resolve",
        code: 4,
    });
}

#[test]
fn a_stack_that_cannot_be_changed() {
    let begin = |project: &Project| {
        up(project);
        fail(project, "acme/web:2");
        project.write("compose.yaml", &SHOP.replace("acme/web:1", "acme/web:2"));
    };
    survives(&Story { begin, arguments: "up --no-resolve", code: 4 });
}

#[test]
fn a_stack_that_is_removed() {
    survives(&Story { begin: up, arguments: "down", code: 0 });
}

fn up(project: &Project) {
    let run = project.run("up --no-resolve");
    assert_eq!(run.code, Some(0), "{run:?}");
}

/// Containers of this image come to an end as soon as they run.
fn fail(project: &Project, image: &str) {
    let images = vec![Image::named(image).exits(3)];
    project.account.set(&Settings { images, ..Settings::default() });
}

fn project(story: &Story) -> Project {
    let project = Project::new(SHOP);
    project.write("token", "hunter2");
    (story.begin)(&project);
    project
}

fn survives(story: &Story) {
    let undisturbed = project(story);
    let proxy = Proxy::before(&undisturbed.account);
    let run = undisturbed.run_through(&proxy, story.arguments);
    assert_eq!(run.code, Some(story.code), "{run:?}");
    let (cases, expected) = (cases(&proxy), undisturbed.inventory());
    let status = undisturbed.account.stack_status("shop");
    for_each(&cases, |_, case| {
        let project = project(story);
        let Case { call, skip, moment } = case;
        let is_killed = project.kill_at(call, *skip, *moment, story.arguments);
        // How often it looks what happens, and what it sees then, depends on time.
        let depends_on_time = *skip > 0 || call == "ECS.DescribeServices";
        assert!(is_killed || depends_on_time, "{case:?} never came");
        let run = project.run(story.arguments);
        assert_eq!(run.code, Some(story.code), "{case:?}: {run:?}");
        assert_eq!(project.account.stack_status("shop"), status, "{case:?}: {run:?}");
        assert_eq!(project.inventory(), expected, "{case:?}: {run:?}");
    });
}

/// Where the program is killed.
#[derive(Debug)]
struct Case {
    call: String,
    skip: usize,
    moment: Moment,
}

/// Every call that was made, each before and after it takes effect. What is done again
/// and again until something happens is done as often as this.
fn cases(proxy: &Proxy) -> Vec<Case> {
    const OFTEN: usize = 4;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut cases = Vec::new();
    for call in proxy.calls().into_iter().map(|call| call.name) {
        let times = seen.entry(call.clone()).or_default();
        if *times < OFTEN {
            let case = |moment| Case { call: call.clone(), skip: *times, moment };
            cases.extend([case(Moment::Before), case(Moment::After)]);
        }
        *times += 1;
    }
    cases
}
