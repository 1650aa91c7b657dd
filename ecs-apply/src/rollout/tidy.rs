//! Retires old revisions of a family, if that is wanted.

use super::cloud::Cloud;
use super::gate::{Gate, News};
use super::mark;
use super::order::Order;
use super::standing::Begun;
use crate::aws::AwsError;

/// What one list has. Those that are older are retired the next time.
const LISTED: u8 = 100;

/// Retires all but the newest revisions that were made for the service; never what it
/// runs, nor what it would go back to. Those of other services are theirs.
pub(super) async fn tidy<C: Cloud, G: Gate>(cloud: &C, order: &Order, begun: &Begun, gate: &mut G) {
    let Some(keep) = order.keep else { return };
    match retire(cloud, order, begun, keep).await {
        Ok(0) => {}
        Ok(revisions) => gate.tell(News::Retired { revisions }),
        Err(error) => gate.tell(News::NotRetired(error.to_string())),
    }
}

async fn retire<C: Cloud>(
    cloud: &C,
    order: &Order,
    begun: &Begun,
    keep: u8,
) -> Result<usize, AwsError> {
    let newest = cloud.newest_revisions(order.definition.family(), LISTED).await?;
    let is_needed = |arn: &&String| [&begun.revision, &begun.before, &begun.settled].contains(arn);
    let mut retired = 0;
    for arn in newest.iter().skip(keep.into()).filter(|arn| !is_needed(arn)) {
        let revision = cloud.revision(arn).await?;
        if revision.is_some_and(|revision| mark::is_of(&revision, &order.service)) {
            cloud.deregister(arn).await?;
            retired += 1;
        }
    }
    Ok(retired)
}
