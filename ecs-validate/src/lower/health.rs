//! `healthcheck` to the health check of a container, and what ECS limits of it.

use compose_model::service::Healthcheck;
use compose_model::value::Duration;
use compose_model::{Diagnostic, Path};

use super::seconds::{Limit, seconds};
use crate::context::Context;
use crate::service::HealthCheck;

const CODE: &str = "ecs::health-check";
const INTERVAL: Limit = Limit { code: CODE, does: "ECS checks the health every", range: 5..=300 };
const TIMEOUT: Limit = Limit { code: CODE, does: "ECS lets a health check run", range: 2..=60 };
const START_PERIOD: Limit =
    Limit { code: CODE, does: "ECS overlooks bad checks at the start for", range: 0..=300 };

/// What Docker gives a check, in seconds. ECS would stop it after 5.
const DEFAULT_TIMEOUT: u32 = 30;

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html>
pub(super) fn health_check(
    check: Option<&Healthcheck>,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<HealthCheck> {
    let Healthcheck {
        test,
        timeout,
        interval,
        retries,
        start_period,
        // Answered for its key alone.
        start_interval: _,
        disable,
        extensions: _,
    } = check?;
    let at = at.key("healthcheck");
    if *disable || test.0.first().is_some_and(|first| first == "NONE") {
        return None;
    }
    if test.0.len() < 2 {
        cx.report(no_test().at(at, ""));
        return None;
    }
    let mut limited = |duration: Option<Duration>, limit, key| {
        // Docker takes no time at all for its default.
        let duration = duration.filter(|duration| duration.as_nanos() != 0)?;
        Some(seconds(duration, limit, &at, key, cx))
    };
    Some(HealthCheck {
        command: test.0.clone(),
        interval: limited(*interval, &INTERVAL, "interval"),
        timeout: Some(limited(*timeout, &TIMEOUT, "timeout").unwrap_or(DEFAULT_TIMEOUT)),
        start_period: limited(*start_period, &START_PERIOD, "start_period"),
        retries: retries.filter(|retries| *retries > 0).map(|count| tries(count, &at, cx)),
    })
}

fn no_test() -> Diagnostic {
    Diagnostic::warning(CODE, "ECS does not run the health check that an image has")
        .help("repeat it as `test`")
}

const MOST_RETRIES: u32 = 10;

fn tries(asked: u64, at: &Path, cx: &mut Context<'_>) -> u32 {
    if asked > MOST_RETRIES.into() {
        let message =
            format!("ECS tries 1 to {MOST_RETRIES} times, so this becomes {MOST_RETRIES}");
        cx.report(
            Diagnostic::warning(CODE, message)
                .at(at.key("retries"), "")
                .help(format!("write `{MOST_RETRIES}`, and a longer `interval` for more patience")),
        );
    }
    u32::try_from(asked).map_or(MOST_RETRIES, |asked| asked.min(MOST_RETRIES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, container};

    #[test]
    fn checks_keep_what_is_within_limits() {
        let lines = "healthcheck: {test: curl -f localhost, interval: 1m, timeout: 2500ms, \
                     retries: 3, start_period: 0s}";
        let expected = HealthCheck {
            command: vec!["CMD-SHELL".to_owned(), "curl -f localhost".to_owned()],
            interval: Some(60),
            timeout: Some(3),
            retries: Some(3),
            start_period: None,
        };
        assert_eq!(container(lines).health_check, Some(expected));
    }

    #[test]
    fn a_check_has_as_much_time_as_docker_gives_it() {
        let check = container("healthcheck: {test: 'true'}").health_check.unwrap();
        assert_eq!(check.timeout, Some(30));
    }

    #[test]
    fn checks_that_are_switched_off_are_none() {
        assert_eq!(container("healthcheck: {disable: true}").health_check, None);
        assert_eq!(container("healthcheck: {test: [NONE]}").health_check, None);
    }

    #[test]
    fn what_is_beyond_a_limit_becomes_the_limit() {
        check(
            "
services:
  web:
    image: nginx
    healthcheck:
      test: curl -f localhost
      interval: 1s
#               ^^ warning: ECS checks the health every 5 to 300 seconds, so this becomes 5
#               help: write `5s`
      timeout: 2m
#              ^^ warning: ECS lets a health check run 2 to 60 seconds, so this becomes 60
#              help: write `60s`
      retries: 20
#              ^^ warning: ECS tries 1 to 10 times, so this becomes 10
#              help: write `10`, and a longer `interval` for more patience
      start_period: 1h
#                   ^^ warning: ECS overlooks bad checks at the start for 0 to 300 seconds, so this becomes 300
#                   help: write `300s`
",
        );
    }

    #[test]
    fn the_check_of_an_image_has_to_be_repeated() {
        check(
            "
services:
  web:
    image: nginx
    healthcheck:
#   ^^^^^^^^^^^ warning: ECS does not run the health check that an image has
#   help: repeat it as `test`
      interval: 10s
",
        );
    }
}
