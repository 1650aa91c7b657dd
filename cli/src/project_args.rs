//! The options that every command shares: which project, and how to talk about
//! it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use compose_model::{Environment, MAX_BYTES, Request};

use crate::error::CliError;
use crate::process::Process;

/// The options that every command shares.
///
/// They are accepted before and after a command's name. Clap's own `global`
/// would drop what stands before when the same option also stands after, but
/// Docker merges all files that were named: [`followed_by`](Self::followed_by)
/// does.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Project options")]
pub(crate) struct ProjectArgs {
    /// Compose file; later ones override earlier ones, `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    file: Vec<PathBuf>,

    /// Name of the project
    #[arg(short, long, value_name = "NAME")]
    project_name: Option<String>,

    /// Enable the services of a profile; `*` enables all
    #[arg(long, value_name = "NAME")]
    profile: Vec<String>,

    /// Take variables from this file instead of `.env`
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,

    /// Folder that the project's relative paths start at
    #[arg(long, value_name = "DIR")]
    project_directory: Option<PathBuf>,

    /// How to tell what is wrong with a project
    ///
    /// Text goes to standard error. JSON and SARIF are one document; it goes to
    /// standard output when the command writes no data there (the project cannot
    /// be loaded, or -q or -o was given) and to standard error otherwise, so that
    /// data is never mixed with anything. A command line that makes no sense is
    /// always told as text.
    #[arg(long, value_enum, value_name = "FORMAT")]
    diagnostics: Option<DiagnosticsFormat>,

    /// When to use colours
    ///
    /// Automatic means: on a terminal, unless NO_COLOR is set. CLICOLOR_FORCE
    /// asks for colours in pipes too.
    #[arg(long, value_enum, value_name = "WHEN")]
    color: Option<When>,
}

/// How to tell what is wrong with a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiagnosticsFormat {
    /// For people, with the lines in question (default)
    #[default]
    Text,
    /// One JSON document, versioned
    Json,
    /// One SARIF 2.1.0 log, as code scanners read it
    Sarif,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// As the environment and the terminal suggest (default)
    #[default]
    Auto,
    /// Also in pipes
    Always,
    /// Not even on a terminal
    Never,
}

impl ProjectArgs {
    /// These options with others that were typed later.
    pub(crate) fn followed_by(self, later: Self) -> Self {
        Self {
            file: [self.file, later.file].concat(),
            project_name: later.project_name.or(self.project_name),
            profile: [self.profile, later.profile].concat(),
            env_file: [self.env_file, later.env_file].concat(),
            project_directory: later.project_directory.or(self.project_directory),
            diagnostics: later.diagnostics.or(self.diagnostics),
            color: later.color.or(self.color),
        }
    }

    /// What to load.
    pub(crate) fn request(&self, process: &mut Process) -> Result<Request, CliError> {
        let stdin = self.stdin(process)?;
        Ok(Request { stdin, ..self.silent_request(process)? })
    }

    /// The same without what can be read only once: standard input.
    pub(crate) fn silent_request(&self, process: &Process) -> Result<Request, CliError> {
        Ok(Request {
            working_dir: working_dir(&process.working_dir)?,
            files: self.file.clone(),
            project_directory: self.project_directory.clone(),
            // Scripts pass an empty name for no name.
            project_name: self.project_name.clone().filter(|name| !name.is_empty()),
            env_files: self.env_file.clone(),
            profiles: self.profile.clone(),
            environment: process.environment.clone(),
            ..Request::default()
        })
    }

    /// Whether somebody asked for services by their profiles.
    pub(crate) fn has_profiles(&self) -> bool {
        !self.profile.is_empty()
    }

    /// Whether the project is not simply that of the folder.
    pub(crate) fn is_named(&self) -> bool {
        !self.file.is_empty() || self.project_name.is_some() || self.project_directory.is_some()
    }

    /// How to tell what is wrong with a project.
    pub(crate) fn diagnostics(&self) -> DiagnosticsFormat {
        self.diagnostics.unwrap_or_default()
    }

    /// When to use colours.
    pub(crate) fn color(&self) -> When {
        self.color.unwrap_or_default()
    }

    fn stdin(&self, process: &mut Process) -> Result<Option<String>, CliError> {
        let asked = match &self.file[..] {
            [] => names_standard_input(&process.environment),
            files => files.iter().any(|file| file == Path::new("-")),
        };
        if !asked {
            return Ok(None);
        }
        // One byte too many, for the loader to say what the limit is.
        let mut bytes = Vec::new();
        let read = process.input.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|source| CliError::StandardInput { source })?;
        text(bytes).map(Some)
    }
}

fn text(bytes: Vec<u8>) -> Result<String, CliError> {
    // What is too large was cut, perhaps inside of a character.
    if bytes.len() as u64 > MAX_BYTES {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|_| CliError::NotText)
}

/// The `--color` of a command line that may make no sense otherwise, so that also
/// its help and what is wrong with it have the colours that were asked for.
pub(crate) fn typed_color(arguments: &[OsString]) -> When {
    let words: Vec<_> = arguments.iter().map_while(|word| word.to_str()).collect();
    let words = words.split(|word| *word == "--").next().unwrap_or_default();
    let joined = words.iter().filter_map(|word| word.strip_prefix("--color="));
    let apart = words.windows(2).filter(|pair| pair[0] == "--color").map(|pair| pair[1]);
    let mut values = joined.chain(apart).filter_map(|value| When::from_str(value, false).ok());
    values.next_back().unwrap_or_default()
}

/// Whether `COMPOSE_FILE` lists standard input among its files.
fn names_standard_input(environment: &Environment) -> bool {
    let get = |name| environment.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let usual = if cfg!(windows) { ";" } else { ":" };
    let separator = get("COMPOSE_PATH_SEPARATOR").unwrap_or(usual);
    get("COMPOSE_FILE").is_some_and(|files| files.split(separator).any(|file| file == "-"))
}

fn working_dir(known: &io::Result<PathBuf>) -> Result<PathBuf, CliError> {
    match known {
        Ok(directory) => Ok(directory.clone()),
        Err(error) => Err(CliError::WorkingDirectory { source: io::Error::from(error.kind()) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_known_before_the_rest_makes_sense() {
        let cases = [
            ("ecs-cli --color never --nonsense", When::Never),
            ("ecs-cli confg --color=always --help", When::Always),
            ("ecs-cli config -- --color=always", When::Auto),
            ("ecs-cli --color sometimes", When::Auto),
            ("ecs-cli --color", When::Auto),
        ];
        for (typed, expected) in cases {
            let arguments: Vec<_> = typed.split(' ').map(OsString::from).collect();
            assert_eq!(typed_color(&arguments), expected, "{typed}");
        }
    }

    #[test]
    fn compose_file_may_list_standard_input() {
        let cases = [
            ("-", None, true),
            ("-:compose.yaml", None, true),
            ("compose.yaml:-", Some(""), true),
            ("compose.yaml,-", Some(","), true),
            ("compose.yaml:-", Some(","), false),
            ("a-b:-.yaml", None, false),
            ("", None, false),
        ];
        for (files, separator, expected) in cases {
            let mut environment = Environment::from([("COMPOSE_FILE".into(), files.into())]);
            environment.extend(separator.map(|it| ("COMPOSE_PATH_SEPARATOR".into(), it.into())));
            if cfg!(windows) && separator.is_none_or(str::is_empty) {
                environment.insert("COMPOSE_PATH_SEPARATOR".into(), ":".into());
            }
            assert_eq!(names_standard_input(&environment), expected, "{files} {separator:?}");
        }
    }
}
