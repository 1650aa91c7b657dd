//! A service of Compose to one of ECS.

use compose_model as compose;
use compose_model::value::Value;
use compose_model::{Diagnostic, Path};
use indexmap::IndexMap;

use super::capabilities::capabilities;
use super::dependencies::{Before, dependencies, links, one_shots};
use super::deploy::{Deployment, deployment};
use super::gpu::{self, Gpus, Needs};
use super::seconds::{Limit, seconds};
use super::size::{self, SizeKeys, Wish};
use super::together::{self, Edges, Groups};
use super::{
    environment, health, hooks, image, limits, logging, mounts, namespaces, networks, placement,
    platform, ports, process, restart, secrets, storage, windows,
};
use crate::context::Context;
use crate::extensions::ServiceExtensions;
use crate::project::Capacity;
use crate::service::{
    Container, Launch, Permissions, Platform, Publication, SearchDomain, Service,
};

/// All services that run, sorted by name, and the machines that they need.
pub(crate) fn services(
    search_domain: SearchDomain,
    cx: &mut Context<'_>,
) -> (Vec<Service>, Vec<Capacity>) {
    let project = cx.project;
    let groups = Groups::of(project);
    one_shots(&groups, cx);
    let mut capacities = Vec::new();
    let mut edges = Edges::new();
    let mut services: Vec<Service> = groups
        .iter()
        .map(|(_, members)| {
            let (mut service, before) = task(members, &groups, &mut capacities, cx);
            service.search_domain = search_domain;
            let at = place(&service.name);
            windows::adapt(&mut service, &at, cx);
            together::check(&service, &at, cx);
            edges.insert(service.name.clone(), before);
            service
        })
        .collect();
    order(&mut services, &edges, &groups, cx);
    (services, capacities)
}

/// The entries of a mapping, by name.
pub(super) fn sorted<'a, V: Clone + 'a>(
    entries: impl IntoIterator<Item = (&'a String, &'a V)>,
) -> IndexMap<String, V> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_by_key(|(name, _)| *name);
    entries.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn place(name: &str) -> Path {
    Path::root().key("services").key(name)
}

/// Gives each service those that are deployed before it. Only services that share
/// a task can make a circle of what loading has checked.
fn order(services: &mut [Service], edges: &Edges, groups: &Groups<'_>, cx: &mut Context<'_>) {
    let circles = groups.are_shared().then(|| together::without_circles(edges, cx));
    for service in services {
        service.depends_on = match &circles {
            Some(kept) => kept.get(&service.name).cloned().unwrap_or_default(),
            None => edges[&service.name].iter().map(|(name, _)| name.clone()).collect(),
        };
        service.depends_on.sort();
        service.depends_on.dedup();
    }
}

/// What all containers of a task have in common.
#[derive(Clone, Copy)]
struct Surroundings<'a> {
    platform: Platform,
    /// Whether the task runs on machines, and how many GPUs are all of one.
    machine: Option<u32>,
    networks: &'a [String],
}

/// One task: a service and those that share it.
fn task(
    members: &[&str],
    groups: &Groups<'_>,
    capacities: &mut Vec<Capacity>,
    cx: &mut Context<'_>,
) -> (Service, Vec<(String, Path)>) {
    let project = cx.project;
    let host = members[0];
    let at = place(host);
    let platform = common_platform(members, cx);
    let (gpus, needs) = needs(members, platform, cx);
    let machine = needs.as_ref().map(|needs| gpu::machine(needs, &at, cx));
    let networks = networks::of_service(&project.services[host], &at, cx);
    let surroundings = Surroundings {
        platform,
        machine: machine.as_ref().map(|(_, all)| *all),
        networks: &networks,
    };
    let mut parts: Vec<Part> = members
        .iter()
        .zip(gpus)
        .map(|(name, gpus)| part(name, &project.services[*name], gpus, surroundings, groups, cx))
        .collect();
    let wish = parts.iter().fold(Wish::default(), |wish, part| wish.and(part.wish));
    let launch = match machine {
        Some((capacity, _)) => on_machines(capacity, host, wish, capacities),
        None => {
            let windows = windows::is_windows(platform.system);
            let at = sizes(&project.services[host]).place(&at);
            Launch::Fargate(size::fargate(wish, windows, &at, cx))
        }
    };
    let storage: Vec<_> = parts.iter_mut().filter_map(|part| part.storage.take()).collect();
    let ephemeral_storage = storage::ephemeral(&storage, surroundings.machine.is_some(), cx);
    let guests = parts.split_off(1);
    let first = parts.remove(0);
    let mut service = Service {
        name: host.to_owned(),
        containers: vec![first.container],
        launch,
        platform,
        scaling: first.deployment.scaling,
        rollout: first.deployment.rollout,
        networks,
        publications: first.publications,
        depends_on: Vec::new(),
        search_domain: SearchDomain::default(),
        permissions: first.permissions,
        ephemeral_storage,
        shared_processes: first.shared_processes,
        placement: first.deployment.placement,
        tags: first.deployment.tags,
    };
    let mut before = first.before;
    for guest in guests {
        before.extend(add(&mut service, guest, cx));
    }
    (service, before)
}

/// Adds a further container to a task, and gives what has to come before it.
fn add(service: &mut Service, guest: Part, cx: &mut Context<'_>) -> Vec<(String, Path)> {
    let Part {
        mut container, deployment, permissions, publications, shared_processes, before, ..
    } = guest;
    let at = place(&container.name);
    scaled_alike(service, &container.name, &deployment, &at, cx);
    if permissions.policy.is_some() && service.permissions.policy.is_some() {
        let message = format!(
            "`{}` and `{}` share a task, and a task has one role",
            service.name, container.name
        );
        cx.report(
            Diagnostic::error("ecs::role", message)
                .at(at.key("x-aws-role"), "a role here")
                .at(place(&service.name).key("x-aws-role"), "and here")
                .help("put the statements of both under one of them"),
        );
    }
    service.permissions.policy = service.permissions.policy.take().or(permissions.policy);
    service.permissions.managed_policies.extend(permissions.managed_policies);
    service.permissions.managed_policies.sort();
    service.permissions.managed_policies.dedup();
    service.publications.extend(publications);
    service.shared_processes |= shared_processes;
    service.placement.extend(deployment.placement);
    for (name, value) in deployment.tags {
        service.tags.entry(name).or_insert(value);
    }
    service.tags.sort_keys();
    // The task is about its first container; the others may end before it.
    container.essential = false;
    service.containers.push(container);
    before
}

/// A container runs as often as its task.
fn scaled_alike(
    service: &Service,
    name: &str,
    deployment: &Deployment,
    at: &Path,
    cx: &mut Context<'_>,
) {
    use crate::service::Scaling;
    if deployment.scaling == Scaling::Fixed(1) || deployment.scaling == service.scaling {
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

/// What a task runs on if Fargate cannot run it. Tasks that ask for the same kind
/// of machine share them.
fn on_machines(
    mut capacity: Capacity,
    host: &str,
    wish: Wish,
    capacities: &mut Vec<Capacity>,
) -> Launch {
    let alike = |other: &Capacity| {
        (&other.instance_type, &other.machine_image, other.arm)
            == (&capacity.instance_type, &capacity.machine_image, capacity.arm)
    };
    let position = capacities.iter().position(alike).unwrap_or_else(|| {
        capacity.name = (!capacities.is_empty()).then(|| host.to_owned());
        capacities.push(capacity.clone());
        capacities.len() - 1
    });
    // ECS knows no task of fewer than 128 units.
    let cpu = u32::try_from(wish.units()).unwrap_or(u32::MAX);
    let memory = u32::try_from(wish.memory).unwrap_or(u32::MAX);
    Launch::Machines {
        capacity: position,
        cpu: (cpu > 0).then_some(cpu.max(128)),
        memory: (memory > 0).then_some(memory),
    }
}

/// The platform that the members of a task agree on.
fn common_platform(members: &[&str], cx: &mut Context<'_>) -> Platform {
    let project = cx.project;
    let mut common: Option<(Platform, Path)> = None;
    for name in members {
        let at = place(name);
        let asked = project.services[*name].platform.as_deref();
        let Some(platform) = platform::platform(asked, &at, cx) else { continue };
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
    let mut gpus = Vec::new();
    let mut needs: Option<Needs> = None;
    for name in members {
        let service = &project.services[*name];
        let deploy = service.deploy.as_deref();
        let own = gpu::gpus(&service.gpus, deploy, &place(name), cx);
        let placement = deploy.and_then(|deploy| deploy.placement.as_deref());
        let own_needs = Needs {
            gpus: own,
            wish: sizes(service).least(),
            machine: placement::machine(placement),
            arm: platform.architecture == crate::service::Architecture::Arm,
        };
        needs = Some(match needs {
            Some(needs) => needs.and(own_needs),
            None => own_needs,
        });
        gpus.push(own);
    }
    (gpus, needs.filter(|needs| needs.gpus != Gpus::None))
}

fn sizes(service: &compose::Service) -> SizeKeys<'_> {
    SizeKeys {
        cpus: service.cpus,
        mem_limit: service.mem_limit,
        mem_reservation: service.mem_reservation,
        deploy: service.deploy.as_deref(),
    }
}

/// One service of Compose, before it is known which others share its task.
struct Part {
    container: Container,
    wish: Wish,
    deployment: Deployment,
    publications: Vec<Publication>,
    permissions: Permissions,
    storage: Option<(u64, Path)>,
    shared_processes: bool,
    before: Vec<(String, Path)>,
}

const STOP: Limit = Limit {
    code: "ecs::stop-grace-period",
    does: "Fargate lets a container stop within",
    range: 2..=120,
};

/// Takes a service apart, so that no key is forgotten.
fn part(
    name: &str,
    service: &compose::Service,
    gpus: Gpus,
    surroundings: Surroundings<'_>,
    groups: &Groups<'_>,
    cx: &mut Context<'_>,
) -> Part {
    let at = &place(name);
    let compose::Service {
        // Lowered here.
        cap_add,
        cap_drop,
        command,
        depends_on,
        deploy,
        entrypoint,
        environment: variables,
        healthcheck,
        image: image_text,
        init,
        ipc,
        labels,
        links: asked_links,
        logging: asked_logging,
        network_mode,
        pid,
        ports: asked_ports,
        post_start,
        pre_start,
        pre_stop,
        read_only,
        restart: asked_restart,
        scale,
        secrets: asked_secrets,
        shm_size,
        stdin_open,
        stop_grace_period,
        storage_opt,
        sysctls,
        tty,
        ulimits,
        user,
        working_dir,
        extensions,
        // Lowered with what the task needs as a whole.
        cpus: _,
        gpus: _,
        mem_limit: _,
        mem_reservation: _,
        networks: _,
        platform: _,
        // Lowered with mounts.
        configs: _,
        tmpfs: _,
        volumes: _,
        volumes_from: _,
        // Done while loading.
        env_file: _,
        extends: _,
        label_file: _,
        profiles: _,
        // Answered for their keys alone.
        annotations: _,
        attach: _,
        blkio_config: _,
        build: _,
        cgroup: _,
        cgroup_parent: _,
        container_name: _,
        cpu_count: _,
        cpu_percent: _,
        cpu_period: _,
        cpu_quota: _,
        cpu_rt_period: _,
        cpu_rt_runtime: _,
        cpu_shares: _,
        cpuset: _,
        credential_spec: _,
        develop: _,
        device_cgroup_rules: _,
        devices: _,
        dns: _,
        dns_opt: _,
        dns_search: _,
        domainname: _,
        expose: _,
        external_links: _,
        extra_hosts: _,
        group_add: _,
        hostname: _,
        isolation: _,
        mac_address: _,
        mem_swappiness: _,
        memswap_limit: _,
        models: _,
        oom_kill_disable: _,
        oom_score_adj: _,
        pids_limit: _,
        privileged: _,
        provider: _,
        pull_policy: _,
        pull_refresh_after: _,
        runtime: _,
        security_opt: _,
        stop_signal: _,
        use_api_socket: _,
        userns_mode: _,
        uts: _,
    } = service;
    let Surroundings { platform, machine, networks } = surroundings;
    let machines = machine.is_some();
    let deploy = deploy.as_deref();
    let image_text = image_text.as_deref();
    let extensions = ServiceExtensions::read(extensions, at, &mut cx.problems);
    namespaces::network_mode(network_mode.as_deref(), at, cx);
    namespaces::shared_memory(ipc.as_deref(), at, cx);
    links(asked_links, at, cx);
    hooks::inside("post_start", post_start, at, cx);
    hooks::inside("pre_stop", pre_stop, at, cx);
    let environment = environment::environment(variables);
    let secret_variables = secrets::variables(&extensions.secrets, at, cx);
    environment::twice(&environment, &secret_variables, at, cx);
    let (entrypoint, command) = process::process(entrypoint, command, at, cx);
    let (cap_add, cap_drop) = capabilities(cap_add, cap_drop, machines, at, cx);
    let ports::Ports { container: container_ports, publications } =
        ports::ports(name, asked_ports, networks, at, cx);
    let mounts::Mounts { mounts, tmpfs } = mounts::mounts(name, service, at, cx);
    let Before { services: before, containers: depends_on } =
        dependencies(name, depends_on, groups, at, cx);
    let size = sizes(service);
    let container = Container {
        name: name.to_owned(),
        image: image::image(image_text, platform, at, cx),
        essential: true,
        command,
        entrypoint,
        environment,
        secret_variables,
        secret_files: secrets::files(asked_secrets, at, cx),
        depends_on,
        before: hooks::before(pre_start, image_text, at, cx),
        health_check: health::health_check(healthcheck.as_deref(), at, cx),
        ports: container_ports,
        mounts,
        logging: logging::logging(asked_logging.as_deref(), at, cx),
        pull_credentials: extensions.pull_credentials,
        restart: restart::restart(asked_restart.as_deref(), deploy, at, cx),
        memory_reservation: size.memory_reservation(),
        gpus: gpus.of_machine(machine.unwrap_or(1)),
        user: text(user.as_ref()),
        working_dir: text(working_dir.as_ref()),
        read_only: *read_only,
        tty: *tty,
        stdin_open: *stdin_open,
        init: *init,
        cap_add,
        cap_drop,
        tmpfs,
        shared_memory: storage::shared_memory(*shm_size, machines, at, cx),
        ulimits: limits::ulimits(ulimits, machines, at, cx),
        sysctls: limits::sysctls(sysctls, at, cx),
        labels: sorted(&labels.0),
        stop_timeout: stop_grace_period
            .map(|period| seconds(period, &STOP, at.key("stop_grace_period"), cx)),
    };
    Part {
        container,
        wish: size.wish(),
        deployment: deployment(*scale, deploy, machines, at, cx),
        publications,
        permissions: permissions(extensions.policies, extensions.role),
        storage: storage::wish(extensions.ephemeral_storage, storage_opt, at, cx),
        shared_processes: namespaces::shared_processes(pid.as_deref(), at, cx),
        before,
    }
}

/// An empty text says nothing.
fn text(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

fn permissions(mut managed_policies: Vec<String>, policy: Option<Value>) -> Permissions {
    managed_policies.sort();
    managed_policies.dedup();
    Permissions { managed_policies, policy }
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::lower::testing::{check, container, service, services_with};

    #[test]
    fn services_are_sorted_whatever_the_order_of_keys() {
        let one = "services: {b: {image: nginx, labels: {y: '1', x: '2'}}, a: {image: nginx}}";
        let other = "services: {a: {image: nginx}, b: {labels: {x: '2', y: '1'}, image: nginx}}";
        let lowered = |text| services_with(&Facts::none(), text);
        assert_eq!(format!("{:?}", lowered(one)), format!("{:?}", lowered(other)));
        assert_eq!(lowered(one).0[0].name, "a");
    }

    #[test]
    fn what_ecs_has_is_taken_over() {
        let container = container(
            "user: '1000:1000'\nworking_dir: /srv\nread_only: true\ntty: true\nstdin_open: true\n\
             init: true\nlabels: {b: '1', a: '2'}\nstop_grace_period: 1m30s\nmem_reservation: 1g",
        );
        assert_eq!(container.user.as_deref(), Some("1000:1000"));
        assert_eq!(container.working_dir.as_deref(), Some("/srv"));
        assert!(container.read_only && container.tty && container.stdin_open);
        assert_eq!(container.init, Some(true));
        assert_eq!(container.labels.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((container.stop_timeout, container.memory_reservation), (Some(90), Some(1024)));
    }

    #[test]
    fn a_stop_takes_two_minutes_at_most() {
        check(
            "
services:
  web:
    image: nginx
    stop_grace_period: 5m
#                      ^^ warning: Fargate lets a container stop within 2 to 120 seconds, so this becomes 120
#                      help: write `120s`
",
        );
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
        let size = crate::service::FargateSize { cpu: 2048, memory: 4096 };
        assert_eq!(web.launch, crate::service::Launch::Fargate(size));
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
    fn a_service_without_keys_is_small_and_runs_once() {
        let service = service("init: true");
        assert_eq!(service.networks, Vec::<String>::new());
        assert_eq!(service.ephemeral_storage, None);
        assert!(service.containers[0].essential);
    }
}
