//! One service: a container image, and how to run it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "YAML gets no more kinds of value, and each place is about a few of them"
)]

mod build;
mod command;
mod deploy;
mod develop;
mod device;
mod file;
mod healthcheck;
mod hosts;
mod limits;
mod mapping;
mod network;
mod ports;
mod volumes;

use indexmap::IndexMap;

pub use build::{Build, SshKeys};
pub use command::Command;
pub use deploy::{
    Deploy, DiscreteResource, GenericResource, Limits, Placement, PlacementPreference,
    Reservations, Resources, RestartPolicy, UpdateConfig,
};
pub use develop::{Develop, Hook, Trigger};
pub use device::{Device, DeviceCount, DeviceRequest};
pub use file::{EnvFile, FileMode, FileReference, OptOut};
pub use healthcheck::{Healthcheck, HealthcheckTest};
pub use hosts::ExtraHosts;
pub use limits::{BlkioConfig, BlkioLimit, BlkioWeight, Ulimit};
pub use mapping::{Labels, Options, Variables};
pub use network::{Dependency, ModelReference, ServiceNetwork};
pub use ports::Port;
pub use volumes::{Bind, ImageMount, Mount, Tmpfs, VolumeMount};

use crate::form::mapping;
use crate::value::{ByteSize, Duration, ImageError, ImageReference, Value};

mapping! {
    /// One service: a container image, and how to run it.
    ///
    /// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md>
    pub struct Service {
        /// The service exists only while one of these is active; always, if empty.
        profiles: Vec<String>,
        /// Annotations of the container.
        annotations: Options,
        /// Whether `up` shows the service's output.
        attach: Option<bool>,
        /// How the image is built.
        build: Option<Box<Build>>,
        /// How the service follows its source code during development.
        develop: Option<Box<Develop>>,
        /// Limits of block devices.
        blkio_config: Option<Box<BlkioConfig>>,
        /// Linux capabilities to add.
        cap_add: Vec<String>,
        /// Linux capabilities to drop.
        cap_drop: Vec<String>,
        /// The parent of the container's control group.
        cgroup_parent: Option<String>,
        /// The namespace of control groups: `host` or `private`.
        cgroup: Option<String>,
        /// How many CPUs can be used.
        cpu_count: i64,
        /// What share of the CPUs can be used.
        cpu_percent: f32,
        /// The period of the CPU scheduler.
        cpu_period: i64,
        /// The quota of the CPU scheduler.
        cpu_quota: i64,
        /// The period of the real-time CPU scheduler.
        cpu_rt_period: i64,
        /// The run time of the real-time CPU scheduler.
        cpu_rt_runtime: i64,
        /// How much CPU time can be used, in CPUs.
        cpus: f32,
        /// On which CPUs the container can run.
        cpuset: Option<String>,
        /// The weight of the container among others.
        cpu_shares: i64,
        /// What runs, instead of the image's command.
        command: Command,
        /// Configs that are mounted.
        configs: Vec<FileReference>,
        /// The container's name, instead of one that is made up.
        container_name: Option<String>,
        /// The Windows account that the container runs as.
        credential_spec: Option<Box<CredentialSpec>>,
        /// Services that come first.
        depends_on: IndexMap<String, Dependency>,
        /// How the service is deployed to a cluster.
        deploy: Option<Box<Deploy>>,
        /// Rules for devices, as Linux writes them.
        device_cgroup_rules: Vec<String>,
        /// Devices of the host.
        devices: Vec<Device>,
        /// Name servers.
        dns: Vec<String>,
        /// Options of the resolver.
        dns_opt: Vec<String>,
        /// Domains that the resolver tries.
        dns_search: Vec<String>,
        /// The container's domain.
        domainname: Option<String>,
        /// What runs, instead of the image's entry point.
        entrypoint: Command,
        /// The service is run by a program of its own, not as a container.
        provider: Option<Box<Provider>>,
        /// Variables, those of the env files included.
        environment: Variables,
        /// Files with variables.
        env_file: Vec<EnvFile>,
        /// What the service extends, if that is empty.
        extends: Option<Box<Extends>>,
        /// Ports for other services only.
        expose: Vec<String>,
        /// Containers outside of this project to link to.
        external_links: Vec<String>,
        /// Names of hosts and their addresses.
        extra_hosts: ExtraHosts,
        /// More groups of the user.
        group_add: Vec<String>,
        /// GPUs to use.
        gpus: Vec<DeviceRequest>,
        /// The container's name for itself.
        hostname: Option<String>,
        /// How to see that the service works.
        healthcheck: Option<Box<Healthcheck>>,
        /// The image, if it is not built.
        image: Option<String>,
        /// Whether a small init process runs first.
        init: Option<bool>,
        /// The namespace of inter-process communication.
        ipc: Option<String>,
        /// The isolation technology.
        isolation: Option<String>,
        /// Labels of the container, those of the label files included.
        labels: Labels,
        /// Files with labels.
        label_file: Vec<String>,
        /// Services to link to.
        links: Vec<String>,
        /// Where the output goes.
        logging: Option<Box<Logging>>,
        /// The most memory.
        mem_limit: Option<ByteSize>,
        /// The memory that is set aside.
        mem_reservation: Option<ByteSize>,
        /// The most memory and swap space together.
        memswap_limit: Option<ByteSize>,
        /// How willingly the kernel swaps.
        mem_swappiness: Option<ByteSize>,
        /// The container's MAC address.
        mac_address: Option<String>,
        /// Models that the service uses.
        models: IndexMap<String, Option<ModelReference>>,
        /// The network of something else, instead of networks.
        network_mode: Option<String>,
        /// The networks that the service is in.
        networks: IndexMap<String, Option<ServiceNetwork>>,
        /// Whether the kernel must not kill the container when memory is short.
        oom_kill_disable: bool,
        /// How likely the kernel does so.
        oom_score_adj: i64,
        /// The namespace of processes.
        pid: Option<String>,
        /// The most processes.
        pids_limit: i64,
        /// What the image must be for: `linux/arm64`.
        platform: Option<String>,
        /// Ports for everyone.
        ports: Vec<Port>,
        /// Whether the container has the rights of its host.
        privileged: bool,
        /// When the image is pulled.
        pull_policy: Option<String>,
        /// How old a pulled image may become.
        pull_refresh_after: Option<String>,
        /// Whether the container's file system is read-only.
        read_only: bool,
        /// When the container is started again.
        restart: Option<String>,
        /// What runs the container.
        runtime: Option<String>,
        /// How many containers.
        scale: Option<i64>,
        /// Secrets that are mounted.
        secrets: Vec<FileReference>,
        /// Options of security modules.
        security_opt: Vec<String>,
        /// The size of `/dev/shm`.
        shm_size: Option<ByteSize>,
        /// Whether standard input stays open.
        stdin_open: bool,
        /// How long a stop may take.
        stop_grace_period: Option<Duration>,
        /// The signal to stop.
        stop_signal: Option<String>,
        /// Options of the storage driver.
        storage_opt: Options,
        /// Kernel parameters.
        sysctls: Options,
        /// Folders in memory.
        tmpfs: Vec<String>,
        /// Whether there is a terminal.
        tty: bool,
        /// Limits of processes.
        ulimits: IndexMap<String, Ulimit>,
        /// Whether the container can talk to the engine that runs it.
        use_api_socket: bool,
        /// The user, instead of the image's.
        user: Option<String>,
        /// The namespace of users.
        userns_mode: Option<String>,
        /// The namespace of host names.
        uts: Option<String>,
        /// What is mounted.
        volumes: Vec<Mount>,
        /// Services or containers whose volumes are mounted.
        volumes_from: Vec<String>,
        /// Where the command starts.
        working_dir: Option<String>,
        /// What runs to its end before the service starts.
        pre_start: Vec<Hook>,
        /// What runs in the container after it started.
        post_start: Vec<Hook>,
        /// What runs in the container before it stops.
        pre_stop: Vec<Hook>,
    }
}

impl Service {
    /// How many containers are asked for, in whichever key.
    pub fn replicas(&self) -> i64 {
        let deployed = self.deploy.as_ref().and_then(|deploy| deploy.replicas);
        self.scale.or(deployed).unwrap_or(1)
    }

    /// The image in its parts. Docker takes any text for an image's name while
    /// it loads a project, so it may turn out only here that this is none.
    ///
    /// ```
    /// use compose_model::Service;
    ///
    /// let service = Service { image: Some("nginx:1.27".to_owned()), ..Service::default() };
    /// let image = service.image_reference().unwrap().unwrap();
    /// assert_eq!((image.registry(), image.tag()), ("docker.io", Some("1.27")));
    /// ```
    ///
    /// # Errors
    ///
    /// Says what about the text is not that of an image.
    pub fn image_reference(&self) -> Option<Result<ImageReference, ImageError>> {
        self.image.as_deref().map(str::parse)
    }

    /// Whether one of the active profiles, or `*`, has the service.
    pub fn is_enabled(&self, active: &[String]) -> bool {
        self.profiles.is_empty()
            || active.iter().any(|profile| profile == "*" || self.profiles.contains(profile))
    }
}

mapping! {
    /// What a service extends.
    pub struct Extends {
        /// The file with the other service.
        file: Option<String>,
        /// The other service.
        service: Option<String>,
    }
}

mapping! {
    /// Where a service's output goes.
    pub struct Logging {
        /// The logging driver.
        driver: Option<String>,
        /// Its options.
        options: Options,
    }
}

mapping! {
    /// The Windows account that a container runs as.
    pub struct CredentialSpec {
        /// The config that holds it.
        config: Option<String>,
        /// The file that holds it.
        file: Option<String>,
        /// The registry entry that holds it.
        registry: Option<String>,
    }
}

mapping! {
    /// A program that runs a service instead of an engine.
    pub struct Provider {
        /// Which program.
        kind = "type": Option<String>,
        /// Its options; one may stand many times.
        options: IndexMap<String, Vec<String>>,
    }
}

impl Provider {
    /// The options as the file has them.
    pub fn value(&self) -> Value {
        use crate::form::{Form, Style};
        self.print(Style { extensions: true })
    }
}
