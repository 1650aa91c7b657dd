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
    /// Once somebody asks for a position.
    index: OnceLock<Index>,
}

/// What is known of a text, so that nobody counts from its beginning.
#[derive(Debug, Clone, Default)]
struct Index {
    /// Where each line begins.
    lines: Vec<u32>,
    /// Places in lines that are long, and how many characters of the line come
    /// before each.
    marks: Vec<(u32, u32)>,
}

/// How many bytes of a line go by without a mark.
const STRIDE: usize = 512;

impl Sources {
    /// Keeps a text; the answer is its name from now on.
    pub fn add(&mut self, source: Source) -> FileId {
        self.0.push(Indexed { source, index: OnceLock::new() });
        FileId(u32::try_from(self.0.len() - 1).expect("a load reads fewer than 2^32 files"))
    }

    /// The text behind an id that [`add`](Self::add) gave.
    pub fn get(&self, file: FileId) -> &Source {
        &self.0[file.0 as usize].source
    }

    /// A text to change. Its lines and characters must stay where they are.
    pub(crate) fn text_mut(&mut self, file: FileId) -> &mut String {
        &mut self.0[file.0 as usize].source.text
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
        let starts = &known.index().lines;
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
    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self.source.text.as_bytes()))
    }

    fn position(&self, offset: u32) -> Position {
        let text = self.source.text.as_bytes();
        let offset = offset.min(text.len() as u32);
        let Index { lines, marks } = self.index();
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines[line - 1];
        let mark = marks[..marks.partition_point(|(mark, _)| *mark <= offset)].last();
        let (from, before) = mark.copied().filter(|(mark, _)| *mark > start).unwrap_or((start, 0));
        let counted = characters(&text[from as usize..offset as usize]);
        Position { line, column: (before + counted) as usize + 1 }
    }
}

impl Index {
    fn of(text: &[u8]) -> Self {
        let mut index = Self::default();
        let mut offset = 0;
        for line in text.split(|byte| *byte == b'\n') {
            index.lines.push(offset);
            index.mark(line, offset);
            offset += line.len() as u32 + 1;
        }
        index
    }

    fn mark(&mut self, line: &[u8], start: u32) {
        let mut before = 0;
        for (number, stretch) in (1..).zip(line.chunks_exact(STRIDE)) {
            before += characters(stretch);
            self.marks.push((start + number * STRIDE as u32, before));
        }
    }
}

/// Counting the bytes that begin a character also serves an end inside of one.
fn characters(text: &[u8]) -> u32 {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
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

    #[test]
    fn a_place_far_into_a_line_is_found_as_one_near_its_beginning() {
        let text = format!("first\n\n{}\r\n", "ü漢x".repeat(1000));
        let mut sources = Sources::default();
        let file = sources.add(Source { name: "a".into(), text: text.clone(), secret: false });
        for (offset, _) in text.char_indices() {
            let before = &text[..offset];
            let line = before.rsplit('\n').next().unwrap_or_default();
            let expected = Position {
                line: before.matches('\n').count() + 1,
                column: line.chars().count() + 1,
            };
            let span = Span { file, start: offset as u32, end: offset as u32 };
            assert_eq!(sources.start(span), expected, "at {offset}");
        }
    }

    #[test]
    fn a_line_is_found_by_its_number() {
        let text = format!("a\n{}  \nlast", "b".repeat(2000));
        let mut sources = Sources::default();
        let file = sources.add(Source { name: "a".into(), text, secret: false });
        let found = |line| sources.snippet(sources.line(file, line));
        assert_eq!((found(0), found(1), found(2).len()), ("a", "a", 2000));
        assert_eq!((found(3), found(4)), ("last", ""));
    }
}
