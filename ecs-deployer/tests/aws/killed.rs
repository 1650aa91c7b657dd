//! The program is killed at every call in turn, and gets the message again: in the end
//! there is one revision, one deployment, and no message.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use testkit::proxy::Proxy;

use crate::shop::{Killed, Moment, Shop, definition, updates};

/// Runs wait most of the time.
const THREADS: usize = 4;

#[test]
fn whoever_is_killed_is_replaced_by_the_next() {
    let cases = cases();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((call, skip, moment)) =
                    cases.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    survives(call, *skip, *moment);
                }
            });
        }
    });
}

fn survives(call: &str, skip: usize, moment: Moment) {
    let shop = Shop::open();
    shop.send("web", &definition("web", "acme/web:2").to_string());
    let Killed { came, updates: before } = shop.kill_at(call, skip, moment);
    // How often it looks how the service is depends on time.
    assert!(came || skip > 1, "{call} {skip} never came");
    shop.redeliver();
    let proxy = Proxy::before(&shop.account);
    let run = shop.run_through(&proxy, "");
    let gone = !came || call == "SQS.DeleteMessage" && moment == Moment::After;
    assert_eq!(run.code, Some(if gone { 4 } else { 0 }), "{call} {skip} {moment:?}: {run:?}");
    assert_eq!(shop.image("web"), "acme/web:2", "{call} {skip} {moment:?}: {run:?}");
    assert_eq!(shop.revisions("web"), 2, "{call} {skip} {moment:?}: {run:?}");
    assert_eq!(shop.waiting(&shop.queue), 0, "{call} {skip} {moment:?}: {run:?}");
    let updates = before + updates(&proxy);
    assert_eq!(updates, 1, "{call} {skip} {moment:?}: {run:?}");
}

/// Every call that is made, each before and after it takes effect.
fn cases() -> Vec<(String, usize, Moment)> {
    const OFTEN: usize = 3;
    let shop = Shop::open();
    shop.send("web", &definition("web", "acme/web:2").to_string());
    let proxy = Proxy::before(&shop.account);
    let run = shop.run_through(&proxy, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut cases: Vec<(String, usize, Moment)> = Vec::new();
    for call in proxy.calls() {
        let seen = cases.iter().filter(|it| it.0 == call.name && it.2 == Moment::Before).count();
        if seen < OFTEN {
            cases.push((call.name.clone(), seen, Moment::Before));
            cases.push((call.name, seen, Moment::After));
        }
    }
    cases
}
