//! Sentences for a person who was called in the night: what is so now comes first.

use ecs_apply::rollout::{Failure, Outcome, Phase, Remark, Rollback, RolloutError};
use ecs_apply::{AwsError, Cause};

use super::DeployResult;
use crate::log::{one_line, short};

/// What a message has to be.
pub(super) const HOW_TO_SEND: &str = "send the whole task definition as the message's body, and \
    the service's name as its attribute: `ecs-deployer send -f taskdef.json --service NAME`, or \
    `aws sqs send-message --queue-url URL --message-body file://taskdef.json --message-attributes \
    '{\"service\": {\"DataType\": \"String\", \"StringValue\": \"NAME\"}}'`, to a FIFO queue with \
    `--message-group-id NAME --message-deduplication-id ORDER`";

/// What to do about a message that cannot be used.
pub(super) fn how_to_send(remarks: &[Remark]) -> String {
    let is_form = remarks.iter().any(|it| it.at.starts_with('$') || it.at == "attribute service");
    let help = if is_form { HOW_TO_SEND } else { "correct this, then send the order again" };
    help.to_owned()
}

/// What to do about a deployment that nobody watches.
pub(super) const LOOK: &str = "look at the service to see how it ends: the message is gone, so \
    that no other deployer will";

/// What to do so that no message is lost.
pub(super) const GIVEN_UP: &str = "give the queue a dead-letter queue, or set DEADLETTER_URL: this \
    message is lost";

/// Who typed an order has no message, and can go on with it by its name.
pub(super) fn of_command(result: &mut DeployResult) {
    const SAID: [(&str, &str); 3] = [
        ("the message cannot be used", "this cannot be deployed"),
        ("attribute service", "--service"),
        ("attribute deployment_id", "--deployment-id"),
    ];
    for (of_message, of_command) in SAID {
        result.summary = result.summary.replace(of_message, of_command);
    }
    let again = format!("run the same again with --deployment-id {}", result.key());
    for help in &mut result.help {
        if help == HOW_TO_SEND {
            "give a whole task definition, as RegisterTaskDefinition takes it, and a service of \
             the cluster"
                .clone_into(help);
        } else if help == AGAIN {
            *help = format!("{again}: what was begun is taken up where it was left");
        }
    }
}

/// What to do when nobody knows how it goes.
const AGAIN: &str = "try again: what was begun is taken up where it was left";

/// What became of an order that was left out.
pub(super) fn coalesced(service: Option<&str>) -> String {
    let service = service.unwrap_or("the same service");
    format!("a later order for {service} was carried out instead of this one")
}

/// What sentences speak of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) service: &'a str,
    pub(super) revision: Option<&'a str>,
    /// Empty, if that is not known.
    pub(super) before: &'a str,
    /// Whether the service wants no task.
    pub(super) is_idle: bool,
}

impl Told<'_> {
    /// What became of an order, in a sentence.
    pub(super) fn summary(self, outcome: &Outcome) -> String {
        let Self { service, before, .. } = self;
        let (new, old) = (self.revised(), short(before));
        let text = match outcome {
            Outcome::Deployed if self.is_idle => {
                format!("{service} has {new} now, and runs nothing: no task is wanted")
            }
            Outcome::Deployed if old.is_empty() || old == new => {
                format!("{service} runs {new} now")
            }
            Outcome::Deployed => format!("{service} runs {new} now; before, it ran {old}"),
            Outcome::Already => format!("{service} runs {new} already; nothing was changed"),
            Outcome::Superseded { by } => format!(
                "{service} was given {} by somebody else while {new} was being deployed; it was left alone",
                or_another(by)
            ),
            Outcome::Stale { by } => {
                format!(
                    "{service} runs {}, which was ordered later; this order was left out",
                    or_another(by)
                )
            }
            Outcome::Failed { failure, rollback } => {
                self.failure(failure) + &self.aftermath(failure, rollback.as_ref())
            }
        };
        one_line(&text).into_owned()
    }

    fn revised(&self) -> &str {
        self.revision.map_or("the new revision", short)
    }

    fn failure(self, failure: &Failure) -> String {
        let (service, new) = (self.service, self.revised());
        let because = |reason: &Option<String>| {
            reason.as_ref().map(|it| format!(" ({})", it.trim_end_matches('.'))).unwrap_or_default()
        };
        match failure {
            Failure::Reverted { to, reason } => {
                format!(
                    "{new} failed in {service}; ECS went back to {}{}",
                    or_another(to),
                    because(reason)
                )
            }
            Failure::GivenUp { reason } => {
                format!("{new} failed in {service}; ECS gave it up{}", because(reason))
            }
            Failure::CannotStart(cause) => {
                format!("{new} cannot start in {service}: {}", cause.message)
            }
            Failure::TasksFail { failed, desired } => format!(
                "tasks of {new} keep failing in {service}: {failed} have failed, where {desired} shall run"
            ),
            Failure::TimedOut { phase, after } => {
                let waited = after.as_secs();
                format!("{new} did not get through in {service} within {waited} s: {}", far(*phase))
            }
            Failure::Gone => format!("the service {service} is gone, and {new} with it"),
        }
    }

    fn aftermath(self, failure: &Failure, rollback: Option<&Rollback>) -> String {
        let (service, new, old) = (self.service, self.revised(), short(self.before));
        match rollback {
            None if failure.leaves_it() => format!("; {service} is left with {new}"),
            None => String::new(),
            Some(Rollback::Done { to }) => format!("; {service} is back at {}", short(to)),
            Some(Rollback::NotOurs { runs }) => format!(
                "; somebody else has given it {} since, so that nothing was rolled back",
                or_another(runs)
            ),
            Some(Rollback::Failed { reason }) => {
                format!("; going back to {} failed as well: {reason}", or_another(old))
            }
        }
    }

    /// What to do.
    pub(super) fn help(self, outcome: &Outcome) -> Vec<String> {
        match outcome {
            Outcome::Deployed | Outcome::Already | Outcome::Superseded { .. } => Vec::new(),
            Outcome::Stale { .. } => {
                vec!["send it again if it is wanted all the same, with a higher `sequence` if it has one".to_owned()]
            }
            Outcome::Failed { failure, rollback } => self.help_after(failure, rollback.as_ref()),
        }
    }

    fn help_after(self, failure: &Failure, rollback: Option<&Rollback>) -> Vec<String> {
        let service = self.service;
        let mut help = Vec::new();
        if let Some(Rollback::Failed { .. }) = rollback {
            help.push(format!("look at {service} now: nothing else will be tried"));
        }
        if let Failure::TimedOut { phase, .. } = failure {
            let name = if *phase < Phase::Running { "ECS_TIMEOUT" } else { "ECS_COMPLETE_TIMEOUT" };
            help.push(format!("raise {name} if it only needs longer"));
        }
        if rollback.is_none() && failure.leaves_it() {
            help.push(
                "send what ran before, or a repaired definition; ECS_ROLLBACK=1 goes back by itself"
                    .to_owned(),
            );
        }
        help
    }
}

fn or_another(revision: &str) -> &str {
    if revision.is_empty() { "another revision" } else { short(revision) }
}

/// How far something came that took too long.
fn far(phase: Phase) -> &'static str {
    match phase {
        Phase::Created => "no task was started",
        Phase::Started => "tasks were started, none runs",
        Phase::Running => "not all tasks were seen to run and to stay",
        Phase::Live => "all tasks run, but ECS does not call it completed",
        Phase::Draining => "all tasks run, but old ones are still being stopped",
        Phase::Paused => "nobody allowed it to go on",
        Phase::Done => "it was done, too late",
    }
}

/// Why it failed; what made it end is among it.
pub(super) fn causes(outcome: &Outcome, known: &[Cause]) -> Vec<Cause> {
    let mut causes = known.to_vec();
    if let Outcome::Failed { failure: Failure::CannotStart(cause), .. } = outcome
        && !causes.iter().any(|it| it.message == cause.message)
    {
        causes.insert(0, (**cause).clone());
    }
    causes
}

/// A cause, what says so, and what to do about it.
pub(super) fn cause(cause: &Cause, most: usize) -> String {
    let Cause { message, tasks, findings, help, .. } = cause;
    let often = if *tasks > 1 { format!(" ({tasks} tasks)") } else { String::new() };
    let mut text = format!("  cause: {}{often}\n", one_line(message));
    for finding in findings.iter().take(most) {
        let line = format!("{}: {}", finding.source, finding.text);
        text += &format!("    {}\n", one_line(&line));
    }
    if let Some(more @ 1..) = findings.len().checked_sub(most) {
        text += &format!("    and {more} more like these\n");
    }
    if !help.is_empty() {
        text += &format!("    to do: {}\n", one_line(help));
    }
    text
}

/// Why a message cannot be used.
pub(super) fn unusable(remarks: &[Remark]) -> String {
    let all: Vec<String> = remarks.iter().map(|it| format!("{}: {}", it.at, it.message)).collect();
    one_line(&format!("the message cannot be used: {}", all.join("; "))).into_owned()
}

/// What to do about an error.
pub(super) fn help(error: &RolloutError) -> Vec<String> {
    let help = match error {
        RolloutError::NoService(_) => {
            "check the service's name, ECS_CLUSTER and the region; or make the service"
        }
        RolloutError::NoCluster(_) => "check ECS_CLUSTER and the region",
        RolloutError::NotActive { .. } => "make the service anew, then send the order again",
        RolloutError::Controller { .. } => {
            "deploy it with what controls it, or make the service anew with the controller ECS"
        }
        RolloutError::Unfit { remarks, .. } if !remarks.iter().any(is_of_definition) => {
            "correct this, then send the order again"
        }
        RolloutError::Unfit { remarks, .. } if remarks.iter().any(is_forbidden) => {
            "change the definition, or have the deployer allow it (ECS_ALLOWED_IMAGES, _ROLES and \
             so on); then send it again"
        }
        RolloutError::Unfit { .. } | RolloutError::Rejected(_) => {
            "repair the definition, then send it again"
        }
        RolloutError::NotUpdated { .. } => {
            "repair the definition, then send it again; the revision stays, and nothing runs it"
        }
        RolloutError::Rehearsal { .. } => {
            "read what the task wrote; the service was not touched. Then send the order again"
        }
        RolloutError::Withdrawn(_) => "nothing: whoever has the message now goes on with it",
        RolloutError::Aws(error) => return of_aws(error),
    };
    vec![help.to_owned()]
}

fn is_of_definition(remark: &Remark) -> bool {
    remark.at.starts_with('$')
}

fn is_forbidden(remark: &Remark) -> bool {
    remark.message.contains("one of those that are allowed")
}

fn of_aws(error: &AwsError) -> Vec<String> {
    let lasts = error.is_denied() || error.is_expired() || matches!(error, AwsError::NoRegion);
    let help = if lasts || error.is_unreached() { error.help() } else { None };
    let again = (!lasts).then(|| AGAIN.to_owned());
    help.into_iter().chain(again).collect()
}
