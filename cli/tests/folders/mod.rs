//! Projects in folders, each with snapshots of what the program makes of it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the program wrote.
pub(crate) struct Written {
    pub(crate) exit: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// The program in a folder, with an empty environment.
pub(crate) fn program(folder: &Path, subcommand: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-cli"));
    command.arg(subcommand).env_clear().current_dir(folder);
    command
}

/// Adds the arguments in the file `args` of a folder, one a line.
pub(crate) fn with_arguments(mut command: Command, folder: &Path) -> Command {
    command.args(text(folder, "args").lines());
    command
}

/// Sets the variables in the file `env` of a folder, a `NAME=VALUE` a line.
pub(crate) fn with_variables(mut command: Command, folder: &Path) -> Command {
    let variables = text(folder, "env");
    command.envs(variables.lines().filter_map(|line| line.split_once('=')));
    command
}

/// A file of a scenario, empty if there is none.
#[expect(clippy::disallowed_methods, reason = "these files are of the test, not of a project")]
pub(crate) fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_default()
}

/// Runs the program. Paths are shown as if the tests lay in `/tests`.
pub(crate) fn run(command: &mut Command, input: &str) -> Written {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    // Who does not read its input may be gone already.
    let _ = stdin.write_all(real(input).as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| shown(&String::from_utf8(bytes).expect("output is UTF-8"));
    Written { exit: output.status.code(), output: text(output.stdout), errors: text(output.stderr) }
}

fn shown(text: &str) -> String {
    let root = root();
    let above = root.parent().expect("the tests lie in a folder");
    text.replace(&root.display().to_string(), "/here/tests")
        .replace(&above.display().to_string(), "/here")
}

fn real(text: &str) -> String {
    let root = root();
    let above = root.parent().expect("the tests lie in a folder");
    text.replace("/here/", &format!("{}/", above.display()))
}

/// The folder whose place differs from machine to machine.
fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    root.canonicalize().expect("the tests lie beside the program")
}

/// Compares a text with the one that lies in a folder under this name.
pub(crate) fn assert_snapshot(folder: &Path, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_suffix("");
    settings.set_omit_expression(true);
    settings.remove_input_file();
    settings.bind(|| insta::assert_snapshot!(name, text));
}
