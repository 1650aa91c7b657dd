//! `command`, `entrypoint` and `working_dir` to what a container runs, and where.

use compose_model::service::Command;
use compose_model::{Diagnostic, Path};

use super::mounts::clean;
use super::windows::is_windows;
use crate::context::Context;
use crate::service::Platform;

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

/// Where it runs. A container does not start in a folder that does not begin at the root.
pub(super) fn working_dir(
    folder: Option<&String>,
    platform: Platform,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<String> {
    let folder = folder.filter(|folder| !folder.is_empty())?;
    if !folder.starts_with('/') && !is_windows(platform.system) {
        let message = format!("`{folder}` does not begin at the root");
        cx.report(
            Diagnostic::warning("ecs::working-dir", message)
                .at(at.key("working_dir"), "Docker starts no container there")
                .help(format!("write `{}`", clean(&format!("/{folder}")))),
        );
    }
    Some(folder.clone())
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
    fn a_container_runs_in_a_folder_from_the_root_on() {
        check(
            "
services:
  web:
    image: nginx
    working_dir: app
#                ^^^ warning: `app` does not begin at the root
#                help: write `/app`
  here:
    image: nginx
    working_dir: ./app/../in
#                ^^^^^^^^^^^ warning: `./app/../in` does not begin at the root
#                help: write `/in`
  other: {image: nginx, working_dir: /app}
",
        );
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
