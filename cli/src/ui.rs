//! The only printer. Data goes to standard output, everything else to standard
//! error.

mod age;
mod cause;
mod color;
mod diagnostics;
mod excerpt;
pub(crate) mod explained;
mod failure;
mod happenings;
pub(crate) mod json;
mod located;
mod log_lines;
mod plain;
pub(crate) mod planned;
pub(crate) mod progress;
#[cfg(test)]
mod sample;
#[cfg(test)]
pub(crate) mod sample_stack;
mod sarif;
mod services;
mod stacks;
mod table;
mod yaml;

use std::io::{self, Write};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use compose_model::{Diagnostic, Document, Environment, LoadError};
use ecs_apply::Evidence;

use crate::caller::Caller;
use crate::error::CliError;
use crate::interrupt::interrupted;
use crate::plugin;
use crate::process::{Process, Streams, typed_line};
use crate::project_args::{DiagnosticsFormat, When};
use crate::ui::cause::Form;
use crate::ui::failure::WARNING;

use self::progress::Screen;
pub(crate) use happenings::happenings;
pub(crate) use log_lines::{LogPrinter, LogStyle, elsewhere};
pub(crate) use services::services;
pub(crate) use stacks::stacks;
pub(crate) use table::table;
pub(crate) use yaml::yaml;

/// The only printer.
pub(crate) struct Ui {
    streams: Streams,
    environment: Environment,
    working_dir: Option<PathBuf>,
    caller: Caller,
    diagnostics: DiagnosticsFormat,
    color: When,
    /// What was told of the project last.
    told: String,
}

/// How a command writes what it is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// For people
    #[default]
    Text,
    /// One JSON document, versioned
    Json,
}

/// What else a command writes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// Nothing, so that a report for machines can go there.
    Free,
    /// The data that the command is for.
    Taken,
}

/// Who looks at standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether a terminal shows it, which obeys what it is told.
    pub(crate) terminal: bool,
    /// Whether colours are wanted.
    pub(crate) color: bool,
}

impl Ui {
    /// A printer for this process, until [`choose`](Self::choose) knows more.
    pub(crate) fn new(streams: Streams, process: &Process) -> Self {
        Self {
            streams,
            environment: process.environment.clone(),
            working_dir: process.working_dir.as_ref().ok().cloned(),
            caller: Caller::new(plugin::program(&process.arguments)),
            diagnostics: DiagnosticsFormat::default(),
            color: When::default(),
            told: String::new(),
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

    /// Who looks at standard output.
    pub(crate) fn look(&self) -> Look {
        let terminal = self.streams.terminal.output;
        Look { terminal, color: self.wants_color(terminal) }
    }

    /// Writes what the command is for, which has been made harmless.
    pub(crate) fn raw(&mut self, text: &str) -> Result<(), CliError> {
        self.write(text)
    }

    /// Tells what is going on, to people: text with colours.
    pub(crate) fn tell(&mut self, text: &str) {
        self.complain(text);
    }

    /// Writes what the command is for, with colours where somebody wants them.
    pub(crate) fn styled(&mut self, text: &str) -> Result<(), CliError> {
        if self.wants_color(self.streams.terminal.output) {
            self.write(text)
        } else {
            self.write(&anstream::adapter::strip_str(text).to_string())
        }
    }

    /// How large the terminal is that progress is drawn on, if it is on one.
    pub(crate) fn screen(&self) -> Option<Screen> {
        let terminal = &self.streams.terminal;
        terminal.errors.then_some(())?;
        Some(Screen { width: terminal.width?, height: terminal.height? })
    }

    /// Whether there is somebody to ask.
    pub(crate) fn is_watched(&self, process: &Process) -> bool {
        process.typed && self.streams.terminal.errors
    }

    /// Asks a question that is answered with yes or no. No answer is no, and so is Ctrl-C.
    pub(crate) async fn ask(&mut self, question: &str) -> bool {
        self.complain(&format!("{question} [y/N] "));
        let answer = tokio::select! {
            answer = typed_line() => answer,
            () = interrupted() => None,
        };
        answer.is_some_and(|answer| is_yes(&answer))
    }

    /// How somebody ran the program.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Knows more of how somebody ran the program.
    pub(crate) fn know(&mut self, learn: impl FnOnce(Caller) -> Caller) {
        self.caller = learn(std::mem::take(&mut self.caller));
    }

    /// Tells what people should know beside the data, in a sentence.
    pub(crate) fn note(&mut self, sentence: &str) {
        self.complain(&format!("{WARNING}note{WARNING:#}: {}\n", plain::text(sentence)));
    }

    /// Tells why a deployment failed, with all that says so: most of what is written
    /// while one watches is read from its end. It says where there is more in the logs of
    /// a stack, if they are still there.
    pub(crate) fn explain(&mut self, evidence: &Evidence, stack: Option<&str>) {
        let causes = ecs_apply::causes(evidence);
        let logs = stack.map(|stack| self.caller.logs(stack));
        self.complain(&cause::text(&causes, &evidence.unseen, logs.as_ref(), Form::Full));
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
                let text = diagnostics::text(&located, self.streams.terminal.width);
                // A command that looks at its project again has nothing new to say of it.
                if self.told != text {
                    self.complain(&text);
                    self.told = text;
                }
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
            // Whoever typed it knows.
            CliError::Interrupted => self.tell("\n"),
            CliError::Load(_)
            | CliError::OutOfTime
            | CliError::Write { .. }
            | CliError::ReadFacts { .. }
            | CliError::WrongFacts { .. }
            | CliError::StandardInput { .. }
            | CliError::NotText
            | CliError::StandardOutput { .. }
            | CliError::ReadTemplate { .. }
            | CliError::WrongTemplate { .. }
            | CliError::OthersTemplate { .. }
            | CliError::NoSecret { .. }
            | CliError::LongSecret { .. }
            | CliError::Unbuilt { .. }
            | CliError::Build(_)
            | CliError::Aws(_)
            | CliError::NoPlace { .. }
            | CliError::Deploy(_)
            | CliError::NoStack { .. }
            | CliError::NoService { .. }
            | CliError::Runtime { .. }
            | CliError::WorkingDirectory { .. } => self.failure(error),
        }
    }

    /// Programs that asked for a report get one also when nothing was loaded.
    fn failure(&mut self, error: &CliError) {
        match (self.diagnostics, failure::diagnostic(error, &self.caller)) {
            (DiagnosticsFormat::Json | DiagnosticsFormat::Sarif, Some(diagnostic)) => {
                let _ = self.diagnostics(&Document::default(), &[diagnostic], Output::Free);
            }
            (DiagnosticsFormat::Text, _) | (_, None) => {
                self.complain(&failure::text(error, &self.caller))
            }
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
        // Standard error has no buffer, and a stream without colours writes every
        // piece between two of them.
        let mut shown = AutoStream::new(Vec::with_capacity(text.len()), choice);
        let written = shown.write_all(text.as_bytes());
        let errors = &mut self.streams.errors;
        // A failure to complain cannot be complained about.
        let _: io::Result<()> = written
            .and_then(|()| errors.write_all(&shown.into_inner()))
            .and_then(|()| errors.flush());
    }

    fn wants_color(&self, terminal: bool) -> bool {
        color::wanted(self.color, &self.environment, terminal)
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use compose_model::Rejected;

    use super::*;
    use crate::process::Terminal;

    #[test]
    fn text_goes_to_standard_error() {
        let (mut ui, streams) = ui(DiagnosticsFormat::Text, When::Never, false);
        ui.error(&rejected());
        assert_eq!(streams.output(), "");
        assert!(streams.errors().starts_with("error[test::ui]: wrong\n"), "{}", streams.errors());
    }

    #[test]
    fn a_report_never_mixes_with_data() {
        let diagnostics = [Diagnostic::warning("test::ui", "odd")];
        for (output, expected) in [(Output::Free, true), (Output::Taken, false)] {
            let (mut ui, streams) = ui(DiagnosticsFormat::Json, When::Auto, false);
            ui.diagnostics(&Document::default(), &diagnostics, output).unwrap();
            assert_eq!(streams.output().starts_with('{'), expected);
            assert_eq!(streams.errors().starts_with('{'), !expected);
        }
    }

    #[test]
    fn a_rejection_is_reported_on_standard_output() {
        for format in [DiagnosticsFormat::Json, DiagnosticsFormat::Sarif] {
            let (mut ui, streams) = ui(format, When::Auto, false);
            ui.error(&rejected());
            assert!(streams.output().contains("test::ui"));
            assert_eq!(streams.errors(), "");
        }
    }

    #[test]
    fn a_failure_is_reported_as_a_rejection_is() {
        let missing = || CliError::Load(LoadError::NotFound { directory: "/app".into() });
        for format in [DiagnosticsFormat::Json, DiagnosticsFormat::Sarif] {
            let (mut ui, streams) = ui(format, When::Auto, false);
            ui.error(&missing());
            assert!(streams.output().contains("cli::file"));
            assert_eq!(streams.errors(), "");
        }
        let (mut ui, streams) = ui(DiagnosticsFormat::Text, When::Never, false);
        ui.error(&missing());
        assert_eq!(streams.output(), "");
        assert!(streams.errors().starts_with("error: no Compose file in /app"));
    }

    #[test]
    fn colours_are_used_when_asked_for() {
        for (color, expected) in [(When::Always, true), (When::Auto, false)] {
            let (mut ui, streams) = ui(DiagnosticsFormat::Text, color, false);
            ui.error(&rejected());
            assert_eq!(streams.errors().contains('\u{1b}'), expected);
        }
    }

    #[test]
    fn data_is_harmless_on_a_terminal_and_exact_in_a_pipe() {
        for (terminal, expected) in [(true, "a\\u{1b}c\n"), (false, "a\u{1b}c\n")] {
            let (mut ui, streams) = ui(DiagnosticsFormat::Text, When::Auto, terminal);
            ui.data("a\u{1b}c\n").unwrap();
            assert_eq!(streams.output(), expected);
        }
    }

    fn rejected() -> CliError {
        let diagnostics = vec![Diagnostic::error("test::ui", "wrong")];
        let rejected = Rejected { diagnostics, document: Document::default() };
        CliError::Load(LoadError::Invalid(Box::new(rejected)))
    }

    fn ui(format: DiagnosticsFormat, color: When, terminal: bool) -> (Ui, Written) {
        let written = Written::default();
        let streams = Streams {
            output: Box::new(written.0.clone()),
            errors: Box::new(written.1.clone()),
            terminal: Terminal { output: terminal, errors: terminal, width: None, height: None },
        };
        let process = Process {
            arguments: Vec::new(),
            environment: Environment::default(),
            working_dir: Ok("/app".into()),
            input: Box::new(io::empty()),
            typed: false,
        };
        let mut ui = Ui::new(streams, &process);
        ui.choose(format, color);
        (ui, written)
    }

    /// What was written to standard output and to standard error.
    #[derive(Default)]
    struct Written(Shared, Shared);

    impl Written {
        fn output(&self) -> String {
            self.0.text()
        }

        fn errors(&self) -> String {
            self.1.text()
        }
    }

    #[derive(Clone, Default)]
    struct Shared(Rc<RefCell<Vec<u8>>>);

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
