//! Tests of rules: a Compose file, with carets where something is told.
//!
//! ```text
//! services:
//!   web:
//!     image: nginx
//!     privileged: true
//! #               ^^^^ error: Fargate runs no privileged containers
//! #               help: remove it
//! ```
//!
//! Carets stand below the value, or below the key of a list or mapping. Lines with
//! `help:` may be left out, but then all of them. What stands in the first column
//! is marked from the second one on.

use compose_model::{Diagnostic, Document, Loaded, Request, Severity, load};

use crate::context::Context;
use crate::facts::Facts;
use crate::lower;
use crate::project::Capacity;
use crate::service::{Container, SearchDomain, Service};

/// Holds what is told of a Compose file against the carets in it.
#[track_caller]
pub(crate) fn check(marked: &str) {
    check_with(&Facts::none(), marked);
}

/// As [`check`], for a world of which something is known.
#[track_caller]
pub(crate) fn check_with(facts: &Facts, marked: &str) {
    check_told(marked, |loaded, told| *told = crate::check(loaded, facts).diagnostics);
}

/// As [`check`], for what one part of a check tells.
#[track_caller]
pub(crate) fn check_told(marked: &str, tell: impl FnOnce(&Loaded, &mut Vec<Diagnostic>)) {
    let text = without_marks(marked);
    let loaded = loaded(&text);
    let mut told = Vec::new();
    tell(&loaded, &mut told);
    let helps = marked.lines().any(|line| is_mark(line) && line.contains(" help: "));
    let found = with_marks(&text, &loaded.document, &told, helps);
    assert!(found == marked, "expected:\n{marked}\nfound:\n{found}");
}

/// A project from the text of its file.
#[track_caller]
pub(crate) fn loaded(text: &str) -> Loaded {
    let request = Request {
        working_dir: "/srv/shop".into(),
        files: vec!["-".into()],
        stdin: Some(text.to_owned()),
        ..Request::default()
    };
    load(&request).unwrap_or_else(|error| panic!("{error:?}"))
}

/// The services that a text comes to, and their machines; warnings are passed over.
#[track_caller]
pub(crate) fn services_with(facts: &Facts, text: &str) -> (Vec<Service>, Vec<Capacity>) {
    let loaded = loaded(text);
    let mut cx = Context::new(&loaded, facts);
    let lowered = lower::service::services(SearchDomain::default(), &mut cx);
    let errors: Vec<_> =
        cx.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    lowered
}

/// The only service of a text that has the lines as those of a service.
#[track_caller]
pub(crate) fn service(lines: &str) -> Service {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!("services:\n  web:\n    image: nginx\n{lines}");
    services_with(&Facts::none(), &text).0.remove(0)
}

/// Its first container.
#[track_caller]
pub(crate) fn container(lines: &str) -> Container {
    service(lines).containers.remove(0)
}

fn is_mark(line: &str) -> bool {
    let text = line.strip_prefix('#').map(str::trim_start).unwrap_or_default();
    text.starts_with('^') || text.starts_with("help: ")
}

fn without_marks(marked: &str) -> String {
    marked.lines().filter(|line| !is_mark(line)).map(|line| format!("{line}\n")).collect()
}

/// The text with a comment below each line that something is told of.
fn with_marks(text: &str, document: &Document, told: &[Diagnostic], helps: bool) -> String {
    let mut marks: Vec<_> =
        told.iter().flat_map(|problem| marks_of(document, problem, helps)).collect();
    marks.sort_by_key(|mark| (mark.line, mark.column));
    let mut marked = String::new();
    for (index, line) in text.lines().enumerate() {
        marked.push_str(line);
        marked.push('\n');
        for mark in marks.iter().filter(|mark| mark.line == index + 1) {
            marked.push_str(&mark.print());
        }
    }
    marked
}

struct Mark {
    line: usize,
    column: usize,
    width: usize,
    text: String,
    help: Option<String>,
}

fn marks_of(document: &Document, problem: &Diagnostic, helps: bool) -> Vec<Mark> {
    let word = match problem.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let labels = problem.labels.iter().enumerate();
    let mark = |(index, label): (usize, &compose_model::Label)| {
        let span = document.span(&label.place).expect("a label points into the project");
        let start = document.sources().start(span);
        let first = document.sources().snippet(span).lines().next().unwrap_or_default();
        let (text, help) = if index == 0 {
            (format!("{word}: {}", problem.message), problem.help.clone().filter(|_| helps))
        } else {
            (label.text.clone(), None)
        };
        let width = first.chars().count().max(1);
        Mark { line: start.line, column: start.column, width, text, help }
    };
    labels.map(mark).collect()
}

impl Mark {
    fn print(&self) -> String {
        let Self { column, width, text, help, .. } = self;
        let spaces = " ".repeat(column.saturating_sub(2));
        // The `#` stands where the first caret would.
        let carets = "^".repeat(if *column == 1 { (width - 1).max(1) } else { *width });
        let help = help.iter().map(|help| format!("#{spaces}help: {help}\n"));
        format!("{}\n{}", format!("#{spaces}{carets} {text}").trim_end(), help.collect::<String>())
    }
}
