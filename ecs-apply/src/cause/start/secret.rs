//! Secrets that a task cannot have.

use super::plain;
use crate::cause::kind::Kind;
use crate::cause::pull;
use crate::cause::reading::Reading;
use crate::cause::text::{Text, clause, word};

pub(super) fn read(said: &str, text: &Text<'_>, who: &str) -> Reading {
    let secret = name_of_secret(said);
    let it = match &secret {
        Some(name) => format!("the secret `{name}` of {who}"),
        None => format!("a secret of {who}"),
    };
    if text.has(&["access to kms is not allowed", "kms:decrypt", "kms key"]) {
        return Reading::new(
            Kind::SecretDenied,
            format!("{it} cannot be decrypted by its task's execution role"),
            "let the key's policy allow the role kms:Decrypt, and the role ask for it \
             (`x-aws-policies`)",
        );
    }
    if text.has(&["not authorized", "accessdenied", "access denied", "unauthorized"]) {
        return Reading::new(
            Kind::SecretDenied,
            format!("{it} may not be read by its task's execution role"),
            "a secret of another account or with a policy of its own has to allow the role; \
             check that its ARN in the Compose file is whole",
        );
    }
    if pull::is_unreachable(text) {
        return Reading::new(
            Kind::SecretUnreachable,
            format!("{it} cannot be fetched: its task has no way to where secrets are kept"),
            pull::ROUTE
                .replace("ecr.api, ecr.dkr, logs, and one for S3", "and also secretsmanager, ssm"),
        );
    }
    if text.has(&["json key"]) {
        let key = text.after("json key ").map(|rest| clause(rest.trim_matches('"')).to_owned());
        let key = key.map_or_else(|| "the key".to_owned(), |key| format!("the key `{key}`"));
        return Reading::new(
            Kind::SecretNotFound,
            format!("{it} does not have {key}"),
            "a secret with keys holds a JSON object; check its value and the key's spelling",
        );
    }
    if text.has(&["marked for deletion", "scheduled for deletion"]) {
        return Reading::new(
            Kind::SecretNotFound,
            format!("{it} is about to be deleted"),
            "restore it (`aws secretsmanager restore-secret`), or name another",
        );
    }
    if text.has(&[
        "resourcenotfound",
        "can't find the specified secret",
        "parameternotfound",
        "invalid ssm parameters",
        "invalid parameters",
        "not found",
        "does not exist",
    ]) {
        return Reading::new(
            Kind::SecretNotFound,
            format!("{it} does not exist, or has no value"),
            "create it in this region, or check its name in the Compose file; a secret needs a \
             value before a task can start",
        );
    }
    Reading::new(
        Kind::SecretNotFound,
        format!("{it} cannot be fetched: {}", plain(said)),
        "check its ARN in the Compose file, its value and who may read it",
    )
}

/// The name that people know, of the ARN that a text has.
fn name_of_secret(said: &str) -> Option<String> {
    if let Some(arn) = word(said, "arn:aws") {
        if let Some((_, rest)) = arn.split_once(":secret:") {
            let name = rest.split(':').next().unwrap_or(rest);
            return Some(without_suffix(name).to_owned());
        }
        if let Some((_, name)) = arn.split_once(":parameter/") {
            return Some(format!("/{name}"));
        }
    }
    let text = Text::new(said);
    let rest =
        text.after("invalid ssm parameters: ").or_else(|| text.after("invalid parameters: "))?;
    Some(clause(rest.split([' ', '\n']).next()?).to_owned()).filter(|name| !name.is_empty())
}

/// AWS adds a line and six characters to names of secrets.
fn without_suffix(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((start, end)) if end.len() == 6 && end.chars().all(|c| c.is_ascii_alphanumeric()) => {
            start
        }
        Some(_) | None => name,
    }
}
