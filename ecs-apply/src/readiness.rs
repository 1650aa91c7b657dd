//! What can be done with a stack in the state that it is in.

use crate::stack::Stack;

/// What can be done with a stack in the state that it is in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Readiness {
    /// There is none: it can be made.
    Absent,
    /// A change set announced it, and nothing was made yet.
    Announced(Stack),
    /// It can be changed.
    Ready(Stack),
    /// An attempt to make it failed. What is left of it has to be removed first.
    Failed(Stack),
    /// Somebody is at work on it.
    Busy(Stack),
    /// AWS allows nothing before somebody has helped.
    Stuck(Stack),
}

/// What can be done with a stack, or with none.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html>
pub(crate) fn readiness(stack: Option<Stack>) -> Readiness {
    let Some(stack) = stack.filter(|stack| !stack.status.is_deleted()) else {
        return Readiness::Absent;
    };
    if stack.status.is_under_way() {
        return Readiness::Busy(stack);
    }
    match stack.status.0.as_str() {
        "REVIEW_IN_PROGRESS" => Readiness::Announced(stack),
        "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => Readiness::Failed(stack),
        "DELETE_FAILED" | "UPDATE_ROLLBACK_FAILED" => Readiness::Stuck(stack),
        // Also one that was kept as it is when a change failed: it can be changed until
        // it is right.
        _ => Readiness::Ready(stack),
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::stack::Status;

    #[test]
    fn every_status_has_an_answer() {
        let cases = [
            ("CREATE_COMPLETE", "Ready"),
            ("CREATE_FAILED", "Failed"),
            ("CREATE_IN_PROGRESS", "Busy"),
            ("DELETE_COMPLETE", "Absent"),
            ("DELETE_FAILED", "Stuck"),
            ("DELETE_IN_PROGRESS", "Busy"),
            ("IMPORT_COMPLETE", "Ready"),
            ("IMPORT_ROLLBACK_COMPLETE", "Ready"),
            ("REVIEW_IN_PROGRESS", "Announced"),
            ("ROLLBACK_COMPLETE", "Failed"),
            ("ROLLBACK_FAILED", "Failed"),
            ("ROLLBACK_IN_PROGRESS", "Busy"),
            ("UPDATE_COMPLETE", "Ready"),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Busy"),
            ("UPDATE_FAILED", "Ready"),
            ("UPDATE_IN_PROGRESS", "Busy"),
            ("UPDATE_ROLLBACK_COMPLETE", "Ready"),
            ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "Busy"),
            ("UPDATE_ROLLBACK_FAILED", "Stuck"),
            ("UPDATE_ROLLBACK_IN_PROGRESS", "Busy"),
        ];
        for (status, expected) in cases {
            let found = readiness(Some(stack(status)));
            assert!(format!("{found:?}").starts_with(expected), "{status}: {found:?}");
        }
        assert_eq!(readiness(None), Readiness::Absent);
    }

    fn stack(status: &str) -> Stack {
        Stack {
            id: "arn".to_owned(),
            name: "shop".to_owned(),
            status: Status(status.to_owned()),
            reason: None,
            created: None,
            updated: None,
            tags: IndexMap::new(),
            parameters: IndexMap::new(),
            outputs: IndexMap::new(),
        }
    }
}
