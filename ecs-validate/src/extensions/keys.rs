//! Which `x-aws-*` keys there are, and where each belongs.

use compose_model::{Diagnostic, nearest};

/// What the keys of ECS begin with; others are nobody's business.
pub(crate) const PREFIX: &str = "x-aws-";

/// A mapping of a Compose file that has keys for ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The file itself.
    Project,
    /// A service.
    Service,
    /// `ports[]` of a service.
    Port,
    /// `volumes[]` of a service.
    Mount,
    /// `configs[]` of a service.
    Config,
    /// `logging` of a service.
    Logging,
    /// `deploy` of a service.
    Deploy,
    /// `deploy.update_config` of a service.
    Update,
    /// A network of the project.
    Network,
    /// A secret of the project.
    Secret,
}

impl Level {
    /// All of them, in the order in which they are documented.
    pub(crate) const ALL: [Self; 10] = [
        Self::Project,
        Self::Service,
        Self::Port,
        Self::Mount,
        Self::Config,
        Self::Logging,
        Self::Deploy,
        Self::Update,
        Self::Network,
        Self::Secret,
    ];

    /// Its place in a file, with `*` for any name and `[]` for any item.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::Project => "",
            Self::Service => "services.*",
            Self::Port => "services.*.ports[]",
            Self::Mount => "services.*.volumes[]",
            Self::Config => "services.*.configs[]",
            Self::Logging => "services.*.logging",
            Self::Deploy => "services.*.deploy",
            Self::Update => "services.*.deploy.update_config",
            Self::Network => "networks.*",
            Self::Secret => "secrets.*",
        }
    }

    /// Where a key of it belongs, behind `belongs`.
    fn home(self) -> &'static str {
        match self {
            Self::Project => "at the top level of the file",
            Self::Service => "in a service",
            Self::Port => "in a port of a service, in its long form",
            Self::Mount => "in a volume of a service, in its long form",
            Self::Config => "in a config of a service, in its long form",
            Self::Logging => "in `logging` of a service",
            Self::Deploy => "in `deploy` of a service",
            Self::Update => "in `deploy.update_config` of a service",
            Self::Network => "in a network of the project",
            Self::Secret => "in a secret of the project",
        }
    }
}

/// An `x-aws-*` key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) level: Level,
    pub(crate) name: &'static str,
    /// What it may hold, in words.
    pub(crate) holds: &'static str,
    /// What it does.
    pub(crate) means: &'static str,
    /// As it is typed.
    pub(crate) example: &'static str,
}

const fn key(
    level: Level,
    name: &'static str,
    holds: &'static str,
    means: &'static str,
    example: &'static str,
) -> Key {
    Key { level, name, holds, means, example }
}

/// Every key, by level and name.
pub(crate) const KEYS: &[Key] = &[
    key(
        Level::Project,
        "x-aws-cloudformation",
        "a piece of a template",
        "merged over the finished template; `null` removes a key, and \
         `ContainerDefinitions[Name=web]` reaches an item of a list; a property that AWS \
         does not list is a warning with the nearest",
        "x-aws-cloudformation:\n  Resources:\n    WebService:\n      Properties:\n        \
         EnableExecuteCommand: true",
    ),
    key(
        Level::Project,
        "x-aws-cluster",
        "name or ARN",
        "runs the services in a cluster that exists, instead of one that is made for the project",
        "x-aws-cluster: shop",
    ),
    key(
        Level::Project,
        "x-aws-helper_image",
        "image",
        "the image of the containers that prepare a task, with `sh` in it; \
         `public.ecr.aws/docker/library/busybox:stable` if nothing is said",
        "x-aws-helper_image: registry.example.com/busybox:1.37",
    ),
    key(
        Level::Project,
        "x-aws-loadbalancer",
        "name or ARN",
        "adds listeners to a load balancer that exists, instead of making one",
        "x-aws-loadbalancer: shop",
    ),
    key(
        Level::Project,
        "x-aws-logs_retention",
        "days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, \
         731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653",
        "for how long logs are kept; for ever, if nothing or 0 is said",
        "x-aws-logs_retention: 30",
    ),
    key(
        Level::Project,
        "x-aws-permissions_boundary",
        "ARN of a policy",
        "what no role of the project may exceed",
        "x-aws-permissions_boundary: arn:aws:iam::123456789012:policy/boundary",
    ),
    key(
        Level::Project,
        "x-aws-role_path",
        "path",
        "the path of every role of the project",
        "x-aws-role_path: /apps/",
    ),
    key(
        Level::Project,
        "x-aws-search_domain",
        "`init`, `variable` or `none`",
        "how a task finds `db` without writing `db.shop.local`: a container that writes \
         `/etc/resolv.conf` first, the variable `LOCALDOMAIN`, or not at all; `init` if nothing \
         is said",
        "x-aws-search_domain: variable",
    ),
    key(
        Level::Project,
        "x-aws-subnets",
        "list of ids, or mapping with `tasks` and `loadbalancer`",
        "the subnets that are used",
        "x-aws-subnets:\n  tasks: [subnet-0a1b2c3d, subnet-1a2b3c4d]\n  \
         loadbalancer: [subnet-2a3b4c5d, subnet-3a4b5c6d]",
    ),
    key(
        Level::Project,
        "x-aws-vpc",
        "id or ARN",
        "the VPC that everything is in",
        "x-aws-vpc: vpc-0a1b2c3d",
    ),
    key(
        Level::Service,
        "x-aws-ephemeral_storage",
        "GiB, 20 to 200",
        "scratch space of a task; 20 if nothing is said",
        "x-aws-ephemeral_storage: 50",
    ),
    key(
        Level::Service,
        "x-aws-policies",
        "list of ARNs",
        "managed policies for the role of the task",
        "x-aws-policies:\n  - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    ),
    key(
        Level::Service,
        "x-aws-pull_credentials",
        "name or ARN of a secret",
        "the user and password for a private registry",
        "x-aws-pull_credentials: arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf",
    ),
    key(
        Level::Service,
        "x-aws-role",
        "policy document",
        "what the task may do, written out",
        "x-aws-role:\n  Version: \"2012-10-17\"\n  Statement:\n    - Effect: Allow\n      \
         Action: s3:GetObject\n      Resource: arn:aws:s3:::shop/*",
    ),
    key(
        Level::Service,
        "x-aws-secrets",
        "mapping of variables to secrets of the project, or to ARNs",
        "variables whose values Secrets Manager or the Parameter Store keeps",
        "x-aws-secrets:\n  DB_PASSWORD: db_password\n  \
         API_TOKEN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:api-AbCdEf:token::'",
    ),
    key(
        Level::Port,
        "x-aws-certificate",
        "ARN of a certificate",
        "what the load balancer shows for `https` or `tls`",
        "x-aws-certificate: arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
    ),
    key(
        Level::Port,
        "x-aws-healthcheck",
        "mapping with `path`, `port`, `matcher`, `interval`, `timeout`, `healthy`, `unhealthy`",
        "how the load balancer sees that a task works",
        "x-aws-healthcheck:\n  path: /health\n  matcher: 200-399\n  interval: 15s",
    ),
    key(
        Level::Port,
        "x-aws-protocol",
        "`http`, `https`, `tcp`, `tls` or `udp`",
        "what is spoken at the load balancer; HTTP if the container's port is 80 or 443, otherwise TCP or UDP",
        "x-aws-protocol: http",
    ),
    key(
        Level::Mount,
        "x-aws-seed",
        "`true` or `false`",
        "whether what the image has in the folder is copied into it first, with the image's shell",
        "x-aws-seed: false",
    ),
    key(
        Level::Config,
        "x-aws-seed",
        "`true` or `false`",
        "whether what the image has beside the file is kept, which needs a shell in the image",
        "x-aws-seed: false",
    ),
    key(
        Level::Logging,
        "x-aws-router_image",
        "image",
        "the log router for the driver `awsfirelens`",
        "x-aws-router_image: public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
    ),
    key(
        Level::Logging,
        "x-aws-secret_options",
        "mapping of options to secrets of the project, or to ARNs",
        "options of the log driver whose values are secret",
        "x-aws-secret_options:\n  splunk-token: splunk_token",
    ),
    key(
        Level::Deploy,
        "x-aws-autoscaling",
        "percent of CPU, or mapping with `min`, `max`, `cpu`, `memory`",
        "keeps as many tasks as hold the average use of CPU or memory at so many percent",
        "x-aws-autoscaling:\n  min: 2\n  max: 10\n  cpu: 75",
    ),
    key(
        Level::Update,
        "x-aws-max_percent",
        "percent, 100 to 1000",
        "how many tasks there may be during an update",
        "x-aws-max_percent: 200",
    ),
    key(
        Level::Update,
        "x-aws-min_percent",
        "percent, 0 to 100",
        "how many tasks stay during an update",
        "x-aws-min_percent: 50",
    ),
    key(
        Level::Network,
        "x-aws-securitygroup",
        "id",
        "an old form of `external: true` with `name`",
        "x-aws-securitygroup: sg-0a1b2c3d",
    ),
    key(
        Level::Secret,
        "x-aws-keys",
        "key of a JSON object, list of them, or `*`",
        "writes these keys of the secret as files of their own, instead of the whole value as one",
        "x-aws-keys: [user, password]",
    ),
];

/// Whether a key is one for ECS, or was meant to be: `x-aws_cluster`.
pub(crate) fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX) || meant(name).is_some()
}

/// The key that differs from another one only in what joins its words, and in case.
fn meant(name: &str) -> Option<&'static str> {
    let joined = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
    let wanted = joined(name);
    if !wanted.starts_with("xaws") {
        return None;
    }
    KEYS.iter().map(|key| key.name).find(|known| joined(known) == wanted)
}

/// Tells of an `x-aws-*` key that has no meaning where it stands, which the caller
/// knows. Mappings that have no keys for ECS are no level.
pub(crate) fn stray(name: &str, level: Option<Level>) -> Option<Diagnostic> {
    if KEYS.iter().any(|key| key.name == name && Some(key.level) == level) {
        return None;
    }
    let homes = || KEYS.iter().filter(|key| key.name == name).map(|key| key.level.home());
    let message = match homes().next() {
        Some(_) => format!("`{name}` has no meaning here"),
        None => format!("there is no key `{name}`"),
    };
    let help = match homes().next() {
        Some(_) => format!("it belongs {}", homes().collect::<Vec<_>>().join(", or ")),
        None => unknown(name, level),
    };
    Some(Diagnostic::error("ecs::unknown-key", message).help(help))
}

/// The key that was meant: one of the same place before all others.
fn unknown(name: &str, level: Option<Level>) -> String {
    let meant = meant(name).unwrap_or(name);
    let word = meant.strip_prefix(PREFIX).unwrap_or(meant);
    let words = |here: bool| {
        let keys = KEYS.iter().filter(move |key| !here || Some(key.level) == level);
        keys.filter_map(|key| key.name.strip_prefix(PREFIX))
    };
    let elsewhere = |meant: &str| {
        let home = KEYS.iter().find(|key| key.name.strip_prefix(PREFIX) == Some(meant));
        home.map(|key| key.level.home()).unwrap_or_default()
    };
    match (nearest(word, words(true)), nearest(word, words(false))) {
        (Some(meant), _) => format!("did you mean `{PREFIX}{meant}`?"),
        (None, Some(meant)) => {
            format!("did you mean `{PREFIX}{meant}`? it belongs {}", elsewhere(meant))
        }
        (None, None) if words(true).next().is_some() => {
            let known: Vec<String> = words(true).map(|word| format!("`{PREFIX}{word}`")).collect();
            format!("remove it: what is known here is {}", known.join(", "))
        }
        (None, None) => "remove it: keys for ECS have other names, and stand elsewhere".to_owned(),
    }
}
