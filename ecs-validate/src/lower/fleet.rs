//! How many machines there are for the tasks that Fargate cannot run.

use compose_model::{Diagnostic, Path};

use super::machines::room;
use super::rollout::{BESIDE, ONE_AFTER_THE_OTHER};
use crate::context::Context;
use crate::project::{Capacity, Cluster, EcsProject, Machines};
use crate::service::{Launch, Scaling, Service};

/// The most machines of one kind if fewer are enough: what Docker's tool for ECS had.
const MOST: u32 = 10;

/// Settles how many machines each capacity has. In a cluster of the project's own they
/// come and go with the tasks; in one that exists they are as many as the tasks need.
pub(crate) fn fleet(project: &mut EcsProject, cx: &mut Context<'_>) {
    let own = project.cluster == Cluster::New;
    if !own {
        one_after_the_other(&mut project.services, cx);
    }
    let EcsProject { capacities, services, .. } = project;
    for (position, capacity) in capacities.iter_mut().enumerate() {
        let users = services.iter().filter_map(|service| on(service, position));
        let needed = users.map(|tasks| tasks.machines(capacity)).fold(0, u32::saturating_add);
        let min = if own { 0 } else { needed };
        capacity.machines = Machines { min, max: needed.max(MOST) };
        if !own {
            cx.report(always_there(capacity));
            cx.problems.extend(never_renewed(capacity));
        }
    }
}

/// Tasks of one service on machines.
struct Tasks<'s> {
    service: &'s Service,
    cpu: Option<u32>,
    memory: Option<u32>,
}

fn on(service: &Service, position: usize) -> Option<Tasks<'_>> {
    match service.launch {
        Launch::Machines { capacity, cpu, memory } if capacity == position => {
            Some(Tasks { service, cpu, memory })
        }
        Launch::Machines { .. } | Launch::Fargate(_) => None,
    }
}

impl Tasks<'_> {
    /// So many machines hold all of them, while a new version takes over, too.
    fn machines(&self, capacity: &Capacity) -> u32 {
        let tasks = u64::from(most(self.service.scaling));
        let tasks = (tasks * u64::from(self.service.rollout.max_percent.max(100))).div_ceil(100);
        let gpus = self.service.containers.iter().filter_map(|container| container.gpus).sum();
        let room = room(&capacity.instance_type, gpus, self.cpu, self.memory);
        u32::try_from(tasks.div_ceil(room.into())).unwrap_or(u32::MAX)
    }
}

fn most(scaling: Scaling) -> u32 {
    match scaling {
        Scaling::Fixed(count) => count,
        Scaling::Automatic { max, .. } => max,
    }
}

/// Where no machines are added, new tasks find room only where old ones have ended.
fn one_after_the_other(services: &mut [Service], cx: &Context<'_>) {
    for service in services {
        let deploy = cx.project.services[&service.name].deploy.as_deref();
        let chosen = deploy.is_some_and(|deploy| deploy.update_config.is_some());
        if matches!(service.launch, Launch::Machines { .. }) && !chosen && service.rollout == BESIDE
        {
            service.rollout = ONE_AFTER_THE_OTHER;
            if most(service.scaling) > 1 {
                service.rollout.min_percent = 50;
            }
        }
    }
}

fn always_there(capacity: &Capacity) -> Diagnostic {
    let Capacity { machines: Machines { min, .. }, instance_type, .. } = capacity;
    let machines = if *min == 1 { "machine runs" } else { "machines run" };
    let message = format!("{min} `{instance_type}` {machines} all the time");
    Diagnostic::warning("ecs::machines", message)
        .at(
            Path::root().key("x-aws-cluster"),
            "a cluster of others starts no more, so that a new version waits for old tasks to end",
        )
        .help("remove `x-aws-cluster` for machines that come and go with their tasks")
}

/// A machine has the attributes that were asked for when it was started. Others are
/// started where machines come and go.
fn never_renewed(capacity: &Capacity) -> Option<Diagnostic> {
    let (name, _) = capacity.attributes.first_key_value()?;
    let message = format!("machines that run already are not given the attribute `{name}`");
    let problem = Diagnostic::warning("ecs::machines", message).at(
        Path::root().key("x-aws-cluster"),
        "a cluster of others starts no more, so that tasks may wait for one",
    );
    Some(problem.help(
        "once a constraint of a deployed service has changed, end its machines in EC2: those \
         that start in their place have the attributes of the new one",
    ))
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::project::EcsProject;
    use crate::testing::{check, loaded};

    fn project(text: &str) -> EcsProject {
        crate::check(&loaded(text), &Facts::none()).project.expect("it is good")
    }

    #[test]
    fn there_can_be_as_many_machines_as_the_tasks_need() {
        let cases = [
            ("deploy: {replicas: 4}, gpus: [{count: 1}]", 10),
            // Twice as many while a new version takes over.
            ("deploy: {replicas: 12}, gpus: [{count: 1}]", 24),
            ("deploy: {replicas: 12, update_config: {order: stop-first}}, gpus: [{count: 1}]", 12),
            // Two fit on each of four GPUs.
            ("deploy: {replicas: 30}, gpus: [{count: 2}]", 30),
            ("deploy: {replicas: 30}, gpus: [{count: 2}], mem_limit: 100g", 60),
            ("deploy: {x-aws-autoscaling: {max: 20, cpu: 50}}, gpus: [{count: 1}]", 40),
        ];
        for (keys, expected) in cases {
            let project = project(&format!("services: {{a: {{image: a, {keys}}}}}"));
            let machines = project.capacities[0].machines;
            assert_eq!((machines.min, machines.max), (0, expected), "{keys}");
        }
    }

    #[test]
    fn in_a_cluster_of_others_there_are_as_many_machines_as_tasks_need() {
        let text = "
x-aws-cluster: shop
#              ^^^^ warning: 5 `g4dn.xlarge` machines run all the time
#              help: remove `x-aws-cluster` for machines that come and go with their tasks
services:
  a: {image: a, gpus: [{count: 1}], scale: 4}
  b: {image: b, gpus: [{count: 1}]}
";
        check(text);
        let project = project(text);
        assert_eq!(project.capacities[0].machines.min, 5);
        let stay: Vec<_> = project.services.iter().map(|it| it.rollout.min_percent).collect();
        assert_eq!(stay, [50, 0]);
    }
}
