//! `ps` before a local AWS.

use serde_json::Value as Json;
use testkit::emulator::{Image, Settings};
use testkit::http::Response;
use testkit::proxy::{Proxy, Rule};

use crate::shop::{Service, Shop, command, service, template};

#[test]
fn services_are_shown_with_their_tasks_and_addresses() {
    let web = Service { port: Some(8080), ..service("web", 2) };
    let shop = Shop::with(&[web, service("db", 1), service("idle", 0)]);
    insta::assert_snapshot!(redacted(&shop.run("-p shop ps").done()), @"
    NAME | TASKS | STATUS | HEALTH | ADDRESS
    db | 1/1 | Running
    ID | Up AGE
    idle | 0/0 | Idle
    web | 2/2 | Running | http://HOST:8080
    ID | Up AGE
    ID | Up AGE
    ");
}

#[test]
fn programs_get_the_same_as_json() {
    let web = Service { port: Some(80), ..service("web", 1) };
    let shop = Shop::with(&[web]);
    let report = shop.run("ps --stack-name shop --output json").json();
    assert_eq!(report["version"], 1);
    assert_eq!(report["stack"]["project"], "shop");
    let web = &report["services"][0];
    assert_eq!(web["name"], "web");
    assert_eq!(web["state"], "running");
    assert_eq!(web["rollout"]["state"], "COMPLETED");
    let url = web["endpoints"][0]["url"].as_str().unwrap();
    assert!(url.starts_with("http://") && url.contains("elb"), "{url}");
    let ids = shop.run("ps --stack-name shop -q").done();
    assert_eq!(Json::from(ids.trim()), web["tasks"][0]["id"]);
}

#[test]
fn only_services_that_are_named_are_shown() {
    let shop = Shop::with(&[service("web", 1), service("db", 1)]);
    let shown = shop.run("-p shop ps db").done();
    assert!(shown.contains("\ndb ") && !shown.contains("web"), "{shown}");
    let wrong = shop.run("-p shop ps dp");
    assert_eq!(wrong.code, Some(2));
    insta::assert_snapshot!(wrong.errors, @r#"
    error: the stack has no service "dp"
    help: it has db, web
    "#);
}

#[test]
fn tasks_that_stopped_are_shown_with_their_reason_if_asked_for() {
    let shop = Shop::empty();
    let broken = Image::named("api").exits(3);
    shop.account.set(&Settings { images: vec![broken], ..Settings::default() });
    shop.begin("shop", &template(&[service("api", 1)]));
    let shown = (0..100).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        shop.run("-p shop ps --all")
    });
    let mut ended = shown.filter(|run| run.output.contains("Exited (3)"));
    let shown = ended.next().expect("a task exits some time");
    assert!(
        shown.output.contains("Essential container in task exited; api: exit code 3"),
        "{shown:?}"
    );
    let shown = shop.run("-p shop ps");
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(!shown.output.contains("Exited"), "{shown:?}");
    assert!(shown.errors.starts_with("note: the stack shop is "), "{shown:?}");
}

#[test]
fn a_service_that_is_not_made_yet_has_its_name() {
    let shop = Shop::empty();
    shop.account.set(&Settings { delay: std::time::Duration::from_secs(5), ..Settings::default() });
    shop.begin("shop", &template(&[service("my-web", 1)]));
    let shown = (0..100).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        shop.run("-p shop ps")
    });
    let mut made = shown.filter(|shown| shown.output.contains("Not made"));
    let shown = made.next().expect("it is being made for a while");
    assert!(shown.output.contains("\nmy-web "), "{shown:?}");
    assert!(shown.errors.contains("events -f --stack-name shop` shows what"), "{shown:?}");
}

#[test]
fn a_stack_that_is_not_there_is_looked_for_in_a_place_and_has_neighbours() {
    let shop = Shop::with(&[]);
    let missing = shop.run("ps --stack-name shpo");
    assert_eq!(missing.code, Some(2));
    let shown = missing.errors.replace(shop.account.id(), "111122223333");
    insta::assert_snapshot!(shown, @r#"
    error: there is no stack "shpo" in us-east-1 of account 111122223333
    help: `--stack-name shop` names one that is there
    "#);
}

#[test]
fn what_may_not_be_seen_is_told() {
    let web = Service { port: Some(80), ..service("web", 1) };
    let shop = Shop::with(&[web]);
    let proxy = Proxy::before(&shop.account);
    proxy.rule(Rule::on("ELB.*").always().deny());
    let shown = shop.run_through(&proxy, "-p shop ps");
    assert_eq!(shown.code, Some(0));
    assert!(shown.output.contains("\nweb "), "{shown:?}");
    assert!(shown.errors.contains("addresses are not shown"), "{shown:?}");
    proxy.rule(Rule::on("ECS.DescribeServices").always().deny());
    let refused = shop.run_through(&proxy, "-p shop ps");
    assert_eq!(refused.code, Some(3));
    assert!(refused.errors.contains("allow ecs:DescribeServices"), "{refused:?}");
}

#[test]
fn credentials_that_expired_are_told_apart() {
    let shop = Shop::with(&[]);
    let proxy = Proxy::before(&shop.account);
    let error = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
                 <Message>The security token included in the request is expired</Message>\
                 </Error></ErrorResponse>";
    let expired = Response::new(403, "text/xml", error);
    proxy.rule(Rule::on("CloudFormation.*").always().answer(expired));
    for command in ["ps", "logs", "events", "ls"] {
        let refused = shop.run_through(&proxy, &format!("-p shop {command}"));
        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert!(refused.errors.contains("sign in again"), "{refused:?}");
    }
}

#[test]
fn an_empty_region_is_none() {
    let shop = Shop::empty();
    let mut command = command(&shop.account, "-p shop ps");
    let output = command.env("AWS_REGION", "").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: no region is set\n"));
}

#[test]
fn more_tasks_need_no_more_calls() {
    let counts = [1, 30].map(|tasks| {
        let web = Service { port: Some(80), ..service("web", tasks) };
        let shop = Shop::with(&[web, service("db", tasks)]);
        let proxy = Proxy::before(&shop.account);
        let shown = shop.run_through(&proxy, "-p shop ps").done();
        assert_eq!(shown.lines().count() as u32, 1 + 2 + 2 * tasks, "{shown}");
        proxy.calls().len()
    });
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0] <= 8, "{counts:?}");
}

/// Ids, ages and addresses differ each time, and with them the width of columns.
fn redacted(text: &str) -> String {
    text.lines().map(|line| cells(line).join(" | ") + "\n").collect()
}

fn cells(line: &str) -> Vec<String> {
    let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    let is_id =
        |cell: &str| cell.len() == 12 && cell.bytes().all(|c| b"0123456789abcdef-".contains(&c));
    let shown = |cell: &str| match cell.rsplit_once(':') {
        _ if is_id(cell) => "ID".to_owned(),
        _ if cell.starts_with("Up ") => "Up AGE".to_owned(),
        Some((host, port)) if host.starts_with("http://") => format!("http://HOST:{port}"),
        _ => cell.to_owned(),
    };
    cells.map(shown).collect()
}
