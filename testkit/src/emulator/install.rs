//! Installs MiniStack below `target`, once, however many test binaries ask for it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EmulatorError;

/// The launcher reaches into private names, which another version may not have.
const MINISTACK: &str = "ministack==1.5.33";

/// How MiniStack speaks to an engine.
const DOCKER: &str = "docker>=7,<8";

/// The directory that cargo builds in: this program lies somewhere below it.
pub(super) fn target() -> Result<PathBuf, EmulatorError> {
    let program =
        std::env::current_exe().map_err(EmulatorError::system("find the running program"))?;
    let marks = ["CACHEDIR.TAG", ".rustc_info.json"];
    let mut above = program.ancestors();
    let target = above.find(|folder| marks.iter().any(|mark| folder.join(mark).is_file()));
    target.map(Path::to_owned).ok_or_else(|| EmulatorError::NoTarget(program.clone()))
}

/// The Python that has MiniStack, installed if need be. Whoever comes second waits.
pub(super) fn python(target: &Path) -> Result<PathBuf, EmulatorError> {
    let tools = target.join("tools");
    fs::create_dir_all(&tools).map_err(EmulatorError::system("make target/tools"))?;
    let folder = tools.join(MINISTACK.replace("==", "-"));
    let lock = File::create(folder.with_extension("33.lock"))
        .map_err(EmulatorError::system("write into target/tools"))?;
    lock.lock().map_err(EmulatorError::system("lock target/tools"))?;
    let done = folder.join("installed");
    if !done.exists() {
        install(&folder)?;
        File::create(done).map_err(EmulatorError::system("write into target/tools"))?;
    }
    Ok(folder.join("bin/python"))
}

fn install(folder: &Path) -> Result<(), EmulatorError> {
    let hint = "\nMiniStack needs Python 3 with venv (Debian: python3-venv)";
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder), hint)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", MINISTACK, DOCKER]);
    run(&mut pip, "\nMiniStack comes from PyPI, or from the index that pip is configured for")
}

fn run(command: &mut Command, hint: &'static str) -> Result<(), EmulatorError> {
    let what = format!("{command:?}");
    let output = command.output();
    let output = output.map_err(EmulatorError::system(format!("run {what}{hint}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let output_text = String::from_utf8_lossy(&text).into_owned();
    Err(EmulatorError::Install { what, status: output.status, output: output_text, hint })
}
