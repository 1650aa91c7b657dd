//! Services that share a task, because one has the network or the processes of
//! another.

use std::collections::BTreeMap;

use compose_model::{Diagnostic, Path, Project};
use indexmap::IndexMap;

use super::namespaces::companion;
use crate::context::Context;
use crate::service::{Container, MountSource, SearchDomain, Service};

/// Which services of Compose share a task. Each group is named after its host: the
/// service that shares nothing of another's.
pub(super) struct Groups<'a> {
    hosts: BTreeMap<&'a str, &'a str>,
    members: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Groups<'a> {
    /// The groups of a project.
    pub(super) fn of(project: &'a Project) -> Self {
        let names = project.services.keys().map(String::as_str);
        let hosts: BTreeMap<_, _> = names.map(|name| (name, host(project, name))).collect();
        let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, host) in &hosts {
            let group = members.entry(host).or_default();
            // The host is the container that the task is about.
            if name == host { group.insert(0, name) } else { group.push(name) }
        }
        Self { hosts, members }
    }

    /// The service whose task a service is in: itself, for most.
    pub(super) fn host<'b>(&self, name: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.hosts.get(name).copied().unwrap_or(name)
    }

    /// Each host with its group, itself first, the others by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &[&'a str])> {
        self.members.iter().map(|(host, members)| (*host, &members[..]))
    }

    /// Whether any task has more than one service.
    pub(super) fn are_shared(&self) -> bool {
        self.hosts.len() != self.members.len()
    }
}

/// Follows a chain to its end. Loading refused circles, and a chain that leads out
/// of the project ends before it does.
fn host<'a>(project: &'a Project, name: &'a str) -> &'a str {
    let mut host = name;
    for _ in 0..project.services.len() {
        let next = project.services.get(host).and_then(companion).map(|(_, next)| next);
        match next.and_then(|next| project.services.get_key_value(next)) {
            Some((next, _)) => host = next,
            None => break,
        }
    }
    host
}

/// Dependencies between groups, each with the place that asks for it.
pub(super) type Edges = IndexMap<String, Vec<(String, Path)>>;

/// Services in the order of their dependencies, which cannot go in a circle. They
/// may once services share a task: `a` before `b` before what is in the task of `a`.
pub(super) fn without_circles(
    edges: &Edges,
    cx: &mut Context<'_>,
) -> IndexMap<String, Vec<String>> {
    let mut kept: IndexMap<String, Vec<String>> = IndexMap::new();
    for (from, wanted) in edges {
        for (to, at) in wanted {
            if leads(&kept, to, from) {
                let message =
                    format!("`{to}` is in a task that waits for `{from}`, so it cannot come first");
                cx.report(
                    Diagnostic::warning("ecs::dependency", message)
                        .at(at.clone(), "without effect")
                        .help("remove it, or give the services tasks of their own"),
                );
            } else {
                kept.entry(from.clone()).or_default().push(to.clone());
            }
        }
    }
    kept
}

/// Whether dependencies lead from one service to another.
fn leads(edges: &IndexMap<String, Vec<String>>, from: &str, to: &str) -> bool {
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(&service) = seen.get(next) {
        if service == to {
            return true;
        }
        next += 1;
        for other in edges.get(service).into_iter().flatten() {
            if !seen.contains(&other.as_str()) {
                seen.push(other);
            }
        }
    }
    false
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
const MOST_CONTAINERS: usize = 10;

/// Refuses a task with more containers than ECS allows, those that prepare it
/// included, and one in which two containers want the same port.
pub(super) fn check(service: &Service, at: &Path, cx: &mut Context<'_>) {
    let names = usize::from(service.search_domain == SearchDomain::InitContainer);
    let count: usize = names + service.containers.iter().map(containers).sum::<usize>();
    if count > MOST_CONTAINERS {
        let name = &service.name;
        let message = format!(
            "the task of `{name}` needs {count} containers, and {MOST_CONTAINERS} are allowed"
        );
        cx.report(
            Diagnostic::error("ecs::containers", message)
                .at(at.clone(), "those that prepare it included")
                .help("put fewer services into one task, or join steps of `pre_start`"),
        );
    }
    ports(service, cx);
}

/// A container and those that come with it.
fn containers(container: &Container) -> usize {
    let is_file = |source: &MountSource| matches!(source, MountSource::Files { .. });
    let is_seeded =
        |source: &MountSource| matches!(source, MountSource::Files { seeded: true, .. });
    let has = |what: &dyn Fn(&MountSource) -> bool| {
        usize::from(container.mounts.iter().any(|mount| what(&mount.source)))
    };
    let router = matches!(container.logging, crate::service::Logging::FireLens { .. });
    1 + container.before.len()
        + usize::from(!container.secret_files.is_empty())
        + has(&is_file)
        + has(&is_seeded)
        + usize::from(router)
}

fn ports(service: &Service, cx: &mut Context<'_>) {
    let mut taken = BTreeMap::new();
    for container in &service.containers {
        for port in &container.ports {
            let first = *taken.entry(port.clone()).or_insert(&container.name);
            if *first != container.name {
                let message =
                    format!("`{first}` and `{}` both listen on {}", container.name, port.port);
                let at = |name: &str| Path::root().key("services").key(name).key("ports");
                cx.report(
                    Diagnostic::error("ecs::port-twice", message)
                        .at(at(&container.name), "here")
                        .at(at(first), "and here, in the same task")
                        .help("let one of them listen on another port"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::lower::testing::{check, services_with};

    #[test]
    fn a_chain_of_services_is_one_task() {
        let text = "
services:
  metrics: {image: nginx, pid: 'service:proxy'}
  proxy: {image: nginx, network_mode: 'service:web'}
  web: {image: nginx, cpus: 0.25, mem_limit: 512m}
  other: {image: nginx, depends_on: [metrics]}
";
        let (services, _) = services_with(&Facts::none(), text);
        let names: Vec<_> = services.iter().map(|service| &service.name[..]).collect();
        assert_eq!(names, ["other", "web"]);
        let containers: Vec<_> = services[1]
            .containers
            .iter()
            .map(|container| (&container.name[..], container.essential))
            .collect();
        assert_eq!(containers, [("web", true), ("metrics", false), ("proxy", false)]);
        assert!(services[1].shared_processes && !services[0].shared_processes);
        assert_eq!(services[0].depends_on, ["web"]);
    }

    #[test]
    fn what_a_task_waits_for_must_not_wait_for_the_task() {
        check(
            "
services:
  db:
    image: nginx
    depends_on: [web]
  proxy:
    image: nginx
    network_mode: service:web
    depends_on:
      db:
#     ^^ warning: `db` is in a task that waits for `web`, so it cannot come first
#     help: remove it, or give the services tasks of their own
        condition: service_started
  web:
    image: nginx
",
        );
    }

    #[test]
    fn a_task_has_ten_containers_at_most() {
        check(
            "
services:
  web:
# ^^^ error: the task of `web` needs 11 containers, and 10 are allowed
# help: put fewer services into one task, or join steps of `pre_start`
    image: nginx
    pre_start:
      - {command: a, per_replica: true}
      - {command: b, per_replica: true}
      - {command: c, per_replica: true}
      - {command: d, per_replica: true}
      - {command: e, per_replica: true}
      - {command: f, per_replica: true}
      - {command: g, per_replica: true}
      - {command: h, per_replica: true}
      - {command: i, per_replica: true}
",
        );
    }
}
