//! What a task needs before its containers run: images, secrets, output, volumes and
//! room. ECS says what was missing when it gives up.

mod output;
pub(super) mod room;
mod runtime;
mod secret;
mod volume;

use super::kind::Kind;
use super::reading::Reading;
use super::text::{Text, clause};
use super::{denied, pull};

/// What says why a task did not start, if it is that. `who` needed it.
pub(super) fn read(said: &str, who: &str, image: Option<&str>) -> Option<Reading> {
    let text = Text::new(said);
    if text.has(&["cannotpull", "pull image manifest", "imagenotfound", "image reference"]) {
        return Some(pull::read(said, who, image));
    }
    if text.has(&["outofmemory"]) {
        return Some(out_of_memory(who));
    }
    if text.has(&["cannotstartcontainer", "cannotcreatecontainer"]) {
        return runtime::read(said, &text, who);
    }
    if text.has(&["resourceinitializationerror"]) {
        return Some(resource(said, &text, who));
    }
    if text.has(&["network interface provisioning", "networkinterface", "eni "]) {
        return Some(Reading::new(
            Kind::NotStarted,
            format!("the task of {who} got no network interface"),
            "check that the subnets have addresses left, and that no quota of network \
             interfaces is used up",
        ));
    }
    room::read(&text, who)
        .or_else(|| runtime::read(said, &text, who))
        .or_else(|| runtime::machine(&text, who))
}

/// A container that needed more memory than it may have.
pub(super) fn out_of_memory(who: &str) -> Reading {
    Reading::new(
        Kind::OutOfMemory,
        format!("{who} needs more memory than it may have, and was killed"),
        "raise `deploy.resources.limits.memory`, or let the program use less",
    )
}

fn resource(said: &str, text: &Text<'_>, who: &str) -> Reading {
    if text.has(&["from asm", "secrets manager", "secretsmanager", "from ssm", "ssm:", "ssm "]) {
        return secret::read(said, text, who);
    }
    if text.has(&["registry auth", "ecr"]) && !text.has(&["logger", "cloudwatch"]) {
        return registry(text, who);
    }
    if text.has(&["logger args", "log group", "log stream", "logging driver", "awslogs"]) {
        return output::read(said, text, who);
    }
    if text.has(&["efs", "mount.nfs"]) {
        return volume::read(text, who);
    }
    if text.has(&["unable to launch instance", "capacity provider"]) {
        return room::none(who, "the cluster's machines cannot be started");
    }
    // An emulator, and old agents, say so of images.
    if text.has(&["no such image", "pull access denied", "manifest", "failed to resolve ref"]) {
        return pull::read(said, who, None);
    }
    Reading::new(
        Kind::NotStarted,
        format!("the task of {who} could not be prepared: {}", plain(said)),
        "look at what the task needs before it starts: secrets, volumes, network and roles",
    )
}

fn registry(text: &Text<'_>, who: &str) -> Reading {
    if pull::is_unreachable(text) {
        return Reading::new(
            Kind::RegistryUnreachable,
            format!("ECR, which has the image of {who}, cannot be reached from its task"),
            pull::ROUTE,
        );
    }
    Reading::new(
        Kind::ImageDenied,
        format!("the execution role of {who} may not sign in to ECR"),
        "it needs ecr:GetAuthorizationToken for everything, and ecr:BatchGetImage and \
         ecr:GetDownloadUrlForLayer for the repository",
    )
}

/// What is said, without the name of the error and what counts attempts.
fn plain(said: &str) -> String {
    let mut rest = said.split_once("Reason: ").map_or(said, |(_, rest)| rest);
    if let Some((name, after)) = rest.split_once(": ")
        && !name.contains(' ')
    {
        rest = after;
    }
    clause(rest).to_owned()
}

/// A refusal of a permission that a task's start needs.
pub(super) fn denial(said: &str, who: &str) -> Option<Reading> {
    denied::read(said, &format!("the task of {who} cannot be started"))
}
