//! `network_mode` and `pid`: what a container shares with others.

use compose_model::{Diagnostic, Path, Service};

use super::part::place;
use super::together::Groups;
use crate::context::Context;

/// The service that another one shares a task with, because it shares its network
/// or its processes.
pub(super) fn companion(service: &Service) -> Option<&str> {
    let shared = [&service.network_mode, &service.pid];
    shared.into_iter().find_map(|mode| mode.as_deref()?.strip_prefix("service:"))
}

/// Whether a mode is `service:NAME`, which [`companion`] answers.
fn is_companion(mode: &str) -> bool {
    mode.starts_with("service:")
}

/// Answers `network_mode`: every task has an address of its own.
pub(super) fn network_mode(mode: Option<&str>, at: &Path, cx: &mut Context<'_>) {
    const CODE: &str = "ecs::network-mode";
    let own_address = "ECS gives every task an address of its own";
    let problem = match mode {
        None | Some("") => return,
        Some(mode) if is_companion(mode) => return,
        Some("host") => {
            Diagnostic::warning(CODE, format!("{own_address} instead of its machine's"))
                .help("remove it, and add what shall be reached from outside to `ports`")
        }
        Some("none") => Diagnostic::error(CODE, "ECS gives every task a network").help(
            "remove it, and choose subnets without a route to the internet with `x-aws-subnets`",
        ),
        Some(mode @ ("bridge" | "default" | "nat")) => {
            Diagnostic::warning(CODE, format!("{own_address} instead of a `{mode}`"))
                .help("remove it")
        }
        Some(mode) if mode.starts_with("container:") => {
            Diagnostic::error(CODE, "ECS knows no containers outside of the project")
                .help("add it as a service, and write `network_mode: service:NAME`")
        }
        Some(mode) => Diagnostic::error(CODE, format!("there is no network mode `{mode}`"))
            .help(format!("put the service into the network with `networks: [{mode}]`")),
    };
    cx.report(problem.at(at.key("network_mode"), ""));
}

/// Refuses the processes of a service that runs in another task than that of the
/// service whose network is shared.
pub(super) fn apart(name: &str, service: &Service, groups: &Groups<'_>, cx: &mut Context<'_>) {
    let shared = |mode: Option<&str>| mode?.strip_prefix("service:").map(str::to_owned);
    let network = shared(service.network_mode.as_deref());
    let (Some(network), Some(processes)) = (network, shared(service.pid.as_deref())) else {
        return;
    };
    if groups.host(&processes) == groups.host(name) {
        return;
    }
    let message = format!("`{network}` and `{processes}` run in different tasks");
    let at = place(name);
    cx.report(
        Diagnostic::error("ecs::pid", message)
            .at(at.key("pid"), "processes of one")
            .at(at.key("network_mode"), "and the network of the other")
            .help(format!("let `{processes}` share a task: `network_mode: service:{network}`")),
    );
}

/// Tells that a service has lost its name: who shares only processes has an address of
/// its own in Docker.
pub(super) fn name_lost(name: &str, service: &Service, groups: &Groups<'_>, cx: &mut Context<'_>) {
    let shares = |mode: &Option<String>| mode.as_deref().is_some_and(is_companion);
    if !shares(&service.pid) || shares(&service.network_mode) {
        return;
    }
    let host = groups.host(name);
    let message = format!("`{name}` runs in the task of `{host}`, and is found by that name alone");
    cx.report(
        Diagnostic::warning("ecs::pid", message)
            .at(place(name).key("pid"), "")
            .help(format!("let others talk to `{host}`, on the ports of `{name}`")),
    );
}

/// Answers `pid`: whether the containers of the task see each other's processes.
pub(super) fn shared_processes(mode: Option<&str>, at: &Path, cx: &mut Context<'_>) -> bool {
    let shared = mode.is_some_and(is_companion);
    if let Some(mode) = mode.filter(|mode| !shared && !matches!(*mode, "" | "private")) {
        let message = format!("ECS lets no container see the processes of `{mode}`");
        cx.report(
            Diagnostic::error("ecs::pid", message)
                .at(at.key("pid"), "")
                .help("remove it, or name a service: `pid: service:NAME`"),
        );
    }
    shared
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn every_task_has_an_address_of_its_own() {
        check(
            "
services:
  a:
    image: nginx
    network_mode: host
#                 ^^^^ warning: ECS gives every task an address of its own instead of its machine's
#                 help: remove it, and add what shall be reached from outside to `ports`
  b:
    image: nginx
    network_mode: bridge
#                 ^^^^^^ warning: ECS gives every task an address of its own instead of a `bridge`
#                 help: remove it
  c:
    image: nginx
    network_mode: none
#                 ^^^^ error: ECS gives every task a network
#                 help: remove it, and choose subnets without a route to the internet with `x-aws-subnets`
  d:
    image: nginx
    network_mode: container:vpn
#                 ^^^^^^^^^^^^^ error: ECS knows no containers outside of the project
#                 help: add it as a service, and write `network_mode: service:NAME`
  e:
    image: nginx
    network_mode: backend
#                 ^^^^^^^ error: there is no network mode `backend`
#                 help: put the service into the network with `networks: [backend]`
",
        );
    }

    #[test]
    fn a_container_is_in_one_task() {
        check(
            "
services:
  web:
    image: nginx
  vpn:
    image: nginx
  shell:
    image: nginx
    network_mode: service:vpn
#                 ^^^^^^^^^^^ and the network of the other
    pid: service:web
#        ^^^^^^^^^^^ error: `vpn` and `web` run in different tasks
#        help: let `web` share a task: `network_mode: service:vpn`
  proxy:
    image: nginx
    network_mode: service:web
  tracer:
    image: nginx
    network_mode: service:proxy
    pid: service:web
",
        );
    }

    #[test]
    fn no_container_sees_into_its_host() {
        check(
            "
services:
  a:
    image: nginx
    pid: host
#        ^^^^ error: ECS lets no container see the processes of `host`
#        help: remove it, or name a service: `pid: service:NAME`
",
        );
    }
}
