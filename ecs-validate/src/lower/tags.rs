//! `deploy.labels`, and those of networks, volumes and secrets, to tags, and what AWS
//! allows of these.

use compose_model::service::Labels;
use compose_model::{Diagnostic, Path};
use indexmap::IndexMap;

use super::part::sorted;
use crate::context::Context;

/// AWS allows 50, of which some are what every resource of a project has.
const MOST: usize = 45;

/// Labels that can be tags. `at` is the place of `deploy`.
///
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
pub(super) fn tags(labels: &Labels, at: &Path, cx: &mut Context<'_>) -> IndexMap<String, String> {
    let elsewhere = "remove it, or move it to `labels` of the service";
    allowed(labels, elsewhere, at, cx)
}

/// Labels of a network, a volume or a secret that can be tags. `at` is its place.
pub(super) fn of_resource(
    labels: &Labels,
    at: &Path,
    cx: &mut Context<'_>,
) -> IndexMap<String, String> {
    allowed(labels, "remove it", at, cx)
}

fn allowed(
    labels: &Labels,
    help: &str,
    at: &Path,
    cx: &mut Context<'_>,
) -> IndexMap<String, String> {
    if labels.0.is_empty() {
        return IndexMap::new();
    }
    let at = at.key("labels");
    let mut tags = sorted(&labels.0);
    tags.retain(|name, value| {
        let wrong = wrong(name, value);
        if let Some(wrong) = wrong {
            let message = format!("`{name}` cannot be a tag, since {wrong}");
            cx.report(
                Diagnostic::warning("ecs::tag", message)
                    .at(at.key(name.as_str()), "without effect")
                    .help(help),
            );
        }
        wrong.is_none()
    });
    if tags.len() > MOST {
        let message = format!("AWS allows {MOST} tags of your own, and these are {}", tags.len());
        cx.report(
            Diagnostic::error("ecs::tag", message)
                .at(at, "")
                .help(help.replace("it", "some of them")),
        );
    }
    tags
}

fn wrong(name: &str, value: &str) -> Option<&'static str> {
    if name.is_empty() || name.chars().count() > 128 {
        return Some("its name does not have 1 to 128 characters");
    }
    if value.chars().count() > 256 {
        return Some("its value has more than 256 characters");
    }
    if name.to_ascii_lowercase().starts_with("aws:") {
        return Some("names that begin with `aws:` are AWS's own");
    }
    if name.starts_with("com.docker.compose.") {
        return Some("names that begin with `com.docker.compose.` say what a resource is for");
    }
    let allowed = |char: char| char.is_alphanumeric() || " _.:/=+-@".contains(char);
    let plain = name.chars().chain(value.chars()).all(allowed);
    (!plain).then_some("tags have only letters, digits, spaces and `_.:/=+-@`")
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, service};

    #[test]
    fn labels_of_a_deployment_are_tags() {
        let tags = service("deploy: {labels: {team: shop, cost-centre: '7'}}").tags;
        let expected = [("cost-centre", "7"), ("team", "shop")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(tags.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn labels_that_cannot_be_tags_are_left_out() {
        check(
            "
services:
  web:
    image: nginx
    deploy:
      labels:
        aws:mine: x
#                 ^ warning: `aws:mine` cannot be a tag, since names that begin with `aws:` are AWS's own
#                 help: remove it, or move it to `labels` of the service
        traefik.rule: Host(`a.example`)
#                     ^^^^^^^^^^^^^^^^^ warning: `traefik.rule` cannot be a tag, since tags have only letters, digits, spaces and `_.:/=+-@`
#                     help: remove it, or move it to `labels` of the service
",
        );
    }

    #[test]
    fn labels_of_volumes_are_tags_too() {
        check(
            "
services:
  web:
    image: nginx
    volumes: [data:/data]
#   ^^^^^^^ warning: `web` is stopped before its new version starts
#   help: to let them overlap, add `deploy: {update_config: {order: start-first}}`
volumes:
  data:
    labels:
      rule: a*b
#           ^^^ warning: `rule` cannot be a tag, since tags have only letters, digits, spaces and `_.:/=+-@`
#           help: remove it
",
        );
    }
}
