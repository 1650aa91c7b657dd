//! The Docker engine of this machine, if there is one.

use std::process::{Command, Stdio};

/// Whether an engine answers.
pub(super) fn answers() -> bool {
    let mut command = Command::new("docker");
    command.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Says why a test did nothing.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(super) fn say_skipped(test: &str) {
    eprintln!("{test} is skipped: no Docker engine answers");
}
