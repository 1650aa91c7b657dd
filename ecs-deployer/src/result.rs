//! What became of an order, for people and for programs. The log, the queue of results,
//! the webhook and the channel all tell the same.

mod console;
mod story;
mod words;

use std::time::Duration;

use ecs_apply::Cause;
use ecs_apply::rollout::{Definition, Failure, Outcome, Remark, Report, Rollback, RolloutError};
use serde_json::{Map, Value, json};

pub(crate) use self::console::task as console_task;
pub use self::story::Story;
use crate::decision::Fate;
use crate::exit::Exit;
use crate::log::{Entry, Level, one_line, short};

/// As much of what others say is repeated.
const MOST_EVENTS: usize = 10;
const MOST_FINDINGS: usize = 5;

/// What an order was about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// Says which order it is.
    pub key: String,
    /// The service's name; nothing, if the definition was only to be registered.
    pub service: Option<String>,
    /// The cluster's name.
    pub cluster: String,
    /// The definition's family, if it could be read.
    pub family: Option<String>,
    /// The region, if it is known.
    pub region: Option<String>,
    /// What the definition was made from.
    pub commit_url: Option<String>,
    /// Where the deployer's own task is shown.
    pub deployer: Option<String>,
    /// Where containers write their logs, by the name of each.
    pub logs: Vec<(String, String)>,
}

impl About {
    /// Adds what a definition says.
    #[must_use]
    pub fn of(self, definition: &Definition) -> Self {
        let body = definition.request(&[]);
        let containers = body["containerDefinitions"].as_array().cloned().unwrap_or_default();
        let group = |it: &Value| {
            let group = it["logConfiguration"]["options"]["awslogs-group"].as_str()?;
            Some((it["name"].as_str()?.to_owned(), group.to_owned()))
        };
        let logs = containers.iter().filter_map(group).collect();
        Self { family: Some(definition.family().to_owned()), logs, ..self }
    }
}

/// How an order ended.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// It was brought to its service, or not.
    Rollout(&'a Result<Report, RolloutError>),
    /// It was only registered, or not.
    Registered(&'a Result<String, RolloutError>),
    /// It could not be read.
    Unusable(&'a [Remark]),
    /// A later order for the same service was carried out instead.
    Coalesced,
    /// Somebody stopped the program, and nobody else goes on with it.
    Unattended,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct DeployResult {
    /// In a word.
    pub status: Status,
    /// In a sentence.
    pub summary: String,
    /// Why, the root first.
    pub causes: Vec<Cause>,
    /// What the service said since, the oldest first.
    pub said: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// How the program ends, if it ends with this.
    pub exit: Exit,
    previous: Option<String>,
    revision: Option<String>,
    about: About,
    story: Story,
    calls: u32,
    /// What becomes of the message, if there is one.
    fate: Option<Fate>,
}

/// What became of an order, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The service runs it.
    Deployed,
    /// The service ran it already.
    Already,
    /// It was registered, and no more was asked.
    Registered,
    /// The service does not run it, or not well.
    Failed,
    /// The same, and the service is back at what it ran before.
    RolledBack,
    /// The same, and it is not.
    NotRolledBack,
    /// Somebody deployed something newer meanwhile.
    Superseded,
    /// Somebody had deployed something newer.
    Stale,
    /// It cannot be used.
    Refused,
    /// It was not begun, or nobody knows how it goes; it can be tried again.
    Interrupted,
    /// It goes on, and nobody will see how.
    Unattended,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Deployed,
        Self::Already,
        Self::Registered,
        Self::Failed,
        Self::RolledBack,
        Self::NotRolledBack,
        Self::Superseded,
        Self::Stale,
        Self::Refused,
        Self::Interrupted,
        Self::Unattended,
    ];

    /// A name that does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Already => "already_deployed",
            Self::Registered => "registered",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::NotRolledBack => "rollback_failed",
            Self::Superseded => "superseded",
            Self::Stale => "stale",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
            Self::Unattended => "unattended",
        }
    }

    /// Whether what was wanted is so.
    pub fn is_success(self) -> bool {
        self <= Self::Registered
    }

    /// Whether the service was touched, and its tasks may say more.
    fn is_about_tasks(self) -> bool {
        match self {
            Self::Failed | Self::RolledBack | Self::NotRolledBack | Self::Superseded => true,
            Self::Deployed
            | Self::Already
            | Self::Registered
            | Self::Stale
            | Self::Refused
            | Self::Interrupted
            | Self::Unattended => false,
        }
    }

    fn level(self) -> Level {
        match self {
            Self::Deployed | Self::Already | Self::Registered => Level::Info,
            Self::Superseded | Self::Stale | Self::Unattended => Level::Warn,
            Self::Failed
            | Self::RolledBack
            | Self::NotRolledBack
            | Self::Refused
            | Self::Interrupted => Level::Error,
        }
    }
}

impl From<&Outcome> for Status {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Deployed => Self::Deployed,
            Outcome::Already => Self::Already,
            Outcome::Superseded { .. } => Self::Superseded,
            Outcome::Stale { .. } => Self::Stale,
            Outcome::Failed { rollback: Some(Rollback::Failed { .. }), .. } => Self::NotRolledBack,
            Outcome::Failed { rollback: Some(Rollback::Done { .. }), .. }
            | Outcome::Failed { failure: Failure::Reverted { .. }, rollback: None } => {
                Self::RolledBack
            }
            Outcome::Failed { rollback: None | Some(Rollback::NotOurs { .. }), .. } => Self::Failed,
        }
    }
}

impl From<&RolloutError> for Status {
    fn from(error: &RolloutError) -> Self {
        match error {
            RolloutError::NotActive { .. }
            | RolloutError::Controller { .. }
            | RolloutError::Unfit { .. }
            | RolloutError::Rejected(_) => Self::Refused,
            RolloutError::NotUpdated { .. } | RolloutError::Rehearsal { .. } => Self::Failed,
            RolloutError::NoService(_)
            | RolloutError::NoCluster(_)
            | RolloutError::Withdrawn(_)
            | RolloutError::Aws(_) => Self::Interrupted,
        }
    }
}

/// Tells what became of an order; `calls` is how often AWS was asked.
pub fn result(answer: Answer<'_>, about: &About, story: &Story, calls: u32) -> DeployResult {
    let blank = DeployResult {
        status: Status::Refused,
        summary: String::new(),
        causes: Vec::new(),
        said: Vec::new(),
        help: Vec::new(),
        exit: Exit::Unusable,
        previous: story.previous.clone(),
        revision: story.revision.clone(),
        about: about.clone(),
        story: story.clone(),
        calls,
        fate: None,
    };
    match answer {
        Answer::Rollout(Ok(report)) => of_report(report, blank),
        Answer::Rollout(Err(error)) | Answer::Registered(Err(error)) => of_error(error, blank),
        Answer::Registered(Ok(revision)) => DeployResult {
            status: Status::Registered,
            summary: format!("{} is registered; no service was to run it", short(revision)),
            exit: Exit::Done,
            revision: Some(revision.clone()),
            ..blank
        },
        Answer::Unusable(remarks) => DeployResult {
            summary: words::unusable(remarks),
            help: vec![words::how_to_send(remarks)],
            ..blank
        },
        Answer::Coalesced => DeployResult {
            status: Status::Superseded,
            summary: words::coalesced(blank.service()),
            exit: Exit::Superseded,
            ..blank
        },
        Answer::Unattended => DeployResult {
            status: Status::Unattended,
            summary: format!("asked to stop: {}", blank.unwatched().unwrap_or_default()),
            help: vec![words::LOOK.to_owned()],
            exit: Exit::Stopped,
            ..blank
        },
    }
}

fn of_report(report: &Report, blank: DeployResult) -> DeployResult {
    let Report { outcome, revision, before, is_idle, causes, said } = report;
    let service = blank.about.service.clone().unwrap_or_default();
    let told =
        words::Told { service: &service, revision: revision.as_deref(), before, is_idle: *is_idle };
    DeployResult {
        status: outcome.into(),
        summary: told.summary(outcome),
        causes: words::causes(outcome, causes),
        said: said.iter().rev().take(MOST_EVENTS).rev().cloned().collect(),
        help: told.help(outcome),
        exit: report.into(),
        previous: Some(before.clone()).filter(|it| !it.is_empty()).or(blank.previous),
        revision: revision.clone().or(blank.revision),
        ..blank
    }
}

fn of_error(error: &RolloutError, blank: DeployResult) -> DeployResult {
    DeployResult {
        status: error.into(),
        summary: one_line(&error.to_string()).into_owned(),
        help: words::help(error),
        exit: error.into(),
        ..blank
    }
}

impl DeployResult {
    /// Says what becomes of the message, and what that means for what was begun.
    #[must_use]
    pub fn of_message(mut self, fate: Option<Fate>) -> Self {
        self.fate = fate;
        if fate == Some(Fate::GiveUp) {
            self.help.push(words::GIVEN_UP.to_owned());
        }
        if fate.is_none() {
            words::of_command(&mut self);
        }
        let unwatched = self.unwatched().filter(|_| self.status == Status::Interrupted);
        let Some(unwatched) = unwatched else { return self };
        self.summary = match fate {
            Some(Fate::Keep(time)) => format!(
                "{}; {unwatched} until the message comes again, in {} s",
                self.summary,
                time.as_secs()
            ),
            Some(_) | None => format!("{}; {unwatched}", self.summary),
        };
        if fate == Some(Fate::Gone) {
            self.status = Status::Unattended;
            self.help = vec![words::LOOK.to_owned()];
        }
        self
    }

    /// That something was begun, and goes on by itself.
    fn unwatched(&self) -> Option<String> {
        let deployment = self.story.deployment.as_deref()?;
        let revision = self.revision.as_deref().map_or("the new revision", short);
        let service = self.service().unwrap_or("its service");
        Some(format!("{deployment} of {revision} goes on in {service}, and nobody watches it"))
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let About { key, service, cluster, family, region, commit_url, logs, .. } = &self.about;
        let mut document = json!({
            "version": 1,
            "event": "deploy.result",
            "status": self.status.name(),
            "success": self.status.is_success(),
            "exit_code": self.exit as u8,
            "summary": self.summary,
            "delivery_key": key,
            "service": service,
            "cluster": cluster,
            "region": region,
            "family": family,
            "previous_task_definition": self.previous,
            "task_definition": self.revision,
            "deployment_id": self.story.deployment,
            "commit_url": commit_url,
            "causes": self.causes.iter().map(cause).collect::<Vec<_>>(),
            "events": self.said,
            "help": self.help,
            "links": self.links(),
            "logs": logs.iter().map(log_group).collect::<Vec<_>>(),
            "durations_ms": self.durations(),
            "api_calls": self.calls,
            "message": self.fate.map(Fate::name),
        });
        if let Some(document) = document.as_object_mut() {
            document.retain(|_, value| !is_nothing(value));
        }
        document
    }

    fn links(&self) -> Map<String, Value> {
        let service = self.console().map(|it| ("service", it));
        let deployer = self.about.deployer.clone().map(|it| ("deployer", it));
        let links = service.into_iter().chain(deployer);
        links.map(|(name, url)| (name.to_owned(), url.into())).collect()
    }

    fn durations(&self) -> Map<String, Value> {
        let ms = |time: Duration| Value::from(time.as_millis() as u64);
        let phases = self.story.phases();
        let mut all: Map<String, Value> =
            phases.iter().map(|(name, time)| ((*name).to_owned(), ms(*time))).collect();
        all.insert("total".to_owned(), ms(self.story.total()));
        all
    }

    /// Where the service is shown.
    pub fn console(&self) -> Option<String> {
        let About { service, cluster, region, .. } = &self.about;
        Some(console::service(region.as_deref()?, cluster, service.as_deref()?))
    }

    /// How long its parts took.
    pub fn phases(&self) -> Vec<(&'static str, Duration)> {
        self.story.phases()
    }

    /// How often AWS was asked.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// Says which order it is.
    pub fn key(&self) -> &str {
        &self.about.key
    }

    /// The service's name, unless the definition was only to be registered.
    pub fn service(&self) -> Option<&str> {
        self.about.service.as_deref()
    }

    /// The cluster's name.
    pub fn cluster(&self) -> &str {
        &self.about.cluster
    }

    /// What the definition was made from.
    pub fn commit_url(&self) -> Option<&str> {
        self.about.commit_url.as_deref()
    }

    /// Where the deployer's own task is shown.
    pub fn deployer(&self) -> Option<&str> {
        self.about.deployer.as_deref()
    }

    /// For people: the cause, then what says so, then what to do, then where to look.
    pub fn text(&self) -> String {
        self.sentences(&self.said)
    }

    fn sentences(&self, said: &[String]) -> String {
        let mut text = self.summary.clone() + "\n";
        for cause in &self.causes {
            text += &words::cause(cause, MOST_FINDINGS);
        }
        if self.status.is_about_tasks() {
            text.extend(said.iter().map(|it| format!("  the service said: {}\n", one_line(it))));
        }
        text.extend(self.help.iter().map(|it| format!("  to do: {}\n", one_line(it))));
        if self.status.is_about_tasks() {
            text += &self.places();
        }
        text
    }

    /// Where somebody may look.
    fn places(&self) -> String {
        let service = self.console().map(|it| format!("  look at: {it}\n"));
        let logs = self.about.logs.iter().map(|(container, group)| {
            format!(
                "  container {} writes to the log group {}\n",
                one_line(container),
                one_line(group)
            )
        });
        service.into_iter().chain(logs).collect()
    }

    /// For the log, which has had what the service said, one by one.
    pub fn entry(&self) -> Entry {
        let fields = match self.json() {
            Value::Object(fields) => fields,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        let message = self.sentences(&[]).trim_end().to_owned();
        let entry = Entry::new(self.status.level(), "deploy.result", message);
        Entry { fields, ..entry }
    }
}

fn cause(cause: &Cause) -> Value {
    let findings = cause.findings.iter().take(MOST_FINDINGS);
    let evidence: Vec<String> =
        findings.map(|finding| format!("{}: {}", finding.source, finding.text)).collect();
    json!({
        "kind": cause.kind.to_string(),
        "message": cause.message,
        "tasks": cause.tasks,
        "evidence": evidence,
        "help": cause.help,
    })
}

fn log_group((container, group): &(String, String)) -> Value {
    json!({ "container": container, "group": group })
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests;
