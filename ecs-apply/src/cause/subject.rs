//! What things are called in the Compose file.

use std::collections::BTreeSet;

use crate::evidence::Evidence;
use crate::roster::SERVICE_TAG;
use crate::service::{Service, ServiceName};

/// Containers that run before those of the Compose file end so.
const HELPER: &str = "_InitContainer";

/// What things are called in the Compose file.
#[derive(Debug)]
pub(super) struct Subjects {
    /// The services, with what their names contribute to names in the template; the
    /// longest first.
    parts: Vec<(String, String)>,
}

/// What something is called: alone, and in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject {
    /// `web`, or the name of a resource in the template.
    pub(super) name: String,
    /// `web`, or ``the listener of web (`WebTCP80Listener`)``.
    pub(super) phrase: String,
}

impl Subjects {
    pub(super) fn of(evidence: &Evidence) -> Self {
        let mut parts = BTreeSet::new();
        for name in &evidence.names {
            parts.insert((plain(name), name.clone()));
        }
        for event in &evidence.events {
            let arn = event.physical_id.as_deref().unwrap_or_default();
            let service = evidence.services.iter().find(|service| service.arn == arn);
            let part = event.logical_id.strip_suffix("Service");
            if let (Some(service), Some(part)) = (service, part) {
                parts.insert((part.to_owned(), service_name(service).to_owned()));
            }
        }
        let mut parts: Vec<_> = parts.into_iter().filter(|(part, _)| !part.is_empty()).collect();
        parts.sort_by_key(|(part, _)| std::cmp::Reverse(part.len()));
        Self { parts }
    }

    /// Of a resource of the stack.
    pub(super) fn resource(
        &self,
        evidence: &Evidence,
        logical_id: &str,
        kind: &str,
        physical_id: Option<&str>,
    ) -> Subject {
        let arn = physical_id.unwrap_or_default();
        if let Some(service) = evidence.services.iter().find(|service| service.arn == arn) {
            return self.service(service);
        }
        let owner = self.owner(logical_id);
        match (kind, owner) {
            ("AWS::ECS::Service", Some(name)) => {
                Subject { name: name.to_owned(), phrase: name.to_owned() }
            }
            (_, Some(name)) => Subject {
                name: name.to_owned(),
                phrase: format!("the {} of {name} (`{logical_id}`)", noun(kind)),
            },
            (_, None) => Subject {
                name: logical_id.to_owned(),
                phrase: format!("the {} `{logical_id}`", noun(kind)),
            },
        }
    }

    /// Of a service.
    #[expect(clippy::unused_self, reason = "whoever asks has the names of everything")]
    pub(super) fn service(&self, service: &Service) -> Subject {
        let name = service_name(service).to_owned();
        Subject { phrase: name.clone(), name }
    }

    /// Of a service that may not be there any more.
    pub(super) fn named(&self, name: &ServiceName) -> Subject {
        let name = self.owner(&name.service).unwrap_or(&name.service).to_owned();
        Subject { phrase: name.clone(), name }
    }

    /// The service that a resource is made for, by its name in the template: that of
    /// the service, and what the resource is.
    fn owner(&self, logical_id: &str) -> Option<&str> {
        let is_noun = |rest: &str| rest.starts_with(|c: char| c.is_ascii_uppercase());
        let fits = |part: &str| logical_id.strip_prefix(part).is_some_and(is_noun);
        self.parts.iter().find(|(part, _)| fits(part)).map(|(_, name)| name.as_str())
    }
}

/// A container of a service's task.
pub(super) fn container(service: &Subject, container: &str) -> String {
    if is_helper(container) {
        format!("`{container}`, which prepares {},", service.phrase)
    } else if container == container_name(&service.name) {
        service.phrase.clone()
    } else {
        format!("the container `{container}` of {}", service.phrase)
    }
}

/// Whether a container runs to its end before others start.
pub(super) fn is_helper(container: &str) -> bool {
    container.ends_with(HELPER)
}

/// The name in the Compose file.
pub(super) fn service_name(service: &Service) -> &str {
    service.tags.get(SERVICE_TAG).unwrap_or(&service.name.service)
}

/// What ECS takes for a container's name.
fn container_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    name.chars().map(plain).collect()
}

/// What a name contributes to names in the template.
fn plain(name: &str) -> String {
    let mut kept = name.chars().filter(char::is_ascii_alphanumeric);
    let first = kept.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(kept).collect()
}

/// `AWS::ElasticLoadBalancingV2::TargetGroup` is a target group.
pub(super) fn noun(kind: &str) -> String {
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let mut noun = String::new();
    let mut before = ' ';
    for c in last.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            noun.push(' ');
        }
        noun.push(c.to_ascii_lowercase());
        before = c;
    }
    if noun.is_empty() { "resource".to_owned() } else { noun }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_resources_are_called_by_their_last_word() {
        let cases = [
            ("AWS::ElasticLoadBalancingV2::TargetGroup", "target group"),
            ("AWS::ServiceDiscovery::PrivateDnsNamespace", "private dns namespace"),
            ("AWS::IAM::Role", "role"),
            ("", "resource"),
        ];
        for (kind, expected) in cases {
            assert_eq!(noun(kind), expected);
        }
    }

    #[test]
    fn resources_are_found_by_the_longest_name() {
        let names = ["web", "web-api", "webAPI"].map(ToOwned::to_owned).to_vec();
        let subjects = Subjects::of(&Evidence { names, ..Evidence::default() });
        let cases = [
            ("WebTaskDefinition", Some("web")),
            ("WebapiTaskDefinition", Some("web-api")),
            ("WebAPITaskDefinition", Some("webAPI")),
            ("WebsiteBucket", None),
            ("Cluster", None),
        ];
        for (logical_id, expected) in cases {
            assert_eq!(subjects.owner(logical_id), expected, "{logical_id}");
        }
    }

    #[test]
    fn containers_are_called_by_their_service_if_that_says_it_all() {
        let web = Subject { name: "my.web".to_owned(), phrase: "my.web".to_owned() };
        assert_eq!(container(&web, "my-web"), "my.web");
        assert_eq!(container(&web, "proxy"), "the container `proxy` of my.web");
        assert_eq!(
            container(&web, "Myweb_Secrets_InitContainer"),
            "`Myweb_Secrets_InitContainer`, which prepares my.web,"
        );
    }
}
