//! `restart` and `deploy.restart_policy` to when a container is started again.
//!
//! A task whose main container ends is always replaced by ECS. What is said here is
//! whether the container is started again within its task, which is much faster.

use compose_model::service::{Deploy, RestartPolicy as Asked};
use compose_model::value::Duration;
use compose_model::{Diagnostic, Path, nearest};

use super::seconds::{Limit, seconds};
use crate::context::Context;
use crate::service::RestartPolicy;

const CODE: &str = "ecs::restart";
const WINDOW: Limit = Limit {
    code: CODE,
    does: "ECS starts a container again only after it ran for",
    range: 60..=1800,
};

/// What is said under `deploy` comes first, as it does for Docker. The end of some
/// containers is that of their task, which ECS then starts anew.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html>
pub(super) fn restart(
    restart: Option<&str>,
    deploy: Option<&Deploy>,
    ends_task: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<RestartPolicy> {
    match deploy.and_then(|deploy| deploy.restart_policy.as_deref()) {
        Some(asked) => deployed(asked, ends_task, &at.key("deploy").key("restart_policy"), cx),
        None => single(restart?, ends_task, at, cx),
    }
}

fn single(
    restart: &str,
    ends_task: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<RestartPolicy> {
    let (condition, attempts) = match restart.split_once(':') {
        Some((condition, attempts)) => (condition, Some(attempts)),
        None => (restart, None),
    };
    match condition {
        "" => return None,
        "no" if !ends_task => return None,
        "no" => {
            cx.report(starts_anew(&at.key("restart")));
            return None;
        }
        "always" | "unless-stopped" | "on-failure" => {}
        _ => {
            cx.report(unknown(restart).at(at.key("restart"), ""));
            return None;
        }
    }
    if attempts.is_some_and(|attempts| attempts != "0") {
        cx.report(without_end().at(at.key("restart"), "").help(format!("write `{condition}`")));
    }
    Some(policy(condition == "on-failure"))
}

fn starts_anew(at: &Path) -> Diagnostic {
    Diagnostic::warning(CODE, "ECS starts another task when one has ended")
        .at(at.clone(), "")
        .help("run what ends by itself as `pre_start` of a service")
}

/// On failure means that a good end is an end.
fn policy(on_failure: bool) -> RestartPolicy {
    let ignored_exit_codes = if on_failure { vec![0] } else { Vec::new() };
    RestartPolicy { ignored_exit_codes, attempt_period: None }
}

fn unknown(restart: &str) -> Diagnostic {
    let known = ["no", "always", "unless-stopped", "on-failure"];
    let meant = nearest(restart, known).map_or_else(
        || "write `no`, `always`, `unless-stopped` or `on-failure`".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    Diagnostic::error(CODE, format!("`{restart}` is no way to restart")).help(meant)
}

fn without_end() -> Diagnostic {
    Diagnostic::warning(CODE, "ECS does not count how often it starts a container again")
}

fn deployed(
    asked: &Asked,
    ends_task: bool,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<RestartPolicy> {
    let Asked { condition, delay, max_attempts, window, extensions: _ } = asked;
    let on_failure = match condition.as_deref().unwrap_or("any") {
        "none" => {
            if ends_task {
                cx.report(starts_anew(&at.key("condition")));
            }
            return None;
        }
        "on-failure" => true,
        // Docker takes the second for the first.
        "any" | "always" | "" => false,
        other => {
            cx.report(unknown_condition(other).at(at.key("condition"), ""));
            return None;
        }
    };
    if is_some_time(*delay) {
        let message = "ECS chooses itself how long it waits before it starts a container again";
        let at = at.key("delay");
        cx.report(
            Diagnostic::warning(CODE, message).at(at, "without effect").help("remove `delay`"),
        );
    }
    if max_attempts.is_some_and(|attempts| attempts > 0) {
        let at = at.key("max_attempts");
        cx.report(without_end().at(at, "without effect").help("remove `max_attempts`"));
    }
    let window = window.filter(|window| is_some_time(Some(*window)));
    let attempt_period = window.map(|window| seconds(window, &WINDOW, at, "window", cx));
    Some(RestartPolicy { attempt_period, ..policy(on_failure) })
}

fn is_some_time(duration: Option<Duration>) -> bool {
    duration.is_some_and(|duration| duration.as_nanos() != 0)
}

fn unknown_condition(condition: &str) -> Diagnostic {
    let message = format!("`{condition}` is no condition to restart on");
    Diagnostic::error(CODE, message).help("write `none`, `on-failure` or `any`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, container};

    #[test]
    fn policies_start_containers_again_within_their_task() {
        let on_failure = RestartPolicy { ignored_exit_codes: vec![0], attempt_period: None };
        let after = |seconds| RestartPolicy { attempt_period: Some(seconds), ..on_failure.clone() };
        let cases = [
            ("restart: 'no'", None),
            ("restart: always", Some(RestartPolicy::default())),
            ("restart: unless-stopped", Some(RestartPolicy::default())),
            ("restart: on-failure", Some(on_failure.clone())),
            ("restart: on-failure:0", Some(on_failure.clone())),
            ("deploy: {restart_policy: {condition: none}}\nrestart: always", None),
            ("deploy: {restart_policy: {condition: any}}", Some(RestartPolicy::default())),
            ("deploy: {restart_policy: {condition: on-failure, window: 120s}}", Some(after(120))),
        ];
        for (lines, expected) in cases {
            assert_eq!(container(lines).restart, expected, "{lines}");
        }
    }

    #[test]
    fn attempts_are_not_counted() {
        check(
            "
services:
  web:
    image: nginx
    restart: on-failure:5
#            ^^^^^^^^^^^^ warning: ECS does not count how often it starts a container again
#            help: write `on-failure`
  worker:
    image: nginx
    deploy:
      restart_policy:
        delay: 5s
#              ^^ warning: ECS chooses itself how long it waits before it starts a container again
#              help: remove `delay`
        max_attempts: 3
#                     ^ warning: ECS does not count how often it starts a container again
#                     help: remove `max_attempts`
        window: 10s
#               ^^^ warning: ECS starts a container again only after it ran for 60 to 1800 seconds, so this becomes 60
#               help: write `60s`
",
        );
    }

    #[test]
    fn other_words_are_refused() {
        check(
            "
services:
  web:
    image: nginx
    restart: alway
#            ^^^^^ error: `alway` is no way to restart
#            help: did you mean `always`?
  worker:
    image: nginx
    deploy:
      restart_policy:
        condition: sometimes
#                  ^^^^^^^^^ error: `sometimes` is no condition to restart on
#                  help: write `none`, `on-failure` or `any`
",
        );
    }
}
