//! Tags that say which part of a Compose file a resource is for.
//!
//! They have Docker's own keys: its tools, and ours, find resources by them.

use indexmap::IndexMap;
use serde::Serialize;

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: TagKey,
    pub(crate) value: String,
}

/// What a tag is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum TagKey {
    #[serde(rename = "com.docker.compose.project")]
    Project,
    #[serde(rename = "com.docker.compose.service")]
    Service,
    #[serde(rename = "com.docker.compose.network")]
    Network,
    #[serde(rename = "com.docker.compose.volume")]
    Volume,
    #[serde(rename = "com.docker.compose.secret")]
    Secret,
    /// What AWS's own pages show.
    Name,
    /// Anything else.
    #[serde(untagged)]
    Own(String),
}

/// The tags of a resource.
pub(crate) type Tags = Vec<Tag>;

/// Of what belongs to the whole project.
pub(crate) fn project_tags(project: &str) -> Tags {
    vec![tag(TagKey::Project, project)]
}

/// Of what belongs to a service.
pub(crate) fn service_tags(project: &str, service: &str) -> Tags {
    vec![tag(TagKey::Project, project), tag(TagKey::Service, service)]
}

/// Of what belongs to a network.
pub(crate) fn network_tags(project: &str, network: &str) -> Tags {
    vec![tag(TagKey::Project, project), tag(TagKey::Network, network)]
}

/// Of what belongs to a volume.
pub(crate) fn volume_tags(project: &str, volume: &str, full_name: &str) -> Tags {
    vec![tag(TagKey::Project, project), tag(TagKey::Volume, volume), tag(TagKey::Name, full_name)]
}

/// Of a secret.
pub(crate) fn secret_tags(project: &str, secret: &str) -> Tags {
    vec![tag(TagKey::Project, project), tag(TagKey::Secret, secret)]
}

/// Tags and those of the author, who cannot replace what resources are found by.
pub(crate) fn with(mut tags: Tags, own: &IndexMap<String, String>) -> Tags {
    for (key, value) in own {
        if tags.iter().all(|tag| tag.key.as_str() != key) {
            tags.push(tag(TagKey::Own(key.clone()), value));
        }
    }
    tags
}

fn tag(key: TagKey, value: &str) -> Tag {
    Tag { key, value: value.to_owned() }
}

impl TagKey {
    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Project => "com.docker.compose.project",
            Self::Service => "com.docker.compose.service",
            Self::Network => "com.docker.compose.network",
            Self::Volume => "com.docker.compose.volume",
            Self::Secret => "com.docker.compose.secret",
            Self::Name => "Name",
            Self::Own(key) => key,
        }
    }
}
