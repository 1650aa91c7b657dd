//! The stacks of Compose projects, among all others.

use crate::deploy::PROJECT_TAG;
use crate::stack::{Stack, Status};

/// The stacks of Compose projects, sorted by their names. Docker's own tool tagged
/// its stacks in the same way.
pub fn projects(stacks: Vec<Stack>) -> Vec<Stack> {
    let mut stacks: Vec<_> =
        stacks.into_iter().filter(|stack| stack.tags.contains_key(PROJECT_TAG)).collect();
    stacks.sort_by(|one, other| one.name.cmp(&other.name));
    stacks
}

impl Status {
    /// Whether there is something that runs, or is about to: the stack was made, or is
    /// being made, and nobody removes it. One that went back after an update runs as
    /// it did before.
    pub fn is_alive(&self) -> bool {
        const OTHERS: [&str; 4] = ["ROLLBACK_", "DELETE_", "REVIEW_", "CREATE_FAILED"];
        !OTHERS.iter().any(|start| self.0.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    #[test]
    fn stacks_of_projects_are_told_by_their_tag() {
        let stacks = vec![stack("shop", true), stack("vpc", false), stack("blog", true)];
        let names: Vec<_> = projects(stacks).into_iter().map(|stack| stack.name).collect();
        assert_eq!(names, ["blog", "shop"]);
    }

    #[test]
    fn what_was_never_made_or_is_going_is_not_alive() {
        let cases = [
            ("CREATE_IN_PROGRESS", true),
            ("CREATE_COMPLETE", true),
            ("CREATE_FAILED", false),
            ("ROLLBACK_IN_PROGRESS", false),
            ("ROLLBACK_COMPLETE", false),
            ("UPDATE_FAILED", true),
            ("UPDATE_ROLLBACK_COMPLETE", true),
            ("UPDATE_ROLLBACK_FAILED", true),
            ("DELETE_IN_PROGRESS", false),
            ("DELETE_FAILED", false),
            ("REVIEW_IN_PROGRESS", false),
            ("IMPORT_COMPLETE", true),
        ];
        for (status, expected) in cases {
            assert_eq!(Status(status.to_owned()).is_alive(), expected, "{status}");
        }
    }

    fn stack(name: &str, is_project: bool) -> Stack {
        let tag = (PROJECT_TAG.to_owned(), name.to_owned());
        Stack {
            id: name.to_owned(),
            name: name.to_owned(),
            status: Status("CREATE_COMPLETE".to_owned()),
            reason: None,
            created: None,
            updated: None,
            tags: IndexMap::from_iter(is_project.then_some(tag)),
            parameters: IndexMap::new(),
            outputs: IndexMap::new(),
        }
    }
}
