//! What holds where a Compose file says nothing, each with its reason.

use crate::service::FargateSize;

/// The smallest size of Fargate: whoever needs more says so.
pub(crate) const FARGATE_SIZE: FargateSize = FargateSize { cpu: 256, memory: 512 };

/// The smallest size of Fargate that Windows starts in.
pub(crate) const WINDOWS_SIZE: FargateSize = FargateSize { cpu: 1024, memory: 2048 };

/// MiB that a container on a machine of the project is given if it asks for none:
/// as much as on Fargate.
pub(crate) const RESERVED_MEMORY: u32 = 512;

/// The most tasks of a service that scales without saying how far: enough to be
/// of use, and few enough not to ruin anybody over night.
pub(crate) const MOST_TASKS: u32 = 10;

/// AWS's own build of Fluent Bit, which knows where CloudWatch, Firehose and S3 are.
pub(crate) const LOG_ROUTER: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable";

/// The image of the containers that prepare a task: small, made for every
/// processor, and in AWS's own public registry, which has no limit on pulls.
pub(crate) const HELPER_IMAGE: &str = "public.ecr.aws/docker/library/busybox:stable";
