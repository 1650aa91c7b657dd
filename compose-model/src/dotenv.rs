//! The grammar of env files: `.env`, and what `env_file` and `label_file` name.
//!
//! Nothing here repeats a value in an error, as values may be secrets.

use std::borrow::Cow;
use std::ops::Range;

use indexmap::IndexMap;
use thiserror::Error;

use crate::template::{self, TemplateError, Variables};

/// What is wrong with an env file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} {kind}")]
pub struct DotenvError {
    /// Where the offending entry begins; the first line is 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: DotenvProblem,
    /// Where in the text, in bytes.
    pub at: Range<usize>,
}

/// What is wrong with an entry of an env file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DotenvProblem {
    /// Something that no name has.
    #[error("has {0:?} in the name of a variable; write `NAME=value`")]
    Character(char),
    /// A space or, in a raw file, a tab inside a name.
    #[error("has a space in the name of a variable; write `NAME=value`")]
    Space,
    /// No name where one belongs.
    #[error("has no name for its variable; write `NAME=value`")]
    NoName,
    /// A quote that the rest of the file does not close.
    #[error(
        "begins the value of {key} with a quote that nothing closes; close it where the value ends"
    )]
    Unterminated {
        /// The variable.
        key: String,
    },
    /// `${` that begins no variable.
    #[error(
        "has a `${{` that begins no variable in the value of {key}; write `$$` for a plain `$`"
    )]
    Invalid {
        /// The variable.
        key: String,
    },
    /// `${NAME`, and no brace to close it.
    #[error("has a `${{` that no `}}` closes in the value of {key}; write `$$` for a plain `$`")]
    Unclosed {
        /// The variable.
        key: String,
    },
    /// `${NAME:?}`, without a value.
    #[error(
        "uses the variable {name}, which must be set{}{reason}; set it above, or in the environment",
        if reason.is_empty() { "" } else { ": " }
    )]
    Required {
        /// The variable.
        key: String,
        /// The variable that it needs.
        name: String,
        /// What its author has to say about it; empty if that uses variables,
        /// as their values may be secrets.
        reason: String,
    },
    /// Defaults inside defaults inside defaults.
    #[error("has variables nested too deep in the value of {key}")]
    TooDeep {
        /// The variable.
        key: String,
    },
    /// A value that repeats others too often, or that is too much with those
    /// before it.
    #[error("makes the value of {key}, or all values together, too long; use fewer variables")]
    TooLong {
        /// The variable.
        key: String,
    },
}

/// A variable that a value uses, and that nothing sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// Its name.
    pub name: String,
    /// Where the entry that uses it begins; the first line is 1.
    pub line: usize,
}

/// Reads an env file, adding to what earlier files gave.
///
/// Values may use variables. The lookup comes before what was read so far, and
/// also gives values to names that stand alone. Variables that were missed are
/// returned.
///
/// ```
/// use compose_model::dotenv;
/// use indexmap::IndexMap;
///
/// let mut values = IndexMap::new();
/// dotenv::parse("HOST=db\nURL=\"http://${HOST}\" # where", &mut values, &|_| None)?;
/// assert_eq!(values["URL"], "http://db");
/// # Ok::<(), dotenv::DotenvError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file-format>
///
/// # Errors
///
/// The first entry that is wrong; those before it have been added.
pub fn parse(
    text: &str,
    values: &mut IndexMap<String, String>,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Unset>, DotenvError> {
    let mut reader = Reader { text, rest: without_mark(text), line: 1 };
    let mut unset = Vec::new();
    let mut room = LENGTH_LIMIT;
    while reader.find_entry() {
        let line = reader.line;
        let mut scope = Scope { values: &*values, lookup, unset: &mut unset, line };
        let start = reader.position();
        let entry = read_entry(&mut reader, &mut scope);
        let (key, value) = entry.map_err(|Failure { kind, at }| DotenvError { line, kind, at })?;
        let Some(value) = value else { continue };
        let Some(left) = room.checked_sub(value.len()) else {
            let at = start..reader.position();
            return Err(DotenvError { line, kind: DotenvProblem::TooLong { key }, at });
        };
        room = left;
        values.insert(key, value);
    }
    Ok(unset)
}

/// Reads an env file of the format `raw`: one `NAME=value` a line, taken as it
/// is, quotes and all. A name alone is looked up.
///
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file>
///
/// # Errors
///
/// The first line that is wrong; those before it have been added.
pub fn parse_raw(
    text: &str,
    values: &mut IndexMap<String, String>,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<(), DotenvError> {
    let mut next = text.len() - without_mark(text).len();
    for (index, line) in without_mark(text).split('\n').enumerate() {
        let start = next + (line.len() - line.trim_start().len());
        next += line.len() + 1;
        let entry = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if entry.is_empty() || entry.starts_with('#') {
            continue;
        }
        let entry = raw_entry(entry, lookup).map_err(|kind| DotenvError {
            line: index + 1,
            kind,
            at: start..start + name_length(entry).max(1),
        });
        let (key, value) = entry?;
        if let Some(value) = value {
            values.insert(key, value);
        }
    }
    Ok(())
}

/// How long the values of a file may be together, those that later ones replace
/// included: a value repeats others at little cost, and many can do so. Raw
/// values repeat nothing.
const LENGTH_LIMIT: usize = 16 * 1024 * 1024;

/// A name, and its value if it has one.
type Entry = (String, Option<String>);

/// Editors on Windows begin files with this mark.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn raw_entry(entry: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Entry, DotenvProblem> {
    let (key, value) = match entry.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (entry, None),
    };
    if key.is_empty() {
        return Err(DotenvProblem::NoName);
    }
    if key.contains([' ', '\t']) {
        return Err(DotenvProblem::Space);
    }
    Ok((key.to_owned(), value.or_else(|| lookup(key))))
}

/// Why an entry cannot be read, and where in the text.
struct Failure {
    kind: DotenvProblem,
    at: Range<usize>,
}

/// What an entry has before its value, or before the end of its line.
fn name_length(entry: &str) -> usize {
    let line = entry.lines().next().unwrap_or_default();
    line.find(['=', ':']).unwrap_or(line.len())
}

fn read_entry(reader: &mut Reader<'_>, scope: &mut Scope<'_>) -> Result<Entry, Failure> {
    let start = reader.position();
    let name = start..start + name_length(reader.rest);
    let (key, has_value) = match reader.read_key() {
        Ok((key, _)) if key.contains(' ') => {
            return Err(Failure { kind: DotenvProblem::Space, at: name });
        }
        Ok(key) => key,
        Err(kind) => return Err(Failure { kind, at: reader.character() }),
    };
    if !has_value {
        return Ok((key.to_owned(), (scope.lookup)(key)));
    }
    let start = reader.position();
    let Some(value) = reader.read_value() else {
        let kind = DotenvProblem::Unterminated { key: key.to_owned() };
        return Err(Failure { kind, at: reader.character() });
    };
    let written = start..reader.position();
    match scope.expand(value) {
        Ok(value) => Ok((key.to_owned(), Some(value))),
        Err((template, error)) => {
            let at = place(reader.text, written, &template, error.offset());
            Err(Failure { kind: problem(key.to_owned(), error, &template), at })
        }
    }
}

/// Where a variable of a value stands in the file: quotes and escapes move what
/// is behind them, so that it is looked for.
fn place(text: &str, written: Range<usize>, template: &str, offset: usize) -> Range<usize> {
    let piece = template::mention(template, offset);
    let earlier = template[..offset].matches(piece).count();
    match text[written.clone()].match_indices(piece).nth(earlier) {
        Some((found, _)) => written.start + found..written.start + found + piece.len(),
        None => written,
    }
}

/// What variables of a value see.
struct Scope<'s> {
    values: &'s IndexMap<String, String>,
    lookup: &'s dyn Fn(&str) -> Option<String>,
    unset: &'s mut Vec<Unset>,
    line: usize,
}

impl Scope<'_> {
    /// The value with its variables, or the template and what is wrong with it.
    fn expand(&mut self, value: Value) -> Result<String, (String, TemplateError)> {
        let template = match value {
            Value::Literal(text) => return Ok(text),
            Value::Template(text) => text,
        };
        match template::substitute(&template, self).map(Cow::into_owned) {
            Ok(text) => Ok(text),
            Err(error) => Err((template, error)),
        }
    }
}

impl Variables for Scope<'_> {
    fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
        let known = || self.values.get(name).map(|value| Cow::Borrowed(value.as_str()));
        (self.lookup)(name).map(Cow::Owned).or_else(known)
    }

    fn unset(&mut self, name: &str, _offset: usize) {
        self.unset.push(Unset { name: name.to_owned(), line: self.line });
    }
}

fn problem(key: String, error: TemplateError, template: &str) -> DotenvProblem {
    match error {
        TemplateError::Invalid { offset: _ } => DotenvProblem::Invalid { key },
        TemplateError::Unclosed { offset: _ } => DotenvProblem::Unclosed { key },
        TemplateError::Required { name, reason, offset } => {
            // A reason that is not there as it stands holds the values of others.
            let is_plain = template[offset..].contains(&format!("?{reason}}}"));
            let reason = if is_plain { reason.replace("; ", ", ") } else { String::new() };
            DotenvProblem::Required { key, name, reason }
        }
        TemplateError::TooDeep { offset: _ } => DotenvProblem::TooDeep { key },
        TemplateError::TooLong { offset: _ } => DotenvProblem::TooLong { key },
    }
}

/// A value as it was written, without its quotes.
enum Value {
    /// Between single quotes: taken as it is.
    Literal(String),
    /// May use variables.
    Template(String),
}

/// What of a file is still to be read.
struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
    line: usize,
}

impl<'t> Reader<'t> {
    /// How many bytes have been read.
    fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// The character that comes next.
    fn character(&self) -> Range<usize> {
        let start = self.position();
        start..start + self.rest.chars().next().map_or(0, char::len_utf8)
    }

    /// Skips empty lines and comments. Whether anything comes after them.
    fn find_entry(&mut self) -> bool {
        loop {
            self.skip_while(char::is_whitespace);
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.skip_while(|char| char != '\n');
        }
    }

    /// The name of a variable, and whether a value follows. A name that the
    /// line ends after stands alone, also at the end of the file.
    fn read_key(&mut self) -> Result<(&'t str, bool), DotenvProblem> {
        self.skip_export()?;
        let key = self.skip_while(|char| is_key_character(char) || is_blank(char)).trim_end();
        let has_value = match self.rest.chars().next() {
            Some('=' | ':') => true,
            Some('\n') | None => false,
            Some(char) => return Err(DotenvProblem::Character(char)),
        };
        self.skip(usize::from(!self.rest.is_empty()));
        self.skip_while(is_blank);
        Ok((key, has_value))
    }

    /// `export` before a name means nothing.
    fn skip_export(&mut self) -> Result<(), DotenvProblem> {
        let after = self.rest.strip_prefix("export");
        if after.is_some_and(|after| after.starts_with(['\t', '\n', '\u{c}', '\r', ' '])) {
            self.skip("export".len());
            self.skip_while(is_blank);
            if self.rest.is_empty() {
                return Err(DotenvProblem::NoName);
            }
        }
        Ok(())
    }

    fn read_value(&mut self) -> Option<Value> {
        match self.rest.chars().next() {
            Some('\'') => self.read_quoted('\'').map(Value::Literal),
            Some('"') => self.read_quoted('"').map(|text| Value::Template(unescape(&text))),
            _ => Some(Value::Template(self.read_unquoted().to_owned())),
        }
    }

    /// The rest of the line up to a comment, which needs a space before it.
    fn read_unquoted(&mut self) -> &'t str {
        let line = self.skip_while(|char| char != '\n');
        line.split_once(" #").map_or(line, |(value, _)| value).trim_end()
    }

    /// Backslashes stay, except before the quote that they keep from closing.
    fn read_quoted(&mut self, quote: char) -> Option<String> {
        let (mut value, mut escaped) = (String::new(), false);
        for (index, char) in self.rest.char_indices().skip(1) {
            match char {
                '\\' if !escaped => escaped = true,
                _ if char == quote && !escaped => {
                    self.skip(index + 1);
                    return Some(value);
                }
                _ => {
                    value.extend((escaped && char != quote).then_some('\\'));
                    value.push(char);
                    escaped = false;
                }
            }
        }
        None
    }

    fn skip_while(&mut self, is_skipped: impl Fn(char) -> bool) -> &'t str {
        let length = self.rest.find(|char| !is_skipped(char));
        self.skip(length.unwrap_or(self.rest.len()))
    }

    fn skip(&mut self, length: usize) -> &'t str {
        let (skipped, rest) = self.rest.split_at(length);
        self.line += skipped.bytes().filter(|byte| *byte == b'\n').count();
        self.rest = rest;
        skipped
    }
}

fn is_key_character(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '.' | '-' | '[' | ']')
}

/// Space that does not end a line.
fn is_blank(char: char) -> bool {
    matches!(char, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Replaces the escapes of a value between double quotes. `\$` becomes what a
/// template means by a plain `$`; unknown escapes stay.
fn unescape(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        output.push_str(before);
        rest = match after.strip_prefix('0') {
            Some(digits) => push_octal(digits, &mut output),
            None => push_escape(after, &mut output),
        };
    }
    output + rest
}

/// Appends what a backslash and the next character mean, and gives what follows.
fn push_escape<'t>(after: &'t str, output: &mut String) -> &'t str {
    let meaning = match after.chars().next() {
        Some('a') => "\u{7}",
        Some('b') => "\u{8}",
        Some('f') => "\u{c}",
        Some('n') => "\n",
        Some('r') => "\r",
        Some('t') => "\t",
        Some('v') => "\u{b}",
        Some('$') => "$$",
        Some('"') => "\"",
        Some('\\') => "\\",
        _ => {
            output.push('\\');
            return after;
        }
    };
    output.push_str(meaning);
    &after[1..]
}

/// `\0` and three octal digits are a character. With fewer, Docker drops the
/// zero and keeps the rest.
fn push_octal<'t>(after: &'t str, output: &mut String) -> &'t str {
    let length = after.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = after.split_at(length);
    match u8::from_str_radix(digits, 8) {
        Ok(code) if length == 3 => output.push(char::from(code)),
        _ => {
            output.push('\\');
            output.push_str(digits);
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(text: &str) -> Result<IndexMap<String, String>, DotenvError> {
        let mut values = IndexMap::new();
        parse(text, &mut values, &lookup).map(|_| values)
    }

    fn lookup(name: &str) -> Option<String> {
        (name == "HOME").then(|| "/root".to_owned())
    }

    fn print(values: &IndexMap<String, String>) -> String {
        let lines = values.iter().map(|(key, value)| format!("{key}={value}"));
        lines.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn entries_are_names_and_values() {
        let cases = [
            ("", ""),
            ("A=b", "A=b"),
            ("\u{feff}A=b\r\nC=d\r\n", "A=b|C=d"),
            ("A = b c  ", "A=b c"),
            ("A: b:c", "A=b:c"),
            ("A=\nB=", "A=|B="),
            ("export A=b\nexport\tB=c\nexporter=d", "A=b|B=c|exporter=d"),
            ("# A=b\n  # c\nD=e", "D=e"),
            ("A=b # c\nB=c#d\nC= #d", "A=b|B=c#d|C=#d"),
            ("A=1\nB=2\nA=3", "A=3|B=2"),
            ("=a", "=a"),
            ("a.b[0]-c_é=1", "a.b[0]-c_é=1"),
            ("A='b' C=d", "A=b|C=d"),
        ];
        for (text, expected) in cases {
            assert_eq!(print(&run(text).unwrap()), expected, "{text:?}");
        }
    }

    #[test]
    fn quotes_keep_lines_together_and_double_ones_have_escapes() {
        let cases = [
            ("A='b\nc'", "A=b\nc"),
            ("A='b\\'c\\n\\\\'", "A=b'c\\n\\\\"),
            ("A=\"b\\\"c\"", "A=b\"c"),
            ("A=\"\\t\\x\\c\\\\n\"", "A=\t\\x\\c\\n"),
            ("A=\"\\0101\\0\\01a\\0777\\0400\"", "A=A\\\\1a\\777\\400"),
            ("A=b\\nc", "A=b\\nc"),
            ("A='#' # b", "A=#"),
            ("A=''", "A="),
        ];
        for (text, expected) in cases {
            assert_eq!(print(&run(text).unwrap()), expected, "{text:?}");
        }
    }

    #[test]
    fn values_see_the_lookup_then_what_was_read() {
        let cases = [
            ("A=1\nB=$A${A}", "A=1|B=11"),
            ("HOME=x\nB=$HOME", "HOME=x|B=/root"),
            ("B='$HOME'", "B=$HOME"),
            ("B=\"$HOME \\$HOME $$HOME\"", "B=/root $HOME $HOME"),
            ("B=${A:-\"x\"}", "B=\"x\""),
            ("HOME\nNONE\nA=1", "HOME=/root|A=1"),
            ("A=1\nHOME", "A=1|HOME=/root"),
        ];
        for (text, expected) in cases {
            assert_eq!(print(&run(text).unwrap()), expected, "{text:?}");
        }
    }

    #[test]
    fn missed_variables_are_told_with_their_line() {
        let mut values = IndexMap::new();
        let unset = parse("A='\n'\nB=$X\n\nC=\"\n${Y}\"\n", &mut values, &lookup).unwrap();
        let found: Vec<_> = unset.iter().map(|unset| (unset.name.as_str(), unset.line)).collect();
        assert_eq!(found, [("X", 3), ("Y", 5)]);
    }

    #[test]
    fn what_is_wrong_is_told_without_values() {
        let key = || "A".to_owned();
        let required = |reason: &str| DotenvProblem::Required {
            key: key(),
            name: "B".into(),
            reason: reason.into(),
        };
        let cases = [
            ("A=\n\nb!c=d", 3, "!", DotenvProblem::Character('!')),
            ("a b=c", 1, "a b", DotenvProblem::Space),
            ("\n  a b", 2, "a b", DotenvProblem::Space),
            ("export ", 1, "", DotenvProblem::NoName),
            ("A='secret", 1, "'", DotenvProblem::Unterminated { key: key() }),
            ("A=\"secret\\\"\n\n", 1, "\"", DotenvProblem::Unterminated { key: key() }),
            ("A=secret${", 1, "${", DotenvProblem::Invalid { key: key() }),
            ("A=secret${B\nC=}", 1, "${B", DotenvProblem::Unclosed { key: key() }),
            ("\nA=\"${B:-secret\n}\"", 2, "${B:-secret\n}", DotenvProblem::Unclosed { key: key() }),
            ("A=\"\\$\\t${secret.}\"", 1, "${secret.}", DotenvProblem::Invalid { key: key() }),
            ("A=${B?}", 1, "${B?}", required("")),
            ("A=${B?ask us}", 1, "${B?ask us}", required("ask us")),
            ("C=secret\nA=${B:?$C}", 2, "${B:?$C}", required("")),
        ];
        for (text, line, piece, kind) in cases {
            let error = run(text).unwrap_err();
            assert_eq!(&text[error.at.clone()], piece, "{text:?}");
            assert_eq!((error.line, &error.kind), (line, &kind), "{text:?}");
            assert!(!error.to_string().contains("secret"), "{text:?}");
        }
    }

    #[test]
    fn values_that_grow_too_long_are_refused() {
        let line = |index: usize| format!("A{index}={}\n", format!("$A{}", index - 1).repeat(10));
        let tenfold: String = (1..10).map(line).collect();
        let repeated = |times| format!("A=\"{}\"\n", "$M".repeat(times));
        let mebibyte = format!("M={}\n", "x".repeat(1024 * 1024));
        let names = |count| (0..count).map(|index| format!("B{index}=$M\n")).collect::<String>();
        let cases = [
            (format!("A0=xxxxxxxxxx\n{tenfold}"), Err((7, "A6"))),
            (format!("{mebibyte}{}", repeated(1)), Ok(2)),
            (format!("{mebibyte}{}", repeated(2)), Err((2, "A"))),
            (format!("{mebibyte}{}", names(15)), Ok(16)),
            (format!("{mebibyte}{}B=\nC=a", names(15)), Err((18, "C"))),
            (format!("{mebibyte}{}", repeated(1).repeat(16)), Err((17, "A"))),
            (format!("{mebibyte}{}", names(1_000)), Err((17, "B15"))),
        ];
        for (text, expected) in cases {
            let result = run(&text).map(|values| values.len());
            let result = result.map_err(|error| (error.line, error.kind));
            let expected = expected
                .map_err(|(line, key)| (line, DotenvProblem::TooLong { key: key.to_owned() }));
            assert_eq!(result, expected, "{}", &text[text.len() - 40..]);
        }
    }

    #[test]
    fn raw_lines_are_taken_as_they_are() {
        let mut values = IndexMap::new();
        let text = "\u{feff}A=\"b\" # c \r\n\n # D=e\n\tF= $A\nG=h=i\nHOME\nNONE\nJ=\n";
        parse_raw(text, &mut values, &lookup).unwrap();
        assert_eq!(print(&values), "A=\"b\" # c |F= $A|G=h=i|HOME=/root|J=");
    }

    #[test]
    fn raw_names_are_checked() {
        let cases = [
            ("A=b\n  c d=e", 2, "c d", DotenvProblem::Space),
            ("\u{feff}c\td", 1, "c\td", DotenvProblem::Space),
            ("=a", 1, "=", DotenvProblem::NoName),
        ];
        for (text, line, piece, kind) in cases {
            let error = parse_raw(text, &mut IndexMap::new(), &lookup).unwrap_err();
            assert_eq!(&text[error.at.clone()], piece, "{text:?}");
            assert_eq!((error.line, error.kind), (line, kind), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[A-C'\"\\\\=:#$\\{\\}0-9\n ]{0,32}|\\PC*") {
            let _ = (run(&text), parse_raw(&text, &mut IndexMap::new(), &lookup));
        }

        #[test]
        fn quoted_values_come_back(value in "[^'\\\\]*") {
            let values = run(&format!("A='{value}'\nB=c")).unwrap();
            prop_assert_eq!(&values["A"], &value);
            prop_assert_eq!(&values["B"], "c");
        }

        #[test]
        fn raw_values_come_back(value in "[^\r\n]*") {
            let mut values = IndexMap::new();
            parse_raw(&format!("A={value}\nB=c"), &mut values, &lookup).unwrap();
            prop_assert_eq!(&values["A"], &value);
        }
    }
}
