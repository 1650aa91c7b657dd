//! News of a rollout as entries of a log.

use ecs_apply::rollout::{News, Pause, Phase, Remark, Standing};

use super::plain::{one_line, short};
use super::{Entry, Level};

/// An entry that tells it.
pub fn news(news: &News) -> Entry {
    match news {
        News::Found { runs, standing } => found(runs, standing),
        News::Doubt(Remark { at, message }) => {
            Entry::warn("deploy.doubt", one_line(&format!("{at}: {message}")))
        }
        News::Registered { revision } => {
            let message = format!("registered {}", short(revision));
            Entry::info("deploy.registered", message).with("task_definition", &**revision)
        }
        News::Unmarked => Entry::warn(
            "deploy.unmarked",
            "the revision carries no mark of this order, because ecs:TagResource is not allowed: \
             if the message comes a second time, it may be deployed a second time",
        )
        .once_if(true),
        News::Rehearsing { task } => {
            let message = format!("the task {} runs before the service is touched", short(task));
            Entry::info("deploy.pre_task", message).with("task", &**task)
        }
        News::Updated { revision, deployment } => {
            let message = format!("the service is told to run {}", short(revision));
            Entry::info("deploy.updated", message)
                .with("task_definition", &**revision)
                .with("deployment_id", &**deployment)
        }
        News::Progress { phase, running, desired, failed } => {
            progress(*phase, *running, *desired, *failed)
        }
        News::Stage(stage) => {
            let message = format!("ECS has come to the step {}", one_line(stage));
            Entry::info("deploy.stage", message).with("stage", &**stage)
        }
        News::NoCourse(reason) => Entry::warn(
            "deploy.no_course",
            format!(
                "bake times, pauses and alarms of this deployment are not seen: {}",
                one_line(reason)
            ),
        )
        .once_if(true),
        News::Paused(pause) => paused(pause),
        News::Said(text) => {
            Entry::info("deploy.service_event", format!("the service says: {}", one_line(text)))
        }
        News::Blind(text) => Entry::warn(
            "deploy.blind",
            format!(
                "AWS cannot be asked for the moment, and will be asked again: {}",
                one_line(text)
            ),
        ),
        News::Retired { revisions } => {
            let message = format!("{revisions} old revisions are deregistered");
            Entry::info("deploy.retired", message).with("revisions", *revisions)
        }
        News::NotRetired(reason) => {
            let message = format!("old revisions could not be deregistered: {}", one_line(reason));
            Entry::warn("deploy.not_retired", message)
        }
        News::Crossed { by } => {
            let message = format!(
                "{} of an earlier order has come in between: the service is told again to run \
                 this one",
                short(by)
            );
            Entry::warn("deploy.crossed", message).with("task_definition", &**by)
        }
        News::GivesWay { to } => {
            let message = format!(
                "{} of a later order was being deployed in the same moment: the service is told \
                 to run that",
                short(to)
            );
            Entry::warn("deploy.gives_way", message).with("task_definition", &**to)
        }
        News::RollingBack { to } => {
            let message = format!("going back to {}", short(to));
            Entry::warn("deploy.rolling_back", message).with("task_definition", &**to)
        }
    }
}

fn found(runs: &str, standing: &Standing) -> Entry {
    let now = short(runs);
    let message = match standing {
        Standing::New => format!("the service runs {now}"),
        Standing::Unknown => format!(
            "the service runs {now}; whether this order was begun before cannot be seen, because \
             ecs:DescribeTaskDefinition is not allowed"
        ),
        Standing::Registered { revision } => {
            let revision = short(revision);
            format!(
                "the service runs {now}; {revision} was registered for this order before, and is used"
            )
        }
        Standing::Begun(begun) => {
            format!(
                "{} is being deployed for this order already; it is watched",
                short(&begun.revision)
            )
        }
        Standing::Undone { revision, .. } => {
            format!(
                "{} was deployed for this order before; the service runs {now} now",
                short(revision)
            )
        }
        Standing::Stale { .. } => {
            format!("the service runs {now}, which was ordered later than this")
        }
        Standing::Same { .. } => format!("the service runs {now}, which says the same"),
    };
    Entry::info("deploy.found", message).with("current", runs).with("standing", name(standing))
}

fn name(standing: &Standing) -> &'static str {
    match standing {
        Standing::New => "new",
        Standing::Unknown => "unknown",
        Standing::Registered { .. } => "registered",
        Standing::Begun(_) => "begun",
        Standing::Undone { .. } => "undone",
        Standing::Stale { .. } => "stale",
        Standing::Same { .. } => "same",
    }
}

fn progress(phase: Phase, running: i32, desired: i32, failed: i32) -> Entry {
    let what = match phase {
        Phase::Created => "waiting for the first task",
        Phase::Started => "tasks are being started",
        Phase::Running => "tasks run",
        Phase::Live => "all tasks run",
        Phase::Draining => "all tasks run, the old ones are being stopped",
        Phase::Paused => "waiting for permission to go on",
        Phase::Done => "done",
    };
    let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let level = if failed > 0 { Level::Warn } else { Level::Info };
    Entry::new(level, "deploy.progress", format!("{what} ({running} of {desired}{failures})"))
        .with("state", phase.name())
        .with("running", running)
        .with("desired", desired)
        .with("failed", failed)
}

fn paused(pause: &Pause) -> Entry {
    let Pause { hook, until, then } = pause;
    let mut message = format!("ECS waits for the hook {} to let it go on", one_line(hook));
    if let Some(until) = until {
        message += &format!(", until {until}");
    }
    if let Some(then) = then {
        message += &format!("; then: {}", one_line(then));
    }
    let entry = Entry::warn("deploy.paused", message).with("state", Phase::Paused.name());
    let entry = entry.with("hook", &**hook);
    match until {
        Some(until) => entry.with("expires_at", until.to_string()),
        None => entry,
    }
}

#[cfg(test)]
mod tests {
    use ecs_apply::rollout::Begun;
    use jiff::Timestamp;
    use serde_json::Value;

    use super::*;

    fn arn(number: u32) -> String {
        format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:{number}")
    }

    fn standings() -> Vec<Standing> {
        let begun = Begun {
            revision: arn(42),
            deployment: "ecs-svc/1".to_owned(),
            since: Timestamp::UNIX_EPOCH,
            before: arn(41),
            settled: String::new(),
            resumed: true,
        };
        vec![
            Standing::New,
            Standing::Unknown,
            Standing::Registered { revision: arn(42) },
            Standing::Begun(begun),
            Standing::Undone { revision: arn(42), by: arn(41), reverted: true },
            Standing::Stale { by: arn(41) },
            Standing::Same { revision: arn(41) },
        ]
    }

    /// One of each.
    fn all() -> Vec<News> {
        let found = |standing| News::Found { runs: arn(41), standing };
        let mut all: Vec<News> = standings().into_iter().map(found).collect();
        let phases = [
            Phase::Created,
            Phase::Started,
            Phase::Running,
            Phase::Live,
            Phase::Draining,
            Phase::Paused,
            Phase::Done,
        ];
        all.extend(phases.map(|phase| News::Progress { phase, running: 2, desired: 2, failed: 0 }));
        all.extend([
            News::Progress { phase: Phase::Started, running: 0, desired: 2, failed: 3 },
            News::Doubt(Remark { at: "$.family".to_owned(), message: "is another".to_owned() }),
            News::Registered { revision: arn(42) },
            News::Unmarked,
            News::Rehearsing { task: "arn:aws:ecs:eu-west-1:1:task/shop/a1b2".to_owned() },
            News::Updated { revision: arn(42), deployment: "ecs-svc/1".to_owned() },
            News::Stage("BAKE_TIME".to_owned()),
            News::NoCourse("it said no".to_owned()),
            News::Paused(Pause {
                hook: "approve".to_owned(),
                until: Some(Timestamp::UNIX_EPOCH),
                then: Some("ROLLBACK".to_owned()),
            }),
            News::Paused(Pause { hook: "approve".to_owned(), until: None, then: None }),
            News::Said("(service web) has started 1 tasks.\n\u{1b}[2J".to_owned()),
            News::Blind("silent for 60 s".to_owned()),
            News::Crossed { by: arn(40) },
            News::GivesWay { to: arn(43) },
            News::RollingBack { to: arn(41) },
            News::Retired { revisions: 2 },
            News::NotRetired("it said no".to_owned()),
        ]);
        all
    }

    #[test]
    fn every_piece_of_news_is_a_sentence_and_fields() {
        let lines: Vec<String> = all()
            .iter()
            .map(|it| {
                let Entry { level, event, message, fields, .. } = news(it);
                format!("{level:?} {event}: {message} {}\n", Value::from(fields))
            })
            .collect();
        insta::assert_snapshot!(lines.concat());
    }
}
