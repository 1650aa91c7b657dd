//! Tests in which a Compose file has carets where something is told.
//!
//! ```text
//! services:
//!   web:
//!     image: nginx
//!     privileged: true
//! #               ^^^^ error: what is wrong; help: what to type
//! ```
//!
//! What stands in the first column is marked from the second one on.

use compose_model::{Diagnostic, Loaded, Place, Request, Severity, load};

/// Holds what is told of a file against the carets in it.
#[track_caller]
pub(crate) fn check(marked: &str, tell: impl FnOnce(&Loaded, &mut Vec<Diagnostic>)) {
    let unmarked = marked.lines().filter(|line| !is_mark(line));
    let text: String = unmarked.map(|line| format!("{line}\n")).collect();
    let loaded = loaded(&text);
    let mut problems = Vec::new();
    tell(&loaded, &mut problems);
    let found = with_marks(&text, &loaded, &problems);
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

fn is_mark(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|line| line.trim_start().starts_with('^'))
}

fn with_marks(text: &str, loaded: &Loaded, problems: &[Diagnostic]) -> String {
    let mut lines: Vec<Vec<String>> = text.lines().map(|line| vec![line.to_owned()]).collect();
    for problem in problems {
        let place: &Place = &problem.labels.first().expect("every problem has a place").place;
        let span = loaded.document.span(place).expect("every place is in the file");
        let start = loaded.document.sources().start(span);
        let end =
            text[span.start as usize..span.end as usize].lines().next().unwrap_or_default().len();
        let indent = " ".repeat(start.column.saturating_sub(2));
        let carets = "^".repeat(end.max(1) - usize::from(start.column == 1));
        let severity = match problem.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let help = problem.help.as_ref().map(|help| format!("; help: {help}")).unwrap_or_default();
        let mark = format!("#{indent}{carets} {severity}: {}{help}", problem.message);
        lines[start.line - 1].push(mark);
    }
    lines.concat().iter().map(|line| format!("{line}\n")).collect()
}
