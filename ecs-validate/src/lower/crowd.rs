//! What one task can hold.

use std::collections::BTreeMap;

use compose_model::Diagnostic;

use super::part::place;
use crate::context::Context;
use crate::service::{Container, Logging, MountSource, SearchDomain, Service};

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
const MOST_CONTAINERS: usize = 10;

/// Refuses a task with more containers than ECS allows, those that prepare it
/// included, and one in which two containers want the same port.
pub(super) fn check(service: &Service, cx: &mut Context<'_>) {
    let names = usize::from(service.search_domain == SearchDomain::InitContainer);
    let router = usize::from(service.containers.iter().any(has_router));
    let count: usize = names + router + service.containers.iter().map(containers).sum::<usize>();
    if count > MOST_CONTAINERS {
        let name = &service.name;
        let message = format!(
            "the task of `{name}` needs {count} containers, and {MOST_CONTAINERS} are allowed"
        );
        cx.report(
            Diagnostic::error("ecs::containers", message)
                .at(place(name), "those that prepare it included")
                .help("put fewer services into one task, or join steps of `pre_start`"),
        );
    }
    ports(service, cx);
}

/// A container and those that come with it.
fn containers(container: &Container) -> usize {
    let is_file = |source: &MountSource| matches!(source, MountSource::Files { files, .. } if !files.is_empty());
    let is_seeded =
        |source: &MountSource| matches!(source, MountSource::Files { seeded: true, .. });
    let has = |what: &dyn Fn(&MountSource) -> bool| {
        usize::from(container.mounts.iter().any(|mount| what(&mount.source)))
    };
    1 + container.before.len()
        + usize::from(!container.secret_files.is_empty())
        + has(&is_file)
        + has(&is_seeded)
}

/// One router takes the logs of all containers of a task.
fn has_router(container: &Container) -> bool {
    matches!(container.logging, Logging::FireLens { .. })
}

fn ports(service: &Service, cx: &mut Context<'_>) {
    let mut taken = BTreeMap::new();
    for container in &service.containers {
        for port in &container.ports {
            let first = *taken.entry(port.clone()).or_insert(&container.name);
            if *first != container.name {
                let message =
                    format!("`{first}` and `{}` both listen on {}", container.name, port.port);
                let at = |name: &str| place(name).key("ports");
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
    use crate::service::{Mount, MountSource};
    use crate::testing::{check, services_with};

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

    /// A secret needs what writes it and what copies the image's folder, and no more.
    #[test]
    fn nothing_writes_no_files() {
        let before: String = (1..=6).map(|_| "{command: a, per_replica: true}, ").collect();
        let text = format!(
            "services:
  web:
    image: nginx
    pre_start: [{before}]
    secrets: [{{source: key, target: /etc/app/key}}]
secrets: {{key: {{external: true, name: key}}}}
"
        );
        let service = services_with(&Facts::none(), &text).0.remove(0);
        let files = |mount: &Mount| matches!(&mount.source, MountSource::Files { files, .. } if files.is_empty());
        assert!(service.containers[0].mounts.iter().any(files));
    }

    #[test]
    fn containers_of_one_task_listen_on_different_ports() {
        check(
            "
services:
  proxy:
    image: nginx
    network_mode: service:web
    ports:
#   ^^^^^ error: `web` and `proxy` both listen on 80
#   help: let one of them listen on another port
      - 8080:80
  web:
    image: nginx
    ports:
#   ^^^^^ and here, in the same task
      - 80:80
",
        );
    }
}
