//! Finds the values of secrets in texts that everybody may read.

use std::fmt;

use indexmap::IndexMap;

use crate::diagnostic::Diagnostic;
use crate::load::Loaded;
use crate::secret_pieces::pieces;
use crate::secret_values::{SecretText, secret_values};

/// Knows the values of a project's secrets, and finds them in texts that are to be
/// shown. It shows none itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretGuard {
    /// The key of each secret, and its value without the space around it; then those
    /// of its pieces. The longest come first, since one may be a part of another.
    values: Vec<(String, SecretText)>,
}

impl fmt::Debug for SecretGuard {
    /// Says which secrets it knows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.values.iter().map(|(key, _)| key);
        f.debug_tuple("SecretGuard").field(&keys.collect::<Vec<_>>()).finish()
    }
}

impl SecretGuard {
    /// For the secrets of a project whose values nobody writes by chance, and for what
    /// they consist of: see [`pieces`]. What holds one of the others, such as
    /// `postgres`, need not have it from there.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        Self::of_values(secret_values(loaded))
    }

    /// For these values of secrets.
    pub(crate) fn of_values(values: IndexMap<String, SecretText>) -> Self {
        let with_pieces = |(key, value): (String, SecretText)| {
            let pieces = pieces(value.reveal()).into_iter().map(SecretText::new);
            let all = std::iter::once(value.trimmed()).chain(pieces);
            all.map(|text| (key.clone(), text)).collect::<Vec<_>>()
        };
        let all = values.into_iter().flat_map(with_pieces);
        let mut values: Vec<_> = all.filter(|(_, text)| is_telling(text.reveal())).collect();
        values.sort_by_key(|(_, text)| std::cmp::Reverse(text.reveal().len()));
        Self { values }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The key of the first secret whose value is in a text.
    pub fn find(&self, text: &str) -> Option<&str> {
        let found = self.values.iter().find(|(_, value)| text.contains(value.reveal()));
        found.map(|(key, _)| key.as_str())
    }

    /// The key of the secret that a text is, with any space around it.
    pub(crate) fn find_whole(&self, text: &str) -> Option<&str> {
        let found = self.values.iter().find(|(_, value)| text.trim() == value.reveal());
        found.map(|(key, _)| key.as_str())
    }

    /// As [`find`](Self::find), for what may be no text.
    pub(crate) fn find_bytes(&self, bytes: &[u8]) -> Option<&str> {
        if self.values.is_empty() { None } else { self.find(&String::from_utf8_lossy(bytes)) }
    }

    /// Takes the values out of what problems say.
    pub fn conceal(&self, problems: &mut [Diagnostic]) {
        for problem in problems {
            let texts = [Some(&mut problem.message), problem.help.as_mut()];
            let labels = problem.labels.iter_mut().map(|label| &mut label.text);
            let texts = texts.into_iter().flatten().chain(labels);
            texts.for_each(|text| self.replace(text, |_| "…".to_owned()));
        }
    }

    /// Puts something else wherever a text has a value.
    pub(crate) fn replace(&self, text: &mut String, other: impl Fn(&str) -> String) {
        for (_, value) in &self.values {
            let value = value.reveal();
            if text.contains(value) {
                *text = text.replace(value, &other(value));
            }
        }
    }
}

/// What a value without digits and capitals needs to be no name or common word.
const LONG: usize = 16;

/// What a value with two kinds of characters needs.
const SHORT: usize = 6;

/// Whether a value is found elsewhere only where it was put.
fn is_telling(value: &str) -> bool {
    let is_joint = |c: char| c.is_whitespace() || "-_.:/".contains(c);
    let kinds: [fn(char) -> bool; 3] =
        [char::is_lowercase, char::is_uppercase, |c| c.is_ascii_digit()];
    let is_other = |c: char| !is_joint(c) && !kinds.iter().any(|kind| kind(c));
    let mixed = kinds.iter().filter(|kind| value.chars().any(*kind)).count()
        + usize::from(value.chars().any(is_other));
    value.len() >= LONG || (value.len() >= SHORT && mixed > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_names_and_numbers_tell_nothing() {
        let telling = ["hunter2", "Sesame", "pa$$word", "correct-horse-battery", "a1b2c3"];
        let common =
            ["", "1", "true", "5432", "12345678", "postgres", "my_app", "db.local:", "a1", "P4s$"];
        for value in telling {
            assert!(is_telling(value), "{value}");
        }
        for value in common {
            assert!(!is_telling(value), "{value}");
        }
    }
}
