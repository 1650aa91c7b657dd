//! `scale`, `deploy.replicas`, `deploy.mode` and `x-aws-autoscaling` to how many
//! tasks there are.

use compose_model::{Diagnostic, Path, nearest};

use crate::context::Context;
use crate::defaults::MOST_TASKS;
use crate::extensions::Autoscaling;
use crate::service::Scaling;

/// The keys of a service that say how often it runs.
pub(super) struct ScalingKeys<'a> {
    pub(super) scale: Option<i64>,
    pub(super) replicas: Option<i64>,
    pub(super) mode: Option<&'a str>,
    pub(super) autoscaling: Option<Autoscaling>,
}

/// How many tasks a service has.
pub(super) fn scaling(keys: &ScalingKeys<'_>, at: &Path, cx: &mut Context<'_>) -> Scaling {
    mode(keys.mode, at, cx);
    let asked = keys.scale.or(keys.replicas);
    let replicas = asked.map(|count| u32::try_from(count.max(0)).unwrap_or(u32::MAX));
    match keys.autoscaling {
        Some(autoscaling) => automatic(autoscaling, replicas, &at.key("deploy"), cx),
        None => Scaling::Fixed(replicas.unwrap_or(1)),
    }
}

fn mode(mode: Option<&str>, at: &Path, cx: &mut Context<'_>) {
    let problem = match mode {
        None | Some("" | "replicated") => return,
        Some("global") => Diagnostic::warning(
            "ecs::deploy-mode",
            "Fargate has no machines to run one task on each, so `global` is taken for `replicated`",
        )
        .help("write `mode: replicated`, and how many tasks as `replicas`"),
        Some(job @ ("replicated-job" | "global-job")) => Diagnostic::error(
            "ecs::deploy-mode",
            format!("a `{job}` ends, and ECS would start it again and again"),
        )
        .help("move what it runs to `pre_start` of the service that needs it"),
        Some(other) => unknown(other),
    };
    cx.report(problem.at(at.key("deploy").key("mode"), ""));
}

fn unknown(mode: &str) -> Diagnostic {
    let message = format!("`{mode}` is no mode of a service");
    let meant = nearest(mode, ["replicated", "global"]).unwrap_or("replicated");
    Diagnostic::error("ecs::deploy-mode", message).help(format!("write `{meant}`"))
}

fn automatic(
    asked: Autoscaling,
    replicas: Option<u32>,
    deploy: &Path,
    cx: &mut Context<'_>,
) -> Scaling {
    let at = deploy.key("x-aws-autoscaling");
    let Autoscaling { min, max, cpu, memory } = asked;
    let min = min.or(replicas).unwrap_or(1);
    let max = max.unwrap_or_else(|| no_maximum(min, &at, cx));
    if min > max {
        let message = format!("there cannot be at least {min} tasks and at most {max}");
        let help = format!("write `max: {min}` or more");
        cx.report(autoscaling_error(message).at(at.clone(), "").help(help));
    }
    if min == 0 && max > 0 {
        let message = "a service without tasks has no load that would start one again";
        cx.report(
            Diagnostic::warning("ecs::autoscaling", message)
                .at(at.clone(), "")
                .help("write `min: 1`"),
        );
    }
    if let Some(count) = replicas.filter(|count| !(min..=max.max(min)).contains(count)) {
        let message = format!("there are {min} to {max} tasks, and never {count}");
        cx.report(
            Diagnostic::warning("ecs::autoscaling", message)
                .at(at.clone(), "this counts")
                .help("remove the number of replicas"),
        );
    }
    if cpu.is_none() && memory.is_none() {
        let message = "nothing says what the number of tasks depends on";
        cx.report(autoscaling_error(message).at(at, "").help("add `cpu: 75` or `memory: 75`"));
    }
    Scaling::Automatic { min, max, cpu, memory }
}

fn autoscaling_error(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("ecs::autoscaling", message)
}

fn no_maximum(min: u32, at: &Path, cx: &mut Context<'_>) -> u32 {
    let max = MOST_TASKS.max(min);
    let message = format!("nothing says how many tasks there may be, so {max} is the most");
    cx.report(
        Diagnostic::warning("ecs::autoscaling", message)
            .at(at.clone(), "")
            .help(format!("add `max: {max}`")),
    );
    max
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::{check, loaded, service};

    #[test]
    fn replicas_come_from_either_key() {
        assert_eq!(service("init: true").scaling, Scaling::Fixed(1));
        assert_eq!(service("scale: 3").scaling, Scaling::Fixed(3));
        assert_eq!(service("deploy: {replicas: 10}").scaling, Scaling::Fixed(10));
        assert_eq!(service("scale: 0").scaling, Scaling::Fixed(0));
    }

    fn automatic_of(asked: Autoscaling, replicas: Option<u32>) -> (Scaling, Vec<String>) {
        let loaded = loaded("services: {web: {image: nginx}}");
        let facts = Facts::none();
        let mut cx = Context::new(&loaded, &facts);
        let scaling = automatic(asked, replicas, &Path::root(), &mut cx);
        (scaling, cx.problems.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn both_targets_may_be_aimed_for() {
        let asked = Autoscaling { min: Some(2), max: Some(5), cpu: Some(75), memory: Some(80) };
        let given = Scaling::Automatic { min: 2, max: 5, cpu: Some(75), memory: Some(80) };
        assert_eq!(automatic_of(asked, None), (given, vec![]));
    }

    #[test]
    fn replicas_are_the_least_and_ten_the_most_unless_it_is_said() {
        let asked = Autoscaling { cpu: Some(75), ..Autoscaling::default() };
        let (scaling, told) = automatic_of(asked, Some(3));
        assert_eq!(scaling, Scaling::Automatic { min: 3, max: 10, cpu: Some(75), memory: None });
        assert_eq!(told, ["nothing says how many tasks there may be, so 10 is the most"]);
        let (scaling, _) = automatic_of(asked, Some(30));
        assert_eq!(scaling, Scaling::Automatic { min: 30, max: 30, cpu: Some(75), memory: None });
    }

    #[test]
    fn the_least_must_not_exceed_the_most_and_there_must_be_a_target() {
        let asked = Autoscaling { min: Some(6), max: Some(5), ..Autoscaling::default() };
        let (_, told) = automatic_of(asked, None);
        let expected = [
            "there cannot be at least 6 tasks and at most 5",
            "nothing says what the number of tasks depends on",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn replicas_that_never_are_and_none_at_all_are_told() {
        let asked = Autoscaling { min: Some(0), max: Some(3), cpu: Some(75), memory: None };
        let (_, told) = automatic_of(asked, Some(10));
        let expected = [
            "a service without tasks has no load that would start one again",
            "there are 0 to 3 tasks, and never 10",
        ];
        assert_eq!(told, expected);
        assert_eq!(automatic_of(Autoscaling { min: Some(1), ..asked }, Some(2)).1, [""; 0]);
    }

    #[test]
    fn modes_without_machines_are_adapted_and_jobs_refused() {
        check(
            "
services:
  agent:
    image: nginx
    deploy:
      mode: global
#           ^^^^^^ warning: Fargate has no machines to run one task on each, so `global` is taken for `replicated`
#           help: write `mode: replicated`, and how many tasks as `replicas`
  migrate:
    image: nginx
    deploy:
      mode: replicated-job
#           ^^^^^^^^^^^^^^ error: a `replicated-job` ends, and ECS would start it again and again
#           help: move what it runs to `pre_start` of the service that needs it
  web:
    image: nginx
    deploy:
      mode: replicate
#           ^^^^^^^^^ error: `replicate` is no mode of a service
#           help: write `replicated`
",
        );
    }

    #[test]
    fn a_number_alone_is_the_share_of_cpu() {
        let scaling = service("deploy: {x-aws-autoscaling: 75, replicas: 2}").scaling;
        assert_eq!(scaling, Scaling::Automatic { min: 2, max: 10, cpu: Some(75), memory: None });
        check(
            "
services:
  web:
    image: nginx
    deploy:
      x-aws-autoscaling:
#     ^^^^^^^^^^^^^^^^^ error: there cannot be at least 5 tasks and at most 2
#     help: write `max: 5` or more
        min: 5
        max: 2
        cpu: 75
",
        );
    }
}
