//! What CloudFormation says.

use jiff::Timestamp;

use super::resource;
use super::sighting::Sighting;
use super::subject::Subjects;
use super::{Finding, Source};
use crate::evidence::Evidence;
use crate::stack::StackEvent;

const STACK: &str = "AWS::CloudFormation::Stack";

pub(super) fn sightings<'a>(evidence: &'a Evidence, subjects: &Subjects) -> Vec<Sighting<'a>> {
    let events = || evidence.events.iter().filter(|event| event.time >= evidence.since);
    let until = rollback(evidence);
    let counted = events()
        .filter(|event| event.status.0.ends_with("_FAILED"))
        .filter(|event| until.is_none_or(|until| event.time <= until));
    let (own, others): (Vec<_>, Vec<_>) = counted.partition(|event| event.kind == STACK);
    let told: Vec<_> =
        others.into_iter().filter_map(|event| sighting(evidence, subjects, event)).collect();
    if told.is_empty() {
        return own.into_iter().filter_map(|event| sighting(evidence, subjects, event)).collect();
    }
    told
}

/// When CloudFormation began to undo what it did. What fails then follows from what
/// failed before, unless undoing fails altogether.
fn rollback(evidence: &Evidence) -> Option<Timestamp> {
    let own = || evidence.events.iter().filter(|event| event.kind == STACK);
    if own().any(|event| event.status.0.ends_with("ROLLBACK_FAILED")) {
        return None;
    }
    let begun = own().filter(|event| event.status.0.ends_with("ROLLBACK_IN_PROGRESS"));
    begun.map(|event| event.time).filter(|time| *time >= evidence.since).min()
}

fn sighting<'a>(
    evidence: &Evidence,
    subjects: &Subjects,
    event: &StackEvent,
) -> Option<Sighting<'a>> {
    let reason = event.reason.as_deref().unwrap_or_default();
    if follows(reason) {
        return None;
    }
    let physical_id = event.physical_id.as_deref();
    let subject = subjects.resource(evidence, &event.logical_id, &event.kind, physical_id);
    Some(Sighting {
        reading: resource::read(reason, &event.kind, &event.status, &subject),
        subject,
        finding: Finding {
            time: Some(event.time),
            source: Source::Stack { logical_id: event.logical_id.clone() },
            text: if reason.is_empty() { event.status.0.clone() } else { reason.to_owned() },
        },
        also: None,
        log: None,
    })
}

/// Whether a reason says that something else failed.
fn follows(reason: &str) -> bool {
    const WORDS: [&str; 8] = [
        "Resource creation cancelled",
        "Resource update cancelled",
        "Resource deletion cancelled",
        "Resource creation Initiated",
        "Resource import cancelled",
        "The following resource(s) failed to",
        "Rollback requested by user",
        "Stack update cancelled",
    ];
    WORDS.iter().any(|words| reason.trim_start().starts_with(words))
}
