//! Single things that were seen, and how they become causes.

use jiff::Timestamp;

use super::kind::Kind;
use super::reading::Reading;
use super::subject::Subject;
use super::{Cause, Finding, Source};
use crate::evidence::LogTail;

/// One thing that was seen to go wrong.
#[derive(Debug)]
pub(super) struct Sighting<'a> {
    pub(super) subject: Subject,
    pub(super) reading: Reading,
    pub(super) finding: Finding,
    /// What else says so.
    pub(super) also: Option<Finding>,
    pub(super) log: Option<&'a LogTail>,
}

impl Sighting<'_> {
    fn is_of_task(&self) -> bool {
        match self.finding.source {
            Source::Task { .. } | Source::Container { .. } => true,
            Source::Stack { .. } | Source::Service { .. } | Source::Deployment { .. } => false,
        }
    }

    /// Whether another says the same and more: tasks know what happened to them, the
    /// events of a service repeat it, and CloudFormation knows the end alone. Of a load
    /// balancer's check only the service knows what it answered.
    fn depth(&self) -> u8 {
        match self.finding.source {
            Source::Service { .. } if self.reading.kind == Kind::TargetUnhealthy => 0,
            Source::Container { .. } => 1,
            Source::Task { .. } => 2,
            Source::Service { .. } => 3,
            Source::Deployment { .. } => 4,
            Source::Stack { .. } => 5,
        }
    }

    fn time(&self) -> Timestamp {
        self.finding.time.unwrap_or(Timestamp::MAX)
    }
}

/// Puts together what is about one thing, the root first.
pub(super) fn together(mut sightings: Vec<Sighting<'_>>) -> Vec<Cause> {
    // Whatever order things were found out in, the same comes out.
    sightings.sort_by(|a, b| {
        let order = |it: &Sighting<'_>| {
            (it.reading.kind.is_consequence(), it.depth(), it.time(), it.subject.clone())
        };
        order(a)
            .cmp(&order(b))
            .then_with(|| a.finding.source.cmp(&b.finding.source))
            .then_with(|| a.finding.text.cmp(&b.finding.text))
    });
    let mut causes: Vec<Cause> = Vec::new();
    for sighting in sightings {
        match causes.iter_mut().find(|cause| belongs(&sighting, cause)) {
            Some(cause) => take_in(cause, sighting),
            None => causes.push(begin(sighting)),
        }
    }
    for cause in &mut causes {
        cause.first = cause.findings.iter().filter_map(|finding| finding.time).min();
        cause.findings = newest_of_each(std::mem::take(&mut cause.findings));
    }
    causes.sort_by_key(|cause| {
        let first = cause.first.unwrap_or(Timestamp::MAX);
        (cause.kind.is_consequence(), first, cause.subject.clone())
    });
    causes
}

/// Tasks that stopped for different reasons are different causes; everything else that
/// is of one kind is about the same.
fn belongs(sighting: &Sighting<'_>, cause: &Cause) -> bool {
    if cause.subject != sighting.subject.name {
        return false;
    }
    if sighting.reading.kind.is_consequence() {
        return true;
    }
    let own = sighting.is_of_task() && sighting.reading.kind != Kind::TargetUnhealthy;
    cause.kind == sighting.reading.kind && (!own || cause.message == sighting.reading.message)
}

fn begin(sighting: Sighting<'_>) -> Cause {
    let tasks = usize::from(sighting.is_of_task());
    Cause {
        kind: sighting.reading.kind,
        subject: sighting.subject.name,
        message: sighting.reading.message,
        first: None,
        tasks,
        findings: std::iter::once(sighting.finding).chain(sighting.also).collect(),
        log: sighting.log.cloned(),
        help: sighting.reading.help,
    }
}

fn take_in(cause: &mut Cause, sighting: Sighting<'_>) {
    cause.tasks += usize::from(sighting.is_of_task());
    cause.findings.push(sighting.finding);
    cause.findings.extend(sighting.also);
    if let Some(log) = sighting.log {
        // The newest that has anything to say.
        if !log.lines.is_empty() || cause.log.is_none() {
            cause.log = Some(log.clone());
        }
    }
}

/// Of many that say the same, the newest, since the oldest may be forgotten by AWS
/// before anybody looks; in the order of time.
fn newest_of_each(mut findings: Vec<Finding>) -> Vec<Finding> {
    let order = |finding: &Finding| finding.time.unwrap_or(Timestamp::MAX);
    findings.sort_by(|a, b| (order(a), &a.source, &a.text).cmp(&(order(b), &b.source, &b.text)));
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        kept.retain(|it| !says_the_same(it, &finding));
        kept.push(finding);
    }
    kept
}

fn says_the_same(a: &Finding, b: &Finding) -> bool {
    let voice = |finding: &Finding| match &finding.source {
        Source::Container { name, .. } => (0, name.clone()),
        Source::Task { .. } => (1, String::new()),
        Source::Service { .. } => (2, String::new()),
        Source::Deployment { .. } => (3, String::new()),
        Source::Stack { logical_id } => (4, logical_id.clone()),
    };
    voice(a) == voice(b)
}
