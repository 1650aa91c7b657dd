//! `build`: how a service's image is made.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/build.md>

use indexmap::IndexMap;

use super::{ExtraHosts, FileReference, Labels, Options, Ulimit, Variables};
use crate::form::{Form, Reader, Style, mapping};
use crate::tree::{Node, Trail};
use crate::value::{ByteSize, Value};

mapping! {
    /// How a service's image is made.
    pub struct Build {
        /// The folder, or the address, that the build sees.
        context: Option<String>,
        /// The file with the instructions.
        dockerfile: Option<String>,
        /// The instructions themselves.
        dockerfile_inline: Option<String>,
        /// What the build may do beyond the usual.
        entitlements: Vec<String>,
        /// Arguments of the instructions.
        args: Variables,
        /// Whether and how the image tells what it was made from.
        provenance: Option<String>,
        /// Whether and how the image lists its contents.
        sbom: Option<String>,
        /// SSH keys that the build can use.
        ssh: SshKeys,
        /// Labels of the image.
        labels: Labels,
        /// Images that the build takes layers from.
        cache_from: Vec<String>,
        /// Where the build keeps its layers.
        cache_to: Vec<String>,
        /// Whether all layers are made anew.
        no_cache: bool,
        /// Stages whose layers are made anew.
        no_cache_filter: Vec<String>,
        /// More contexts, by name.
        additional_contexts: Options,
        /// Whether base images are pulled.
        pull: bool,
        /// Names of hosts and their addresses during the build.
        extra_hosts: ExtraHosts,
        /// The isolation technology.
        isolation: Option<String>,
        /// The network during the build.
        network: Option<String>,
        /// The stage to build.
        target: Option<String>,
        /// Secrets that the build can read.
        secrets: Vec<FileReference>,
        /// The size of `/dev/shm`.
        shm_size: Option<ByteSize>,
        /// More names for the image.
        tags: Vec<String>,
        /// Limits of processes.
        ulimits: IndexMap<String, Ulimit>,
        /// What the image is for, such as `linux/arm64`.
        platforms: Vec<String>,
        /// Whether the build has the rights of its host.
        privileged: bool,
    }
}

/// SSH keys, each with the path of its socket or file; `default` needs none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SshKeys(pub IndexMap<String, Option<String>>);

impl Form for SshKeys {
    fn read(node: &Node, at: &Trail<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        Form::read(node, at, reader).map(Self)
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    fn print(&self, _: Style) -> Value {
        let print = |(id, path): (&String, &Option<String>)| match path {
            Some(path) => format!("{id}={path}"),
            None => id.clone(),
        };
        let mut keys: Vec<String> = self.0.iter().map(print).collect();
        keys.sort_unstable();
        Value::List(keys.into_iter().map(Value::String).collect())
    }
}
