//! What a task needs before its containers run: images, secrets, output, volumes and
//! room. ECS says what was missing when it gives up.

use super::kind::Kind;
use super::reading::Reading;
use super::text::{Text, clause, word};
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
    room(&text, who).or_else(|| runtime(said, &text, who)).or_else(|| machine(&text, who))
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
        return secret(said, text, who);
    }
    if text.has(&["registry auth", "ecr"]) && !text.has(&["logger", "cloudwatch"]) {
        return registry(text, who);
    }
    if text.has(&["logger args", "log group", "log stream", "logging driver", "awslogs"]) {
        return logs(said, text, who);
    }
    if text.has(&["efs", "mount.nfs"]) {
        return volume(text, who);
    }
    if text.has(&["unable to launch instance", "capacity provider"]) {
        return no_room(who, "the cluster's machines cannot be started");
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

fn secret(said: &str, text: &Text<'_>, who: &str) -> Reading {
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

fn logs(said: &str, text: &Text<'_>, who: &str) -> Reading {
    let message = |why: &str| format!("the output of {who} can go nowhere: {why}");
    if text.has(&["not authorized", "accessdenied"]) {
        return Reading::new(
            Kind::LogsFailed,
            message("its execution role may not write to the log group"),
            "it needs logs:CreateLogStream and logs:PutLogEvents; with `awslogs-create-group` \
             logs:CreateLogGroup, too",
        );
    }
    if text.has(&["does not exist", "resourcenotfound"]) {
        return Reading::new(
            Kind::LogsFailed,
            message("its log group does not exist"),
            "create the group that `logging` names, or leave the choice to this tool",
        );
    }
    if pull::is_unreachable(text) || text.has(&["signal: killed"]) {
        return Reading::new(
            Kind::LogsFailed,
            message("its task has no way to CloudWatch Logs"),
            pull::ROUTE,
        );
    }
    Reading::new(Kind::LogsFailed, message(&plain(said)), "check `logging` of the service")
}

fn volume(text: &Text<'_>, who: &str) -> Reading {
    let message = |why: &str| format!("a volume of {who} cannot be mounted: {why}");
    let (why, help) = if text.has(&["failed to resolve"]) {
        (
            "its file system has no address in the task's zone",
            "the file system needs a mount target in every zone of `x-aws-subnets`, and the \
             VPC `enableDnsHostnames` and `enableDnsSupport`; an address that is new may take \
             a minute and a half",
        )
    } else if text.has(&["access denied", "not authorized", "permission denied"]) {
        (
            "its file system lets nobody in",
            "the file system's policy and the task's role have to allow \
             elasticfilesystem:ClientMount and ClientWrite, by way of the access point",
        )
    } else if text.has(&["no such file or directory"]) {
        (
            "the folder does not exist in the file system",
            "create it, or use an access point that does",
        )
    } else if text.has(&["timed out", "timeout", "deadline exceeded", "system call failed"]) {
        (
            "its file system does not answer",
            "the security group of its mount targets has to let the task in at port 2049, and \
             the task's has to let it out",
        )
    } else {
        (
            "its file system refuses",
            "check mount targets, security groups and the policy of the file system",
        )
    };
    Reading::new(Kind::VolumeFailed, message(why), help)
}

/// No room for a task.
pub(super) fn room(text: &Text<'_>, who: &str) -> Option<Reading> {
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
        return Some(no_room(who, "AWS has none left in these zones for now"));
    }
    if text.has(&["no container instances were found"]) {
        return Some(no_room(who, "the cluster has no machines"));
    }
    if text.has(&["no container instance met", "resource:", "insufficient"]) {
        let why = text
            .after("met all of its requirements. ")
            .map_or("no machine of the cluster meets its needs", clause);
        return Some(no_room(who, why));
    }
    None
}

fn no_room(who: &str, why: &str) -> Reading {
    Reading::new(
        Kind::NoCapacity,
        format!("there is no room for a task of {who}: {why}"),
        "try again later, use more zones (`x-aws-subnets`), ask for less CPU, memory or GPUs, \
         or add machines",
    )
}

/// What runs containers could not do it.
fn runtime(said: &str, text: &Text<'_>, who: &str) -> Option<Reading> {
    if text.has(&["port is already allocated", "address already in use"]) {
        return Some(Reading::new(
            Kind::PortTaken,
            format!("the port of {who} is taken on its machine"),
            "publish another port, or stop what has it",
        ));
    }
    if text.has(&["executable file not found", "no such file or directory"])
        && text.has(&["cannotstart", "cannotcreate", "starting container process"])
    {
        return Some(Reading::new(
            Kind::NotStarted,
            format!("{who} cannot be started: its command does not exist in the image"),
            "check `command`, `entrypoint` and `working_dir`: a line that needs a shell is \
             written `sh -c \"…\"`",
        ));
    }
    if text.has(&["exec format error"]) {
        return Some(Reading::new(
            Kind::ImagePlatform,
            format!("the image of {who} is made for another processor"),
            "build it for the processor that `platform` names (`docker buildx build --platform`)",
        ));
    }
    let known = [
        "cannotstartcontainer",
        "cannotcreatecontainer",
        "cannotcreatevolume",
        "cannotinspectcontainer",
        "containerruntime",
        "dockertimeouterror",
        "internalerror",
        "dependency",
        "api error",
    ];
    text.has(&known).then(|| {
        Reading::new(
            Kind::NotStarted,
            format!("{who} cannot be started: {}", plain(said)),
            "check `command`, `user`, mounts and what it depends on",
        )
    })
}

/// The machine went away.
fn machine(text: &Text<'_>, who: &str) -> Option<Reading> {
    let lost = text.has(&[
        "spot",
        "host ec2",
        "container instance",
        "instance terminated",
        "infrastructure",
        "retirement",
    ]);
    lost.then(|| {
        Reading::new(
            Kind::Interrupted,
            format!("the machine of {who} went away: {}", plain(text.raw)),
            "ECS starts another task; where that happens often, use no spot capacity",
        )
    })
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
