//! What the process was given: arguments, environment, folder and streams.
//! Nothing else in the crate asks the system for them.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

use compose_model::Environment;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What the process was given.
pub(crate) struct Process {
    /// The command line; the program's own name comes first.
    pub(crate) arguments: Vec<OsString>,
    /// The environment variables.
    pub(crate) environment: Environment,
    /// Where it runs.
    pub(crate) working_dir: io::Result<PathBuf>,
    /// Standard input.
    pub(crate) input: Box<dyn Read>,
    /// Whether somebody types it.
    pub(crate) typed: bool,
}

/// Where output goes.
pub(crate) struct Streams {
    /// Standard output.
    pub(crate) output: Box<dyn Write>,
    /// Standard error.
    pub(crate) errors: Box<dyn Write>,
    /// Which of them people look at.
    pub(crate) terminal: Terminal,
}

/// Which of the streams people look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Whether standard output is a terminal.
    pub(crate) output: bool,
    /// Whether standard error is a terminal.
    pub(crate) errors: bool,
    /// How many characters fit in a line.
    pub(crate) width: Option<usize>,
    /// How many lines there are.
    pub(crate) height: Option<usize>,
}

impl Process {
    /// The process that we are.
    pub(crate) fn current() -> Self {
        let environment = environment();
        Self {
            arguments: std::env::args_os().collect(),
            working_dir: working_dir(&environment),
            environment,
            input: Box::new(io::stdin()),
            typed: io::stdin().is_terminal(),
        }
    }
}

impl Process {
    /// The folder in which Docker keeps who is logged in where.
    pub(crate) fn docker_config(&self) -> Option<PathBuf> {
        let get = |name| self.environment.get(name).filter(|value| !value.is_empty());
        let home = || get(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let own = get("DOCKER_CONFIG").map(PathBuf::from);
        own.or_else(|| home().map(|home| PathBuf::from(home).join(".docker")))
    }
}

impl Streams {
    /// Those of the process that we are.
    pub(crate) fn standard() -> Self {
        let size = terminal_size::terminal_size_of(io::stderr());
        Self {
            terminal: Terminal {
                output: io::stdout().is_terminal(),
                errors: io::stderr().is_terminal(),
                width: size.map(|(width, _)| width.0.into()),
                height: size.map(|(_, height)| height.0.into()),
            },
            output: Box::new(io::stdout()),
            errors: Box::new(io::stderr()),
        }
    }
}

/// The clock. What is printed depends on it only where it tells how long ago
/// something was, or what was asked for does.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Where the clock on the wall is.
pub(crate) fn zone() -> TimeZone {
    TimeZone::system()
}

/// The next line that somebody types, while others are waited for.
pub(crate) async fn typed_line() -> Option<String> {
    let read = || {
        let mut line = String::new();
        io::stdin().read_line(&mut line).ok().map(|_| line)
    };
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

/// A value that is no Unicode is kept as well as it can be: it is most likely a
/// path that no Compose file mentions.
fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// The folder as the shell calls it. A project is named after its folder, and
/// Docker takes the name of the symbolic link that one came in by.
fn working_dir(environment: &Environment) -> io::Result<PathBuf> {
    let real = std::env::current_dir()?;
    let logical = environment.get("PWD").map(PathBuf::from);
    let same =
        |path: &PathBuf| path.is_absolute() && path.canonicalize().is_ok_and(|it| it == real);
    Ok(logical.filter(same).unwrap_or(real))
}
