//! One task: a service of Compose, and those that share its task.

use compose_model::{Diagnostic, Path};

use super::deploy::Deployment;
use super::fargate::fargate;
use super::gpu::{Gpus, gpus};
use super::machines::{Needs, launch, machine};
use super::part::{Part, Surroundings, part, place};
use super::placement;
use super::rollout::ONE_AFTER_THE_OTHER;
use super::size::{Sizes, Wish};
use super::together::{Edges, Groups};
use super::{mounts, networks, platform, storage, windows};
use crate::context::Context;
use crate::defaults::RESERVED_MEMORY;
use crate::project::Capacity;
use crate::service::{Architecture, Launch, MountSource, Platform, Scaling, SearchDomain, Service};

/// Lowers the services of one task, the one that it is about first. The machines
/// that it needs are added to the others.
pub(super) fn task(
    members: &[&str],
    groups: &Groups<'_>,
    capacities: &mut Vec<Capacity>,
    cx: &mut Context<'_>,
) -> (Service, Edges) {
    let project = cx.project;
    let at = place(members[0]);
    let platform = common_platform(members, cx);
    let (gpus, needs) = needs(members, platform, cx);
    let machine = needs.map(|needs| machine(&needs, &at, cx));
    let networks = networks::of_service(&project.services[members[0]], &at, cx);
    for guest in &members[1..] {
        connected_alike(guest, members[0], cx);
    }
    let all_gpus = machine.as_ref().map(|(_, all)| *all);
    let surroundings = Surroundings { platform, all_gpus, networks: &networks };
    let mut parts = Vec::new();
    for (name, gpus) in members.iter().zip(gpus) {
        parts.push(part(name, &project.services[*name], gpus, surroundings, groups, cx));
    }
    let wish = parts.iter().fold(Wish::default(), |wish, part| wish.and(part.sizes.wish()));
    let launch = match machine {
        Some((capacity, _)) => launch(capacity, members[0], wish, capacities),
        None => {
            let windows = windows::is_windows(platform.system);
            Launch::Fargate(fargate(wish, windows, members[0], cx))
        }
    };
    let (service, edges) = joined(parts, launch, platform, networks, cx);
    mounts::fit(&service, cx);
    (service, edges)
}

/// The platform that the members of a task agree on.
fn common_platform(members: &[&str], cx: &mut Context<'_>) -> Platform {
    let project = cx.project;
    let mut common: Option<(Platform, Path)> = None;
    for name in members {
        let service = &project.services[*name];
        let Some(asked) = service.platform.as_deref() else { continue };
        let (at, image) = (place(name), service.image.as_deref());
        let Some(platform) = platform::platform(asked, image, &at, cx) else { continue };
        match &common {
            None => common = Some((platform, at.key("platform"))),
            Some((first, first_at)) if *first != platform => cx.report(
                Diagnostic::error("ecs::platform", "containers of one task have one platform")
                    .at(at.key("platform"), "")
                    .at(first_at.clone(), "another one here")
                    .help("write the same platform for both, or give each a task of its own"),
            ),
            Some(_) => {}
        }
    }
    common.map(|(platform, _)| platform).unwrap_or_default()
}

/// The GPUs of each member, and what the task needs of a machine if there are any.
fn needs(members: &[&str], platform: Platform, cx: &mut Context<'_>) -> (Vec<Gpus>, Option<Needs>) {
    let project = cx.project;
    let mut needs = Needs::of(platform.architecture == Architecture::Arm);
    let mut each = Vec::new();
    for name in members {
        let own = gpus(name, &project.services[*name], cx);
        needs.add(own);
        each.push(own);
    }
    if !needs.has_gpus() {
        return (each, None);
    }
    placement::agree(members, cx);
    for name in members {
        let service = &project.services[*name];
        let placement = service.deploy.as_deref().and_then(|deploy| deploy.placement.as_deref());
        needs.join(Sizes::of(service).least(), placement::machine(placement, &place(name)));
    }
    (each, Some(needs))
}

/// Puts the parts of a task together; the first of them says what it is about.
fn joined(
    parts: Vec<Part>,
    launch: Launch,
    platform: Platform,
    networks: Vec<String>,
    cx: &mut Context<'_>,
) -> (Service, Edges) {
    let machines = matches!(launch, Launch::Machines { .. });
    let storage: Vec<_> = parts.iter().filter_map(|part| part.storage.clone()).collect();
    let mut parts = parts.into_iter();
    let first = parts.next().expect("a task is about a service");
    let Part {
        container,
        sizes: _,
        deployment,
        publications,
        permissions,
        storage: _,
        shared_processes,
        before,
    } = first;
    let Deployment { scaling, rollout, placement, tags } = deployment;
    let mut service = Service {
        name: container.name.clone(),
        containers: vec![container],
        launch,
        platform,
        scaling,
        rollout,
        networks,
        publications,
        depends_on: Vec::new(),
        search_domain: SearchDomain::default(),
        permissions,
        ephemeral_storage: storage::ephemeral(&storage, machines, cx),
        shared_processes,
        placement,
        tags,
    };
    let deploy = cx.project.services[&service.name].deploy.as_deref();
    let chosen = deploy.is_some_and(|deploy| deploy.update_config.is_some());
    if let Some(volume) = written(&service).filter(|_| !chosen) {
        cx.report(one_after_the_other(&service.name, &volume, &place(&service.name)));
        service.rollout = ONE_AFTER_THE_OTHER;
    }
    let guests = parts.flat_map(|guest| add(&mut service, guest, cx)).collect();
    reserve(&mut service);
    (service, Edges { own: before, guests })
}

/// A volume that the first container of a task writes to.
fn written(service: &Service) -> Option<String> {
    service.containers[0].mounts.iter().find_map(|mount| match &mount.source {
        MountSource::Volume(name) if !mount.read_only => Some(name.clone()),
        MountSource::Volume(_) | MountSource::Scratch | MountSource::Files { .. } => None,
    })
}

/// Most programs lock or spoil the data that another of their kind is writing.
fn one_after_the_other(service: &str, volume: &str, at: &Path) -> Diagnostic {
    let message = format!("`{service}` is stopped before its new version starts");
    Diagnostic::warning("ecs::volume-update", message)
        .at(at.key("volumes"), format!("both would write to `{volume}`"))
        .help("to let them overlap, add `deploy: {update_config: {order: start-first}}`")
}

/// Adds a further container to a task, and gives what has to come before it.
fn add(service: &mut Service, guest: Part, cx: &mut Context<'_>) -> Vec<(String, String)> {
    let Part {
        mut container,
        sizes: _,
        deployment,
        publications,
        permissions,
        storage: _,
        shared_processes,
        before,
    } = guest;
    let at = place(&container.name);
    scaled_alike(service, &container.name, deployment.scaling, &at, cx);
    updated_alike(service, &container.name, &at, cx);
    if permissions.policy.is_some() && service.permissions.policy.is_some() {
        cx.report(two_roles(service, &at));
    }
    let own = &mut service.permissions;
    own.policy = own.policy.take().or(permissions.policy);
    own.managed_policies.extend(permissions.managed_policies);
    own.managed_policies.sort();
    own.managed_policies.dedup();
    service.publications.extend(publications);
    service.shared_processes |= shared_processes;
    service.placement.extend(deployment.placement);
    for (name, value) in deployment.tags {
        service.tags.entry(name).or_insert(value);
    }
    service.tags.sort_keys();
    // The task is about its first container; the others may end before it.
    container.essential = false;
    let name = container.name.clone();
    service.containers.push(container);
    before.into_iter().map(|other| (name.clone(), other)).collect()
}

/// On machines, ECS wants to know how much memory each container needs if the task
/// does not say it.
fn reserve(service: &mut Service) {
    if let Launch::Machines { memory: None, .. } = service.launch {
        for container in &mut service.containers {
            container.memory_reservation.get_or_insert(RESERVED_MEMORY);
        }
    }
}

fn two_roles(service: &Service, at: &Path) -> Diagnostic {
    Diagnostic::error("ecs::role", "the containers of one task have one role")
        .at(at.key("x-aws-role"), "a role here")
        .at(place(&service.name).key("x-aws-role"), "and here")
        .help("put the statements of both under one of them")
}

/// A container is in the networks of its task; one that shares only processes may
/// have been meant for others.
fn connected_alike(guest: &str, host: &str, cx: &mut Context<'_>) {
    let project = cx.project;
    let common = &project.services[host].networks;
    let own = project.services[guest].networks.keys();
    for network in own.filter(|network| !common.contains_key(*network)) {
        let message =
            format!("`{guest}` runs in the task of `{host}`, which is not in `{network}`");
        cx.report(
            Diagnostic::warning("ecs::networks", message)
                .at(place(guest).key("networks").key(network), "without effect")
                .help(format!("put `{host}` into `{network}`, or remove it here")),
        );
    }
}

/// A container runs as often as its task.
fn scaled_alike(service: &Service, name: &str, scaling: Scaling, at: &Path, cx: &mut Context<'_>) {
    if scaling == Scaling::Fixed(1) || scaling == service.scaling {
        return;
    }
    let host = &service.name;
    let message = format!("`{name}` runs in the task of `{host}`, and so as often as `{host}`");
    let key = if cx.project.services[name].scale.is_some() { "scale" } else { "deploy" };
    cx.report(
        Diagnostic::warning("ecs::scale", message)
            .at(at.key(key), "without effect")
            .help(format!("say how often at `{host}`")),
    );
}

/// A container is updated with its task.
fn updated_alike(service: &Service, name: &str, at: &Path, cx: &mut Context<'_>) {
    let deploy = cx.project.services[name].deploy.as_deref();
    if deploy.is_none_or(|deploy| deploy.update_config.is_none()) {
        return;
    }
    let host = &service.name;
    let message = format!("`{name}` runs in the task of `{host}`, and is updated with `{host}`");
    cx.report(
        Diagnostic::warning("ecs::rollout", message)
            .at(at.key("deploy").key("update_config"), "without effect")
            .help(format!("say how at `{host}`")),
    );
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::service::{FargateSize, Launch};
    use crate::testing::{check, service, services_with};

    #[test]
    fn what_writes_to_a_volume_is_never_there_twice() {
        let text = "
services:
  db: {image: postgres, volumes: ['data:/data']}
  reader: {image: nginx, volumes: ['data:/data:ro']}
  shared:
    image: nginx
    volumes: ['data:/data']
    deploy: {update_config: {order: start-first}}
volumes: {data: }
";
        let (services, _) = services_with(&Facts::none(), text);
        let most: Vec<_> = services.iter().map(|service| service.rollout.max_percent).collect();
        assert_eq!(most, [100, 200, 200]);
    }

    #[test]
    fn tags_and_sizes_of_a_shared_task_are_added_up() {
        let text = "
services:
  proxy:
    image: nginx
    network_mode: service:web
    cpus: 1
    deploy: {labels: {part: proxy, team: edge}}
  web: {image: nginx, cpus: 1, mem_limit: 1g, deploy: {labels: {team: shop}}}
";
        let web = services_with(&Facts::none(), text).0.remove(0);
        let tags: Vec<_> = web.tags.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        assert_eq!(tags, [("part", "proxy"), ("team", "shop")]);
        assert_eq!(web.launch, Launch::Fargate(FargateSize { cpu: 2048, memory: 4096 }));
    }

    #[test]
    fn containers_on_machines_say_how_much_memory_they_need() {
        let reserved = |lines: &str| service(lines).containers[0].memory_reservation;
        assert_eq!(reserved("gpus: [{count: 1}]"), Some(512));
        assert_eq!(reserved("gpus: [{count: 1}]\nmem_limit: 1g"), None);
        assert_eq!(reserved("init: true"), None);
    }

    #[test]
    fn containers_of_one_task_are_in_the_same_networks() {
        check(
            "
services:
  metrics:
    image: nginx
    pid: service:web
#        ^^^^^^^^^^^ warning: `metrics` runs in the task of `web`, and is found by that name alone
#        help: let others talk to `web`, on the ports of `metrics`
    networks: [back, front]
#              ^^^^ warning: `metrics` runs in the task of `web`, which is not in `back`
#              help: put `web` into `back`, or remove it here
  web:
    image: nginx
    networks: [front]
networks:
  front:
  back:
",
        );
    }

    #[test]
    fn containers_of_one_task_run_alike() {
        check(
            "
services:
  proxy:
    image: nginx
    network_mode: service:web
    platform: linux/arm64
#             ^^^^^^^^^^^ error: containers of one task have one platform
#             help: write the same platform for both, or give each a task of its own
    scale: 3
#          ^ warning: `proxy` runs in the task of `web`, and so as often as `web`
#          help: say how often at `web`
  web:
    image: nginx
    platform: linux/amd64
#             ^^^^^^^^^^^ another one here
",
        );
    }

    #[test]
    fn a_task_is_updated_as_a_whole() {
        check(
            "
services:
  proxy:
    image: nginx
    network_mode: service:web
    deploy:
      update_config:
#     ^^^^^^^^^^^^^ warning: `proxy` runs in the task of `web`, and is updated with `web`
#     help: say how at `web`
        order: start-first
  web:
    image: nginx
    deploy:
      update_config:
        order: start-first
",
        );
    }

    #[test]
    fn a_task_has_one_role() {
        check(
            "
services:
  proxy:
    image: nginx
    network_mode: service:web
    x-aws-role: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}
#   ^^^^^^^^^^ error: the containers of one task have one role
#   help: put the statements of both under one of them
  web:
    image: nginx
    x-aws-role: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}
#   ^^^^^^^^^^ and here
",
        );
    }
}
