//! Orders that cross: whoever tells a service what to run cannot see who else does so in
//! the same moment, and an earlier order may take the place of a later one. The later one
//! wins all the same.

use super::cloud::{Cloud, Revision, Update};
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::mark;
use super::order::Order;
use crate::aws::AwsError;
use crate::service::{Deployment, ServiceName};

/// Whether a revision was ordered later than another of the same service.
pub(super) fn is_later(revision: &Revision, than: &Revision, service: &ServiceName) -> bool {
    let rank = |revision: &Revision| mark::rank(revision, service);
    rank(revision).zip(rank(than)).is_some_and(|(one, other)| one.is_after(other))
}

/// Whether an earlier order has taken the place of this one without knowing of it: both
/// began with what ran before. Whoever goes back to an older revision means it.
pub(super) fn has_crossed(ours: &Revision, theirs: &Revision, service: &ServiceName) -> bool {
    is_later(ours, theirs, service) && mark::before(ours) == mark::before(theirs)
}

/// The same, of revisions that are only named.
pub(super) async fn was_crossed<C: Cloud>(
    cloud: &C,
    service: &ServiceName,
    (ours, theirs): (&str, &str),
) -> Result<bool, AwsError> {
    both(cloud, (ours, theirs), |ours, theirs| has_crossed(ours, theirs, service)).await
}

/// Has the service run the later order whose place this one has taken, if there is one;
/// gives what it is to run then. `before` is what it ran when it was looked at.
pub(super) async fn give_way<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    (revision, before): (&str, &str),
    mut deployments: Vec<Deployment>,
    gate: &mut G,
) -> Result<Option<String>, RolloutError> {
    let mut runs = revision.to_owned();
    while let Some(later) = displaced(cloud, order, (&runs, before), &deployments).await? {
        if !gate.may_update() {
            return Err(RolloutError::Withdrawn(order.service.clone()));
        }
        gate.tell(News::GivesWay { to: later.clone() });
        let service = order.service.clone();
        let update = Update { service, revision: later.clone(), strategy: None };
        deployments = cloud.update(&update).await?.deployments;
        runs = later;
    }
    Ok((runs != revision).then_some(runs))
}

/// What a service ran last, if that was ordered later than what it is to run now.
async fn displaced<C: Cloud>(
    cloud: &C,
    order: &Order,
    (revision, before): (&str, &str),
    deployments: &[Deployment],
) -> Result<Option<String>, AwsError> {
    let others = deployments.iter().filter(|it| it.task_definition != revision);
    let Some(last) = others.max_by_key(|it| it.created) else { return Ok(None) };
    let has_failed = last.rollout.as_deref() == Some("FAILED");
    if has_failed || last.task_definition == before {
        return Ok(None);
    }
    let names = (last.task_definition.as_str(), revision);
    let is_later = both(cloud, names, |last, ours| is_later(last, ours, &order.service)).await?;
    Ok(is_later.then(|| last.task_definition.clone()))
}

/// Whether two revisions are so; not, where they are gone or may not be seen.
async fn both<C: Cloud>(
    cloud: &C,
    (one, other): (&str, &str),
    are: impl Fn(&Revision, &Revision) -> bool,
) -> Result<bool, AwsError> {
    let mut found = Vec::new();
    for arn in [one, other] {
        match cloud.revision(arn).await {
            Ok(revision) => found.extend(revision),
            Err(error) if error.is_denied() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(matches!(&found[..], [one, other] if are(one, other)))
}
