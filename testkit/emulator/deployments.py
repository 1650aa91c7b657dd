"""Deployments of services that take their course: they begin, fail in Amazon's words,
and tell their story in the service's events."""

from ministack.services import ecs

from private import need, replace

_docker = need(ecs, "_get_docker")
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
            deployment.update(
                rolloutState="IN_PROGRESS",
                rolloutStateReason=f"ECS deployment {deployment['id']} in progress.",
            )
        return deployment

    return make


def _in_amazons_words(original):
    def record(task, **more):
        original(task, **more)
        for service in _services_of(task):
            for deployment in service.get("deployments", []):
                if deployment.get("rolloutState") == "FAILED":
                    _tell_failure(service, deployment)

    return record


def _services_of(task):
    group = task.get("group", "")
    cluster = task.get("clusterArn", "").rsplit("/", 1)[-1]
    service = ecs._services.get(f"{cluster}/{group.removeprefix('service:')}")
    return [service] if service and group.startswith("service:") else []


def _tell_failure(service, deployment):
    """Replaces MiniStack's own event with those that Amazon has."""
    if deployment.get("_told"):
        return
    deployment["_told"] = True
    deployment["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    ours = ("deployment circuit breaker was triggered", "rolled back to")
    service["events"] = [
        it for it in service["events"] if not any(words in it["message"] for words in ours)
    ]
    name = service["serviceName"]
    add_event(service, f"(service {name}) (deployment {deployment['id']}) deployment failed: tasks failed to start.")
    primary = ecs._primary_deployment(service)
    if primary and primary is not deployment:
        add_event(service, f"(service {name}) rolling back to deployment {primary['id']}.")


def add_event(service, message):
    """The newest event of a service is its first."""
    service["events"].insert(0, {"id": _new_id(), "createdAt": _now(), "message": message})
