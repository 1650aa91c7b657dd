//! Diagnostics for programs, and below, what commands write for them. These structs
//! are a public format: a change that is more than an addition needs a new version.

mod causes;
mod happenings;
mod logs;
mod stacks;
mod status;

use jiff::Timestamp;
use serde::Serialize;

use crate::ui::located::{Located, Spot};
use compose_model::Severity;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    /// The first is the place itself, the others explain it.
    labels: Vec<Label<'a>>,
}

/// Lines and columns count from 1, columns in characters. The end is that of
/// the first character after.
#[derive(Serialize)]
struct Label<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
    /// None where the file holds secrets, and for a place of over 4096 bytes.
    snippet: Option<&'a str>,
}

pub(crate) use causes::causes;
pub(crate) use happenings::happenings;
pub(crate) use logs::logs;
pub(crate) use stacks::stacks;
pub(crate) use status::status;

/// A moment as RFC 3339 writes it, in UTC.
type Time = Option<String>;

fn time(time: Option<Timestamp>) -> Time {
    time.map(|time| time.to_string())
}

/// All diagnostics as one document.
pub(super) fn diagnostics(located: &[Located<'_>]) -> String {
    write(&Report { version: 1, diagnostics: located.iter().map(diagnostic).collect() })
}

/// Writes JSON. Of the control characters JSON escapes only the first half, but
/// a terminal obeys the others too.
pub(super) fn write(document: &impl Serialize) -> String {
    escaped(&serde_json::to_string_pretty(document).expect("structs of strings are valid JSON"))
}

/// The same in one line.
fn line(document: &impl Serialize) -> String {
    escaped(&serde_json::to_string(document).expect("structs of strings are valid JSON"))
}

fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}' => escaped += &format!("\\u{:04x}", u32::from(c)),
            c => escaped.push(c),
        }
    }
    escaped + "\n"
}

/// The name of a severity, here and in SARIF.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn diagnostic<'a>(located: &'a Located<'_>) -> Diagnostic<'a> {
    Diagnostic {
        code: located.code,
        severity: severity(located.severity),
        message: &located.message,
        help: located.help.as_deref(),
        labels: located.spots.iter().map(label).collect(),
    }
}

fn label<'a>(spot: &'a Spot<'_>) -> Label<'a> {
    Label {
        file: &spot.name,
        line: spot.start.line,
        column: spot.start.column,
        end_line: spot.end.line,
        end_column: spot.end.column,
        text: &spot.remark,
        snippet: spot.snippet(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample::Files;
    use compose_model::Diagnostic as Problem;

    #[test]
    fn the_format_is_stable() {
        let (mut files, file) = Files::one("/app/compose.yaml", "a: ü\u{9b}x\n");
        let secret = files.add_secret(".env", "KEY=hunter2");
        let problem = Problem::error("test::json", "wrong \u{9b}")
            .at(files.find(file, "ü\u{9b}x"), "this")
            .at(files.find(secret, "hunter2"), "from here")
            .help("do not");
        let warning = Problem::warning("test::bare", "nowhere");
        insta::assert_snapshot!(files.render(&[warning, problem], diagnostics), @r#"
        {
          "version": 1,
          "diagnostics": [
            {
              "code": "test::json",
              "severity": "error",
              "message": "wrong \u009b",
              "help": "do not",
              "labels": [
                {
                  "file": "compose.yaml",
                  "line": 1,
                  "column": 4,
                  "end_line": 1,
                  "end_column": 7,
                  "text": "this",
                  "snippet": "ü\u009bx"
                },
                {
                  "file": ".env",
                  "line": 1,
                  "column": 5,
                  "end_line": 1,
                  "end_column": 12,
                  "text": "from here",
                  "snippet": null
                }
              ]
            },
            {
              "code": "test::bare",
              "severity": "warning",
              "message": "nowhere",
              "help": null,
              "labels": []
            }
          ]
        }
        "#);
    }

    #[test]
    fn no_diagnostics_are_a_report_too() {
        insta::assert_snapshot!(diagnostics(&[]), @r#"
        {
          "version": 1,
          "diagnostics": []
        }
        "#);
    }
}
