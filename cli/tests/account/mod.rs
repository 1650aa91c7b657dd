//! A project in a folder, and the built program before a local AWS.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use testkit::emulator::{Account, Emulator};
use testkit::proxy::{Proxy, Rule};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-cli");

/// A project in a folder, which is deployed to an account that nobody else uses.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) account: Account,
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
        let folder = tempfile::tempdir().expect("there is space for a project");
        let project = Self { folder, account: emulator.account().with_public_subnets() };
        project.write("compose.yaml", compose);
        project
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the folder can be written");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        let output = self.command(arguments, &self.account).output().expect("the program runs");
        Run::from(output)
    }

    /// The same through a proxy.
    pub(crate) fn run_through(&self, proxy: &Proxy, arguments: &str) -> Run {
        let account = self.account.through(proxy);
        Run::from(self.command(arguments, &account).output().expect("the program runs"))
    }

    /// Runs the program until its n-th call, counted from 0, and kills it there:
    /// before AWS hears of the call, or after it did what was asked. Nothing, if
    /// it came to its end before.
    pub(crate) fn kill_at(&self, call: usize, moment: Moment, arguments: &str) -> Option<String> {
        let proxy = Proxy::before(&self.account);
        let child: Arc<Mutex<Option<Child>>> = Arc::default();
        let name: Arc<Mutex<Option<String>>> = Arc::default();
        let rule = match moment {
            Moment::Before => Rule::nth(call).cut_before(),
            Moment::After => Rule::nth(call).cut_after(),
        };
        let (victim, last) = (Arc::clone(&child), Arc::clone(&name));
        proxy.rule(rule.then(move |call| {
            *last.lock().unwrap() = Some(call.name.clone());
            if let Some(child) = victim.lock().unwrap().as_mut() {
                child.kill().expect("it runs still");
            }
        }));
        let account = self.account.through(&proxy);
        let mut command = self.command(arguments, &account);
        // The hook finds the child when the lock is released.
        let mut slot = child.lock().unwrap();
        *slot = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        drop(slot);
        loop {
            // Not `wait`, which would keep the lock that the hook needs.
            let mut slot = child.lock().unwrap();
            let ended = slot.as_mut().and_then(|child| child.try_wait().unwrap());
            drop(slot);
            if ended.is_some() {
                return name.lock().unwrap().clone();
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
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
            .stdin(Stdio::null());
        command
    }
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
