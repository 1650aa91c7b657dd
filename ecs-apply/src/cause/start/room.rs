//! Room for tasks.

use super::plain;
use crate::cause::kind::Kind;
use crate::cause::reading::Reading;
use crate::cause::text::{Text, clause};

/// No room for a task.
pub(in crate::cause) fn read(text: &Text<'_>, who: &str) -> Option<Reading> {
    if text.has(&["reached the limit", "above your limit", "limit on the number of"]) {
        return Some(Reading::new(
            Kind::Quota,
            format!("the account may not run more for {who}: {}", plain(text.raw)),
            "ask for a higher quota (Service Quotas, AWS Fargate), or run fewer or smaller tasks",
        ));
    }
    if text.has(&["already using a port"]) {
        return Some(Reading::new(
            Kind::PortTaken,
            format!("the port of {who} is taken on every machine of the cluster"),
            "run no more tasks than machines, or let the task have a network of its own",
        ));
    }
    if text.has(&["capacity is unavailable", "capacity isn't available"]) {
        return Some(none(who, "AWS has none left in these zones for now"));
    }
    if text.has(&["no container instances were found"]) {
        return Some(none(who, "the cluster has no machines"));
    }
    if text.has(&["no container instance met", "resource:", "insufficient"]) {
        let why = text
            .after("met all of its requirements. ")
            .map_or("no machine of the cluster meets its needs", clause);
        return Some(none(who, why));
    }
    None
}

pub(super) fn none(who: &str, why: &str) -> Reading {
    Reading::new(
        Kind::NoCapacity,
        format!("there is no room for a task of {who}: {why}"),
        "try again later, use more zones (`x-aws-subnets`), ask for less CPU, memory or GPUs, \
         or add machines",
    )
}
