//! Makes what a CloudFormation template says so, and tells what happens.
//!
//! [`Aws`] is AWS in our words: its methods take and give the nouns of this crate,
//! and nothing outside of `aws` knows the SDK. What is decided about those nouns is
//! decided by functions that ask nobody, so that it can be read and tested alone.

mod aws;
mod service;
mod stack;
mod stack_name;

pub use aws::{Aws, AwsError, Settings};
pub use service::{Container, Deployment, Service, ServiceEvent, ServiceName, Task, TaskFilter};
pub use stack::{
    Change, ChangeKind, ChangeSet, ChangeSetKind, NewStack, OnFailure, PropertyChange, Recreation,
    Replacement, Stack, StackEvent, StackResource, Status, TemplateSource,
};
pub use stack_name::stack_name;
