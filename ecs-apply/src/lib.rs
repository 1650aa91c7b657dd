//! Makes what a CloudFormation template says so, and tells what happens.
//!
//! ```
//! let template = ecs_apply::parse("Resources: {Log: {Type: AWS::Logs::LogGroup}}")?;
//! let plan = ecs_apply::creation("shop", &template, false);
//! assert_eq!(plan.counts().added, 1);
//! assert!(!plan.needs_consent());
//! # Ok::<(), ecs_apply::TemplateError>(())
//! ```
//!
//! [`Aws`] is AWS in our words: its methods take and give the nouns of this crate,
//! and nothing outside of `aws` knows the SDK. What is decided about those nouns is
//! decided by functions that ask nobody, so that it can be read and tested alone.

mod aws;
mod bucket;
mod cause;
mod cluster;
mod deploy;
mod described;
mod endpoint;
mod evidence;
mod file_system;
mod history;
mod list;
mod load_balancer;
mod log_event;
mod log_sources;
mod log_stream;
mod lookup;
mod network;
mod plan;
mod readiness;
mod recreate;
mod registry;
mod repository;
mod request;
pub mod rollout;
mod roster;
mod secret;
mod service;
mod stack;
mod stack_name;
mod status;
mod template;
mod volumes;
mod watch;

pub use aws::{
    Aws, AwsError, Between, Courier, Ecs, Launch, Settings, Undelivered, as_profile, between,
    failed, filled, http_client,
};
pub use cause::{Cause, Finding, Kind, Source, causes};
pub use cluster::Cluster;
pub use deploy::{
    Attempt, Begun, DeployError, INLINE_BYTES, Operation, PROJECT_TAG, Planned, observe, operation,
};
pub use endpoint::{Endpoint, Entrance, Target};
pub use evidence::{ContainerSettings, Evidence, Inquiry, LogLine, LogStream, LogTail, Unseen};
pub use file_system::{FileSystem, MountTarget};
pub use history::{Happening, Teller, history};
pub use list::projects;
pub use load_balancer::{Listener, LoadBalancer};
pub use log_event::{LogEvent, LogPage, LogQuery};
pub use log_sources::{ContainerLogs, Elsewhere, LogSource, LogSources, Logger, log_sources};
pub use log_stream::{LogEntry, LogNews, LogRequest, read_logs};
pub use lookup::{Looked, LookupOptions, lookup};
pub use network::{Route, RouteTable, SecurityGroup, Subnet, Vpc};
pub use plan::{
    Action, Counts, Difference, Observed, Plan, PlanKind, Risk, RiskKind, Step, creation, reverted,
    update,
};
pub use recreate::{Recreated, Restart};
pub use repository::{
    Held, RegistryLogin, Repository, hold, registry_login, repository, repository_name,
};
pub use request::{Fingerprint, ParameterValue, StackRequest};
pub use roster::Member;
pub use secret::Secret;
pub use service::{Container, Deployment, Service, ServiceEvent, ServiceName, Task, TaskFilter};
pub use stack::{
    Change, ChangeKind, ChangeSet, ChangeSetKind, NewStack, OnFailure, PropertyChange, Recreation,
    Replacement, Stack, StackEvent, StackResource, Status, TemplateSource,
};
pub use stack_name::stack_name;
pub use status::{ServiceStatus, StackStatus, State, status};
pub use template::{TemplateError, parse, secret_parameters};
pub use volumes::left_volumes;
pub use watch::{Sight, Watch};
