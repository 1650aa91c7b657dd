//! Text to types, phase by phase.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "YAML gets no more kinds of value, and each place is about a few of them"
)]

mod canonical;
pub(crate) mod conceal;
mod consistency;
pub(crate) mod damage;
mod defaults;
mod env_files;
mod extends;
mod include;
mod interpolate;
mod lists;
mod merge;
mod model;
mod normalize;
mod parse;
mod paths;
pub(crate) mod problem;
mod rules;
mod scalar;
mod select;
mod settings;
mod source;
mod syntax;
mod timestamp;

use std::path::PathBuf;
use std::{fmt, io};

use indexmap::{IndexMap, IndexSet};

use self::damage::Damage;
use self::model::{Context, File};
#[cfg(test)]
pub(crate) use self::parse::parse;
pub use self::scalar::is_plain_string;
use self::settings::Settings;
pub use self::source::MAX_BYTES;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::error::{LoadError, Rejected};
use crate::form::Reader;
use crate::project::Project;
use crate::request::{Environment, Request};
use crate::source::{Source, Sources, Span};
use crate::template;
use crate::tree::{Kind, Map, Node};

/// A project, and what there is to say about it.
#[derive(Clone)]
pub struct Loaded {
    /// The project as types.
    pub project: Project,
    /// The same project as a tree with places.
    pub document: Document,
    /// Problems that do not stop the run.
    pub warnings: Vec<Diagnostic>,
    /// The folder that relative paths start at.
    pub directory: PathBuf,
    /// The variables of the process and of the env files, which may be secrets.
    pub environment: Environment,
}

impl fmt::Debug for Loaded {
    /// Leaves out the environment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("project", &self.project)
            .field("warnings", &self.warnings)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// Reads, merges and checks a project, as `docker compose` does.
///
/// # Errors
///
/// [`LoadError::Invalid`] holds every problem of the files at once.
pub fn load(request: &Request) -> Result<Loaded, LoadError> {
    let mut loader = Loader::new(request);
    let (mut settings, files) = loader.open()?;
    let name = loader.name(&mut settings, &files)?;
    let Some(mut model) = loader.merged(files, &settings) else {
        return Err(loader.rejected(None));
    };
    loader.normalize(&mut model, &name, &settings.environment);
    let Loader { damage, problems, .. } = &mut loader;
    let mut project = Project::read(&model, &name, &mut Reader { damage, problems });
    let selected = select::by_profile(&mut project, settings.profiles, &request.services);
    if !request.skip.consistency {
        consistency::check(&project, &loader.damage, &mut loader.problems);
    }
    if let (Err(error), false) = (selected, loader.has_errors()) {
        return Err(error);
    }
    select::by_name(&mut project, &request.services);
    if !request.skip.environment_resolution {
        loader.read_env_files(&mut project, &model, &settings.environment);
    }
    let Settings { directory, environment, .. } = settings;
    let (document, warnings) = loader.finish(model).map_err(|mut error| {
        if let LoadError::Invalid(rejected) = &mut error {
            rejected.mask(&project.secrets, &environment);
        }
        error
    })?;
    Ok(Loaded { project, document, warnings, directory: directory.into(), environment })
}

/// A project that was read and merged, but not bound to types.
#[derive(Debug, Clone)]
pub struct Read {
    /// The tree.
    pub document: Document,
    /// Problems that do not stop the run.
    pub warnings: Vec<Diagnostic>,
}

/// Reads and merges a project without binding it to types, so that a value may
/// still be a `${VARIABLE}` where a number belongs.
///
/// # Errors
///
/// As [`load`].
pub fn read(request: &Request) -> Result<Read, LoadError> {
    let mut loader = Loader::new(request);
    let (mut settings, files) = loader.open()?;
    let name = loader.name(&mut settings, &files)?;
    let Some(mut model) = loader.merged(files, &settings) else {
        return Err(loader.rejected(None));
    };
    loader.normalize(&mut model, &name, &settings.environment);
    if !request.skip.normalization {
        let span = model.span;
        if let Some(map) = model.as_map_mut() {
            map.insert("name".into(), Node::string(name, span));
        }
    }
    let (document, warnings) = loader.finish(model)?;
    Ok(Read { document, warnings })
}

/// A variable that a project's files mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// `${NAME:?}`: the project cannot be loaded without it.
    pub required: bool,
    /// `${NAME:-default}`.
    pub default: Option<String>,
    /// `${NAME:+alternate}`.
    pub alternate: Option<String>,
}

/// Every variable that the files of a project mention, by name, and the files.
///
/// # Errors
///
/// As [`load`].
pub fn variables(request: &Request) -> Result<(Vec<Variable>, Read), LoadError> {
    let mut request = request.clone();
    request.skip.interpolation = true;
    request.skip.normalization = true;
    let read = read(&request)?;
    let mut variables = IndexMap::new();
    if let Some(root) = read.document.root() {
        collect_variables(root, &mut variables);
    }
    let mut variables: Vec<Variable> = variables.into_values().collect();
    variables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((variables, read))
}

fn collect_variables(node: &Node, variables: &mut IndexMap<String, Variable>) {
    match &node.kind {
        Kind::String(text) => {
            for mention in template::variables(text) {
                add_mention(&mention, variables);
            }
        }
        Kind::List(items) => items.iter().for_each(|item| collect_variables(item, variables)),
        Kind::Map(map) => map.values().for_each(|node| collect_variables(node, variables)),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Int(_)
        | Kind::Uint(_)
        | Kind::Float(_)
        | Kind::Time(_) => {}
    }
}

/// A variable is required as soon as one of its uses is, and has the first
/// default that is given.
fn add_mention(mention: &template::Mention<'_>, variables: &mut IndexMap<String, Variable>) {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let (default, alternate) = (text(mention.default), text(mention.alternate));
    let known = variables.entry(mention.name.to_owned()).or_insert_with(|| Variable {
        name: mention.name.to_owned(),
        required: false,
        default: None,
        alternate: None,
    });
    known.required |= mention.required;
    known.default = known.default.take().or(default);
    known.alternate = known.alternate.take().or(alternate);
}

/// The variables that interpolation sees, the request's and then those of the env
/// files; and the files.
///
/// # Errors
///
/// As [`load`].
pub fn environment(request: &Request) -> Result<(Environment, Read), LoadError> {
    let mut loader = Loader::new(request);
    let (mut settings, files) = loader.open()?;
    loader.name(&mut settings, &files)?;
    let (document, warnings) = loader.finish(Node::map(Map::default(), files[0].start()))?;
    Ok((settings.environment, Read { document, warnings }))
}

/// What one load has come to know.
struct Loader<'r> {
    request: &'r Request,
    sources: Sources,
    problems: Vec<Diagnostic>,
    /// Variables that were told to be unset: each is told once.
    unset: IndexSet<String>,
    /// What was lost because it was wrong.
    damage: Damage,
    /// What variables held where they were used.
    used: conceal::Used,
    /// How much text variables have made.
    filled_in: usize,
    /// Extensions of included files, which are not taken in.
    left_out: Vec<(String, Span)>,
    /// Models of included files, by all that they depend on.
    included: IndexMap<String, Option<Node>>,
}

impl<'r> Loader<'r> {
    fn new(request: &'r Request) -> Self {
        Self {
            request,
            sources: Sources::default(),
            used: IndexMap::new(),
            filled_in: 0,
            left_out: Vec::new(),
            included: IndexMap::new(),
            problems: Vec::new(),
            unset: IndexSet::new(),
            damage: Damage::default(),
        }
    }

    /// Finds and parses the files that the request names.
    fn open(&mut self) -> Result<(Settings, Vec<File>), LoadError> {
        let settings = self.settings()?;
        let mut files = Vec::with_capacity(settings.files.len());
        for name in &settings.files {
            let text = match name.as_str() {
                "-" => source::accept(self.request.stdin.as_deref().unwrap_or_default()),
                name => source::read(name),
            };
            match text {
                Ok(text) => {
                    let id = self.sources.add(Source { name: name.into(), text, secret: false });
                    files.push(self.parse(id));
                }
                Err(error) => self.unread(name, settings.named_by, error)?,
            }
        }
        if files.len() < settings.files.len() {
            return Err(self.rejected(None));
        }
        Ok((settings, files))
    }

    /// A file that was named and has no text: told as a problem of the file when it
    /// could be read, and as an error when not.
    fn unread(
        &mut self,
        file: &str,
        named_by: Option<&'static str>,
        error: io::Error,
    ) -> Result<(), LoadError> {
        if !source::is_content(&error) {
            return Err(LoadError::Read { file: file.into(), named_by, source: error });
        }
        // No line of what is no text should be shown.
        let id = self.secret_source(file, source::before(&error).to_owned());
        let end = self.sources.get(id).text.len() as u32;
        self.problems.push(problem::no_text(&error, Span { file: id, start: end, end }));
        Ok(())
    }

    /// The project's name, which the files can refer to from now on.
    fn name(&mut self, settings: &mut Settings, files: &[File]) -> Result<String, LoadError> {
        let documents = files.iter().flat_map(|file| &file.documents);
        let mut named = documents.filter_map(|document| {
            let name = document.root.get("name")?;
            Some((name.scalar_text()?.to_string(), name.span)).filter(|(name, _)| !name.is_empty())
        });
        let name = self.project_name(settings, named.next_back())?;
        settings.environment.insert("COMPOSE_PROJECT_NAME".to_owned(), name.clone());
        Ok(name)
    }

    fn merged(&mut self, files: Vec<File>, settings: &Settings) -> Option<Node> {
        let start = files.first().map(File::start)?;
        let mut context = Context {
            base: settings.directory.clone(),
            directory: settings.directory.clone(),
            environment: &settings.environment,
            including: Vec::new(),
            resolve_paths: !self.request.skip.path_resolution,
        };
        let model = self.model(files, &mut context);
        let empty = model.as_ref().and_then(Node::as_map).is_none_or(Map::is_empty);
        if empty && !self.has_errors() {
            self.problems.push(
                Diagnostic::error("compose::empty", "the Compose file is empty")
                    .at(start, "")
                    .help("begin with `services:`"),
            );
        }
        model
    }

    fn normalize(&self, model: &mut Node, name: &str, environment: &Environment) {
        // What is printed as it was written must not show what a shell holds.
        let none = Environment::default();
        let environment = if self.request.skip.interpolation { &none } else { environment };
        if !self.request.skip.normalization {
            normalize::normalize(model, name, environment);
        }
    }

    fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// The finished document with warnings, or all problems.
    fn finish(mut self, model: Node) -> Result<(Document, Vec<Diagnostic>), LoadError> {
        if self.has_errors() {
            return Err(self.rejected(Some(model)));
        }
        Ok(self.finished(Some(model)))
    }

    fn rejected(&mut self, model: Option<Node>) -> LoadError {
        let (document, diagnostics) = self.finished(model);
        LoadError::Invalid(Box::new(Rejected { diagnostics, document }))
    }

    /// The document, and what there is to say about it.
    fn finished(&mut self, model: Option<Node>) -> (Document, Vec<Diagnostic>) {
        let (sources, used) = (std::mem::take(&mut self.sources), std::mem::take(&mut self.used));
        let left_out = std::mem::take(&mut self.left_out);
        let document = Document::new(model, sources, used, left_out);
        let mut problems = std::mem::take(&mut self.problems);
        document.tell_each_once(&mut problems);
        document.conceal(&mut problems);
        (document, problems)
    }
}

impl File {
    /// The beginning of the file.
    fn start(&self) -> Span {
        Span { file: self.id, start: 0, end: 0 }
    }
}
