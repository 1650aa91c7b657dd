//! What was told already of why a deployment fails.

use std::collections::BTreeSet;

use ecs_apply::{Cause, Inquiry, Kind, Status};

use crate::ui::cause::{self, Form};

/// As many looks are waited for what a container wrote, which arrives late.
const PATIENCE: u8 = 4;

/// What was told already of why a deployment fails.
#[derive(Debug, Default)]
pub(crate) struct Explained {
    told: BTreeSet<(Kind, String, String)>,
    /// How many looks something is known, and waits for its log.
    waiting: u8,
}

impl Explained {
    /// What there is to tell by now: each cause in short as soon as it is known, and
    /// when it all came to a bad end, everything again with what says so. Most of what
    /// is written meanwhile is read from its end.
    pub(crate) fn news(
        &mut self,
        inquiry: &Inquiry<'_>,
        end: Option<&Status>,
        program: &str,
    ) -> String {
        let causes = inquiry.causes();
        match end {
            Some(status) if status.is_failure() || status.is_deleted() => {
                cause::text(&causes, &inquiry.evidence().unseen, program, Form::Full)
            }
            Some(_) => String::new(),
            None => cause::text(&self.fresh(causes), &[], program, Form::Brief),
        }
    }

    /// What is new and can be told.
    fn fresh(&mut self, causes: Vec<Cause>) -> Vec<Cause> {
        let mut fresh: Vec<Cause> =
            causes.into_iter().filter(|cause| !self.told.contains(&key(cause))).collect();
        fresh.retain(|cause| !cause.kind.is_consequence());
        if fresh.is_empty() {
            return fresh;
        }
        self.waiting += 1;
        if self.waiting < PATIENCE {
            fresh.retain(|cause| cause.log.is_some() || !has_log(cause.kind));
        }
        if !fresh.is_empty() {
            self.waiting = 0;
        }
        self.told.extend(fresh.iter().map(key));
        fresh
    }
}

fn key(cause: &Cause) -> (Kind, String, String) {
    (cause.kind, cause.subject.clone(), cause.message.clone())
}

/// Whether a container ran, and may have said why.
fn has_log(kind: Kind) -> bool {
    matches!(kind, Kind::ContainerExited | Kind::ContainerUnhealthy | Kind::OutOfMemory)
}
