//! Which services a stack has, by its resources.

use std::collections::BTreeMap;

use crate::service::{Service, ServiceName, by_cluster};
use crate::stack::{StackResource, Status};

/// The kind of resource that takes its time, and tells why elsewhere.
pub(crate) const SERVICE: &str = "AWS::ECS::Service";

/// The tag of the service that a resource belongs to. Docker's tools have the same.
pub(crate) const SERVICE_TAG: &str = "com.docker.compose.service";

/// What commands ask about, of all that is in a stack.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Roster {
    /// Its services, also those that are not made yet, sorted by their resources.
    pub(crate) services: Vec<Member>,
    /// The names of its own clusters; services may run in others.
    pub(crate) clusters: Vec<String>,
    /// The ARNs of its listeners.
    pub(crate) listeners: Vec<String>,
}

/// A service of a stack, as CloudFormation knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// What the Compose file calls it, as far as that is known.
    pub title: String,
    /// Its resource in the template.
    pub logical_id: String,
    /// Which service that is, as soon as there is one.
    pub name: Option<ServiceName>,
    /// What the resource is doing.
    pub status: Status,
    /// Why, if AWS says so.
    pub reason: Option<String>,
}

impl Roster {
    /// Picks services out of the resources of a stack. Those that were deleted stay
    /// in its list for a while, and are not meant.
    pub(crate) fn of(resources: &[StackResource]) -> Self {
        let mut roster = Self::default();
        for resource in resources.iter().filter(|it| !it.status.is_deleted()) {
            match resource.kind.as_str() {
                SERVICE => roster.services.push(Member::of(resource)),
                "AWS::ECS::Cluster" => roster.clusters.extend(resource.physical_id.clone()),
                "AWS::ElasticLoadBalancingV2::Listener" => {
                    roster.listeners.extend(resource.physical_id.clone());
                }
                _ => {}
            }
        }
        roster.services.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
        roster
    }

    /// The names of the services that exist, by their cluster.
    pub(crate) fn by_cluster(&self) -> BTreeMap<&str, Vec<String>> {
        by_cluster(self.names())
    }

    /// The names of the services that exist.
    pub(crate) fn names(&self) -> impl Iterator<Item = &ServiceName> {
        self.services.iter().filter_map(|member| member.name.as_ref())
    }

    /// Whether a cluster is this stack's alone.
    pub(crate) fn owns(&self, cluster: &str) -> bool {
        self.clusters.iter().any(|own| own == cluster)
    }
}

impl Member {
    fn of(resource: &StackResource) -> Self {
        let id = resource.physical_id.as_deref();
        Self {
            title: untagged(&resource.logical_id),
            logical_id: resource.logical_id.clone(),
            name: id.and_then(|arn| arn.parse().ok()),
            status: resource.status.clone(),
            reason: resource.reason.clone(),
        }
    }

    /// Whether this is the service.
    pub(crate) fn is(&self, service: &Service) -> bool {
        self.name.as_ref() == Some(&service.name)
    }

    /// Takes over what the service itself says it is called.
    pub(crate) fn entitle(&mut self, service: &Service) {
        if let Some(title) = service.tags.get(SERVICE_TAG) {
            self.title.clone_from(title);
        }
    }
}

impl Service {
    /// What the Compose file calls it, or else what AWS does.
    pub fn title(&self) -> &str {
        self.tags.get(SERVICE_TAG).unwrap_or(&self.name.service)
    }
}

/// The name of a resource without the word that all services end in: `WebService` is
/// `Web`.
pub(crate) fn untagged(logical_id: &str) -> String {
    let short = logical_id.strip_suffix("Service").filter(|rest| !rest.is_empty());
    short.unwrap_or(logical_id).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_by_the_resources_of_the_stack() {
        let roster = Roster::of(&[
            resource("WebService", "AWS::ECS::Service", Some("arn:aws:ecs:r:1:service/shared/web")),
            resource("DbService", "AWS::ECS::Service", None),
            resource("Cluster", "AWS::ECS::Cluster", Some("shop")),
            resource("Listener", "AWS::ElasticLoadBalancingV2::Listener", Some("arn:l")),
            resource("LogGroup", "AWS::Logs::LogGroup", Some("/shop")),
        ]);
        let titles: Vec<_> = roster.services.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["Db", "Web"]);
        assert_eq!(roster.by_cluster(), BTreeMap::from([("shared", vec!["web".to_owned()])]));
        assert!(roster.owns("shop") && !roster.owns("shared"));
        assert_eq!(roster.listeners, ["arn:l"]);
    }

    #[test]
    fn deleted_resources_are_not_meant() {
        let mut gone = resource("WebService", "AWS::ECS::Service", Some("arn"));
        gone.status = Status("DELETE_COMPLETE".to_owned());
        assert_eq!(Roster::of(&[gone]), Roster::default());
    }

    fn resource(logical_id: &str, kind: &str, physical_id: Option<&str>) -> StackResource {
        StackResource {
            logical_id: logical_id.to_owned(),
            physical_id: physical_id.map(ToOwned::to_owned),
            kind: kind.to_owned(),
            status: Status("CREATE_COMPLETE".to_owned()),
            reason: None,
        }
    }
}
