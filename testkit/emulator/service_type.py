"""`AWS::ECS::Service`, all of its properties, and how long CloudFormation waits for it."""

import asyncio
import os
import time

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

import settings
from capacity_types import succeeded
from private import need

TYPE = "AWS::ECS::Service"

_camel = need(provisioners, "_pascal_to_camel")
_clusters = need(ecs, "_clusters")
_services = need(ecs, "_services")
_cluster_name = need(ecs, "_resolve_cluster_name")
_primary = need(ecs, "_primary_deployment")
_create_service = need(ecs, "_create_service")
_update_service = need(ecs, "_update_service")
_delete_service = need(ecs, "_delete_service")

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
MISSING_CLUSTER = (
    'Resource handler returned message: "Invalid request provided: CreateService error: Cluster not '
    'found. (Service: AmazonECS; Status Code: 400; Error Code: ClusterNotFoundException)" '
    "(HandlerErrorCode: InvalidRequest)"
)


def _request(properties):
    """What UpdateService and CreateService have in common."""
    request = _camel({name: value for name, value in properties.items() if name != "Tags"})
    request["tags"] = _camel(properties.get("Tags") or [])
    return request


def _answer(service):
    """Remembers which deployment was asked for: it may be given up, and another be there,
    before anybody waits for it."""
    arn = service["serviceArn"]
    _record(arn)["_asked"] = (_primary(service) or {}).get("id")
    return arn, {"ServiceArn": arn, "Name": service["serviceName"]}


def create(logical_id, properties, stack_name):
    cluster = _cluster_name(properties.get("Cluster", "default"))
    if _clusters.get(cluster, {}).get("status") != "ACTIVE":
        raise ValueError(MISSING_CLUSTER)
    generated = f"{stack_name}-{logical_id}-{os.urandom(6).hex()}"
    request = {"serviceName": generated, **_request(properties)}
    created = succeeded(_create_service(request))["service"]
    return _answer(created)


def update(physical_id, old, new, stack_name):
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


async def stabilize(arn, stack):
    """Waits until the service runs what was asked for, or fails as CloudFormation does.
    What a deployment of before has come to does not matter."""
    end = time.monotonic() + settings.of_account("stabilize")
    watched = _record(arn).get("_asked")
    while time.monotonic() < end:
        service = _record(arn)
        deployments = service.get("deployments", [])
        asked = next((it for it in deployments if it["id"] == watched), None)
        if not asked or asked.get("rolloutState") == "FAILED":
            raise ValueError(BROKEN)
        if _is_stable(service):
            _forget_failures(service)
            return
        if stack.get("_cancel_requested"):
            raise ValueError("Resource update cancelled")
        await asyncio.sleep(0.1)
    raise ValueError(UNSTABLE)


def _is_stable(service):
    deployment = _primary(service) or {}
    return (
        deployment.get("rolloutState") == "COMPLETED"
        and service.get("runningCount") == service.get("desiredCount")
    )


def _forget_failures(service):
    """Amazon lists a deployment that failed until another has taken its place."""
    primary = _primary(service)
    service["deployments"] = [
        it for it in service["deployments"] if it is primary or it.get("rolloutState") != "FAILED"
    ]


TYPES = {TYPE: {"create": create, "update": update, "delete": delete}}
