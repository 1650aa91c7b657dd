//! Services that share a task, because one has the network or the processes of
//! another.

use std::collections::{BTreeMap, BTreeSet};

use compose_model::{Diagnostic, Project};
use indexmap::IndexMap;

use super::namespaces::companion;
use super::part::place;
use crate::context::Context;
use crate::service::Service;

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

    /// The groups by the names of their hosts; in each, the host first and the others
    /// by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[&'a str]> {
        self.members.values().map(Vec::as_slice)
    }
}

/// Follows a chain to its end. Loading refused circles, and a chain that leads out
/// of the project ends before it does.
fn host<'a>(project: &'a Project, name: &'a str) -> &'a str {
    let mut host = name;
    for _ in 0..project.services.len() {
        let next = project.services.get(host).and_then(companion);
        match next.and_then(|next| project.services.get_key_value(next)) {
            Some((next, _)) => host = next,
            None => break,
        }
    }
    host
}

/// What comes before one task.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// What comes before the service that it is about.
    pub(super) own: Vec<String>,
    /// The others, and what comes before them.
    pub(super) guests: Vec<(String, String)>,
}

/// Gives each service those that are deployed before it, sorted. Of dependencies
/// that go in a circle, loading refused all but those that come from a service in
/// the task of another, so that only these are looked at.
pub(super) fn order(
    services: &mut [Service],
    edges: Vec<Edges>,
    groups: &Groups<'_>,
    cx: &mut Context<'_>,
) {
    let mut before: IndexMap<String, BTreeSet<String>> = IndexMap::new();
    let host = |name: String| groups.host(&name).to_owned();
    let mut guests = Vec::new();
    for (service, edges) in services.iter().zip(edges) {
        guests.extend(edges.guests.into_iter().map(|edge| (service.name.as_str(), edge)));
        before.insert(service.name.clone(), edges.own.into_iter().map(host).collect());
    }
    for (from, (guest, other)) in guests {
        let to = groups.host(&other);
        if leads(&before, to, from) {
            cx.report(circle(from, &guest, &other));
        } else {
            before[from].insert(to.to_owned());
        }
    }
    for service in services {
        let before = before.swap_remove(&service.name).unwrap_or_default();
        service.depends_on = before.into_iter().collect();
    }
}

fn circle(from: &str, guest: &str, other: &str) -> Diagnostic {
    let message = format!("`{other}` waits for the task of `{from}`, so it cannot come before it");
    Diagnostic::warning("ecs::dependency", message)
        .at(place(guest).key("depends_on").key(other), "without effect")
        .help("remove it, or give the services tasks of their own")
}

/// Whether one service waits for another, however many are between them.
fn leads(before: &IndexMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut left = vec![from];
    while let Some(service) = left.pop() {
        if service == to {
            return true;
        }
        let others = before.get(service).into_iter().flatten();
        left.extend(others.map(String::as_str).filter(|other| seen.insert(other)));
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::testing::{check, services_with};

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
#     ^^ warning: `db` waits for the task of `web`, so it cannot come before it
#     help: remove it, or give the services tasks of their own
        condition: service_started
  web:
    image: nginx
",
        );
    }
}
