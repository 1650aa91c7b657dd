//! `command` and `entrypoint` to what a container runs.

use compose_model::service::Command;
use compose_model::{Diagnostic, Path};

use crate::context::Context;

/// The entry point and the command, each if it is not the image's own.
pub(super) fn process(
    entrypoint: &Command,
    command: &Command,
    at: &Path,
    cx: &mut Context<'_>,
) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let entrypoint = entrypoint.0.clone();
    // Docker's engine takes an empty command for none.
    let command = command.0.clone().filter(|command| !command.is_empty());
    match (entrypoint, command) {
        (Some(entrypoint), command) if entrypoint.is_empty() => no_entrypoint(command, at, cx),
        (entrypoint, command) => (entrypoint, command),
    }
}

/// ECS cannot take an image's entry point away, but a command can take its place:
/// with an entry point, the command of the image is not looked at either.
fn no_entrypoint(
    command: Option<Vec<String>>,
    at: &Path,
    cx: &mut Context<'_>,
) -> (Option<Vec<String>>, Option<Vec<String>>) {
    if command.is_none() {
        cx.report(
            Diagnostic::warning(
                "ecs::entrypoint",
                "ECS cannot take the entry point of an image away, so the image's own runs",
            )
            .at(at.key("entrypoint"), "")
            .help("write the command of the image as `command`"),
        );
    }
    (command, None)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, container};

    fn process(lines: &str) -> (Option<Vec<String>>, Option<Vec<String>>) {
        let container = container(lines);
        (container.entrypoint, container.command)
    }

    fn words(line: &str) -> Option<Vec<String>> {
        Some(line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn commands_take_the_place_of_the_image_s() {
        assert_eq!(process("command: serve --fast"), (None, words("serve --fast")));
        assert_eq!(process("entrypoint: [run]\ncommand: it"), (words("run"), words("it")));
        assert_eq!(process("command: []"), (None, None));
    }

    #[test]
    fn a_command_takes_the_place_of_an_entry_point_that_is_taken_away() {
        assert_eq!(process("entrypoint: []\ncommand: serve it"), (words("serve it"), None));
    }

    #[test]
    fn an_entry_point_cannot_be_taken_away_without_a_command() {
        check(
            "
services:
  web:
    image: nginx
    entrypoint: []
#   ^^^^^^^^^^ warning: ECS cannot take the entry point of an image away, so the image's own runs
#   help: write the command of the image as `command`
",
        );
    }
}
