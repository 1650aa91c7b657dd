//! What happened to a stack and to its services, in one order.
//!
//! CloudFormation tells what becomes of resources, ECS what services go through
//! meanwhile: neither alone says why a deployment takes so long.

mod follow;

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use crate::roster::SERVICE;
use crate::service::{Service, ServiceName};
use crate::stack::{Stack, StackEvent, Status};
use crate::watch::STACK;

pub use follow::history;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub time: Timestamp,
    /// No other has it.
    pub id: String,
    /// Who says so.
    pub teller: Teller,
    /// What it happened to: its name in the template, or what the Compose file calls
    /// the service.
    pub name: String,
    /// Its kind: `AWS::ECS::Service`.
    pub kind: String,
    /// Its name in AWS, as soon as it has one.
    pub physical_id: Option<String>,
    /// What it has been doing since, if CloudFormation says so.
    pub status: Option<Status>,
    /// Why, or what it is that happened.
    pub message: Option<String>,
}

/// Who tells what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// CloudFormation.
    Stack,
    /// The service itself.
    Service,
}

/// What was told already.
#[derive(Debug, Default)]
pub(crate) struct History {
    since: Option<Timestamp>,
    /// The newest event of the stack.
    newest: Option<String>,
    /// The services that are known, and what was told of each of what it last said.
    services: BTreeMap<ServiceName, HashSet<String>>,
    is_over: bool,
}

impl History {
    /// Nothing has been told, and nothing older than this shall be.
    pub(crate) fn new(
        since: Option<Timestamp>,
        services: impl Iterator<Item = ServiceName>,
    ) -> Self {
        let services = services.map(|name| (name, HashSet::new())).collect();
        Self { since, services, ..Self::default() }
    }

    /// Takes what CloudFormation says, the newest first, and gives what was not told
    /// yet.
    pub(crate) fn of_stack(&mut self, stack: &Stack, events: Vec<StackEvent>) -> Vec<Happening> {
        if let Some(newest) = events.first() {
            self.newest = Some(newest.id.clone());
        }
        // Where events come in while pages are read, one may be on two pages.
        let mut seen = HashSet::new();
        let fresh = events.into_iter().filter(|event| seen.insert(event.id.clone()));
        let fresh: Vec<_> = fresh.filter(|event| self.counts(event.time)).collect();
        for event in &fresh {
            self.note(stack, event);
        }
        // The newest come first also where several have the same time.
        fresh.into_iter().rev().map(of_stack).collect()
    }

    fn note(&mut self, stack: &Stack, event: &StackEvent) {
        let id = event.physical_id.as_deref().unwrap_or_default();
        match event.kind.as_str() {
            STACK if id == stack.id && event.status.is_deleted() => self.is_over = true,
            SERVICE => {
                if let Ok(name) = id.parse() {
                    self.services.entry(name).or_default();
                }
            }
            _ => {}
        }
    }

    /// Takes what services say, and gives what was not told yet.
    pub(crate) fn of_services(&mut self, services: &[Service]) -> Vec<Happening> {
        let mut fresh = Vec::new();
        for service in services {
            let said = service.events.iter().map(|event| event.id.clone()).collect();
            let known = self.services.insert(service.name.clone(), said).unwrap_or_default();
            let new = service.events.iter().rev().filter(|event| !known.contains(&event.id));
            fresh.extend(new.filter(|event| self.counts(event.time)).map(|event| Happening {
                time: event.time,
                id: event.id.clone(),
                teller: Teller::Service,
                name: service.title().to_owned(),
                kind: SERVICE.to_owned(),
                physical_id: Some(service.arn.clone()),
                status: None,
                message: Some(without_name(&event.message, service)),
            }));
        }
        fresh
    }

    fn counts(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since)
    }
}

fn of_stack(event: StackEvent) -> Happening {
    Happening {
        time: event.time,
        id: event.id,
        teller: Teller::Stack,
        name: event.logical_id,
        kind: event.kind,
        physical_id: event.physical_id,
        status: Some(event.status),
        message: event.reason,
    }
}

/// Each message begins with `(service NAME)`, which is said already.
fn without_name(message: &str, service: &Service) -> String {
    let start = format!("(service {}) ", service.name.service);
    message.strip_prefix(&start).unwrap_or(message).to_owned()
}

/// As they happened; what happened at the same time stays as it is.
pub(crate) fn in_order(mut happenings: Vec<Happening>) -> Vec<Happening> {
    happenings.sort_by_key(|one| one.time);
    happenings
}

#[cfg(test)]
mod tests;
