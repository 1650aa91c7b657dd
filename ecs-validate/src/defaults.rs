//! Every default that ECS needs and Compose leaves open, with its reason.

/// The image of the containers that prepare a task: small, made for every
/// processor, and in AWS's own public registry, which has no limit on pulls.
pub(crate) const HELPER_IMAGE: &str = "public.ecr.aws/docker/library/busybox:stable";
