//! Large stacks before a local AWS: what is asked and how long it takes grows with what
//! is there, and no faster.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use testkit::emulator::Account;
use testkit::proxy::Proxy;

use crate::following::Following;
use crate::shop::{Service, Shop, command, service, template};

fn services(count: usize, tasks: u32) -> Vec<Service> {
    (0..count).map(|number| service(&format!("s{number:03}"), tasks)).collect()
}

fn crowd(count: usize) -> (Shop, Proxy) {
    let shop = Shop::with(&services(count, 1));
    let proxy = Proxy::before(&shop.account);
    (shop, proxy)
}

#[test]
fn two_hundred_services_are_looked_at_in_few_calls() {
    let (shop, proxy) = crowd(200);
    let account = shop.account.through(&proxy);
    let ps = calls(&account, &proxy, "-p shop ps", 1 + 400);
    // One for the stack, a page of resources for a hundred of them, one for ten
    // services and one for a hundred tasks.
    assert!(ps <= 1 + 5 + 20 + 4, "{ps}");
    for number in 0..200 {
        shop.write(&format!("shop/s{number:03}/1"), &[(1, "line"), (2, "line")]);
    }
    let logs = calls(&account, &proxy, "-p shop logs", 400);
    assert!(logs <= 1 + 5 + 1 + 1, "{logs}");
    let tail = calls(&account, &proxy, "-p shop logs --tail 1", 200);
    assert!(tail <= 1 + 5 + 1 + 3, "{tail}");
}

#[test]
fn two_hundred_services_are_followed_without_losing_or_doubling_a_line() {
    let (shop, _) = crowd(200);
    let arguments = "-p shop logs -f --since 1m --no-log-prefix";
    let following = Following::start(&mut command(&shop.account, arguments));
    let mut expected = BTreeSet::new();
    for round in 0..5 {
        for number in 0..200 {
            let line = format!("round {round} of {number}");
            let time = jiff::Timestamp::now().as_millisecond();
            shop.write(&format!("shop/s{number:03}/1"), &[(time, &line)]);
            expected.insert(line);
        }
    }
    let shown: BTreeSet<_> = (0..expected.len()).map(|_| following.line()).collect();
    assert_eq!(shown, expected);
    assert_eq!(following.interrupt().output, "");
}

#[test]
fn two_thousand_events_are_told_once_each() {
    let (shop, proxy) = crowd(200);
    shop.change("shop", &template(&services(200, 2)));
    let account = shop.account.through(&proxy);
    let told = shop.run("-p shop events").done();
    assert!(told.lines().count() >= 2000, "{}", told.lines().count());
    let following = Following::start(&mut command(&account, "-p shop events -f"));
    for line in told.lines() {
        assert_eq!(following.line(), line);
    }
    // A round asks for the newest page of events, and for ten services at a time.
    proxy.forget_calls();
    std::thread::sleep(Duration::from_secs(15));
    let rounds = proxy.count("CloudFormation.DescribeStackEvents");
    assert!(
        rounds >= 2 && proxy.count("*") <= (rounds + 1) * 21,
        "{rounds} {:?}",
        proxy.count("*")
    );
    assert_eq!(following.interrupt().output, "");
}

/// Runs the program, and counts its calls.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what the test is about")]
fn calls(account: &Account, proxy: &Proxy, arguments: &str, lines: usize) -> usize {
    proxy.forget_calls();
    let start = Instant::now();
    let output = command(account, arguments).output().expect("the program runs");
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "{arguments} took {took:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), lines, "{output:?}");
    proxy.calls().len()
}
