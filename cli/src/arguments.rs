//! The command line as a whole.

use clap::Parser;

use crate::commands::Command;
use crate::project_args::ProjectArgs;

/// Take Docker Compose files to Amazon ECS
#[derive(Debug, Parser)]
#[command(
    name = "ecs-cli",
    version,
    arg_required_else_help = true,
    // As with Docker, the last one counts.
    args_override_self = true,
    after_help = "Exit codes: 0 done, 1 the Compose file was rejected, \
                  2 the command line is wrong, or what it names cannot be read or written."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(subcommand)]
    command: Command,
}

impl Arguments {
    /// The command, knowing also the options that were given before its name.
    pub(crate) fn into_command(self) -> Command {
        let Self { project, mut command } = self;
        let after = command.project_mut();
        *after = project.followed_by(std::mem::take(after));
        command
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_count_before_and_after_the_command() {
        let typed = "ecs-cli -f a.yaml -p one --profile x config -f b.yaml -p two --profile y web";
        let arguments = Arguments::try_parse_from(typed.split(' ')).unwrap();
        insta::assert_debug_snapshot!(arguments.into_command().project_mut(), @r#"
        ProjectArgs {
            file: [
                "a.yaml",
                "b.yaml",
            ],
            project_name: Some(
                "two",
            ),
            profile: [
                "x",
                "y",
            ],
            env_file: [],
            project_directory: None,
            diagnostics: None,
            color: None,
        }
        "#);
    }
}
