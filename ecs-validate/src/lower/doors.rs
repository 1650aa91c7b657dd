//! From which networks a file system is reached.

use std::collections::BTreeMap;

use compose_model::{Diagnostic, Path};

use crate::context::Context;
use crate::project::{EcsProject, FileSystem, Lookup, Network, SecurityGroup, Volume};
use crate::service::{MountSource, Service};

/// AWS attaches no more security groups to a mount target.
const MOST: usize = 5;

/// Says for each volume from which networks it is reached: one of every service that
/// mounts it, since members of a network may talk to each other. Volumes in one file
/// system share its doors.
pub(crate) fn doors(project: &mut EcsProject, cx: &mut Context<'_>) {
    let EcsProject { volumes, services, networks, .. } = project;
    let mut users: BTreeMap<String, Vec<&Service>> = BTreeMap::new();
    for volume in volumes.iter() {
        let mounting = services.iter().filter(|service| mounts(service, &volume.name));
        users.entry(file_system(volume)).or_default().extend(mounting);
    }
    for volume in volumes {
        let users = &users[&file_system(volume)];
        // What nobody mounts yet can be reached by all.
        let everybody = || services.iter().collect();
        let reached = chosen(if users.is_empty() { everybody() } else { users.clone() }, networks);
        if !users.is_empty() && reached.len() > MOST && !volume.has_mount_targets {
            cx.report(too_many(&volume.name, reached.len()));
        }
        volume.networks = reached.into_iter().take(MOST).cloned().collect();
    }
}

/// What volumes of one file system have in common.
fn file_system(volume: &Volume) -> String {
    match &volume.file_system {
        FileSystem::Existing(Lookup::Known(id)) => id.clone(),
        FileSystem::Existing(Lookup::Asked) | FileSystem::New(_) => format!(" {}", volume.name),
    }
}

fn mounts(service: &Service, volume: &str) -> bool {
    let mut mounts = service.containers.iter().flat_map(|container| &container.mounts);
    mounts.any(|mount| matches!(&mount.source, MountSource::Volume(name) if name == volume))
}

/// A network of each service that is in none of those that are chosen before. In groups
/// of others members may not talk to each other, so that ours come first.
fn chosen<'s>(users: Vec<&'s Service>, networks: &[Network]) -> Vec<&'s String> {
    let is_ours = |name: &&String| {
        let mut ours = networks.iter().filter(|it| it.security_group == SecurityGroup::New);
        ours.any(|network| network.name == **name)
    };
    let mut chosen: Vec<&String> = Vec::new();
    let mut waiting: Vec<&Service> = users;
    while !waiting.is_empty() {
        // The one that lets most of them in.
        let mut best: Option<(bool, usize, &String)> = None;
        for name in waiting.iter().flat_map(|service| &service.networks) {
            let members = waiting.iter().filter(|service| service.networks.contains(name)).count();
            let ours = is_ours(&name);
            let better = |(had, count, other): (bool, usize, &String)| {
                (ours, members, std::cmp::Reverse(name)) > (had, count, std::cmp::Reverse(other))
            };
            if best.is_none_or(better) {
                best = Some((ours, members, name));
            }
        }
        let Some((_, _, name)) = best else { break };
        chosen.push(name);
        waiting.retain(|service| !service.networks.contains(name));
    }
    chosen
}

fn too_many(volume: &str, count: usize) -> Diagnostic {
    let message = format!("`{volume}` is mounted from {count} networks, and AWS lets in {MOST}");
    Diagnostic::error("ecs::too-many-networks", message)
        .at(Path::root().key("volumes").key(volume), "each of them is a security group")
        .help("let the services that mount it share a network")
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::testing::{check, loaded};

    #[test]
    fn a_volume_is_reached_from_few_networks() {
        let text = "
services:
  a: {image: x, networks: [n1, shared], volumes: ['data:/x:ro']}
  b: {image: x, networks: [n2, shared], volumes: ['data:/x:ro']}
  c: {image: x, networks: [n3], volumes: ['data:/x:ro']}
  d: {image: x, networks: [n4], volumes: ['other:/x:ro']}
networks: {n1: , n2: , n3: , n4: , shared: }
volumes: {data: , other: }
";
        let project = crate::check(&loaded(text), &Facts::none()).project.expect("it is good");
        let networks: Vec<_> = project.volumes.iter().map(|it| it.networks.join(" ")).collect();
        assert_eq!(networks, ["shared n3", "n4"]);
    }

    #[test]
    fn a_volume_is_not_reached_from_six_networks() {
        check(
            "
services:
  a: {image: x, networks: [n1], volumes: ['data:/x:ro']}
  b: {image: x, networks: [n2], volumes: ['data:/x:ro']}
  c: {image: x, networks: [n3], volumes: ['data:/x:ro']}
  d: {image: x, networks: [n4], volumes: ['data:/x:ro']}
  e: {image: x, networks: [n5], volumes: ['data:/x:ro']}
  f: {image: x, networks: [n6], volumes: ['data:/x:ro']}
networks: {n1: , n2: , n3: , n4: , n5: , n6: }
volumes:
  data:
# ^^^^ error: `data` is mounted from 6 networks, and AWS lets in 5
# help: let the services that mount it share a network
",
        );
    }
}
