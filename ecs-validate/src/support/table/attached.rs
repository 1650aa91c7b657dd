//! Answers to what a service is attached to: networks, ports, volumes, and files. Sorted by key.

use super::super::answer::{Answer, Row, Values, Why, mapped, no_effect, refused};

pub(super) static ATTACHED: &[Row] = &[
    mapped("services.*.configs", "files that are written into the task before it starts"),
    mapped("services.*.configs[].gid", "the group of the file"),
    mapped("services.*.configs[].mode", "who may read the file"),
    mapped("services.*.configs[].source", "the config of the project"),
    mapped("services.*.configs[].target", "where the file is"),
    mapped("services.*.configs[].uid", "the owner of the file"),
    mapped("services.*.networks", "the security groups of the task"),
    no_effect(
        "services.*.networks.*.aliases",
        "tasks are found by the name of their service alone",
    )
    .instead("use the name of the service where the alias is used")
    .but(&[(Values::Owner, Answer::Mapped("tasks are found by the name of their service"))]),
    no_effect("services.*.networks.*.driver_opts", "a security group has no driver"),
    no_effect("services.*.networks.*.gw_priority", "a task has one way out, that of its subnet"),
    no_effect(
        "services.*.networks.*.interface_name",
        "a task has one network interface, which AWS names",
    ),
    no_effect("services.*.networks.*.ipv4_address", "tasks have addresses of the VPC's subnets")
        .instead("use the name of the service where the address is used"),
    no_effect("services.*.networks.*.ipv6_address", "tasks have addresses of the VPC's subnets")
        .instead("use the name of the service where the address is used"),
    no_effect("services.*.networks.*.link_local_ips", "tasks have addresses of the VPC's subnets"),
    no_effect(
        "services.*.networks.*.mac_address",
        "AWS gives every task a network interface with an address of its own",
    ),
    no_effect("services.*.networks.*.priority", "a task is in all of its networks at once"),
    mapped("services.*.ports", "listeners and target groups of one load balancer"),
    no_effect(
        "services.*.ports[].app_protocol",
        "the load balancer is told `http` or `tcp`, and nothing else",
    )
    .instead("say what it shall speak with `x-aws-protocol`")
    .but(&[(
        Values::Are(&["http", "tcp"]),
        Answer::Mapped("what is spoken at the load balancer, unless `x-aws-protocol` says it"),
    )]),
    no_effect("services.*.ports[].host_ip", "a load balancer has no addresses of a machine")
        .instead("remove the port, or use `expose`, for what shall not be public")
        .told_elsewhere(),
    no_effect("services.*.ports[].mode", "all tasks of a service are behind the load balancer")
        .told_elsewhere(),
    mapped("services.*.ports[].name", "nothing: a name is only for people"),
    mapped("services.*.ports[].protocol", "TCP or UDP"),
    mapped(
        "services.*.ports[].published",
        "the port of the load balancer; that of the container, if there is none",
    ),
    mapped("services.*.ports[].target", "the port of the container"),
    mapped("services.*.secrets", "files that are written into the task before it starts"),
    mapped("services.*.secrets[].gid", "the group of the file"),
    mapped("services.*.secrets[].mode", "who may read the file"),
    mapped("services.*.secrets[].source", "the secret of the project"),
    mapped("services.*.secrets[].target", "where the file is"),
    mapped("services.*.secrets[].uid", "the owner of the file"),
    mapped("services.*.volumes", "what is mounted into the task"),
    mapped(
        "services.*.volumes[].bind",
        "a copy of files of the project, written into the task before it starts; of a folder \
         without `.git` and its `.env` files, which can be mounted by name; nothing of a home or \
         of places such as `.aws`",
    ),
    mapped(
        "services.*.volumes[].bind.create_host_path",
        "nothing: only what is in the project can be copied",
    ),
    no_effect(
        "services.*.volumes[].bind.propagation",
        "a task shares no mounts with the machine under it",
    )
    .but(&[(Values::Are(&["rprivate", "private"]), Answer::Mapped("what every task has"))]),
    no_effect("services.*.volumes[].bind.recursive", "only files of the project are copied").but(
        &[(
            Values::Are(&["enabled"]),
            Answer::Mapped("folders are copied with all that is in them"),
        )],
    ),
    mapped("services.*.volumes[].bind.selinux", "nothing: no other container sees the files"),
    no_effect("services.*.volumes[].consistency", "all containers see the same at once")
        .but(&[(Values::Are(&["consistent", "default"]), Answer::Mapped("what every task has"))]),
    refused(
        "services.*.volumes[].image",
        "files of an image cannot be mounted; that is told at `type`",
        "copy them from the image in a Dockerfile",
    )
    .whole()
    .told_elsewhere(),
    mapped("services.*.volumes[].read_only", "a mount that cannot be written to"),
    mapped("services.*.volumes[].source", "the volume of the project, or a file or folder of it"),
    mapped("services.*.volumes[].target", "where it is mounted"),
    mapped("services.*.volumes[].tmpfs", "a folder in memory"),
    mapped("services.*.volumes[].tmpfs.mode", "who may do what in the folder"),
    mapped(
        "services.*.volumes[].tmpfs.size",
        "its size; what is in it counts as memory of the task",
    ),
    mapped("services.*.volumes[].type", "what is mounted: `volume`, `bind` or `tmpfs`").but(&[
        (
            Values::Are(&["image"]),
            Answer::Refused(Why {
                why: "files of an image cannot be mounted",
                instead: "copy them from the image in a Dockerfile: `COPY --from=…`",
            }),
        ),
        (
            Values::Are(&["npipe"]),
            Answer::Refused(Why {
                why: "a task has no pipes of the machine under it",
                instead: "remove it",
            }),
        ),
        (
            Values::Are(&["cluster"]),
            Answer::Refused(Why {
                why: "ECS has no volumes of a Swarm cluster",
                instead: "write `type: volume`: EFS is shared by all tasks",
            }),
        ),
    ]),
    mapped("services.*.volumes[].volume", "more about a volume"),
    no_effect(
        "services.*.volumes[].volume.labels",
        "a file system has the labels that `volumes` of the project gives it",
    )
    .instead("move them there"),
    mapped(
        "services.*.volumes[].volume.nocopy",
        "nothing: what the image has there is never copied into a file system",
    ),
    refused(
        "services.*.volumes[].volume.subpath",
        "a file system is entered by one folder for all",
        "make another volume, with the folder as `driver_opts.root_directory`",
    ),
];
