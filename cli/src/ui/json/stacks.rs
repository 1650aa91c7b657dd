//! `ls --output json`, and the stack in other documents.

use ecs_apply::{PROJECT_TAG, Stack};
use serde::Serialize;

use super::{Time, time, write};

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    stacks: Vec<StackJson<'a>>,
}

/// A stack.
#[derive(Serialize)]
pub(super) struct StackJson<'a> {
    name: &'a str,
    id: &'a str,
    project: Option<&'a str>,
    status: &'a str,
    reason: Option<&'a str>,
    created: Time,
    updated: Time,
}

/// Stacks as one document.
pub(crate) fn stacks(stacks: &[Stack]) -> String {
    write(&Report { version: 1, stacks: stacks.iter().map(stack).collect() })
}

/// One stack.
pub(super) fn stack(stack: &Stack) -> StackJson<'_> {
    StackJson {
        name: &stack.name,
        id: &stack.id,
        project: stack.tags.get(PROJECT_TAG).map(String::as_str),
        status: &stack.status.0,
        reason: stack.reason.as_deref(),
        created: time(stack.created),
        updated: time(stack.updated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample_stack as sample;

    #[test]
    fn the_format_is_stable() {
        insta::assert_snapshot!(stacks(&[sample::stack("shop")]), @r#"
        {
          "version": 1,
          "stacks": [
            {
              "name": "shop",
              "id": "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1",
              "project": "shop",
              "status": "CREATE_COMPLETE",
              "reason": null,
              "created": "1970-01-11T10:00:00Z",
              "updated": null
            }
          ]
        }
        "#);
    }
}
