//! Makes the revision of an order, once.

use serde_json::Value;

use super::cloud::Cloud;
use super::definition::Remark;
use super::error::RolloutError;
use super::gate::{Gate, News};
use super::mark::marks;
use super::order::Order;
use super::pace::{TRIES, pause_after};
use super::site::Site;
use super::standing::find;

/// A revision that was made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub(super) revision: String,
    /// Whether it has tags that say whose it is.
    pub(super) marked: bool,
}

/// Makes the revision of an order, for its service if there is one.
pub(super) async fn make<C: Cloud, G: Gate>(
    cloud: &C,
    order: &Order,
    site: Option<&Site>,
    gate: &mut G,
) -> Result<Made, RolloutError> {
    let marks = marks(order, site);
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
pub(super) async fn may_be_read<C: Cloud>(cloud: &C, revision: &str) -> bool {
    !cloud.revision(revision).await.is_err_and(|error| error.is_denied())
}

/// Makes one revision, and not two: where nobody knows whether it was made, it is
/// looked for.
async fn make_once<C: Cloud>(
    cloud: &C,
    order: &Order,
    request: &Value,
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
        pause_after(tries).await;
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
