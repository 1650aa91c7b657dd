//! Ports and names that something else has.

use crate::cause::kind::Kind;
use crate::cause::reading::Reading;
use crate::cause::subject::noun;
use crate::cause::text::{Text, between, clause, until};

pub(super) fn port(text: &Text<'_>, said: &str, who: &str) -> Option<Reading> {
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

pub(super) fn name(
    text: &Text<'_>,
    said: &str,
    code: &str,
    kind: &str,
    cannot: &str,
) -> Option<Reading> {
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
    let noun = noun(between(said, "type '", "'").unwrap_or(kind));
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
