//! `include`: other projects' resources, each loaded in its own folder with its
//! own variables, then taken in as if they were written here.

use super::merge::merge;
use super::model::{Context, clear_resource, mapping};
use super::settings::parent;
use super::{Loader, problem, source};
use crate::diagnostic::Diagnostic;
use crate::request::Environment;
use crate::source::Span;
use crate::tree::{Kind, Node, Text, Trail};
use crate::value::{absolute_path, join_path, relative_path};

/// What of an included project is taken in.
const RESOURCES: [&str; 6] = ["services", "volumes", "networks", "secrets", "configs", "models"];

/// How deep includes may nest before it looks like a mistake.
const MAX_DEPTH: usize = 64;

/// One entry of `include` in its long form.
struct Include {
    paths: Vec<(String, Span)>,
    project_directory: Option<String>,
    env_files: Vec<(String, Span)>,
    span: Span,
}

impl Loader<'_> {
    /// Replaces `include` by what it brings in. What a file says itself is
    /// merged over that.
    pub(crate) fn include(
        &mut self,
        root: &mut Node,
        cleared: &[Vec<Text>],
        context: &Context<'_>,
    ) {
        let include = root.as_map_mut().and_then(|root| root.shift_remove("include"));
        let Some(include) = include.filter(|node| !node.is_null()) else { return };
        for include in self.includes(&include) {
            match self.included_model(&include, context) {
                Some(imported) => self.import(imported, root, cleared),
                None => self.damage.everywhere(),
            }
        }
    }

    fn includes(&mut self, node: &Node) -> Vec<Include> {
        let Kind::List(entries) = &node.kind else {
            let problem = "`include` must be a list";
            let at = Diagnostic::error("compose::type", problem).at(node.span, node.kind_name());
            self.problems.push(at.help("write `- path/to/compose.yaml` under `include`"));
            self.damage.everywhere();
            return Vec::new();
        };
        let includes: Vec<_> =
            entries.iter().filter_map(|entry| self.include_entry(entry)).collect();
        if includes.len() < entries.len() {
            self.damage.everywhere();
        }
        includes
    }

    fn include_entry(&mut self, entry: &Node) -> Option<Include> {
        let span = entry.span;
        let mut include =
            Include { paths: Vec::new(), project_directory: None, env_files: Vec::new(), span };
        let Kind::Map(map) = &entry.kind else {
            include.paths = self.strings(entry, "include")?;
            return Some(include);
        };
        let known = ["path", "env_file", "project_directory"];
        let mistyped = problem::mistyped_key(entry, "path", known).map(|node| node.key);
        for (key, node) in map.iter() {
            match key.as_str() {
                "path" => include.paths = self.strings(node, "include.path")?,
                "env_file" => include.env_files = self.strings(node, "include.env_file")?,
                "project_directory" => {
                    let Some(text) = node.as_str() else {
                        let message = "`include.project_directory` must be a string";
                        let problem = Diagnostic::error("compose::type", message);
                        self.problems.push(problem.at(node.span, node.kind_name()));
                        return None;
                    };
                    include.project_directory = Some(text.to_owned());
                }
                _ if mistyped == Some(node.key) => {}
                key => {
                    self.problems.push(problem::ignored_key("include", key, node, known));
                }
            }
        }
        if include.paths.is_empty() {
            self.problems.push(
                Diagnostic::error("compose::missing-key", "an `include` needs the key `path`")
                    .at(mistyped.unwrap_or(span), "")
                    .help(match mistyped {
                        Some(_) => "did you mean `path`?",
                        None => "add `path: path/to/compose.yaml`",
                    }),
            );
            return None;
        }
        Some(include)
    }

    /// A string, or a list of them.
    fn strings(&mut self, node: &Node, what: &str) -> Option<Vec<(String, Span)>> {
        let items = node.as_list().unwrap_or(std::slice::from_ref(node));
        let strings: Option<Vec<_>> =
            items.iter().map(|item| Some((item.as_str()?.to_owned(), item.span))).collect();
        if strings.is_none() {
            let message = format!("`{what}` must be a string or a list of strings");
            self.problems
                .push(Diagnostic::error("compose::type", message).at(node.span, node.kind_name()));
        }
        strings
    }

    fn included_model(&mut self, include: &Include, context: &Context<'_>) -> Option<Node> {
        let paths: Vec<(String, Span)> = include
            .paths
            .iter()
            .map(|(path, span)| (absolute_path(&context.directory, path), *span))
            .collect();
        let (main, at) = paths.first()?;
        if self.is_remote(&include.paths[0].0, *at) || self.is_cycle(main, *at, context) {
            return None;
        }
        let folder = match &include.project_directory {
            Some(folder) => absolute_path(&context.directory, folder),
            None => parent(main).to_owned(),
        };
        let environment = self.included_environment(include, &folder, context)?;
        // A file that is reached on many ways is loaded once: the ways can be
        // exponentially many.
        let names: Vec<&str> = paths.iter().map(|(path, _)| path.as_str()).collect();
        let key = format!("{names:?} {folder:?} {:?} {environment:?}", context.directory);
        if let Some(known) = self.included.get(&key) {
            return known.clone();
        }
        let files = paths
            .iter()
            .filter_map(|(path, span)| self.read_reference(path, *span))
            .collect::<Vec<_>>();
        if files.len() < paths.len() {
            return None;
        }
        let files = files.into_iter().map(|id| self.parse(id)).collect();
        let mut inner = Context {
            base: relative_path(&context.directory, &folder),
            directory: folder,
            environment: &environment,
            including: context.including.clone(),
            resolve_paths: true,
        };
        let model = self.model(files, &mut inner);
        self.included.insert(key, model.clone());
        model
    }

    fn is_remote(&mut self, path: &str, at: Span) -> bool {
        let remote = path.contains("://") || path.starts_with("git@");
        if remote {
            self.problems.push(
                Diagnostic::error("compose::remote", format!("`{path}` is not a local file"))
                    .at(at, "included from elsewhere")
                    .help("download it and include the copy, so that a deployment does not depend on another server"),
            );
        }
        remote
    }

    fn is_cycle(&mut self, path: &str, at: Span, context: &Context<'_>) -> bool {
        if context.including.len() > MAX_DEPTH {
            let message = format!("includes are nested more than {MAX_DEPTH} deep");
            self.problems.push(
                Diagnostic::error("compose::include", message)
                    .at(at, "this one is too much")
                    .help("include the files that are needed side by side"),
            );
            return true;
        }
        let cycle = context.including.iter().any(|file| file == path);
        if cycle {
            let mut chain = context.including.clone();
            chain.push(path.to_owned());
            let start = chain.iter().position(|file| file == path).unwrap_or_default();
            let folder = parent(&chain[start]);
            let names: Vec<String> =
                chain[start..].iter().map(|file| relative_path(folder, file)).collect();
            self.problems.push(
                Diagnostic::error(
                    "compose::include-cycle",
                    format!("a file includes itself: {}", names.join(" -> ")),
                )
                .at(at, "includes a file that led here")
                .help("move what both need to a third file"),
            );
            return true;
        }
        false
    }

    fn included_environment(
        &mut self,
        include: &Include,
        folder: &str,
        context: &Context<'_>,
    ) -> Option<Environment> {
        let usual = join_path(folder, ".env");
        let mut files: Vec<(String, Span)> = include
            .env_files
            .iter()
            .filter(|(file, _)| file != "/dev/null")
            .map(|(file, span)| (absolute_path(&context.directory, file), *span))
            .collect();
        if include.env_files.is_empty() && source::is_file(&usual) {
            files.push((usual, include.span));
        }
        let mut found = Environment::default();
        for (file, span) in files {
            if let Err(error) = self.read_env_file(&file, context.environment, &mut found) {
                self.problems.push(problem::unreadable(&file, &error, span));
                return None;
            }
        }
        let mut environment = context.environment.clone();
        for (name, value) in found {
            environment.entry(name).or_insert(value);
        }
        Some(environment)
    }

    fn import(&mut self, mut imported: Node, root: &mut Node, cleared: &[Vec<Text>]) {
        for kind in RESOURCES {
            let resources = imported.as_map_mut().and_then(|model| model.shift_remove(kind));
            let Some(Kind::Map(resources)) = resources.map(|node| node.kind) else { continue };
            // Something else than a mapping here is for the schema to tell.
            let Some(own) = mapping(root, kind) else { continue };
            for (name, mut resource) in *resources {
                let merged = match own.get_mut(&name) {
                    None => resource,
                    // The same, reached on two ways: merging would repeat its lists.
                    Some(conflict) if conflict.same_value(&resource) => continue,
                    Some(conflict) => {
                        clear_resource(&mut resource, kind, &name, cleared);
                        let null = Node::null(conflict.span);
                        let conflict = std::mem::replace(conflict, null);
                        let at = Trail::ROOT;
                        let at = at.key(kind);
                        merge(resource, conflict, &at.key(&name), &mut self.problems)
                    }
                };
                own.insert(name, merged);
            }
        }
        let rest = imported.as_map().into_iter().flatten();
        let extensions = rest.filter(|(key, _)| key.starts_with("x-"));
        self.left_out.extend(extensions.map(|(key, node)| (key.to_string(), node.key)));
    }
}

#[cfg(test)]
mod tests {
    use crate::Request;

    #[test]
    fn extensions_that_are_not_taken_in_are_known() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let included = "x-mine: 1\nservices: {web: {image: nginx, x-own: 1}}\n";
        std::fs::write(folder.path().join("i.yaml"), included).expect("it can be written");
        let request = Request {
            working_dir: folder.path().to_owned(),
            files: vec!["-".into()],
            stdin: Some("include: [i.yaml]\nx-other: 1\n".to_owned()),
            ..Request::default()
        };
        let document = crate::load(&request).expect("it is a project").document;
        let left_out: Vec<_> = document.left_out().collect();
        let [(key, at)] = left_out[..] else { panic!("{left_out:?}") };
        assert_eq!((key, document.sources().snippet(at)), ("x-mine", "x-mine"));
    }
}
