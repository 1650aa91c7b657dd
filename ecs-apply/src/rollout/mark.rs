//! What a rollout writes on the revision that it makes, so that whoever comes later
//! knows whose it is: the next run, when this one is killed, and `up`, which must not
//! take back what is newer.

use super::cloud::Revision;
use super::order::{Order, Rank};
use super::site::Site;
use crate::service::ServiceName;

const KEY: &str = "ecs-deployer:id";
const CONTENT: &str = "ecs-deployer:content";
const RANK: &str = "ecs-deployer:order";
const SERVICE: &str = "ecs-deployer:service";
const BEFORE: &str = "ecs-deployer:previous";
const SETTLED: &str = "ecs-deployer:completed";

/// What is written on the revision of an order for a service, if there is one.
pub(super) fn marks(order: &Order, site: Option<&Site>) -> Vec<(&'static str, String)> {
    let before = site.map(|site| site.service.task_definition.as_str()).unwrap_or_default();
    let mut marks = vec![
        (KEY, order.key.clone()),
        (CONTENT, order.definition.digest()),
        (SERVICE, order.service.to_string()),
        (BEFORE, before.to_owned()),
    ];
    let settled = site.map(Site::settled).filter(|settled| *settled != before);
    marks.extend(settled.map(|settled| (SETTLED, settled.to_owned())));
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

/// What the service ran before that was completed.
pub(super) fn settled(revision: &Revision) -> Option<&str> {
    revision.tag(SETTLED).or_else(|| before(revision))
}

/// Whether a revision was made for an order of this name that says something else.
pub(super) fn says_otherwise(revision: &Revision, order: &Order) -> bool {
    let said = revision.tag(CONTENT);
    is_for(revision, order) && said.is_some_and(|said| said != order.definition.digest())
}

/// Whether a revision was made for a service.
pub(super) fn is_of(revision: &Revision, service: &ServiceName) -> bool {
    revision.tag(SERVICE) == Some(&service.to_string())
}
