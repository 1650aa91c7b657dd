//! What the resources of every service refer to.

use ecs_validate::{EcsProject, Service};

use super::capacity::Capacities;
use super::cluster::ClusterNames;
use super::file_system::Volumes;
use super::log_group::LogGroup;
use super::namespace::Namespace;
use super::network::Network;
use super::secret::Secrets;
use super::security_group::Groups;
use crate::logical_id;
use crate::value::Handle;

/// What the names of a project contribute to ids.
pub(crate) struct Names<'a> {
    /// Of services, and of containers that stand in the task of another.
    pub(crate) services: logical_id::Names<'a>,
    /// Of networks.
    pub(crate) networks: logical_id::Names<'a>,
    /// Of volumes.
    pub(crate) volumes: logical_id::Names<'a>,
    /// Of secrets, by their full names: those were Docker's choice.
    pub(crate) secrets: logical_id::Names<'a>,
}

impl<'a> Names<'a> {
    /// Of a project.
    pub(crate) fn of(project: &'a EcsProject) -> Self {
        Self {
            services: logical_id::Names::of(project.services.iter().flat_map(services)),
            networks: logical_id::Names::of(project.networks.iter().map(|it| it.name.as_str())),
            volumes: logical_id::Names::of(project.volumes.iter().map(|it| it.name.as_str())),
            secrets: logical_id::Names::of(project.secrets.iter().map(|it| it.full_name.as_str())),
        }
    }
}

fn services(service: &Service) -> impl Iterator<Item = &str> {
    // The first is called after the service, as far as ECS allows.
    let others = service.containers.iter().skip(1).map(|container| container.name.as_str());
    [service.name.as_str()].into_iter().chain(others)
}

/// What the resources of every service refer to.
pub(crate) struct Shared<'a> {
    pub(crate) project: &'a EcsProject,
    pub(crate) names: &'a Names<'a>,
    pub(crate) network: Network<'a>,
    pub(crate) cluster: ClusterNames,
    pub(crate) log_group: Handle<LogGroup>,
    pub(crate) namespace: Handle<Namespace>,
    pub(crate) groups: Groups<'a>,
    pub(crate) volumes: Volumes<'a>,
    pub(crate) secrets: Secrets<'a>,
    pub(crate) capacities: Capacities,
}
