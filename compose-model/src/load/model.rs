//! A set of files to one tree: the phases that every file goes through.

use super::canonical::canonicalize;
use super::extends::Bases;
use super::interpolate::Interpolator;
use super::lists::keep_unique;
use super::merge::merge;
use super::parse::{Parsed, Reading, parse};
use super::{Loader, defaults, paths, problem, rules, syntax};
use crate::diagnostic::Diagnostic;
use crate::request::Environment;
use crate::schema;
use crate::source::FileId;
use crate::tree::{Map, Node, Text, Trail};

/// A file that was read and parsed, and has not been changed since.
pub(crate) struct File {
    pub(crate) id: FileId,
    pub(crate) documents: Vec<Parsed>,
}

/// What the files of one model have in common.
pub(crate) struct Context<'c> {
    /// What the relative paths of the files are resolved against. Those of an
    /// included file are first made relative to the file that includes it.
    pub(crate) base: String,
    /// The folder in which included and extended files are looked for.
    pub(crate) directory: String,
    pub(crate) environment: &'c Environment,
    /// The files on the way here, by which a cycle is known.
    pub(crate) including: Vec<String>,
    pub(crate) resolve_paths: bool,
}

impl Loader<'_> {
    pub(crate) fn parse(&mut self, id: FileId) -> File {
        if let Some(problem) = syntax::control_character(&self.sources.get(id).text, id) {
            self.damage.everywhere();
            self.problems.push(problem);
            return File { id, documents: Vec::new() };
        }
        let told = self.problems.len();
        let Reading { mut documents, stopped } = parse(&self.sources, id, &mut self.problems);
        if stopped {
            self.damage.everywhere();
            // That it is not even a mapping comes from what ended the reading.
            documents.retain(|document| document.root.as_map().is_some());
        }
        let mut new = self.problems.split_off(told);
        if new.iter().any(|problem| problem.code == syntax::TEMPLATE) {
            new.retain(|problem| problem.code == syntax::TEMPLATE);
        }
        if new.iter().any(|problem| problem.code == "yaml::merge-key") {
            self.damage.shared();
        }
        self.problems.append(&mut new);
        File { id, documents }
    }

    /// Merges files into one tree with all defaults.
    pub(crate) fn model(&mut self, files: Vec<File>, context: &mut Context<'_>) -> Option<Node> {
        let mut bases = Bases::default();
        let mut model = None;
        for file in files {
            context.including.push(self.sources.get(file.id).name.to_string_lossy().into_owned());
            for document in file.documents {
                model = self.document(model, document, file.id, context, &mut bases);
            }
            context.including.pop();
        }
        let mut model = model?;
        defaults::set(&mut model);
        rules::check(&model, &self.damage, &mut self.problems);
        if context.resolve_paths {
            self.resolve_paths(&mut model, &context.base);
        }
        if !self.request.skip.interpolation {
            defaults::take_from_environment(&mut model, context.environment);
        }
        Some(model)
    }

    pub(crate) fn resolve_paths(&mut self, model: &mut Node, base: &str) {
        let home = self.request.environment.get("HOME").map(String::as_str);
        paths::resolve(model, base, home, &mut self.problems);
    }

    /// Merges one document over what was read before it.
    fn document(
        &mut self,
        model: Option<Node>,
        document: Parsed,
        file: FileId,
        context: &Context<'_>,
        bases: &mut Bases,
    ) -> Option<Node> {
        let Parsed { mut root, cleared } = document;
        if root.as_map().is_none() {
            let text = &self.sources.get(file).text;
            self.problems.push(problem::not_a_mapping(&root, text));
            return model;
        }
        self.fill_in(&mut root, file, context);
        self.include(&mut root, &cleared, context);
        let model = model.map(|mut model| {
            clear(&mut model, &cleared);
            model
        });
        self.extend(&mut root, &cleared, file, context, bases);
        let mut model = match model {
            Some(model) => merge(model, root, &Trail::ROOT, &mut self.problems),
            None => root,
        };
        keep_unique(&mut model, &mut self.problems);
        schema::check(&mut model, &mut self.damage, &mut self.problems);
        self.drop_version(&mut model);
        canonicalize(&mut model, self.request.skip.interpolation, &mut self.problems);
        keep_unique(&mut model, &mut self.problems);
        Some(model)
    }

    pub(crate) fn fill_in(&mut self, root: &mut Node, file: FileId, context: &Context<'_>) {
        if !self.request.skip.interpolation {
            let mut interpolator = Interpolator {
                environment: context.environment,
                source: &self.sources.get(file).text,
                unset: &mut self.unset,
                damage: &mut self.damage,
                used: &mut self.used,
                filled_in: &mut self.filled_in,
                problems: &mut self.problems,
            };
            interpolator.fill_in(root);
        }
    }

    fn drop_version(&mut self, model: &mut Node) {
        let version = model.as_map_mut().and_then(|model| model.shift_remove("version"));
        if let Some(version) = version {
            self.problems.push(
                Diagnostic::warning("compose::obsolete", "`version` has no meaning any more")
                    .at(version.key, "")
                    .help("remove it"),
            );
        }
    }
}

/// Removes what a later file resets.
pub(crate) fn clear(model: &mut Node, paths: &[Vec<Text>]) {
    for path in paths {
        clear_path(model, path);
    }
}

fn clear_path(node: &mut Node, path: &[Text]) {
    let Some(map) = node.as_map_mut() else { return };
    match path {
        [] => {}
        [key] => drop(map.swap_remove(key)),
        [key, rest @ ..] => {
            if let Some(node) = map.get_mut(key) {
                clear_path(node, rest);
            }
        }
    }
}

/// As [`clear`], for one resource that stands at `kind.name`.
pub(crate) fn clear_resource(resource: &mut Node, kind: &str, name: &str, paths: &[Vec<Text>]) {
    for path in paths {
        if let [first, second, rest @ ..] = &path[..]
            && first == kind
            && second == name
        {
            clear_path(resource, rest);
        }
    }
}

/// The mapping under a key, made if there is none.
pub(crate) fn mapping<'n>(model: &'n mut Node, key: &str) -> Option<&'n mut Map> {
    let span = model.span;
    let node = model.as_map_mut()?.entry(key.into()).or_insert_with(|| Node::null(span));
    if node.is_null() {
        *node = Node::map(Map::default(), span);
    }
    node.as_map_mut()
}
