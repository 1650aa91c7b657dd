//! `networks` to security groups.

use compose_model::{Diagnostic, Path, Service};

use super::tags::of_resource;
use crate::context::Context;
use crate::extensions::NetworkExtensions;
use crate::project::{Lookup, Network, SecurityGroup};

/// The network of services that name none.
const DEFAULT: &str = "default";

/// AWS attaches no more security groups to a task.
const MAX_GROUPS: usize = 5;

/// The networks that a service is in, by their keys, sorted.
pub(super) fn of_service(service: &Service, at: &Path, cx: &mut Context<'_>) -> Vec<String> {
    let mut names: Vec<String> = service.networks.keys().cloned().collect();
    if names.is_empty() {
        names.push(DEFAULT.to_owned());
    }
    names.sort();
    if names.len() > MAX_GROUPS {
        let message = format!("a task can be in {MAX_GROUPS} networks, not in {}", names.len());
        cx.report(
            Diagnostic::error("ecs::too-many-networks", message)
                .at(at.key("networks"), "each of them is a security group")
                .help("let services that talk to each other share a network"),
        );
    }
    names
}

/// The network through which a load balancer reaches a service: an internal one
/// is out of its reach, in a group of somebody else's a rule is only added if there
/// is no other, and the fewer services a network has, the fewer are reached with it.
pub(super) fn reachable(networks: &[String], cx: &Context<'_>) -> Option<String> {
    let known = |name: &&String| cx.project.networks.get(*name);
    let open = networks.iter().filter(|name| known(name).is_none_or(|network| !network.internal));
    let is_others = |name: &&String| known(name).is_some_and(|network| network.external);
    let members = |name: &&String| cx.members.get(name.as_str()).copied().unwrap_or_default();
    open.min_by_key(|name| (is_others(name), members(name))).cloned()
}

/// Every network of the project, sorted by name.
pub(crate) fn networks(cx: &mut Context<'_>) -> Vec<Network> {
    let project = cx.project;
    let mut networks: Vec<Network> =
        project.networks.iter().map(|(name, network)| lower(name, network, cx)).collect();
    let default_is_used = project.services.values().any(|service| service.networks.is_empty());
    if default_is_used && !project.networks.contains_key(DEFAULT) {
        networks.push(Network {
            name: DEFAULT.to_owned(),
            full_name: format!("{}_{DEFAULT}", project.name),
            security_group: SecurityGroup::New,
            tags: indexmap::IndexMap::new(),
        });
    }
    networks.sort_by(|a, b| a.name.cmp(&b.name));
    networks
}

fn lower(name: &str, network: &compose_model::Network, cx: &mut Context<'_>) -> Network {
    let at = Path::root().key("networks").key(name);
    let extensions = NetworkExtensions::read(&network.extensions, &at, &mut cx.problems);
    let full_name = network.name.clone().unwrap_or_else(|| name.to_owned());
    let security_group = match extensions.security_group {
        Some(id) => SecurityGroup::Existing(Lookup::Known(id)),
        None if network.external => SecurityGroup::Existing(existing(name, &full_name, cx)),
        None => SecurityGroup::New,
    };
    if network.internal && security_group == SecurityGroup::New && keeps_in(name, cx) {
        tell_of_the_way_out(&at, cx);
    }
    let tags = of_resource(&network.labels, &at, cx);
    Network { name: name.to_owned(), full_name, security_group, tags }
}

/// Whether a service is in an internal network and in none that would let it out.
fn keeps_in(name: &str, cx: &Context<'_>) -> bool {
    let networks = &cx.project.networks;
    let internal = |name: &str| networks.get(name).is_some_and(|network| network.internal);
    cx.project.services.values().any(|service| {
        service.networks.contains_key(name) && service.networks.keys().all(|name| internal(name))
    })
}

/// A security group lets its tasks out, without which none would start.
fn tell_of_the_way_out(at: &Path, cx: &mut Context<'_>) {
    let message = "nothing from outside reaches this network, but its tasks reach the internet";
    cx.report(
        Diagnostic::warning("ecs::internal-network", message)
            .at(at.key("internal"), "through it they pull images and write logs")
            .help("to keep them in, choose subnets without a route there with `x-aws-subnets`"),
    );
}

fn existing(name: &str, full_name: &str, cx: &Context<'_>) -> Lookup {
    let groups = &cx.facts.security_groups;
    match groups.get(full_name).or_else(|| groups.get(name)) {
        Some(id) => Lookup::Known(id.clone()),
        None if full_name.starts_with("sg-") => Lookup::Known(full_name.to_owned()),
        None => Lookup::Asked,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn an_internal_network_has_a_way_out() {
        check(
            "
services:
  db:
    image: postgres
    networks: [inside]
  web:
    image: nginx
    networks: [between, front]
networks:
  inside:
    internal: true
#             ^^^^ warning: nothing from outside reaches this network, but its tasks reach the internet
#             help: to keep them in, choose subnets without a route there with `x-aws-subnets`
  between:
    internal: true
  front: {}
",
        );
    }
}
