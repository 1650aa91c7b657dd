//! Why a rollout was not begun, or nobody knows how it goes.

use thiserror::Error;

use super::definition::Remark;
use crate::aws::AwsError;
use crate::service::ServiceName;

/// Why a rollout was not begun, or nobody knows how it goes.
#[derive(Debug, Error)]
pub enum RolloutError {
    /// It may not be there yet.
    #[error("there is no service {} in the cluster {}", .0.service, .0.cluster)]
    NoService(ServiceName),
    /// Whoever runs the program named the wrong one.
    #[error("there is no cluster {0}")]
    NoCluster(String),
    /// It is being deleted, or was.
    #[error("the service {service} is {status}: nothing can be rolled out to it")]
    NotActive {
        /// Which.
        service: ServiceName,
        /// `DRAINING` or `INACTIVE`.
        status: String,
    },
    /// Somebody else brings revisions to it.
    #[error("new revisions come to {service} by {controller}, not by ECS")]
    Controller {
        /// Which.
        service: ServiceName,
        /// `CODE_DEPLOY` or `EXTERNAL`.
        controller: String,
    },
    /// The definition does not fit the service, or is not allowed.
    #[error("this cannot be rolled out to {service}: {}", list(.remarks))]
    Unfit {
        /// Which.
        service: ServiceName,
        /// Why, all of it.
        remarks: Vec<Remark>,
    },
    /// AWS does not take the definition.
    #[error("AWS does not take the task definition: {0}")]
    Rejected(#[source] AwsError),
    /// AWS does not take the revision for the service.
    #[error("AWS does not let {service} run {revision}: {source}")]
    NotUpdated {
        /// Which.
        service: ServiceName,
        /// The revision's ARN.
        revision: String,
        /// AWS's words.
        source: Box<AwsError>,
    },
    /// What was to run before did not end well.
    #[error("the task that runs before {service} is touched failed: {reason}")]
    Rehearsal {
        /// Which.
        service: ServiceName,
        /// Why.
        reason: String,
    },
    /// Whoever began it is not in charge any more.
    #[error("somebody else may be at work on this: {0} is left to them")]
    Withdrawn(ServiceName),
    /// AWS said no, or nothing; what was asked for may be tried again.
    #[error(transparent)]
    Aws(#[from] AwsError),
}

fn list(remarks: &[Remark]) -> String {
    let all: Vec<String> =
        remarks.iter().map(|remark| format!("{}: {}", remark.at, remark.message)).collect();
    all.join("; ")
}
