//! `events` before a local AWS.

use std::time::Duration;

use testkit::emulator::{Image, Settings};
use testkit::proxy::{Proxy, Rule};

use crate::following::Following;
use crate::shop::{Shop, command, service, template};

#[test]
fn stack_and_services_are_told_together() {
    let shop = Shop::with(&[service("web", 1)]);
    let shown = shop.run("-p shop events").done();
    let words = ["WebService", "CREATE_IN_PROGRESS", "CREATE_COMPLETE", "has started 1 tasks"];
    for word in words {
        assert!(shown.contains(word), "{word} in {shown}");
    }
    assert!(shown.lines().map(|line| &line[..20]).is_sorted(), "{shown}");
    assert_eq!(shop.run("-p shop events --since 0s").done(), "");
    let lines = shop.run("-p shop events --output json").done();
    let documents: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), shown.lines().count());
    assert!(documents.iter().all(|it| it["version"] == 1 && it["time"].is_string()));
    assert!(documents.iter().any(|it| it["source"] == "service" && it["name"] == "web"));
}

#[test]
fn a_failure_has_its_reason() {
    let shop = Shop::empty();
    let images = vec![Image::named("web").is_missing()];
    shop.account.set(&Settings {
        images,
        stabilize: Some(Duration::from_secs(3)),
        ..Settings::default()
    });
    shop.begin("shop", &template(&[service("web", 1)]));
    shop.account.settled("shop");
    let shown = shop.run("-p shop events").done();
    let failed = shown.lines().find(|line| line.contains("CREATE_FAILED")).expect("it failed");
    assert!(
        failed.split("CREATE_FAILED").nth(1).is_some_and(|reason| reason.len() > 10),
        "{failed}"
    );
}

#[test]
fn following_tells_each_event_once_to_the_end_of_the_stack() {
    let shop = Shop::with(&[service("web", 1)]);
    let before = shop.run("-p shop events").done().lines().count();
    let following = Following::start(&mut command(&shop.account, "-p shop events -f"));
    for _ in 0..before {
        following.line();
    }
    shop.account.delete_stack("shop");
    following.line_with("DELETE_IN_PROGRESS");
    let run = following.end();
    assert_eq!((run.code, run.errors.as_str()), (Some(0), "note: the stack shop is gone\n"));
    assert!(!run.output.contains("CREATE_"), "{}", run.output);
    let last = run.output.lines().last().unwrap_or_default();
    assert!(last.contains("DELETE_COMPLETE"), "{}", run.output);
}

#[test]
fn ctrl_c_is_no_failure_and_silence_loses_nothing() {
    let shop = Shop::with(&[service("web", 1)]);
    let proxy = Proxy::before(&shop.account);
    let account = shop.account.through(&proxy);
    let following = Following::start(&mut command(&account, "-p shop events -f"));
    following.line_with("has started 1 tasks");
    proxy.rule(Rule::on("CloudFormation.DescribeStackEvents").times(2).cut_after());
    proxy.rule(Rule::on("ECS.DescribeServices").times(2).throttle());
    shop.account.update_stack("shop", &template(&[service("web", 2)]));
    following.line_with("UPDATE_COMPLETE");
    assert_eq!(following.interrupt().code, Some(0));
}
