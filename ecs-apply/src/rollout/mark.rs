//! What a rollout writes on the revision that it makes, so that whoever comes later
//! knows whose it is: the next run, when this one is killed, and `up`, which must not
//! take back what is newer.

use super::cloud::Revision;
use super::order::{Order, Rank};
use crate::service::ServiceName;

const KEY: &str = "ecs-deployer:id";
const CONTENT: &str = "ecs-deployer:content";
const RANK: &str = "ecs-deployer:order";
const SERVICE: &str = "ecs-deployer:service";
const BEFORE: &str = "ecs-deployer:previous";

/// What is written on the revision of an order; `before` is what the service ran.
pub(super) fn marks(order: &Order, before: &str) -> Vec<(&'static str, String)> {
    let mut marks = vec![
        (KEY, order.key.clone()),
        (CONTENT, order.definition.digest()),
        (SERVICE, order.service.to_string()),
        (BEFORE, before.to_owned()),
    ];
    marks.extend(order.rank.map(|rank| (RANK, rank.to_string())));
    marks
}

/// Whether a revision was made for an order.
pub(super) fn is_for(revision: &Revision, order: &Order) -> bool {
    revision.tag(KEY) == Some(&order.key) && is_of(revision, &order.service)
}

/// Whether a revision says the same as an order.
pub(super) fn says_the_same(revision: &Revision, order: &Order) -> bool {
    revision.tag(CONTENT) == Some(&order.definition.digest()) && is_of(revision, &order.service)
}

/// Where the order stands that a revision was made for.
pub(super) fn rank(revision: &Revision, service: &ServiceName) -> Option<Rank> {
    revision.tag(RANK).filter(|_| is_of(revision, service))?.parse().ok()
}

/// What the service ran before.
pub(super) fn before(revision: &Revision) -> Option<&str> {
    revision.tag(BEFORE)
}

/// Whether a revision was made for a service.
pub(super) fn is_of(revision: &Revision, service: &ServiceName) -> bool {
    revision.tag(SERVICE) == Some(&service.to_string())
}
