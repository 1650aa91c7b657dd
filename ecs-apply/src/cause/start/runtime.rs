//! Containers that could not be run, and machines that went away.

use super::plain;
use crate::cause::kind::Kind;
use crate::cause::reading::Reading;
use crate::cause::text::Text;

/// What runs containers could not do it.
pub(super) fn read(said: &str, text: &Text<'_>, who: &str) -> Option<Reading> {
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
pub(super) fn machine(text: &Text<'_>, who: &str) -> Option<Reading> {
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
