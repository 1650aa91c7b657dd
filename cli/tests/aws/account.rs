//! A project in a folder, and the built program before a local AWS.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use testkit::emulator::{Account, Emulator};
use testkit::proxy::{Proxy, Rule};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-cli");

/// A project with all that is lost easily: an address, a secret and a volume.
pub(crate) const SHOP: &str = "
name: shop
services:
  web:
    image: acme/web:1
    ports: ['80:80']
    secrets: [token]
  store:
    image: acme/store:1
    volumes: ['data:/data']
secrets: {token: {file: ./token}}
volumes: {data: {}}
";

const RUNS: &str = "the program runs";

/// How often to look, and how long to wait for what is certain to come.
const GLANCE: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(10);

/// A project in a folder, which is deployed to an account that nobody else uses.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) account: Account,
    /// Variables besides those that lead to the account.
    pub(crate) variables: Vec<(&'static str, OsString)>,
}

/// How a run ended, with all that it wrote.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Project {
    /// A project without containers; the subnets of its account are public.
    pub(crate) fn new(compose: &str) -> Self {
        Self::on(Emulator::lean(), compose)
    }

    pub(crate) fn on(emulator: &Emulator, compose: &str) -> Self {
        Self::of(emulator.account().with_public_subnets(), compose)
    }

    pub(crate) fn of(account: Account, compose: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is space for a project");
        let project = Self { folder, account, variables: Vec::new() };
        project.write("compose.yaml", compose);
        project
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the folder can be written");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the account holds, without what is called differently each time.
    pub(crate) fn inventory(&self) -> Vec<String> {
        let account = self.account.id();
        let found = self.account.inventory().into_iter();
        let mut found: Vec<String> =
            found.map(|it| without_ids(&it.replace(account, "account"))).collect();
        found.sort();
        found
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        let output = self.command(arguments, &self.account).output().expect(RUNS);
        Run::from(output)
    }

    /// The same through a proxy.
    pub(crate) fn run_through(&self, proxy: &Proxy, arguments: &str) -> Run {
        let account = self.account.through(proxy);
        Run::from(self.command(arguments, &account).output().expect(RUNS))
    }

    /// Runs the program until it has made a call so often, and kills it at the next:
    /// before AWS hears of it, or after it did what was asked. Says whether the program
    /// came that far.
    pub(crate) fn kill_at(&self, call: &str, skip: usize, moment: Moment, arguments: &str) -> bool {
        let proxy = Proxy::before(&self.account);
        let (sender, receiver) = mpsc::channel();
        let rule = Rule::on(call).skip(skip).times(1);
        let rule = match moment {
            Moment::Before => rule.cut_before(),
            Moment::After => rule.cut_after(),
        };
        // The call is held until the program is dead, so that it never hears of it.
        let (dead, is_dead) = mpsc::channel::<()>();
        let is_dead = Mutex::new(is_dead);
        proxy.rule(rule.then(move |_| {
            let _ = sender.send(());
            let is_dead = is_dead.lock().expect("nobody panics with it");
            let _ = is_dead.recv_timeout(PATIENCE);
        }));
        let account = self.account.through(&proxy);
        let mut command = self.command(arguments, &account);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect(RUNS);
        loop {
            if receiver.recv_timeout(GLANCE).is_ok() {
                child.kill().expect("it can be killed");
                child.wait().expect("it is dead");
                let _ = dead.send(());
                return true;
            }
            if child.try_wait().expect("it is our child").is_some() {
                return false;
            }
        }
    }

    pub(crate) fn command(&self, arguments: &str, account: &Account) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .envs(account.environment())
            .env("HOME", self.folder.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }
}

/// Names that AWS makes up end in letters and digits of no meaning.
fn without_ids(name: &str) -> String {
    let is_made_up = |part: &str| part.len() >= 8 && part.bytes().any(|it| it.is_ascii_digit());
    let parts = name.split_inclusive(['-', '/']);
    parts.map(|it| if is_made_up(it) { "…" } else { it }).collect()
}

/// Does something for each, some at once: runs wait most of the time.
pub(crate) fn for_each<T: Sync>(all: &[T], what: impl Fn(usize, &T) + Sync) {
    const THREADS: usize = 6;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(place) else { break };
                    what(place, one);
                }
            });
        }
    });
}

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).expect("it writes text"),
            errors: String::from_utf8(output.stderr).expect("it writes text"),
        }
    }
}
