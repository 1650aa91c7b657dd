//! Resources that CloudFormation cannot make, change or remove.

use super::kind::Kind;
use super::reading::Reading;
use super::subject::{Subject, noun};
use super::text::{Text, between, clause, core, handler_code, until};
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
        .or_else(|| (code == "AccessDenied").then(|| undetailed(&cannot, said)))
        .or_else(|| port(&text, said, who))
        .or_else(|| name(&text, said, code, kind, &cannot))
        .or_else(|| quota(&text, code, said, &cannot))
        .or_else(|| start::room(&text, who))
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

fn undetailed(cannot: &str, said: &str) -> Reading {
    Reading::new(
        Kind::Denied,
        format!("{cannot}: {}", clause(said)),
        "CloudTrail has the event with the permission that is missing; allow it to whoever \
         deploys, or to the role that CloudFormation works as",
    )
}

fn port(text: &Text<'_>, said: &str, who: &str) -> Option<Reading> {
    if text.has(&["listener already exists", "duplicatelistener"]) {
        let balancer = between(said, "'", "'").and_then(balancer_name);
        let of = balancer.map_or_else(
            || "the load balancer".to_owned(),
            |it| format!("the load balancer `{it}`"),
        );
        return Some(Reading::new(
            Kind::PortTaken,
            format!("{who} cannot have its port: {of} has a listener there already"),
            "publish another port, delete that listener, or use a load balancer of your own \
             (without `x-aws-loadbalancer`)",
        ));
    }
    if text.has(&["is already in use"]) && text.has(&["port"]) {
        let port = between(said, "port '", "'").map(|port| format!(" {port}")).unwrap_or_default();
        return Some(Reading::new(
            Kind::PortTaken,
            format!("{who} cannot have its port: port{port} is in use already"),
            "publish another port, or delete what has it",
        ));
    }
    if text.has(&["priority"]) && text.has(&["currently in use", "already in use"]) {
        return Some(Reading::new(
            Kind::PortTaken,
            format!("{who} cannot have its priority: another rule of the listener has it"),
            "use another priority, or delete that rule",
        ));
    }
    if text.has(&["the specified rule", "invalidpermission.duplicate"])
        && text.has(&["already exists", "duplicate"])
    {
        let rule = between(said, "rule \"", "\"").map(|it| format!(" ({it})")).unwrap_or_default();
        return Some(Reading::new(
            Kind::PortTaken,
            format!("{who} repeats a rule that its security group has already{rule}"),
            "somebody added it by hand, or another stack did: remove it there, or here",
        ));
    }
    None
}

/// `app/shop/50dc6c495c0c9188` is called `shop`.
fn balancer_name(arn: &str) -> Option<&str> {
    let (_, path) = arn.split_once(":loadbalancer/")?;
    path.split('/').nth(1)
}

fn name(text: &Text<'_>, said: &str, code: &str, kind: &str, cannot: &str) -> Option<Reading> {
    if text.has(&["already exists in stack"]) {
        let name = text.raw.split(" already exists in stack").next().unwrap_or_default();
        let stack = text.after("already exists in stack ").unwrap_or_default();
        let stack = until(stack, &[' ', '.']).split('/').nth(1).unwrap_or("another");
        return Some(Reading::new(
            Kind::NameTaken,
            format!("{cannot}: the name `{}` belongs to the stack `{stack}`", last_word(name)),
            format!("choose another name, or remove it from the stack `{stack}` first"),
        ));
    }
    if text.has(&[
        "conflicting_domain",
        "conflictingdomain",
        "already been associated",
        "already associated with",
    ]) {
        let domain = text.after("overlapping name space, ").map(clause);
        let domain = domain.map_or_else(|| "it".to_owned(), |domain| format!("`{domain}`"));
        return Some(Reading::new(
            Kind::NameTaken,
            format!("{cannot}: its VPC has a private zone already that overlaps with {domain}"),
            "another project of the same name uses this VPC: rename one, use another VPC, or \
             delete the namespace that was left behind",
        ));
    }
    let taken = code == "AlreadyExists"
        || text.has(&[
            "already exists",
            "alreadyexists",
            "already in use",
            "duplicate",
            "is not available",
        ]);
    if !taken {
        return None;
    }
    let of = identifier(said).map(|it| format!(" of the name `{it}`")).unwrap_or_default();
    let noun = noun(kind);
    let a = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    Some(Reading::new(
        Kind::NameTaken,
        format!("{cannot}: there is {a} {noun}{of} already"),
        "choose another name, or delete what has it if nobody needs it; what an earlier stack \
         kept can be in the way, too",
    ))
}

/// The name that is taken, of the many ways in which that is said.
fn identifier(said: &str) -> Option<&str> {
    let found = between(said, "identifier '", "'")
        .or_else(|| between(said, "with name ", " "))
        .or_else(|| between(said, "the secret ", " already"))
        .or_else(|| between(said, "group '", "'"))
        .or_else(|| said.split_once(" already exists").map(|(before, _)| last_word(before)))?;
    // `{"/properties/LogGroupName":"/docker-compose/shop"}`
    let found =
        found.rsplit_once("\":\"").map_or(found, |(_, rest)| rest.trim_end_matches(['"', '}']));
    let found = clause(found).trim_matches(['\'', '"', '`']);
    (!found.is_empty() && !found.contains(' ')).then_some(found)
}

fn last_word(text: &str) -> &str {
    text.trim().rsplit([' ', '\n']).next().unwrap_or(text)
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
