//! The lines of a text that is not YAML yet.

use std::ops::Range;

/// A text by its lines.
pub(super) struct Lines<'t>(pub(super) &'t str);

/// A line without its line break.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
}

impl<'t> Lines<'t> {
    pub(super) fn iter(&self) -> impl Iterator<Item = Line<'t>> {
        let mut start = 0;
        self.0.split('\n').map(move |line| {
            let text = line.strip_suffix('\r').unwrap_or(line);
            let found = Line { start, text };
            start += line.len() + 1;
            found
        })
    }

    /// The line that a byte lies in.
    pub(super) fn at(&self, offset: usize) -> Line<'t> {
        let start = self.0[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let text = &self.0[start..start + line_length(self.0, start)];
        Line { start, text: text.strip_suffix('\r').unwrap_or(text) }
    }

    /// The lines above, the nearest first.
    pub(super) fn before(&self, line: &Line<'_>) -> impl Iterator<Item = Line<'t>> {
        let mut end = line.start;
        std::iter::from_fn(move || {
            let line = self.at(end.checked_sub(1)?);
            end = line.start;
            Some(line)
        })
    }

    /// The lines below, the nearest first.
    pub(super) fn after(&self, line: &Line<'_>) -> impl Iterator<Item = Line<'t>> {
        let mut start = line.start;
        std::iter::from_fn(move || {
            start += self.0.get(start..)?.find('\n')? + 1;
            Some(self.at(start))
        })
    }

    /// The columns in which mappings and lists that are open above a line began.
    pub(super) fn open_columns(&self, line: &Line<'_>) -> Vec<usize> {
        let mut open: Vec<usize> = Vec::new();
        for above in self.before(line).filter(|line| !line.is_blank()) {
            for column in [above.column(), above.indent()] {
                if open.last().is_none_or(|last| column < *last) {
                    open.push(column);
                }
            }
        }
        open
    }
}

fn line_length(text: &str, start: usize) -> usize {
    text[start..].find('\n').unwrap_or(text.len() - start)
}

impl Line<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Whether it says nothing.
    pub(super) fn is_blank(&self) -> bool {
        let text = self.text.trim_start();
        text.is_empty() || text.starts_with('#')
    }

    /// Whether it begins an item of a list.
    pub(super) fn is_item(&self) -> bool {
        self.text.trim_start().starts_with("- ")
    }

    pub(super) fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    /// Without its indentation, and without a comment.
    pub(super) fn content(&self) -> Range<usize> {
        let end = self.content_end();
        (self.start + self.indent()).min(end)..end
    }

    /// As [`content`](Self::content), without `- ` before it.
    pub(super) fn entry(&self) -> Range<usize> {
        let end = self.content_end();
        (self.start + self.column()).min(end)..end
    }

    /// Where what is behind `- ` begins, counted from the line's start.
    pub(super) fn column(&self) -> usize {
        let mut column = self.indent();
        while let Some(rest) = self.text[column..].strip_prefix("- ") {
            column = self.text.len() - rest.trim_start_matches(' ').len();
        }
        column
    }

    pub(super) fn content_end(&self) -> usize {
        let end = self.text.find(" #").unwrap_or(self.text.len());
        self.start + self.text[..end].trim_end().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_both_directions() {
        let lines = Lines("a:\r\n  - b: 1 # one\r\n\r\n    c: 2");
        let texts: Vec<_> = lines.iter().map(|line| (line.start, line.text)).collect();
        assert_eq!(texts, [(0, "a:"), (4, "  - b: 1 # one"), (20, ""), (22, "    c: 2")]);
        let second = lines.at(9);
        assert_eq!(&lines.0[second.entry()], "b: 1");
        assert_eq!(lines.after(&second).count(), 2);
        assert_eq!(lines.before(&lines.at(25)).count(), 3);
        assert_eq!(lines.open_columns(&lines.at(25)), [4, 2, 0]);
    }
}
