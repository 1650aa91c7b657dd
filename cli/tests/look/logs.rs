//! `logs` before a local AWS.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use testkit::emulator::{Emulator, Image, Settings, shell_image};
use testkit::http::Response;
use testkit::proxy::{Proxy, Rule};

use crate::following::Following;
use crate::shop::{Service, Shop, command, service, template};

#[test]
fn lines_of_all_services_are_shown_in_order() {
    let shop = Shop::with(&[service("web", 1), service("db", 1)]);
    let now = now();
    shop.write("shop/web/1111111122222222", &[(now - 3000, "one\n"), (now - 1000, "three")]);
    shop.write("shop/db/3333333344444444", &[(now - 2000, "two")]);
    shop.write("other/db/5555555566666666", &[(now - 2000, "not ours")]);
    insta::assert_snapshot!(shop.run("-p shop logs").done(), @"
    web/11111111 | one
    db/33333333  | two
    web/11111111 | three
    ");
    assert_eq!(shop.run("-p shop logs --no-log-prefix db").done(), "two\n");
    let lines = shop.run("-p shop logs web --output json").done();
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let expected = (&json!(1), &json!("web"), &json!("one\n"), &json!("1111111122222222"));
    assert_eq!((&first["version"], &first["service"], &first["message"], &first["task"]), expected);
}

#[test]
fn tasks_of_the_stack_write_to_where_lines_are_looked_for() {
    let shop = Shop::empty();
    let image = Image::named("web").logs(&["listening"]);
    shop.account.set(&Settings { images: vec![image], ..Settings::default() });
    shop.deploy("shop", &template(&[service("web", 2)]));
    let shown = wait_for(|| shop.run("-p shop logs").done(), |shown| shown.lines().count() == 2);
    assert!(shown.lines().all(|line| line.ends_with(" | listening")), "{shown}");
}

#[test]
fn time_can_be_bounded() {
    let shop = Shop::with(&[service("web", 1)]);
    let now = now();
    let at = |minutes: i64| now - minutes * 60_000;
    shop.write("shop/web/1", &[(at(200), "old"), (at(100), "middle"), (at(1), "new")]);
    let shown = |options: &str| {
        shop.run(&format!("-p shop logs --no-log-prefix {options}")).done().replace('\n', " ")
    };
    assert_eq!(shown("--since 2h"), "middle new ");
    assert_eq!(shown("--until 50m"), "old middle ");
    assert_eq!(shown("--since 150m --until 50m"), "middle ");
    assert_eq!(shown("--until 50m --tail 1"), "middle ");
    assert_eq!(shown("--tail 2"), "middle new ");
    assert_eq!(shown("--tail 0"), "");
    assert_eq!(shown("--filter middle"), "middle ");
    assert_eq!(shown("--since 2020-01-01 --until 2020-01-02"), "");
    let stamped = shown("-t --tail 1");
    assert!(stamped.contains('Z') && stamped.ends_with(" new "), "{stamped}");
}

#[test]
fn the_tail_is_not_looked_for_in_all_of_time() {
    let shop = Shop::with(&[service("web", 1)]);
    let proxy = Proxy::before(&shop.account);
    shop.write("shop/web/1", &[(now() - 1000, "new")]);
    let shown = shop.run_through(&proxy, "-p shop logs --tail 1 --no-log-prefix").done();
    assert_eq!(shown, "new\n");
    assert_eq!(proxy.count("Logs.FilterLogEvents"), 1);
}

#[test]
fn every_page_is_read() {
    let shop = Shop::with(&[service("web", 1)]);
    let proxy = Proxy::before(&shop.account);
    let page = |id: i64, next: Option<&str>| {
        let event = json!({
            "eventId": id.to_string(),
            "timestamp": 1_000_000 + id,
            "logStreamName": "shop/web/1",
            "message": format!("line {id}"),
        });
        let events = if id == 2 { vec![] } else { vec![event] };
        let body = json!({ "events": events, "nextToken": next, "searchedLogStreams": [] });
        Response::new(200, "application/x-amz-json-1.1", body.to_string())
    };
    for (id, next) in [(1, Some("a")), (2, Some("b")), (3, None)] {
        proxy.rule(Rule::on("Logs.FilterLogEvents").answer(page(id, next)));
    }
    let shown = shop.run_through(&proxy, "-p shop logs --no-log-prefix").done();
    assert_eq!(shown, "line 1\nline 3\n");
}

#[test]
fn services_that_log_elsewhere_are_named() {
    let splunk = Service { driver: Some("splunk"), ..service("web", 1) };
    let silent = Service { driver: None, ..service("db", 1) };
    let shop = Shop::with(&[splunk, silent]);
    let shown = shop.run("-p shop logs -f");
    assert_eq!((shown.code, shown.output.as_str()), (Some(0), ""));
    insta::assert_snapshot!(shown.errors, @"
    note: db keeps no logs: it has no log driver
    note: the logs of web are where splunk sends them: awslogs-group /docker-compose/shop, awslogs-region us-east-1, awslogs-stream-prefix shop
    ");
}

#[test]
fn following_shows_each_line_once_and_late_ones_too() {
    let shop = Shop::with(&[service("web", 1)]);
    let start = now();
    shop.write("shop/web/1", &[(start - 20_000, "before")]);
    let following =
        Following::start(&mut command(&shop.account, "-p shop logs -f --tail 1 --no-log-prefix"));
    assert_eq!(following.line(), "before");
    shop.write("shop/web/1", &[(now(), "now")]);
    assert_eq!(following.line(), "now");
    // Of another task, and older than what was shown already.
    shop.write("shop/web/2", &[(now() - 10_000, "late"), (now(), "end")]);
    assert_eq!((following.line(), following.line()), ("late".to_owned(), "end".to_owned()));
    let run = following.interrupt();
    assert_eq!((run.code, run.output.as_str(), run.errors.as_str()), (Some(0), "", ""));
}

#[test]
fn following_ends_with_the_stack() {
    let shop = Shop::with(&[service("web", 1)]);
    shop.write("shop/web/1", &[(now(), "one")]);
    let following =
        Following::start(&mut command(&shop.account, "-p shop logs -f --no-log-prefix"));
    assert_eq!(following.line(), "one");
    shop.account.delete_stack("shop");
    let run = following.end();
    assert_eq!((run.code, run.errors.as_str()), (Some(0), "note: the stack shop is gone\n"));
}

#[test]
fn following_ends_when_nobody_reads() {
    let shop = Shop::with(&[service("web", 1)]);
    shop.write("shop/web/1", &[(now(), "one")]);
    let following =
        Following::start(&mut command(&shop.account, "-p shop logs -f --no-log-prefix"));
    assert_eq!(following.line(), "one");
    let mut child = following.hang_up();
    // Whoever reads sees that nobody wants its lines when there is one.
    let ended = wait_for(
        || child.try_wait().unwrap(),
        |ended| {
            shop.write("shop/web/1", &[(now(), "more")]);
            ended.is_some()
        },
    );
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
}

#[test]
fn no_answer_for_a_while_loses_no_line() {
    let shop = Shop::with(&[service("web", 1)]);
    let proxy = Proxy::before(&shop.account);
    let following = Following::start(&mut command(
        &shop.account.through(&proxy),
        "-p shop logs -f --no-log-prefix",
    ));
    shop.write("shop/web/1", &[(now(), "one")]);
    assert_eq!(following.line(), "one");
    proxy.rule(Rule::on("Logs.FilterLogEvents").times(2).cut_after());
    proxy.rule(Rule::on("Logs.FilterLogEvents").times(2).throttle());
    shop.write("shop/web/1", &[(now(), "two")]);
    assert_eq!(following.line(), "two");
    following.interrupt();
}

#[test]
fn lines_of_real_containers_appear() {
    const TEST: &str = "lines_of_real_containers_appear";
    let Some(image) = shell_image(TEST) else { return };
    let Some(emulator) = Emulator::with_containers(TEST) else { return };
    let shop = Shop { account: emulator.account() };
    let template = template(&[service("web", 1)])
        .replace(r#""Image":"web""#, &format!(r#""Image":"{image}","Command":["sh","-c","echo to stdout; echo to stderr >&2; sleep 60"]"#));
    shop.deploy("shop", &template);
    let shown = wait_for(
        || shop.run("-p shop logs --no-log-prefix").done(),
        |shown| shown.lines().count() == 2,
    );
    let mut lines: Vec<_> = shown.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["to stderr", "to stdout"]);
    shop.account.delete_stack("shop");
    shop.account.settled("shop");
}

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Asks until the answer fits.
fn wait_for<T: std::fmt::Debug>(mut ask: impl FnMut() -> T, fits: impl Fn(&T) -> bool) -> T {
    for _ in 0..150 {
        let answer = ask();
        if fits(&answer) {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("it never fits: {:?}", ask());
}
