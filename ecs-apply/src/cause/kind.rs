//! Kinds of things that go wrong.

use std::fmt;

/// A kind of thing that goes wrong. Programs know it by [`name`](Self::name).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// There is no such image, or only for those who may see it.
    ImageNotFound,
    /// The image may not be pulled.
    ImageDenied,
    /// The image is made for another processor or system.
    ImagePlatform,
    /// The registry gives no more images for now.
    PullLimit,
    /// The registry cannot be reached from where the task is.
    RegistryUnreachable,
    /// The image cannot be pulled for another reason.
    PullFailed,
    /// There is no such secret, or no such key in it.
    SecretNotFound,
    /// The secret may not be read.
    SecretDenied,
    /// The keeper of secrets cannot be reached from where the task is.
    SecretUnreachable,
    /// Output can go nowhere.
    LogsFailed,
    /// A file system cannot be mounted.
    VolumeFailed,
    /// A container ended that shall run, or ended badly.
    ContainerExited,
    /// A container needed more memory than it may have.
    OutOfMemory,
    /// A container or its task could not be started.
    NotStarted,
    /// A container's own health check fails.
    ContainerUnhealthy,
    /// The load balancer's health check fails.
    TargetUnhealthy,
    /// There is no room for a task.
    NoCapacity,
    /// The machine below a task went away.
    Interrupted,
    /// The account may not have more.
    Quota,
    /// Whoever deploys, or whatever works for them, may not do something.
    Denied,
    /// Another listener or rule has the port.
    PortTaken,
    /// Something else has the name.
    NameTaken,
    /// Something does not exist that is referred to.
    NotFound,
    /// AWS does not accept how something is described.
    Invalid,
    /// ECS gave up on a deployment, and nothing says why.
    GivenUp,
    /// Waiting took too long, and nothing says why.
    TimedOut,
    /// Something went wrong that is not known here.
    Unknown,
}

impl Kind {
    /// A name that does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageNotFound => "image-not-found",
            Self::ImageDenied => "image-denied",
            Self::ImagePlatform => "image-platform",
            Self::PullLimit => "pull-limit",
            Self::RegistryUnreachable => "registry-unreachable",
            Self::PullFailed => "pull-failed",
            Self::SecretNotFound => "secret-not-found",
            Self::SecretDenied => "secret-denied",
            Self::SecretUnreachable => "secret-unreachable",
            Self::LogsFailed => "logs-failed",
            Self::VolumeFailed => "volume-failed",
            Self::ContainerExited => "container-exited",
            Self::OutOfMemory => "out-of-memory",
            Self::NotStarted => "not-started",
            Self::ContainerUnhealthy => "container-unhealthy",
            Self::TargetUnhealthy => "target-unhealthy",
            Self::NoCapacity => "no-capacity",
            Self::Interrupted => "interrupted",
            Self::Quota => "quota",
            Self::Denied => "denied",
            Self::PortTaken => "port-taken",
            Self::NameTaken => "name-taken",
            Self::NotFound => "not-found",
            Self::Invalid => "invalid",
            Self::GivenUp => "given-up",
            Self::TimedOut => "timed-out",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it only says that something else went wrong, which may be known later.
    pub fn is_consequence(self) -> bool {
        matches!(self, Self::GivenUp | Self::TimedOut)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
