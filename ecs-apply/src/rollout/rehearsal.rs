//! Runs the new revision once, before the service is touched: to migrate a database,
//! for one.

use std::time::Duration;

use super::cloud::Cloud;
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::order::Order;
use super::site::Site;
use crate::service::Task;

/// How often it is looked whether the task has ended.
const PAUSE: Duration = Duration::from_secs(2);

/// Runs the revision once, if that is wanted, and waits for its good end.
pub(super) async fn rehearse<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    site: &Site,
    revision: &str,
    gate: &mut G,
) -> Result<(), RolloutError> {
    let Some(overrides) = &order.terms.rehearsal else { return Ok(()) };
    let failed = |reason| RolloutError::Rehearsal { service: order.service.clone(), reason };
    let arn = match cloud.run(site, revision, overrides).await {
        Err(error) if error.is_permanent() => return Err(failed(error.to_string())),
        answer => answer?,
    };
    gate.tell(News::Rehearsing { task: arn.clone() });
    let start = cloud.now();
    loop {
        let task = cloud.task(&order.service, &arn).await?;
        match task {
            Some(task) if task.last_status == "STOPPED" => {
                return unhappy(&task).map_or(Ok(()), |reason| Err(failed(reason)));
            }
            None => return Err(failed("AWS does not know the task any more".to_owned())),
            Some(_) => {}
        }
        let spent = Duration::try_from(cloud.now().duration_since(start)).unwrap_or_default();
        if spent >= order.terms.complete {
            return Err(failed(format!("it was not finished after {} s", spent.as_secs())));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Why a task did not end well.
fn unhappy(task: &Task) -> Option<String> {
    let bad =
        task.containers.iter().find(|container| container.exit_code.is_some_and(|it| it != 0));
    if let Some(container) = bad {
        let code = container.exit_code.unwrap_or_default();
        return Some(format!("`{}` ended with exit code {code}", container.name));
    }
    if task.containers.iter().any(|container| container.exit_code == Some(0)) {
        return None;
    }
    Some(task.stopped_reason.clone().unwrap_or_else(|| "it never ran".to_owned()))
}
