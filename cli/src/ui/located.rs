//! Diagnostics whose labels were looked up in the files: what every format
//! renders.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use compose_model::{Diagnostic, Document, FileId, Position, Severity, Source};

use crate::ui::plain;

/// A diagnostic whose labels were looked up.
pub(super) struct Located<'a> {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    /// As the diagnostic has it, unless it is long.
    pub(super) message: Cow<'a, str>,
    /// As the diagnostic has it, unless it is long.
    pub(super) help: Option<Cow<'a, str>>,
    /// The first is the place itself. Labels that are nowhere are left out.
    pub(super) spots: Vec<Spot<'a>>,
}

/// A label that was found in a file.
pub(super) struct Spot<'a> {
    /// What to say about it, as the label has it, unless that is long.
    pub(super) remark: Cow<'a, str>,
    /// Whether this is the place itself.
    pub(super) primary: bool,
    pub(super) file: FileId,
    /// The file's name as seen from the current folder.
    pub(super) name: String,
    pub(super) start: Position,
    pub(super) end: Position,
    /// Whole characters of the file's text, in bytes.
    pub(super) range: Range<usize>,
    source: &'a Source,
}

impl<'a> Spot<'a> {
    /// The file's text, unless it holds secrets. No renderer gets at it in
    /// another way.
    pub(super) fn text(&self) -> Option<&'a str> {
        (!self.source.secret).then_some(&self.source.text)
    }

    /// The characters that it points at, unless the file holds secrets, or they
    /// are many: a report must not grow with each time that they are told.
    pub(super) fn snippet(&self) -> Option<&'a str> {
        let snippet = self.text().map(|text| &text[self.range.clone()]);
        snippet.filter(|snippet| snippet.len() <= LONGEST_SNIPPET)
    }
}

/// The longest snippet in a report, in bytes.
const LONGEST_SNIPPET: usize = 4096;

/// Looks up every label; orders the diagnostics by file and position. One
/// without a place comes last.
pub(super) fn sorted<'a>(
    document: &'a Document,
    diagnostics: &'a [Diagnostic],
    working_dir: Option<&Path>,
) -> Vec<Located<'a>> {
    let mut located: Vec<_> =
        diagnostics.iter().map(|diagnostic| locate(document, diagnostic, working_dir)).collect();
    located.sort_by(by_place);
    located
}

fn by_place(left: &Located<'_>, right: &Located<'_>) -> Ordering {
    let place = |located: &Located<'_>| {
        located.spots.first().map(|spot| (spot.file, spot.range.start, spot.range.end))
    };
    match (place(left), place(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

fn locate<'a>(
    document: &'a Document,
    diagnostic: &'a Diagnostic,
    working_dir: Option<&Path>,
) -> Located<'a> {
    let labels = diagnostic.labels.iter();
    let found = labels.filter_map(|label| Some((label, document.span(&label.place)?)));
    let spots = found.enumerate().map(|(position, (label, span))| {
        let source = document.sources().get(span.file);
        Spot {
            remark: plain::short(&label.text),
            primary: position == 0,
            file: span.file,
            name: shown(&source.name, working_dir),
            start: document.sources().start(span),
            end: document.sources().end(span),
            range: whole(&source.text, span.start as usize..span.end as usize),
            source,
        }
    });
    Located {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: plain::short(&diagnostic.message),
        help: diagnostic.help.as_deref().map(plain::short),
        spots: spots.collect(),
    }
}

/// A span that points between the bytes of a character, or past the end, is a
/// mistake of ours that must not cost the user the message.
fn whole(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start);
    start..text.ceil_char_boundary(range.end).max(start)
}

/// A file's name as seen from the current folder, where that is shorter.
pub(super) fn shown(name: &Path, working_dir: Option<&Path>) -> String {
    if name == Path::new("-") {
        return "<stdin>".to_owned();
    }
    let full = name.display().to_string();
    match working_dir.and_then(|from| relative(name, from)) {
        Some(relative) if relative.as_os_str().len() < full.len() => relative.display().to_string(),
        Some(_) | None => full,
    }
}

fn relative(name: &Path, from: &Path) -> Option<PathBuf> {
    if !name.is_absolute() || !from.is_absolute() {
        return None;
    }
    let common = name.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    Some(up.chain(name.components().skip(common)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_where_that_is_shorter() {
        let cases = [
            ("/home/me/app/compose.yaml", "compose.yaml"),
            ("/home/me/app/sub/compose.yaml", "sub/compose.yaml"),
            ("/home/me/compose.yaml", "../compose.yaml"),
            ("/etc/c.yaml", "/etc/c.yaml"),
            ("sub/compose.yaml", "sub/compose.yaml"),
            ("-", "<stdin>"),
        ];
        for (name, expected) in cases {
            assert_eq!(shown(Path::new(name), Some(Path::new("/home/me/app"))), expected);
        }
    }

    #[test]
    fn a_span_is_widened_to_whole_characters() {
        assert_eq!(whole("aüb", 2..2), 1..3);
        assert_eq!(whole("aüb", 1..3), 1..3);
        assert_eq!(whole("a", 5..9), 1..1);
    }
}
