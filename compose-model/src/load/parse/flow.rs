//! Moves the lines of `[…]`, `{…}` and quotes to the right.
//!
//! Docker's parser lets such lines begin anywhere, and files in the wild close
//! a bracket in the column of its key. Ours follows YAML 1.2, which wants them
//! deeper than that. White space at the beginning of such a line means nothing,
//! so a text that was refused for it can be tried once more with some added.

/// More white space than a file needs that is not made to be hard to read.
const MAX_ADDED: usize = 16 << 20;

/// A text with lines moved, and the way back to the places of the original.
#[derive(Debug, Default)]
pub(super) struct Moved {
    pub(super) text: String,
    added: Vec<Added>,
}

/// White space at the beginning of a line.
#[derive(Debug, Clone, Copy)]
struct Added {
    /// Where it begins, in bytes of the new text.
    start: usize,
    /// Where it ends.
    end: usize,
    /// How much there is up to its end.
    total: usize,
}

impl Moved {
    /// The place in the original of a byte in the new text.
    pub(super) fn original(&self, byte: usize) -> usize {
        let before = self.added.partition_point(|added| added.end <= byte);
        let total = before.checked_sub(1).map_or(0, |last| self.added[last].total);
        let inside = self.added.get(before).map_or(0, |added| byte.saturating_sub(added.start));
        byte - total - inside
    }

    fn add(&mut self, spaces: usize) {
        let start = self.text.len();
        let total = self.added.last().map_or(0, |last| last.total) + spaces;
        self.text.extend(std::iter::repeat_n(' ', spaces));
        self.added.push(Added { start, end: start + spaces, total });
    }
}

/// The text with its flow lines moved; nothing if it has none.
pub(super) fn indent(text: &str) -> Option<Moved> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, parent: 0, lines: Vec::new() };
    scanner.document();
    let added: usize = scanner.lines.iter().map(|(_, spaces)| spaces).sum();
    if scanner.lines.is_empty() || added > MAX_ADDED {
        return None;
    }
    let mut moved = Moved::default();
    let mut start = 0;
    for (line, spaces) in scanner.lines {
        moved.text.push_str(&text[start..line]);
        moved.add(spaces);
        start = line;
    }
    moved.text.push_str(&text[start..]);
    Some(moved)
}

/// Knows just enough of YAML to tell where brackets and quotes are open.
struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The column of what the brackets or quotes belong to.
    parent: usize,
    /// Where lines begin that begin inside of something, and how far to move them.
    lines: Vec<(usize, usize)>,
}

impl Scanner<'_> {
    fn document(&mut self) {
        while self.at < self.bytes.len() {
            self.block_line();
        }
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(b'\n')
    }

    /// A line outside of brackets, with all that begins on it.
    fn block_line(&mut self) {
        let line = self.at;
        self.parent = 0;
        let mut begins = true;
        while self.at < self.bytes.len() && self.peek() != b'\n' {
            let column = self.at - line;
            match self.peek() {
                b' ' | b'\t' => self.at += 1,
                b'#' if self.after_space(line) => self.skip_line(),
                b'-' | b'?' if begins && self.is_indicator() => {
                    self.parent = column;
                    self.at += 1;
                }
                b'"' | b'\'' if begins => {
                    self.quoted();
                    begins = false;
                }
                b'[' | b'{' if begins => {
                    self.flow();
                    begins = false;
                }
                b'|' | b'>' if begins => return self.block_scalar(),
                b'&' | b'*' | b'!' if begins => self.skip_word(),
                b':' if self.is_indicator() => {
                    self.at += 1;
                    begins = true;
                }
                _ => {
                    if begins {
                        self.parent = column;
                    }
                    begins = false;
                    self.at += 1;
                }
            }
        }
        self.at += 1;
    }

    fn after_space(&self, line: usize) -> bool {
        self.at == line || matches!(self.bytes[self.at - 1], b' ' | b'\t')
    }

    /// Whether white space follows, so that this is no part of a word.
    fn is_indicator(&self) -> bool {
        self.bytes.get(self.at + 1).is_none_or(u8::is_ascii_whitespace)
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && self.peek() != b'\n' {
            self.at += 1;
        }
    }

    fn skip_word(&mut self) {
        while !self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// A line break inside of something: the line after it can be moved.
    fn break_inside(&mut self) {
        self.at += 1;
        if !matches!(self.peek(), b'\n' | b'\r') && self.at < self.bytes.len() {
            self.lines.push((self.at, self.parent + 1));
        }
    }

    fn quoted(&mut self) {
        let quote = self.peek();
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.peek() {
                b'\\' if quote == b'"' && self.bytes.get(self.at + 1) != Some(&b'\n') => {
                    self.at += 2;
                }
                b'\'' if quote == b'\'' && self.bytes.get(self.at + 1) == Some(&b'\'') => {
                    self.at += 2;
                }
                b'\n' => self.break_inside(),
                byte => {
                    self.at += 1;
                    if byte == quote {
                        return;
                    }
                }
            }
        }
    }

    fn flow(&mut self) {
        let mut depth = 0_usize;
        let mut begins = true;
        while self.at < self.bytes.len() {
            let byte = self.peek();
            match byte {
                b'\n' => {
                    self.break_inside();
                    continue;
                }
                b'#' if self.after_space(0) => {
                    self.skip_line();
                    continue;
                }
                b'"' | b'\'' if begins => {
                    self.quoted();
                    begins = false;
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth -= 1,
                _ => {}
            }
            begins = matches!(byte, b'[' | b'{' | b',' | b':' | b' ' | b'\t')
                && (begins || byte != b' ');
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Skips the lines of `|` and `>`, which are deeper than what they belong to.
    fn block_scalar(&mut self) {
        self.skip_line();
        self.at += 1;
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            let indent = rest.iter().take_while(|byte| **byte == b' ').count();
            let blank = matches!(rest.get(indent), None | Some(b'\n' | b'\r'));
            if !blank && indent <= self.parent {
                return;
            }
            self.skip_line();
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with moved lines marked by `>`.
    fn marked(text: &str) -> String {
        let mut marked = text.to_owned();
        for added in indent(text).map(|moved| moved.added).unwrap_or_default().iter().rev() {
            marked.insert(added.end - added.total, '>');
        }
        marked
    }

    #[test]
    fn only_lines_inside_of_brackets_and_quotes_are_moved() {
        let cases = [
            ("a: [\n1\n]\nb: 2\n", "a: [\n>1\n>]\nb: 2\n"),
            ("a: {b: [1,\n2]}\nc: 3", "a: {b: [1,\n>2]}\nc: 3"),
            ("a: \"x\ny\"\nb: 'it''s\nz'\n", "a: \"x\n>y\"\nb: 'it''s\n>z'\n"),
            ("a: |\n  [\n  x\nb: [ # [\n]", "a: |\n  [\n  x\nb: [ # [\n>]"),
            ("- k: |\n    [\n  o: [\n]", "- k: |\n    [\n  o: [\n>]"),
            ("a: it's [\nb: x]y\n", "a: it's [\nb: x]y\n"),
            ("a: [it's,\nb]\n", "a: [it's,\n>b]\n"),
            ("a: &x !t [\n]\n", "a: &x !t [\n>]\n"),
            ("a: \"\\\"[\"\nb: 1\n", "a: \"\\\"[\"\nb: 1\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(marked(text), expected, "{text:?}");
        }
    }

    #[test]
    fn places_lead_back_to_the_original() {
        let text = "a: [\n1,\n2\n]\n";
        let moved = indent(text).expect("it has lines to move");
        for byte in ["1", "2", "]", "a"].map(|needle| text.find(needle).expect("it is there")) {
            let new = moved.text.find(&text[byte..=byte]).expect("it is there too");
            assert_eq!(moved.original(new), byte);
        }
    }
}
