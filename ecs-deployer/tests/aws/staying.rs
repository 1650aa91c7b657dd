//! A program that stays.

use std::time::Duration;

use serde_json::Value;
use testkit::proxy::Proxy;

use crate::shop::{Shop, definition};

#[test]
fn twenty_services_are_deployed_by_one_program() {
    let mut shop = Shop::open();
    shop.variables.push(("ECS_CONCURRENCY", "20".to_owned()));
    let names: Vec<String> = (0..20).map(|number| format!("s{number:02}")).collect();
    for name in &names {
        shop.service(name, "acme/web:1");
        shop.send(name, &definition(name, "acme/web:2").to_string());
    }
    let daemon = shop.begin("--daemon");
    shop.until(|| shop.waiting(&shop.queue) == 0);
    let run = daemon.terminate();
    assert_eq!(run.code, Some(143), "{run:?}");
    for name in &names {
        assert_eq!((shop.image(name).as_str(), shop.revisions(name)), ("acme/web:2", 2), "{run:?}");
    }
}

#[test]
fn t57_who_is_asked_to_stop_leaves_the_message_to_the_next() {
    let mut shop = Shop::open();
    shop.variables.push(("LOG_LEVEL", "debug".to_owned()));
    shop.send("web", &definition("web", "acme/web:2").to_string());
    let daemon = shop.begin("--daemon");
    shop.until(|| shop.image("web") == "acme/web:2");
    let run = daemon.terminate();
    assert_eq!(run.code, Some(143), "{run:?}");
    // Either it was quick, or the message comes again in a moment.
    std::thread::sleep(Duration::from_secs(6));
    let run = shop.run("");
    assert!(matches!(run.code, Some(0 | 4)), "{run:?}");
    assert_eq!((shop.revisions("web"), shop.waiting(&shop.queue)), (2, 0));
}

/// What a program that stays says of its queue, if that is like this.
fn told_of(policy: Option<u32>) -> String {
    let shop = Shop::open();
    if let Some(most) = policy {
        shop.puts_away_after(most);
    }
    shop.run("--drain").errors
}

#[test]
fn t59_a_queue_that_puts_nothing_away_is_told_at_the_beginning() {
    assert!(told_of(None).contains("puts no message away"));
    let told = told_of(Some(5));
    assert!(!told.contains("queue.policy"), "{told}");
}

#[test]
fn t60_a_queue_that_gives_a_message_once_is_told_at_the_beginning() {
    let told = told_of(Some(1));
    assert!(told.contains("received once"), "{told}");
}

#[test]
fn two_deployers_whose_orders_cross_leave_the_later_one() {
    const ROUNDS: usize = 12;
    let shop = Shop::open();
    for round in 0..ROUNDS {
        let (name, earlier, later) = (format!("s{round:02}"), "acme/web:2", "acme/web:3");
        shop.service(&name, "acme/web:1");
        shop.send(&name, &definition(&name, earlier).to_string());
        std::thread::sleep(Duration::from_millis(5));
        shop.send(&name, &definition(&name, later).to_string());
        let (one, other) = (shop.begin(""), shop.begin(""));
        let (one, other) = (one.wait(), other.wait());
        assert_eq!(shop.image(&name), later, "{one:?}\n{other:?}");
        assert_eq!((shop.revisions(&name), shop.waiting(&shop.queue)), (3, 0));
        let codes = [one.code, other.code];
        assert!(codes.contains(&Some(0)), "whoever is live knows it: {one:?}\n{other:?}");
    }
}

#[test]
fn what_comes_to_a_daemon_that_is_being_stopped_comes_again_soon() {
    let shop = Shop::open();
    let proxy = Proxy::before(&shop.account);
    let through = Shop { account: shop.account.through(&proxy), ..shop };
    let daemon = through.begin("--daemon");
    through.until(|| proxy.count("SQS.ReceiveMessage") > 0);
    assert_eq!(daemon.terminate().code, Some(143));
    let calls = proxy.calls();
    let asked = calls.iter().find(|call| call.name == "SQS.ReceiveMessage");
    let asked = asked.and_then(|call| serde_json::from_slice::<Value>(&call.body).ok());
    assert_eq!(asked.map(|it| it["VisibilityTimeout"].clone()), Some(120.into()));
}
