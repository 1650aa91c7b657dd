//! `depends_on` and `links` to what comes first: services before services, and
//! containers of one task before each other.

use std::collections::BTreeSet;

use compose_model::service::Dependency;
use compose_model::{Diagnostic, Path};
use indexmap::IndexMap;

use super::together::Groups;
use crate::context::Context;
use crate::service::Condition;

const CODE: &str = "ecs::dependency";

/// What comes before one service of Compose.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Services in other tasks, by their own names.
    pub(super) services: Vec<String>,
    /// Containers of the same task.
    pub(super) containers: Vec<(String, Condition)>,
}

/// What comes before a service, sorted.
pub(super) fn dependencies(
    name: &str,
    depends_on: &IndexMap<String, Dependency>,
    groups: &Groups<'_>,
    at: &Path,
    cx: &mut Context<'_>,
) -> Before {
    let host = groups.host(name);
    let mut before = Before::default();
    let mut sorted: Vec<_> = depends_on.iter().collect();
    sorted.sort_by_key(|(other, _)| *other);
    for (other, dependency) in sorted {
        // One that is not required may be absent.
        if !cx.project.services.contains_key(other) {
            continue;
        }
        // Restarts are answered for their key alone.
        let Dependency { condition, restart: _, required: _, extensions: _ } = dependency;
        let condition = condition_of(condition.as_deref());
        let link = Link { name, other, at };
        if groups.host(other) == host {
            let condition = within(link, other == host, condition, cx);
            before.containers.push((other.clone(), condition));
        } else {
            between(link, condition, cx);
            before.services.push(other.clone());
        }
    }
    before
}

/// The schema knows no other conditions.
fn condition_of(condition: Option<&str>) -> Condition {
    match condition {
        Some("service_healthy") => Condition::Healthy,
        Some("service_completed_successfully") => Condition::Succeeded,
        Some(_) | None => Condition::Started,
    }
}

/// That one service depends on another.
#[derive(Clone, Copy)]
struct Link<'a> {
    name: &'a str,
    other: &'a str,
    /// The place of the first.
    at: &'a Path,
}

impl Link<'_> {
    fn place(self, key: &str) -> Path {
        self.at.key("depends_on").key(self.other).key(key)
    }
}

/// Containers of a task wait for each other, with two things to see to.
fn within(link: Link<'_>, on_host: bool, condition: Condition, cx: &mut Context<'_>) -> Condition {
    let Link { name, other, at: _ } = link;
    let check = cx.project.services[other].healthcheck.as_ref();
    let is_checked = check.is_some_and(|check| !check.disable && check.test.0.len() > 1);
    match condition {
        Condition::Healthy if !is_checked => {
            let message =
                format!("ECS knows no health check of `{other}`, so `{name}` starts after it");
            let problem = Diagnostic::warning(CODE, message).at(link.place("condition"), "");
            cx.report(problem.help(format!("add a `healthcheck` to `{other}`")));
            Condition::Started
        }
        Condition::Succeeded if on_host => {
            let message =
                format!("the task ends with `{other}`, so `{name}` cannot start after its end");
            let problem = Diagnostic::error(CODE, message).at(link.place("condition"), "");
            cx.report(problem.help(format!("move what `{other}` runs to `pre_start` of `{name}`")));
            condition
        }
        Condition::Started | Condition::Healthy | Condition::Succeeded => condition,
    }
}

/// Between services there is only an order in which they are deployed.
fn between(link: Link<'_>, condition: Condition, cx: &mut Context<'_>) {
    let Link { name, other, at: _ } = link;
    let (message, help) = match condition {
        Condition::Started => return,
        Condition::Healthy => (
            format!(
                "`{name}` waits for `{other}` only when the project is deployed, not when a task starts"
            ),
            format!("let `{name}` try again until `{other}` answers"),
        ),
        Condition::Succeeded => (
            format!("`{name}` starts after `{other}`, and does not wait for its end"),
            format!("move what `{other}` runs to `pre_start` of `{name}`"),
        ),
    };
    let problem = Diagnostic::warning(CODE, message).at(link.place("condition"), "");
    cx.report(problem.help(help));
}

/// Tells of services that do one thing and end, since ECS keeps services running.
pub(super) fn one_shots(groups: &Groups<'_>, cx: &mut Context<'_>) {
    let mut awaited = BTreeSet::new();
    for (name, service) in &cx.project.services {
        for (other, dependency) in &service.depends_on {
            let ends = condition_of(dependency.condition.as_deref()) == Condition::Succeeded;
            if ends && groups.host(name) != groups.host(other) {
                awaited.insert(other.as_str());
            }
        }
    }
    let project = cx.project;
    for other in awaited {
        let Some(service) = project.services.get(other) else { continue };
        let for_ever = matches!(service.restart.as_deref(), Some("always" | "unless-stopped"));
        if !for_ever {
            let message =
                format!("`{other}` ends, and ECS starts it again: deploying waits for ever");
            let at = Path::root().key("services").key(other);
            cx.report(
                Diagnostic::warning("ecs::one-shot", message)
                    .at(at, "")
                    .help("move what it runs to `pre_start` of the service that waits for it"),
            );
        }
    }
}

/// Answers `links`: services are found by their names, and have no others.
pub(super) fn links(links: &[String], at: &Path, cx: &mut Context<'_>) {
    for (index, link) in links.iter().enumerate() {
        let Some((service, alias)) = link.split_once(':').filter(|(a, b)| a != b) else { continue };
        let message = format!("`{service}` is not found as `{alias}` on ECS");
        cx.report(
            Diagnostic::warning("ecs::links", message)
                .at(at.key("links").index(index), "")
                .help(format!("use its name, `{service}`")),
        );
    }
}

/// Answers `external_links`, which a program would look for in vain.
pub(super) fn external_links(links: &[String], at: &Path, cx: &mut Context<'_>) {
    for (index, link) in links.iter().enumerate() {
        let name = link.split_once(':').map_or(link.as_str(), |(name, _)| name);
        let message =
            format!("`{name}` is a container outside of the project, which ECS does not know");
        cx.report(
            Diagnostic::warning("ecs::links", message)
                .at(at.key("external_links").index(index), "left out")
                .help("add it as a service, or give its address as a variable"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::{check, services_with};

    #[test]
    fn services_come_in_order() {
        let text = "
services:
  web: {image: nginx, depends_on: [db, cache], links: [queue]}
  db: {image: nginx}
  cache: {image: nginx}
  queue: {image: nginx}
";
        let (services, _) = services_with(&Facts::none(), text);
        assert_eq!(services[3].depends_on, ["cache", "db", "queue"]);
    }

    #[test]
    fn containers_of_one_task_wait_for_each_other() {
        let text = "
services:
  base: {image: nginx}
  db: {image: nginx, network_mode: 'service:base', healthcheck: {test: 'true'}}
  seed: {image: nginx, network_mode: 'service:base'}
  web:
    image: nginx
    network_mode: service:base
    depends_on:
      db: {condition: service_healthy}
      seed: {condition: service_completed_successfully}
";
        let (services, _) = services_with(&Facts::none(), text);
        let [base] = &services[..] else { panic!("all of it is one task") };
        let names: Vec<_> = base.containers.iter().map(|container| &container.name[..]).collect();
        assert_eq!(names, ["base", "db", "seed", "web"]);
        let expected = [
            ("base".to_owned(), Condition::Started),
            ("db".to_owned(), Condition::Healthy),
            ("seed".to_owned(), Condition::Succeeded),
        ];
        assert_eq!(base.containers[3].depends_on, expected);
    }

    #[test]
    fn conditions_between_services_are_only_an_order() {
        check(
            "
services:
  web:
    image: nginx
    depends_on:
      db:
        condition: service_healthy
#                  ^^^^^^^^^^^^^^^ warning: `web` waits for `db` only when the project is deployed, not when a task starts
#                  help: let `web` try again until `db` answers
      migrate:
        condition: service_completed_successfully
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning: `web` starts after `migrate`, and does not wait for its end
#                  help: move what `migrate` runs to `pre_start` of `web`
  db:
    image: nginx
  migrate:
# ^^^^^^^ warning: `migrate` ends, and ECS starts it again: deploying waits for ever
# help: move what it runs to `pre_start` of the service that waits for it
    image: nginx
",
        );
    }

    #[test]
    fn health_must_be_checked_to_be_waited_for() {
        check(
            "
services:
  proxy:
    image: nginx
    network_mode: service:web
    depends_on:
      web:
        condition: service_healthy
#                  ^^^^^^^^^^^^^^^ warning: ECS knows no health check of `web`, so `proxy` starts after it
#                  help: add a `healthcheck` to `web`
  web:
    image: nginx
  worker:
    image: nginx
    network_mode: service:web
    depends_on:
      web:
        condition: service_completed_successfully
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: the task ends with `web`, so `worker` cannot start after its end
#                  help: move what `web` runs to `pre_start` of `worker`
",
        );
    }

    #[test]
    fn services_have_only_their_own_names() {
        check(
            "
services:
  db:
    image: nginx
  web:
    image: nginx
    external_links:
      - old:cache
#       ^^^^^^^^^ warning: `old` is a container outside of the project, which ECS does not know
#       help: add it as a service, or give its address as a variable
    links:
      - db:database
#       ^^^^^^^^^^^ warning: `db` is not found as `database` on ECS
#       help: use its name, `db`
      - db
      - db:db
",
        );
    }
}
