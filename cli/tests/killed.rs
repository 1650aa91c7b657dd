//! The program is killed at every call to AWS in turn, and run again: in the end
//! everything is as if nothing had happened.

mod account;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use account::{Moment, Project};
use testkit::emulator::{Image, Settings};
use testkit::proxy::Proxy;

/// Runs wait most of the time.
const THREADS: usize = 6;

const SHOP: &str = "
name: shop
services:
  web:
    image: acme/web:1
    ports: ['80:80']
    secrets: [token]
  store:
    image: acme/store:1
    volumes: ['data:/data']
secrets: {token: {file: ./token}}
volumes: {data: {}}
";

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

/// What an account holds, without what is called differently each time.
fn inventory(project: &Project) -> Vec<String> {
    let account = project.account.id();
    let kinds = project.account.inventory().into_iter().map(|it| it.replace(account, "account"));
    let mut kinds: Vec<String> = kinds.map(|it| without_ids(&it)).collect();
    kinds.sort();
    kinds
}

/// Names that AWS makes up end in letters and digits of no meaning.
fn without_ids(name: &str) -> String {
    let is_made_up = |part: &str| part.len() >= 8 && part.bytes().any(|it| it.is_ascii_digit());
    let parts: Vec<&str> =
        name.split_inclusive(['-', '/']).map(|it| if is_made_up(it) { "…" } else { it }).collect();
    parts.concat()
}

fn survives(story: &Story) {
    let undisturbed = project(story);
    let proxy = Proxy::before(&undisturbed.account);
    let run = undisturbed.run_through(&proxy, story.arguments);
    assert_eq!(run.code, Some(story.code), "{run:?}");
    let names: BTreeSet<String> = proxy.calls().into_iter().map(|call| call.name).collect();
    let (calls, expected) = (proxy.calls().len(), inventory(&undisturbed));
    let status = undisturbed.account.stack_status("shop");

    let cases: Vec<(usize, Moment)> =
        (0..calls).flat_map(|call| [(call, Moment::Before), (call, Moment::After)]).collect();
    let (next, killed) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((call, moment)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let project = project(story);
                    let name = project.kill_at(*call, *moment, story.arguments);
                    killed.lock().unwrap().extend(name.clone());
                    let run = project.run(story.arguments);
                    let place = format!("killed {moment:?} call {call}, {name:?}: {run:?}");
                    assert_eq!(run.code, Some(story.code), "{place}");
                    assert_eq!(project.account.stack_status("shop"), status, "{place}");
                    assert_eq!(inventory(&project), expected, "{place}");
                }
            });
        }
    });
    // How often it looks depends on time, but it makes every kind of call.
    assert_eq!(killed.into_inner().unwrap(), names);
}
