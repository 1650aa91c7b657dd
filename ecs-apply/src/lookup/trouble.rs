//! What is not there, or may not be looked at. It is collected, so that all of it
//! is told at once.

use compose_model::{Diagnostic, Path};

use crate::aws::AwsError;

/// The code of what AWS does not allow to look at.
pub(super) const DENIED: &str = "lookup::denied";

/// The most things that are listed when one of them should have been named.
const MOST: usize = 12;

/// Why something was not found.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It can be told, and the rest looked up all the same.
    Told(Vec<Diagnostic>),
    /// There is no use in asking for the rest.
    Fatal(AwsError),
}

/// What was found.
pub(super) type Found<T> = Result<T, Trouble>;

impl From<Diagnostic> for Trouble {
    fn from(problem: Diagnostic) -> Self {
        Self::Told(vec![problem])
    }
}

/// Two things that were looked for side by side: both are told of.
pub(super) fn both<A, B>(first: Found<A>, second: Found<B>) -> Found<(A, B)> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(Trouble::Told(mut told)), Err(Trouble::Told(more))) => {
            told.extend(more);
            Err(Trouble::Told(told))
        }
        (Err(Trouble::Fatal(error)), _) | (_, Err(Trouble::Fatal(error))) => {
            Err(Trouble::Fatal(error))
        }
        (Err(trouble), Ok(_)) | (Ok(_), Err(trouble)) => Err(trouble),
    }
}

/// What has been told so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Findings {
    /// What was found; what was not is kept to be told, and nothing takes its place.
    pub(super) fn keep<T: Default>(&mut self, found: Found<T>) -> Result<T, AwsError> {
        match found {
            Ok(found) => Ok(found),
            Err(Trouble::Told(problems)) => {
                self.diagnostics.extend(problems);
                Ok(T::default())
            }
            Err(Trouble::Fatal(error)) => Err(error),
        }
    }
}

/// Makes of a refusal something to tell: what was looked for, where the project needs
/// it, and why not.
pub(super) fn refused(
    what: impl Into<String>,
    at: Option<Path>,
) -> impl FnOnce(AwsError) -> Trouble {
    move |error| {
        let (action, message) = match &error {
            AwsError::Refused { action, message, .. } if !error.is_expired() => (action, message),
            AwsError::Refused { .. }
            | AwsError::NoRegion
            | AwsError::NoAnswer { .. }
            | AwsError::Credentials { .. } => return Trouble::Fatal(error),
        };
        let (what, said) = (what.into(), short(message));
        let problem = if error.is_denied() {
            let told = format!("AWS does not allow {action}, which tells of {what}");
            let (who, why) = denial(said);
            Diagnostic::error(DENIED, told).help(format!(
                "allow {action} to {who}{why}, or write what is known into a file for \
                 `convert --facts`"
            ))
        } else {
            let told = format!("AWS refused {action}, which tells of {what}");
            Diagnostic::error("lookup::refused", told).help(format!("AWS said: {said}"))
        };
        match at {
            Some(at) => problem.at(at, "").into(),
            None => problem.into(),
        }
    }
}

/// What AWS said, without what only a machine can read: EC2 adds hundreds of
/// letters of it.
fn short(message: &str) -> &str {
    let (readable, _) = message.split_once("Encoded authorization").unwrap_or((message, ""));
    readable.trim().trim_end_matches('.')
}

/// Who may not do something, and why, as far as AWS says so:
/// `User: WHO is not authorized to perform: WHAT because WHY`.
fn denial(said: &str) -> (String, String) {
    let who = said.split_once("User: ").and_then(|(_, rest)| rest.split_once(" is not authorized"));
    let who = who.map_or("whoever runs this".to_owned(), |(who, _)| format!("`{who}`"));
    let why = said.split_once(" because ").map(|(_, why)| format!(" ({why})"));
    (who, why.unwrap_or_default())
}

/// Some of what exists, for somebody to choose from.
pub(super) fn list(names: impl IntoIterator<Item = String>) -> String {
    let names: Vec<String> = names.into_iter().collect();
    let shown = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        Some(0) | None => shown,
    }
}

/// A name as it is shown.
pub(super) fn quoted(name: &String) -> String {
    format!("`{name}`")
}

/// An id, with its name if it has one.
pub(super) fn titled(id: &str, name: Option<&str>) -> String {
    name.map_or_else(|| format!("`{id}`"), |name| format!("`{id}` ({name})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(list(["a".to_owned(), "b".to_owned()]), "a, b");
        let many = |count: usize| list((0..count).map(|n| n.to_string()));
        assert!(many(12).ends_with("10, 11"));
        assert!(many(15).ends_with("10, 11 and 3 more"));
    }

    #[test]
    fn a_denial_says_whom_and_why() {
        let said = "User: arn:aws:iam::1:user/me is not authorized to perform: ecs:X because no \
                    identity-based policy allows the ecs:X action";
        let why = " (no identity-based policy allows the ecs:X action)";
        assert_eq!(denial(said), ("`arn:aws:iam::1:user/me`".to_owned(), why.to_owned()));
        assert_eq!(denial("No."), ("whoever runs this".to_owned(), String::new()));
    }

    #[test]
    fn what_machines_say_to_machines_is_left_out() {
        let said = "You are not authorized to perform this operation. \
                    Encoded authorization failure message: 8Xz1";
        assert_eq!(short(said), "You are not authorized to perform this operation");
    }
}
