//! Asks what happened, and goes on asking.

use std::time::Duration;

use jiff::Timestamp;

use super::{Happening, History, in_order};
use crate::aws::{Aws, AwsError};
use crate::roster::{Roster, SERVICE};
use crate::service::{Service, ServiceName};
use crate::stack::{Stack, StackEvent};

/// How long to wait before asking again, and how much longer for each ten services,
/// which need a call of their own.
const PAUSE: Duration = Duration::from_secs(2);
const PAUSE_FOR_TEN: Duration = Duration::from_millis(200);

/// As many rounds may get no answer, one after the other. Each is several tries.
const SILENCES: u32 = 3;

/// Shows what happened to a stack and its services since a time or ever, and, if that
/// is asked for, what happens from now on. Says whether the stack is gone.
pub async fn history<E: From<AwsError>>(
    aws: &Aws,
    stack: &Stack,
    since: Option<Timestamp>,
    follow: bool,
    mut show: impl FnMut(Vec<Happening>) -> Result<(), E>,
) -> Result<bool, E> {
    let roster = match stack.status.is_deleted() {
        true => Roster::default(),
        false => Roster::of(&aws.stack_resources(&stack.id).await?),
    };
    let names = roster.services.into_iter().filter_map(|member| member.name);
    let mut history = History::new(since, names);
    let mut silences = 0;
    loop {
        match round(aws, stack, &mut history).await {
            Ok(fresh) => {
                silences = 0;
                if !fresh.is_empty() {
                    show(fresh)?;
                }
            }
            Err(error) if !follow || !error.is_unanswered() || silences + 1 >= SILENCES => {
                return Err(error.into());
            }
            Err(_) => silences += 1,
        }
        let is_over = history.is_over || stack.status.is_deleted();
        if !follow || is_over {
            return Ok(is_over);
        }
        let tens = u32::try_from(history.services.len() / 10).unwrap_or(u32::MAX);
        tokio::time::sleep(PAUSE.saturating_add(PAUSE_FOR_TEN.saturating_mul(tens))).await;
    }
}

async fn round(
    aws: &Aws,
    stack: &Stack,
    history: &mut History,
) -> Result<Vec<Happening>, AwsError> {
    let events = events(aws, stack, history).await?;
    // Asked before any of it counts as told, so that a failure loses nothing.
    let services = services(aws, history, &events).await?;
    let mut fresh = history.of_stack(stack, events);
    fresh.extend(history.of_services(&services));
    Ok(in_order(fresh))
}

async fn events(aws: &Aws, stack: &Stack, history: &History) -> Result<Vec<StackEvent>, AwsError> {
    match (&history.newest, history.since) {
        (None, Some(since)) => aws.stack_events_since(&stack.id, since).await,
        (newest, _) => aws.stack_events(&stack.id, newest.as_deref()).await,
    }
}

async fn services(
    aws: &Aws,
    history: &History,
    events: &[StackEvent],
) -> Result<Vec<Service>, AwsError> {
    let new = events.iter().filter(|event| event.kind == SERVICE);
    let new = new.filter_map(|event| event.physical_id.as_deref()?.parse().ok());
    let new: Vec<ServiceName> = new.collect();
    aws.services_named(history.services.keys().chain(&new)).await
}
