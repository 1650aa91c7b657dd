//! Images that cannot be pulled.
//!
//! ECS passes on what the registry or the network says, behind `CannotPullContainerError`.

use super::kind::Kind;
use super::reading::Reading;
use super::text::{Text, between, clause, until, word};

/// Fargate has no address of the Internet in a private subnet, and so no registry.
pub(super) const ROUTE: &str = "tasks reach it by a public address in a public subnet, by a NAT \
                                gateway, or by VPC endpoints (for ECR: ecr.api, ecr.dkr, logs, \
                                and one for S3); check `x-aws-subnets` and security groups";

/// What says why an image cannot be pulled. `who` needs it, and `image` is its name if
/// that is known.
pub(super) fn read(said: &str, who: &str, image: Option<&str>) -> Reading {
    let text = Text::new(said);
    let found = named_in(&text);
    let image = image.map(ToOwned::to_owned).or(found);
    let it = match &image {
        Some(image) => format!("the image `{image}` of {who}"),
        None => format!("the image of {who}"),
    };
    if text.has(&["pull access denied", "may require authorization"]) {
        return hidden(&it);
    }
    if text.has(&["matching platform", "no matching manifest", "exec format error"]) {
        return platform(&text, &it);
    }
    if text.has(&["toomanyrequests", "too many requests", "rate limit", "rate exceeded"]) {
        return limit(&it, image.as_deref());
    }
    if is_unreachable(&text) {
        return Reading::new(
            Kind::RegistryUnreachable,
            format!("the registry of {it} cannot be reached from its task"),
            ROUTE,
        );
    }
    if text.has(&["no such host", "server misbehaving"]) {
        return Reading::new(
            Kind::RegistryUnreachable,
            format!("the registry of {it} is not found in the DNS"),
            "check the part of `image` before the first slash, and that the VPC's DNS is on",
        );
    }
    if text.has(&["invalid reference format", "normalize image reference", "invalid tag"]) {
        return Reading::new(
            Kind::Invalid,
            format!("{it} is named as no image can be"),
            "write `image` as `registry/repository:tag`, in lower case",
        );
    }
    if is_denied(&text) {
        return denied(&it, image.as_deref());
    }
    if is_missing(&text) {
        return Reading::new(
            Kind::ImageNotFound,
            format!("{it} does not exist"),
            "check the name and the tag in `image`, and that it was pushed to that registry",
        );
    }
    if text.has(&["no space left"]) {
        return Reading::new(
            Kind::PullFailed,
            format!("{it} does not fit onto the disk of its task"),
            "raise `x-aws-ephemeral_storage`, or make the image smaller",
        );
    }
    Reading::new(
        Kind::PullFailed,
        format!("{it} cannot be pulled: {}", clause(reason(said))),
        "try to pull it elsewhere; if that works, look at the task's role and network",
    )
}

/// Whether nobody answers.
pub(super) fn is_unreachable(text: &Text<'_>) -> bool {
    text.has(&[
        "i/o timeout",
        "connection issue",
        "deadline exceeded",
        "request canceled",
        "context canceled",
        "network is unreachable",
        "connection refused",
        "connection timed out",
        "connection reset",
        "no route to host",
        "send request failed",
        "tls handshake timeout",
        "check your task network configuration",
    ])
}

/// Docker Hub says the same of images that are private and of those that are none.
fn hidden(it: &str) -> Reading {
    Reading::new(
        Kind::ImageNotFound,
        format!("{it} does not exist, or only for those who sign in to its registry"),
        "check the name in `image`; for a private image set `x-aws-pull_credentials`, and an \
         image that is built has to be pushed first",
    )
}

fn platform(text: &Text<'_>, it: &str) -> Reading {
    let wanted =
        between(text.raw, "platform '", "'").or_else(|| between(text.raw, "manifest for ", " in"));
    let wanted = wanted.unwrap_or("this processor");
    let build = if wanted.contains('/') { wanted } else { "linux/amd64" };
    Reading::new(
        Kind::ImagePlatform,
        format!("{it} is not made for {wanted}"),
        format!(
            "build it with `docker buildx build --platform {build}`, or set `platform` of the \
             service to what the image is made for"
        ),
    )
}

fn limit(it: &str, image: Option<&str>) -> Reading {
    let registry = image.map_or("the registry", registry);
    Reading::new(
        Kind::PullLimit,
        format!("{registry} gives no more images for now: too many were pulled before {it}"),
        "set `x-aws-pull_credentials` to pull with an account of your own, or take a copy in \
         ECR (for official images: `public.ecr.aws/docker/library/…`)",
    )
}

fn denied(it: &str, image: Option<&str>) -> Reading {
    let help = if image.is_some_and(is_of_ecr) {
        "let the repository's policy allow the account (and its organisation's policies not \
         forbid it); the task's execution role needs ecr:GetAuthorizationToken, \
         ecr:BatchGetImage and ecr:GetDownloadUrlForLayer"
    } else {
        "set `x-aws-pull_credentials` to a secret with the user and the password for the registry"
    };
    Reading::new(Kind::ImageDenied, format!("{it} may not be pulled"), help)
}

fn is_denied(text: &Text<'_>) -> bool {
    text.has(&[
        "not authorized",
        "unauthorized",
        "accessdenied",
        "access denied",
        "403",
        "401",
        "forbidden",
        "no basic auth",
        "authentication required",
        "authorization failed",
        "denied:",
    ])
}

fn is_missing(text: &Text<'_>) -> bool {
    text.has(&[
        "manifest unknown",
        "not found",
        "notfound",
        "404",
        "name unknown",
        "does not exist",
        "no such image",
        "no such manifest",
        "unknown blob",
    ])
}

fn is_of_ecr(image: &str) -> bool {
    registry(image).contains(".dkr.ecr")
}

/// Who keeps an image.
fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) && host != "docker.io" => host,
        Some(_) | None => "Docker Hub",
    }
}

/// The image that a text names.
fn named_in(text: &Text<'_>) -> Option<String> {
    let marks = [
        "failed to resolve ref ",
        "failed to resolve reference ",
        "the task cannot pull ",
        "pull image: ",
        "manifest for ",
        "repository ",
        "reference ",
        "ref ",
    ];
    let mut found = marks.iter().filter_map(|mark| text.after(mark));
    let found = found.find_map(|rest| {
        let word = until(rest.trim_start_matches(['"', '\'']), &[' ', ',', '"', '\'', '\n']);
        let word = word.trim_end_matches([':', '.']);
        let is_platform = word.starts_with("linux/") || word.starts_with("windows/");
        (word.contains(['/', ':']) && !word.contains("://") && !is_platform).then_some(word)
    })?;
    let plain = found.strip_prefix("docker.io/").unwrap_or(found);
    Some(plain.strip_prefix("library/").unwrap_or(plain).to_owned())
}

/// What is left when ECS has said that it tried.
fn reason(said: &str) -> &str {
    let rest = said.split_once("CannotPullContainerError: ").map_or(said, |(_, rest)| rest);
    let tried = word(rest, "time(s)").is_some() && rest.contains("has been retried");
    let rest =
        if tried { rest.split_once("time(s): ").map_or(rest, |(_, rest)| rest) } else { rest };
    rest.trim()
}
