//! Stays, and works on messages as they come: on several services at the same time,
//! and on each service's messages one after the other.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::time::Duration;

use ecs_apply::rollout::Cloud;
use tokio::sync::watch;

use crate::crew::Crew;
use crate::exit::Exit;
use crate::message::request;
use crate::queue::{Message, Queue, Wanted, remove};
use crate::run::patience;
use crate::worker::{Desk, Herald, Seen, Witness};

/// Works until it is asked to stop.
pub async fn daemon<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    stop: impl Future<Output = ()>,
) -> Exit {
    let (stopping, stopped) = watch::channel(false);
    let mut tray = Tray::default();
    let mut crew: Crew<'_, String> = Crew::default();
    let mut stop = std::pin::pin!(stop);
    let mut errors = 0;
    // A receive that is given up could lose what it was about to get.
    let mut asking = None;
    loop {
        if asking.is_none() && tray.has_room(desk.settings.concurrency) {
            asking = Some(Box::pin(receive(desk, errors)));
        }
        tokio::select! {
            () = &mut stop => break,
            service = crew.next(), if !crew.is_empty() => tray.release(&service),
            received = answer(&mut asking) => {
                asking = None;
                errors = if received.is_err() { errors + 1 } else { 0 };
                received.unwrap_or_default().into_iter().for_each(|it| tray.put(it));
            }
        }
        while crew.len() < desk.settings.concurrency {
            let Some((service, message, old)) = tray.take(desk) else { break };
            let stopped = stopped.clone();
            crew.begin(async move {
                for message in old {
                    coalesced(desk, &message).await;
                }
                desk.work(&message, signal(stopped)).await;
                service
            });
        }
    }
    let _ = stopping.send(true);
    // Nobody has begun with these: others may have them at once.
    for message in tray.waiting() {
        let _ = desk.queue.hide(&message.receipt, Duration::ZERO).await;
    }
    while !crew.is_empty() {
        crew.next().await;
    }
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
) -> Result<Vec<Message>, ()> {
    if errors > 0 {
        tokio::time::sleep(patience(errors)).await;
    }
    let most = u8::try_from(desk.settings.concurrency.clamp(1, 10)).unwrap_or(10);
    let wanted = Wanted { most, wait: desk.settings.wait, hide: desk.hidden() };
    match desk.queue.receive(&wanted).await {
        Ok(messages) => {
            if messages.is_empty() {
                desk.witness.see(None, Seen::Empty);
            }
            messages.iter().for_each(|it| desk.witness.see(Some(it), Seen::Received));
            Ok(messages)
        }
        Err(error) => {
            desk.witness.see(None, Seen::NotReceived(&error));
            Err(())
        }
    }
}

async fn coalesced<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    desk: &Desk<'_, Q, C, W, H>,
    message: &Message,
) {
    desk.witness.see(Some(message), Seen::Coalesced);
    if let Err(error) = remove(desk.queue, &message.receipt).await {
        desk.witness.see(Some(message), Seen::NotSettled(&error));
    }
}

/// Messages that wait for their service.
#[derive(Debug, Default)]
struct Tray {
    waiting: BTreeMap<String, VecDeque<Message>>,
    /// The services that are worked on, and the messages in hand.
    busy: BTreeMap<String, String>,
}

impl Tray {
    /// A message that comes again is the same message.
    fn put(&mut self, message: Message) {
        let service = message.text("service").unwrap_or_default().to_owned();
        if self.busy.get(&service) == Some(&message.id) {
            return;
        }
        let queue = self.waiting.entry(service).or_default();
        match queue.iter_mut().find(|it| it.id == message.id) {
            Some(known) => *known = message,
            None => queue.push_back(message),
        }
    }

    /// Whoever takes more than can be worked on keeps others from it.
    fn has_room(&self, concurrency: usize) -> bool {
        self.waiting.values().map(VecDeque::len).sum::<usize>() < concurrency
    }

    fn release(&mut self, service: &str) {
        self.busy.remove(service);
    }

    fn waiting(&self) -> impl Iterator<Item = &Message> {
        self.waiting.values().flatten()
    }

    /// The next message of a service that nobody works on, and those that it makes
    /// needless.
    fn take<Q: Queue, C: Cloud, W: Witness, H: Herald>(
        &mut self,
        desk: &Desk<'_, Q, C, W, H>,
    ) -> Option<(String, Message, Vec<Message>)> {
        let is_free = |service: &&String| !self.busy.contains_key(*service);
        let service = self.waiting.keys().find(is_free)?.clone();
        let mut queue = self.waiting.remove(&service)?;
        let message = queue.pop_front()?;
        let (message, old) = match desk.settings.coalesce {
            true => newest(message, &mut queue, desk),
            false => (message, Vec::new()),
        };
        if !queue.is_empty() {
            self.waiting.insert(service.clone(), queue);
        }
        self.busy.insert(service.clone(), message.id.clone());
        Some((service, message, old))
    }
}

/// Of messages for one service, the one that was given last, and those before it. One
/// that cannot be used, or whose place is not known, takes nothing away from others.
fn newest<Q: Queue, C: Cloud, W: Witness, H: Herald>(
    first: Message,
    queue: &mut VecDeque<Message>,
    desk: &Desk<'_, Q, C, W, H>,
) -> (Message, Vec<Message>) {
    let rank = |message: &Message| request(message, desk.settings).ok()?.order.rank;
    let (mut best, mut old, mut rest) = (first, Vec::new(), VecDeque::new());
    for message in queue.drain(..) {
        match rank(&message).zip(rank(&best)) {
            Some((one, other)) if one.is_after(other) => {
                old.push(std::mem::replace(&mut best, message));
            }
            Some((one, other)) if other.is_after(one) => old.push(message),
            Some(_) | None => rest.push_back(message),
        }
    }
    *queue = rest;
    (best, old)
}
