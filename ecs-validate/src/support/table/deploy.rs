//! Answers to `deploy` of a service. Sorted by key.

use super::super::answer::{Answer, NO_LIMIT, Row, Values, adapted, mapped, no_effect};

pub(super) static DEPLOY: &[Row] = &[
    mapped("services.*.deploy", "how the service runs; its parts are answered one by one"),
    no_effect("services.*.deploy.endpoint_mode", "names lead to the addresses of all tasks")
        .but(&[(Values::Are(&["dnsrr"]), Answer::Mapped("what Cloud Map does"))]),
    mapped("services.*.deploy.labels", "tags of the service"),
    adapted(
        "services.*.deploy.mode",
        "`replicated` is what Fargate has; `global` becomes that, and jobs are refused",
    ),
    mapped("services.*.deploy.placement", "where tasks run"),
    adapted(
        "services.*.deploy.placement.constraints",
        "what machines with GPUs must be, such as `node.machine == g5.xlarge` for their type, \
         `node.ami == ami-…` for their image and `node.labels.disk == ssd` for attributes that \
         they are given; Fargate has none to choose",
    ),
    no_effect(
        "services.*.deploy.placement.max_replicas_per_node",
        "every task of Fargate has a machine of its own",
    )
    .but(&[(Values::Are(&["0"]), Answer::Mapped("nothing is asked for"))]),
    no_effect(
        "services.*.deploy.placement.preferences",
        "ECS spreads tasks over availability zones by itself",
    )
    .whole(),
    mapped("services.*.deploy.replicas", "the number of tasks"),
    mapped("services.*.deploy.resources", "the size of the task"),
    mapped(
        "services.*.deploy.resources.limits",
        "the size of the task, which is the smallest of Fargate that fits",
    ),
    mapped("services.*.deploy.resources.limits.cpus", "processors of the task"),
    mapped("services.*.deploy.resources.limits.memory", "memory of the task"),
    no_effect(
        "services.*.deploy.resources.limits.pids",
        "ECS limits the processes of no container",
    )
    .but(&[(NO_LIMIT, Answer::Mapped("nothing is asked for"))]),
    mapped(
        "services.*.deploy.resources.reservations",
        "the size of the task, if there are no limits",
    ),
    mapped(
        "services.*.deploy.resources.reservations.cpus",
        "processors of the task, if there is no limit",
    ),
    adapted(
        "services.*.deploy.resources.reservations.devices",
        "machines with GPUs, of a type that has enough of them",
    ),
    mapped(
        "services.*.deploy.resources.reservations.devices[].capabilities",
        "`gpu` is what there is",
    ),
    mapped(
        "services.*.deploy.resources.reservations.devices[].count",
        "how many GPUs the container has",
    ),
    mapped(
        "services.*.deploy.resources.reservations.devices[].device_ids",
        "so many GPUs as there are ids",
    ),
    mapped(
        "services.*.deploy.resources.reservations.devices[].driver",
        "`nvidia` is what there is",
    ),
    no_effect(
        "services.*.deploy.resources.reservations.devices[].options",
        "the driver of the machines is set up by AWS",
    ),
    adapted(
        "services.*.deploy.resources.reservations.generic_resources",
        "GPUs, by one of the names that are used for them",
    )
    .whole(),
    mapped(
        "services.*.deploy.resources.reservations.memory",
        "memory that is set aside for the container",
    ),
    adapted(
        "services.*.deploy.restart_policy",
        "whether ECS starts a container again inside of its task",
    ),
    adapted(
        "services.*.deploy.restart_policy.condition",
        "`none`, `on-failure` or `any`; ECS always replaces a task that ended",
    ),
    no_effect("services.*.deploy.restart_policy.delay", "ECS decides how long it waits")
        .told_elsewhere(),
    no_effect(
        "services.*.deploy.restart_policy.max_attempts",
        "ECS starts a container again as often as it ends",
    )
    .told_elsewhere(),
    adapted(
        "services.*.deploy.restart_policy.window",
        "how long a container must have run before it is started again: 60 to 1,800 seconds",
    ),
    no_effect("services.*.deploy.rollback_config", "ECS rolls back in the way in which it updates")
        .whole()
        .told_elsewhere(),
    mapped("services.*.deploy.update_config", "how a new version takes over"),
    no_effect(
        "services.*.deploy.update_config.delay",
        "ECS goes on as soon as new tasks are healthy",
    )
    .told_elsewhere(),
    adapted(
        "services.*.deploy.update_config.failure_action",
        "`rollback` and `pause` are what the deployment circuit breaker does",
    ),
    no_effect(
        "services.*.deploy.update_config.max_failure_ratio",
        "ECS sees for itself when an update fails",
    )
    .told_elsewhere(),
    no_effect(
        "services.*.deploy.update_config.monitor",
        "ECS sees for itself when an update fails",
    )
    .told_elsewhere(),
    mapped("services.*.deploy.update_config.order", "whether new tasks start before old ones end"),
    mapped(
        "services.*.deploy.update_config.parallelism",
        "how many tasks are replaced at a time, as percentages",
    ),
];
