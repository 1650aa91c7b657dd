//! `ls` before a local AWS.

use std::time::Duration;

use testkit::emulator::{Image, Settings};
use testkit::proxy::Proxy;

use crate::shop::{Shop, service, template};

#[test]
fn stacks_of_compose_projects_are_listed() {
    let shop = Shop::with(&[]);
    shop.account.create_stack("network", &template(&[]).replace("/docker", "/other"));
    shop.account.settled("network");
    let shown = shop.run("ls").done();
    let row: Vec<_> = shown.lines().nth(1).unwrap().split_whitespace().take(3).collect();
    assert_eq!((shown.lines().count(), row), (2, vec!["shop", "shop", "CREATE_COMPLETE"]));
    assert_eq!(shop.run("ls -q").done(), "shop\n");
    let report = shop.run("ls --output json").json();
    assert_eq!((&report["version"], &report["stacks"][0]["project"]), (&1.into(), &"shop".into()));
}

#[test]
fn no_stacks_are_an_empty_list() {
    let shop = Shop::empty();
    assert_eq!(shop.run("ls").done().lines().count(), 1);
    assert_eq!(shop.run("ls --output json").json()["stacks"], serde_json::json!([]));
}

#[test]
fn failed_stacks_are_listed_if_asked_for() {
    let shop = Shop::empty();
    let images = vec![Image::named("web").is_missing()];
    shop.account.set(&Settings {
        images,
        stabilize: Some(Duration::from_secs(3)),
        ..Settings::default()
    });
    shop.begin("shop", &template(&[service("web", 1)]));
    assert_eq!(shop.account.settled("shop"), "ROLLBACK_COMPLETE");
    let shown = shop.run("ls");
    assert_eq!(shown.output.lines().count(), 1);
    assert_eq!(shown.errors, "note: --all shows 1 more, which failed or are being removed\n");
    let shown = shop.run("ls --all").done();
    assert!(shown.contains("ROLLBACK_COMPLETE"), "{shown}");
}

#[test]
fn every_page_of_stacks_is_read() {
    let shop = Shop::empty();
    for number in 0..120 {
        let template = template(&[]).replace("/docker-compose/shop", &format!("/shop/{number}"));
        shop.begin(&format!("shop-{number:03}"), &template);
    }
    shop.account.settled("shop-119");
    let proxy = Proxy::before(&shop.account);
    let shown = shop.run_through(&proxy, "ls -q --all").done();
    assert_eq!((shown.lines().count(), shown.lines().last()), (120, Some("shop-119")));
    assert_eq!(proxy.count("CloudFormation.DescribeStacks"), 2);
}
