//! What was asked of a stack last.

use std::ops::ControlFlow;

use crate::aws::{Aws, AwsError};
use crate::stack::{Stack, StackEvent};
use crate::watch::STACK;

/// What was asked of a stack last.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The event that it began with.
    pub beginning: StackEvent,
    /// The event before that, from which on it can be watched.
    pub before: Option<String>,
}

/// What was asked of a stack last. Older pages of what happened to it are not read.
pub async fn operation(aws: &Aws, stack: &Stack) -> Result<Option<Operation>, AwsError> {
    let mut search = Search::default();
    aws.search_stack_events(&stack.id, |event| search.note(&stack.id, event)).await?;
    Ok(search.found)
}

/// Looks for the beginning of the newest operation in events, the newest first.
#[derive(Debug, Default)]
struct Search {
    found: Option<Operation>,
}

impl Search {
    /// It began with the oldest event of the stack that is under way and has none but
    /// such after it, and the end of it. An event that comes twice does no harm.
    fn note(&mut self, stack: &str, event: StackEvent) -> ControlFlow<()> {
        if let Some(found) = &mut self.found {
            found.before.get_or_insert_with(|| event.id.clone());
        }
        let is_of_stack = event.kind == STACK && event.physical_id.as_deref() == Some(stack);
        match (is_of_stack, event.status.is_under_way(), &self.found) {
            (true, true, _) => self.found = Some(Operation { beginning: event, before: None }),
            (true, false, Some(_)) => return ControlFlow::Break(()),
            (true, false, None) | (false, _, _) => {}
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::stack::Status;

    const ARN: &str = "arn:aws:cloudformation:eu-west-1:1:stack/shop/1";

    /// `stack UPDATE_IN_PROGRESS`, `Web UPDATE_FAILED`; its id is its number from the end.
    fn event((place, line): (usize, &str)) -> StackEvent {
        let (name, status) = line.split_once(' ').unwrap();
        let is_stack = name == "stack";
        StackEvent {
            id: place.to_string(),
            time: Timestamp::UNIX_EPOCH,
            logical_id: name.to_owned(),
            physical_id: Some(if is_stack { ARN } else { name }.to_owned()),
            kind: if is_stack { STACK } else { "AWS::ECS::Service" }.to_owned(),
            status: Status(status.to_owned()),
            reason: None,
            token: None,
        }
    }

    /// Events, then the places of the beginning and of the one before, and how many are read.
    type Case<'a> = (&'a [&'a str], Option<(usize, Option<usize>)>, usize);

    /// The beginning, the one before, and how many events were read.
    fn search(lines: &[&str]) -> (Option<(String, Option<String>)>, usize) {
        let mut search = Search::default();
        let mut events = lines.iter().copied().enumerate().map(event);
        let read = events.position(|it| search.note(ARN, it).is_break());
        let found = search.found.map(|it| (it.beginning.id, it.before));
        (found, read.map_or(lines.len(), |place| place + 1))
    }

    #[test]
    fn the_newest_operation_is_found_without_reading_the_older_ones() {
        let made = ["stack CREATE_COMPLETE", "Web CREATE_COMPLETE", "stack CREATE_IN_PROGRESS"];
        let cases: [Case<'_>; 7] = [
            (&[], None, 0),
            // It is being made.
            (&["Web CREATE_IN_PROGRESS", "stack CREATE_IN_PROGRESS"], Some((1, None)), 2),
            // It was announced before.
            (&["stack CREATE_IN_PROGRESS", "stack REVIEW_IN_PROGRESS"], Some((0, Some(1))), 2),
            // It is being changed.
            (
                &["Web UPDATE_IN_PROGRESS", "stack UPDATE_IN_PROGRESS", made[0], made[1], made[2]],
                Some((1, Some(2))),
                3,
            ),
            // The change failed and was taken back, which is all one.
            (
                &[
                    "stack UPDATE_ROLLBACK_COMPLETE",
                    "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
                    "stack UPDATE_ROLLBACK_IN_PROGRESS",
                    "Web UPDATE_FAILED",
                    "stack UPDATE_IN_PROGRESS",
                    made[0],
                    made[1],
                    made[2],
                ],
                Some((4, Some(5))),
                6,
            ),
            // It is over.
            (&made, Some((2, None)), 3),
            // What a stack in it does is not what it does itself.
            (&["Nested UPDATE_IN_PROGRESS", made[0], made[1], made[2]], Some((3, None)), 4),
        ];
        for (lines, expected, read) in cases {
            let id = |place: usize| place.to_string();
            let expected = expected.map(|(found, before)| (id(found), before.map(id)));
            assert_eq!(search(lines), (expected, read), "{lines:?}");
        }
    }

    #[test]
    fn events_that_come_twice_do_no_harm() {
        let mut search = Search::default();
        let lines = ["Web UPDATE_IN_PROGRESS", "stack UPDATE_IN_PROGRESS", "stack CREATE_COMPLETE"];
        let [web, beginning, end] = [0, 1, 2].map(|place| event((place, lines[place])));
        let twice = [web.clone(), beginning.clone(), web, beginning, end];
        let read = twice.into_iter().position(|it| search.note(ARN, it).is_break());
        let found = search.found.unwrap();
        assert_eq!((found.beginning.id.as_str(), found.before.as_deref()), ("1", Some("2")));
        assert_eq!(read, Some(4));
    }
}
