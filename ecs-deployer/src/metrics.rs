//! What was done, in numbers: for Prometheus, and for CloudWatch.

mod calls;
mod embedded;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

pub use self::calls::counted;
pub use self::embedded::embedded;
use crate::result::{DeployResult, Status};

/// What was done since the program began. A clone counts in the same place.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<Numbers>>);

#[derive(Debug, Default)]
struct Numbers {
    deployments: BTreeMap<Status, u64>,
    phases: BTreeMap<&'static str, (u64, Duration)>,
    messages: BTreeMap<&'static str, u64>,
    calls: BTreeMap<(String, String), u64>,
    throttles: u64,
    heartbeat_failures: u64,
    in_flight: u64,
    last_success: Option<Timestamp>,
}

tokio::task_local! {
    /// How often AWS was asked for a piece of work.
    static TALLY: Cell<u32>;
}

/// Counts what AWS is asked for a piece of work, for [`tally`]. An `async fn` would hold the
/// work twice, which is large.
pub fn tallied<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    TALLY.scope(Cell::new(0), work)
}

/// How often AWS was asked so far for the piece of work that asks this.
pub fn tally() -> u32 {
    TALLY.try_with(Cell::get).unwrap_or_default()
}

/// Something is being worked on, as long as this is there.
#[derive(Debug)]
pub struct InFlight(Metrics);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut numbers = self.0.numbers();
        numbers.in_flight = numbers.in_flight.saturating_sub(1);
    }
}

impl Metrics {
    /// An order has ended.
    pub fn ended(&self, result: &DeployResult, now: Timestamp) {
        let mut numbers = self.numbers();
        *numbers.deployments.entry(result.status).or_default() += 1;
        for (phase, time) in result.phases() {
            let (count, sum) = numbers.phases.entry(phase).or_default();
            *count += 1;
            *sum += time;
        }
        if result.status.is_success() {
            numbers.last_success = Some(now);
        }
    }

    /// Something became of a message: `acknowledged`, `kept`, `dead_lettered`, …
    pub fn message(&self, outcome: &'static str) {
        *self.numbers().messages.entry(outcome).or_default() += 1;
    }

    /// AWS was asked. `code` is `ok`, or AWS's name for what was wrong.
    pub fn call(&self, operation: &str, code: &str, throttled: bool) {
        // Work that nobody wants to know the cost of has no tally.
        let _ = TALLY.try_with(|tally| tally.set(tally.get() + 1));
        let mut numbers = self.numbers();
        let key = (operation.to_owned(), code.to_owned());
        *numbers.calls.entry(key).or_default() += 1;
        numbers.throttles += u64::from(throttled);
    }

    /// A message could not be kept from others.
    pub fn heartbeat_failed(&self) {
        self.numbers().heartbeat_failures += 1;
    }

    /// An order is being worked on, until what this gives is dropped.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.numbers().in_flight += 1;
        InFlight(self.clone())
    }

    /// All of it, as Prometheus reads it.
    /// <https://prometheus.io/docs/instrumenting/exposition_formats/>
    pub fn text(&self) -> String {
        let numbers = self.numbers();
        let mut page = Page(String::new());
        page.title("deployments_total", "counter", "Orders that ended, by how.");
        for status in Status::ALL {
            let count = numbers.deployments.get(&status).copied().unwrap_or_default();
            page.line("deployments_total", &[("result", status.name())], count);
        }
        page.title("phase_seconds", "summary", "How long the parts of orders took.");
        for (phase, (count, sum)) in &numbers.phases {
            page.line("phase_seconds_sum", &[("phase", phase)], sum.as_secs_f64());
            page.line("phase_seconds_count", &[("phase", phase)], count);
        }
        page.title("messages_total", "counter", "Messages, by what became of them.");
        for (outcome, count) in &numbers.messages {
            page.line("messages_total", &[("outcome", outcome)], count);
        }
        page.title("api_calls_total", "counter", "Calls of AWS, by what came of them.");
        for ((operation, code), count) in &numbers.calls {
            page.line("api_calls_total", &[("op", operation), ("code", code)], count);
        }
        page.title("api_throttles_total", "counter", "Calls that came too often for AWS.");
        page.line("api_throttles_total", &[], numbers.throttles);
        page.title("heartbeat_failures_total", "counter", "Times a message was not kept.");
        page.line("heartbeat_failures_total", &[], numbers.heartbeat_failures);
        page.title("in_flight", "gauge", "Orders that are being worked on.");
        page.line("in_flight", &[], numbers.in_flight);
        page.title("last_success_timestamp_seconds", "gauge", "When an order last succeeded.");
        if let Some(last) = numbers.last_success {
            page.line("last_success_timestamp_seconds", &[], last.as_second());
        }
        page.0
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Page(String);

impl Page {
    fn title(&mut self, name: &str, kind: &str, meaning: &str) {
        let name = format!("ecs_deployer_{name}");
        self.0 += &format!("# HELP {name} {meaning}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let label = |(name, value): &(&str, &str)| format!("{name}=\"{}\"", escaped(value));
        let labels: Vec<String> = labels.iter().map(label).collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        // Writing to text cannot fail.
        let _ = writeln!(self.0, "ecs_deployer_{name}{labels} {value}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use ecs_apply::rollout::{News, Outcome, Report};

    use super::*;
    use crate::result::{About, Answer, Story, result};

    fn ended(outcome: Outcome) -> DeployResult {
        let report = Report {
            outcome,
            revision: Some("web:2".to_owned()),
            before: "web:1".to_owned(),
            is_idle: false,
            causes: Vec::new(),
            said: Vec::new(),
        };
        let updated =
            News::Updated { revision: "web:2".to_owned(), deployment: "ecs-svc/1".to_owned() };
        let mut story = Story::default();
        story.hear(&updated, Duration::from_millis(500));
        story.end(Duration::from_secs(30));
        let about = About { service: Some("web".to_owned()), ..About::default() };
        result(Answer::Rollout(&Ok(report)), &about, &story, 6)
    }

    #[test]
    fn prometheus_reads_what_was_done() {
        let metrics = Metrics::default();
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        metrics.ended(&ended(Outcome::Deployed), now);
        metrics.ended(&ended(Outcome::Superseded { by: "web:3".to_owned() }), now);
        metrics.message("acknowledged");
        metrics.call("ecs:DescribeServices", "ok", false);
        metrics.call("ecs:DescribeServices", "Throttling\"Exception", true);
        metrics.heartbeat_failed();
        let held = metrics.begin();
        insta::assert_snapshot!(metrics.text());
        drop(held);
        assert!(metrics.text().contains("ecs_deployer_in_flight 0\n"));
    }

    #[tokio::test]
    async fn each_piece_of_work_has_a_tally_of_its_own() {
        let metrics = Metrics::default();
        let work = |calls: u32| {
            let metrics = &metrics;
            tallied(async move {
                for _ in 0..calls {
                    metrics.call("ecs:DescribeServices", "ok", false);
                    tokio::task::yield_now().await;
                }
                tally()
            })
        };
        assert_eq!(tokio::join!(work(2), work(5)), (2, 5));
        assert_eq!(tally(), 0);
    }

    #[test]
    fn cloud_watch_reads_a_line_of_the_log() {
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let line = embedded(&ended(Outcome::Deployed), now);
        insta::assert_snapshot!(serde_json::to_string_pretty(&line).unwrap());
    }
}
