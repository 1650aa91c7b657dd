"""Parameters that Amazon publishes, such as the newest image for machines of ECS."""

import time

from ministack.services import ssm

from private import replace

_IMAGE = {"Version": 1, "Type": "String", "DataType": "text", "Value": "ami-0123456789abcdef0"}


def install():
    replace(ssm, "_lookup_parameter", _also_public)


def _also_public(original):
    def look_up(name, *rest, **more):
        found = original(name, *rest, **more)
        if found[1] is None and name.startswith("/aws/service/ecs/optimized-ami/"):
            return name, {**_IMAGE, "Name": name, "LastModifiedDate": time.time()}
        return found

    return look_up
