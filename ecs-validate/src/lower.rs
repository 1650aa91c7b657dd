//! Compose to ECS, one file for each part of a service or a project.

pub(crate) mod load_balancer;
pub(crate) mod mounts;
pub(crate) mod networks;
pub(crate) mod ports;
pub(crate) mod project;
pub(crate) mod secrets;
pub(crate) mod service;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod volumes;

mod capabilities;
mod crowd;
mod dependencies;
mod deploy;
mod environment;
mod fargate;
mod gpu;
mod health;
mod hooks;
mod image;
mod limits;
mod logging;
mod machines;
mod names;
mod namespaces;
mod part;
mod placement;
mod platform;
mod process;
mod restart;
mod rollout;
mod scaling;
mod seconds;
mod size;
mod storage;
mod tags;
mod task;
mod together;
mod windows;
