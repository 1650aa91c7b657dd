//! Projects in folders, each with a snapshot of what the program says of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the program wrote.
pub(crate) struct Written {
    pub(crate) exit: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// The program in a folder, with an empty environment.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-cli"));
    command.arg("config").env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the program; paths are as if the tests lay in `/tests`.
pub(crate) fn run(command: &mut Command) -> Written {
    let output = command.output().expect("the program starts");
    let text = |bytes| {
        let text = String::from_utf8(bytes).expect("output is UTF-8");
        text.replace(&root().display().to_string(), "/tests")
    };
    Written { exit: output.status.code(), output: text(output.stdout), errors: text(output.stderr) }
}

/// The folder whose place differs from machine to machine.
pub(crate) fn root() -> PathBuf {
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
