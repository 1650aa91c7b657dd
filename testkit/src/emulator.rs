//! An AWS on this machine: [MiniStack](https://pypi.org/project/ministack/), installed
//! below `target` when it is first needed, with what it lacks added by our own launcher
//! (`testkit/emulator/`).
//!
//! ```no_run
//! use testkit::emulator::Emulator;
//!
//! let account = Emulator::lean().account();
//! let environment = account.environment(); // for the program under test
//! let stacks = account.query("cloudformation", "DescribeStacks", &[]);
//! assert_eq!(stacks.status, 200);
//! assert_eq!(account.inventory(), Vec::<String>::new());
//! ```

mod account;
mod engine;
mod install;
mod inventory;
mod settings;
mod stacks;

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

pub use account::{Account, Answer};
pub use engine::{answers as engine_answers, say_skipped, shell_image};
pub use settings::{Image, Settings};

use crate::http::{self, Request};

/// How long starting may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a log is kept, at least.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Other programs look for free ports, too.
const TRIES: usize = 5;

/// What runs the containers of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: tasks are said to run at once, and never fail.
    Lean,
    /// The Docker engine of this machine.
    Containers,
}

/// Why there is no local AWS.
#[derive(Debug, Error)]
pub enum EmulatorError {
    /// Programs are not where cargo puts them.
    #[error("{} does not lie below a target directory of cargo", .0.display())]
    NoTarget(PathBuf),
    /// Files below `target` cannot be written, or a program cannot be started.
    #[error("cannot {what}")]
    System {
        /// What was attempted.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// A step of the installation failed.
    #[error("{what} failed ({status}): {output}{hint}")]
    Install {
        /// What was run.
        what: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote.
        output: String,
        /// What may help.
        hint: &'static str,
    },
    /// It ended, or does not answer.
    #[error("MiniStack does not start; it wrote to {}:\n{output}", log.display())]
    Start {
        /// Where it writes to.
        log: PathBuf,
        /// The end of what it wrote.
        output: String,
    },
}

impl EmulatorError {
    fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |source| Self::System { what, source }
    }

    /// Whether somebody else was quicker.
    fn is_about_the_port(&self) -> bool {
        matches!(self, Self::Start { output, .. } if output.contains("in use"))
    }
}

/// A local AWS. It ends when it is dropped, and when the process that started it ends,
/// in whatever way: it waits for the end of its standard input.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    address: String,
    log: PathBuf,
    accounts: AtomicU64,
}

impl Emulator {
    /// One without containers, which the tests of a binary share; each takes an
    /// [account](Self::account) of its own.
    ///
    /// # Panics
    /// If it cannot be installed or started.
    pub fn lean() -> &'static Self {
        static SHARED: OnceLock<Emulator> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Mode::Lean).unwrap_or_else(|error| fail(&error)))
    }

    /// One whose tasks are containers of this machine's engine, which the tests of a
    /// binary share. Nothing, with a line that says so, where no engine answers.
    ///
    /// # Panics
    /// If it cannot be installed or started.
    pub fn with_containers(test: &str) -> Option<&'static Self> {
        static SHARED: OnceLock<Emulator> = OnceLock::new();
        if !engine::answers() {
            say_skipped(test, "no Docker engine answers");
            return None;
        }
        Some(
            SHARED
                .get_or_init(|| Self::start(Mode::Containers).unwrap_or_else(|error| fail(&error))),
        )
    }

    /// Installs it if need be, starts it at a free port and waits until it answers.
    pub fn start(mode: Mode) -> Result<Self, EmulatorError> {
        let target = install::target()?;
        let python = install::python(&target)?;
        Self::forget_old_ones(&target);
        let mut result = Self::start_once(&target, &python, mode);
        for _ in 1..TRIES {
            if !result.as_ref().is_err_and(EmulatorError::is_about_the_port) {
                break;
            }
            result = Self::start_once(&target, &python, mode);
        }
        result
    }

    /// Logs are for whoever looks at a test that has just failed.
    fn forget_old_ones(target: &Path) {
        let folders = std::fs::read_dir(target.join("emulators"));
        for folder in folders.into_iter().flatten().flatten() {
            let age = folder.metadata().and_then(|it| it.modified()).ok();
            if age.and_then(|it| it.elapsed().ok()).is_some_and(|age| age > DAY) {
                // Another test binary may do the same.
                let _ = std::fs::remove_dir_all(folder.path());
            }
        }
    }

    fn start_once(target: &Path, python: &Path, mode: Mode) -> Result<Self, EmulatorError> {
        let port = free_port().map_err(EmulatorError::system("find a free port"))?;
        let folder = target.join("emulators").join(port.to_string());
        std::fs::create_dir_all(&folder)
            .map_err(EmulatorError::system(format!("make {}", folder.display())))?;
        let log = folder.join("log.txt");
        let mut command = command(python, &folder, port, mode);
        let output = std::fs::File::create(&log)
            .map_err(EmulatorError::system(format!("write {}", log.display())))?;
        let errors = output.try_clone().map_err(EmulatorError::system("share the log"))?;
        let child = command.stdout(output).stderr(errors).spawn();
        let child = child.map_err(EmulatorError::system(format!("run {}", python.display())))?;
        let address = format!("127.0.0.1:{port}");
        let mut emulator = Self { child, address, log, accounts: AtomicU64::new(0) };
        if emulator.comes_up() { Ok(emulator) } else { Err(emulator.failure()) }
    }

    #[expect(clippy::disallowed_methods, reason = "waiting ends some time")]
    fn comes_up(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE && matches!(self.child.try_wait(), Ok(None)) {
            if self.is_healthy() {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }

    fn is_healthy(&self) -> bool {
        let request = Request {
            method: "GET".to_owned(),
            target: "/_ministack/health".to_owned(),
            ..Request::default()
        };
        http::send(&self.address, &request).is_ok_and(|response| response.status == 200)
    }

    #[expect(clippy::disallowed_methods, reason = "the log is no file of a project")]
    fn failure(&self) -> EmulatorError {
        let output = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = output.lines().collect();
        let output = lines[lines.len().saturating_sub(20)..].join("\n");
        EmulatorError::Start { log: self.log.clone(), output }
    }

    /// An account that nobody else uses.
    pub fn account(&self) -> Account {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        let id = format!("1{:05}{:06}", std::process::id() % 100_000, number % 1_000_000);
        Account::new(&self.address, &id)
    }

    /// The account with this number, of twelve digits.
    pub fn account_named(&self, id: &str) -> Account {
        Account::new(&self.address, id)
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where it writes what it does.
    pub fn log(&self) -> &Path {
        &self.log
    }
}

impl Drop for Emulator {
    /// Asks it to end, which removes its containers, by closing its standard input.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn fail(error: &EmulatorError) -> ! {
    panic!("there is no local AWS: {}", with_sources(error))
}

fn with_sources(error: &EmulatorError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn command(python: &Path, folder: &Path, port: u16, mode: Mode) -> Command {
    let launcher = Path::new(env!("CARGO_MANIFEST_DIR")).join("emulator/launcher.py");
    let mut command = Command::new(python);
    command.arg("-B").arg(launcher).stdin(Stdio::piped());
    command.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
    command.env("MINISTACK_REGION", "us-east-1").env("IOT_MTLS_ENABLED", "0");
    command.env("STATE_DIR", folder.join("state")).env("S3_DATA_DIR", folder.join("s3"));
    command.env("TMPDIR", folder);
    if mode == Mode::Lean {
        command.env("DOCKER_HOST", "unix:///there-is-no-engine");
    }
    command
}
