//! Projects for tests, made by hand.

use compose_model::SecretGuard;
use ecs_validate::{
    AccessPoint, Architecture, Capacity, Cluster, Condition, Container, ContainerPort, EcsProject,
    FargateSize, File, FileSystem, FileSystemSettings, HealthCheck, Image, Launch,
    ListenerProtocol, LoadBalancer, LoadBalancerKind, LoadBalancerSource, Logging, Lookup,
    Machines, Mount, MountSource, Network, OnFailure, OperatingSystem, Ownership, Permissions,
    Platform, PosixUser, Preparation, PublicAddresses, Publication, RestartPolicy, RoleSettings,
    Rollout, Scaling, SearchDomain, Secret, SecretFile, SecretKeys, SecretRef, SecretSource,
    SecretVariable, SecurityGroup, SecurityGroups, Service, Subnet, Subnets, TargetHealthCheck,
    Tmpfs, Volume,
};
use indexmap::IndexMap;

const CERTIFICATE: &str =
    "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";
const STORED: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/token-AbCdEf";
const PARAMETER: &str = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/limit";

/// Every variant, with a name for its file.
pub(crate) fn all() -> Vec<(&'static str, EcsProject)> {
    vec![
        ("plain", plain()),
        ("plain-known", known(plain())),
        ("empty", EcsProject { services: Vec::new(), networks: Vec::new(), ..plain() }),
        ("web", web(LoadBalancerKind::Application, LoadBalancerSource::New)),
        ("web-known", known(web(LoadBalancerKind::Application, LoadBalancerSource::New))),
        ("network-balancer", web(LoadBalancerKind::Network, LoadBalancerSource::New)),
        (
            "network-balancer-without-groups",
            web(LoadBalancerKind::Network, LoadBalancerSource::NewWithoutSecurityGroup),
        ),
        ("existing-balancer", known(web(LoadBalancerKind::Application, existing_balancer()))),
        ("asked-balancer", web(LoadBalancerKind::Application, asked_balancer())),
        ("everything", everything()),
        ("everything-known", known(everything())),
        ("machines", machines(Cluster::New)),
        ("machines-known", known(machines(Cluster::New))),
        ("machines-elsewhere", machines(existing_cluster())),
        ("windows", windows()),
        ("asked", asked()),
        ("existing", known(existing())),
    ]
}

/// One service that nobody outside can reach.
pub(crate) fn plain() -> EcsProject {
    EcsProject {
        name: "shop".to_owned(),
        cluster: Cluster::New,
        vpc: Lookup::Asked,
        subnets: Subnets::Asked,
        networks: vec![network("default")],
        load_balancer: None,
        volumes: Vec::new(),
        secrets: Vec::new(),
        log_retention: None,
        roles: RoleSettings::default(),
        helper_image: "public.ecr.aws/docker/library/busybox:stable".to_owned(),
        capacities: Vec::new(),
        services: vec![service("db")],
        overlay: None,
        guard: SecretGuard::default(),
    }
}

/// The same, in a VPC that is known.
pub(crate) fn known(project: EcsProject) -> EcsProject {
    let subnet = |id: &str, zone: &str| Subnet { id: id.to_owned(), zone: Some(zone.to_owned()) };
    EcsProject {
        vpc: Lookup::Known("vpc-0a1b2c3d".to_owned()),
        subnets: Subnets::Known {
            tasks: vec![
                subnet("subnet-0a1b2c3d", "eu-west-1a"),
                subnet("subnet-1a1b2c3d", "eu-west-1b"),
                subnet("subnet-2a1b2c3d", "eu-west-1b"),
            ],
            load_balancer: vec!["subnet-3a1b2c3d".to_owned(), "subnet-4a1b2c3d".to_owned()],
            public_addresses: PublicAddresses::Disabled,
        },
        ..project
    }
}

/// A network of its own.
pub(crate) fn network(name: &str) -> Network {
    Network {
        name: name.to_owned(),
        full_name: format!("shop_{name}"),
        security_group: SecurityGroup::New,
        tags: IndexMap::new(),
    }
}

/// A service that says nothing.
pub(crate) fn service(name: &str) -> Service {
    Service {
        name: name.to_owned(),
        containers: vec![container(name)],
        launch: Launch::Fargate(FargateSize { cpu: 256, memory: 512 }),
        platform: Platform::default(),
        scaling: Scaling::Fixed(1),
        rollout: Rollout { min_percent: 100, max_percent: 200, on_failure: OnFailure::Rollback },
        networks: vec!["default".to_owned()],
        publications: Vec::new(),
        depends_on: Vec::new(),
        search_domain: SearchDomain::InitContainer,
        permissions: Permissions::default(),
        ephemeral_storage: None,
        shared_processes: false,
        placement: Vec::new(),
        tags: IndexMap::new(),
    }
}

/// A container that says nothing.
pub(crate) fn container(name: &str) -> Container {
    Container {
        name: name.to_owned(),
        image: Image::Reference("nginx:1.27".to_owned()),
        essential: true,
        command: None,
        entrypoint: None,
        environment: IndexMap::new(),
        secret_variables: Vec::new(),
        secret_files: Vec::new(),
        depends_on: Vec::new(),
        before: Vec::new(),
        health_check: None,
        ports: Vec::new(),
        mounts: Vec::new(),
        logging: Logging::CloudWatch { options: IndexMap::new() },
        pull_credentials: None,
        restart: None,
        memory_reservation: None,
        gpus: None,
        user: None,
        working_dir: None,
        read_only: false,
        tty: false,
        stdin_open: false,
        init: None,
        cap_add: Vec::new(),
        cap_drop: Vec::new(),
        tmpfs: Vec::new(),
        shared_memory: None,
        ulimits: IndexMap::new(),
        sysctls: IndexMap::new(),
        labels: IndexMap::new(),
        stop_timeout: None,
    }
}

/// A published port of a container that has its service's name.
pub(crate) fn publication(container: &str, target: u16, protocol: ListenerProtocol) -> Publication {
    Publication {
        container: container.to_owned(),
        target,
        listener: target,
        published: Some(target),
        bare: false,
        protocol,
        health_check: TargetHealthCheck::default(),
        network: "default".to_owned(),
    }
}

fn web(kind: LoadBalancerKind, source: LoadBalancerSource) -> EcsProject {
    let protocols = match kind {
        LoadBalancerKind::Application => [
            ListenerProtocol::Http,
            ListenerProtocol::Https { certificate: CERTIFICATE.to_owned() },
        ],
        LoadBalancerKind::Network => {
            [ListenerProtocol::Tcp, ListenerProtocol::Tls { certificate: CERTIFICATE.to_owned() }]
        }
    };
    let mut web = service("web");
    let [first, second] = protocols;
    web.publications = vec![
        Publication { health_check: checked(kind), ..publication("web", 80, first) },
        Publication { listener: 8443, published: None, ..publication("web", 80, second) },
    ];
    if kind == LoadBalancerKind::Network {
        web.publications.push(publication("web", 53, ListenerProtocol::Udp));
        web.publications.push(publication("web", 5353, ListenerProtocol::TcpUdp));
    }
    web.depends_on = vec!["db".to_owned()];
    EcsProject {
        load_balancer: Some(LoadBalancer { kind, source }),
        services: vec![service("db"), web],
        ..plain()
    }
}

fn checked(kind: LoadBalancerKind) -> TargetHealthCheck {
    TargetHealthCheck {
        path: Some("/health".to_owned()),
        port: Some(8080),
        matcher: (kind == LoadBalancerKind::Application).then(|| "200-399".to_owned()),
        interval: Some(30),
        timeout: Some(5),
        healthy: Some(2),
        unhealthy: Some(3),
    }
}

fn existing_balancer() -> LoadBalancerSource {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef";
    LoadBalancerSource::Existing {
        name: "front".to_owned(),
        arn: Lookup::Known(arn.to_owned()),
        security_groups: SecurityGroups::Known(vec!["sg-0a1b2c3d".to_owned()]),
    }
}

fn asked_balancer() -> LoadBalancerSource {
    LoadBalancerSource::Existing {
        name: "front".to_owned(),
        arn: Lookup::Asked,
        security_groups: SecurityGroups::Asked,
    }
}

fn existing_cluster() -> Cluster {
    Cluster::Existing {
        name: "elsewhere".to_owned(),
        reference: "arn:aws:ecs:eu-west-1:123456789012:cluster/elsewhere".to_owned(),
    }
}

/// Every field has a value.
pub(crate) fn everything() -> EcsProject {
    EcsProject {
        log_retention: Some(14),
        networks: vec![network("back"), network("default")],
        load_balancer: Some(LoadBalancer {
            kind: LoadBalancerKind::Application,
            source: LoadBalancerSource::New,
        }),
        volumes: vec![volume("data"), shared_volume()],
        secrets: vec![secret("password", 1), secret("key", 2)],
        roles: RoleSettings {
            path: Some("/apps/".to_owned()),
            permissions_boundary: Some("arn:aws:iam::123456789012:policy/boundary".to_owned()),
        },
        services: vec![busy_service(), builder_service()],
        ..plain()
    }
}

/// A volume of the project.
pub(crate) fn volume(name: &str) -> Volume {
    Volume {
        has_mount_targets: false,
        networks: texts(&["default"]),
        name: name.to_owned(),
        full_name: format!("shop_{name}"),
        file_system: FileSystem::New(FileSystemSettings::default()),
        access_point: AccessPoint::default(),
        tags: map(&[("owner", "team")]),
    }
}

fn shared_volume() -> Volume {
    let user = PosixUser { uid: "1000".to_owned(), gid: "1000".to_owned() };
    Volume {
        file_system: FileSystem::New(FileSystemSettings {
            backup_policy: Some("ENABLED".to_owned()),
            lifecycle_policy: Some("AFTER_30_DAYS".to_owned()),
            performance_mode: Some("maxIO".to_owned()),
            throughput_mode: Some("provisioned".to_owned()),
            provisioned_throughput: Some(1024.0),
            kms_key_id: Some("alias/shop".to_owned()),
        }),
        access_point: AccessPoint {
            user: Some(user.clone()),
            root_directory: Some("/shop".to_owned()),
            owner: Some((user, "0755".to_owned())),
        },
        ..volume("shared_files")
    }
}

/// A secret of so many parameters.
pub(crate) fn secret(name: &str, count: usize) -> Secret {
    Secret {
        name: name.to_owned(),
        full_name: format!("shop_{name}"),
        source: SecretSource::Parameters { count },
        tags: IndexMap::new(),
    }
}

fn map(entries: &[(&str, &str)]) -> IndexMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn busy_service() -> Service {
    Service {
        containers: vec![busy_container(), side_container()],
        launch: Launch::Fargate(FargateSize { cpu: 1024, memory: 2048 }),
        platform: Platform { architecture: Architecture::Arm, system: OperatingSystem::Linux },
        scaling: Scaling::Automatic { min: 1, max: 10, cpu: Some(75), memory: Some(60) },
        rollout: Rollout { min_percent: 50, max_percent: 150, on_failure: OnFailure::Pause },
        networks: texts(&["back", "default"]),
        publications: vec![
            publication("busy", 80, ListenerProtocol::Http),
            Publication { published: None, ..publication("busy", 8080, ListenerProtocol::Http) },
            Publication { published: None, ..publication("side", 8081, ListenerProtocol::Http) },
        ],
        depends_on: texts(&["builder"]),
        search_domain: SearchDomain::InitContainer,
        permissions: Permissions {
            managed_policies: texts(&["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]),
            policy: Some(policy()),
        },
        ephemeral_storage: Some(50),
        shared_processes: true,
        tags: map(&[("cost", "shop")]),
        ..service("busy")
    }
}

fn policy() -> compose_model::value::Value {
    use compose_model::value::Value;
    let entry = |key: &str, value: Value| (key.to_owned(), value);
    let statement = Value::Map(IndexMap::from([
        entry("Effect", Value::String("Allow".to_owned())),
        entry("Action", Value::List(vec![Value::String("sqs:SendMessage".to_owned())])),
        entry("Resource", Value::String("arn:aws:sqs:eu-west-1:123456789012:orders".to_owned())),
    ]));
    Value::Map(IndexMap::from([
        entry("Version", Value::String("2012-10-17".to_owned())),
        entry("Statement", Value::List(vec![statement])),
    ]))
}

fn busy_container() -> Container {
    Container {
        image: Image::Reference(
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/busy:v1".to_owned(),
        ),
        command: Some(texts(&["serve", "--port", "80", "yes"])),
        entrypoint: Some(texts(&["/entry", "a b"])),
        environment: map(&[("A", "1"), ("B", "yes"), ("C", "two\nlines\n"), ("D", "")]),
        secret_variables: vec![
            variable("TOKEN", SecretRef::Arn(STORED.to_owned()), Some("token")),
            variable("LIMIT", SecretRef::Arn(PARAMETER.to_owned()), None),
            variable("KEY", SecretRef::Project("key".to_owned()), None),
        ],
        secret_files: secret_files(),
        depends_on: vec![("side".to_owned(), Condition::Healthy)],
        before: vec![preparation()],
        health_check: Some(health_check()),
        ports: vec![ContainerPort { port: 9000, udp: false }],
        mounts: mounts(),
        restart: Some(RestartPolicy { ignored_exit_codes: vec![0], attempt_period: Some(60) }),
        memory_reservation: Some(256),
        user: Some("1000:1000".to_owned()),
        working_dir: Some("/srv".to_owned()),
        read_only: true,
        tty: true,
        stdin_open: true,
        init: Some(true),
        cap_add: texts(&["SYS_PTRACE"]),
        cap_drop: texts(&["NET_RAW"]),
        tmpfs: vec![Tmpfs { target: "/tmp".to_owned(), size: 64, options: texts(&["noexec"]) }],
        ulimits: IndexMap::from([("nofile".to_owned(), (1024, 2048))]),
        sysctls: map(&[("net.core.somaxconn", "1024")]),
        labels: map(&[("com.example.a", "b")]),
        stop_timeout: Some(60),
        ..container("busy")
    }
}

fn variable(name: &str, source: SecretRef, key: Option<&str>) -> SecretVariable {
    SecretVariable { name: name.to_owned(), source, key: key.map(str::to_owned) }
}

fn secret_files() -> Vec<SecretFile> {
    let file = |secret: &str, target: &str, keys| SecretFile {
        secret: secret.to_owned(),
        target: target.to_owned(),
        keys,
        ownership: Ownership::default(),
    };
    vec![
        file("password", "/run/secrets/password", SecretKeys::Whole),
        file("key", "/run/secrets/key", SecretKeys::All),
        file("key", "/run/secrets/two", SecretKeys::Some(texts(&["a", "b"]))),
        file("password", "/etc/busy/password", SecretKeys::Whole),
        file("password", "/srv/token", SecretKeys::Whole),
    ]
}

fn preparation() -> Preparation {
    Preparation {
        image: None,
        command: texts(&["migrate"]),
        user: Some("0".to_owned()),
        working_dir: Some("/srv".to_owned()),
        environment: map(&[("STEP", "1")]),
    }
}

fn health_check() -> HealthCheck {
    HealthCheck {
        command: texts(&["CMD-SHELL", "curl -f http://localhost"]),
        interval: Some(30),
        timeout: Some(5),
        retries: Some(3),
        start_period: Some(60),
    }
}

fn mounts() -> Vec<Mount> {
    let file = |path: &str, content: &[u8]| File {
        path: path.to_owned(),
        content: content.to_vec(),
        ownership: Ownership {
            uid: Some("0".to_owned()),
            gid: Some("0".to_owned()),
            mode: Some("0440".to_owned()),
        },
    };
    let files = vec![file("busy.conf", b"a = 1\n"), file("logo.png", b"\x89PNG\0")];
    let mount =
        |target: &str, source, read_only| Mount { target: target.to_owned(), source, read_only };
    vec![
        mount("/data", MountSource::Volume("data".to_owned()), false),
        mount("/shared", MountSource::Volume("shared_files".to_owned()), true),
        mount("/cache", MountSource::Scratch, false),
        mount("/etc/busy", MountSource::Files { files, seeded: true }, false),
    ]
}

fn side_container() -> Container {
    Container {
        essential: false,
        health_check: Some(health_check()),
        logging: Logging::FireLens {
            router: "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable".to_owned(),
            options: map(&[("Name", "datadog")]),
            secret_options: IndexMap::from([(
                "apikey".to_owned(),
                SecretRef::Arn(STORED.to_owned()),
            )]),
        },
        pull_credentials: Some(
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf".to_owned(),
        ),
        mounts: vec![Mount {
            target: "/data".to_owned(),
            source: MountSource::Volume("data".to_owned()),
            read_only: true,
        }],
        ..container("side")
    }
}

fn builder_service() -> Service {
    Service {
        containers: vec![Container {
            image: Image::Built,
            logging: Logging::Driver {
                name: "splunk".to_owned(),
                options: map(&[("splunk-url", "https://splunk.example.com")]),
                secret_options: IndexMap::from([(
                    "splunk-token".to_owned(),
                    SecretRef::Project("password".to_owned()),
                )]),
            },
            ..container("builder")
        }],
        rollout: Rollout { min_percent: 100, max_percent: 200, on_failure: OnFailure::Continue },
        search_domain: SearchDomain::Variable,
        ..service("builder")
    }
}

fn machines(cluster: Cluster) -> EcsProject {
    let machines = Machines { min: u32::from(cluster != Cluster::New), max: 10 };
    let capacity = |name: Option<&str>, instance_type: &str, arm: bool| Capacity {
        name: name.map(str::to_owned),
        instance_type: instance_type.to_owned(),
        machine_image: None,
        arm,
        attributes: std::collections::BTreeMap::new(),
        machines,
    };
    let on = |name: &str, capacity| Service {
        containers: vec![Container { gpus: Some(1), ..container(name) }],
        launch: Launch::Machines { capacity, cpu: None, memory: None },
        placement: texts(&["attribute:ecs.instance-type == g4dn.xlarge"]),
        ..service(name)
    };
    let mut sized = on("sized", 0);
    sized.launch = Launch::Machines { capacity: 0, cpu: Some(1024), memory: Some(2048) };
    EcsProject {
        cluster,
        capacities: vec![
            capacity(None, "g4dn.xlarge", false),
            capacity(Some("arm"), "c7g.large", true),
            Capacity {
                machine_image: Some("ami-0123456789abcdef0".to_owned()),
                attributes: [("disk".to_owned(), "ssd".to_owned())].into_iter().collect(),
                ..capacity(Some("sized"), "g5.xlarge", false)
            },
        ],
        services: vec![on("arm", 1), on("learn", 0), sized],
        ..plain()
    }
}

fn windows() -> EcsProject {
    let mut service = service("iis");
    service.platform.system = OperatingSystem::Windows2022;
    service.launch = Launch::Fargate(FargateSize { cpu: 1024, memory: 2048 });
    EcsProject { services: vec![service], ..plain() }
}

/// What exists, but is not known.
fn asked() -> EcsProject {
    let mut project = everything();
    for network in &mut project.networks {
        network.security_group = SecurityGroup::Existing(Lookup::Asked);
    }
    for volume in &mut project.volumes {
        volume.file_system = FileSystem::Existing(Lookup::Asked);
    }
    for secret in &mut project.secrets {
        secret.source = SecretSource::Existing(Lookup::Asked);
    }
    project
}

/// What exists, and is known.
fn existing() -> EcsProject {
    let mut project = everything();
    project.cluster = existing_cluster();
    for network in &mut project.networks {
        let group = "sg-0a1b2c3d".to_owned();
        network.security_group = SecurityGroup::Existing(Lookup::Known(group));
    }
    for volume in &mut project.volumes {
        let id = "fs-0123456789abcdef0".to_owned();
        volume.file_system = FileSystem::Existing(Lookup::Known(id));
    }
    for (secret, arn) in project.secrets.iter_mut().zip([STORED, PARAMETER]) {
        secret.source = SecretSource::Existing(Lookup::Known(arn.to_owned()));
    }
    project
}
