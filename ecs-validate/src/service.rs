//! A service as ECS runs it: one task definition and what keeps it running.

use std::fmt;

use compose_model::value::Value;
use indexmap::IndexMap;

/// One service of ECS.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its key in the Compose file.
    pub name: String,
    /// The container that the service is about comes first; those of services
    /// that share its network come after it.
    pub containers: Vec<Container>,
    /// What its tasks run on.
    pub launch: Launch,
    /// For which processor and system.
    pub platform: Platform,
    /// How many tasks.
    pub scaling: Scaling,
    /// How a new version takes over.
    pub rollout: Rollout,
    /// The networks that its tasks are in, by their keys.
    pub networks: Vec<String>,
    /// What is reachable from outside.
    pub publications: Vec<Publication>,
    /// Services that are deployed first.
    pub depends_on: Vec<String>,
    /// How tasks find other services by short names.
    pub search_domain: SearchDomain,
    /// What the task may do, besides what its own volumes and secrets need.
    pub permissions: Permissions,
    /// Scratch space of a task in GiB, if 20 are not enough.
    pub ephemeral_storage: Option<u16>,
    /// Whether the containers of a task see each other's processes.
    pub shared_processes: bool,
    /// Expressions that say which machines are suitable; only off Fargate.
    pub placement: Vec<String>,
    /// Tags of the service, besides those that every resource has.
    pub tags: IndexMap<String, String>,
}

/// What tasks run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launch {
    /// Nobody's machines.
    Fargate(FargateSize),
    /// Machines of the project.
    Machines {
        /// The position of the [`Capacity`](crate::Capacity) in the project.
        capacity: usize,
        /// Units of CPU, 1,024 for each; as many as there are, if nothing.
        cpu: Option<u32>,
        /// MiB of memory; as much as there is, if nothing.
        memory: Option<u32>,
    },
}

/// A size that Fargate has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FargateSize {
    /// Units of CPU, 1,024 for each.
    pub cpu: u32,
    /// MiB of memory.
    pub memory: u32,
}

/// The processor and the system of a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Platform {
    /// Its processor.
    pub architecture: Architecture,
    /// Its system.
    pub system: OperatingSystem,
}

impl fmt::Display for Platform {
    /// As Docker writes it, without the version of a system: `linux/arm64`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = match self.system {
            OperatingSystem::Linux => "linux",
            OperatingSystem::Windows2019
            | OperatingSystem::Windows2022
            | OperatingSystem::Windows2025 => "windows",
        };
        let architecture = match self.architecture {
            Architecture::X86 => "amd64",
            Architecture::Arm => "arm64",
        };
        write!(f, "{system}/{architecture}")
    }
}

/// The processor of a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Architecture {
    /// Intel's and AMD's.
    #[default]
    X86,
    /// ARM's.
    Arm,
}

/// The system of a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OperatingSystem {
    /// Linux.
    #[default]
    Linux,
    /// Windows Server 2019, without a desktop.
    Windows2019,
    /// Windows Server 2022, without a desktop.
    Windows2022,
    /// Windows Server 2025, without a desktop.
    Windows2025,
}

/// How many tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// So many.
    Fixed(u32),
    /// As many as are needed.
    Automatic {
        /// Never fewer.
        min: u32,
        /// Never more.
        max: u32,
        /// The share of CPU to aim for, in percent.
        cpu: Option<u8>,
        /// The share of memory to aim for, in percent.
        memory: Option<u8>,
    },
}

/// How a new version takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollout {
    /// How many tasks stay, in percent.
    pub min_percent: u32,
    /// How many tasks there are at most, in percent.
    pub max_percent: u32,
    /// What happens when the new version does not start.
    pub on_failure: OnFailure,
}

/// What happens when a new version does not start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The old version comes back.
    #[default]
    Rollback,
    /// The deployment stops where it is.
    Pause,
    /// ECS keeps trying.
    Continue,
}

/// A port that is reachable from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The container behind it.
    pub container: String,
    /// The port of the container.
    pub target: u16,
    /// The port of the load balancer.
    pub listener: u16,
    /// The port that the Compose file publishes, if it names one.
    pub published: Option<u16>,
    /// What is spoken.
    pub protocol: ListenerProtocol,
    /// Whether the Compose file says neither TCP nor UDP. Docker's tool left that
    /// out of the names of resources.
    pub bare: bool,
    /// How the load balancer sees that a task works.
    pub health_check: TargetHealthCheck,
    /// Networks through which the load balancer reaches the task; the first of
    /// the service's own that are not internal.
    pub network: String,
}

/// What is spoken at a port of the load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenerProtocol {
    /// HTTP.
    Http,
    /// HTTPS up to the load balancer, HTTP from there.
    Https {
        /// The ARN of its certificate.
        certificate: String,
    },
    /// TCP.
    Tcp,
    /// TLS up to the load balancer, TCP from there.
    Tls {
        /// The ARN of its certificate.
        certificate: String,
    },
    /// UDP.
    Udp,
    /// TCP and UDP.
    TcpUdp,
}

/// How a load balancer sees that a task works. What is not said is left to AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetHealthCheck {
    /// The path that is asked for, over HTTP.
    pub path: Option<String>,
    /// The port that is asked, instead of the container's.
    pub port: Option<u16>,
    /// The answers that are good: `200-399`.
    pub matcher: Option<String>,
    /// Seconds between two questions.
    pub interval: Option<u32>,
    /// Seconds to wait for an answer.
    pub timeout: Option<u32>,
    /// So many good answers make a target healthy.
    pub healthy: Option<u8>,
    /// So many bad ones make it unhealthy.
    pub unhealthy: Option<u8>,
}

/// How tasks find other services by short names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SearchDomain {
    /// A container writes it into `/etc/resolv.conf` before the others start.
    #[default]
    InitContainer,
    /// The variable `LOCALDOMAIN` names it; not every resolver reads that.
    Variable,
    /// Not at all: `db.shop.local` has to be written out.
    None,
}

/// What a task may do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Permissions {
    /// ARNs of managed policies.
    pub managed_policies: Vec<String>,
    /// A policy document.
    pub policy: Option<Value>,
}

/// One container of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name: that of its service in the Compose file.
    pub name: String,
    /// What it is made of.
    pub image: Image,
    /// Whether the task ends with it.
    pub essential: bool,
    /// What runs, instead of the image's command.
    pub command: Option<Vec<String>>,
    /// What runs, instead of the image's entry point.
    pub entrypoint: Option<Vec<String>>,
    /// Variables, sorted by name.
    pub environment: IndexMap<String, String>,
    /// Variables whose values Secrets Manager or the Parameter Store keeps.
    pub secret_variables: Vec<SecretVariable>,
    /// Secrets that are files.
    pub secret_files: Vec<SecretFile>,
    /// Containers of the same task that come first.
    pub depends_on: Vec<(String, Condition)>,
    /// What runs to its end before the container starts, one after another.
    pub before: Vec<Preparation>,
    /// How to see that it works.
    pub health_check: Option<HealthCheck>,
    /// Ports that it listens on.
    pub ports: Vec<ContainerPort>,
    /// What is mounted.
    pub mounts: Vec<Mount>,
    /// Where its output goes.
    pub logging: Logging,
    /// The name or ARN of the secret that its registry asks for.
    pub pull_credentials: Option<String>,
    /// When it is started again inside of its task.
    pub restart: Option<RestartPolicy>,
    /// MiB of memory that are set aside.
    pub memory_reservation: Option<u32>,
    /// How many GPUs it has.
    pub gpus: Option<u32>,
    /// As whom it runs.
    pub user: Option<String>,
    /// Where its command starts.
    pub working_dir: Option<String>,
    /// Whether its file system is read-only.
    pub read_only: bool,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether standard input stays open.
    pub stdin_open: bool,
    /// Whether a small init process runs first; left to ECS if nothing is said.
    pub init: Option<bool>,
    /// Capabilities of Linux that it has besides the usual ones.
    pub cap_add: Vec<String>,
    /// Capabilities of Linux that it lacks.
    pub cap_drop: Vec<String>,
    /// Folders in memory.
    pub tmpfs: Vec<Tmpfs>,
    /// MiB of `/dev/shm`; only off Fargate.
    pub shared_memory: Option<u32>,
    /// Limits of processes, by name: soft and hard.
    pub ulimits: IndexMap<String, (i64, i64)>,
    /// Parameters of the kernel.
    pub sysctls: IndexMap<String, String>,
    /// Labels of the container.
    pub labels: IndexMap<String, String>,
    /// Seconds that a stop may take.
    pub stop_timeout: Option<u32>,
}

/// What a container is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// As a registry knows it, with its digest if that is known.
    Reference(String),
    /// It is built; a parameter of the template says what came of it.
    Built,
}

/// A variable whose value is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretVariable {
    /// Its name.
    pub name: String,
    /// Where the value is.
    pub source: SecretRef,
    /// One key of a value that is a JSON object.
    pub key: Option<String>,
}

/// Where a secret value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// A [`Secret`](crate::Secret) of the project, by its key.
    Project(String),
    /// An ARN of Secrets Manager or the Parameter Store.
    Arn(String),
}

/// A secret that a container reads from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFile {
    /// The [`Secret`](crate::Secret) of the project, by its key.
    pub secret: String,
    /// Where, absolute. With several keys it is a folder with a file for each.
    pub target: String,
    /// Which keys of a value that is a JSON object.
    pub keys: SecretKeys,
    /// Its owner, its group and its mode.
    pub ownership: Ownership,
}

/// Which keys of a JSON object become files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretKeys {
    /// The value is one file as it is.
    Whole,
    /// Each of them is a file.
    All,
    /// These are.
    Some(Vec<String>),
}

/// Who may do what with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ownership {
    /// The number of the user.
    pub uid: Option<String>,
    /// The number of the group.
    pub gid: Option<String>,
    /// Octal digits: `0440`.
    pub mode: Option<String>,
}

/// What another container must have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It has started.
    Started,
    /// Its health check is good.
    Healthy,
    /// It has ended well.
    Succeeded,
}

/// A command that runs to its end before a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preparation {
    /// In which image; that of the container, if nothing.
    pub image: Option<String>,
    /// What runs.
    pub command: Vec<String>,
    /// As whom.
    pub user: Option<String>,
    /// Where.
    pub working_dir: Option<String>,
    /// With which variables.
    pub environment: IndexMap<String, String>,
}

/// How to see that a container works, within the limits that ECS sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// `CMD` or `CMD-SHELL`, and what runs.
    pub command: Vec<String>,
    /// Seconds between two runs, 5 to 300.
    pub interval: Option<u32>,
    /// Seconds that a run may take, 2 to 60.
    pub timeout: Option<u32>,
    /// So many bad runs make a container unhealthy, 1 to 10.
    pub retries: Option<u32>,
    /// Seconds in which bad runs do not count, up to 300.
    pub start_period: Option<u32>,
}

/// A port that a container listens on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerPort {
    /// Its number.
    pub port: u16,
    /// Whether it is one of UDP instead of TCP.
    pub udp: bool,
}

/// Something that a container sees in its file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub target: String,
    /// What.
    pub source: MountSource,
    /// Whether it can only be read.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A [`Volume`](crate::Volume) of the project, by its key.
    Volume(String),
    /// Space that lives and dies with the task.
    Scratch,
    /// Files that are written before the container starts.
    Files {
        /// What to write.
        files: Vec<File>,
        /// Whether what the image has there is copied first, with the image's
        /// own shell.
        seeded: bool,
    },
}

/// A file that is written before a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the mount's target, with slashes.
    pub path: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// Its owner, its group and its mode.
    pub ownership: Ownership,
}

/// Where the output of a container goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logging {
    /// To the project's group in CloudWatch Logs.
    CloudWatch {
        /// Options of the driver, besides group, region and prefix if these are
        /// not among them.
        options: IndexMap<String, String>,
    },
    /// To another driver that Fargate has.
    Driver {
        /// `splunk`
        name: String,
        /// Its options.
        options: IndexMap<String, String>,
        /// Options whose values are kept elsewhere.
        secret_options: IndexMap<String, SecretRef>,
    },
    /// Through a router in the same task.
    FireLens {
        /// The image of the router.
        router: String,
        /// Its options.
        options: IndexMap<String, String>,
        /// Options whose values are kept elsewhere.
        secret_options: IndexMap<String, SecretRef>,
    },
    /// Nowhere.
    None,
}

/// When a container is started again inside of its task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestartPolicy {
    /// Exit codes that end the container for good.
    pub ignored_exit_codes: Vec<i32>,
    /// Seconds that it must have run before it is started again, 60 to 1,800.
    pub attempt_period: Option<u32>,
}

/// A folder in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmpfs {
    /// Where.
    pub target: String,
    /// MiB.
    pub size: u32,
    /// `noexec`
    pub options: Vec<String>,
}
