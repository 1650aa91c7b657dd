//! Rewrites what stands between brackets, where Docker's parser reads more than ours.
//!
//! Docker's lets the lines of `[…]`, `{…}` and quotes begin anywhere, and files
//! in the wild close a bracket in the column of its key. Ours follows YAML 1.2,
//! which wants them deeper than that. White space at the beginning of such a
//! line means nothing, so a text that was refused for it can be tried once more
//! with some added.
//!
//! Docker's reads the colon of `{image: x:}` as part of the word before it, since
//! no white space follows. Ours takes the word for a key; quotes around it make
//! it a word again.

/// More white space than a file needs that is not made to be hard to read.
const MAX_ADDED: usize = 16 << 20;

/// A text with something added, and the way back to the places of the original.
#[derive(Debug, Default)]
pub(super) struct Moved {
    pub(super) text: String,
    added: Vec<Added>,
}

/// White space at the beginning of a line, or a quote.
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

    fn add(&mut self, addition: Addition) {
        let start = self.text.len();
        match addition {
            Addition::Spaces(spaces) => self.text.extend(std::iter::repeat_n(' ', spaces)),
            Addition::Quote => self.text.push('\''),
        }
        let end = self.text.len();
        let total = self.added.last().map_or(0, |last| last.total) + end - start;
        self.added.push(Added { start, end, total });
    }
}

/// The text with its flow lines moved; nothing if it has none.
pub(super) fn indent(text: &str) -> Option<Moved> {
    let additions = scan(text);
    (!additions.is_empty()).then(|| rewrite(text, additions))
}

/// The text with its flow lines moved and the words that end with a colon
/// quoted; nothing if it has no such words, as most have.
pub(super) fn quote(text: &str) -> Option<Moved> {
    let may_have = |pair: &[u8]| pair[0] == b':' && matches!(pair[1], b',' | b']' | b'}');
    if !text.as_bytes().windows(2).any(may_have) {
        return None;
    }
    let additions = scan(text);
    let quotes = additions.iter().any(|(_, addition)| matches!(addition, Addition::Quote));
    quotes.then(|| rewrite(text, additions))
}

fn rewrite(text: &str, additions: Vec<(usize, Addition)>) -> Moved {
    let mut moved = Moved::default();
    let mut start = 0;
    for (at, addition) in additions {
        moved.text.push_str(&text[start..at]);
        moved.add(addition);
        start = at;
    }
    moved.text.push_str(&text[start..]);
    moved
}

/// What to add to a text, and where; nothing if that would be too much.
fn scan(text: &str) -> Vec<(usize, Addition)> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, parent: 0, additions: Vec::new() };
    scanner.document();
    let spaces = scanner.additions.iter().map(|(_, addition)| match addition {
        Addition::Spaces(spaces) => *spaces,
        Addition::Quote => 1,
    });
    if spaces.sum::<usize>() > MAX_ADDED { Vec::new() } else { scanner.additions }
}

/// What is added to a text.
#[derive(Debug, Clone, Copy)]
enum Addition {
    /// So many at the beginning of a line.
    Spaces(usize),
    /// Before or after a word.
    Quote,
}

/// Knows just enough of YAML to tell where brackets and quotes are open.
struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The column of what the brackets or quotes belong to.
    parent: usize,
    additions: Vec<(usize, Addition)>,
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
            self.additions.push((self.at, Addition::Spaces(self.parent + 1)));
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
        // Whether a quote would begin a value here, and not stand inside of a word.
        let mut begins = true;
        while self.at < self.bytes.len() {
            match self.peek() {
                b'\n' => self.break_inside(),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' if self.after_space(0) => self.skip_line(),
                b'"' | b'\'' if begins => {
                    self.quoted();
                    begins = false;
                }
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                    begins = true;
                }
                b']' | b'}' => {
                    depth -= 1;
                    self.at += 1;
                    begins = false;
                    if depth == 0 {
                        return;
                    }
                }
                b',' => {
                    self.at += 1;
                    begins = true;
                }
                b':' if !begins || self.is_indicator() => {
                    self.at += 1;
                    begins = true;
                }
                _ => {
                    self.word(begins);
                    begins = false;
                }
            }
        }
    }

    /// What stands up to the next bracket, comma or `: `, on one line.
    fn word(&mut self, begins: bool) {
        let start = self.at;
        let mut end = self.at;
        while self.at < self.bytes.len() {
            match self.peek() {
                b'\n' | b'[' | b']' | b'{' | b'}' | b',' => break,
                b':' if self.is_indicator() => break,
                b'#' if self.after_space(0) => break,
                b' ' | b'\t' | b'\r' => self.at += 1,
                _ => {
                    self.at += 1;
                    end = self.at;
                }
            }
        }
        let word = &self.bytes[start..end];
        let bare = !matches!(word[0], b'&' | b'*' | b'!') && !word.contains(&b'\'');
        if begins && bare && word.ends_with(b":") {
            self.additions.push((start, Addition::Quote));
            self.additions.push((end, Addition::Quote));
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

    /// The text with `>` where something is added.
    fn marked(text: &str) -> String {
        let mut marked = text.to_owned();
        for (at, _) in scan(text).iter().rev() {
            marked.insert(*at, '>');
        }
        marked
    }

    #[test]
    fn words_that_end_with_a_colon_are_quoted_between_brackets() {
        let cases = [
            ("{image: x:}", Some("{image: 'x:'}")),
            ("[a:, b:c, :d, ::]", Some("['a:', b:c, :d, '::']")),
            ("{a b: , c d:}", Some("{a b: , 'c d:'}")),
            ("{a:}\nb: [\n c:]", Some("{'a:'}\nb: [\n  'c:']")),
            ("{\"a\":}", None),
            ("{a: b, c: [d]}", None),
            ("a: b:, c", None),
            ("{it's:}", None),
            ("{&a b:}", None),
            ("{\"a\"#b:}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(quote(text).map(|moved| moved.text).as_deref(), expected, "{text:?}");
        }
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
