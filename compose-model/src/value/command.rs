//! Splits a command line into words, the way Docker does without a shell.

use std::mem;
use std::ops::ControlFlow::{self, Break, Continue};

use thiserror::Error;

/// Why a text is not a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CommandError {
    /// A quote without its partner.
    #[error("has a `{0}` that is not closed; close it, or write the command as a list")]
    Unclosed(char),
    /// A backslash with nothing behind it.
    #[error("ends with a backslash; write `\\\\` for one that stays")]
    Backslash,
    /// A parenthesis outside quotes.
    #[error("has a parenthesis outside quotes; quote it, or write the command as a list")]
    Parenthesis,
}

/// Splits a command line into words.
///
/// Quotes and backslashes work as in a shell, except that `\t` and `\n` are a
/// tab and a line break; variables, globs and backticks stay as they are. Like
/// Docker, it stops without a word at the first `;`, `&`, `|`, `<` or `>`
/// outside quotes, as these need a shell.
///
/// ```
/// use compose_model::value::split_command;
///
/// assert_eq!(split_command("echo 'a b' c\\ d")?, ["echo", "a b", "c d"]);
/// # Ok::<(), compose_model::value::CommandError>(())
/// ```
///
/// # Errors
///
/// A quote, backslash or parenthesis stands alone.
pub fn split_command(line: &str) -> Result<Vec<String>, CommandError> {
    let mut splitter = Splitter::default();
    for char in line.chars() {
        if splitter.step(char)?.is_break() {
            break;
        }
    }
    splitter.finish()
}

#[derive(Default)]
struct Splitter {
    words: Vec<String>,
    /// What there is of the next word.
    word: String,
    /// Tells the empty word `''` from no word.
    has_word: bool,
    escaped: bool,
    single: bool,
    double: bool,
    backtick: bool,
    /// Inside `$(…)`.
    dollar: bool,
}

impl Splitter {
    fn step(&mut self, char: char) -> Result<ControlFlow<()>, CommandError> {
        if self.escaped {
            self.escaped = false;
            self.push(meaning(char));
            return Ok(Continue(()));
        }
        match char {
            '\\' if self.single => self.word.push(char),
            '\\' => self.escaped = true,
            ' ' | '\t' | '\r' | '\n' => self.space(char),
            '(' if !(self.single || self.double || self.backtick) => self.open()?,
            '"' if !(self.single || self.dollar) => self.quote(char),
            '\'' if !(self.double || self.dollar) => self.quote(char),
            ';' | '&' | '|' | '<' | '>' if !self.is_quoted() => {
                self.redirect(char);
                return Ok(Break(()));
            }
            _ => {
                self.substitution(char);
                self.push(char);
            }
        }
        Ok(Continue(()))
    }

    fn finish(mut self) -> Result<Vec<String>, CommandError> {
        self.end_word();
        match self {
            Self { escaped: true, .. } => Err(CommandError::Backslash),
            Self { single: true, .. } => Err(CommandError::Unclosed('\'')),
            Self { double: true, .. } => Err(CommandError::Unclosed('"')),
            Self { backtick: true, .. } => Err(CommandError::Unclosed('`')),
            Self { dollar: true, .. } => Err(CommandError::Parenthesis),
            Self { words, .. } => Ok(words),
        }
    }

    fn is_quoted(&self) -> bool {
        self.single || self.double || self.backtick || self.dollar
    }

    fn push(&mut self, char: char) {
        self.word.push(char);
        self.has_word = true;
    }

    fn space(&mut self, char: char) {
        if self.is_quoted() {
            self.word.push(char);
        } else {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        if self.has_word {
            self.words.push(mem::take(&mut self.word));
            self.has_word = false;
        }
    }

    fn quote(&mut self, char: char) {
        let open = if char == '"' { &mut self.double } else { &mut self.single };
        self.has_word |= *open;
        *open = !*open;
    }

    fn open(&mut self) -> Result<(), CommandError> {
        if self.dollar || !self.word.ends_with('$') {
            return Err(CommandError::Parenthesis);
        }
        self.dollar = true;
        self.word.push('(');
        Ok(())
    }

    /// Inside a substitution spaces do not split. A closing parenthesis alone
    /// opens one too, which only a second closes.
    fn substitution(&mut self, char: char) {
        match char {
            '`' if !(self.single || self.double || self.dollar) => self.backtick = !self.backtick,
            ')' if !(self.single || self.double || self.backtick) => self.dollar = !self.dollar,
            _ => {}
        }
    }

    /// The `2` of `2>file` is not a word.
    fn redirect(&mut self, char: char) {
        if char == '>' && self.word.starts_with(|first: char| first.is_ascii_digit()) {
            self.has_word = false;
        }
    }
}

/// What a character means behind a backslash.
fn meaning(char: char) -> char {
    match char {
        't' => '\t',
        'n' => '\n',
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_keep_words_together() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  ", &[]),
            ("a  b\tc\nd", &["a", "b", "c", "d"]),
            ("a\"b c\"d", &["ab cd"]),
            ("'a \"b\"' \"it's\"", &["a \"b\"", "it's"]),
            ("a '' b", &["a", "", "b"]),
            ("'\\n' \\n \"\\t\"", &["\\n", "\n", "\t"]),
            ("$HOME ${A b} *", &["$HOME", "${A", "b}", "*"]),
            ("a `b c` $(d e)", &["a", "`b c`", "$(d e)"]),
            ("é 'ü ö'", &["é", "ü ö"]),
        ];
        for (line, words) in cases {
            assert_eq!(split_command(line).unwrap(), *words, "{line}");
        }
    }

    #[test]
    fn a_shell_operator_ends_the_line() {
        let cases: &[(&str, &[&str])] = &[
            ("a && b", &["a"]),
            ("a; b", &["a"]),
            ("a|b", &["a"]),
            ("a 2>b", &["a"]),
            ("a x>b", &["a", "x"]),
            ("a '&&' \"|\" \\; b", &["a", "&&", "|", ";", "b"]),
        ];
        for (line, words) in cases {
            assert_eq!(split_command(line).unwrap(), *words, "{line}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("a 'b", CommandError::Unclosed('\'')),
            ("a \"b", CommandError::Unclosed('"')),
            ("a `b", CommandError::Unclosed('`')),
            ("a \\", CommandError::Backslash),
            ("a (b)", CommandError::Parenthesis),
            ("a $(b", CommandError::Parenthesis),
            ("a $((b))", CommandError::Parenthesis),
            ("a )", CommandError::Parenthesis),
        ];
        for (line, error) in cases {
            assert_eq!(split_command(line), Err(error), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_split_or_refused(line in "[a-z'\"\\\\`$()>& ]{0,16}|\\PC*") {
            let _ = split_command(&line);
        }

        #[test]
        fn quoted_words_come_back(words in prop::collection::vec("[^']*", 0..5)) {
            let line: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
            prop_assert_eq!(split_command(&line.join(" ")), Ok(words));
        }
    }
}
