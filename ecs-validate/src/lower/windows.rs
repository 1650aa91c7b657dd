//! What tasks of Windows have not: everything that is Linux's own.

use compose_model::{Diagnostic, Path};

use super::part::place;
use crate::context::Context;
use crate::service::{Container, Launch, MountSource, OperatingSystem, SearchDomain, Service};

const CODE: &str = "ecs::windows";

/// Whether a system is one of Windows.
pub(super) fn is_windows(system: OperatingSystem) -> bool {
    match system {
        OperatingSystem::Linux => false,
        OperatingSystem::Windows2019
        | OperatingSystem::Windows2022
        | OperatingSystem::Windows2025 => true,
    }
}

/// Takes from a task of Windows what it cannot have, and tells of it.
pub(super) fn adapt(service: &mut Service, cx: &mut Context<'_>) {
    if !is_windows(service.platform.system) {
        return;
    }
    let at = place(&service.name);
    if service.search_domain != SearchDomain::None {
        service.search_domain = SearchDomain::None;
        let message = "tasks of Windows find other services only by their full names";
        cx.report(
            Diagnostic::warning(CODE, message)
                .at(at.key("platform"), "")
                .help(format!("write names out, as in `db.{}.local`", cx.project.name)),
        );
    }
    if matches!(service.launch, Launch::Machines { .. }) {
        let problem = Diagnostic::error(CODE, "there are no machines with GPUs for Windows");
        cx.report(problem.at(at.key("platform"), "").help("write `platform: linux/amd64`"));
    }
    for container in &mut service.containers {
        let at = place(&container.name);
        container_of_linux(container, &at, cx);
        mounts(container, &at, cx);
    }
    service.shared_processes = false;
}

fn container_of_linux(container: &mut Container, at: &Path, cx: &mut Context<'_>) {
    let found = [
        ("init", container.init.take().is_some()),
        ("read_only", std::mem::take(&mut container.read_only)),
        ("cap_add", take(&mut container.cap_add)),
        ("cap_drop", take(&mut container.cap_drop)),
        ("tmpfs", take(&mut container.tmpfs)),
        ("ulimits", !std::mem::take(&mut container.ulimits).is_empty()),
        ("sysctls", !std::mem::take(&mut container.sysctls).is_empty()),
        ("restart", container.restart.take().is_some()),
    ];
    for (key, _) in found.into_iter().filter(|(_, found)| *found) {
        cx.report(
            Diagnostic::warning(CODE, format!("Windows has no `{key}`"))
                .at(at.key(key), "without effect")
                .help(format!("remove `{key}`")),
        );
    }
}

fn take<T>(list: &mut Vec<T>) -> bool {
    !std::mem::take(list).is_empty()
}

/// File systems of EFS are Linux's, and so is what writes files before a start.
fn mounts(container: &Container, at: &Path, cx: &mut Context<'_>) {
    let volume = container.mounts.iter().any(|mount| match mount.source {
        MountSource::Volume(_) | MountSource::Files { .. } => true,
        MountSource::Scratch => false,
    });
    let found = [("volumes", volume), ("secrets", !container.secret_files.is_empty())];
    for (key, _) in found.into_iter().filter(|(_, found)| *found) {
        let help = match key {
            "secrets" => "take them as variables, with `x-aws-secrets`",
            _ => "keep files in the image, or in a service that runs on Linux",
        };
        cx.report(
            Diagnostic::error(CODE, format!("tasks of Windows can have no `{key}`"))
                .at(at.key(key), "")
                .help(help),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn what_is_linux_s_own_is_taken_away() {
        check(
            "
services:
  web:
    image: nginx
    platform: windows/amd64
#             ^^^^^^^^^^^^^ warning: tasks of Windows find other services only by their full names
#             help: write names out, as in `db.shop.local`
    init: true
#         ^^^^ warning: Windows has no `init`
#         help: remove `init`
    restart: always
#            ^^^^^^ warning: Windows has no `restart`
#            help: remove `restart`
",
        );
    }

    #[test]
    fn files_cannot_be_brought_into_windows() {
        check(
            "
services:
  web:
    image: nginx
    platform: windows/amd64
#             ^^^^^^^^^^^^^ warning: tasks of Windows find other services only by their full names
#             help: write names out, as in `db.shop.local`
    volumes:
#   ^^^^^^^ warning: `web` is stopped before its new version starts
#   help: to let them overlap, add `deploy: {update_config: {order: start-first}}`
#   ^^^^^^^ error: tasks of Windows can have no `volumes`
#   help: keep files in the image, or in a service that runs on Linux
      - data:/data
    secrets:
#   ^^^^^^^ error: tasks of Windows can have no `secrets`
#   help: take them as variables, with `x-aws-secrets`
      - token
volumes:
  data:
secrets:
  token:
    environment: TOKEN
",
        );
    }
}
