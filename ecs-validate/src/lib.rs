//! Takes a Compose project to what Amazon ECS can run.
//!
//! [`check`] injects what ECS needs and Compose leaves open, lowers every field
//! of a project to what ECS has for it, and collects what it must tell the
//! author: what was adapted, what has no effect, and what cannot be done. It
//! reads no files and asks nobody: what had to be looked up comes in as
//! [`Facts`], of which none are needed.

mod check;
mod context;
mod defaults;
mod extensions;
mod facts;
mod lower;
mod project;
mod service;
mod support;
#[cfg(test)]
mod testing;
mod wanted;

pub use check::{Checked, check};
pub use facts::{
    ClusterFacts, Facts, ImageFacts, LoadBalancerFacts, LoadBalancerKind, StackFacts, SubnetFacts,
    VpcFacts,
};
pub use project::{
    AccessPoint, Capacity, Cluster, EcsProject, FileSystem, FileSystemSettings, LoadBalancer,
    LoadBalancerSource, Lookup, Machines, Network, PosixUser, PublicAddresses, RoleSettings,
    Secret, SecretSource, SecurityGroup, SecurityGroups, Subnet, Subnets, Volume,
};
pub use service::{
    Architecture, Condition, Container, ContainerPort, FargateSize, File, HealthCheck, Image,
    Launch, ListenerProtocol, Logging, Mount, MountSource, OnFailure, OperatingSystem, Ownership,
    Permissions, Platform, Preparation, Publication, RestartPolicy, Rollout, Scaling, SearchDomain,
    SecretFile, SecretKeys, SecretRef, SecretVariable, Service, TargetHealthCheck, Tmpfs,
};
pub use support::compose_support;
pub use wanted::{Named, Wanted, WantedFileSystem, WantedImage, WantedVolume, wanted};
