//! Rolls an order out, step by step. Whatever a step needs to know it finds out from
//! AWS, so that another run can go on wherever this one is killed.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::cloud::{Cloud, Updated};
use super::crossing::{give_way, was_crossed, was_overtaken};
use super::definition::Remark;
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::judge::Failure;
use super::making::{Made, make, may_be_read};
use super::order::Order;
use super::preflight::{of_definition, preflight};
use super::rehearsal::rehearse;
use super::rollback::{Rollback, roll_back};
use super::site::Site;
use super::standing::{Begun, Standing, find, standing};
use super::tidy::tidy;
use super::update::{Told, update};
use super::watch::{Seen, watch};
use crate::cause::Cause;
use crate::service::primary;

/// What became of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The revision that was made for it.
    pub revision: Option<String>,
    /// What the service ran before.
    pub before: String,
    /// Whether the service wants no task at all.
    pub is_idle: bool,
    /// Why it failed, as far as that is known, the root first.
    pub causes: Vec<Cause>,
    /// What the service said since, the oldest first.
    pub said: Vec<String>,
}

impl Report {
    /// How an order ended that was not watched.
    fn at_once(outcome: Outcome, revision: Option<String>, before: &str) -> Self {
        let before = before.to_owned();
        Self { outcome, revision, before, is_idle: false, causes: Vec::new(), said: Vec::new() }
    }
}

/// How an order ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The service runs it.
    Deployed,
    /// The service ran it already.
    Already,
    /// The service does not run it, or does not run it well.
    Failed {
        /// Why not.
        failure: Failure,
        /// What became of going back, if that was tried.
        rollback: Option<Rollback>,
    },
    /// Somebody else has changed the service since.
    Superseded {
        /// What it runs instead.
        by: String,
    },
    /// A later order was carried out before.
    Stale {
        /// What the service runs.
        by: String,
    },
}

/// Rolls an order out, or goes on with it, and stays until its end is known.
///
/// # Errors
///
/// If it was not begun, and the service was not touched; or if AWS cannot be asked any
/// more, or somebody else may have the order by now, and nobody knows here how it goes.
pub async fn roll_out<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    gate: &mut G,
) -> Result<Report, RolloutError> {
    let looked = cloud.now();
    let site = site(cloud, order).await?;
    let standing = standing(cloud, order, &site).await?;
    let runs = site.service.task_definition.clone();
    gate.tell(News::Found { runs: runs.clone(), standing: standing.clone() });
    let ended = |outcome, revision| Report::at_once(outcome, revision, &runs);
    let is_blind = standing == Standing::Unknown;
    match standing {
        Standing::Stale { by } => Ok(ended(Outcome::Stale { by }, None)),
        Standing::Same { revision } => Ok(ended(Outcome::Already, Some(revision))),
        Standing::Undone { revision, by, reverted: false } => {
            Ok(ended(Outcome::Superseded { by }, Some(revision)))
        }
        Standing::Undone { revision, by, reverted: true } => {
            let failure = Failure::Reverted { to: by, reason: None };
            let outcome = Outcome::Failed { failure, rollback: None };
            Ok(ended(outcome, Some(revision)))
        }
        Standing::Begun(begun) => {
            gate.updated(true).await;
            let deployments = site.service.deployments.clone();
            if let Some(by) = give_way(cloud, order, &begun, deployments, gate).await? {
                return Ok(ended(Outcome::Stale { by }, Some(begun.revision)));
            }
            end(cloud, order, site, begun, gate).await
        }
        Standing::Registered { revision } => {
            deploy(cloud, order, (site, looked), Made { revision, marked: true }, gate).await
        }
        Standing::New | Standing::Unknown => {
            for doubt in fits(order, &site)? {
                gate.tell(News::Doubt(doubt));
            }
            let made = make(cloud, order, Some(&site), gate).await?;
            gate.tell(News::Registered { revision: made.revision.clone() });
            let marked = made.marked && !is_blind && may_be_read(cloud, &made.revision).await;
            let made = Made { marked, ..made };
            deploy(cloud, order, (site, looked), made, gate).await
        }
    }
}

/// Registers a definition that is for no service, and gives its revision's ARN.
///
/// # Errors
///
/// If AWS does not take it, or does not answer.
pub async fn register_only<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    gate: &mut G,
) -> Result<String, RolloutError> {
    let found = of_definition(&order.definition, &order.policy);
    if !found.refused.is_empty() {
        let service = order.service.clone();
        return Err(RolloutError::Unfit { service, remarks: found.refused });
    }
    for doubt in found.doubts {
        gate.tell(News::Doubt(doubt));
    }
    if order.again {
        match find(cloud, order).await {
            Ok(Some(revision)) => return Ok(revision.arn),
            Ok(None) => {}
            Err(RolloutError::Aws(error)) if error.is_denied() && !order.must_be_known => {}
            Err(error) => return Err(error),
        }
    }
    let made = make(cloud, order, None, gate).await?;
    gate.tell(News::Registered { revision: made.revision.clone() });
    Ok(made.revision)
}

async fn site<C: Cloud>(cloud: &C, order: &Order) -> Result<Site, RolloutError> {
    let name = &order.service;
    let site = match cloud.site(name).await {
        Err(error) if error.code() == Some("ClusterNotFoundException") => {
            return Err(RolloutError::NoCluster(name.cluster.clone()));
        }
        answer => answer?.ok_or_else(|| RolloutError::NoService(name.clone()))?,
    };
    if site.service.status != "ACTIVE" {
        let status = site.service.status.clone();
        return Err(RolloutError::NotActive { service: name.clone(), status });
    }
    if site.controller != "ECS" {
        let controller = site.controller.clone();
        return Err(RolloutError::Controller { service: name.clone(), controller });
    }
    Ok(site)
}

fn fits(order: &Order, site: &Site) -> Result<Vec<Remark>, RolloutError> {
    let found = preflight(order, site);
    if found.refused.is_empty() {
        return Ok(found.doubts);
    }
    let service = order.service.clone();
    Err(RolloutError::Unfit { service, remarks: found.refused })
}

/// Who looks has seen what was so until then.
const FRESH: SignedDuration = SignedDuration::from_secs(2);

/// Has the service run a revision; `looked` is when the service was like this.
async fn deploy<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    (site, looked): (Site, Timestamp),
    made: Made,
    gate: &mut G,
) -> Result<Report, RolloutError> {
    let Made { revision, marked } = made;
    rehearse(cloud, order, &site, &revision, gate).await?;
    let is_old = cloud.now().duration_since(looked) > FRESH;
    let seen = site.service.task_definition.clone();
    let site = if is_old { self::site(cloud, order).await? } else { site };
    let runs = site.service.task_definition.clone();
    let ended = |outcome| Report::at_once(outcome, Some(revision.clone()), &runs);
    if runs != seen && was_overtaken(cloud, &order.service, &revision, &runs).await? {
        return Ok(ended(Outcome::Stale { by: runs.clone() }));
    }
    hold(order, gate)?;
    let updated = match update(cloud, order, &revision, &runs).await? {
        Told::Ours(updated) => updated,
        Told::Others { by } => {
            gate.updated(marked).await;
            return Ok(ended(Outcome::Superseded { by }));
        }
    };
    let begun = Begun {
        revision: revision.clone(),
        before: runs.clone(),
        settled: site.settled().to_owned(),
        ..Begun::default()
    };
    let begun = begun_by(cloud, &updated, begun, gate);
    gate.updated(marked).await;
    let Updated { deployments, ways } = updated;
    if marked && let Some(by) = give_way(cloud, order, &begun, deployments, gate).await? {
        return Ok(ended(Outcome::Stale { by }));
    }
    // The update may have been to another strategy.
    end(cloud, order, Site { ways, ..site }, begun, gate).await
}

/// Whether the service may be touched.
fn hold<G: Gate>(order: &Order, gate: &mut G) -> Result<(), RolloutError> {
    match gate.may_update() {
        true => Ok(()),
        false => Err(RolloutError::Withdrawn(order.service.clone())),
    }
}

/// The deployment that an update began.
fn begun_by<C: Cloud, G: Gate>(cloud: &C, updated: &Updated, of: Begun, gate: &mut G) -> Begun {
    let primary = primary(&updated.deployments);
    let deployment = primary.map(|it| it.id.clone()).unwrap_or_default();
    let since = primary.and_then(|it| it.created).unwrap_or_else(|| cloud.now());
    gate.tell(News::Updated { revision: of.revision.clone(), deployment: deployment.clone() });
    Begun { deployment, since, resumed: false, ..of }
}

/// Watches a deployment to its end, and goes back if that is wanted.
async fn end<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    mut site: Site,
    mut begun: Begun,
    gate: &mut G,
) -> Result<Report, RolloutError> {
    let mut said = Vec::new();
    // An earlier order updates once. Whoever does so again means it.
    let mut crossed = BTreeSet::new();
    let Seen { verdict, at_once, is_idle, causes, .. } = loop {
        let watched = begun.watched(order, &site);
        let mut seen = watch(cloud, &order.service, watched, gate).await?;
        said.append(&mut seen.said);
        let Err(Stop::Superseded { by }) = &seen.verdict else { break seen };
        let is_crossed = was_crossed(cloud, &order.service, &begun.revision, by).await?;
        if !is_crossed || !crossed.insert(by.clone()) {
            break seen;
        }
        hold(order, gate)?;
        gate.tell(News::Crossed { by: by.clone() });
        match update(cloud, order, &begun.revision, by).await? {
            Told::Ours(updated) => {
                begun = begun_by(cloud, &updated, begun, gate);
                site.ways = updated.ways;
            }
            Told::Others { by } => {
                break Seen { verdict: Err(Stop::Superseded { by }), ..seen };
            }
        }
    };
    let outcome = match verdict {
        Ok(()) if begun.resumed && at_once => Outcome::Already,
        Ok(()) => {
            tidy(cloud, order, &begun, gate).await;
            Outcome::Deployed
        }
        Err(Stop::Superseded { by }) => Outcome::Superseded { by },
        Err(Stop::Failed(failure)) => {
            let goes_back = order.terms.roll_back && failure.leaves_it();
            let rollback = match goes_back {
                true => {
                    hold(order, gate)?;
                    Some(roll_back(cloud, order, &site, &begun, gate).await)
                }
                false => None,
            };
            Outcome::Failed { failure, rollback }
        }
    };
    let Begun { revision, before, .. } = begun;
    Ok(Report { outcome, revision: Some(revision), before, is_idle, causes, said })
}

/// Why a deployment was not watched to a good end.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stop {
    /// It failed.
    Failed(Failure),
    /// Somebody else has changed the service since.
    Superseded {
        /// What it runs instead.
        by: String,
    },
}
