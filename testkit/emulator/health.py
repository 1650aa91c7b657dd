"""Health checks of containers: what Docker finds is told by DescribeTasks, and a task
that is not healthy fails its deployment."""

from ministack.services import ecs

import deployments
from private import need, replace

_docker = need(ecs, "_get_docker")
_complete_later = need(ecs, "_schedule_service_deployment_completion")
_account = need(ecs, "get_account_id")
_region = need(ecs, "get_region")

UNHEALTHY = "Task failed container health checks"


def install():
    replace(ecs, "_maybe_mark_stopped", _and_look_at_health)
    replace(ecs, "_record_service_task_healthy", _once_healthy)


def _and_look_at_health(original):
    """MiniStack looks at the containers of a task several times a second."""

    def look(task, docker_client=None):
        original(task, docker_client)
        is_running = task.get("lastStatus") == "RUNNING"
        if is_running and task.get("_docker_ids") and task.get("_is_checked", True):
            _look(task, docker_client or _docker())

    return look


def _look(task, docker_client):
    before = task.get("healthStatus")
    found = [_health(docker_client, it) for it in list(task["_docker_ids"])]
    task["_is_checked"] = any(found)
    if not any(found):
        return
    for container, health in zip(task["containers"], found):
        container["healthStatus"] = health or "UNKNOWN"
    essential = [it for it, counts in zip(found, task["_container_essentials"]) if it and counts]
    task["healthStatus"] = _worst(essential)
    if task["healthStatus"] == "UNHEALTHY":
        stop(task, docker_client)
    elif task["healthStatus"] == "HEALTHY" and before != "HEALTHY":
        _go_on(task)


def _health(docker_client, container_id):
    """Nothing, for a container without a check."""
    try:
        state = docker_client.containers.get(container_id).attrs["State"]
    except Exception:
        return None
    status = state.get("Health", {}).get("Status")
    return {"healthy": "HEALTHY", "unhealthy": "UNHEALTHY", "starting": "UNKNOWN"}.get(status)


def _worst(found):
    for health in ("UNHEALTHY", "UNKNOWN"):
        if health in found:
            return health
    return "HEALTHY" if found else "UNKNOWN"


def stop(task, docker_client):
    """Amazon replaces the tasks of services; others go on."""
    services = deployments.services_of(task)
    if not services:
        return
    task_id = task["taskArn"].rsplit("/", 1)[-1]
    message = f"(service {services[0]['serviceName']}) (task {task_id}) failed container health checks."
    deployments.add_event(services[0], message)
    if ecs._mark_task_stopped(task["taskArn"], task, UNHEALTHY, "ServiceSchedulerInitiated"):
        ecs._cleanup_task_resources(task, docker_client)
        ecs._record_service_task_failure(task)


def _go_on(task):
    """The deployment has waited for this."""
    cluster = task["clusterArn"].rsplit("/", 1)[-1]
    name = task.get("group", "").removeprefix("service:")
    if deployments.services_of(task):
        _complete_later(cluster, f"{cluster}/{name}", _account(), _region(), healthy_task=task)


def _once_healthy(original):
    def record(service_key, task):
        if not _has_checks(task) or task.get("healthStatus") == "HEALTHY":
            original(service_key, task)

    return record


def _has_checks(task):
    key = task["taskDefinitionArn"].rsplit("/", 1)[-1]
    definition = ecs._task_defs.get(key) or {}
    containers = definition.get("containerDefinitions", [])
    return any(it.get("healthCheck") and it.get("essential", True) for it in containers)
