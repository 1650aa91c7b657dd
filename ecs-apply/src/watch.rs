//! Follows what CloudFormation does with a stack, to the end.

use std::time::Duration;

use indexmap::IndexMap;

use crate::aws::{Aws, AwsError};
use crate::roster::SERVICE;
use crate::service::{Service, ServiceName};
use crate::stack::{StackEvent, Status};

/// The kind of the event that is about the stack itself.
pub(crate) const STACK: &str = "AWS::CloudFormation::Stack";

/// How long to wait before looking again: soon at first, since much is quick, then
/// less often.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// Follows one stack.
///
/// A look costs one call, and one more for every ten services that are being
/// deployed.
#[derive(Debug)]
pub struct Watch<'a> {
    aws: &'a Aws,
    known: Known,
    looks: usize,
}

/// What events have told of a stack.
#[derive(Debug, Default)]
struct Known {
    /// The ARN, by which a stack is found also when it is gone.
    stack: String,
    /// The newest event that was seen.
    seen: Option<String>,
    /// Services that are being made or changed, by their name in the template.
    deploying: IndexMap<String, ServiceName>,
    status: Option<Status>,
}

/// What a look has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// What happened since the last look, the oldest first.
    pub events: Vec<StackEvent>,
    /// The services that are being deployed, by their name in the template.
    pub services: Vec<(String, Service)>,
    /// What became of the stack, if it has come to an end.
    pub end: Option<Status>,
}

impl<'a> Watch<'a> {
    /// Follows a stack from the event after this one, or from its beginning.
    pub fn new(aws: &'a Aws, stack: impl Into<String>, seen: Option<String>) -> Self {
        let known = Known { stack: stack.into(), seen, ..Known::default() };
        Self { aws, known, looks: 0 }
    }

    /// Waits a little, then looks what has happened.
    pub async fn look(&mut self) -> Result<Sight, AwsError> {
        let pause = PAUSES[self.looks.min(PAUSES.len() - 1)];
        tokio::time::sleep(pause).await;
        self.looks += 1;
        let known = &mut self.known;
        let mut events = self.aws.stack_events(&known.stack, known.seen.as_deref()).await?;
        events.reverse();
        for event in &events {
            known.note(event);
        }
        let services = self.services().await?;
        Ok(Sight { events, services, end: self.known.end() })
    }

    async fn services(&self) -> Result<Vec<(String, Service)>, AwsError> {
        let deploying = &self.known.deploying;
        let found = self.aws.services_named(deploying.values()).await?;
        let named = found.into_iter().filter_map(|service| {
            let (id, _) = deploying.iter().find(|(_, name)| **name == service.name)?;
            Some((id.clone(), service))
        });
        Ok(named.collect())
    }
}

impl Known {
    /// What became of the stack, if it has come to an end.
    fn end(&self) -> Option<Status> {
        self.status.clone().filter(|status| !status.is_under_way())
    }

    fn note(&mut self, event: &StackEvent) {
        self.seen = Some(event.id.clone());
        if event.kind == STACK && event.physical_id.as_ref() == Some(&self.stack) {
            self.status = Some(event.status.clone());
        }
        if event.kind != SERVICE {
            return;
        }
        let name = event.physical_id.as_deref().and_then(|arn| arn.parse::<ServiceName>().ok());
        match name {
            Some(name) if event.status.is_under_way() => {
                self.deploying.insert(event.logical_id.clone(), name);
            }
            Some(_) | None if !event.status.is_under_way() => {
                self.deploying.shift_remove(&event.logical_id);
            }
            Some(_) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const ARN: &str = "arn:aws:cloudformation:eu-west-1:1:stack/shop/1";
    const WEB: &str = "arn:aws:ecs:eu-west-1:1:service/shop/web";

    /// `stack UPDATE_COMPLETE`, `Web CREATE_IN_PROGRESS`, `Db CREATE_IN_PROGRESS` without an
    /// ARN yet, `nested CREATE_COMPLETE` of a stack within.
    fn event(line: &str) -> StackEvent {
        let (name, status) = line.split_once(' ').unwrap();
        let (kind, id) = match name {
            "stack" => (STACK, Some(ARN)),
            "nested" => (STACK, Some("arn:aws:cloudformation:eu-west-1:1:stack/nested/1")),
            "Web" => (SERVICE, Some(WEB)),
            "Db" => (SERVICE, None),
            other => ("AWS::Logs::LogGroup", Some(other)),
        };
        StackEvent {
            id: line.to_owned(),
            time: Timestamp::UNIX_EPOCH,
            logical_id: name.to_owned(),
            physical_id: id.map(ToOwned::to_owned),
            kind: kind.to_owned(),
            status: Status(status.to_owned()),
            reason: None,
            token: None,
        }
    }

    #[test]
    fn events_tell_what_is_deployed_and_when_it_is_over() {
        let mut known = Known { stack: ARN.to_owned(), ..Known::default() };
        // What happens, the services that are asked for then, and how the stack ended.
        let cases = [
            ("stack UPDATE_IN_PROGRESS", 0, None),
            ("Db CREATE_IN_PROGRESS", 0, None),
            ("Web UPDATE_IN_PROGRESS", 1, None),
            ("Logs CREATE_COMPLETE", 1, None),
            ("nested CREATE_COMPLETE", 1, None),
            ("Web UPDATE_FAILED", 0, None),
            ("stack UPDATE_ROLLBACK_IN_PROGRESS", 0, None),
            ("Web UPDATE_IN_PROGRESS", 1, None),
            ("Web UPDATE_COMPLETE", 0, None),
            ("stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", 0, None),
            ("stack UPDATE_ROLLBACK_COMPLETE", 0, Some("UPDATE_ROLLBACK_COMPLETE")),
        ];
        for (line, deploying, end) in cases {
            known.note(&event(line));
            assert_eq!(known.deploying.len(), deploying, "{line}");
            assert_eq!(known.end(), end.map(|it| Status(it.to_owned())), "{line}");
            assert_eq!(known.seen.as_deref(), Some(line));
        }
    }
}
