//! The only printer. Data goes to standard output, everything else to standard
//! error.

mod color;
mod diagnostics;
mod failure;
mod json;
mod located;
mod plain;
#[cfg(test)]
mod sample;
mod sarif;
mod table;

use std::io::{self, Write};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use compose_model::{Diagnostic, Document, Environment, LoadError};

use crate::error::CliError;
use crate::process::{Process, Streams};
use crate::project_args::{DiagnosticsFormat, When};

pub(crate) use table::table;

/// The only printer.
pub(crate) struct Ui {
    streams: Streams,
    environment: Environment,
    working_dir: Option<PathBuf>,
    diagnostics: DiagnosticsFormat,
    color: When,
}

/// What else a command writes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// Nothing, so that a report for machines can go there.
    Free,
    /// The data that the command is for.
    Taken,
}

impl Ui {
    /// A printer for this process, until [`choose`](Self::choose) knows more.
    pub(crate) fn new(streams: Streams, process: &Process) -> Self {
        Self {
            streams,
            environment: process.environment.clone(),
            working_dir: process.working_dir.as_ref().ok().cloned(),
            diagnostics: DiagnosticsFormat::default(),
            color: When::default(),
        }
    }

    /// Follows the options of the command line.
    pub(crate) fn choose(&mut self, diagnostics: DiagnosticsFormat, color: When) {
        self.diagnostics = diagnostics;
        self.color = color;
    }

    /// Writes what the command is for.
    ///
    /// A terminal must not obey what a Compose file says, so control characters
    /// are spelled out there; a pipe gets them as they are.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), CliError> {
        if self.streams.terminal.output { self.write(&plain::text(text)) } else { self.write(text) }
    }

    /// Tells what is wrong with a file.
    pub(crate) fn diagnostics(
        &mut self,
        document: &Document,
        diagnostics: &[Diagnostic],
        output: Output,
    ) -> Result<(), CliError> {
        let located = located::sorted(document, diagnostics, self.working_dir.as_deref());
        match self.diagnostics {
            DiagnosticsFormat::Text => {
                self.complain(&diagnostics::text(&located, self.streams.terminal.width));
                Ok(())
            }
            DiagnosticsFormat::Json => self.report(&json::diagnostics(&located), output),
            DiagnosticsFormat::Sarif => self.report(&sarif::log(&located), output),
        }
    }

    /// Tells why the command stopped.
    pub(crate) fn error(&mut self, error: &CliError) {
        match error {
            CliError::Usage(error) => self.usage(error),
            CliError::Load(LoadError::Invalid(rejected)) => {
                // When standard output is closed, there is nobody to tell.
                let _ = self.diagnostics(&rejected.document, &rejected.diagnostics, Output::Free);
            }
            error if error.is_broken_pipe() => {}
            CliError::Load(_)
            | CliError::NoSuchService { .. }
            | CliError::Write { .. }
            | CliError::StandardInput { .. }
            | CliError::StandardOutput { .. }
            | CliError::WorkingDirectory { .. } => self.complain(&failure::text(error)),
        }
    }

    fn report(&mut self, report: &str, output: Output) -> Result<(), CliError> {
        match output {
            Output::Free => self.write(report)?,
            Output::Taken => self.complain(report),
        }
        Ok(())
    }

    /// Help is data when it was asked for, and a complaint when it was not.
    fn usage(&mut self, error: &clap::Error) {
        let text = error.render();
        if error.use_stderr() {
            self.complain(&text.ansi().to_string());
        } else if self.wants_color(self.streams.terminal.output) {
            let _ = self.write(&text.ansi().to_string());
        } else {
            let _ = self.write(&text.to_string());
        }
    }

    fn write(&mut self, text: &str) -> Result<(), CliError> {
        let output = &mut self.streams.output;
        let written = output.write_all(text.as_bytes()).and_then(|()| output.flush());
        written.map_err(|source| CliError::StandardOutput { source })
    }

    /// Writes text with colours, which are taken out where nobody wants them.
    fn complain(&mut self, text: &str) {
        let choice = if self.wants_color(self.streams.terminal.errors) {
            ColorChoice::Always
        } else {
            ColorChoice::Never
        };
        let mut errors = AutoStream::new(&mut self.streams.errors, choice);
        // A failure to complain cannot be complained about.
        let _: io::Result<()> = errors.write_all(text.as_bytes()).and_then(|()| errors.flush());
    }

    fn wants_color(&self, terminal: bool) -> bool {
        color::wanted(self.color, &self.environment, terminal)
    }
}
