//! Resources that CloudFormation cannot make, change or remove.

mod taken;

use super::kind::Kind;
use super::reading::Reading;
use super::subject::Subject;
use super::text::{Text, clause, core, handler_code};
use super::{denied, start};
use crate::stack::Status;

/// What a reason means.
pub(super) fn read(reason: &str, kind: &str, status: &Status, subject: &Subject) -> Reading {
    let said = core(reason);
    let text = Text::new(said);
    let code = handler_code(reason).unwrap_or_default();
    let who = &subject.phrase;
    let cannot = format!("{who} cannot be {}", done(status));
    waiting(&text, code, subject)
        .or_else(|| denied::read(said, &cannot))
        .or_else(|| (code == "AccessDenied").then(|| denied::undetailed(said, &cannot)))
        .or_else(|| taken::port(&text, said, who))
        .or_else(|| taken::name(&text, said, code, kind, &cannot))
        .or_else(|| quota(&text, code, said, &cannot))
        .or_else(|| start::room::read(&text, who))
        .or_else(|| certificate(&text, said, who))
        .or_else(|| zones(&text, &cannot))
        .or_else(|| missing(&text, code, said, &cannot))
        .or_else(|| invalid(&text, code, said, &cannot))
        .unwrap_or_else(|| unknown(said, &cannot))
}

/// What was attempted.
fn done(status: &Status) -> &'static str {
    if status.0.starts_with("CREATE") {
        "created"
    } else if status.0.starts_with("DELETE") {
        "deleted"
    } else if status.0.contains("ROLLBACK") {
        "set back"
    } else {
        "updated"
    }
}

fn waiting(text: &Text<'_>, code: &str, subject: &Subject) -> Option<Reading> {
    let who = &subject.phrase;
    if text.has(&["circuit breaker"]) {
        return Some(Reading::new(
            Kind::GivenUp,
            format!("ECS gave up on {who}: its tasks do not keep running"),
            "see why its tasks stopped; ECS remembers that for an hour",
        ));
    }
    let late = code == "NotStabilized"
        || text.has(&["exceeded attempts to wait", "did not stabilize", "timed out waiting"]);
    late.then(|| {
        Reading::new(
            Kind::TimedOut,
            format!("{who} did not become stable in the time that CloudFormation waits"),
            "see why its tasks stop, or do not start",
        )
    })
}

fn quota(text: &Text<'_>, code: &str, said: &str, cannot: &str) -> Option<Reading> {
    let reached = matches!(code, "ServiceLimitExceeded")
        || text.has(&[
            "limitexceeded",
            "limit exceeded",
            "exceeded the limit",
            "maximum number of",
            "has been reached",
            "reached the limit",
            "above your limit",
            "quota",
            "too many",
            "cannot exceed",
        ]);
    let throttled = code == "Throttling" || text.has(&["rate exceeded", "throttl"]);
    if reached && !throttled {
        return Some(Reading::new(
            Kind::Quota,
            format!("{cannot}: {}", clause(said)),
            "remove what nobody needs, or ask for more in Service Quotas",
        ));
    }
    throttled.then(|| {
        Reading::new(
            Kind::Quota,
            format!("{cannot}: AWS was asked too often ({})", clause(said)),
            "run the command again; deploy fewer stacks at once",
        )
    })
}

fn certificate(text: &Text<'_>, said: &str, who: &str) -> Option<Reading> {
    if !text.has(&["certificate"]) {
        return None;
    }
    let arn = super::text::word(said, "arn:aws").map(|arn| format!(" `{arn}`")).unwrap_or_default();
    Some(Reading::new(
        Kind::NotFound,
        format!("{who} cannot use the certificate{arn}: {}", clause(said)),
        "`x-aws-certificate` names a certificate of ACM in this account and region that is \
         issued (not pending)",
    ))
}

fn zones(text: &Text<'_>, cannot: &str) -> Option<Reading> {
    if text.has(&["two different availability zones", "two subnets in two"]) {
        return Some(Reading::new(
            Kind::Invalid,
            format!("{cannot}: a load balancer needs subnets in two zones"),
            "name subnets of two zones in `x-aws-subnets`",
        ));
    }
    if text.has(&["multiple subnets in the same availability zone"]) {
        return Some(Reading::new(
            Kind::Invalid,
            format!("{cannot}: two of its subnets are in one zone"),
            "name one subnet for each zone in `x-aws-subnets`",
        ));
    }
    None
}

fn missing(text: &Text<'_>, code: &str, said: &str, cannot: &str) -> Option<Reading> {
    let missing = code == "NotFound"
        || text.has(&["does not exist", "not found", "notfound", "cannot be found", "no such"]);
    missing.then(|| {
        Reading::new(
            Kind::NotFound,
            format!("{cannot}: {}", clause(said)),
            "check the name or ARN in the Compose file, and that it is in this account and region",
        )
    })
}

fn invalid(text: &Text<'_>, code: &str, said: &str, cannot: &str) -> Option<Reading> {
    let invalid = matches!(code, "InvalidRequest" | "NotUpdatable")
        || text.has(&[
            "invalid request provided",
            "clientexception",
            "invalidparameter",
            "validation",
            "properties validation failed",
            "model validation failed",
            "malformed",
            "no valid",
            "not supported",
            "is not valid",
            "invalid",
        ]);
    let said = said.strip_prefix("Invalid request provided: ").unwrap_or(said);
    invalid.then(|| {
        Reading::new(
            Kind::Invalid,
            format!("{cannot}: AWS does not accept it: {}", clause(said)),
            "`convert` shows what was asked for; if the Compose file is right, this tool is \
             wrong, and `x-aws-cloudformation` can put it right meanwhile",
        )
    })
}

fn unknown(said: &str, cannot: &str) -> Reading {
    if said.is_empty() {
        return Reading::new(
            Kind::Unknown,
            format!("{cannot}, and AWS does not say why"),
            "CloudTrail may have the call that failed",
        );
    }
    Reading::new(
        Kind::Unknown,
        format!("{cannot}: {}", clause(said)),
        "AWS's words are all that is known of it",
    )
}
