//! Quotes and brackets of a text that is not YAML yet.

use std::ops::Range;

/// What is open at some place of a text.
#[derive(Default)]
pub(super) struct Scan {
    /// Where each `[` and `{` stands that is not closed, outermost first.
    pub(super) brackets: Vec<usize>,
    /// The last text in quotes, with its quotes.
    pub(super) quoted: Option<Range<usize>>,
}

impl Scan {
    /// Reads a text up to a byte.
    pub(super) fn new(text: &str, end: usize) -> Self {
        let mut scan = Self::default();
        let bytes = &text.as_bytes()[..end];
        let mut at = 0;
        // Whether a value can begin here: elsewhere quotes and brackets are text.
        let mut fresh = true;
        while at < end {
            let flow = !scan.brackets.is_empty();
            let blank_next = bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace);
            match bytes[at] {
                b'"' | b'\'' if fresh => {
                    let close = closing_quote(bytes, at);
                    scan.quoted = Some(at..close + 1);
                    at = close;
                    fresh = false;
                }
                b'[' | b'{' if fresh => scan.brackets.push(at),
                b']' | b'}' if flow => {
                    scan.brackets.pop();
                    fresh = false;
                }
                b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() => at = line_end(bytes, at),
                b'|' | b'>' if fresh && !flow => at = block_end(bytes, at),
                b'\n' => fresh = true,
                b',' if flow => fresh = true,
                b':' if blank_next || flow => fresh = true,
                b'-' if fresh && blank_next => {}
                b'&' | b'!' if fresh => at = word_end(bytes, at),
                byte if byte.is_ascii_whitespace() => {}
                _ => fresh = false,
            }
            at += 1;
        }
        scan
    }
}

fn closing_quote(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len().saturating_sub(1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, |byte| byte == b'\n').saturating_sub(1).max(at)
}

fn word_end(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, |byte| byte.is_ascii_whitespace()) - 1
}

fn find(bytes: &[u8], at: usize, test: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|byte| test(*byte)).map_or(bytes.len(), |length| at + length)
}

/// The end of a block of text: the lines that are indented deeper than its own.
fn block_end(bytes: &[u8], at: usize) -> usize {
    let indent = |start: usize| find(bytes, start, |byte| byte != b' ') - start;
    let own = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let mut end = find(bytes, at, |byte| byte == b'\n');
    while end < bytes.len() {
        let next = end + 1;
        let blank = bytes.get(next + indent(next)).is_none_or(u8::is_ascii_whitespace);
        if !blank && indent(next) <= indent(own) {
            break;
        }
        end = find(bytes, next.min(bytes.len()), |byte| byte == b'\n');
    }
    end.saturating_sub(1).max(at)
}

/// A text between quotes that leave it as it is.
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// As [`quoted`], of a text that has quotes in the wrong places: those at both ends
/// are kept, and those around a name and its value are not.
pub(super) fn requoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if inner.contains("\"=\"") => quoted(&inner.replace("\"=\"", "=")),
        Some(inner) if inner.matches('"').count() % 2 == 0 => quoted(inner),
        _ => quoted(text),
    }
}

/// Where in a text that begins with `"` an escape stands that YAML does not
/// know, and its length.
pub(super) fn bad_escape(text: &str) -> Option<(usize, usize)> {
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        if c == '\\' {
            let (_, escaped) = rest.next()?;
            let digits = match escaped {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                '0' | 'a' | 'b' | 't' | '\t' | 'n' | 'v' | 'f' | 'r' | 'e' | ' ' | '"' | '/'
                | '\\' | 'N' | '_' | 'L' | 'P' | '\n' | '\r' => 0,
                _ => return Some((at, 1 + escaped.len_utf8())),
            };
            let start = at + 2;
            let hexadecimal = text
                .get(start..start + digits)
                .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            if !hexadecimal {
                return Some((at, 2));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_found() {
        let cases: [(&str, &[usize]); 8] = [
            ("a: [b, {c", &[3, 7]),
            ("a: [b, {c: d}, ", &[3]),
            ("a: b[c", &[]),
            ("a: \"[\"", &[]),
            ("a: 'it''s [' # [", &[]),
            ("a: |\n  [x\nb: {", &[13]),
            ("- [\n  # ]\n  a", &[2]),
            ("a: !tag &name [", &[14]),
        ];
        for (text, expected) in cases {
            assert_eq!(Scan::new(text, text.len()).brackets, expected, "{text:?}");
        }
    }

    #[test]
    fn escapes_that_yaml_knows_are_not_told() {
        let cases =
            [(r#""\n\x41\"""#, None), (r#""C:\d""#, Some((3, 2))), (r#""\xZZ""#, Some((1, 2)))];
        for (text, expected) in cases {
            assert_eq!(bad_escape(text), expected, "{text}");
        }
    }
}
