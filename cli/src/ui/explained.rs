//! What was told already of why a deployment fails.

use std::collections::BTreeSet;
use std::time::Duration;

use ecs_apply::{Cause, Kind};

use crate::caller::LogsCommand;
use crate::ui::cause::{self, Form};

/// How long is waited for what a container wrote, which arrives late or never.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was told already of why a deployment fails.
#[derive(Debug, Default)]
pub(crate) struct Explained {
    told: BTreeSet<(Kind, String, String)>,
    /// Since when something is known and waits for its log.
    waiting: Option<Duration>,
}

impl Explained {
    /// What there is to tell by now: each cause in short, as soon as it is known.
    pub(crate) fn news(
        &mut self,
        causes: Vec<Cause>,
        elapsed: Duration,
        logs: &LogsCommand,
    ) -> String {
        cause::text(&self.fresh(causes, elapsed), &[], Some(logs), Form::Brief)
    }

    /// What is new and can be told.
    fn fresh(&mut self, causes: Vec<Cause>, elapsed: Duration) -> Vec<Cause> {
        let is_new = |it: &Cause| !it.kind.is_consequence() && !self.told.contains(&key(it));
        let mut fresh: Vec<Cause> = causes.into_iter().filter(is_new).collect();
        let waits = |it: &Cause| it.log.is_none() && has_log(it.kind);
        self.waiting = fresh.iter().any(waits).then(|| self.waiting.unwrap_or(elapsed));
        if self.waiting.is_some_and(|since| elapsed < since + PATIENCE) {
            fresh.retain(|it| !waits(it));
        }
        self.told.extend(fresh.iter().map(key));
        fresh
    }
}

fn key(cause: &Cause) -> (Kind, String, String) {
    (cause.kind, cause.subject.clone(), cause.message.clone())
}

/// Whether a container ended by itself, and may have said why.
fn has_log(kind: Kind) -> bool {
    matches!(kind, Kind::ContainerExited | Kind::OutOfMemory)
}

#[cfg(test)]
mod tests {
    use ecs_apply::LogTail;

    use super::*;

    #[test]
    fn a_cause_is_told_once_and_waits_a_little_for_its_log() {
        let cause = |kind: Kind, log: Option<LogTail>| Cause {
            kind,
            subject: "web".to_owned(),
            message: "no".to_owned(),
            first: None,
            tasks: 1,
            findings: Vec::new(),
            log,
            help: String::new(),
        };
        let log = LogTail {
            task: "1".to_owned(),
            container: "web".to_owned(),
            group: "shop".to_owned(),
            lines: Vec::new(),
        };
        let mut explained = Explained::default();
        let mut tell = |kind, log, second| {
            explained.fresh(vec![cause(kind, log)], Duration::from_secs(second)).len()
        };
        assert_eq!(tell(Kind::GivenUp, None, 1), 0);
        assert_eq!(tell(Kind::Denied, None, 1), 1);
        assert_eq!(tell(Kind::Denied, None, 2), 0);
        assert_eq!(tell(Kind::ContainerExited, None, 3), 0);
        assert_eq!(tell(Kind::ContainerExited, None, 7), 1);
        assert_eq!(tell(Kind::OutOfMemory, Some(log), 8), 1);
    }
}
