//! Takes task definitions from a queue, and rolls them out.
//!
//! A message is a whole task definition, and an attribute says for which service.
//! [`request`](message::request) reads it, [`roll_out`](ecs_apply::rollout::roll_out)
//! does it, [`decide`](decision::decide) says what becomes of the message, and the
//! [`worker`] does these one after the other. Nobody but AWS remembers anything: a
//! deployer may be killed at any moment, and the next that gets the message goes on.

pub mod args;
pub mod aws;
pub mod check;
pub mod crew;
pub mod daemon;
pub mod decision;
pub mod deploy;
pub mod ear;
pub mod exit;
pub mod health;
pub mod http;
pub mod iam;
pub mod lease;
pub mod log;
pub mod message;
pub mod metrics;
mod name;
pub mod notify;
pub mod own_task;
pub mod post;
pub mod program;
pub mod queue;
pub mod reporter;
pub mod result;
pub mod run;
pub mod send;
pub mod settings;
pub mod sqs;
pub mod watch;
pub mod worker;
