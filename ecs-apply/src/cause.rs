//! Why a deployment fails: what is known of it goes in, causes come out.
//!
//! CloudFormation says late and little of why a service does not become stable, so
//! that services, their events and their tasks that stopped are read, too. What
//! follows from something else that is known is no cause of its own: it goes below
//! the cause as one more thing that was found.

mod denied;
mod exit_code;
mod kind;
mod pull;
mod reading;
mod recovery;
mod resource;
mod service;
mod sighting;
mod stack;
mod start;
mod subject;
mod task;
mod text;

use std::fmt;

use jiff::Timestamp;

use self::sighting::Sighting;
use self::subject::Subjects;
use crate::evidence::{Evidence, LogTail};

pub use self::kind::Kind;
pub(crate) use self::task::{Culprit, culprits};

/// Why a deployment fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// What kind of thing went wrong.
    pub kind: Kind,
    /// What it happened to, as the Compose file calls it: a service; otherwise the
    /// name of a resource in the template.
    pub subject: String,
    /// What went wrong, in one sentence that stands alone.
    pub message: String,
    /// When it was first seen, if that is known.
    pub first: Option<Timestamp>,
    /// How many tasks it happened to.
    pub tasks: usize,
    /// What says so, the oldest first.
    pub findings: Vec<Finding>,
    /// The last that the container wrote.
    pub log: Option<LogTail>,
    /// What to do about it.
    pub help: String,
}

/// Something that says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// When it was said.
    pub time: Option<Timestamp>,
    /// Who said it.
    pub source: Source,
    /// What was said, in AWS's words.
    pub text: String,
}

/// Who says why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A container of a task that stopped.
    Container {
        /// The last part of the task's ARN.
        task: String,
        /// Its name.
        name: String,
    },
    /// A task that stopped.
    Task {
        /// The last part of its ARN.
        id: String,
    },
    /// CloudFormation, of a resource of the stack.
    Stack {
        /// Its name in the template.
        logical_id: String,
    },
    /// A service's list of events.
    Service {
        /// As the Compose file calls it.
        name: String,
    },
    /// What a service says of a deployment.
    Deployment {
        /// As the Compose file calls the service.
        name: String,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stack { logical_id } => write!(f, "stack, {logical_id}"),
            Self::Service { name } => write!(f, "service {name}"),
            Self::Deployment { name } => write!(f, "deployment of {name}"),
            Self::Task { id } => write!(f, "task {}", text::short_id(id)),
            Self::Container { task, name } => {
                write!(f, "task {}, container {name}", text::short_id(task))
            }
        }
    }
}

/// Why the deployment fails, the root first; nothing, as long as nothing went wrong.
///
/// Of many tasks that stopped for one reason there is one cause. The order depends on
/// what happened alone, and not on the order in which it was found out. What went wrong
/// with a service that became stable all the same is no cause: a role that was made
/// just now, for one, may be known to ECS only at the second try.
pub fn causes(evidence: &Evidence) -> Vec<Cause> {
    let subjects = Subjects::of(evidence);
    let mut sightings: Vec<Sighting<'_>> = Vec::new();
    sightings.extend(task::sightings(evidence, &subjects));
    sightings.extend(service::sightings(evidence, &subjects));
    sightings.extend(stack::sightings(evidence, &subjects));
    sighting::together(sightings)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
