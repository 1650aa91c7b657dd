//! Writes down what happens to messages, and tells others how they ended.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::decision::Fate;
use crate::health::Health;
use crate::log::{Entry, Log, news, one_line};
use crate::message::Request;
use crate::metrics::{InFlight, Metrics, embedded};
use crate::notify::{Messenger, Notifier};
use crate::queue::Message;
use crate::result::{About, Story, result};
use crate::settings::Settings;
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
    /// What is the same about all orders.
    about: About,
    /// Messages that are being worked on.
    cases: RefCell<BTreeMap<String, Case>>,
}

/// A message that is being worked on.
#[derive(Debug, Clone)]
struct Case {
    log: Log,
    about: About,
    story: Story,
    start: Instant,
    calls: u64,
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
            health: Health::new(settings.wait),
            notifier,
            embedded: settings.embedded_metrics,
            about,
            cases: RefCell::default(),
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
    fn open(&self, message: &Message) {
        let receipt = [&*message.receipt.0];
        let new = || Case {
            log: self.log.about([("message_id", Value::from(message.id.as_str()))]),
            about: About { key: message.id.clone(), ..self.about.clone() },
            story: Story::default(),
            start: Instant::now(),
            calls: self.metrics.calls(),
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
                self.health.alive();
                self.log.tell(&Entry::info("queue.asking", "fetching a message"));
            }
            Seen::Empty => {
                self.health.received(true);
                self.log.tell(&Entry::info("queue.empty", "there is no message"));
            }
            Seen::NotReceived(error) => {
                self.health.received(false);
                let message =
                    format!("no message can be fetched: {}", one_line(&error.to_string()));
                let help = error.help().map(|help| format!("\n{help}")).unwrap_or_default();
                self.log.tell(&Entry::error("queue.failed", message + &help));
            }
            Seen::Received
            | Seen::Coalesced
            | Seen::Read(_)
            | Seen::Poison(_)
            | Seen::News(_)
            | Seen::AcknowledgedEarly
            | Seen::NotHeld(_)
            | Seen::NotSettled(_)
            | Seen::Left => {}
        }
    }

    fn of_message(&self, message: &Message, seen: &Seen<'_>) {
        if matches!(seen, Seen::Received) {
            self.health.received(true);
            self.open(message);
        }
        let log = self.log(message);
        match seen {
            Seen::Received => {
                let told = format!("received message {}", message.id);
                log.tell(&Entry::info("message.received", told).with("receives", message.receives));
            }
            Seen::Coalesced => {
                self.metrics.message("coalesced");
                let told = "a later message for the same service is worked on instead";
                log.tell(&Entry::info("message.coalesced", told));
                self.cases.borrow_mut().remove(&message.id);
            }
            Seen::Read(request) => self.read(message, request),
            Seen::News(news) => self.news(message, news),
            Seen::AcknowledgedEarly => {
                let told = "the message is removed, because whoever comes later could not see \
                            what became of it";
                log.tell(&Entry::info("message.acknowledged_early", told));
            }
            Seen::NotHeld(error) => {
                self.metrics.heartbeat_failed();
                let told = format!(
                    "the message cannot be kept from others for longer: {}",
                    one_line(&error.to_string())
                );
                log.tell(&Entry::warn("message.not_held", told));
            }
            Seen::NotSettled(error) => {
                let told = format!(
                    "the message comes again, and is known then: {}",
                    one_line(&error.to_string())
                );
                log.tell(&Entry::warn("message.not_settled", told));
            }
            Seen::Left => {
                self.metrics.message("left");
                let told = "asked to stop: the message is left to the next deployer";
                log.tell(&Entry::info("message.left", told));
                self.cases.borrow_mut().remove(&message.id);
            }
            Seen::Asking | Seen::Empty | Seen::NotReceived(_) | Seen::Poison(_) => {}
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

    fn news(&self, message: &Message, told: &ecs_apply::rollout::News) {
        self.change(message, |case| case.story.hear(told, case.start.elapsed()));
        self.log(message).tell(&news(told));
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
        let Case { about, log, mut story, start, calls, .. } = case;
        story.end(start.elapsed());
        let calls = u32::try_from(self.metrics.calls() - calls).unwrap_or(u32::MAX);
        let result = result(done.answer, &about, &story, calls);
        log.tell(&result.entry());
        let now = Timestamp::now();
        self.metrics.ended(&result, now);
        self.metrics.message(match done.decision.fate {
            Fate::Remove => "acknowledged",
            Fate::Bury => "dead_lettered",
            Fate::Poison => "poison",
            Fate::Keep(_) => "kept",
        });
        if self.embedded {
            log.raw(&embedded(&result, now).to_string());
        }
        self.notifier.ended(&result, &log).await;
        self.cases.borrow_mut().remove(&done.message.id);
    }
}

#[cfg(test)]
mod tests;
