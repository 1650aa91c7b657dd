//! Orders that cross: whoever tells a service what to run cannot see who else does so in
//! the same moment, and an earlier order may take the place of a later one. The later one
//! wins all the same.

use super::cloud::{Cloud, Revision, Update};
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::mark;
use super::order::Order;
use super::standing::Begun;
use crate::aws::AwsError;
use crate::service::{Deployment, ServiceName};

/// Whether a revision was ordered later than another of the same service.
pub(super) fn is_later(revision: &Revision, than: &Revision, service: &ServiceName) -> bool {
    let rank = |revision: &Revision| mark::rank(revision, service);
    rank(revision).zip(rank(than)).is_some_and(|(one, other)| one.is_after(other))
}

/// Whether an earlier order has taken the place of this one without knowing of it: both
/// were made upon the same. What ran when the later one was made is there because
/// somebody went back to it.
pub(super) fn has_crossed(ours: &Revision, theirs: &Revision, service: &ServiceName) -> bool {
    is_later(ours, theirs, service) && mark::before(ours) == mark::before(theirs)
}

/// The same, of revisions that are only named.
pub(super) async fn was_crossed<C: Cloud>(
    cloud: &C,
    service: &ServiceName,
    ours: &str,
    theirs: &str,
) -> Result<bool, AwsError> {
    let both = both(cloud, ours, theirs).await?;
    Ok(both.is_some_and(|(ours, theirs)| has_crossed(&ours, &theirs, service)))
}

/// Whether what a service runs was ordered later than a revision.
pub(super) async fn was_overtaken<C: Cloud>(
    cloud: &C,
    service: &ServiceName,
    revision: &str,
    runs: &str,
) -> Result<bool, AwsError> {
    let both = both(cloud, runs, revision).await?;
    Ok(both.is_some_and(|(runs, ours)| is_later(&runs, &ours, service)))
}

/// Has the service run the later order whose place this one has taken, if there is one;
/// gives what it is to run then.
pub(super) async fn give_way<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    begun: &Begun,
    mut deployments: Vec<Deployment>,
    gate: &mut G,
) -> Result<Option<String>, RolloutError> {
    let mut runs = begun.revision.clone();
    while let Some(later) = displaced(cloud, order, begun, &runs, &deployments).await? {
        if !gate.may_update() {
            return Err(RolloutError::Withdrawn(order.service.clone()));
        }
        gate.tell(News::GivesWay { to: later.clone() });
        let service = order.service.clone();
        let update = Update { service, revision: later.clone(), strategy: None };
        deployments = cloud.update(&update).await?.deployments;
        runs = later;
    }
    Ok((runs != begun.revision).then_some(runs))
}

/// What the service ran last, if it has to get its place back from what runs now.
async fn displaced<C: Cloud>(
    cloud: &C,
    order: &Order,
    begun: &Begun,
    runs: &str,
    deployments: &[Deployment],
) -> Result<Option<String>, AwsError> {
    let others = deployments.iter().filter(|it| it.task_definition != runs);
    // The newest stands first.
    let Some(last) = others.min_by_key(|it| std::cmp::Reverse(it.created)) else {
        return Ok(None);
    };
    let has_failed = last.rollout.as_deref() == Some("FAILED");
    if has_failed || last.task_definition == begun.before {
        return Ok(None);
    }
    let service = &order.service;
    let gets_it_back = |last: &Revision, ours: &Revision| match begun.resumed {
        // Much may have happened since.
        true => has_crossed(last, ours, service),
        false => is_later(last, ours, service) && mark::before(last) != Some(&ours.arn),
    };
    let both = both(cloud, &last.task_definition, runs).await?;
    let gets_it_back = both.is_some_and(|(last, ours)| gets_it_back(&last, &ours));
    Ok(gets_it_back.then(|| last.task_definition.clone()))
}

/// Two revisions; nothing, where one is gone or may not be seen.
async fn both<C: Cloud>(
    cloud: &C,
    one: &str,
    other: &str,
) -> Result<Option<(Revision, Revision)>, AwsError> {
    let Some(one) = seen(cloud, one).await? else { return Ok(None) };
    Ok(seen(cloud, other).await?.map(|other| (one, other)))
}

async fn seen<C: Cloud>(cloud: &C, revision: &str) -> Result<Option<Revision>, AwsError> {
    if revision.is_empty() {
        return Ok(None);
    }
    match cloud.revision(revision).await {
        Err(error) if error.is_denied() => Ok(None),
        answer => answer,
    }
}
