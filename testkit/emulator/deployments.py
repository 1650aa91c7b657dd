"""Deployments of services that take their course: they begin, fail in Amazon's words,
and tell their story in the service's events."""

from ministack.services import ecs

from private import need, replace

_docker = need(ecs, "_get_docker")
_of_task = need(ecs, "_deployment_for_task")
_new_id = need(ecs, "new_uuid")
_now = need(ecs, "_iso")


def install():
    replace(ecs, "_make_deployment", _that_begins)
    replace(ecs, "_record_service_task_failure", _in_amazons_words)


def _that_begins(original):
    """MiniStack calls a first deployment complete before a task has started."""

    def make(task_definition, desired_count, status="PRIMARY"):
        deployment = original(task_definition, desired_count, status)
        if _docker() and desired_count:
            begin(deployment)
        return deployment

    return make


def begin(deployment):
    deployment.update(
        rolloutState="IN_PROGRESS",
        rolloutStateReason=f"ECS deployment {deployment['id']} in progress.",
    )


def _in_amazons_words(original):
    def record(task, **more):
        before = [len(it["events"]) for it in services_of(task)]
        _count(task)
        original(task, **more)
        for service, count in zip(services_of(task), before):
            for deployment in service.get("deployments", []):
                if deployment.get("rolloutState") == "FAILED":
                    _tell_failure(service, deployment, count)

    return record


def _count(task):
    """Amazon counts failures whether or not it gives up after some; MiniStack counts
    only where it does."""
    for service in services_of(task):
        breaker = (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
        deployment = _of_task(service, task)
        if deployment and not breaker.get("enable") and deployment.get("rolloutState") == "IN_PROGRESS":
            deployment["failedTasks"] = int(deployment.get("failedTasks", 0)) + 1


def services_of(task):
    """The service that a task belongs to, if it belongs to one."""
    group = task.get("group", "")
    cluster = task.get("clusterArn", "").rsplit("/", 1)[-1]
    service = ecs._services.get(f"{cluster}/{group.removeprefix('service:')}")
    return [service] if service and group.startswith("service:") else []


def _tell_failure(service, deployment, count):
    """Replaces MiniStack's own event with those that Amazon has, after the first ones."""
    if deployment.get("_told"):
        return
    deployment["_told"] = True
    deployment["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    ours = ("deployment circuit breaker was triggered", "rolled back to")
    service["events"] = [
        it for it in service["events"] if not any(words in it["message"] for words in ours)
    ]
    name, later = service["serviceName"], len(service["events"]) - count
    message = f"(service {name}) (deployment {deployment['id']}) deployment failed: tasks failed to start."
    add_event(service, message, later)
    primary = ecs._primary_deployment(service)
    if primary and primary is not deployment:
        add_event(service, f"(service {name}) rolling back to deployment {primary['id']}.", later)


def add_event(service, message, later=0):
    """The newest event of a service is its first; some may have come later."""
    service["events"].insert(later, {"id": _new_id(), "createdAt": _now(), "message": message})
