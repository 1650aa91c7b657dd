//! `extends`: a service that begins as a copy of another.

use indexmap::IndexMap;

use super::canonical::canonicalize;
use super::lists::keep_unique;
use super::merge::merge;
use super::model::{Context, clear_resource};
use super::settings::parent;
use super::{Loader, problem};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::tree::{Kind, Map, Node, Text, Trail};
use crate::value::{absolute_path, relative_path};

/// How long a chain may grow before it looks like a mistake.
const MAX_CHAIN: usize = 256;

/// The services of every file that takes part. Each service is resolved once,
/// in place, however many extend it.
#[derive(Debug, Default)]
pub(crate) struct Bases {
    units: Vec<Unit>,
    /// Where the services of a file are; nowhere if it has none.
    by_path: IndexMap<String, Option<usize>>,
}

#[derive(Debug)]
struct Unit {
    file: FileId,
    services: Map,
    cleared: Vec<Vec<Text>>,
}

/// What `extends` says.
struct Extends {
    service: String,
    file: Option<(String, Span)>,
    span: Span,
}

/// A service on the way from one that extends to one that is extended.
#[derive(Clone, PartialEq)]
struct Link {
    file: FileId,
    service: String,
    span: Span,
}

impl Loader<'_> {
    /// Resolves every `extends` of a file.
    pub(crate) fn extend(
        &mut self,
        root: &mut Node,
        cleared: &[Vec<Text>],
        file: FileId,
        context: &Context<'_>,
        bases: &mut Bases,
    ) {
        let Some(services) = root.get_mut("services").and_then(Node::as_map_mut) else { return };
        let extending: Vec<Text> = services
            .iter()
            .filter(|(_, service)| service.get("extends").is_some())
            .map(|(name, _)| name.clone())
            .collect();
        if extending.is_empty() {
            return;
        }
        let unit = bases.units.len();
        let own = std::mem::take(services);
        bases.units.push(Unit { file, services: own, cleared: cleared.to_vec() });
        let mut resolver = Resolver { loader: self, context, bases };
        for name in extending {
            resolver.service(unit, &name, &mut Vec::new());
        }
        *services = std::mem::take(&mut bases.units[unit].services);
    }
}

struct Resolver<'l, 'r, 'c> {
    loader: &'l mut Loader<'r>,
    context: &'c Context<'c>,
    bases: &'l mut Bases,
}

impl Resolver<'_, '_, '_> {
    fn services(&mut self, unit: usize) -> &mut Map {
        &mut self.bases.units[unit].services
    }

    /// Merges a service over what it extends, in place.
    fn service(&mut self, unit: usize, name: &str, chain: &mut Vec<Link>) {
        let Some(service) = self.services(unit).get(name) else { return };
        let Some(extends) = service.get("extends").cloned() else { return };
        let link =
            |extends: &Extends, file| Link { file, service: name.to_owned(), span: extends.span };
        let file = self.bases.units[unit].file;
        let extends = self.read(&extends, name);
        let Some(extends) = extends.filter(|extends| !self.is_cycle(&link(extends, file), chain))
        else {
            return remove_extends(self.services(unit), name);
        };
        chain.push(link(&extends, file));
        let base = self.base(&extends, unit, chain);
        chain.pop();
        if base.as_ref().is_some_and(Node::is_null) {
            // Docker keeps the key then, and so nothing is lost.
            return;
        }
        remove_extends(self.services(unit), name);
        if let Some(base) = base {
            self.merge(base, unit, name);
        }
    }

    fn merge(&mut self, mut base: Node, unit: usize, name: &str) {
        let Unit { services, cleared, .. } = &mut self.bases.units[unit];
        let Some(service) = services.get_mut(name) else { return };
        clear_resource(&mut base, "services", name, cleared);
        let at = Trail::ROOT;
        let at = at.key("services");
        let null = Node::null(service.span);
        let own = std::mem::replace(service, null);
        *service = merge(base, own, &at.key(name), &mut self.loader.problems);
    }

    /// The service that is extended, itself resolved.
    fn base(&mut self, extends: &Extends, unit: usize, chain: &mut Vec<Link>) -> Option<Node> {
        let unit = match &extends.file {
            Some((file, at)) => {
                let path = absolute_path(&self.context.directory, file);
                let unit = self.unit(&path, *at);
                if unit.is_none() {
                    self.damage(chain);
                }
                unit?
            }
            None => unit,
        };
        if !self.services(unit).contains_key(extends.service.as_str()) {
            self.unknown(extends, unit, chain);
            return None;
        }
        self.service(unit, &extends.service, chain);
        if self.loader.damage.has_resource("services", &extends.service) {
            self.damage(chain);
        }
        self.services(unit).get(extends.service.as_str()).cloned()
    }

    fn read(&mut self, node: &Node, name: &str) -> Option<Extends> {
        let span = node.span;
        let text = |key: &str| {
            let node = node.get(key).filter(|node| !node.is_null())?;
            Some((node.as_str()?.to_owned(), node.span))
        };
        if let Some(service) = node.as_str() {
            return Some(Extends { service: service.to_owned(), file: None, span });
        }
        let known = ["file", "service"];
        let mistyped = problem::mistyped_key(node, "service", known).map(|value| value.key);
        for (key, value) in node.as_map().into_iter().flatten() {
            if !known.contains(&key.as_str()) && mistyped != Some(value.key) {
                self.loader.problems.push(problem::ignored_key("extends", key, value, known));
            }
        }
        let file = text("file");
        let usable_file = file.is_some() || node.present("file").is_none();
        match text("service").filter(|_| usable_file) {
            Some((service, span)) => Some(Extends { service, file, span }),
            None => {
                self.loader.damage.resource("services", name);
                self.loader.problems.push(
                    Diagnostic::error(
                        "compose::extends",
                        format!("`services.{name}.extends` does not say which service"),
                    )
                    .at(mistyped.unwrap_or(node.key), "")
                    .help(match mistyped {
                        Some(_) => "did you mean `service`?",
                        None => {
                            "write `extends: {service: NAME}`, and `file: PATH` if it is elsewhere"
                        }
                    }),
                );
                None
            }
        }
    }

    fn is_cycle(&mut self, link: &Link, chain: &[Link]) -> bool {
        let same = |other: &Link| other.file == link.file && other.service == link.service;
        let Some(start) = chain.iter().position(same) else { return self.is_too_long(link, chain) };
        let mut names: Vec<&str> =
            chain[start..].iter().map(|link| link.service.as_str()).collect();
        names.push(&link.service);
        let mut problem = Diagnostic::error(
            "compose::extends-cycle",
            format!("a service extends itself: {}", names.join(" -> ")),
        );
        for link in &chain[start..] {
            problem = problem.at(link.span, format!("`{}` extends this", link.service));
        }
        for name in names {
            self.loader.damage.resource("services", name);
        }
        self.loader
            .problems
            .push(problem.help("move what they share to a service that extends nothing"));
        true
    }

    fn is_too_long(&mut self, link: &Link, chain: &[Link]) -> bool {
        let long = chain.len() >= MAX_CHAIN;
        if long {
            self.damage(chain);
            let message = format!("more than {MAX_CHAIN} services extend each other in a row");
            self.loader.problems.push(
                Diagnostic::error("compose::extends", message)
                    .at(link.span, "this one is too much")
                    .help("let each extend the first one directly"),
            );
        }
        long
    }

    fn unknown(&mut self, extends: &Extends, unit: usize, chain: &[Link]) {
        let name = &extends.service;
        let known: Vec<&str> = self.bases.units[unit].services.keys().map(Text::as_str).collect();
        let few = self.loader.problems.len() < 100;
        let meant = few.then(|| problem::nearest(name, known.iter().copied())).flatten();
        let help = match meant {
            Some(known) => format!("did you mean `{known}`?"),
            None if known.is_empty() => "the file has no services".to_owned(),
            None => format!("the file has `{}`", known[..known.len().min(10)].join("`, `")),
        };
        let message = format!("there is no service `{name}` to extend");
        let problem =
            Diagnostic::error("compose::extends", message).at(extends.span, "").help(help);
        self.loader.problems.push(problem);
        self.damage(chain);
    }

    /// What a service would have had is not known: say nothing of what it lacks.
    fn damage(&mut self, chain: &[Link]) {
        for link in chain {
            self.loader.damage.resource("services", &link.service);
        }
    }

    /// The services of another file, with paths that fit this one.
    fn unit(&mut self, path: &str, at: Span) -> Option<usize> {
        if let Some(known) = self.bases.by_path.get(path) {
            return *known;
        }
        let unit = self.read_unit(path, at).map(|unit| {
            self.bases.units.push(unit);
            self.bases.units.len() - 1
        });
        self.bases.by_path.insert(path.to_owned(), unit);
        unit
    }

    fn read_unit(&mut self, path: &str, at: Span) -> Option<Unit> {
        let file = self.loader.read_reference(path, at)?;
        let documents = self.loader.parse(file).documents;
        let mut merged: Option<Node> = None;
        let mut cleared = Vec::new();
        for mut document in documents {
            self.loader.fill_in(&mut document.root, file, self.context);
            cleared.append(&mut document.cleared);
            merged = Some(match merged {
                Some(model) => merge(model, document.root, &Trail::ROOT, &mut self.loader.problems),
                None => document.root,
            });
        }
        let Some(mut root) = merged else {
            self.no_services(path, at);
            return None;
        };
        keep_unique(&mut root, &mut self.loader.problems);
        let variables = self.loader.request.skip.interpolation;
        canonicalize(&mut root, variables, &mut self.loader.problems);
        keep_unique(&mut root, &mut self.loader.problems);
        let folder = relative_path(&self.context.directory, parent(path));
        self.loader.resolve_paths(&mut root, &folder);
        let services = root.as_map_mut().and_then(|root| root.shift_remove("services"));
        match services.map(|node| node.kind) {
            Some(Kind::Map(services)) => Some(Unit { file, services: *services, cleared }),
            Some(_) | None => {
                self.no_services(path, at);
                None
            }
        }
    }

    fn no_services(&mut self, path: &str, at: Span) {
        if self.loader.damage.has_section("services") {
            return;
        }
        self.loader.problems.push(
            Diagnostic::error("compose::extends", format!("`{path}` has no services"))
                .at(at, "extended from here"),
        );
    }
}

fn remove_extends(services: &mut Map, name: &str) {
    if let Some(service) = services.get_mut(name).and_then(Node::as_map_mut) {
        service.shift_remove("extends");
    }
}
