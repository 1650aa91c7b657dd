//! Writes down what happens to messages, and tells others how they ended.

mod entries;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ecs_apply::rollout::News;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::decision::Fate;
use crate::health::Health;
use crate::log::{Entry, Level, Log, news, one_line};
use crate::message::Request;
use crate::metrics::{InFlight, Metrics, embedded, tally};
use crate::notify::{Messenger, Notifier};
use crate::queue::Message;
use crate::result::{About, Answer, Story, result};
use crate::settings::{Mode, Settings};
use crate::worker::{Done, Herald, Seen, Witness};

/// Writes down what happens, and tells others.
#[derive(Debug)]
pub struct Reporter<M> {
    log: Log,
    metrics: Metrics,
    health: Health,
    notifier: Notifier<M>,
    /// Whether CloudWatch reads metrics from the log.
    embedded: bool,
    /// The queue's URL.
    queue: String,
    /// Whether an empty queue is nothing to speak of.
    stays: bool,
    /// What is the same about all orders.
    about: About,
    /// Messages that are being worked on.
    cases: RefCell<BTreeMap<String, Case>>,
    /// What is said once, and was.
    said: RefCell<BTreeSet<&'static str>>,
}

/// A message that is being worked on.
#[derive(Debug, Clone)]
struct Case {
    log: Log,
    about: About,
    story: Story,
    start: Instant,
    /// Whether it came from the command line.
    typed: bool,
    /// Whether its end was told, and only the message is left.
    is_over: bool,
    _in_flight: std::rc::Rc<InFlight>,
}

impl<M: Messenger> Reporter<M> {
    /// Writes to a log, counts in `metrics`, and tells those who are named in the settings.
    pub fn new(settings: &Settings, log: Log, metrics: Metrics, messenger: M) -> Self {
        let notifier = Notifier::new(messenger, settings.notices.clone(), settings.results.clone());
        let about = About {
            cluster: settings.cluster.clone(),
            region: settings.place.region.clone(),
            ..About::default()
        };
        Self {
            log,
            metrics,
            health: Health::new(),
            notifier,
            embedded: settings.embedded_metrics,
            queue: settings.queue.clone(),
            stays: settings.mode == Mode::Daemon,
            about,
            cases: RefCell::default(),
            said: RefCell::default(),
        }
    }

    /// Says that orders come from a deployer that is shown there.
    #[must_use]
    pub fn of_task(mut self, link: Option<String>) -> Self {
        self.about.deployer = link;
        self
    }

    /// Whether the program works.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// A message that is received a second time, while it is worked on, is the same.
    fn open(&self, message: &Message, typed: bool) {
        let receipt = [&*message.receipt.0];
        let key = message.text("deployment_id").unwrap_or(&message.id).to_owned();
        let new = || Case {
            log: self.log.about([("message_id", Value::from(message.id.as_str()))]),
            about: About { key, ..self.about.clone() },
            story: Story::default(),
            start: Instant::now(),
            typed,
            is_over: false,
            _in_flight: std::rc::Rc::new(self.metrics.begin()),
        };
        let mut cases = self.cases.borrow_mut();
        let case = cases.entry(message.id.clone()).or_insert_with(new);
        // AWS repeats it, where it is wrong.
        case.log = case.log.hiding(receipt);
    }

    fn case(&self, message: &Message) -> Option<Case> {
        self.cases.borrow().get(&message.id).cloned()
    }

    /// Where something about a message is told, also when work on it has ended.
    fn log(&self, message: &Message) -> Log {
        let id = Value::from(message.id.as_str());
        let log = || self.log.hiding([&*message.receipt.0]).about([("message_id", id)]);
        self.case(message).map_or_else(log, |case| case.log)
    }

    fn change(&self, message: &Message, change: impl FnOnce(&mut Case)) {
        self.cases.borrow_mut().entry(message.id.clone()).and_modify(change);
    }

    fn of_queue(&self, seen: &Seen<'_>) {
        match seen {
            Seen::Asking => {
                self.log.tell(&Entry::info("queue.asking", "fetching a message"));
            }
            Seen::Empty => {
                self.health.received(true);
                let level = if self.stays { Level::Debug } else { Level::Info };
                self.log.tell(&Entry::new(level, "queue.empty", "there is no message"));
            }
            Seen::NotReceived(error) => {
                self.health.received(false);
                self.log.tell(&entries::not_received(&self.queue, error));
            }
            Seen::Awake
            | Seen::Received
            | Seen::Typed
            | Seen::Lapsed
            | Seen::Coalesced
            | Seen::Read(_)
            | Seen::Poison(_)
            | Seen::News(_)
            | Seen::AcknowledgedEarly(_)
            | Seen::NotHeld(_)
            | Seen::Settled(_)
            | Seen::NotSettled(_)
            | Seen::NotAbout(_)
            | Seen::Left => {}
        }
    }

    fn of_message(&self, message: &Message, seen: &Seen<'_>) {
        match seen {
            Seen::Received => {
                self.health.received(true);
                self.open(message, false);
            }
            Seen::Typed => self.open(message, true),
            Seen::Read(request) => self.read(message, request),
            Seen::News(news) => self.news(message, news),
            Seen::NotHeld(_) => self.metrics.heartbeat_failed(),
            Seen::Left => self.metrics.message("left"),
            Seen::Awake
            | Seen::Asking
            | Seen::Empty
            | Seen::NotReceived(_)
            | Seen::Lapsed
            | Seen::Coalesced
            | Seen::Poison(_)
            | Seen::AcknowledgedEarly(_)
            | Seen::Settled(_)
            | Seen::NotSettled(_)
            | Seen::NotAbout(_) => {}
        }
        if let Some(entry) = self.entry(message, seen).filter(|it| self.is_new(it)) {
            self.log(message).tell(&entry);
        }
        self.close(message, seen);
    }

    fn is_new(&self, entry: &Entry) -> bool {
        !entry.once || self.said.borrow_mut().insert(entry.event)
    }

    /// What is written about a message.
    fn entry(&self, message: &Message, seen: &Seen<'_>) -> Option<Entry> {
        let case = self.case(message);
        Some(match seen {
            Seen::Received => {
                let told = format!("received message {}", message.id);
                Entry::info("message.received", told).with("receives", message.receives)
            }
            Seen::Typed => entries::typed(&case?.about.key),
            Seen::News(told) => news(told),
            Seen::AcknowledgedEarly(early) => entries::early(*early),
            Seen::NotHeld(error) => entries::not_held(error),
            Seen::Settled(fate) => entries::settled(*fate, message.receives)?,
            Seen::NotSettled(error) => entries::not_settled(error),
            Seen::NotAbout(error) => entries::not_about(error),
            Seen::Lapsed => entries::lapsed(),
            Seen::Left => match case {
                Some(case) if case.typed => entries::typed_left(&case.about.key),
                Some(case) => entries::left(&case.story),
                None => entries::left(&Story::default()),
            },
            Seen::Awake
            | Seen::Asking
            | Seen::Empty
            | Seen::NotReceived(_)
            | Seen::Coalesced
            | Seen::Read(_)
            | Seen::Poison(_) => return None,
        })
    }

    /// Nothing more is told about a message.
    fn close(&self, message: &Message, seen: &Seen<'_>) {
        let is_last = matches!(seen, Seen::Settled(_) | Seen::Left | Seen::Lapsed);
        let is_over = |case: &Case| matches!(seen, Seen::NotSettled(_)) && case.is_over;
        let mut cases = self.cases.borrow_mut();
        if is_last || cases.get(&message.id).is_some_and(is_over) {
            cases.remove(&message.id);
        }
    }

    fn read(&self, message: &Message, request: &Request) {
        let order = &request.order;
        let service = Some(order.service.service.clone()).filter(|it| !it.is_empty());
        let name = service.clone().unwrap_or_else(|| order.definition.family().to_owned());
        let fields = [
            ("delivery_key", Value::from(order.key.as_str())),
            ("service", Value::from(name)),
            ("cluster", Value::from(order.service.cluster.as_str())),
        ];
        self.change(message, |case| {
            case.log = case.log.about(fields);
            let about = About {
                key: order.key.clone(),
                service,
                cluster: order.service.cluster.clone(),
                commit_url: request.commit.clone(),
                ..case.about.clone()
            };
            case.about = about.of(&order.definition);
        });
        let log = self.log(message);
        for remark in &request.remarks {
            let told = one_line(&format!("{}: {}", remark.at, remark.message)).into_owned();
            log.tell(&Entry::warn("message.remark", told));
        }
    }

    fn news(&self, message: &Message, told: &News) {
        self.change(message, |case| case.story.hear(told, case.start.elapsed()));
    }
}

impl<M: Messenger> Witness for Reporter<M> {
    fn see(&self, message: Option<&Message>, seen: Seen<'_>) {
        self.health.alive();
        match message {
            Some(message) => self.of_message(message, &seen),
            None => self.of_queue(&seen),
        }
    }
}

impl<M: Messenger> Herald for Reporter<M> {
    async fn begin(&self, message: &Message) {
        let Some(Case { about, log, .. }) = self.case(message) else { return };
        self.notifier.begun(&about, &log).await;
    }

    async fn announce(&self, done: &Done<'_>) {
        let Some(case) = self.case(done.message) else { return };
        let Case { about, log, mut story, start, .. } = case;
        story.end(start.elapsed());
        let result = result(done.answer, &about, &story, tally()).of_message(done.fate);
        log.tell(&result.entry());
        let now = Timestamp::now();
        self.metrics.ended(&result, now);
        if done.fate.is_some() {
            self.metrics.message(outcome(done));
        }
        if self.embedded {
            log.raw(&embedded(&result, now).to_string());
        }
        // It was told when it came first.
        let is_known = done.decision.fate == Fate::Poison && done.message.receives > 1;
        if !(is_known && matches!(done.fate, Some(Fate::Keep(_)))) {
            self.notifier.ended(&result, &log).await;
        }
        match done.fate {
            None | Some(Fate::Gone) => drop(self.cases.borrow_mut().remove(&done.message.id)),
            Some(_) => self.change(done.message, |case| case.is_over = true),
        }
    }
}

/// What is counted.
fn outcome(done: &Done<'_>) -> &'static str {
    if matches!(done.answer, Answer::Coalesced) {
        return "coalesced";
    }
    match done.decision.fate {
        Fate::Remove | Fate::Gone => "acknowledged",
        Fate::Bury => "dead_lettered",
        Fate::Poison | Fate::GiveUp => "poison",
        Fate::Keep(_) => "kept",
        Fate::Leave => "left",
    }
}

#[cfg(test)]
mod tests;
