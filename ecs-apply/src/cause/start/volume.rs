//! Volumes that cannot be mounted.

use crate::cause::kind::Kind;
use crate::cause::reading::Reading;
use crate::cause::text::Text;

pub(super) fn read(text: &Text<'_>, who: &str) -> Reading {
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
