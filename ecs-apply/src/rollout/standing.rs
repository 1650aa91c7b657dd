//! What became of an order before: whoever had it may have been killed at any moment.

use jiff::{SignedDuration, Timestamp};

use super::RolloutError;
use super::cloud::{Cloud, Revision, Which};
use super::crossing::{has_crossed, is_later};
use super::definition::Remark;
use super::judge::Watched;
use super::mark;
use super::order::Order;
use super::site::Site;
use crate::service::{Deployment, Service, primary};

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

impl Standing {
    /// Whether something else runs that is not what ran before.
    fn is_undone(&self) -> bool {
        matches!(self, Self::Undone { reverted: false, .. })
    }
}

/// A deployment that was begun.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Begun {
    /// The revision's ARN.
    pub revision: String,
    /// The deployment's id.
    pub deployment: String,
    /// When it began.
    pub since: Timestamp,
    /// What the service ran before; empty, if that is not known.
    pub before: String,
    /// What it ran before that was completed: where somebody would go back to.
    pub settled: String,
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
            resumed: self.resumed,
            is_checked: order.definition.is_checked(),
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
    let Some(primary) = primary(&service.deployments) else { return Ok(Standing::New) };
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
            is_the_same(&revision, order)?;
            let standing = begun(deployment, &revision, primary);
            let takes_it_back = standing.is_undone()
                && newest.is_some_and(|newest| was_taken(&revision, &newest, service));
            return Ok(if takes_it_back { registered(&revision) } else { standing });
        }
        if deployment.id == primary.id {
            newest = Some(revision);
        }
    }
    if let Some(newest) = &newest
        && let Some(standing) = by_newest(order, primary, newest, compares)
    {
        return Ok(standing);
    }
    if !order.again {
        return Ok(Standing::New);
    }
    let Some(revision) = find(cloud, order).await? else { return Ok(Standing::New) };
    is_the_same(&revision, order)?;
    made(cloud, order, service, primary, (&revision, newest.as_ref())).await
}

/// Under one name there is one order.
fn is_the_same(revision: &Revision, order: &Order) -> Result<(), RolloutError> {
    if !mark::says_otherwise(revision, order) {
        return Ok(());
    }
    let message = format!(
        "{} was made for an order of this name, and says something else: give this one another name",
        revision.arn
    );
    let remarks = vec![Remark { at: "attribute deployment_id".to_owned(), message }];
    Err(RolloutError::Unfit { service: order.service.clone(), remarks })
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
        settled: mark::settled(revision).unwrap_or_default().to_owned(),
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

/// What became of an order whose revision was made, though the service does not run it.
/// Whatever the service was given after that came instead of it, unless it was ordered
/// earlier, or is what ran all the time and was only started anew.
async fn made<C: Cloud>(
    cloud: &C,
    order: &Order,
    service: &Service,
    primary: &Deployment,
    (revision, newest): (&Revision, Option<&Revision>),
) -> Result<Standing, RolloutError> {
    let registered = registered(revision);
    let since = revision.registered.unwrap_or_default();
    if primary.created.is_none_or(|created| created <= since) {
        return Ok(registered);
    }
    let by = primary.task_definition.clone();
    let undone =
        |reverted| Standing::Undone { revision: revision.arn.clone(), by: by.clone(), reverted };
    if mark::before(revision) == Some(&by) {
        let ran = has_failed(service, since) || has_run(cloud, order, revision).await?;
        return Ok(if ran { undone(true) } else { registered });
    }
    // The order may be told once more, and stands where it stood the first time.
    let is_ahead = match newest {
        Some(newest) if was_taken(revision, newest, service) => true,
        Some(newest) if is_later(revision, newest, &order.service) => {
            !has_run(cloud, order, revision).await?
        }
        Some(_) | None => false,
    };
    Ok(if is_ahead { registered } else { undone(false) })
}

fn registered(revision: &Revision) -> Standing {
    Standing::Registered { revision: revision.arn.clone() }
}

/// Whether an earlier order has taken the place of a revision that had not failed.
fn was_taken(revision: &Revision, newest: &Revision, service: &Service) -> bool {
    has_crossed(revision, newest, &service.name)
        && !has_failed(service, revision.registered.unwrap_or_default())
}

/// Whether the service has said since then that a deployment failed.
fn has_failed(service: &Service, since: Timestamp) -> bool {
    let events = service.events.iter().filter(|event| event.time >= since);
    let mut words = events.map(|event| event.message.to_ascii_lowercase());
    words.any(|it| it.contains("deployment failed") || it.contains("rolling back"))
}

async fn has_run<C: Cloud>(
    cloud: &C,
    order: &Order,
    revision: &Revision,
) -> Result<bool, RolloutError> {
    let stopped = cloud.tasks(&order.service, &revision.arn, Which::Stopped).await?;
    Ok(!stopped.is_empty())
}

/// The revision that was made for an order, if there is one.
pub(super) async fn find<C: Cloud>(
    cloud: &C,
    order: &Order,
) -> Result<Option<Revision>, RolloutError> {
    for arn in cloud.newest_revisions(order.definition.family(), NEWEST).await? {
        let Some(revision) = cloud.revision(&arn).await? else { continue };
        if mark::is_for(&revision, order) {
            return Ok(Some(revision));
        }
        // Nobody began with an order before somebody thought of it.
        let is_older = |born| revision.registered.is_some_and(|it| it < born - SLACK);
        if order.born.is_some_and(is_older) {
            break;
        }
    }
    Ok(None)
}
