//! Compose to ECS, one file for each part of a service or a project.

pub(crate) mod load_balancer;
pub(crate) mod mounts;
pub(crate) mod networks;
pub(crate) mod ports;
pub(crate) mod project;
pub(crate) mod secrets;
pub(crate) mod service;
pub(crate) mod volumes;
