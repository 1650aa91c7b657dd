//! Stacks, for people.

use ecs_apply::{PROJECT_TAG, Stack};
use jiff::Timestamp;

use super::age::age;
use super::table::table;

/// A row for each stack.
pub(crate) fn stacks(stacks: &[Stack], now: Timestamp) -> String {
    let rows: Vec<_> = stacks.iter().map(|stack| row(stack, now)).collect();
    table(["NAME", "PROJECT", "STATUS", "UPDATED"], &rows)
}

fn row(stack: &Stack, now: Timestamp) -> [String; 4] {
    let changed = stack.updated.or(stack.created);
    [
        stack.name.clone(),
        stack.tags.get(PROJECT_TAG).cloned().unwrap_or_default(),
        stack.status.to_string(),
        changed.map(|time| format!("{} ago", age(time, now))).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample_stack::stack;

    #[test]
    fn a_stack_is_a_row() {
        let updated = Stack { updated: Timestamp::from_second(999_000).ok(), ..stack("blog") };
        let now = Timestamp::from_second(1_000_000).unwrap();
        insta::assert_snapshot!(stacks(&[updated, stack("shop")], now), @"
        NAME                PROJECT             STATUS              UPDATED
        blog                blog                CREATE_COMPLETE     16 minutes ago
        shop                shop                CREATE_COMPLETE     27 hours ago
        ");
    }
}
