//! The built program, going on until somebody ends it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::shop::Run;

/// Longer than the slowest test waits for a line.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, going on.
pub(crate) struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let (sender, lines) = channel();
        // Ends, and closes the pipe, when the program or its reader does.
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
        });
        Self { child, lines }
    }

    /// Its next line.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line comes some time")
    }

    /// Its next line that has this in it.
    pub(crate) fn line_with(&self, text: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Types Ctrl-C.
    pub(crate) fn interrupt(self) -> Run {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().expect("there is a kill");
        self.end()
    }

    /// Waits for its end, and gives what nobody has read.
    pub(crate) fn end(self) -> Run {
        let Self { child, lines } = self;
        let mut run = Run::from(child.wait_with_output().expect("it ends"));
        run.output = lines.iter().map(|line| line + "\n").collect();
        run
    }

    /// Has nobody read what it writes any more.
    pub(crate) fn hang_up(self) -> Child {
        self.child
    }
}
