//! The texts that a project was read from, and places in them.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::OnceLock;

/// Which of the [`Sources`] a span lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A stretch of a source text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text that it lies in.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A line and a column for people: both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
}

/// One text that was read.
#[derive(Clone, PartialEq)]
pub struct Source {
    /// The file's path as it should be shown; `-` for standard input.
    pub name: PathBuf,
    /// All of it.
    pub text: String,
    /// Set for env files and the like: point at its lines, never print them.
    pub secret: bool,
}

/// Without the text: it is long, and may be secret.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Every text that a load read, in the order of reading.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<Indexed>);

#[derive(Debug, Clone)]
struct Indexed {
    source: Source,
    /// Where each line begins, once somebody asks for a position.
    lines: OnceLock<Vec<u32>>,
}

impl Sources {
    /// Keeps a text; the answer is its name from now on.
    pub fn add(&mut self, source: Source) -> FileId {
        self.0.push(Indexed { source, lines: OnceLock::new() });
        FileId(u32::try_from(self.0.len() - 1).expect("a load reads fewer than 2^32 files"))
    }

    /// The text behind an id that [`add`](Self::add) gave.
    pub fn get(&self, file: FileId) -> &Source {
        &self.0[file.0 as usize].source
    }

    /// Every text with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.0.iter().enumerate().map(|(index, known)| (FileId(index as u32), &known.source))
    }

    /// The id of the text that was read under this name, if any was.
    pub(crate) fn id(&self, name: &FilePath) -> Option<FileId> {
        self.iter().find(|(_, source)| source.name == name).map(|(id, _)| id)
    }

    /// The characters of a line that say something.
    pub(crate) fn line(&self, file: FileId, line: usize) -> Span {
        let known = &self.0[file.0 as usize];
        let text = &known.source.text;
        let starts = known.lines();
        let start = starts.get(line.max(1) - 1).map_or(text.len(), |start| *start as usize);
        let length = text[start..].lines().next().map_or(0, |line| line.trim_end().len());
        Span { file, start: start as u32, end: (start + length) as u32 }
    }

    /// The characters that a span covers.
    pub fn snippet(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Where a span begins.
    pub fn start(&self, span: Span) -> Position {
        self.0[span.file.0 as usize].position(span.start)
    }

    /// Where a span ends: the position of the first character after it.
    pub fn end(&self, span: Span) -> Position {
        self.0[span.file.0 as usize].position(span.end)
    }
}

impl Indexed {
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| line_starts(self.source.text.as_bytes()))
    }

    fn position(&self, offset: u32) -> Position {
        let text = self.source.text.as_bytes();
        let offset = (offset as usize).min(text.len());
        let lines = self.lines();
        let line = lines.partition_point(|start| *start as usize <= offset);
        let start = lines[line - 1] as usize;
        // Counting the bytes that begin a character also serves an offset inside one.
        let column = text[start..offset].iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
        Position { line, column }
    }
}

fn line_starts(text: &[u8]) -> Vec<u32> {
    let after = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    std::iter::once(0).chain(after.map(|(index, _)| index as u32 + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let file =
            sources.add(Source { name: "a".into(), text: "a: ü\nbé: x".into(), secret: false });
        let span = Span { file, start: 11, end: 12 };
        assert_eq!(sources.snippet(span), "x");
        assert_eq!(sources.start(span), Position { line: 2, column: 5 });
        assert_eq!(sources.end(span), Position { line: 2, column: 6 });
    }
}
