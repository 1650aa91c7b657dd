//! How a command ends, for scripts.
//!
//! | code | meaning |
//! | ---- | ------- |
//! | 0 | Done. A reader that closed the pipe early counts as done. |
//! | 1 | The Compose file, or one that it needs, was read and rejected: also because it is too large, or no text, or because an image could not be built from it. |
//! | 2 | The command cannot be carried out as it was typed: an unknown option, a bad value, no Compose file, a file that cannot be read or written, a stack or a service that is not there; or nobody said yes. |
//! | 3 | AWS refused, gave no answer in time, or is busy with the stack. |
//! | 4 | What was asked for failed, and was given up or rolled back. |
//! | 5 | It is still under way: the command stopped watching. |
//! | 10 | There is something to do, and only that was asked (`--exit-code`). |
//! | 130 | Somebody typed Ctrl-C where nothing was left that goes on by itself. |

use std::process::ExitCode;

use compose_model::LoadError;

use ecs_apply::DeployError;

use crate::build::BuildError;
use crate::error::CliError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Success = 0,
    /// The Compose file is wrong.
    Rejected = 1,
    /// The command line is wrong, or what it names is not there, or nobody said yes.
    Usage = 2,
    /// AWS said no, or nothing.
    Refused = 3,
    /// What was asked for failed.
    Failed = 4,
    /// It is still under way.
    UnderWay = 5,
    /// There is something to do.
    Changes = 10,
    /// Somebody typed Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<&CliError> for Exit {
    fn from(error: &CliError) -> Self {
        match error {
            CliError::Load(LoadError::Invalid(_))
            | CliError::NotText
            | CliError::WrongFacts { .. } => Self::Rejected,
            CliError::Usage(error) if !error.use_stderr() => Self::Success,
            error if error.is_broken_pipe() => Self::Success,
            CliError::Load(
                LoadError::Read { .. }
                | LoadError::NotFound { .. }
                | LoadError::Option { .. }
                | LoadError::UnknownService { .. },
            )
            | CliError::StandardInput { .. }
            | CliError::StandardOutput { .. }
            | CliError::Usage(_)
            | CliError::ReadFacts { .. }
            | CliError::WorkingDirectory { .. }
            | CliError::Runtime { .. }
            | CliError::NoStack { .. }
            | CliError::NoService { .. }
            | CliError::Write { .. } => Self::Usage,
            CliError::Deploy(DeployError::Unanswered { .. } | DeployError::Unasked { .. })
            | CliError::ReadTemplate { .. }
            | CliError::WrongTemplate { .. }
            | CliError::OthersTemplate { .. } => Self::Usage,
            CliError::NoPlace { .. } => Self::Usage,
            CliError::NoSecret { .. } | CliError::LongSecret { .. } => Self::Rejected,
            CliError::Unbuilt { .. } => Self::Usage,
            CliError::Build(error) => Self::from(error),
            CliError::Interrupted => Self::Interrupted,
            CliError::OutOfTime | CliError::Aws(_) | CliError::Deploy(_) => Self::Refused,
        }
    }
}

impl From<&BuildError> for Exit {
    fn from(error: &BuildError) -> Self {
        match error {
            BuildError::OtherPlatform { .. }
            | BuildError::NoSecret { .. }
            | BuildError::Circle { .. }
            | BuildError::Failed { .. } => Self::Rejected,
            BuildError::NoDocker { .. }
            | BuildError::NoEngine { .. }
            | BuildError::NeedsBuildx { .. }
            | BuildError::Folder { .. } => Self::Usage,
            BuildError::Interrupted => Self::Interrupted,
            BuildError::Login { .. }
            | BuildError::NotPushed { .. }
            | BuildError::NotArrived { .. } => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use compose_model::{Document, Rejected};

    use super::*;

    #[test]
    fn scripts_can_tell_a_wrong_file_from_a_wrong_command() {
        let rejected = Rejected { diagnostics: Vec::new(), document: Document::default() };
        let cases = [
            (CliError::Load(LoadError::Invalid(Box::new(rejected))), 1),
            (CliError::Load(LoadError::NotFound { directory: "/app".into() }), 2),
            (CliError::Load(LoadError::UnknownService { name: "wbe".into(), nearest: None }), 2),
            (CliError::NotText, 1),
            (standard_output(io::ErrorKind::StorageFull), 2),
            (standard_output(io::ErrorKind::BrokenPipe), 0),
        ];
        for (error, code) in cases {
            assert_eq!(Exit::from(&error) as u8, code, "{error}");
        }
    }

    fn standard_output(kind: io::ErrorKind) -> CliError {
        CliError::StandardOutput { source: kind.into() }
    }
}
