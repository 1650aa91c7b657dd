"""`AWS::ECS::Service`, all of its properties, and how long CloudFormation waits for it."""

import asyncio
import time

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

import settings
from capacity_types import succeeded
from private import need

TYPE = "AWS::ECS::Service"

_camel = need(provisioners, "_pascal_to_camel")
_services = need(ecs, "_services")
_cluster_name = need(ecs, "_resolve_cluster_name")
_primary = need(ecs, "_primary_deployment")
_create_service = need(ecs, "_create_service")
_update_service = need(ecs, "_update_service")
_delete_service = need(ecs, "_delete_service")
_docker = need(ecs, "_get_docker")

# CloudFormation's words for a deployment that its circuit breaker has ended, and for
# one that takes too long.
BROKEN = (
    "Resource handler returned message: \"Error occurred during operation 'ECS Deployment "
    "Circuit Breaker was triggered'.\" (RequestToken: 00000000-0000-0000-0000-000000000000, "
    "HandlerErrorCode: GeneralServiceException)"
)
UNSTABLE = (
    "Resource handler returned message: \"Exceeded attempts to wait\" (RequestToken: "
    "00000000-0000-0000-0000-000000000000, HandlerErrorCode: NotStabilized)"
)


def _request(properties):
    """What UpdateService and CreateService have in common."""
    request = _camel({name: value for name, value in properties.items() if name != "Tags"})
    request["tags"] = _camel(properties.get("Tags") or [])
    return request


def _answer(service):
    arn = service["serviceArn"]
    return arn, {"ServiceArn": arn, "Name": service["serviceName"]}


def create(logical_id, properties, stack_name):
    request = {"serviceName": f"{stack_name}-{logical_id}", **_request(properties)}
    created = succeeded(_create_service(request))["service"]
    _begin_first_deployment(_record(created["serviceArn"]))
    return _answer(created)


def update(physical_id, old, new, stack_name):
    if old.get("ServiceName") != new.get("ServiceName") or old.get("Cluster") != new.get("Cluster"):
        return create(physical_id.rsplit("/", 1)[-1], new, stack_name)
    request = {**_request(new), "service": physical_id.rsplit("/", 1)[-1]}
    if old.get("TaskDefinition") == new.get("TaskDefinition"):
        request.pop("taskDefinition", None)
    return _answer(succeeded(_update_service(request))["service"])


def delete(physical_id, properties):
    name = physical_id.rsplit("/", 1)[-1]
    _delete_service({"cluster": properties.get("Cluster", "default"), "service": name, "force": True})


def _record(arn):
    """MiniStack's own record of a service."""
    cluster, name = arn.rsplit("/", 2)[-2:]
    return _services.get(f"{cluster}/{name}") or {}


def _begin_first_deployment(service):
    """MiniStack calls a first deployment complete before a task has started."""
    deployment = _primary(service)
    if _docker() and deployment and service.get("desiredCount") and not service.get("_begun"):
        service["_begun"] = True
        deployment.update(
            rolloutState="IN_PROGRESS", rolloutStateReason="ECS deployment in progress."
        )


async def stabilize(arn):
    """Waits until the service runs what was asked for, or fails as CloudFormation does."""
    end = time.monotonic() + settings.of_account("stabilize")
    while time.monotonic() < end:
        service = _record(arn)
        deployments = service.get("deployments", [])
        if any(it.get("rolloutState") == "FAILED" for it in deployments):
            raise ValueError(BROKEN)
        if _is_stable(service):
            return
        await asyncio.sleep(0.1)
    raise ValueError(UNSTABLE)


def _is_stable(service):
    deployment = _primary(service) or {}
    return (
        deployment.get("rolloutState") == "COMPLETED"
        and service.get("runningCount") == service.get("desiredCount")
    )


TYPES = {TYPE: {"create": create, "update": update, "delete": delete}}
