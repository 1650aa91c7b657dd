//! Docker's own program, and the engine behind it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use compose_model::Environment;

use super::arguments::{Builder, Invocation};
use super::error::BuildError;
use crate::interrupt::interrupted;
use crate::plugin;
use crate::process::Process;

/// The variable that names the folder of Docker's settings.
const SETTINGS: &str = "DOCKER_CONFIG";

/// How long a program may take to stop, and how often to look whether it has.
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(20);

/// Docker's own program, and the engine behind it.
pub(crate) struct Docker {
    /// What builds.
    pub(super) builder: Builder,
    /// The folder in which the user keeps Docker's settings.
    pub(super) settings: Option<PathBuf>,
    /// The variables that the program inherits.
    pub(super) environment: Environment,
    /// Options that Docker got when it called us, such as `--context`.
    options: Vec<OsString>,
}

impl Docker {
    /// Finds the program, an engine that answers, and what it builds with.
    pub(crate) async fn find(process: &Process) -> Result<Self, BuildError> {
        let (own, options) = plugin::docker_options(&process.arguments);
        let mut docker = Self {
            builder: Builder::Classic,
            settings: own.or_else(|| process.docker_config()),
            environment: process.environment.clone(),
            options,
        };
        let answer = docker.ask(["version", "--format", "{{.Server.Version}}"]).await?;
        if !answer.status.success() {
            return Err(BuildError::NoEngine { reason: last_line(&answer) });
        }
        if docker.ask(["buildx", "version"]).await?.status.success() {
            docker.builder = Builder::Buildx;
        }
        Ok(docker)
    }

    /// Builds, and shows what Docker says of it. Whether it worked.
    pub(super) async fn build(&self, invocation: Invocation) -> Result<bool, BuildError> {
        let Invocation { arguments, environment, input } = invocation;
        let mut command = self.command::<0>([]);
        command.args(arguments).envs(environment);
        shown(show(command, input).await)
    }

    /// What identifies the content of an image: 64 digits.
    pub(super) async fn id(&self, image: &str) -> Result<Option<String>, BuildError> {
        let answer = self.ask(["image", "inspect", "--format", "{{.Id}}", image]).await?;
        let text = String::from_utf8_lossy(&answer.stdout);
        let id = text.trim().split_once(':').map(|(_, digits)| digits.to_owned());
        Ok(id.filter(|id| answer.status.success() && !id.is_empty()))
    }

    /// Gives an image one more name.
    pub(super) async fn tag(&self, image: &str, name: &str) -> Result<bool, BuildError> {
        Ok(self.ask(["image", "tag", image, name]).await?.status.success())
    }

    /// Takes a name from an image, which goes with its last one.
    pub(super) async fn untag(&self, name: &str) {
        // Nothing depends on it.
        let _ = self.ask(["image", "rm", name]).await;
    }

    /// Logs in, as far as a folder of settings is concerned. Why not, if not.
    pub(super) async fn login(
        &self,
        settings: &Path,
        registry: &str,
        user: &str,
        password: &str,
    ) -> Result<Result<(), String>, BuildError> {
        let mut login = self.command(["login", "--username", user, "--password-stdin", registry]);
        login.env(SETTINGS, settings);
        let answer = answered(output(login, Some(password.to_owned())).await)?;
        Ok(if answer.status.success() { Ok(()) } else { Err(last_line(&answer)) })
    }

    /// Pushes, and shows what Docker says of it. Whether it worked.
    pub(super) async fn push(&self, settings: &Path, image: &str) -> Result<bool, BuildError> {
        let mut push = self.command(["image", "push", image]);
        push.env(SETTINGS, settings);
        shown(show(push, None).await)
    }

    async fn ask<const COUNT: usize>(
        &self,
        arguments: [&str; COUNT],
    ) -> Result<Output, BuildError> {
        answered(output(self.command(arguments), None).await)
    }

    fn command<const COUNT: usize>(&self, arguments: [&str; COUNT]) -> Command {
        let mut command = Command::new("docker");
        command.args(&self.options).args(arguments);
        if let Some(settings) = &self.settings {
            command.env(SETTINGS, settings);
        }
        command
    }
}

fn answered(answer: io::Result<Output>) -> Result<Output, BuildError> {
    answer.map_err(|source| BuildError::NoDocker { source })
}

fn shown(worked: io::Result<Option<bool>>) -> Result<bool, BuildError> {
    worked.map_err(|source| BuildError::NoDocker { source })?.ok_or(BuildError::Interrupted)
}

/// Runs a program that is done soon, and gives what it says.
async fn output(mut command: Command, input: Option<String>) -> io::Result<Output> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let work = tokio::task::spawn_blocking(move || {
        let mut child = command.stdin(stdin(input.as_ref())).spawn()?;
        write(child.stdin.take(), input);
        child.wait_with_output()
    });
    work.await.unwrap_or_else(|lost| Err(io::Error::other(lost)))
}

/// Runs a program, and shows what it says where nobody looks for data. Whether it worked;
/// nothing, if somebody typed Ctrl-C, which the terminal tells the program too.
///
/// Who waits for it no longer waits until it has stopped: it would write between what others
/// write, and go on with what is taken away from it.
async fn show(mut command: Command, input: Option<String>) -> io::Result<Option<bool>> {
    command.stdout(io::stderr()).stderr(Stdio::inherit());
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let (end, ended) = mpsc::channel();
    let left = Left { is_left: Arc::default(), ended };
    let is_left = Arc::clone(&left.is_left);
    let mut work = tokio::task::spawn_blocking(move || {
        let _end: Sender<()> = end;
        let mut child = command.stdin(stdin(input.as_ref())).spawn()?;
        write(child.stdin.take(), input);
        wait(&mut child, &stopped, &is_left)
    });
    let ended = loop {
        tokio::select! {
            ended = &mut work => break ended,
            () = interrupted() => stop.store(true, Ordering::Relaxed),
        }
    };
    let status = ended.unwrap_or_else(|lost| Err(io::Error::other(lost)))?;
    Ok((!stop.load(Ordering::Relaxed)).then(|| status.success()))
}

/// Stops a program, and waits until it has stopped, when nobody waits for it any more.
struct Left {
    is_left: Arc<AtomicBool>,
    /// Hears nothing, and that for the last time when the program has ended.
    ended: Receiver<()>,
}

impl Drop for Left {
    fn drop(&mut self) {
        self.is_left.store(true, Ordering::Relaxed);
        // One that cannot even be killed is not waited for any longer.
        let _ = self.ended.recv_timeout(PATIENCE * 2);
    }
}

/// Waits for a program. One that shall stop has some time to do so; the terminal has told it
/// that, but not if it was left.
fn wait(child: &mut Child, stop: &AtomicBool, is_left: &AtomicBool) -> io::Result<ExitStatus> {
    let mut glances = PATIENCE.as_millis() / GLANCE.as_millis();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if is_left.load(Ordering::Relaxed) && !stop.swap(true, Ordering::Relaxed) {
            ask_to_stop(child)?;
        }
        if stop.load(Ordering::Relaxed) {
            glances = glances.saturating_sub(1);
            if glances == 0 {
                child.kill()?;
            }
        }
        std::thread::sleep(GLANCE);
    }
}

/// Asks a program to stop, as it can be asked here: on Windows, it is ended.
fn ask_to_stop(child: &mut Child) -> io::Result<()> {
    if cfg!(unix) {
        let id = child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status();
        if asked.is_ok_and(|status| status.success()) {
            return Ok(());
        }
    }
    child.kill()
}

fn stdin(input: Option<&String>) -> Stdio {
    if input.is_some() { Stdio::piped() } else { Stdio::null() }
}

/// A program that does not read all of it says itself what is wrong.
fn write(stdin: Option<impl io::Write>, input: Option<String>) {
    if let (Some(mut stdin), Some(input)) = (stdin, input) {
        let _ = stdin.write_all(input.as_bytes());
    }
}

/// What a program says last is why it failed.
fn last_line(answer: &Output) -> String {
    let said = String::from_utf8_lossy(&answer.stderr);
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    last.unwrap_or("it does not say why").to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "what a program writes is looked at")]
    async fn a_program_that_is_no_longer_waited_for_has_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let script = "trap 'sleep 0.5; echo ended > told; exit 1' TERM; echo begun > told; \
                      while :; do sleep 0.05; done";
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(folder.path());
        let told = || std::fs::read_to_string(folder.path().join("told")).unwrap_or_default();
        let begun = async {
            while told().is_empty() {
                tokio::time::sleep(GLANCE).await;
            }
        };
        tokio::select! {
            ended = show(command, None) => panic!("it ended by itself: {ended:?}"),
            () = begun => {}
        }
        assert_eq!(told(), "ended\n");
    }
}
