"""`AWS::ECS::TaskDefinition`: all that it says, in the form in which the API has it."""

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

from private import need, replace

TYPE = "AWS::ECS::TaskDefinition"

_create = need(provisioners, "_ecs_task_def_create")
_update = need(provisioners, "_ecs_task_def_update")
_delete = need(provisioners, "_ecs_task_def_delete")
_definitions = need(ecs, "_task_defs")

# Keys below these are the author's own.
_MAPS = ("dockerLabels", "options", "driverOpts", "labels")

# Names that are not the same with a small letter at their beginning.
_NAMES = {
    "EFSVolumeConfiguration": "efsVolumeConfiguration",
    "FilesystemId": "fileSystemId",
    "IAM": "iam",
}

# What MiniStack leaves as it is, or leaves out.
_MORE = ("Volumes", "RuntimePlatform", "EphemeralStorage", "PlacementConstraints")


def camel(value):
    """`ContainerPath` of a template is `containerPath` of the API."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    pairs = ((_NAMES.get(key, key[:1].lower() + key[1:]), item) for key, item in value.items())
    return {key: item if key in _MAPS else camel(item) for key, item in pairs}


def in_order(containers):
    """Those that others wait for first, since MiniStack starts them one by one."""
    ordered, left = [], list(containers)
    while left:
        started = {it["name"] for it in ordered}
        ready = [it for it in left if _waits_for(it) <= started] or left[:1]
        ordered += ready
        left = [it for it in left if it not in ready]
    return ordered


def _waits_for(container):
    return {it["containerName"] for it in container.get("dependsOn") or []}


def create(logical_id, properties, stack_name):
    arn, attributes = _create(logical_id, properties, stack_name)
    definition = _definitions[arn.rsplit("/", 1)[-1]]
    for name in _MORE:
        if name in properties:
            definition[name[:1].lower() + name[1:]] = camel(properties[name])
    return arn, attributes


def _with_defaults(original):
    def containers(definitions):
        return in_order([{"cpu": 0, "essential": True, **camel(it)} for it in definitions])

    return containers


def install():
    replace(provisioners, "_normalize_container_defs", _with_defaults)


TYPES = {
    TYPE: {"create": create, "update": _update, "update_with_logical_id": True, "delete": _delete}
}
