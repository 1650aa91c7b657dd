//! What a rollout asks of AWS.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::site::{Site, Ways};
use crate::aws::AwsError;
use crate::service::{Deployment, Service, ServiceName, Task};

/// AWS, as far as a rollout needs it. Tests put another in its place, to show what no
/// local AWS can: lost answers, crashes at any moment, blue/green.
#[expect(async_fn_in_trait, reason = "whoever drives a rollout does so on one thread")]
pub trait Cloud {
    /// What AWS's clocks say, nearly.
    fn now(&self) -> Timestamp;

    /// A service; nothing, if there is none of this name.
    async fn site(&self, name: &ServiceName) -> Result<Option<Site>, AwsError>;

    /// A service as it is now, to be watched; nothing, if it is gone.
    async fn service(&self, name: &ServiceName) -> Result<Option<Service>, AwsError>;

    /// A revision of a task definition; nothing, if there is none.
    async fn revision(&self, arn: &str) -> Result<Option<Revision>, AwsError>;

    /// The ARNs of the newest revisions of a family that can be run, the newest first.
    async fn newest_revisions(&self, family: &str, most: u8) -> Result<Vec<String>, AwsError>;

    /// Makes a revision, and gives its ARN. Asks once: whether it was made is not known
    /// where there is no answer.
    async fn register(&self, definition: &Value) -> Result<String, AwsError>;

    /// Makes a revision one that cannot be run any more.
    async fn deregister(&self, arn: &str) -> Result<(), AwsError>;

    /// Has a service run a revision, and says how it is then.
    async fn update(&self, update: &Update) -> Result<Updated, AwsError>;

    /// The tasks of a revision; those that stopped, as far as AWS remembers them.
    async fn tasks(
        &self,
        name: &ServiceName,
        revision: &str,
        which: Which,
    ) -> Result<Vec<Task>, AwsError>;

    /// How far the deployment is that brings a revision to a service. Whoever knows it
    /// from before says so, which saves asking for its name.
    async fn course(
        &self,
        name: &ServiceName,
        revision: &str,
        known: Option<&Course>,
    ) -> Result<Option<Course>, AwsError>;

    /// Has ECS give a deployment up and go back to what was before.
    async fn give_up(&self, course: &Course) -> Result<(), AwsError>;

    /// Runs a revision once, as the service's tasks are run, and gives the task's ARN.
    async fn run(&self, site: &Site, revision: &str, overrides: &Value)
    -> Result<String, AwsError>;

    /// A task as it is now; nothing, if AWS has forgotten it.
    async fn task(&self, name: &ServiceName, arn: &str) -> Result<Option<Task>, AwsError>;
}

/// What a service is asked to become.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Which.
    pub service: ServiceName,
    /// What it shall run.
    pub revision: String,
    /// How it shall get there, if not as it always does.
    pub strategy: Option<Strategy>,
}

/// How a service is when it has been told to run something.
#[derive(Debug, Clone, PartialEq)]
pub struct Updated {
    /// Its deployments, the newest first.
    pub deployments: Vec<Deployment>,
    /// How it gets from one revision to the next.
    pub ways: Ways,
}

/// Which tasks of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that run, or shall.
    Running,
    /// Those that have stopped, or shall.
    Stopped,
}

/// How ECS brings a revision to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Task by task.
    Rolling,
    /// All at once, beside what runs.
    BlueGreen,
    /// A little more traffic each time.
    Linear,
    /// A little traffic first, then all.
    Canary,
}

impl Strategy {
    /// As AWS calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rolling => "ROLLING",
            Self::BlueGreen => "BLUE_GREEN",
            Self::Linear => "LINEAR",
            Self::Canary => "CANARY",
        }
    }
}

impl std::str::FromStr for Strategy {
    type Err = ();

    /// Takes AWS's name in any case, with `-` or `_`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Rolling, Self::BlueGreen, Self::Linear, Self::Canary];
        let name = text.replace('-', "_").to_ascii_uppercase();
        all.into_iter().find(|it| it.name() == name).ok_or(())
    }
}

/// A task definition as AWS has it. What it says is never shown.
#[derive(Clone, PartialEq)]
pub struct Revision {
    /// Its ARN, which ends in its number.
    pub arn: String,
    /// Whether services may begin to run it.
    pub is_active: bool,
    /// When it was made.
    pub registered: Option<Timestamp>,
    /// What it says, in AWS's own JSON.
    pub body: Map<String, Value>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { arn, is_active, registered, body: _, tags } = self;
        write!(f, "Revision {{ {arn}, {is_active}, {registered:?}, {tags:?}, .. }}")
    }
}

impl Revision {
    /// The value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

/// How far ECS is with a deployment: what it calls a service deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Its ARN.
    pub arn: String,
    /// `IN_PROGRESS`, `SUCCESSFUL`, `ROLLBACK_IN_PROGRESS`, …
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// `BAKE_TIME`, `PRODUCTION_TRAFFIC_SHIFT`, …
    pub stage: Option<String>,
    /// When somebody has to have decided whether it goes on, if that is waited for.
    pub pause: Option<Pause>,
}

impl Course {
    /// Whether ECS does nothing more about it.
    pub fn has_ended(&self) -> bool {
        const NAMES: [&str; 4] =
            ["ROLLBACK_FAILED", "ROLLBACK_SUCCESSFUL", "STOPPED", "SUCCESSFUL"];
        NAMES.contains(&self.status.as_str())
    }
}

/// ECS waits until somebody says that a deployment may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The hook that waits.
    pub hook: String,
    /// Until when.
    pub until: Option<Timestamp>,
    /// What ECS does then.
    pub then: Option<String>,
}
