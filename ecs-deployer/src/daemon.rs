//! Stays, and works on messages as they come: on several services at the same time,
//! and on each service's messages one after the other.

mod tray;

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use ecs_apply::rollout::Cloud;
use tokio::sync::watch;
use tokio::time::{interval, timeout};

use self::tray::{Ended, Tray, Turn};
use crate::crew::Crew;
use crate::exit::Exit;
use crate::lease::Held;
use crate::queue::Queue;
use crate::run::patience;
use crate::worker::{Desk, HURRY, Herald, Seen, Witness};

/// So often it is said that the program is at work, whatever it waits for.
const AWAKE: Duration = Duration::from_secs(15);

/// Whoever is asked to stop has ended after this time.
const LAST: Duration = HURRY.saturating_mul(2);

/// Works until it is asked to stop.
pub async fn daemon<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    stop: impl Future<Output = ()>,
) -> Exit {
    let (stopping, stopped) = watch::channel(false);
    let mut tray = Tray::default();
    let mut crew: Crew<'_, Ended> = Crew::default();
    // What goes on beside the works.
    let mut aside: Crew<'_, ()> = Crew::default();
    let mut stop = std::pin::pin!(stop);
    let mut awake = interval(AWAKE);
    let mut errors = 0;
    // A receive that is given up could lose what it was about to get.
    let mut asking = None;
    loop {
        // Whoever takes more than can be worked on keeps others from it.
        let free = desk.settings.concurrency.saturating_sub(crew.len());
        if asking.is_none() && free > 0 && tray.has_room() {
            asking = Some(Box::pin(receive(desk, errors, free)));
        }
        tokio::select! {
            () = &mut stop => break,
            _ = awake.tick() => desk.witness.see(None, Seen::Awake),
            () = aside.next(), if !aside.is_empty() => {}
            ended = crew.next(), if !crew.is_empty() => {
                for (held, request) in tray.release(&ended, desk.settings) {
                    aside.begin(async move { desk.coalesce(&held, &request).await });
                }
            }
            received = answer(&mut asking) => {
                asking = None;
                errors = if received.is_err() { errors + 1 } else { 0 };
                for held in received.unwrap_or_default() {
                    if let Some((held, turn)) = tray.put(held) {
                        aside.begin(wait(desk, held, turn));
                    }
                }
            }
        }
        while crew.len() < desk.settings.concurrency {
            let Some((service, held)) = tray.take(desk.settings) else { break };
            crew.begin(work(desk, service, held, stopped.clone()));
        }
    }
    let _ = stopping.send(true);
    // Nobody has begun with these: others may have them at once.
    for held in tray.empty() {
        aside.begin(give_back(desk, held));
    }
    let _ = timeout(LAST, async { tokio::join!(crew.all(), aside.all()) }).await;
    Exit::Stopped
}

/// Waits for ever, if nothing was asked.
async fn answer<F: Future + Unpin>(asked: &mut Option<F>) -> F::Output {
    match asked {
        Some(answer) => answer.await,
        None => std::future::pending().await,
    }
}

async fn signal(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|it| *it).await;
}

async fn receive<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    errors: u32,
    free: usize,
) -> Result<Vec<Held>, ()> {
    if errors > 0 {
        tokio::time::sleep(patience(errors)).await;
    }
    let most = u8::try_from(free.clamp(1, 10)).unwrap_or(10);
    desk.receive(most).await.map_err(drop)
}

async fn work<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    service: String,
    held: Rc<Held>,
    stopped: watch::Receiver<bool>,
) -> Ended {
    let end = desk.work(&held, signal(stopped)).await;
    Ended { service, held, is_decided: end.is_decided }
}

/// Keeps a message from others until it is its turn.
async fn wait<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    held: Rc<Held>,
    turn: Turn,
) {
    tokio::select! {
        () = desk.hold(&held) => {}
        _ = turn => {}
    }
}

async fn give_back<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    held: Rc<Held>,
) {
    desk.witness.see(Some(&held.message), Seen::Left);
    if let Err(error) = desk.queue.hide(&held.lease.receipt(), Duration::ZERO).await {
        desk.witness.see(Some(&held.message), Seen::NotSettled(&error));
    }
}
