//! Why an image is not built or pushed, and what to do about it.

use std::io;

use thiserror::Error;

use crate::caller::Caller;

/// Why an image is not built or pushed.
#[derive(Debug, Error)]
pub(crate) enum BuildError {
    /// There is no `docker`, or it cannot be run.
    #[error("cannot run `docker`, which builds images")]
    NoDocker {
        /// What the system said.
        source: io::Error,
    },
    /// `docker` is there, and has nobody to build for it.
    #[error("no Docker engine answers: {reason}")]
    NoEngine {
        /// What `docker` said.
        reason: String,
    },
    /// A build needs what only Docker's newer builder can do.
    #[error(
        "the build of `{service}` has {}, and Docker's builder `buildx` is not installed",
        list(keys)
    )]
    NeedsBuildx {
        /// The service.
        service: String,
        /// The keys of `build` that need it.
        keys: Vec<String>,
    },
    /// A build makes no image for the machines that tasks run on.
    #[error(
        "`{service}` is built for {}, but its tasks run on {platform}",
        platforms.join(" and ")
    )]
    OtherPlatform {
        /// The service.
        service: String,
        /// What it is built for.
        platforms: Vec<String>,
        /// What its tasks run on.
        platform: String,
    },
    /// A build reads a secret whose value is nowhere here.
    #[error("the build of `{service}` reads the secret `{secret}`, whose value is not here")]
    NoSecret {
        /// The service.
        service: String,
        /// The secret's key in the Compose file.
        secret: String,
    },
    /// Builds that begin with each other.
    #[error("the builds of {} begin with each other", list(services))]
    Circle {
        /// The services.
        services: Vec<String>,
    },
    /// Somebody typed Ctrl-C.
    #[error("interrupted, so nothing is deployed")]
    Interrupted,
    /// Docker built nothing; it has said why.
    #[error("the image of `{service}` was not built, so nothing is deployed")]
    Failed {
        /// The service.
        service: String,
    },
    /// The registry takes nothing from us.
    #[error("cannot log in to {registry}: {reason}")]
    Login {
        /// The registry.
        registry: String,
        /// What `docker` or AWS said.
        reason: String,
    },
    /// Docker pushed nothing; it has said why.
    #[error("the image of `{service}` was not pushed, so nothing is deployed")]
    NotPushed {
        /// The service.
        service: String,
    },
    /// Something was pushed, and is not there.
    #[error("the image of `{service}` was pushed, and {repository} does not have it")]
    NotArrived {
        /// The service.
        service: String,
        /// Where it should be.
        repository: String,
    },
    /// A folder for Docker's settings cannot be made.
    #[error("cannot write to a temporary folder")]
    Folder {
        /// What the system said.
        source: io::Error,
    },
}

impl BuildError {
    /// What to do about it.
    pub(crate) fn help(&self, caller: &Caller) -> Option<String> {
        match self {
            Self::NoDocker { .. } => Some(format!(
                "install Docker, or build elsewhere and name the image: \
                 `{}`",
                caller.asks("up --image SERVICE=IMAGE")
            )),
            Self::NoEngine { .. } => Some(format!(
                "start Docker, choose an engine with DOCKER_HOST or `docker context use`, or \
                 build elsewhere and name the image: `{}`",
                caller.asks("up --image SERVICE=IMAGE")
            )),
            Self::NeedsBuildx { service, .. } => Some(format!(
                "install it (docs.docker.com/go/buildx), or build elsewhere and name the image: \
                 `{}`",
                caller.asks(&format!("up --image {service}=IMAGE"))
            )),
            Self::OtherPlatform { platform, .. } => Some(format!(
                "choose what tasks run on with `platform`, or add `{platform}` to \
                 `build.platforms`"
            )),
            Self::NoSecret { .. } => Some(
                "give the secret a `file` that exists, or an `environment` variable that is set"
                    .to_owned(),
            ),
            Self::Circle { .. } => {
                Some("take one `service:` out of their `additional_contexts`".to_owned())
            }
            Self::Login { .. } => Some("allow ecr:GetAuthorizationToken to whoever runs this, and check that the engine reaches the registry".to_owned()),
            Self::NotPushed { .. } => Some(
                "what Docker said is above; pushing needs ecr:InitiateLayerUpload, \
                 ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:BatchCheckLayerAvailability \
                 and ecr:PutImage"
                    .to_owned(),
            ),
            Self::Failed { .. } => Some("what Docker said is above".to_owned()),
            Self::NotArrived { .. } | Self::Interrupted => {
                Some("run the command again: what is built already stays built".to_owned())
            }
            Self::Folder { .. } => {
                Some("make room, or name another folder with TMPDIR".to_owned())
            }
        }
    }
}

/// `a`, `a and b`, `a, b and c`; each as code.
pub(crate) fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
