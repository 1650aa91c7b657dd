//! What resources and parameters are called inside of a template.
//!
//! CloudFormation takes letters and digits alone, so that names of Compose lose
//! characters on the way and two of them may become one. Ids stay what they are
//! for as long as a name does not meet another: CloudFormation would otherwise
//! replace a resource that nobody touched.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// As many characters as a name may contribute, of the 255 that an id may have.
const LONGEST: usize = 120;

/// The key of a resource, a parameter or an output.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LogicalId(Arc<str>);

impl LogicalId {
    /// Of letters and digits.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the names of one kind of thing contribute to ids.
#[derive(Debug, Default)]
pub(crate) struct Names<'a>(HashMap<&'a str, String>);

impl<'a> Names<'a> {
    /// Of all things of a kind at once, since each depends on the others.
    pub(crate) fn of(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut groups: HashMap<String, Vec<&str>> = HashMap::new();
        let mut order = Vec::new();
        for name in names {
            let group = groups.entry(plain(name)).or_default();
            if !group.contains(&name) {
                group.push(name);
                order.push(name);
            }
        }
        Self(order.into_iter().map(|name| (name, part(name, &groups))).collect())
    }

    /// The id of something that belongs to a name: `Web` and `Service`.
    pub(crate) fn id(&self, name: &str, suffix: &str) -> LogicalId {
        LogicalId::new(&format!("{}{suffix}", self.part(name)))
    }

    /// What a name contributes. One that was not counted stands for itself.
    pub(crate) fn part(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| plain(name))
    }
}

/// Letters and digits, of which the first is in upper case.
pub(crate) fn plain(name: &str) -> String {
    let mut kept = name.chars().filter(char::is_ascii_alphanumeric);
    let first = kept.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(kept).collect()
}

/// A name that meets no other is plain. Where several meet, the one that is
/// most like the plain text keeps it and the others get a mark of their own.
fn part(name: &str, groups: &HashMap<String, Vec<&str>>) -> String {
    let plain = plain(name);
    let rivals = groups.get(&plain).map_or(&[][..], Vec::as_slice);
    let keeps = rivals.len() == 1 || keeper(&plain, rivals) == Some(name);
    if keeps && !plain.is_empty() && plain.len() <= LONGEST {
        return plain;
    }
    let start: String = plain.chars().take(LONGEST).collect();
    format!("{start}{}", mark(name))
}

fn keeper<'a>(plain: &str, rivals: &[&'a str]) -> Option<&'a str> {
    let exact = rivals.iter().find(|name| **name == plain);
    exact.or_else(|| rivals.iter().find(|name| name.len() == plain.len())).copied()
}

/// Eight digits that depend on the name alone.
fn mark(name: &str) -> String {
    Sha256::digest(name)[..4].iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(names: &[&str]) -> Vec<String> {
        let all = Names::of(names.iter().copied());
        names.iter().map(|name| all.part(name)).collect()
    }

    #[test]
    fn names_lose_what_ids_cannot_have() {
        assert_eq!(parts(&["web", "db_data", "my-app.v2"]), ["Web", "Dbdata", "Myappv2"]);
    }

    #[test]
    fn the_name_that_lost_nothing_keeps_the_plain_id() {
        assert_eq!(parts(&["my-app", "myapp"]), ["Myapp4C9A75CC", "Myapp"]);
        assert_eq!(parts(&["myapp", "my-app"])[0], "Myapp");
    }

    #[test]
    fn names_that_all_lost_something_all_get_a_mark() {
        let parts = parts(&["my-app", "my_app"]);
        assert!(parts.iter().all(|part| part.len() == "Myapp".len() + 8), "{parts:?}");
        assert_ne!(parts[0], parts[1]);
    }

    #[test]
    fn names_that_differ_in_case_are_told_apart() {
        let parts = parts(&["web", "Web"]);
        assert_eq!(parts[1], "Web");
        assert_ne!(parts[0], "Web");
    }

    #[test]
    fn a_name_of_which_nothing_is_left_is_its_mark() {
        assert_eq!(parts(&["_"])[0].len(), 8);
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(parts(&[&"a".repeat(300)])[0].len(), LONGEST + 8);
    }
}
