//! What became of an order before: whoever had it may have been killed at any moment.

use jiff::{SignedDuration, Timestamp};

use super::RolloutError;
use super::cloud::{Cloud, Revision};
use super::judge::Watched;
use super::mark;
use super::order::Order;
use super::site::Site;
use crate::service::{Deployment, Service};

/// The clocks of AWS's services differ by less.
const SLACK: SignedDuration = SignedDuration::from_secs(10);

/// Of a family. An order that was begun is among the newest.
const NEWEST: u8 = 10;

/// What became of an order before.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Nothing.
    New,
    /// Whoever asks may not see it.
    Unknown,
    /// Its revision was made.
    Registered {
        /// The revision's ARN.
        revision: String,
    },
    /// The service was told to run it.
    Begun(Begun),
    /// Its revision ran, or was to run, and the service runs something else now.
    Undone {
        /// The revision's ARN.
        revision: String,
        /// What the service runs.
        by: String,
        /// Whether that is what it ran before.
        reverted: bool,
    },
    /// A later order was carried out before.
    Stale {
        /// What the service runs.
        by: String,
    },
    /// The service runs the same for another order.
    Same {
        /// The revision's ARN.
        revision: String,
    },
}

/// A deployment that was begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// The revision's ARN.
    pub revision: String,
    /// The deployment's id.
    pub deployment: String,
    /// When it began.
    pub since: Timestamp,
    /// What the service ran before; empty, if that is not known.
    pub before: String,
    /// Whether somebody else had begun it.
    pub resumed: bool,
}

impl Begun {
    /// What is to be watched of it.
    pub(super) fn watched(&self, order: &Order, site: &Site) -> Watched {
        Watched {
            deployment: self.deployment.clone(),
            revision: self.revision.clone(),
            before: self.before.clone(),
            since: self.since,
            terms: order.terms.clone(),
            ways: site.ways.clone(),
        }
    }
}

/// Looks what became of an order.
pub(super) async fn standing<C: Cloud>(
    cloud: &C,
    order: &Order,
    site: &Site,
) -> Result<Standing, RolloutError> {
    match look(cloud, order, site).await {
        Err(RolloutError::Aws(error)) if error.is_denied() && !order.must_be_known => {
            Ok(Standing::Unknown)
        }
        answer => answer,
    }
}

/// What was given after the service last changed cannot have been begun, which saves
/// asking.
async fn look<C: Cloud>(cloud: &C, order: &Order, site: &Site) -> Result<Standing, RolloutError> {
    let service = &site.service;
    let Some(primary) = primary(service) else { return Ok(Standing::New) };
    let compares = order.retold || order.policy.skip_unchanged;
    let untouched = match (order.asked, primary.created) {
        (Some(asked), Some(created)) => created < asked - SLACK,
        (None, _) | (_, None) => false,
    };
    if untouched && !order.again && !compares {
        return Ok(Standing::New);
    }
    let mut newest = None;
    for deployment in &service.deployments {
        let Some(revision) = cloud.revision(&deployment.task_definition).await? else { continue };
        if mark::is_for(&revision, order) {
            return Ok(begun(deployment, &revision, primary));
        }
        if deployment.id == primary.id {
            newest = Some(revision);
        }
    }
    if let Some(newest) = newest
        && let Some(standing) = by_newest(order, primary, &newest, compares)
    {
        return Ok(standing);
    }
    if order.again { made(cloud, order, primary).await } else { Ok(Standing::New) }
}

fn primary(service: &Service) -> Option<&Deployment> {
    service.deployments.iter().find(|it| it.status == "PRIMARY")
}

fn begun(deployment: &Deployment, revision: &Revision, primary: &Deployment) -> Standing {
    let failed = deployment.rollout.as_deref() == Some("FAILED");
    if deployment.id != primary.id && primary.task_definition != revision.arn {
        let by = primary.task_definition.clone();
        let reverted = failed || mark::before(revision) == Some(&by);
        return Standing::Undone { revision: revision.arn.clone(), by, reverted };
    }
    Standing::Begun(Begun {
        revision: revision.arn.clone(),
        deployment: deployment.id.clone(),
        since: deployment.created.or(revision.registered).unwrap_or_default(),
        before: mark::before(revision).unwrap_or_default().to_owned(),
        resumed: true,
    })
}

/// What the service runs may be newer than the order, or the same.
fn by_newest(
    order: &Order,
    primary: &Deployment,
    newest: &Revision,
    compares: bool,
) -> Option<Standing> {
    let revision = newest.arn.clone();
    let later = mark::rank(newest, &order.service).zip(order.rank);
    if later.is_some_and(|(theirs, ours)| theirs.is_after(ours)) {
        return Some(Standing::Stale { by: revision });
    }
    let runs = primary.rollout.as_deref().is_none_or(|state| state == "COMPLETED");
    (compares && runs && mark::says_the_same(newest, order)).then_some(Standing::Same { revision })
}

/// The revision of an order, if it was made, though the service does not run it.
async fn made<C: Cloud>(
    cloud: &C,
    order: &Order,
    primary: &Deployment,
) -> Result<Standing, RolloutError> {
    let Some(revision) = find(cloud, order).await? else { return Ok(Standing::New) };
    // Whatever the service was given after that came instead of it.
    let since = revision.registered.unwrap_or_default();
    if primary.created.is_some_and(|created| created > since) {
        let by = primary.task_definition.clone();
        let reverted = mark::before(&revision) == Some(&by);
        return Ok(Standing::Undone { revision: revision.arn, by, reverted });
    }
    Ok(Standing::Registered { revision: revision.arn })
}

/// The revision that was made for an order, if there is one.
pub(super) async fn find<C: Cloud>(
    cloud: &C,
    order: &Order,
) -> Result<Option<Revision>, RolloutError> {
    for arn in cloud.newest_revisions(order.definition.family(), NEWEST).await? {
        let revision = cloud.revision(&arn).await?;
        if let Some(revision) = revision.filter(|revision| mark::is_for(revision, order)) {
            return Ok(Some(revision));
        }
    }
    Ok(None)
}
