//! What whoever runs the program wants, after everything was checked.

mod given;
mod grammar;
mod problem;
mod queue_url;
mod read;
mod variables;

use std::net::SocketAddr;
use std::time::Duration;

use ecs_apply::rollout::{Globs, Policy, Strategy, Terms};

pub use self::given::{Given, Lookup};
pub use self::problem::Problem;
pub use self::queue_url::{NotAQueue, QueueUrl};
pub use self::read::{is_plain, log_format, settings};
pub use self::variables::{Takes, Use, VARIABLES, Variable};
use crate::log::{Format, Level};

/// What a command asks of its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Whether it needs a queue.
    pub needs_queue: bool,
    /// Whether a person reads the log.
    pub terminal: bool,
}

/// What whoever runs the program wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The queue's URL; empty, if the command needs none and none is given.
    pub queue: String,
    /// Where AWS is asked.
    pub place: Place,
    /// The cluster's name.
    pub cluster: String,
    /// Other clusters that messages may name. None, if the list is empty.
    pub clusters: Option<Globs>,
    /// When a rollout is done, and when it is given up. Messages may change it.
    pub terms: Terms,
    /// What may be rolled out.
    pub policy: Policy,
    /// How ECS shall do it, if not as it always does. Messages may change it.
    pub strategy: Option<Strategy>,
    /// How many messages are worked on before the program ends.
    pub mode: Mode,
    /// When a message is removed from the queue.
    pub acknowledge: Acknowledge,
    /// Whether definitions without `volumes` are refused.
    pub needs_volumes: bool,
    /// How long a queue is asked before it counts as empty.
    pub wait: Duration,
    /// After how many receives a message that cannot be used is removed, where the
    /// queue does not do it itself.
    pub max_receives: u32,
    /// Where messages go that cannot be used.
    pub dead_letters: Option<String>,
    /// Where results go.
    pub results: Option<String>,
    /// Where ECS tells what changes.
    pub events: Option<String>,
    /// How many revisions of a family are kept after a success; all, if nothing is said.
    pub keep_revisions: Option<u8>,
    /// How many messages are worked on at the same time.
    pub concurrency: usize,
    /// Whether of several messages for one service only the newest is done.
    pub coalesce: bool,
    /// Who ECS is asked as.
    pub role: Option<Role>,
    /// Who is told of results.
    pub notices: Notices,
    /// How it is told what happens.
    pub log: (Format, Level),
    /// Where it is told whether the program works.
    pub health: Option<SocketAddr>,
    /// Where it is told what was done.
    pub metrics: Option<SocketAddr>,
    /// Whether CloudWatch reads metrics from the log.
    pub embedded_metrics: bool,
    /// The family that this program itself runs from, if it is a task that stays.
    pub own_family: Option<String>,
    /// Whether an empty queue is success.
    pub empty_is_fine: bool,
    /// Whether every failure ends with 1.
    pub plain_exit: bool,
    /// What is allowed, and may be a mistake: told once.
    pub doubts: Vec<Problem>,
}

impl Settings {
    /// What never gets into a log.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let Notices { slack, topic: _, webhook } = &self.notices;
        let external_id = self.role.as_ref().and_then(|it| it.external_id.as_ref());
        let slack = slack.as_ref().map(|it| &it.webhook);
        [slack, webhook.as_ref(), external_id].into_iter().flatten().map(String::as_str)
    }
}

/// Where AWS is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The region; that of the queue, if nothing else is said. If it is not known, the
    /// files of AWS's programs may have it.
    pub region: Option<String>,
    /// The number of the account that services are in, if that is known: that of the role
    /// that is taken on, or the queue's.
    pub account: Option<String>,
    /// A profile of those files.
    pub profile: Option<String>,
    /// Whether the profile was typed. Whoever types it means it, whatever keys the
    /// environment has.
    pub is_profile_typed: bool,
    /// Where the queue is asked, if its URL says so and nothing else does.
    pub queue_endpoint: Option<String>,
    /// An address to ask instead of AWS, if it was typed. One of the environment may be
    /// for a single service, which the SDK knows to tell apart.
    pub endpoint: Option<String>,
}

impl Place {
    /// In what way an ARN is of somewhere else, if it is one and is.
    pub fn elsewhere(&self, text: &str) -> Option<String> {
        let mut parts = text.strip_prefix("arn:")?.split(':').skip(2);
        let (region, account) = (parts.next()?, parts.next()?);
        if let Some(own) = self.region.as_ref().filter(|own| *own != region) {
            return Some(format!("is of the region {region}, and {own} is asked"));
        }
        let own = self.account.as_ref().filter(|own| *own != account)?;
        Some(format!("is of the account {account}, and this is for {own}"))
    }
}

/// How many messages are worked on before the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One.
    Once,
    /// All.
    Drain,
    /// All that ever come.
    Daemon,
}

/// When a message is removed from the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledge {
    /// When the outcome is decided, if revisions can be marked; otherwise as soon as
    /// the service has been told.
    Auto,
    /// When the outcome is decided.
    Finish,
    /// As soon as the service has been told.
    Started,
}

/// A role to take on.
#[derive(Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// What its trust policy asks for.
    pub external_id: Option<String>,
}

/// Who is told of results. Their addresses are secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// A channel.
    pub slack: Option<Slack>,
    /// A topic's ARN.
    pub topic: Option<String>,
    /// An address that takes JSON.
    pub webhook: Option<String>,
}

/// A channel of Slack.
#[derive(Clone, PartialEq, Eq)]
pub struct Slack {
    /// The address, which is a secret.
    pub webhook: String,
    /// The channel.
    pub channel: String,
    /// Who speaks.
    pub name: String,
    /// The colour of what is said.
    pub color: String,
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { slack, topic, webhook } = self;
        f.debug_struct("Notices")
            .field("slack", &slack.as_ref().map(|it| &it.channel))
            .field("topic", topic)
            .field("webhook", &webhook.is_some())
            .finish()
    }
}

impl std::fmt::Debug for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Role").field("arn", &self.arn).finish_non_exhaustive()
    }
}

/// A time such as `300`, `300s` or `5m`.
///
/// # Errors
///
/// What to type instead.
pub fn time(text: &str) -> Result<Duration, String> {
    grammar::time(text).map_err(|wrong| wrong.instead)
}

/// An address of the web.
///
/// # Errors
///
/// What to type instead.
pub fn address(text: &str) -> Result<String, String> {
    grammar::address(text).map_err(|wrong| wrong.instead)
}

/// A message can be kept from others for twelve hours, and something is left for the
/// end. <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>
const LONGEST: Duration = Duration::from_secs(11 * 3600 + 30 * 60);

/// Whether a message can be kept from others for as long as these terms allow.
pub fn can_be_held(terms: &Terms) -> bool {
    terms.start.saturating_add(terms.complete) <= LONGEST
}
