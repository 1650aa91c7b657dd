//! `ecs-cli config`: the project as Compose understands it.

mod hash;
mod names;
mod variables;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use compose_model::value::Value;
use compose_model::{
    Diagnostic, Document, Environment, LoadError, Loaded, Project, Read, Request, Skip,
};
use serde::Serialize;

use crate::error::CliError;
use crate::exit::Exit;
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::save::save;
use crate::ui::{Output, Ui, yaml};

/// Print the project as Compose understands it, in canonical form
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// Print only these services and what they depend on
    ///
    /// As with Docker, this is for the project itself and for --images. What else
    /// is printed is about the whole project, and so is --no-interpolate. A name
    /// that no service has is always refused.
    #[arg(value_name = "SERVICE")]
    only: Vec<String>,

    /// How to write what is printed (default: yaml for the project, else lines)
    ///
    /// With a format, --hash, --environment and --variables are mappings, and names
    /// are lists, for scripts. Without one they are lines, as Docker prints them.
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write to a file, whole or not at all; `-` is standard output
    ///
    /// A symbolic link is followed, and a read-only file is left alone. A file that
    /// is there already is replaced: other hard links of it keep what it had.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Only check the project, print and write nothing of it
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    view: ViewArgs,

    #[command(flatten)]
    skip: SkipArgs,

    // Last, because its heading would be that of all that follow.
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Print something else")]
#[group(multiple = false)]
struct ViewArgs {
    /// Print the names of the services
    #[arg(long)]
    services: bool,

    /// Print the names of the volumes
    #[arg(long)]
    volumes: bool,

    /// Print the names of the networks
    #[arg(long)]
    networks: bool,

    /// Print the names of the models
    #[arg(long)]
    models: bool,

    /// Print the image of each service
    #[arg(long)]
    images: bool,

    /// Print every profile that is mentioned
    #[arg(long)]
    profiles: bool,

    /// Print the variables that the files mention, with their defaults
    #[arg(long)]
    variables: bool,

    /// Print the environment that variables are taken from
    #[arg(long)]
    environment: bool,

    /// Print a hash of the configuration of services: `*` or names with commas
    #[arg(long, value_name = "SERVICES")]
    hash: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Leave out")]
struct SkipArgs {
    /// Leave variables as they are written
    #[arg(long)]
    no_interpolate: bool,

    /// Do not add the implicit network, names and dependencies
    #[arg(long)]
    no_normalize: bool,

    /// Leave relative paths as they are written
    #[arg(long)]
    no_path_resolution: bool,

    /// Accept references to what does not exist
    #[arg(long)]
    no_consistency: bool,

    /// Do not read `env_file` into `environment`, nor `label_file` into `labels`
    #[arg(long)]
    no_env_resolution: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

/// What to print.
#[derive(Debug, Clone)]
enum View {
    /// The variables that the files mention.
    Variables,
    /// The environment that variables are taken from.
    Environment,
    /// Something of the loaded project.
    Loaded(Part),
}

/// What to print of a loaded project.
#[derive(Debug, Clone)]
enum Part {
    Whole,
    /// The keys of one of its mappings.
    Names(&'static str),
    Images,
    Profiles,
    Hash(String),
}

/// What to print, and what to say about it.
struct Answer {
    text: String,
    document: Document,
    warnings: Vec<Diagnostic>,
}

pub(crate) fn run(args: &Config, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let view = args.view.chosen();
    let request = args.request(&view, process)?;
    let answer = answer(&view, &request, &args.only, args.format)?;
    args.save(&answer.text, &request.working_dir)?;
    ui.diagnostics(&answer.document, &answer.warnings, args.standard_output())?;
    args.print(&answer.text, ui)?;
    Ok(Exit::Success)
}

fn answer(
    view: &View,
    request: &Request,
    only: &[String],
    format: Option<Format>,
) -> Result<Answer, CliError> {
    match view {
        View::Variables => {
            let (found, read) = compose_model::variables(request)?;
            names::check(only, &read.document.value())?;
            Ok(Answer::new(variables::text(&found, format), read))
        }
        View::Environment => {
            let (found, read) = compose_model::environment(request)?;
            if !only.is_empty() {
                names::check(only, &compose_model::read(request)?.document.value())?;
            }
            Ok(Answer::new(environment(found, format), read))
        }
        View::Loaded(part) => loaded(part, request, only, format),
    }
}

fn loaded(
    part: &Part,
    request: &Request,
    only: &[String],
    format: Option<Format>,
) -> Result<Answer, CliError> {
    let written = format.unwrap_or(Format::Yaml);
    let (value, Read { document, warnings }) = load(part, request, written)?;
    let every = document.value();
    names::check(only, &every)?;
    let text = match part {
        Part::Whole => project(value, written, request.skip.interpolation),
        Part::Names(section) => list(names::keys(&value, section).map(str::to_owned), format),
        Part::Images => list(images(&value), format),
        // Services that no enabled profile starts are in the document only.
        Part::Profiles => list(profiles(&every), format),
        Part::Hash(services) => mapping(hash::of(&value, services)?, " ", format),
    };
    Ok(Answer::new(text, Read { document, warnings }))
}

fn load(part: &Part, request: &Request, format: Format) -> Result<(Value, Read), LoadError> {
    if request.skip.interpolation {
        let read = compose_model::read(request)?;
        return Ok((read.document.value(), read));
    }
    let Loaded { mut project, document, warnings, .. } = compose_model::load(request)?;
    let value = match (part, format) {
        (Part::Whole, Format::Json) | (Part::Hash(_), _) => project.json_value(),
        (Part::Whole, Format::Yaml) => {
            forget_absent(&mut project);
            project.value()
        }
        (Part::Names(_) | Part::Images | Part::Profiles, _) => project.value(),
    };
    Ok((value, Read { document, warnings }))
}

/// Services that no active profile has are not printed. With a dependency on one,
/// even an optional one, what is printed could not be read again. (Docker's JSON
/// cannot, and ours is the same.)
fn forget_absent(project: &mut Project) {
    let Project { services, disabled, .. } = project;
    for service in services.values_mut() {
        service.depends_on.retain(|name, _| !disabled.contains_key(name));
    }
}

/// Canonical text. Every variable in it was replaced, so a `$` that is left is
/// one to keep when the text is read again.
fn project(value: Value, format: Format, uninterpolated: bool) -> String {
    let value = if uninterpolated { value } else { escaped(value) };
    written(&value, format)
}

fn written(value: &Value, format: Format) -> String {
    match format {
        Format::Yaml => yaml(value),
        Format::Json => json(value),
    }
}

/// Keys are not interpolated when they are read; Docker doubles theirs too, and
/// reads other ones again.
fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('$', "$$")),
        Value::List(items) => Value::List(items.into_iter().map(escaped).collect()),
        Value::Map(entries) => {
            Value::Map(entries.into_iter().map(|(key, value)| (key, escaped(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Float(_) => value,
    }
}

fn json(value: &impl Serialize) -> String {
    let json = serde_json::to_string_pretty(value);
    json.expect("a tree with text for keys can be written") + "\n"
}

/// What a service runs; Docker gives what it builds the project's and the
/// service's name.
fn images(project: &Value) -> impl Iterator<Item = String> {
    let name = project.get("name").and_then(Value::as_str).unwrap_or_default();
    names::entries(project, "services").map(move |(service, settings)| {
        match settings.get("image").and_then(Value::as_str) {
            Some(image) if !image.is_empty() => image.to_owned(),
            Some(_) | None => format!("{name}-{service}"),
        }
    })
}

fn profiles(project: &Value) -> BTreeSet<String> {
    names::entries(project, "services")
        .filter_map(|(_, service)| service.get("profiles"))
        .flat_map(names::items)
        .filter_map(|profile| profile.as_str().map(str::to_owned))
        .collect()
}

fn environment(environment: Environment, format: Option<Format>) -> String {
    mapping(environment.into_iter().collect(), "=", format)
}

/// Sorted; without a format, one a line.
fn list(items: impl IntoIterator<Item = String>, format: Option<Format>) -> String {
    let mut items: Vec<_> = items.into_iter().collect();
    items.sort();
    match format {
        None => items.iter().map(|item| format!("{item}\n")).collect(),
        Some(format) => {
            written(&Value::List(items.into_iter().map(Value::String).collect()), format)
        }
    }
}

/// Sorted; without a format, one a line with something between name and value.
fn mapping(mut entries: Vec<(String, String)>, between: &str, format: Option<Format>) -> String {
    entries.sort();
    let Some(format) = format else {
        return entries.iter().map(|(name, value)| format!("{name}{between}{value}\n")).collect();
    };
    let entries = entries.into_iter().map(|(name, value)| (name, Value::String(value)));
    written(&Value::Map(entries.collect()), format)
}

impl Config {
    fn request(&self, view: &View, process: &mut Process) -> Result<Request, CliError> {
        let services = match view {
            // As with Docker, these are about the whole project.
            View::Variables | View::Environment | View::Loaded(Part::Names(_) | Part::Hash(_)) => {
                Vec::new()
            }
            View::Loaded(Part::Whole | Part::Images | Part::Profiles) => self.only.clone(),
        };
        Ok(Request { services, skip: self.skip(view), ..self.project.request(process)? })
    }

    fn skip(&self, view: &View) -> Skip {
        let whole = matches!(view, View::Loaded(Part::Whole));
        Skip {
            interpolation: self.skip.no_interpolate,
            normalization: self.skip.no_normalize,
            path_resolution: self.skip.no_path_resolution,
            consistency: self.skip.no_consistency,
            // Names can be listed where the env files of services are missing.
            environment_resolution: self.skip.no_env_resolution || !whole,
        }
    }

    fn standard_output(&self) -> Output {
        if self.quiet || self.output_file().is_some() { Output::Free } else { Output::Taken }
    }

    /// Comes before the diagnostics: they are one document, and may have to tell
    /// that the file could not be written.
    fn save(&self, text: &str, working_dir: &Path) -> Result<(), CliError> {
        match self.output_file() {
            Some(file) if !self.quiet => save(file, working_dir, text),
            Some(_) | None => Ok(()),
        }
    }

    fn output_file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|file| *file != Path::new("-"))
    }

    /// Comes after the diagnostics: its reader may stop early.
    fn print(&self, text: &str, ui: &mut Ui) -> Result<(), CliError> {
        match self.standard_output() {
            Output::Taken => ui.data(text),
            Output::Free => Ok(()),
        }
    }
}

impl ViewArgs {
    fn chosen(&self) -> View {
        match self {
            Self { services: true, .. } => View::Loaded(Part::Names("services")),
            Self { volumes: true, .. } => View::Loaded(Part::Names("volumes")),
            Self { networks: true, .. } => View::Loaded(Part::Names("networks")),
            Self { models: true, .. } => View::Loaded(Part::Names("models")),
            Self { images: true, .. } => View::Loaded(Part::Images),
            Self { profiles: true, .. } => View::Loaded(Part::Profiles),
            Self { hash: Some(services), .. } => View::Loaded(Part::Hash(services.clone())),
            Self { variables: true, .. } => View::Variables,
            Self { environment: true, .. } => View::Environment,
            Self { .. } => View::Loaded(Part::Whole),
        }
    }
}

impl Answer {
    fn new(text: String, Read { document, warnings }: Read) -> Self {
        Self { text, document, warnings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_is_doubled_in_values_but_not_in_keys() {
        let value = map([("a$b", text("$HOME ${X} $$")), ("plain", text("x"))]);
        insta::assert_snapshot!(project(value.clone(), Format::Yaml, false), @"
        a$b: $$HOME $${X} $$$$
        plain: x
        ");
        insta::assert_snapshot!(project(value, Format::Json, false), @r#"
        {
          "a$b": "$$HOME $${X} $$$$",
          "plain": "x"
        }
        "#);
    }

    #[test]
    fn a_dollar_stays_when_nothing_was_interpolated() {
        let value = map([("a", text("${X}"))]);
        insta::assert_snapshot!(project(value, Format::Yaml, true), @"a: ${X}");
    }

    #[test]
    fn what_is_built_is_named_after_project_and_service() {
        let services = map([
            ("web", map([("build", map([]))])),
            ("db", map([("image", text("postgres:17"))])),
        ]);
        let project = map([("name", text("shop")), ("services", services)]);
        assert_eq!(list(images(&project), None), "postgres:17\nshop-web\n");
    }

    #[test]
    fn profiles_are_listed_once() {
        let with = |names: &[&str]| {
            map([("profiles", Value::List(names.iter().map(|name| text(name)).collect()))])
        };
        let services = map([("a", with(&["test", "debug"])), ("b", with(&["debug"]))]);
        assert_eq!(list(profiles(&map([("services", services)])), None), "debug\ntest\n");
    }

    #[test]
    fn the_environment_is_sorted() {
        let variables = [("B", "2"), ("A", "x=y")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(environment(variables.into_iter().collect(), None), "A=x=y\nB=2\n");
    }

    #[test]
    fn a_format_makes_lists_and_mappings() {
        let names = || ["web", "db"].map(str::to_owned);
        assert_eq!(list(names(), None), "db\nweb\n");
        assert_eq!(list(names(), Some(Format::Yaml)), "- db\n- web\n");
        assert_eq!(list(names(), Some(Format::Json)), "[\n  \"db\",\n  \"web\"\n]\n");
        let hashes = || vec![("web".to_owned(), "1f".to_owned())];
        assert_eq!(mapping(hashes(), " ", None), "web 1f\n");
        assert_eq!(mapping(hashes(), " ", Some(Format::Yaml)), "web: 1f\n");
        assert_eq!(mapping(hashes(), " ", Some(Format::Json)), "{\n  \"web\": \"1f\"\n}\n");
        assert_eq!(list([], Some(Format::Json)), "[]\n");
    }

    pub(super) fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    pub(super) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
        Value::Map(entries.map(|(key, value)| (key.to_owned(), value)).into_iter().collect())
    }
}
