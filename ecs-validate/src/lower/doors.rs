//! From which networks a file system is reached.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use compose_model::{Diagnostic, Path};

use crate::context::Context;
use crate::project::{EcsProject, FileSystem, Lookup, SecurityGroup, Volume};
use crate::service::{MountSource, Service};

/// AWS attaches no more security groups to a mount target.
const MOST: usize = 5;

/// Says for each volume from which networks it is reached: one of every service that
/// mounts it, since members of a network may talk to each other. Volumes in one file
/// system share its doors.
pub(crate) fn doors(project: &mut EcsProject, cx: &mut Context<'_>) {
    let EcsProject { volumes, services, networks, .. } = project;
    let ours = networks.iter().filter(|it| it.security_group == SecurityGroup::New);
    let ours: HashSet<&str> = ours.map(|network| network.name.as_str()).collect();
    let users = users(volumes, services);
    let everybody: Vec<&Service> = services.iter().collect();
    for volume in volumes {
        let users = users.get(&file_system(volume));
        // What nobody mounts yet can be reached by all.
        let reached = chosen(users.unwrap_or(&everybody), &ours);
        if users.is_some() && reached.len() > MOST && !volume.has_mount_targets {
            cx.report(too_many(&volume.name));
        }
        volume.networks = reached.into_iter().take(MOST).cloned().collect();
    }
}

/// The services that mount something of each file system.
fn users<'s>(volumes: &[Volume], services: &'s [Service]) -> HashMap<String, Vec<&'s Service>> {
    let systems: HashMap<&str, String> =
        volumes.iter().map(|volume| (volume.name.as_str(), file_system(volume))).collect();
    let mut users: HashMap<String, Vec<&Service>> = HashMap::new();
    for service in services {
        let mounts = service.containers.iter().flat_map(|container| &container.mounts);
        for mount in mounts {
            let MountSource::Volume(name) = &mount.source else { continue };
            if let Some(system) = systems.get(name.as_str()) {
                users.entry(system.clone()).or_default().push(service);
            }
        }
    }
    users
}

/// What volumes of one file system have in common.
fn file_system(volume: &Volume) -> String {
    match &volume.file_system {
        FileSystem::Existing(Lookup::Known(id)) => id.clone(),
        FileSystem::Existing(Lookup::Asked) | FileSystem::New(_) => format!(" {}", volume.name),
    }
}

/// A network of each service that is in none of those that are chosen before; more than
/// there can be, if these are not enough. In groups of others members may not talk to
/// each other, so that ours come first, and then those that let most of them in.
fn chosen<'s>(users: &[&'s Service], ours: &HashSet<&str>) -> Vec<&'s String> {
    let mut chosen: Vec<&String> = Vec::new();
    let mut waiting = users.to_vec();
    while !waiting.is_empty() && chosen.len() <= MOST {
        let mut members: BTreeMap<&String, usize> = BTreeMap::new();
        for name in waiting.iter().flat_map(|service| &service.networks) {
            *members.entry(name).or_default() += 1;
        }
        let rank = |(name, count): &(&'s String, usize)| {
            (ours.contains(name.as_str()), *count, Reverse(*name))
        };
        let Some((name, _)) = members.into_iter().max_by_key(rank) else { break };
        chosen.push(name);
        waiting.retain(|service| !service.networks.contains(name));
    }
    chosen
}

fn too_many(volume: &str) -> Diagnostic {
    let message = format!("`{volume}` is mounted from more networks than AWS lets in: {MOST}");
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
# ^^^^ error: `data` is mounted from more networks than AWS lets in: 5
# help: let the services that mount it share a network
",
        );
    }
}
