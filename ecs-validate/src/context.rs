//! What lowering knows, and what it collects.

use std::collections::HashMap;

use compose_model::{Diagnostic, Document, Loaded, Path, Project};

use crate::facts::Facts;

/// What lowering knows, and what it collects.
pub(crate) struct Context<'a> {
    pub(crate) project: &'a Project,
    pub(crate) document: &'a Document,
    pub(crate) facts: &'a Facts,
    pub(crate) problems: Vec<Diagnostic>,
    /// How many services each network has.
    pub(crate) members: HashMap<&'a str, usize>,
    /// Where each published port stands.
    pub(crate) published: Vec<Published>,
    /// Images without a digest, and where they stand.
    pub(crate) images: Vec<(String, Path)>,
}

/// A published port, as far as others can be in its way.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) service: String,
    pub(crate) listener: u16,
    pub(crate) target: u16,
    /// Whether the Compose file names the port of the listener.
    pub(crate) asked: bool,
    /// What to tell once it is known what is spoken.
    pub(crate) if_spoken: IfSpoken,
    pub(crate) at: Path,
}

/// What to tell of a port once it is known what its load balancer speaks.
#[derive(Debug)]
pub(crate) enum IfSpoken {
    Nothing,
    /// If it is HTTP.
    Http(Diagnostic),
    /// If it could all have been HTTP.
    Tcp(Diagnostic),
}

impl IfSpoken {
    /// Whether it could be HTTP, though it is not.
    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }
}

impl<'a> Context<'a> {
    pub(crate) fn new(loaded: &'a Loaded, facts: &'a Facts) -> Self {
        let Loaded { project, document, .. } = loaded;
        let mut members = HashMap::new();
        for network in project.services.values().flat_map(|service| service.networks.keys()) {
            *members.entry(network.as_str()).or_default() += 1;
        }
        Self {
            project,
            document,
            facts,
            problems: Vec::new(),
            members,
            published: Vec::new(),
            images: Vec::new(),
        }
    }

    /// A path as its author would write it: from the project's folder on.
    pub(crate) fn shown(&self, path: &str) -> String {
        let directory = &self.facts.files.directory;
        match std::path::Path::new(path).strip_prefix(directory) {
            Ok(rest) if !directory.as_os_str().is_empty() => format!("./{}", rest.display()),
            Ok(_) | Err(_) => path.to_owned(),
        }
    }

    /// Whether a path is none of the project's folder.
    pub(crate) fn is_outside(&self, path: &str) -> bool {
        !std::path::Path::new(path).starts_with(&self.facts.files.directory)
    }

    pub(crate) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }
}
