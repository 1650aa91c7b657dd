//! Why a command could not do what it was asked, and what to do about it.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use compose_model::LoadError;
use ecs_apply::{AwsError, DeployError, Stack, TemplateError};
use thiserror::Error;

use crate::build::{BuildError, list};
use crate::caller::Caller;

/// Why a command stopped.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// Somebody typed Ctrl-C while nothing was going on that could be left.
    #[error("interrupted")]
    Interrupted,
    /// `--timeout`, and nothing was begun in that time.
    #[error("nothing is being deployed: it took longer than --timeout allows to get that far")]
    OutOfTime,
    /// The command line makes no sense, or asks for help.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// The project could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file could not be written.
    #[error("cannot write {}", file.display())]
    Write {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `-f -`, and nothing usable came.
    #[error("cannot read standard input")]
    StandardInput {
        /// What the system said.
        source: io::Error,
    },
    /// `-f -`, and what came is no text.
    #[error("standard input is not UTF-8 text")]
    NotText,
    /// `--facts`, and the file cannot be read.
    #[error("cannot read {}", file.display())]
    ReadFacts {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `--facts`, and the file holds something else.
    #[error("{} does not hold facts", file.display())]
    WrongFacts {
        /// Which file.
        file: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// `--template`, and the file cannot be read.
    #[error("cannot read {}", file.display())]
    ReadTemplate {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `--template`, and the file holds something else.
    #[error("{} is no template of CloudFormation", file.display())]
    WrongTemplate {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// `--template`, and the file is about another project.
    #[error("{} was written for the project {wrote}, and not for {project}", file.display())]
    OthersTemplate {
        /// Which file.
        file: PathBuf,
        /// The project that it is of.
        wrote: String,
        /// The project that was named.
        project: String,
    },
    /// A secret has to be handed on, and its value is not there.
    #[error("the value of the secret {name:?} cannot be read")]
    NoSecret {
        /// Its key in the Compose file.
        name: String,
        /// Where it comes from: `the file …`.
        from: Option<String>,
    },
    /// `--template`, and a secret has grown since the file was written.
    #[error(
        "the value of the secret {name:?} has {bytes} bytes, and {} has room for {room}",
        file.display()
    )]
    LongSecret {
        /// Its key in the Compose file.
        name: String,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        room: usize,
        /// The template.
        file: PathBuf,
    },
    /// A service is built, and nobody built it.
    #[error("no image of {} is known: {} built", list(services), if services.len() == 1 { "it is" } else { "they are" })]
    Unbuilt {
        /// The services.
        services: Vec<String>,
    },
    /// An image is not built or pushed.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// There is no such place to ask.
    #[error("there can be no {what} {value:?}")]
    NoPlace {
        /// `region`
        what: &'static str,
        /// What somebody set it to.
        value: String,
        /// Where it was set.
        from: &'static str,
    },
    /// AWS did not do what it was asked.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// A stack is not made what it shall be.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The stack is not there.
    #[error("there is no stack {name:?} in {region}{}", account.as_ref().map(|it| format!(" of account {it}")).unwrap_or_default())]
    NoStack {
        /// The name that was looked for.
        name: String,
        /// Where it was looked for.
        region: String,
        /// Whose stacks were looked at, if that is known.
        account: Option<String>,
        /// The stack that may be meant.
        meant: Option<String>,
    },
    /// The stack is there, and has no such service.
    #[error("the stack has no service {name:?}")]
    NoService {
        /// The name that was looked for.
        name: String,
        /// The service that may be meant.
        nearest: Option<String>,
        /// Those that are there.
        known: Vec<String>,
    },
    /// The system gives no means to wait for an answer.
    #[error("cannot talk to AWS from here")]
    Runtime {
        /// What the system said.
        source: io::Error,
    },
    /// The output went nowhere.
    #[error("cannot write to standard output")]
    StandardOutput {
        /// What the system said.
        source: io::Error,
    },
    /// The folder that the command runs in is gone, or closed to us.
    #[error("cannot tell the current folder")]
    WorkingDirectory {
        /// What the system said.
        source: io::Error,
    },
}

/// The names that are looked for when no file is named, as Docker looks for
/// them.
const USUAL_NAMES: &str = "compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml";

impl CliError {
    /// Whether the reader of our output had seen enough.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::StandardOutput { source } if source.kind() == ErrorKind::BrokenPipe)
    }

    /// What programs know it by. What is told to people alone has none: wrong
    /// usage, and a standard output that takes nothing. Neither have the
    /// problems of files, which have one each.
    pub(crate) fn code(&self) -> Option<&'static str> {
        match self {
            Self::Load(LoadError::Read { .. } | LoadError::NotFound { .. })
            | Self::StandardInput { .. }
            | Self::NotText
            | Self::ReadFacts { .. }
            | Self::WrongFacts { .. }
            | Self::ReadTemplate { .. }
            | Self::WrongTemplate { .. }
            | Self::OthersTemplate { .. }
            | Self::NoSecret { .. }
            | Self::LongSecret { .. }
            | Self::Write { .. } => Some("cli::file"),
            Self::Load(LoadError::Option { .. }) => Some("cli::option"),
            Self::Load(LoadError::UnknownService { .. }) => Some("cli::service"),
            Self::WorkingDirectory { .. } => Some("cli::folder"),
            Self::NoPlace { .. } => Some("cli::option"),
            Self::NoStack { .. } => Some("cli::stack"),
            Self::NoService { .. } => Some("cli::service"),
            Self::Aws(_) | Self::Deploy(_) | Self::OutOfTime => Some("cli::aws"),
            Self::Unbuilt { .. } | Self::Build(_) => Some("cli::build"),
            Self::Load(LoadError::Invalid(_))
            | Self::StandardOutput { .. }
            | Self::Runtime { .. }
            | Self::Interrupted
            | Self::Usage(_) => None,
        }
    }

    /// What to do about it, as it can be typed.
    pub(crate) fn help(&self, caller: &Caller) -> Option<String> {
        match self {
            Self::Load(error) => load_help(error, caller),
            Self::Write { source, .. } => help_for(source, &WRITE_HELP),
            Self::ReadFacts { source, .. } | Self::ReadTemplate { source, .. } => {
                help_for(source, &READ_HELP)
            }
            Self::WrongTemplate { .. } => {
                Some(format!("`{}` writes one", caller.command("convert -o stack.yaml")))
            }
            Self::OthersTemplate { wrote, project, .. } => Some(format!(
                "write one with `{}`, or apply it for {wrote} with the Compose file of that: \
                 `-p {wrote} -f FILE`",
                caller.command(&format!("-p {project} convert -o stack.yaml"))
            )),
            Self::LongSecret { .. } => Some(format!(
                "write the template again: `{}`; it has room for all of it then",
                caller.command("convert -o stack.yaml")
            )),
            Self::NoSecret { from, .. } => Some(format!(
                "{} is not there, or changed while this ran: put it back and run the command again",
                from.as_deref().unwrap_or("its file or variable")
            )),
            Self::WrongFacts { .. } => Some("docs/facts.md says what the file can have".to_owned()),
            Self::StandardInput { .. } => {
                Some("pipe a Compose file into the command: `-f - < FILE`".to_owned())
            }
            Self::NotText => Some("pipe a Compose file in UTF-8 into the command".to_owned()),
            Self::WorkingDirectory { .. } => Some("run in a folder that exists".to_owned()),
            Self::NoPlace { what, from, .. } => {
                let example = match *what {
                    "region" => "eu-west-1",
                    _ => "http://localhost:4566",
                };
                Some(format!("it comes from {from}; write one such as {example}"))
            }
            Self::Aws(error) => error.help(),
            Self::Unbuilt { services } => Some(unbuilt_help(services, caller)),
            Self::Build(error) => error.help(caller),
            Self::Deploy(error) => deploy_help(error, caller),
            Self::NoStack { meant, .. } => Some(stack_help(meant.as_deref(), caller)),
            Self::NoService { nearest, known, .. } => Some(service_help(nearest.as_deref(), known)),
            Self::OutOfTime => {
                Some("allow more time, or none: --timeout can be left out".to_owned())
            }
            Self::Interrupted
            | Self::Usage(_)
            | Self::StandardOutput { .. }
            | Self::Runtime { .. } => None,
        }
    }
}

fn deploy_help(error: &DeployError, caller: &Caller) -> Option<String> {
    match error {
        DeployError::Aws(error) => error.help(),
        DeployError::Busy { stack, .. } => Some(format!(
            "`{}` shows what happens; run this again when it is finished",
            caller.about(&stack.name, "events -f")
        )),
        DeployError::Stuck { stack } => Some(way_out(stack, caller)),
        DeployError::Foreign { .. } => Some(
            "choose another name with --stack-name; a stack of another project is never changed"
                .to_owned(),
        ),
        DeployError::Unanswered { names } => {
            let example = names.first().map_or("NAME", String::as_str);
            Some(format!("give each a value: --parameter {example}=VALUE"))
        }
        DeployError::Unasked { .. } => Some("check the spelling of --parameter".to_owned()),
        DeployError::Leftover { stack, .. } => {
            Some(format!("see with `{}` what could not be deleted", caller.about(stack, "events")))
        }
        DeployError::Contended { .. } | DeployError::Undecided { .. } => {
            Some("run it again in a moment".to_owned())
        }
        DeployError::Overtaken { .. } => {
            Some("run it again to see what there is to do now".to_owned())
        }
        DeployError::Unacceptable { .. } | DeployError::Template(_) => None,
    }
}

/// What to do about a stack that AWS allows nothing with.
fn way_out(stack: &Stack, caller: &Caller) -> String {
    let name = &stack.name;
    let events = caller.about(name, "events");
    match stack.status.0.as_str() {
        "DELETE_FAILED" => format!(
            "see with `{events}` what could not be deleted, remove what uses it, then run `{}` again",
            caller.about(name, "down")
        ),
        _ => format!(
            "see with `{events}` what could not be undone and mend it, then run `{}`, which can \
             also skip resources",
            caller.amazon(name, "cloudformation continue-update-rollback")
        ),
    }
}

/// Both ways to an image, ready to be typed.
fn unbuilt_help(services: &[String], caller: &Caller) -> String {
    let images: Vec<String> =
        services.iter().map(|service| format!("--image {service}=IMAGE")).collect();
    format!(
        "build and push with `{}`, or name what is built already: `{}`",
        caller.asks("up --build"),
        caller.asks(&format!("up {}", images.join(" ")))
    )
}

fn stack_help(meant: Option<&str>, caller: &Caller) -> String {
    match meant {
        Some(name) => format!("`--stack-name {name}` names one that is there"),
        None => format!(
            "`{}` lists the stacks that are there; --region, --aws-profile and --stack-name \
             look elsewhere",
            caller.asks("ls")
        ),
    }
}

fn service_help(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None if known.is_empty() => "it has no services at all".to_owned(),
        None => format!("it has {}", known.join(", ")),
    }
}

fn load_help(error: &LoadError, caller: &Caller) -> Option<String> {
    match error {
        LoadError::NotFound { .. } => Some(format!(
            "looked for {USUAL_NAMES}; run in the project's folder or name the file with -f"
        )),
        LoadError::Read { source, .. } => help_for(source, &READ_HELP),
        LoadError::Option { option, .. } => Some(format!("set {option} to another value")),
        LoadError::UnknownService { nearest: Some(nearest), .. } => {
            Some(format!("did you mean {nearest:?}?"))
        }
        LoadError::UnknownService { nearest: None, .. } => {
            let services = caller.command("config --services");
            Some(format!("`{services}` lists the services of the project"))
        }
        LoadError::Invalid(_) => None,
    }
}

/// What to do when a file cannot be read, where that is known.
const READ_HELP: [(ErrorKind, &str); 4] = [
    (ErrorKind::NotFound, MISSPELT),
    (ErrorKind::NotADirectory, MISSPELT),
    (ErrorKind::PermissionDenied, "check that you may read it"),
    (ErrorKind::IsADirectory, "name a file in it"),
];

const MISSPELT: &str = "check the spelling; a relative name begins at the current folder";

/// What to do when a file cannot be written, where that is known.
const WRITE_HELP: [(ErrorKind, &str); 4] = [
    (ErrorKind::NotFound, "name a file in a folder that exists"),
    (ErrorKind::NotADirectory, "name a file in a folder that exists"),
    (ErrorKind::PermissionDenied, "name a file that you may write to"),
    (ErrorKind::IsADirectory, "name a file in it"),
];

fn help_for(source: &io::Error, table: &[(ErrorKind, &str)]) -> Option<String> {
    let known = table.iter().find(|(kind, _)| *kind == source.kind());
    known.map(|(_, help)| (*help).to_owned())
}
