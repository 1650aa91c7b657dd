//! Who may not do what.

use super::kind::Kind;
use super::reading::Reading;
use super::text::{Text, clause, until};

/// A refusal for want of a permission, if the text is one. `doing` says what could not
/// be done for it.
pub(super) fn read(said: &str, doing: &str) -> Option<Reading> {
    let text = Text::new(said);
    let denied = text.has(&[
        "not authorized to perform",
        "not authorised to perform",
        "accessdenied",
        "access denied",
        "unauthorizedoperation",
        "unauthorizedtaggingoperation",
        "insufficient permissions",
        "unable to assume",
        "permissions error",
        "no permission",
    ]);
    if !denied {
        return None;
    }
    if let Some(role) = text.after("unable to assume the role '") {
        let role = until(role, &['\'']);
        return Some(Reading::new(
            Kind::Denied,
            format!("{doing}: ECS cannot work as the role `{role}`"),
            "the role has to trust ecs-tasks.amazonaws.com; one that was made just now may take \
             a minute, and ECS tries again",
        ));
    }
    let Some(action) = action(&text) else {
        return Some(undetailed(said, doing));
    };
    let who = who(said);
    let message = format!("{doing}: {who} may not do {action}{}", on(said));
    Some(Reading::new(Kind::Denied, message, help(&text, &who, &action)))
}

/// A refusal that does not say of what.
pub(super) fn undetailed(said: &str, doing: &str) -> Reading {
    Reading::new(
        Kind::Denied,
        format!("{doing}: {}", clause(said)),
        "CloudTrail has the call with the permission that is missing; allow it to whoever \
         deploys, or to the role that CloudFormation works as",
    )
}

/// The permission that is missing.
fn action(text: &Text<'_>) -> Option<String> {
    let rest = text
        .after("authorized to perform: ")
        .or_else(|| text.after("authorised to perform: "))
        .or_else(|| text.after("api: "))
        .or_else(|| text.after("when calling the "));
    let word = until(rest?, &[' ', '\n', ',', ')', '"', '\'']).trim_end_matches('.');
    let (service, operation) = word.split_once(':')?;
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-*".contains(c))
    };
    (plain(service) && plain(operation)).then(|| word.to_owned())
}

/// On what, if that is said and is not everything.
fn on(said: &str) -> String {
    let Some((_, rest)) = said.split_once("on resource: ") else { return String::new() };
    let end =
        rest.find(" because ").or_else(|| rest.find(" with an explicit ")).unwrap_or(rest.len());
    let resource = clause(until(&rest[..end], &['\n', '(', '"']));
    if resource.is_empty() || resource == "*" { String::new() } else { format!(" on {resource}") }
}

/// Whoever may not, as people know them.
fn who(said: &str) -> String {
    let arn = said
        .split_once("User: ")
        .map(|(_, rest)| until(rest, &[' ', '\n']))
        .filter(|arn| arn.starts_with("arn:"));
    let Some(arn) = arn else {
        return "whoever deploys".to_owned();
    };
    if let Some((role, session)) =
        arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.rsplit_once('/'))
    {
        return match session {
            "AWSCloudFormation" => format!("the role `{role}`, which CloudFormation works as,"),
            session if is_task(session) => format!("the role `{role}` of the task"),
            _ => format!("the role `{role}`"),
        };
    }
    match arn.rsplit_once(":user/") {
        Some((_, user)) => format!("the user `{user}`"),
        None => format!("`{arn}`"),
    }
}

/// Tasks call their sessions by their ids.
fn is_task(session: &str) -> bool {
    session.len() == 32 && session.chars().all(|c| c.is_ascii_hexdigit())
}

fn help(text: &Text<'_>, who: &str, needed: &str) -> String {
    if text.has(&["service control policy"]) {
        return format!(
            "a service control policy of the organisation forbids {needed}; ask whoever keeps it"
        );
    }
    if text.has(&["permissions boundary"]) {
        return format!(
            "the permissions boundary has to allow {needed}, too; see \
             `x-aws-permissions_boundary` for roles that are made"
        );
    }
    if text.has(&["explicit deny"]) {
        return format!("a policy forbids {needed} expressly; it has to be changed first");
    }
    let whom = clause(who).trim_end_matches(',');
    format!("allow {needed} to {whom}, or deploy with `--role-arn` or a profile that may")
}
