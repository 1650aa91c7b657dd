//! What a project is called.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of a project. The names of everything that it creates begin with it.
///
/// ```
/// use compose_model::value::ProjectName;
///
/// let name: ProjectName = "my-shop".parse()?;
/// assert_eq!(name.as_str(), "my-shop");
/// assert_eq!(ProjectName::normalize("My Shop"), "myshop");
/// # Ok::<(), compose_model::value::ProjectNameError>(())
/// ```
///
/// <https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md>
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectName(String);

/// Why a text is not a [`ProjectName`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProjectNameError {
    /// Nothing at all.
    #[error("is empty; a project needs a name")]
    Empty,
    /// A character that Docker does not allow, or not there.
    #[error("is no project name, which has lowercase letters, digits, `-` and `_` and begins with a letter or digit{}", suggestion(.normalized))]
    Characters {
        /// What is left without the offending characters; may be empty.
        normalized: String,
    },
}

impl ProjectName {
    /// What Docker makes of a text that was not meant to be a name, such as
    /// that of a directory: lowercase, without the characters that no name has.
    /// Nothing may be left.
    pub fn normalize(text: &str) -> String {
        let mut name = text.to_lowercase();
        name.retain(is_allowed);
        name.trim_start_matches(['-', '_']).to_owned()
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProjectName {
    type Err = ProjectNameError;

    fn from_str(text: &str) -> Result<Self, ProjectNameError> {
        if text.is_empty() {
            return Err(ProjectNameError::Empty);
        }
        let normalized = Self::normalize(text);
        if normalized == text {
            Ok(Self(normalized))
        } else {
            Err(ProjectNameError::Characters { normalized })
        }
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<ProjectName> for String {
    fn from(name: ProjectName) -> Self {
        name.0
    }
}

fn is_allowed(char: char) -> bool {
    matches!(char, 'a'..='z' | '0'..='9' | '_' | '-')
}

fn suggestion(normalized: &str) -> String {
    if normalized.is_empty() { String::new() } else { format!("; `{normalized}` would do") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn normalizing_keeps_what_a_name_may_have() {
        let cases = [
            ("shop", "shop"),
            ("Web Shop", "webshop"),
            ("__-shop_-", "shop_-"),
            ("2.shop", "2shop"),
            ("größe", "gre"),
            ("/", ""),
            ("", ""),
        ];
        for (text, name) in cases {
            assert_eq!(ProjectName::normalize(text), name, "{text}");
        }
    }

    #[test]
    fn a_name_is_what_normalizing_leaves_alone() {
        assert_eq!("a_1-".parse::<ProjectName>().unwrap().as_str(), "a_1-");
        assert_eq!("".parse::<ProjectName>(), Err(ProjectNameError::Empty));
        for (text, normalized) in [("A", "a"), ("-a", "a"), ("a.b", "ab"), ("!", "")] {
            let error = ProjectNameError::Characters { normalized: normalized.into() };
            assert_eq!(text.parse::<ProjectName>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_normalized_is_a_name(text in "\\PC*") {
            let name = ProjectName::normalize(&text);
            prop_assert!(name.is_empty() || name.parse::<ProjectName>().is_ok());
        }

        #[test]
        fn printed_names_parse_back(text in "[a-z0-9][a-z0-9_-]{0,20}") {
            let name: ProjectName = text.parse().unwrap();
            prop_assert_eq!(name.to_string().parse(), Ok(name));
        }
    }
}
