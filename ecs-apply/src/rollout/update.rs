//! Tells a service what to run, once.

use super::cloud::{Cloud, Update, Updated};
use super::crossing::was_crossed;
use super::error::RolloutError;
use super::order::Order;
use super::pace::{TRIES, pause_after};
use super::site::Site;
use crate::service::primary;

/// Whose deployment is the newest of a service.
pub(super) enum Told {
    /// This order's.
    Ours(Updated),
    /// That of somebody else.
    Others {
        /// The revision that it brings.
        by: String,
    },
}

/// Tells the service to run a revision; once, as far as that changes anything. `before`
/// is what it was to run until then.
pub(super) async fn update<C: Cloud>(
    cloud: &C,
    order: &Order,
    revision: &str,
    before: &str,
) -> Result<Told, RolloutError> {
    let update = Update {
        service: order.service.clone(),
        revision: revision.to_owned(),
        strategy: order.strategy,
    };
    let mut tries = 0;
    loop {
        let answer = cloud.update(&update).await;
        tries += 1;
        let error = match answer.map(|updated| told(updated, revision)) {
            // Somebody may have been at work in the same moment.
            Ok(Told::Others { by }) if tries < TRIES => {
                if was_crossed(cloud, &order.service, revision, &by).await? {
                    continue;
                }
                return Ok(Told::Others { by });
            }
            Ok(told @ (Told::Ours(_) | Told::Others { .. })) => return Ok(told),
            Err(error) => error,
        };
        if error.is_permanent() {
            let service = order.service.clone();
            let revision = revision.to_owned();
            let source = Box::new(error);
            return Err(RolloutError::NotUpdated { service, revision, source });
        }
        if !error.is_passing() || tries == TRIES {
            return Err(error.into());
        }
        pause_after(tries).await;
        // It may have been heard all the same, and somebody may have been quicker since.
        if let Some(Site { service, ways, .. }) = cloud.site(&order.service).await? {
            match told(Updated { deployments: service.deployments, ways }, revision) {
                Told::Others { by } if by == before => {}
                Told::Others { by }
                    if was_crossed(cloud, &order.service, revision, &by).await? => {}
                told @ (Told::Ours(_) | Told::Others { .. }) => return Ok(told),
            }
        }
    }
}

fn told(updated: Updated, revision: &str) -> Told {
    let runs = primary(&updated.deployments).map(|it| it.task_definition.as_str());
    match runs {
        Some(runs) if runs == revision => Told::Ours(updated),
        Some(runs) => Told::Others { by: runs.to_owned() },
        None => Told::Others { by: String::new() },
    }
}
