//! Messages that wait for their service, because it is being worked on.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::rc::Rc;

use tokio::sync::oneshot;

use crate::lease::Held;
use crate::message::{Request, request};
use crate::queue::Message;
use crate::settings::Settings;

/// As many may wait. They have to be remembered, and held.
const MOST: usize = 100;

/// Ends when it is the message's turn.
pub(super) type Turn = oneshot::Receiver<Infallible>;

/// A message that waits.
#[derive(Debug)]
struct Waiting {
    held: Rc<Held>,
    /// Whoever holds the message does so as long as this is there.
    _until: oneshot::Sender<Infallible>,
}

/// How work on a message of a service ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) service: String,
    pub(super) held: Rc<Held>,
    /// Whether the order was carried out, well or badly.
    pub(super) is_decided: bool,
}

/// Messages that wait for their service.
#[derive(Debug, Default)]
pub(super) struct Tray {
    waiting: BTreeMap<String, VecDeque<Waiting>>,
    /// The services that are worked on, and the messages in hand.
    busy: BTreeMap<String, Rc<Held>>,
}

impl Tray {
    /// Takes a message, and says who has to be held until when. A message that comes
    /// again is the same message: what the queue says of it now counts.
    pub(super) fn put(&mut self, held: Held) -> Option<(Rc<Held>, Turn)> {
        // Of an ARN, the name.
        let service = held.message.text("service").unwrap_or_default();
        let service = service.rsplit('/').next().unwrap_or_default().to_owned();
        let queue = self.waiting.entry(service.clone()).or_default();
        let waits = queue.iter().map(|it| &it.held);
        let known =
            waits.chain(self.busy.get(&service)).find(|it| it.message.id == held.message.id);
        if let Some(known) = known {
            known.lease.renew(&held.lease);
            return None;
        }
        let (until, turn) = oneshot::channel();
        let held = Rc::new(held);
        queue.push_back(Waiting { held: held.clone(), _until: until });
        Some((held, turn))
    }

    /// Those that wait do so for a service that is worked on, and keep nobody else from
    /// theirs, but for the space that they need.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.values().map(VecDeque::len).sum::<usize>() < MOST
    }

    /// The next message of a service that nobody works on; of several the newest, if
    /// only that is to be done.
    pub(super) fn take(&mut self, settings: &Settings) -> Option<(String, Rc<Held>)> {
        self.waiting.retain(|_, queue| !queue.is_empty());
        let is_free = |service: &&String| !self.busy.contains_key(*service);
        let service = self.waiting.keys().find(is_free)?.clone();
        let queue = self.waiting.get_mut(&service)?;
        let place = if settings.coalesce { newest(queue, settings) } else { 0 };
        let held = queue.remove(place)?.held;
        self.busy.insert(service.clone(), held.clone());
        Some((service, held))
    }

    /// Nobody works on the service any more. Says what needs no work, because something
    /// later was carried out.
    pub(super) fn release(
        &mut self,
        ended: &Ended,
        settings: &Settings,
    ) -> Vec<(Rc<Held>, Request)> {
        self.busy.remove(&ended.service);
        let done = request(&ended.held.message, settings).ok().and_then(|it| it.order.rank);
        let Some(done) = done.filter(|_| settings.coalesce && ended.is_decided) else {
            return Vec::new();
        };
        let Some(queue) = self.waiting.get_mut(&ended.service) else { return Vec::new() };
        let mut old = Vec::new();
        for waiting in std::mem::take(queue) {
            let request = request(&waiting.held.message, settings).ok();
            let is_old = |it: &Request| it.order.rank.is_some_and(|rank| done.is_after(rank));
            match request.filter(is_old) {
                Some(request) => old.push((waiting.held, request)),
                None => queue.push_back(waiting),
            }
        }
        old
    }

    /// All that wait, who wait no longer.
    pub(super) fn empty(&mut self) -> Vec<Rc<Held>> {
        let all = std::mem::take(&mut self.waiting).into_values().flatten();
        all.map(|waiting| waiting.held).collect()
    }
}

/// Where the one stands that was given last. One that cannot be used, or whose place is
/// not known, takes nothing away from others.
fn newest(queue: &VecDeque<Waiting>, settings: &Settings) -> usize {
    let rank = |message: &Message| request(message, settings).ok()?.order.rank;
    let ranks: Vec<_> = queue.iter().map(|it| rank(&it.held.message)).collect();
    let mut best = 0;
    for (place, one) in ranks.iter().enumerate() {
        if one.zip(ranks[best]).is_some_and(|(one, other)| one.is_after(other)) {
            best = place;
        }
    }
    best
}
