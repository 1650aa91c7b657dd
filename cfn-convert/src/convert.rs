//! The order in which a template is written.

mod autoscaling;
mod capacity;
mod cluster;
mod container;
mod file_system;
mod helper;
mod listener;
mod load_balancer;
mod log_group;
mod logging;
mod mounts;
mod namespace;
mod needs;
mod network;
mod policy;
mod role;
mod search_domain;
mod secret;
mod security_group;
mod service;
mod shared;
mod shell;
mod tags;
mod task_definition;

use ecs_validate::{EcsProject, Service};

use self::autoscaling::autoscaling;
use self::capacity::capacities;
use self::cluster::cluster;
use self::file_system::volumes;
use self::listener::{Published, publish};
use self::load_balancer::{Balancer, load_balancer};
use self::log_group::log_group;
use self::namespace::{discovery_entry, namespace};
use self::network::Network;
use self::secret::secrets;
use self::security_group::security_groups;
use self::service::{EcsService, ecs_service, order};
pub(crate) use self::shared::Names;
use self::shared::Shared;
use self::task_definition::task_definition;
use crate::template::{Stack, Template};
use crate::value::Handle;

/// Writes the template of a project. What the project cannot say cannot go wrong:
/// there is nothing to report.
pub fn convert(project: &EcsProject) -> Template {
    let mut stack = Stack::new(format!("The Compose project {}", project.name));
    let names = Names::of(project);
    let mut balancer = load_balancer(&mut stack, project, &Network::of(project));
    let shared = shared(&mut stack, project, &names);
    let services = project.services.iter();
    let handles: Vec<_> =
        services.map(|service| deploy(&mut stack, &shared, balancer.as_mut(), service)).collect();
    order(&mut stack, project.services.iter().zip(&handles));
    tell(&mut stack, &shared);
    stack.finish()
}

/// What belongs to the whole project.
fn shared<'a>(stack: &mut Stack, project: &'a EcsProject, names: &'a Names<'a>) -> Shared<'a> {
    let network = Network::of(project);
    let cluster = cluster(stack, project);
    let log_group = log_group(stack, project);
    let namespace = namespace(stack, project, &network);
    let groups = security_groups(stack, project, names, &network);
    let volumes = volumes(stack, project, names, &network, &groups);
    let secrets = secrets(stack, project, names);
    let capacities = capacities(stack, project, names, &network, &groups, &cluster);
    Shared {
        project,
        names,
        network,
        cluster,
        log_group,
        namespace,
        groups,
        volumes,
        secrets,
        capacities,
    }
}

/// What belongs to one service.
fn deploy<'a>(
    stack: &mut Stack,
    shared: &'a Shared<'a>,
    balancer: Option<&mut Balancer>,
    service: &'a Service,
) -> Handle<EcsService> {
    let task = task_definition(stack, shared, service);
    let entry = discovery_entry(stack, shared.project, shared.names, service, &shared.namespace);
    let published = balancer.map_or(Vec::new(), |it| publish_all(stack, shared, it, service));
    let handle = ecs_service(stack, shared, service, &task, entry, &published);
    autoscaling(stack, shared, service, &handle);
    handle
}

fn publish_all(
    stack: &mut Stack,
    shared: &Shared<'_>,
    balancer: &mut Balancer,
    service: &Service,
) -> Vec<Published> {
    for publication in &service.publications {
        balancer.admit(stack, shared.names, &shared.groups, service, publication);
    }
    let project = &shared.project.name;
    let positions = 0..service.publications.len();
    positions
        .map(|at| publish(stack, project, shared.names, &shared.network, balancer, service, at))
        .collect()
}

/// What whoever looks at the deployed stack wants to know.
fn tell(stack: &mut Stack, shared: &Shared<'_>) {
    stack.tell("ClusterName", "Where the services run", &shared.cluster.name);
    let logs = shared.log_group.reference();
    stack.tell("LogGroupName", "Where the output of the containers is", &logs);
}
