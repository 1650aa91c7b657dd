//! Names that ECS and the resolver take: Compose has services with dots in theirs,
//! and with hyphens anywhere.

use std::collections::HashMap;

use compose_model::{Diagnostic, Path};
use indexmap::IndexMap;

use crate::context::Context;
use crate::service::Service;

/// The most characters between two dots of a name of the resolver.
const MAX_LABEL: usize = 63;

/// Refuses names under which no service could be found.
///
/// <https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html>
pub(super) fn check(name: &str, cx: &mut Context<'_>) {
    let hyphen = |part: &str| part.starts_with('-') || part.ends_with('-');
    let good = |part: &str| !part.is_empty() && part.len() <= MAX_LABEL && !hyphen(part);
    if name.split('.').all(good) && name.len() <= 127 {
        return;
    }
    let message = format!("other services could not find `{name}` by this name");
    cx.report(
        Diagnostic::error("ecs::service-name", message)
            .at(Path::root().key("services").key(name), "")
            .help(format!(
                "begin and end it, and what is between dots, with a letter or a digit, \
                 in {MAX_LABEL} characters"
            )),
    );
}

/// Refuses a project whose services nobody could find, and services that the resolver
/// takes for one.
pub(super) fn check_all(cx: &mut Context<'_>) {
    let project = cx.project;
    if project.name.len() > MAX_LABEL {
        let message = format!("the project's name has {} characters", project.name.len());
        cx.report(
            Diagnostic::error("ecs::project-name", message)
                .at(Path::root().key("name"), "it is a part of every name of its services")
                .help(format!(
                    "give it one of {MAX_LABEL} characters or fewer, with `-p`, or with `name: …` \
                     in the file"
                )),
        );
    }
    let mut names: Vec<&String> = project.services.keys().collect();
    names.sort();
    let mut known: HashMap<String, &String> = HashMap::new();
    for name in names {
        let Some(other) = known.insert(name.to_ascii_lowercase(), name) else { continue };
        let at = Path::root().key("services");
        let message = format!("other services could not tell `{name}` from `{other}`");
        cx.report(
            Diagnostic::error("ecs::service-name", message)
                .at(at.key(name.as_str()), "it differs in capitals alone")
                .at(at.key(other.as_str()), "the other one")
                .help("rename one of them"),
        );
    }
}

/// Gives every container of a task a name without dots.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>
pub(super) fn shorten(service: &mut Service) {
    let names = plain(service.containers.iter().map(|container| container.name.as_str()));
    let rename = |name: &mut String| {
        if let Some(plain) = names.get(name) {
            plain.clone_into(name);
        }
    };
    for container in &mut service.containers {
        rename(&mut container.name);
        container.depends_on.iter_mut().for_each(|(name, _)| rename(name));
    }
    service.publications.iter_mut().for_each(|publication| rename(&mut publication.container));
}

/// Each name that has dots, and what stands for it.
fn plain<'a>(names: impl Iterator<Item = &'a str> + Clone) -> IndexMap<String, String> {
    let mut plain: IndexMap<String, String> = IndexMap::new();
    for name in names.clone().filter(|name| name.contains('.')) {
        let mut short = name.replace('.', "_");
        while names.clone().any(|name| name == short) || plain.values().any(|name| *name == short) {
            short.push('_');
        }
        plain.insert(name.to_owned(), short);
    }
    plain
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::testing::services_with;

    #[test]
    fn a_name_that_the_resolver_does_not_take_is_refused() {
        crate::testing::check(
            "
services:
  -web:
# ^^^^ error: other services could not find `-web` by this name
# help: begin and end it, and what is between dots, with a letter or a digit, in 63 characters
    image: nginx
  shop_web.v2:
    image: nginx
",
        );
    }

    #[test]
    fn names_differ_in_more_than_capitals() {
        crate::testing::check(
            "
services:
  MyApp:
# ^^^^^ the other one
    image: nginx
  myapp:
# ^^^^^ error: other services could not tell `myapp` from `MyApp`
# help: rename one of them
    image: nginx
",
        );
    }

    #[test]
    fn the_name_of_a_project_is_a_part_of_names() {
        let name = "a".repeat(64);
        let carets = "^".repeat(64);
        crate::testing::check(&format!(
            "
name: {name}
#     {carets} error: the project's name has 64 characters
#     help: give it one of 63 characters or fewer, with `-p`, or with `name: …` in the file
services: {{web: {{image: nginx}}}}
"
        ));
    }

    #[test]
    fn dots_are_taken_out_of_names_and_names_stay_apart() {
        let text = "
services:
  shop.web: {image: nginx}
  shop_web: {image: nginx, network_mode: 'service:shop.web'}
";
        let web = services_with(&Facts::none(), text).0.remove(0);
        assert_eq!(web.name, "shop.web");
        let names: Vec<_> = web.containers.iter().map(|container| &container.name[..]).collect();
        assert_eq!(names, ["shop_web_", "shop_web"]);
        assert_eq!(web.containers[1].depends_on[0].0, "shop_web_");
    }
}
