//! Rolls an order out, step by step. Whatever a step needs to know it finds out from
//! AWS, so that another run can go on wherever this one is killed.

use std::time::Duration;

use super::cloud::{Cloud, Update, Updated};
use super::crossing::{give_way, was_crossed};
use super::definition::Remark;
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::judge::Failure;
use super::mark::marks;
use super::order::Order;
use super::preflight::{of_definition, preflight};
use super::rehearsal::rehearse;
use super::rollback::{Rollback, roll_back};
use super::site::Site;
use super::standing::{Begun, Standing, find, standing};
use super::tidy::tidy;
use super::watch::{Seen, watch};
use crate::cause::Cause;
use crate::service::Deployment;

/// What is asked for is asked for so often, where it is known that nothing came of it.
const TRIES: u32 = 4;

/// What became of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The revision that was made for it.
    pub revision: Option<String>,
    /// What the service ran before.
    pub before: String,
    /// Why it failed, as far as that is known, the root first.
    pub causes: Vec<Cause>,
    /// What the service said since, the oldest first.
    pub said: Vec<String>,
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
/// more, and nobody knows how it goes.
pub async fn roll_out<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    gate: &mut G,
) -> Result<Report, RolloutError> {
    let site = site(cloud, order).await?;
    let standing = standing(cloud, order, &site).await?;
    let runs = site.service.task_definition.clone();
    gate.tell(News::Found { runs: runs.clone(), standing: standing.clone() });
    let ended = |outcome, revision| Report {
        outcome,
        revision,
        before: runs.clone(),
        causes: Vec::new(),
        said: Vec::new(),
    };
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
            let names = (begun.revision.as_str(), begun.before.as_str());
            let deployments = site.service.deployments.clone();
            if let Some(by) = give_way(cloud, order, names, deployments, gate).await? {
                return Ok(ended(Outcome::Stale { by }, Some(begun.revision)));
            }
            gate.updated(true).await;
            end(cloud, order, &site, begun, gate).await
        }
        Standing::Registered { revision } => {
            deploy(cloud, order, &site, Made { revision, marked: true }, gate).await
        }
        Standing::New | Standing::Unknown => {
            for doubt in fits(order, &site)? {
                gate.tell(News::Doubt(doubt));
            }
            let made = make(cloud, order, &runs, gate).await?;
            gate.tell(News::Registered { revision: made.revision.clone() });
            let marked = made.marked && !is_blind && may_be_read(cloud, &made.revision).await;
            let made = Made { marked, ..made };
            deploy(cloud, order, &site, made, gate).await
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
    let made = make(cloud, order, "", gate).await?;
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

/// A revision that was made.
#[derive(Debug, Clone, PartialEq)]
struct Made {
    revision: String,
    /// Whether it has tags that say whose it is.
    marked: bool,
}

async fn make<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    before: &str,
    gate: &mut G,
) -> Result<Made, RolloutError> {
    let marks = marks(order, before);
    if !order.definition.has_room(&marks) {
        gate.tell(News::Doubt(Remark {
            at: "$.tags".to_owned(),
            message: format!(
                "with {} more, which say whose the revision is, they are too many: if the message \
                 comes a second time, it may be deployed a second time",
                marks.len()
            ),
        }));
        let revision = make_once(cloud, order, &order.definition.request(&[])).await?;
        return Ok(Made { revision, marked: false });
    }
    let marked = order.definition.request(&marks);
    match make_once(cloud, order, &marked).await {
        Err(RolloutError::Aws(error)) if error.is_denied() && error.says("ecs:TagResource") => {
            gate.tell(News::Unmarked);
            let unmarked = order.definition.request(&[]);
            let revision = make_once(cloud, order, &unmarked).await?;
            Ok(Made { revision, marked: false })
        }
        answer => answer.map(|revision| Made { revision, marked: true }),
    }
}

/// Whether whoever comes later may see the marks of a revision.
async fn may_be_read<C: Cloud>(cloud: &C, revision: &str) -> bool {
    !cloud.revision(revision).await.is_err_and(|error| error.is_denied())
}

/// Makes one revision, and not two: where nobody knows whether it was made, it is
/// looked for.
async fn make_once<C: Cloud>(
    cloud: &C,
    order: &Order,
    request: &serde_json::Value,
) -> Result<String, RolloutError> {
    let mut tries = 0;
    loop {
        let error = match cloud.register(request).await {
            Ok(revision) => return Ok(revision),
            Err(error) => error.hiding(order.definition.values()),
        };
        tries += 1;
        if error.is_permanent() {
            return Err(RolloutError::Rejected(error));
        }
        if !error.is_passing() || tries == TRIES {
            return Err(error.into());
        }
        pause(tries).await;
        if !error.is_throttled() {
            // Who may not look does not ask again.
            match find(cloud, order).await {
                Ok(Some(revision)) => return Ok(revision.arn),
                Ok(None) => {}
                Err(_) => return Err(error.into()),
            }
        }
    }
}

async fn pause(tries: u32) {
    let seconds = f64::from(2_u32.pow(tries)) * (0.5 + fastrand::f64() / 2.0);
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

async fn deploy<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    site: &Site,
    made: Made,
    gate: &mut G,
) -> Result<Report, RolloutError> {
    rehearse(cloud, order, site, &made.revision, gate).await?;
    if !gate.may_update() {
        return Err(RolloutError::Withdrawn(order.service.clone()));
    }
    let told = update(cloud, order, site, &made.revision).await?;
    let before = site.service.task_definition.clone();
    let ended = |outcome| Report {
        outcome,
        revision: Some(made.revision.clone()),
        before: before.clone(),
        causes: Vec::new(),
        said: Vec::new(),
    };
    let (deployment, Updated { deployments, ways }) = match told {
        Told::Ours { deployment, updated } => (deployment, updated),
        Told::Others { by } => {
            gate.updated(made.marked).await;
            return Ok(ended(Outcome::Superseded { by }));
        }
    };
    let names = (made.revision.as_str(), before.as_str());
    if let Some(by) = give_way(cloud, order, names, deployments, gate).await? {
        return Ok(ended(Outcome::Stale { by }));
    }
    let begun = Begun {
        revision: made.revision,
        deployment: deployment.id,
        since: deployment.created.unwrap_or_else(|| cloud.now()),
        before,
        resumed: false,
    };
    gate.tell(News::Updated {
        revision: begun.revision.clone(),
        deployment: begun.deployment.clone(),
    });
    gate.updated(made.marked).await;
    // The update may have been to another strategy.
    let site = Site { ways, ..site.clone() };
    end(cloud, order, &site, begun, gate).await
}

/// Whose deployment is the newest of a service.
enum Told {
    Ours { deployment: Box<Deployment>, updated: Updated },
    Others { by: String },
}

/// Tells the service to run a revision; once, as far as that changes anything.
async fn update<C: Cloud>(
    cloud: &C,
    order: &Order,
    site: &Site,
    revision: &str,
) -> Result<Told, RolloutError> {
    let update = Update {
        service: order.service.clone(),
        revision: revision.to_owned(),
        strategy: order.strategy,
    };
    let mut tries = 0;
    loop {
        let error = match cloud.update(&update).await {
            Ok(updated) => return Ok(told(updated, revision)),
            Err(error) => error,
        };
        tries += 1;
        if error.is_permanent() {
            let service = order.service.clone();
            let revision = revision.to_owned();
            let source = Box::new(error);
            return Err(RolloutError::NotUpdated { service, revision, source });
        }
        if !error.is_passing() || tries == TRIES {
            return Err(error.into());
        }
        pause(tries).await;
        // It may have been heard all the same, and somebody may have been quicker since.
        if let Some(Site { service, ways, .. }) = cloud.site(&order.service).await? {
            let told = told(Updated { deployments: service.deployments, ways }, revision);
            let is_new = |by: &str| by != site.service.task_definition;
            match &told {
                Told::Ours { .. } => return Ok(told),
                Told::Others { by } if is_new(by) => {
                    if !was_crossed(cloud, &order.service, (revision, by)).await? {
                        return Ok(told);
                    }
                }
                Told::Others { .. } => {}
            }
        }
    }
}

fn told(updated: Updated, revision: &str) -> Told {
    match updated.deployments.iter().find(|it| it.status == "PRIMARY") {
        Some(primary) if primary.task_definition == revision => {
            Told::Ours { deployment: Box::new(primary.clone()), updated }
        }
        Some(primary) => Told::Others { by: primary.task_definition.clone() },
        None => Told::Others { by: String::new() },
    }
}

/// Watches a deployment to its end, and goes back if that is wanted.
async fn end<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    site: &Site,
    mut begun: Begun,
    gate: &mut G,
) -> Result<Report, RolloutError> {
    let Seen { verdict, at_once, causes, said } = loop {
        let watched = begun.watched(order, site);
        let seen = watch(cloud, &order.service, watched, gate).await?;
        let Err(Stop::Superseded { by }) = &seen.verdict else { break seen };
        if !was_crossed(cloud, &order.service, (&begun.revision, by)).await? {
            break seen;
        }
        if !gate.may_update() {
            return Err(RolloutError::Withdrawn(order.service.clone()));
        }
        gate.tell(News::Crossed { by: by.clone() });
        match update(cloud, order, site, &begun.revision).await? {
            Told::Ours { deployment, .. } => begun.deployment = deployment.id,
            Told::Others { .. } => break seen,
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
                true => Some(roll_back(cloud, order, site, &begun, gate).await),
                false => None,
            };
            Outcome::Failed { failure, rollback }
        }
    };
    let Begun { revision, before, .. } = begun;
    Ok(Report { outcome, revision: Some(revision), before, causes, said })
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
