//! Answers to settings of a service that have keys of their own. Sorted by key.

use super::super::answer::{Answer, Row, Values, adapted, mapped, no_effect, refused};

pub(super) static SETTINGS: &[Row] = &[
    adapted("services.*.gpus", "machines with GPUs, of a type that has enough of them"),
    mapped("services.*.gpus[].capabilities", "`gpu` is what there is"),
    mapped("services.*.gpus[].count", "how many GPUs the container has"),
    mapped("services.*.gpus[].device_ids", "so many GPUs as there are ids"),
    mapped("services.*.gpus[].driver", "`nvidia` is what there is"),
    no_effect("services.*.gpus[].options", "the driver of the machines is set up by AWS"),
    mapped("services.*.healthcheck", "the health check of the container"),
    mapped("services.*.healthcheck.disable", "no health check"),
    adapted("services.*.healthcheck.interval", "5 to 300 seconds"),
    adapted("services.*.healthcheck.retries", "1 to 10"),
    no_effect("services.*.healthcheck.start_interval", "ECS checks as often at the start as later")
        .instead("shorten `interval`"),
    adapted("services.*.healthcheck.start_period", "up to 300 seconds"),
    mapped("services.*.healthcheck.test", "the command of the health check"),
    adapted("services.*.healthcheck.timeout", "2 to 60 seconds"),
    mapped("services.*.logging", "where the output of the container goes"),
    adapted(
        "services.*.logging.driver",
        "`awslogs`, `splunk`, `awsfirelens` or `none`; others become `awslogs`",
    ),
    adapted("services.*.logging.options", "options of the driver"),
    adapted("services.*.pre_start", "containers that run to their end first, in every task"),
    mapped("services.*.pre_start[].command", "what runs"),
    mapped("services.*.pre_start[].environment", "its variables"),
    mapped("services.*.pre_start[].image", "its image"),
    no_effect("services.*.pre_start[].per_replica", "it runs in every task").told_elsewhere(),
    refused(
        "services.*.pre_start[].privileged",
        "tasks have no rights on the machine under them",
        "remove it",
    )
    .but(&[(Values::Flag(false), Answer::Mapped("the default"))]),
    mapped("services.*.pre_start[].user", "its user"),
    mapped("services.*.pre_start[].working_dir", "the folder that it starts in"),
];
