//! How the program ends, for whoever started it.
//!
//! The original knew 0 and 1, and `ECS_EXIT_COMPAT=1` brings that back.

use std::process::ExitCode;

use ecs_apply::AwsError;
use ecs_apply::rollout::{Outcome, Report, Rollback, RolloutError};

/// The end of `--help`.
pub const HELP: &str = "\
Exit codes:
    0  deployed, only registered as asked, or deployed already
    1  the deployment failed, was rolled back or took too long
    2  the command line or the environment is wrong; nothing was received
    3  somebody deployed something newer
    4  the queue is empty (0 with ECS_EMPTY_OK=1)
    5  the message or its definition cannot be used
    6  the service or the cluster is not there, or cannot be deployed to
    7  AWS does not know who asks, or does not allow it
    8  AWS gave no answer for too long; the message is kept, if it was not removed early
    9  going back failed: somebody has to look
  143  stopped by SIGTERM or SIGINT; the message is given back, if it was not removed early
With ECS_EXIT_COMPAT=1, every failure ends with 1.";

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// What was wanted is so.
    Done = 0,
    /// The deployment failed.
    Failed = 1,
    /// What the program was given is wrong.
    Usage = 2,
    /// Somebody deployed something newer.
    Superseded = 3,
    /// There was no message.
    Empty = 4,
    /// The message cannot be used.
    Unusable = 5,
    /// There is nothing to deploy to.
    NoTarget = 6,
    /// AWS does not know who asks, or does not allow it.
    Denied = 7,
    /// AWS gave no answer for too long.
    Unanswered = 8,
    /// Going back failed.
    NotRolledBack = 9,
    /// Somebody stopped the program.
    Stopped = 143,
}

impl Exit {
    /// The number. `plain` is for those who know only 0 and 1.
    pub fn code(self, plain: bool) -> ExitCode {
        ExitCode::from(self.number(plain))
    }

    /// What a program meant that ended with a number.
    pub fn of_number(number: u8) -> Option<Self> {
        const ALL: [Exit; 11] = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::Superseded,
            Exit::Empty,
            Exit::Unusable,
            Exit::NoTarget,
            Exit::Denied,
            Exit::Unanswered,
            Exit::NotRolledBack,
            Exit::Stopped,
        ];
        ALL.into_iter().find(|it| *it as u8 == number)
    }

    fn number(self, plain: bool) -> u8 {
        if plain { u8::from(self != Self::Done) } else { self as u8 }
    }
}

impl From<&Outcome> for Exit {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Deployed | Outcome::Already => Self::Done,
            Outcome::Superseded { .. } | Outcome::Stale { .. } => Self::Superseded,
            Outcome::Failed { rollback: Some(Rollback::Failed { .. }), .. } => Self::NotRolledBack,
            Outcome::Failed {
                rollback: None | Some(Rollback::Done { .. } | Rollback::NotOurs { .. }),
                ..
            } => Self::Failed,
        }
    }
}

impl From<&RolloutError> for Exit {
    fn from(error: &RolloutError) -> Self {
        match error {
            RolloutError::NoService(_)
            | RolloutError::NoCluster(_)
            | RolloutError::NotActive { .. }
            | RolloutError::Controller { .. } => Self::NoTarget,
            RolloutError::Unfit { .. } | RolloutError::Rejected(_) => Self::Unusable,
            RolloutError::NotUpdated { .. } | RolloutError::Rehearsal { .. } => Self::Failed,
            RolloutError::Withdrawn(_) => Self::Unanswered,
            RolloutError::Aws(error) => Self::from(error),
        }
    }
}

impl From<&AwsError> for Exit {
    fn from(error: &AwsError) -> Self {
        match error {
            AwsError::NoRegion => Self::Usage,
            error if error.is_denied() || error.is_expired() || error.is_permanent() => {
                Self::Denied
            }
            AwsError::Refused { .. } | AwsError::NoAnswer { .. } | AwsError::Credentials { .. } => {
                Self::Unanswered
            }
        }
    }
}

impl From<&Report> for Exit {
    fn from(report: &Report) -> Self {
        Self::from(&report.outcome)
    }
}

#[cfg(test)]
mod tests {
    use ecs_apply::rollout::Failure;

    use super::*;

    #[test]
    fn every_outcome_has_its_code() {
        let failed = |rollback| Outcome::Failed { failure: Failure::Gone, rollback };
        let there = || "web:41".to_owned();
        let cases = [
            (Outcome::Deployed, 0),
            (Outcome::Already, 0),
            (Outcome::Superseded { by: there() }, 3),
            (Outcome::Stale { by: there() }, 3),
            (failed(None), 1),
            (failed(Some(Rollback::Done { to: there() })), 1),
            (failed(Some(Rollback::NotOurs { runs: there() })), 1),
            (failed(Some(Rollback::Failed { reason: there() })), 9),
        ];
        for (outcome, code) in cases {
            assert_eq!(Exit::from(&outcome).number(false), code, "{outcome:?}");
        }
    }

    #[test]
    fn every_error_has_its_code() {
        let refused = |code: &str| AwsError::Refused {
            action: "ecs:UpdateService",
            code: code.to_owned(),
            message: "no".to_owned(),
        };
        let silent =
            || AwsError::NoAnswer { action: "ecs:UpdateService", reason: "silence".to_owned() };
        let cases = [
            (RolloutError::NoCluster("shop".to_owned()), 6),
            (RolloutError::Rejected(refused("ClientException")), 5),
            (RolloutError::Aws(refused("AccessDeniedException")), 7),
            (RolloutError::Aws(refused("ExpiredTokenException")), 7),
            (RolloutError::Aws(refused("ThrottlingException")), 8),
            (RolloutError::Aws(silent()), 8),
            (RolloutError::Aws(AwsError::NoRegion), 2),
        ];
        for (error, code) in cases {
            assert_eq!(Exit::from(&error).number(false), code, "{error}");
        }
    }

    #[test]
    fn the_page_has_every_code() {
        let page = include_str!("../../docs/deployer.md");
        for line in HELP.lines().filter(|line| line.starts_with("  ")) {
            let (code, meaning) = line.trim().split_once("  ").unwrap();
            let meaning = meaning.replace("ECS_EMPTY_OK=1", "`ECS_EMPTY_OK=1`");
            assert!(page.contains(&format!("| {code} | {meaning} |\n")), "{line}");
        }
    }

    #[test]
    fn the_original_knew_two_codes() {
        for exit in [Exit::Failed, Exit::Empty, Exit::Denied, Exit::Stopped] {
            assert_eq!(exit.number(true), 1);
        }
        assert_eq!(Exit::Done.number(true), 0);
    }
}
