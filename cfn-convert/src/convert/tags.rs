//! Tags that say which part of a Compose file a resource is for.
//!
//! They have Docker's own keys: its tools, and ours, find resources by them.

use indexmap::IndexMap;
use serde::Serialize;

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// The tags of a resource.
pub(crate) type Tags = Vec<Tag>;

const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
const NETWORK: &str = "com.docker.compose.network";
const VOLUME: &str = "com.docker.compose.volume";
const SECRET: &str = "com.docker.compose.secret";

/// Of what belongs to the whole project.
pub(crate) fn project_tags(project: &str) -> Tags {
    vec![tag(PROJECT, project)]
}

/// Of what belongs to a service.
pub(crate) fn service_tags(project: &str, service: &str) -> Tags {
    vec![tag(PROJECT, project), tag(SERVICE, service)]
}

/// Of what belongs to a network.
pub(crate) fn network_tags(project: &str, network: &str) -> Tags {
    vec![tag(PROJECT, project), tag(NETWORK, network)]
}

/// Of what belongs to a volume.
pub(crate) fn volume_tags(project: &str, volume: &str, full_name: &str) -> Tags {
    vec![tag(PROJECT, project), tag(VOLUME, volume), tag("Name", full_name)]
}

/// Of a secret.
pub(crate) fn secret_tags(project: &str, secret: &str) -> Tags {
    vec![tag(PROJECT, project), tag(SECRET, secret)]
}

/// Tags and those of the author, who cannot replace what resources are found by.
pub(crate) fn with(mut tags: Tags, own: &IndexMap<String, String>) -> Tags {
    for (key, value) in own {
        if tags.iter().all(|tag| tag.key != *key) {
            tags.push(tag(key, value));
        }
    }
    tags
}

/// One tag.
pub(crate) fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}
