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
    /// The ARN, by which a stack is found also when it is gone.
    stack: String,
    /// The newest event that was seen.
    seen: Option<String>,
    /// Services that are being made or changed, by their name in the template.
    deploying: IndexMap<String, ServiceName>,
    status: Option<Status>,
    looks: usize,
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
        Self { aws, stack: stack.into(), seen, deploying: IndexMap::new(), status: None, looks: 0 }
    }

    /// Waits a little, then looks what has happened.
    pub async fn look(&mut self) -> Result<Sight, AwsError> {
        let pause = PAUSES[self.looks.min(PAUSES.len() - 1)];
        tokio::time::sleep(pause).await;
        self.looks += 1;
        let mut events = self.aws.stack_events(&self.stack, self.seen.as_deref()).await?;
        events.reverse();
        for event in &events {
            self.note(event);
        }
        let services = self.services().await?;
        let end = self.status.clone().filter(|status| !status.is_under_way());
        Ok(Sight { events, services, end })
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

    async fn services(&self) -> Result<Vec<(String, Service)>, AwsError> {
        let found = self.aws.services_named(self.deploying.values()).await?;
        let named = found.into_iter().filter_map(|service| {
            let (id, _) = self.deploying.iter().find(|(_, name)| **name == service.name)?;
            Some((id.clone(), service))
        });
        Ok(named.collect())
    }
}
