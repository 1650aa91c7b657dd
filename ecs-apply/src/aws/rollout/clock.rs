//! What AWS's clocks say, as far as its answers tell: the machine's own may be wrong by
//! more than a deployment takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

/// Answers tell whole seconds, and take a while to come.
const SLACK: i64 = 5;

/// How far AWS is ahead of this machine, by its last answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    /// The time in AWS, nearly.
    pub(super) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.0.load(Ordering::Relaxed));
        Timestamp::now().saturating_add(ahead).unwrap_or_else(|_| Timestamp::now())
    }

    fn hear(&self, date: &str) {
        if let Some(ahead) = ahead(date, Timestamp::now()) {
            self.0.store(ahead, Ordering::Relaxed);
        }
    }
}

/// How many seconds a date is ahead of a time, if that is more than nothing.
fn ahead(date: &str, time: Timestamp) -> Option<i64> {
    const PARSER: DateTimeParser = DateTimeParser::new();
    let date = PARSER.parse_timestamp(date).ok()?;
    let ahead = date.as_second() - time.as_second();
    Some(if ahead.abs() < SLACK { 0 } else { ahead })
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.hear(date);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clocks_that_are_really_wrong_are_set_right() {
        let time: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let cases = [
            ("Sun, 01 Mar 2026 12:00:00 GMT", Some(0)),
            ("Sun, 01 Mar 2026 12:00:03 GMT", Some(0)),
            ("Sun, 01 Mar 2026 11:59:57 GMT", Some(0)),
            ("Sun, 01 Mar 2026 12:06:00 GMT", Some(360)),
            ("Sun, 01 Mar 2026 11:54:00 GMT", Some(-360)),
            ("yesterday", None),
        ];
        for (date, expected) in cases {
            assert_eq!(ahead(date, time), expected, "{date}");
        }
    }

    #[test]
    fn what_an_answer_says_counts_from_then_on() {
        let clock = Clock::default();
        let date = Timestamp::now() + SignedDuration::from_mins(6);
        clock
            .hear(&jiff::fmt::rfc2822::to_string(&date.to_zoned(jiff::tz::TimeZone::UTC)).unwrap());
        let ahead = clock.now().duration_since(Timestamp::now());
        assert!((355..=360).contains(&ahead.as_secs()), "{ahead}");
        clock.hear("nonsense");
        assert!(clock.now().duration_since(Timestamp::now()).as_secs() >= 355);
    }
}
