//! Answers to keys of the project: networks, volumes, secrets, configs and the rest. Sorted by key.

use super::super::answer::{Answer, Row, Values, adapted, mapped, no_effect, refused};

pub(super) static PROJECT: &[Row] = &[
    mapped("configs", "files that are written into a task before it starts"),
    mapped("configs.*.content", "what is in the file"),
    mapped("configs.*.environment", "a variable, whose value is what is in the file"),
    mapped(
        "configs.*.external",
        "a parameter of the Parameter Store, or a secret of Secrets Manager, that exists",
    )
    .whole(),
    mapped("configs.*.file", "the file, as it is when the project is converted"),
    no_effect("configs.*.labels", "a config is no resource of AWS that could have tags"),
    mapped("configs.*.name", "the name or ARN of a config that exists"),
    refused(
        "configs.*.template_driver",
        "nothing fills in templates, and the file would be mounted as it was written",
        "fill in the template before, or use `${VARIABLE}` in `content`",
    ),
    mapped("include", "resources of other files, taken in before anything is converted; what else these say is left out, such as `x-aws-*` at their top level").whole(),
    refused(
        "models",
        "ECS runs no language models; that is told at the services that use one",
        "run the model as a service, or use Amazon Bedrock",
    )
    .whole()
    .told_elsewhere(),
    mapped("name", "what the stack's resources are named after"),
    mapped("networks", "security groups: services of one network can reach each other"),
    no_effect("networks.*.attachable", "a security group keeps nobody out who may use it")
        .but(&[(Values::Flag(false), Answer::Mapped("the default"))]),
    no_effect("networks.*.driver", "every network is a security group in the VPC").but(&[(
        Values::Are(&["bridge", "overlay", "default"]),
        Answer::Mapped("a security group lets services reach each other in the same way"),
    )]),
    no_effect("networks.*.driver_opts", "a security group has no driver"),
    no_effect("networks.*.enable_ipv4", "the subnets of the VPC say which addresses tasks have")
        .but(&[(Values::Flag(true), Answer::Mapped("tasks have IPv4 addresses"))]),
    no_effect("networks.*.enable_ipv6", "the subnets of the VPC say which addresses tasks have")
        .instead("choose subnets for IPv6 with `x-aws-subnets`")
        .but(&[(Values::Flag(false), Answer::Mapped("nothing is asked for"))]),
    mapped("networks.*.external", "a security group that exists").whole(),
    adapted(
        "networks.*.internal",
        "nothing from outside reaches its security group, but its tasks reach the internet, from which they pull images",
    ),
    mapped("networks.*.ipam", "nothing by itself; its parts are answered one by one"),
    no_effect("networks.*.ipam.config", "tasks have addresses of the VPC's subnets")
        .instead("choose subnets with `x-aws-subnets`, and let services find each other by name")
        .whole(),
    no_effect("networks.*.ipam.driver", "tasks have addresses of the VPC's subnets")
        .but(&[(Values::Are(&["default"]), Answer::Mapped("nothing is asked for"))]),
    no_effect("networks.*.ipam.options", "tasks have addresses of the VPC's subnets"),
    mapped("networks.*.labels", "tags of the security group"),
    mapped("networks.*.name", "the security group's name; its id, for an external network"),
    mapped("secrets", "secrets of Secrets Manager"),
    refused(
        "secrets.*.driver",
        "only Secrets Manager and the Parameter Store can give a task secrets",
        "write `external: true`, and the ARN of the secret as `name`",
    ),
    no_effect("secrets.*.driver_opts", "they are for a `driver`, and there can be none")
        .told_elsewhere(),
    mapped(
        "secrets.*.environment",
        "a secret whose value is asked for when the stack is deployed, and never in the template",
    ),
    mapped("secrets.*.external", "a secret that exists").whole(),
    mapped(
        "secrets.*.file",
        "a secret whose value is asked for when the stack is deployed, and never in the template",
    ),
    mapped("secrets.*.labels", "tags of the secret"),
    mapped("secrets.*.name", "the secret's name; its name or ARN, for an external one"),
    refused(
        "secrets.*.template_driver",
        "nothing fills in templates, and the file would be mounted as it was written",
        "fill in the template before",
    ),
    mapped("services", "a task definition and a service of ECS for each"),
    mapped("version", "nothing: every file is read by the current specification"),
    mapped("volumes", "file systems of EFS, which are kept when the stack is deleted"),
    no_effect("volumes.*.driver", "every volume is a file system of EFS").but(&[(
        Values::Are(&["local", "efs"]),
        Answer::Mapped("every volume is a file system of EFS"),
    )]),
    adapted(
        "volumes.*.driver_opts",
        "`backup_policy`, `lifecycle_policy`, `performance_mode`, `throughput_mode`, `provisioned_throughput`, `kms_key_id`, `uid`, `gid`, `permissions` and `root_directory` of EFS, with underscores or hyphens",
    ),
    mapped("volumes.*.external", "a file system that exists").whole(),
    mapped("volumes.*.labels", "tags of the file system"),
    mapped("volumes.*.name", "the file system's name; its id or ARN, for an external volume"),
];
