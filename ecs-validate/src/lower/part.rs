//! One service of Compose to its container, and to what it asks of its task.

use compose_model::value::Value;
use compose_model::{Path, Service};
use indexmap::IndexMap;

use super::capabilities::capabilities;
use super::dependencies::{Before, dependencies, external_links, links};
use super::deploy::{Deployment, deployment};
use super::gpu::Gpus;
use super::seconds::{Limit, seconds};
use super::size::Sizes;
use super::together::Groups;
use super::{
    environment, health, hooks, image, limits, logging, mounts, namespaces, ports, process,
    restart, secrets, storage,
};
use crate::context::Context;
use crate::extensions::ServiceExtensions;
use crate::service::{Container, Permissions, Platform, Publication};

/// The place of a service.
pub(super) fn place(name: &str) -> Path {
    Path::root().key("services").key(name)
}

/// The entries of a mapping, by name.
pub(super) fn sorted<'a, V: Clone + 'a>(
    entries: impl IntoIterator<Item = (&'a String, &'a V)>,
) -> IndexMap<String, V> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_by_key(|(name, _)| *name);
    entries.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What all containers of a task have in common.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) platform: Platform,
    /// How many GPUs are all of the machine; nothing if the task runs on Fargate.
    pub(super) all_gpus: Option<u32>,
    pub(super) networks: &'a [String],
}

/// One service of Compose, before it is known which others share its task.
pub(super) struct Part {
    pub(super) container: Container,
    pub(super) sizes: Sizes,
    pub(super) deployment: Deployment,
    pub(super) publications: Vec<Publication>,
    pub(super) permissions: Permissions,
    /// GiB of scratch space, and where they are asked for.
    pub(super) storage: Option<(u64, Path)>,
    pub(super) shared_processes: bool,
    /// Services that come first, by their own names.
    pub(super) before: Vec<String>,
}

const STOP: Limit =
    Limit { code: "ecs::stop-grace-period", does: "Fargate lets a stop take", range: 2..=120 };

/// Takes a service apart, so that no key is forgotten.
pub(super) fn part(
    name: &str,
    service: &Service,
    gpus: Gpus,
    surroundings: Surroundings<'_>,
    groups: &Groups<'_>,
    cx: &mut Context<'_>,
) -> Part {
    let at = &place(name);
    let Service {
        // Lowered here.
        cap_add,
        cap_drop,
        command,
        depends_on,
        deploy,
        entrypoint,
        external_links: asked_external_links,
        environment: variables,
        expose,
        healthcheck,
        image: image_text,
        init,
        labels,
        links: asked_links,
        logging: asked_logging,
        network_mode,
        pid,
        ports: asked_ports,
        pre_start,
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
        extra_hosts: _,
        group_add: _,
        hostname: _,
        ipc: _,
        isolation: _,
        mac_address: _,
        mem_swappiness: _,
        memswap_limit: _,
        models: _,
        oom_kill_disable: _,
        oom_score_adj: _,
        pids_limit: _,
        post_start: _,
        pre_stop: _,
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
    let Surroundings { platform, all_gpus, networks } = surroundings;
    let machines = all_gpus.is_some();
    let deploy = deploy.as_deref();
    let image_text = image_text.as_deref();
    let extensions = ServiceExtensions::read(extensions, at, &mut cx.problems);
    namespaces::network_mode(network_mode.as_deref(), at, cx);
    namespaces::apart(name, service, groups, cx);
    namespaces::name_lost(name, service, groups, cx);
    links(asked_links, at, cx);
    external_links(asked_external_links, at, cx);
    let environment = environment::environment(variables);
    let secret_variables = secrets::variables(&extensions.secrets, at, cx);
    environment::twice(&environment, &secret_variables, at, cx);
    let (entrypoint, command) = process::process(entrypoint, command, at, cx);
    let (cap_add, cap_drop) = capabilities(cap_add, cap_drop, machines, at, cx);
    ports::exposed(expose, at, cx);
    let ports::Ports { container: container_ports, publications } =
        ports::ports(name, asked_ports, networks, at, cx);
    let mut mounted = mounts::mounts(name, service, at, cx);
    secrets::files(asked_secrets, &mut mounted, at, cx);
    mounts::around_secrets(&mut mounted, at, cx);
    mounted.places.check(cx);
    let mounts::Mounts { mounts, tmpfs, secret_files, bare: _, places: _ } = mounted;
    let Before { services: before, containers: depends_on } =
        dependencies(name, depends_on, groups, at, cx);
    let sizes = Sizes::of(service);
    sizes.check(service, at, cx);
    let container = Container {
        name: name.to_owned(),
        image: image::image(image_text, platform, at, cx),
        essential: true,
        command,
        entrypoint,
        environment,
        secret_variables,
        secret_files,
        depends_on,
        before: hooks::before(pre_start, image_text, platform, at, cx),
        health_check: health::health_check(healthcheck.as_deref(), at, cx),
        ports: container_ports,
        mounts,
        logging: logging::logging(asked_logging.as_deref(), at, cx),
        pull_credentials: extensions.pull_credentials,
        restart: restart::restart(
            asked_restart.as_deref(),
            deploy,
            groups.host(name) == name,
            at,
            cx,
        ),
        memory_reservation: sizes.memory_reservation(),
        gpus: gpus.of_machine(all_gpus.unwrap_or(1)),
        user: text(user.as_ref()),
        working_dir: process::working_dir(working_dir.as_ref(), platform, at, cx),
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
            .map(|period| seconds(period, &STOP, at, "stop_grace_period", cx)),
    };
    Part {
        container,
        sizes,
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
    use crate::testing::{check, container, service};

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
#                      ^^ warning: Fargate lets a stop take 2 to 120 seconds, so this becomes 120
#                      help: write `120s`
",
        );
    }

    #[test]
    fn a_service_without_keys_is_small_and_runs_once() {
        let service = service("init: true");
        assert_eq!(service.networks, ["default"]);
        assert_eq!(service.ephemeral_storage, None);
        assert!(service.containers[0].essential);
    }
}
