//! The table of the Compose Specification's keys, outermost mapping first.
//! Keys are sorted: the check finds them by bisection.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json>

use crate::load::problem::nearest;

use super::{List, Names, Number, Object, Rule, Words};

const NONE: Rule = Rule::NONE;
const STRING: Rule = NONE.or_string(Words::Any);
const NUMBER: Rule = NONE.or_number(Number::Any);
const WHOLE: Rule = NONE.or_number(Number::Whole);
const BOOL: Rule = NONE.or_bool();
const BOOL_OR_STRING: Rule = STRING.or_bool();
const NUMBER_OR_STRING: Rule = STRING.or_number(Number::Any);
const WHOLE_OR_STRING: Rule = STRING.or_number(Number::Whole);
const STRING_LIST: Rule = NONE.or_list(&STRINGS);
const UNIQUE_STRING_LIST: Rule = NONE.or_list(&UNIQUE_STRINGS);
const STRING_OR_STRINGS: Rule = STRING.or_list(&STRINGS);
const STRING_OR_UNIQUE_STRINGS: Rule = STRING.or_list(&UNIQUE_STRINGS);

static STRINGS: List = List { items: STRING, unique: false };
static UNIQUE_STRINGS: List = List { items: STRING, unique: true };
static OPEN: Object = Object::new(&[]).open();

const PULL_POLICIES: Words = Words::Matching {
    expected: "`always`, `never`, `build`, `missing`, `refresh`, `daily`, `weekly` or `every_<duration>`",
    test: pull_policy,
    help: near_pull_policy,
};

pub(crate) static PROJECT: Object = Object::new(&[
    ("configs", NONE.or_map(&PROJECT_CONFIGS)),
    ("include", NONE.or_list(&List { items: INCLUDE_RULE, unique: false })),
    ("models", NONE.or_map(&PROJECT_MODELS)),
    ("name", STRING),
    ("networks", NONE.or_map(&PROJECT_NETWORKS)),
    ("secrets", NONE.or_map(&PROJECT_SECRETS)),
    ("services", NONE.or_map(&PROJECT_SERVICES)),
    ("version", STRING),
    ("volumes", NONE.or_map(&PROJECT_VOLUMES)),
]);

static PROJECT_VOLUMES: Object = Object::of(Names::Resource, &VOLUME_RULE);

const VOLUME_RULE: Rule = NONE.or_map(&VOLUME).or_null();

static VOLUME: Object = Object::new(&[
    ("driver", STRING),
    ("driver_opts", NONE.or_map(&DRIVER_OPTIONS)),
    ("external", NONE.or_bool().or_map(&EXTERNAL).or_string(Words::Any)),
    ("labels", STRINGS_OR_VALUES),
    ("name", STRING),
]);

static EXTERNAL: Object = Object::new(&[("name", STRING)]);

static DRIVER_OPTIONS: Object = Object::of(Names::Any, &NUMBER_OR_STRING).open();

static PROJECT_SERVICES: Object = Object::of(Names::Resource, &SERVICE_RULE);

const SERVICE_RULE: Rule = NONE.or_map(&SERVICE);

pub(crate) static SERVICE: Object = Object::new(&[
    ("annotations", STRINGS_OR_VALUES),
    ("attach", BOOL_OR_STRING),
    ("blkio_config", NONE.or_map(&SERVICE_BLKIO_CONFIG)),
    ("build", NONE.or_map(&SERVICE_BUILD).or_string(Words::Any)),
    ("cap_add", UNIQUE_STRING_LIST),
    ("cap_drop", UNIQUE_STRING_LIST),
    ("cgroup", NONE.or_string(Words::OneOf(&["host", "private"]))),
    ("cgroup_parent", STRING),
    ("command", COMMAND_RULE),
    ("configs", SERVICE_CONFIG_OR_SECRET_RULE),
    (
        "container_name",
        NONE.or_string(Words::Matching {
            expected: "a name of two or more letters, digits, `_`, `.` and `-`",
            test: container_name,
            help: longer_name,
        }),
    ),
    ("cpu_count", NONE.or_number(Number::From(0)).or_string(Words::Any)),
    ("cpu_percent", NONE.or_number(Number::Between(0, 100)).or_string(Words::Any)),
    ("cpu_period", NUMBER_OR_STRING),
    ("cpu_quota", NUMBER_OR_STRING),
    ("cpu_rt_period", NUMBER_OR_STRING),
    ("cpu_rt_runtime", NUMBER_OR_STRING),
    ("cpu_shares", NUMBER_OR_STRING),
    ("cpus", NUMBER_OR_STRING),
    ("cpuset", STRING),
    ("credential_spec", NONE.or_map(&SERVICE_CREDENTIAL_SPEC)),
    ("depends_on", NONE.or_list(&UNIQUE_STRINGS).or_map(&SERVICE_DEPENDS_ON)),
    ("deploy", DEPLOYMENT_RULE),
    ("develop", DEVELOPMENT_RULE),
    ("device_cgroup_rules", UNIQUE_STRING_LIST),
    (
        "devices",
        NONE.or_list(&List {
            items: NONE.or_map(&SERVICE_DEVICES).or_string(Words::Any),
            unique: false,
        }),
    ),
    ("dns", STRING_OR_UNIQUE_STRINGS),
    ("dns_opt", UNIQUE_STRING_LIST),
    ("dns_search", STRING_OR_UNIQUE_STRINGS),
    ("domainname", STRING),
    ("entrypoint", COMMAND_RULE),
    ("env_file", ENV_FILE_RULE),
    ("environment", STRINGS_OR_VALUES),
    ("expose", NONE.or_list(&List { items: NUMBER_OR_STRING, unique: true })),
    ("extends", NONE.or_map(&SERVICE_EXTENDS).or_string(Words::Any)),
    ("external_links", UNIQUE_STRING_LIST),
    ("extra_hosts", EXTRA_HOSTS_RULE),
    ("gpus", GPUS_RULE),
    ("group_add", NONE.or_list(&List { items: NUMBER_OR_STRING, unique: true })),
    ("healthcheck", HEALTHCHECK_RULE),
    ("hostname", STRING),
    ("image", STRING),
    ("init", BOOL_OR_STRING),
    ("ipc", STRING),
    ("isolation", STRING),
    ("label_file", LABEL_FILE_RULE),
    ("labels", STRINGS_OR_VALUES),
    ("links", UNIQUE_STRING_LIST),
    ("logging", NONE.or_map(&SERVICE_LOGGING)),
    ("mac_address", STRING),
    ("mem_limit", NUMBER_OR_STRING),
    ("mem_reservation", WHOLE_OR_STRING),
    ("mem_swappiness", WHOLE_OR_STRING),
    ("memswap_limit", NUMBER_OR_STRING),
    ("models", NONE.or_list(&UNIQUE_STRINGS).or_map(&SERVICE_MODELS)),
    ("network_mode", STRING),
    ("networks", NONE.or_list(&UNIQUE_STRINGS).or_map(&SERVICE_NETWORKS)),
    ("oom_kill_disable", BOOL_OR_STRING),
    ("oom_score_adj", NONE.or_number(Number::Between(-1000, 1000)).or_string(Words::Any)),
    ("pid", NONE.or_null().or_string(Words::Any)),
    ("pids_limit", NUMBER_OR_STRING),
    ("platform", STRING),
    (
        "ports",
        NONE.or_list(&List {
            items: NONE.or_map(&SERVICE_PORTS).or_number(Number::Any).or_string(Words::Any),
            unique: true,
        }),
    ),
    ("post_start", NONE.or_list(&List { items: SERVICE_HOOK_RULE, unique: false })),
    ("pre_start", NONE.or_list(&List { items: PRE_START_HOOK_RULE, unique: false })),
    ("pre_stop", NONE.or_list(&List { items: SERVICE_HOOK_RULE, unique: false })),
    ("privileged", BOOL_OR_STRING),
    ("profiles", UNIQUE_STRING_LIST),
    ("provider", NONE.or_map(&SERVICE_PROVIDER)),
    ("pull_policy", NONE.or_string(PULL_POLICIES)),
    ("pull_refresh_after", STRING),
    ("read_only", BOOL_OR_STRING),
    ("restart", STRING),
    ("runtime", STRING),
    ("scale", WHOLE_OR_STRING),
    ("secrets", SERVICE_CONFIG_OR_SECRET_RULE),
    ("security_opt", UNIQUE_STRING_LIST),
    ("shm_size", NUMBER_OR_STRING),
    ("stdin_open", BOOL_OR_STRING),
    ("stop_grace_period", STRING),
    ("stop_signal", STRING),
    ("storage_opt", NONE.or_map(&OPEN)),
    ("sysctls", STRINGS_OR_VALUES),
    ("tmpfs", STRING_OR_UNIQUE_STRINGS),
    ("tty", BOOL_OR_STRING),
    ("ulimits", ULIMITS_RULE),
    ("use_api_socket", BOOL),
    ("user", STRING),
    ("userns_mode", STRING),
    ("uts", STRING),
    (
        "volumes",
        NONE.or_list(&List {
            items: NONE.or_map(&SERVICE_VOLUMES).or_string(Words::Any),
            unique: true,
        }),
    ),
    ("volumes_from", UNIQUE_STRING_LIST),
    ("working_dir", STRING),
]);

static SERVICE_VOLUMES: Object = Object::new(&[
    ("bind", NONE.or_map(&SERVICE_VOLUMES_BIND)),
    ("consistency", STRING),
    ("image", NONE.or_map(&SERVICE_VOLUMES_IMAGE)),
    ("read_only", BOOL_OR_STRING),
    ("source", STRING),
    ("target", STRING),
    ("tmpfs", NONE.or_map(&SERVICE_VOLUMES_TMPFS)),
    (
        "type",
        NONE.or_string(Words::OneOf(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
    ),
    ("volume", NONE.or_map(&SERVICE_VOLUMES_VOLUME)),
])
.requiring(&["type"]);

static SERVICE_VOLUMES_VOLUME: Object =
    Object::new(&[("labels", STRINGS_OR_VALUES), ("nocopy", BOOL_OR_STRING), ("subpath", STRING)]);

static SERVICE_VOLUMES_TMPFS: Object = Object::new(&[
    ("mode", NUMBER_OR_STRING),
    ("size", NONE.or_number(Number::From(0)).or_string(Words::Any)),
]);

static SERVICE_VOLUMES_IMAGE: Object = Object::new(&[("subpath", STRING)]);

static SERVICE_VOLUMES_BIND: Object = Object::new(&[
    ("create_host_path", BOOL_OR_STRING),
    ("propagation", STRING),
    ("recursive", NONE.or_string(Words::OneOf(&["enabled", "disabled", "writable", "readonly"]))),
    ("selinux", NONE.or_string(Words::OneOf(&["z", "Z"]))),
]);

static SERVICE_PROVIDER: Object =
    Object::new(&[("options", NONE.or_map(&SERVICE_PROVIDER_OPTIONS)), ("type", STRING)])
        .requiring(&["type"]);

static SERVICE_PROVIDER_OPTIONS: Object = Object::of(
    Names::Any,
    &NONE
        .or_bool()
        .or_list(&List {
            items: NONE.or_bool().or_number(Number::Any).or_string(Words::Any),
            unique: false,
        })
        .or_number(Number::Any)
        .or_string(Words::Any),
)
.open();

const PRE_START_HOOK_RULE: Rule = NONE.or_map(&PRE_START_HOOK);

static PRE_START_HOOK: Object = Object::new(&[
    ("command", COMMAND_RULE),
    ("environment", STRINGS_OR_VALUES),
    ("image", STRING),
    ("per_replica", BOOL_OR_STRING),
    ("privileged", BOOL_OR_STRING),
    ("user", STRING),
    ("working_dir", STRING),
]);

static SERVICE_PORTS: Object = Object::new(&[
    ("app_protocol", STRING),
    ("host_ip", STRING),
    ("mode", STRING),
    ("name", STRING),
    ("protocol", STRING),
    ("published", WHOLE_OR_STRING),
    ("target", WHOLE_OR_STRING),
]);

static SERVICE_NETWORKS: Object =
    Object::of(Names::Resource, &NONE.or_map(&SERVICE_NETWORKS_ENTRY).or_null());

static SERVICE_NETWORKS_ENTRY: Object = Object::new(&[
    ("aliases", UNIQUE_STRING_LIST),
    ("driver_opts", NONE.or_map(&DRIVER_OPTIONS)),
    ("gw_priority", NUMBER),
    ("interface_name", STRING),
    ("ipv4_address", STRING),
    ("ipv6_address", STRING),
    ("link_local_ips", UNIQUE_STRING_LIST),
    ("mac_address", STRING),
    ("priority", NUMBER),
]);

static SERVICE_MODELS: Object =
    Object::of(Names::Resource, &NONE.or_map(&SERVICE_MODELS_ENTRY).or_null()).open();

static SERVICE_MODELS_ENTRY: Object =
    Object::new(&[("endpoint_var", STRING), ("model_var", STRING)]);

static SERVICE_LOGGING: Object =
    Object::new(&[("driver", STRING), ("options", NONE.or_map(&SERVICE_LOGGING_OPTIONS))]);

static SERVICE_LOGGING_OPTIONS: Object = Object::of(Names::Any, &NUMBER_OR_STRING.or_null()).open();

const LABEL_FILE_RULE: Rule = STRING_OR_STRINGS;

const HEALTHCHECK_RULE: Rule = NONE.or_map(&HEALTHCHECK);

static HEALTHCHECK: Object = Object::new(&[
    ("disable", BOOL_OR_STRING),
    ("interval", STRING),
    ("retries", NUMBER_OR_STRING),
    ("start_interval", STRING),
    ("start_period", STRING),
    ("test", STRING_OR_STRINGS),
    ("timeout", STRING),
]);

const GPUS_RULE: Rule = NONE.or_list(&GPUS_LIST).or_string(Words::OneOf(&["all"]));

static GPUS_LIST: List = List { items: NONE.or_map(&GPUS), unique: false };

static GPUS: Object = Object::new(&[
    ("capabilities", UNIQUE_STRING_LIST),
    ("count", WHOLE_OR_STRING),
    ("device_ids", UNIQUE_STRING_LIST),
    ("driver", STRING),
    ("options", STRINGS_OR_VALUES),
])
.open();

static SERVICE_EXTENDS: Object = Object::new(&[("file", STRING), ("service", STRING)])
    .without_extensions()
    .requiring(&["service"]);

const ENV_FILE_RULE: Rule = NONE.or_list(&ENV_FILE_LIST).or_string(Words::Any);

static ENV_FILE_LIST: List =
    List { items: NONE.or_map(&ENV_FILE).or_string(Words::Any), unique: false };

static ENV_FILE: Object =
    Object::new(&[("format", STRING), ("path", STRING), ("required", BOOL_OR_STRING)])
        .without_extensions()
        .requiring(&["path"]);

static SERVICE_DEVICES: Object =
    Object::new(&[("permissions", STRING), ("source", STRING), ("target", STRING)])
        .requiring(&["source"]);

const DEVELOPMENT_RULE: Rule = NONE.or_map(&DEVELOPMENT).or_null();

static DEVELOPMENT: Object = Object::new(&[(
    "watch",
    NONE.or_list(&List { items: NONE.or_map(&DEVELOPMENT_WATCH), unique: false }),
)]);

static DEVELOPMENT_WATCH: Object = Object::new(&[
    (
        "action",
        NONE.or_string(Words::OneOf(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])),
    ),
    ("exec", SERVICE_HOOK_RULE),
    ("ignore", STRING_OR_UNIQUE_STRINGS),
    ("include", STRING_OR_UNIQUE_STRINGS),
    ("initial_sync", BOOL),
    ("path", STRING),
    ("target", STRING),
])
.requiring(&["path", "action"]);

const SERVICE_HOOK_RULE: Rule = NONE.or_map(&SERVICE_HOOK);

static SERVICE_HOOK: Object = Object::new(&[
    ("command", COMMAND_RULE),
    ("environment", STRINGS_OR_VALUES),
    ("privileged", BOOL_OR_STRING),
    ("user", STRING),
    ("working_dir", STRING),
])
.requiring(&["command"]);

const DEPLOYMENT_RULE: Rule = NONE.or_map(&DEPLOYMENT).or_null();

static DEPLOYMENT: Object = Object::new(&[
    ("endpoint_mode", STRING),
    ("labels", STRINGS_OR_VALUES),
    ("mode", STRING),
    ("placement", NONE.or_map(&DEPLOYMENT_PLACEMENT)),
    ("replicas", WHOLE_OR_STRING),
    ("resources", NONE.or_map(&DEPLOYMENT_RESOURCES)),
    ("restart_policy", NONE.or_map(&DEPLOYMENT_RESTART_POLICY)),
    ("rollback_config", NONE.or_map(&DEPLOYMENT_UPDATE_CONFIG)),
    ("update_config", NONE.or_map(&DEPLOYMENT_UPDATE_CONFIG)),
]);

static DEPLOYMENT_UPDATE_CONFIG: Object = Object::new(&[
    ("delay", STRING),
    ("failure_action", STRING),
    ("max_failure_ratio", NUMBER_OR_STRING),
    ("monitor", STRING),
    ("order", NONE.or_string(Words::OneOf(&["start-first", "stop-first"]))),
    ("parallelism", WHOLE_OR_STRING),
]);

static DEPLOYMENT_RESTART_POLICY: Object = Object::new(&[
    ("condition", STRING),
    ("delay", STRING),
    ("max_attempts", WHOLE_OR_STRING),
    ("window", STRING),
]);

static DEPLOYMENT_RESOURCES: Object = Object::new(&[
    ("limits", NONE.or_map(&DEPLOYMENT_RESOURCES_LIMITS)),
    ("reservations", NONE.or_map(&DEPLOYMENT_RESOURCES_RESERVATIONS)),
]);

static DEPLOYMENT_RESOURCES_RESERVATIONS: Object = Object::new(&[
    ("cpus", NUMBER_OR_STRING),
    ("devices", DEVICES_RULE),
    ("generic_resources", GENERIC_RESOURCES_RULE),
    ("memory", STRING),
]);

const GENERIC_RESOURCES_RULE: Rule = NONE.or_list(&GENERIC_RESOURCES_LIST);

static GENERIC_RESOURCES_LIST: List =
    List { items: NONE.or_map(&GENERIC_RESOURCES), unique: false };

static GENERIC_RESOURCES: Object = Object::new(&[(
    "discrete_resource_spec",
    NONE.or_map(&GENERIC_RESOURCES_DISCRETE_RESOURCE_SPEC),
)]);

static GENERIC_RESOURCES_DISCRETE_RESOURCE_SPEC: Object =
    Object::new(&[("kind", STRING), ("value", NUMBER_OR_STRING)]);

const DEVICES_RULE: Rule = NONE.or_list(&DEVICES_LIST);

static DEVICES_LIST: List = List { items: NONE.or_map(&DEVICES), unique: false };

static DEVICES: Object = Object::new(&[
    ("capabilities", UNIQUE_STRING_LIST),
    ("count", WHOLE_OR_STRING),
    ("device_ids", UNIQUE_STRING_LIST),
    ("driver", STRING),
    ("options", STRINGS_OR_VALUES),
])
.requiring(&["capabilities"]);

static DEPLOYMENT_RESOURCES_LIMITS: Object =
    Object::new(&[("cpus", NUMBER_OR_STRING), ("memory", STRING), ("pids", WHOLE_OR_STRING)]);

static DEPLOYMENT_PLACEMENT: Object = Object::new(&[
    ("constraints", STRING_LIST),
    ("max_replicas_per_node", WHOLE_OR_STRING),
    (
        "preferences",
        NONE.or_list(&List {
            items: NONE.or_map(&DEPLOYMENT_PLACEMENT_PREFERENCES),
            unique: false,
        }),
    ),
]);

static DEPLOYMENT_PLACEMENT_PREFERENCES: Object = Object::new(&[("spread", STRING)]);

static SERVICE_DEPENDS_ON: Object =
    Object::of(Names::Resource, &NONE.or_map(&SERVICE_DEPENDS_ON_ENTRY));

static SERVICE_DEPENDS_ON_ENTRY: Object = Object::new(&[
    (
        "condition",
        NONE.or_string(Words::OneOf(&[
            "service_started",
            "service_healthy",
            "service_completed_successfully",
        ])),
    ),
    ("required", BOOL),
    ("restart", BOOL_OR_STRING),
])
.requiring(&["condition"]);

static SERVICE_CREDENTIAL_SPEC: Object =
    Object::new(&[("config", STRING), ("file", STRING), ("registry", STRING)]);

const COMMAND_RULE: Rule = NONE.or_list(&STRINGS).or_null().or_string(Words::Any);

static SERVICE_BUILD: Object = Object::new(&[
    ("additional_contexts", STRINGS_OR_VALUES),
    ("args", STRINGS_OR_VALUES),
    ("cache_from", STRING_LIST),
    ("cache_to", STRING_LIST),
    ("context", STRING),
    ("dockerfile", STRING),
    ("dockerfile_inline", STRING),
    ("entitlements", STRING_LIST),
    ("extra_hosts", EXTRA_HOSTS_RULE),
    ("isolation", STRING),
    ("labels", STRINGS_OR_VALUES),
    ("network", STRING),
    ("no_cache", BOOL_OR_STRING),
    ("no_cache_filter", STRING_OR_UNIQUE_STRINGS),
    ("platforms", STRING_LIST),
    ("privileged", BOOL_OR_STRING),
    ("provenance", BOOL_OR_STRING),
    ("pull", BOOL_OR_STRING),
    ("sbom", BOOL_OR_STRING),
    ("secrets", SERVICE_CONFIG_OR_SECRET_RULE),
    ("shm_size", WHOLE_OR_STRING),
    ("ssh", STRINGS_OR_VALUES),
    ("tags", STRING_LIST),
    ("target", STRING),
    ("ulimits", ULIMITS_RULE),
]);

const ULIMITS_RULE: Rule = NONE.or_map(&ULIMITS);

static ULIMITS: Object = Object::of(
    Names::Lowercase,
    &NONE.or_map(&ULIMITS_ENTRY).or_number(Number::Whole).or_string(Words::Any),
)
.open();

static ULIMITS_ENTRY: Object = Object::new(&[("hard", WHOLE_OR_STRING), ("soft", WHOLE_OR_STRING)])
    .requiring(&["soft", "hard"]);

const SERVICE_CONFIG_OR_SECRET_RULE: Rule = NONE.or_list(&SERVICE_CONFIG_OR_SECRET_LIST);

static SERVICE_CONFIG_OR_SECRET_LIST: List =
    List { items: NONE.or_map(&SERVICE_CONFIG_OR_SECRET).or_string(Words::Any), unique: false };

static SERVICE_CONFIG_OR_SECRET: Object = Object::new(&[
    ("gid", STRING),
    ("mode", NUMBER_OR_STRING),
    ("source", STRING),
    ("target", STRING),
    ("uid", STRING),
]);

const EXTRA_HOSTS_RULE: Rule = NONE.or_list(&UNIQUE_STRINGS).or_map(&EXTRA_HOSTS);

static EXTRA_HOSTS: Object = Object::of(Names::Any, &STRING_OR_STRINGS);

static SERVICE_BLKIO_CONFIG: Object = Object::new(&[
    ("device_read_bps", NONE.or_list(&List { items: BLKIO_LIMIT_RULE, unique: false })),
    ("device_read_iops", NONE.or_list(&List { items: BLKIO_LIMIT_RULE, unique: false })),
    ("device_write_bps", NONE.or_list(&List { items: BLKIO_LIMIT_RULE, unique: false })),
    ("device_write_iops", NONE.or_list(&List { items: BLKIO_LIMIT_RULE, unique: false })),
    ("weight", WHOLE_OR_STRING),
    ("weight_device", NONE.or_list(&List { items: BLKIO_WEIGHT_RULE, unique: false })),
])
.without_extensions();

const BLKIO_WEIGHT_RULE: Rule = NONE.or_map(&BLKIO_WEIGHT);

static BLKIO_WEIGHT: Object =
    Object::new(&[("path", STRING), ("weight", WHOLE_OR_STRING)]).without_extensions();

const BLKIO_LIMIT_RULE: Rule = NONE.or_map(&BLKIO_LIMIT);

static BLKIO_LIMIT: Object =
    Object::new(&[("path", STRING), ("rate", WHOLE_OR_STRING)]).without_extensions();

static PROJECT_SECRETS: Object = Object::of(Names::Resource, &SECRET_RULE);

const SECRET_RULE: Rule = NONE.or_map(&SECRET);

static SECRET: Object = Object::new(&[
    ("driver", STRING),
    ("driver_opts", NONE.or_map(&DRIVER_OPTIONS)),
    ("environment", STRING),
    ("external", NONE.or_bool().or_map(&OPEN_EXTERNAL).or_string(Words::Any)),
    ("file", STRING),
    ("labels", STRINGS_OR_VALUES),
    ("name", STRING),
    ("template_driver", STRING),
]);

static OPEN_EXTERNAL: Object = Object::new(&[("name", STRING)]).open();

static PROJECT_NETWORKS: Object = Object::of(Names::Resource, &NETWORK_RULE).open();

const NETWORK_RULE: Rule = NONE.or_map(&NETWORK).or_null();

static NETWORK: Object = Object::new(&[
    ("attachable", BOOL_OR_STRING),
    ("driver", STRING),
    ("driver_opts", NONE.or_map(&DRIVER_OPTIONS)),
    ("enable_ipv4", BOOL_OR_STRING),
    ("enable_ipv6", BOOL_OR_STRING),
    ("external", NONE.or_bool().or_map(&EXTERNAL).or_string(Words::Any)),
    ("internal", BOOL_OR_STRING),
    ("ipam", NONE.or_map(&NETWORK_IPAM)),
    ("labels", STRINGS_OR_VALUES),
    ("name", STRING),
]);

static NETWORK_IPAM: Object = Object::new(&[
    ("config", NONE.or_list(&List { items: NONE.or_map(&NETWORK_IPAM_CONFIG), unique: false })),
    ("driver", STRING),
    ("options", NONE.or_map(&STRINGS_BY_NAME)),
]);

static STRINGS_BY_NAME: Object = Object::of(Names::Any, &STRING);

static NETWORK_IPAM_CONFIG: Object = Object::new(&[
    ("aux_addresses", NONE.or_map(&STRINGS_BY_NAME)),
    ("gateway", STRING),
    ("ip_range", STRING),
    ("subnet", STRING),
]);

static PROJECT_MODELS: Object = Object::of(Names::Resource, &MODEL_RULE).open();

const MODEL_RULE: Rule = NONE.or_map(&MODEL);

static MODEL: Object = Object::new(&[
    ("context_size", WHOLE),
    ("model", STRING),
    ("name", STRING),
    ("runtime_flags", STRING_LIST),
])
.requiring(&["model"]);

const INCLUDE_RULE: Rule = NONE.or_map(&INCLUDE).or_string(Words::Any);

static INCLUDE: Object = Object::new(&[
    ("env_file", STRING_OR_UNIQUE_STRINGS),
    ("path", STRING_OR_UNIQUE_STRINGS),
    ("project_directory", STRING),
])
.without_extensions();

static PROJECT_CONFIGS: Object = Object::of(Names::Resource, &CONFIG_RULE);

const CONFIG_RULE: Rule = NONE.or_map(&CONFIG);

static CONFIG: Object = Object::new(&[
    ("content", STRING),
    ("environment", STRING),
    ("external", NONE.or_bool().or_map(&OPEN_EXTERNAL).or_string(Words::Any)),
    ("file", STRING),
    ("labels", STRINGS_OR_VALUES),
    ("name", STRING),
    ("template_driver", STRING),
]);

const STRINGS_OR_VALUES: Rule = NONE.or_list(&UNIQUE_STRINGS).or_map(&VALUES);

static VALUES: Object =
    Object::of(Names::Any, &NONE.or_bool().or_null().or_number(Number::Any).or_string(Words::Any));

fn container_name(text: &str) -> bool {
    let first = |byte: &u8| byte.is_ascii_alphanumeric();
    let second = |byte: &u8| first(byte) || matches!(byte, b'_' | b'.' | b'-');
    text.as_bytes().windows(2).any(|pair| first(&pair[0]) && second(&pair[1]))
}

/// A container's name that is too short gets longer.
fn longer_name(text: &str) -> String {
    let kept: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = if kept.is_empty() { "app" } else { &kept };
    format!("write a name such as `{name}-1`, or remove `container_name`")
}

fn near_pull_policy(text: &str) -> String {
    let words = ["always", "never", "build", "missing", "refresh", "daily", "weekly"];
    match nearest(text, words) {
        Some(word) => format!("write `{word}`"),
        None => {
            "write a word such as `always` or `missing`, or a time such as `every_12h`".to_owned()
        }
    }
}

fn pull_policy(text: &str) -> bool {
    let words =
        ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
    words.iter().any(|word| text.contains(word)) || text.split("every_").skip(1).any(every)
}

/// What follows `every_`: a number and a unit.
fn every(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && text[digits..].starts_with(['w', 'd', 'h', 'm', 's'])
}
