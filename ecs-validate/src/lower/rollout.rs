//! `deploy.update_config` to how a new version takes over.

use compose_model::service::UpdateConfig;
use compose_model::{Diagnostic, Path, nearest};

use crate::context::Context;
use crate::extensions::UpdateExtensions;
use crate::service::{OnFailure, Rollout, Scaling};

const CODE: &str = "ecs::rollout";

/// What ECS does if nothing is said: the new tasks start beside the old ones.
pub(super) const BESIDE: Rollout =
    Rollout { min_percent: 100, max_percent: 200, on_failure: OnFailure::Rollback };

/// A new version starts when the old one has ended.
pub(super) const ONE_AFTER_THE_OTHER: Rollout =
    Rollout { min_percent: 0, max_percent: 100, on_failure: OnFailure::Rollback };

/// How a new version takes over. `at` is the place of `deploy`.
pub(super) fn rollout(
    update: Option<&UpdateConfig>,
    rollback: Option<&UpdateConfig>,
    scaling: Scaling,
    at: &Path,
    cx: &mut Context<'_>,
) -> Rollout {
    if rollback.is_some() {
        let message = "ECS rolls back in the way in which it updates";
        let problem = Diagnostic::warning(CODE, message);
        cx.report(
            problem
                .at(at.key("rollback_config"), "without effect")
                .help("remove `rollback_config`; what stands in `update_config` is for both"),
        );
    }
    update.map_or(BESIDE, |update| updated(update, scaling, &at.key("update_config"), cx))
}

fn updated(update: &UpdateConfig, scaling: Scaling, at: &Path, cx: &mut Context<'_>) -> Rollout {
    let UpdateConfig {
        parallelism,
        delay,
        failure_action,
        monitor,
        max_failure_ratio,
        order,
        extensions,
    } = update;
    let pauses = [
        ("delay", delay.is_some_and(|delay| delay.as_nanos() != 0)),
        ("monitor", monitor.is_some_and(|monitor| monitor.as_nanos() != 0)),
        ("max_failure_ratio", *max_failure_ratio != 0.0),
    ];
    for (key, _) in pauses.into_iter().filter(|(_, is_set)| *is_set) {
        cx.report(
            own_judgement().at(at.key(key), "without effect").help(format!("remove `{key}`")),
        );
    }
    let on_failure = on_failure(failure_action.as_deref(), at, cx);
    let order = order_of(order.as_deref(), at, cx);
    let (min, max) = limits(*parallelism, order, tasks(scaling));
    let UpdateExtensions { min_percent, max_percent } =
        UpdateExtensions::read(extensions, at, &mut cx.problems);
    let rollout = Rollout {
        min_percent: min_percent.unwrap_or(min),
        max_percent: max_percent.unwrap_or(max),
        on_failure,
    };
    room(rollout, at, cx);
    rollout
}

fn own_judgement() -> Diagnostic {
    let message =
        "ECS goes on with an update as soon as new tasks are healthy, and gives up by itself";
    Diagnostic::warning(CODE, message)
}

/// Which comes first, the end of the old tasks or the start of the new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Nothing is said. Both at once is what Docker's tool for ECS made of it.
    Either,
    StopFirst,
    StartFirst,
}

fn order_of(order: Option<&str>, at: &Path, cx: &mut Context<'_>) -> Order {
    match order {
        None | Some("") => Order::Either,
        Some("stop-first") => Order::StopFirst,
        Some("start-first") => Order::StartFirst,
        Some(other) => {
            let help = help(other, ["stop-first", "start-first"]);
            let message = format!("`{other}` is no order of an update");
            cx.report(Diagnostic::error(CODE, message).at(at.key("order"), "").help(help));
            Order::Either
        }
    }
}

/// How many tasks stay and how many there are at most, in percent. ECS rounds so
/// many tasks down, so a percentage that is no whole number is rounded up.
fn limits(parallelism: Option<u64>, order: Order, tasks: u32) -> (u32, u32) {
    if tasks == 0 || (parallelism.is_none() && order == Order::Either) {
        return (BESIDE.min_percent, BESIDE.max_percent);
    }
    let at_once = match parallelism.unwrap_or(1) {
        0 => tasks,
        at_once => u32::try_from(at_once).unwrap_or(u32::MAX).min(tasks),
    };
    let percent = |count: u64| u32::try_from(count * 100 / u64::from(tasks)).unwrap_or(100);
    let min = percent(u64::from(tasks - at_once));
    let max = 100 + u32::try_from((u64::from(at_once) * 100).div_ceil(tasks.into())).unwrap_or(100);
    match order {
        Order::Either => (min, max),
        Order::StopFirst => (min, 100),
        Order::StartFirst => (100, max),
    }
}

fn tasks(scaling: Scaling) -> u32 {
    match scaling {
        Scaling::Fixed(tasks) => tasks,
        Scaling::Automatic { min, .. } => min,
    }
}

fn on_failure(action: Option<&str>, at: &Path, cx: &mut Context<'_>) -> OnFailure {
    match action {
        None | Some("" | "rollback") => OnFailure::Rollback,
        Some("pause") => OnFailure::Pause,
        Some("continue") => OnFailure::Continue,
        Some(other) => {
            let help = help(other, ["rollback", "pause", "continue"]);
            let message = format!("`{other}` is nothing to do when an update fails");
            cx.report(Diagnostic::error(CODE, message).at(at.key("failure_action"), "").help(help));
            OnFailure::Rollback
        }
    }
}

fn help<const N: usize>(word: &str, known: [&'static str; N]) -> String {
    nearest(word, known).map_or_else(
        || format!("write `{}`", known.join("` or `")),
        |meant| format!("did you mean `{meant}`?"),
    )
}

/// If all old tasks must stay and no new one may start, nothing can happen.
fn room(rollout: Rollout, at: &Path, cx: &mut Context<'_>) {
    let Rollout { min_percent, max_percent, on_failure: _ } = rollout;
    if min_percent > 100 || max_percent < 100 || min_percent >= max_percent {
        let message = format!(
            "an update between {min_percent} and {max_percent} percent of the tasks cannot go on"
        );
        cx.report(
            Diagnostic::error(CODE, message)
                .at(at.clone(), "")
                .help("keep `x-aws-min_percent` below 100, or `x-aws-max_percent` above"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::{check, loaded, service};

    fn limits_of(lines: &str) -> (u32, u32) {
        let rollout = service(lines).rollout;
        (rollout.min_percent, rollout.max_percent)
    }

    #[test]
    fn limits_follow_from_how_many_tasks_change_at_a_time() {
        use Order::{Either, StartFirst, StopFirst};
        let cases = [
            // At a time, order, tasks; at least and at most, in percent.
            (Some(2), Either, 4, (50, 150)),
            (Some(1), Either, 1, (0, 200)),
            (Some(1), Either, 3, (66, 134)),
            (Some(9), Either, 2, (0, 200)),
            (Some(0), Either, 4, (0, 200)),
            (Some(2), StopFirst, 4, (50, 100)),
            (Some(2), StartFirst, 4, (100, 150)),
            (Some(1), StartFirst, 3, (100, 134)),
            (None, StopFirst, 4, (75, 100)),
            (None, StartFirst, 1, (100, 200)),
            (None, Either, 4, (100, 200)),
            (Some(1), Either, 0, (100, 200)),
        ];
        for (parallelism, order, tasks, expected) in cases {
            let limits = limits(parallelism, order, tasks);
            assert_eq!(limits, expected, "{parallelism:?} of {tasks}, {order:?}");
        }
    }

    #[test]
    fn limits_are_counted_with_the_replicas() {
        let four_by_two = "deploy: {replicas: 4, update_config: {parallelism: 2}}";
        assert_eq!(limits_of(four_by_two), (50, 150));
        assert_eq!(limits_of("scale: 2"), (100, 200));
    }

    #[test]
    fn a_failed_update_is_rolled_back_unless_something_else_is_said() {
        let action = |lines: &str| service(lines).rollout.on_failure;
        assert_eq!(action("init: true"), OnFailure::Rollback);
        assert_eq!(action("deploy: {update_config: {failure_action: pause}}"), OnFailure::Pause);
        let goes_on = "deploy: {update_config: {failure_action: continue}}";
        assert_eq!(action(goes_on), OnFailure::Continue);
    }

    #[test]
    fn ecs_judges_an_update_by_itself() {
        check(
            "
services:
  web:
    image: nginx
    deploy:
      update_config:
        parallelism: 1
        delay: 10s
#              ^^^ warning: ECS goes on with an update as soon as new tasks are healthy, and gives up by itself
#              help: remove `delay`
        failure_action: roll-back
#                       ^^^^^^^^^ error: `roll-back` is nothing to do when an update fails
#                       help: did you mean `rollback`?
      rollback_config:
#     ^^^^^^^^^^^^^^^ warning: ECS rolls back in the way in which it updates
#     help: remove `rollback_config`; what stands in `update_config` is for both
        parallelism: 1
",
        );
    }

    #[test]
    fn an_update_needs_room() {
        let loaded = loaded("services: {web: {image: nginx}}");
        let facts = Facts::none();
        let mut cx = Context::new(&loaded, &facts);
        for (min_percent, max_percent) in [(25, 125), (0, 100), (100, 101)] {
            room(Rollout { min_percent, max_percent, ..BESIDE }, &Path::root(), &mut cx);
        }
        assert_eq!(cx.problems, []);
        room(Rollout { max_percent: 100, ..BESIDE }, &Path::root(), &mut cx);
        let expected = "an update between 100 and 100 percent of the tasks cannot go on";
        assert_eq!(cx.problems[0].message, expected);
    }

    #[test]
    fn percentages_of_the_author_come_first() {
        let own = "deploy: {update_config: {parallelism: 1, x-aws-min_percent: 25, x-aws-max_percent: 125}}";
        assert_eq!(limits_of(own), (25, 125));
        let one = "deploy: {replicas: 2, update_config: {parallelism: 1, x-aws-max_percent: 110}}";
        assert_eq!(limits_of(one), (50, 110));
    }
}
