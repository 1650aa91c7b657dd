//! Docker's own program, and the engine behind it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use compose_model::Environment;

use super::arguments::{Builder, Invocation};
use super::error::BuildError;
use crate::process::Process;

/// Docker's own program, and the engine behind it.
pub(crate) struct Docker {
    /// What builds.
    pub(super) builder: Builder,
    /// The folder in which the user keeps Docker's settings.
    pub(super) settings: Option<PathBuf>,
    /// The variables that the program inherits.
    pub(super) environment: Environment,
}

impl Docker {
    /// Finds the program, an engine that answers, and what it builds with.
    pub(crate) async fn find(process: &Process) -> Result<Self, BuildError> {
        let version = command(["version", "--format", "{{.Server.Version}}"]);
        let answer = output(version, None).await;
        let answer = answer.map_err(|source| BuildError::NoDocker { source })?;
        if !answer.status.success() {
            return Err(BuildError::NoEngine { reason: last_line(&answer) });
        }
        let buildx = output(command(["buildx", "version"]), None).await;
        let has_buildx = buildx.is_ok_and(|answer| answer.status.success());
        Ok(Self {
            builder: if has_buildx { Builder::Buildx } else { Builder::Classic },
            settings: process.docker_config(),
            environment: process.environment.clone(),
        })
    }

    /// Builds, and shows what Docker says of it. Whether it worked.
    pub(super) async fn build(&self, invocation: Invocation) -> Result<bool, BuildError> {
        let Invocation { arguments, environment, input } = invocation;
        let mut command = command::<0>([]);
        command.args(arguments).envs(environment);
        let status = show(command, input).await;
        let status = status.map_err(|source| BuildError::NoDocker { source })?;
        Ok(status.success())
    }

    /// What identifies the content of an image: 64 digits.
    pub(super) async fn id(&self, image: &str) -> Result<Option<String>, BuildError> {
        let inspect = command(["image", "inspect", "--format", "{{.Id}}", image]);
        let answer = ask(inspect, None).await?;
        let text = String::from_utf8_lossy(&answer.stdout);
        let id = text.trim().split_once(':').map(|(_, digits)| digits.to_owned());
        Ok(id.filter(|id| answer.status.success() && !id.is_empty()))
    }

    /// Gives an image one more name.
    pub(super) async fn tag(&self, image: &str, name: &str) -> Result<bool, BuildError> {
        Ok(ask(command(["image", "tag", image, name]), None).await?.status.success())
    }

    /// Takes a name from an image, which goes with its last one.
    pub(super) async fn untag(&self, name: &str) {
        // Nothing depends on it.
        let _ = ask(command(["image", "rm", name]), None).await;
    }

    /// Logs in, as far as a folder of settings is concerned. Why not, if not.
    pub(super) async fn login(
        &self,
        settings: &Path,
        registry: &str,
        user: &str,
        password: &str,
    ) -> Result<Result<(), String>, BuildError> {
        let mut login = command(["login", "--username", user, "--password-stdin", registry]);
        login.env("DOCKER_CONFIG", settings);
        let answer = ask(login, Some(password.to_owned())).await?;
        Ok(if answer.status.success() { Ok(()) } else { Err(last_line(&answer)) })
    }

    /// Pushes, and shows what Docker says of it. Whether it worked.
    pub(super) async fn push(&self, settings: &Path, image: &str) -> Result<bool, BuildError> {
        let mut push = command(["image", "push", image]);
        push.env("DOCKER_CONFIG", settings);
        let status = show(push, None).await;
        Ok(status.map_err(|source| BuildError::NoDocker { source })?.success())
    }
}

fn command<const COUNT: usize>(arguments: [&str; COUNT]) -> Command {
    let mut command = Command::new("docker");
    command.args(arguments);
    command
}

async fn ask(command: Command, input: Option<String>) -> Result<Output, BuildError> {
    output(command, input).await.map_err(|source| BuildError::NoDocker { source })
}

/// Runs a program, and gives what it says.
async fn output(mut command: Command, input: Option<String>) -> io::Result<Output> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    to_its_end(move || {
        let mut child = command.stdin(stdin(input.as_ref())).spawn()?;
        write(child.stdin.take(), input);
        child.wait_with_output()
    })
    .await
}

/// Runs a program, and shows what it says where nobody looks for data.
async fn show(mut command: Command, input: Option<String>) -> io::Result<ExitStatus> {
    command.stdout(io::stderr()).stderr(Stdio::inherit());
    to_its_end(move || {
        let mut child = command.stdin(stdin(input.as_ref())).spawn()?;
        write(child.stdin.take(), input);
        child.wait()
    })
    .await
}

/// Waits also after Ctrl-C, which the terminal tells the program too: it ends then, and
/// what was prepared for it is tidied up.
async fn to_its_end<T: Send + 'static>(
    run: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let mut work = tokio::task::spawn_blocking(run);
    loop {
        tokio::select! {
            done = &mut work => return done.unwrap_or_else(|lost| Err(io::Error::other(lost))),
            heard = tokio::signal::ctrl_c() => {
                if heard.is_err() {
                    return work.await.unwrap_or_else(|lost| Err(io::Error::other(lost)));
                }
            }
        }
    }
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
