//! Brings a service back to what it ran before, and stays until it does.

use super::cloud::{Cloud, Update};
use super::definition::Definition;
use super::driver::Stop;
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::judge::{Failure, Watched};
use super::order::{Order, Success, Terms};
use super::site::{Site, Ways};
use super::standing::Begun;
use super::watch::watch;
use crate::aws::AwsError;
use crate::service::primary;

/// What became of going back.
#[derive(Debug, Clone, PartialEq)]
pub enum Rollback {
    /// The service runs what it ran before.
    Done {
        /// The revision's ARN.
        to: String,
    },
    /// Somebody else has changed the service since, so that it was left alone.
    NotOurs {
        /// What it runs.
        runs: String,
    },
    /// It failed, and somebody has to look.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Goes back, unless somebody else has changed the service since.
pub(super) async fn roll_back<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    site: &Site,
    begun: &Begun,
    gate: &mut G,
) -> Rollback {
    match go_back(cloud, order, site, begun, gate).await {
        Ok(rollback) => rollback,
        Err(error) => Rollback::Failed { reason: error.to_string() },
    }
}

async fn go_back<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    site: &Site,
    begun: &Begun,
    gate: &mut G,
) -> Result<Rollback, RolloutError> {
    if begun.settled.is_empty() || begun.settled == begun.revision {
        let reason = "nobody knows what the service ran before".to_owned();
        return Ok(Rollback::Failed { reason });
    }
    if let Some(runs) = others(cloud, order, begun).await? {
        return Ok(Rollback::NotOurs { runs });
    }
    gate.tell(News::RollingBack { to: begun.settled.clone() });
    let to = begin(cloud, order, begun).await?;
    let watched = Watched {
        deployment: String::new(),
        revision: to.clone(),
        before: begun.revision.clone(),
        since: cloud.now(),
        terms: Terms { success: Success::Completed, roll_back: false, ..order.terms.clone() },
        // Going back is not another way of going forward.
        ways: Ways { strategy: None, ..site.ways.clone() },
        resumed: false,
        is_checked: false,
    };
    let seen = watch(cloud, &order.service, watched, gate).await?;
    Ok(match seen.verdict {
        Ok(()) => Rollback::Done { to },
        Err(Stop::Superseded { by }) => Rollback::NotOurs { runs: by },
        Err(Stop::Failed(failure)) => Rollback::Failed { reason: said(&failure) },
    })
}

/// What the service runs, if that is not the revision that failed.
async fn others<C: Cloud>(
    cloud: &C,
    order: &Order,
    begun: &Begun,
) -> Result<Option<String>, AwsError> {
    let service = cloud.service(&order.service).await?;
    let deployments = service.map(|service| service.deployments).unwrap_or_default();
    let primary = primary(&deployments);
    let runs = primary.map(|it| it.task_definition.clone()).unwrap_or_default();
    Ok((runs != begun.revision).then_some(runs))
}

/// Has ECS go back, or the service run what it ran; gives what it will run.
async fn begin<C: Cloud>(cloud: &C, order: &Order, begun: &Begun) -> Result<String, AwsError> {
    if let Ok(Some(course)) = cloud.course(&order.service, &begun.revision, None).await
        && cloud.give_up(&course).await.is_ok()
    {
        return Ok(begun.settled.clone());
    }
    let to = |revision: &str| Update {
        service: order.service.clone(),
        revision: revision.to_owned(),
        strategy: None,
    };
    match cloud.update(&to(&begun.settled)).await {
        Ok(_) => Ok(begun.settled.clone()),
        // It was retired, so that no service can begin to run it. What it says can.
        Err(error) if error.is_permanent() => {
            let Some(revision) = cloud.revision(&begun.settled).await? else { return Err(error) };
            let request = Definition::again(revision.body).request(&[]);
            let anew = cloud.register(&request).await?;
            cloud.update(&to(&anew)).await?;
            Ok(anew)
        }
        Err(error) => Err(error),
    }
}

fn said(failure: &Failure) -> String {
    match failure {
        Failure::Reverted { to, .. } => format!("the service went back to {to}"),
        Failure::GivenUp { reason } => {
            reason.clone().unwrap_or_else(|| "ECS gave it up".to_owned())
        }
        Failure::CannotStart(cause) => cause.message.clone(),
        Failure::TasksFail { failed, desired } => {
            format!("{failed} tasks failed, where {desired} shall run")
        }
        Failure::TimedOut { phase, after } => {
            format!("it was only {phase} after {} s", after.as_secs())
        }
        Failure::Gone => "the service is gone".to_owned(),
    }
}
