"""The operations of ECS, where Amazon gives a page and MiniStack gives everything."""

import json
import threading

from ministack.services import ecs

import deployments
from private import need, replace

_actions = need(ecs, "_ACTION_MAP")
_error = need(ecs, "error_response_json")
_json = need(ecs, "json_response")
_docker = need(ecs, "_get_docker")
_tasks = need(ecs, "_tasks")
_services = need(ecs, "_services")
_account = need(ecs, "get_account_id")

# How many items a page has that nobody asked a size for, and the name of its list.
PAGES = {
    "ListClusters": (100, "clusterArns"),
    "ListServices": (10, "serviceArns"),
}

# How many of what may be described at once.
LIMITS = {
    "DescribeClusters": (100, "clusters"),
    "DescribeServices": (10, "services"),
    "DescribeTasks": (100, "tasks"),
}


def install():
    for name, (size, field) in PAGES.items():
        _actions[name] = _in_pages(_actions[name], size, field)
    for name, (limit, field) in LIMITS.items():
        _actions[name] = _limited(_actions[name], limit, field)
    _actions["UpdateService"] = _with_the_displaced(_actions["UpdateService"])
    _actions["RunTask"] = _known_by_token(_actions["RunTask"])
    replace(ecs, "_sanitize", _of_a_copy)
    replace(ecs, "_run_task", _and_tell)
    replace(ecs, "_complete_service_deployment", _and_tell_completion)


def _of_a_copy(original):
    """A service changes while it is being described, and Python tells whoever reads it
    then that its size has changed. A copy is made in one step."""

    def answer(record):
        return original(dict(record) if isinstance(record, dict) else record)

    return answer


def _in_pages(original, size, field):
    def answer(data):
        status, headers, body = original(data)
        if status >= 400:
            return status, headers, body
        start, count = int(data.get("nextToken") or 0), int(data.get("maxResults") or size)
        everything = json.loads(body)[field]
        page = {field: everything[start:start + count]}
        if start + count < len(everything):
            page["nextToken"] = str(start + count)
        return _json(page)

    return answer


def _limited(original, limit, field):
    def answer(data):
        if len(data.get(field) or []) > limit:
            message = f"{field.title()} cannot have more than {limit} elements"
            return _error("InvalidParameterException", message, 400)
        return original(data)

    return answer


def _with_the_displaced(original):
    """A service that was just told to run something else still has what it ran until then,
    which MiniStack may have ended before it answers."""

    lock = threading.Lock()

    def update(data):
        with lock:
            return updated(data)

    def updated(data):
        name = str(data.get("service", "")).rsplit("/", 1)[-1]
        cluster = str(data.get("cluster", "default")).rsplit("/", 1)[-1]
        service = _services.get(f"{cluster}/{name}") or {}
        before = ecs._primary_deployment(service) if service else None
        before = dict(before) if before else None
        status, headers, body = original(data)
        if status >= 400 or not before:
            return status, headers, body
        answer = json.loads(body)
        shown = answer["service"]["deployments"]
        if all(it["id"] != before["id"] for it in shown):
            shown.append(json.loads(_json({**before, "status": "ACTIVE"})[2]))
        return _json(answer)

    return update


def _known_by_token(original):
    """Whoever asks again with the same token is told of the same tasks."""
    known = {}

    def run(data):
        key = (_account(), data.get("clientToken"))
        if not key[1]:
            return original(data)
        if key not in known:
            answer = original(data)
            if answer[0] >= 400:
                return answer
            known[key] = answer
        return known[key]

    return run


def _and_tell(original):
    """A service tells which tasks it has started."""

    def run(data):
        before = set(_tasks)
        answer = original(data)
        started = sorted(set(_tasks) - before)
        for service in deployments.services_of(_tasks[started[0]]) if started else []:
            ids = " ".join(f"(task {arn.rsplit('/', 1)[-1]})" for arn in started)
            name = service["serviceName"]
            deployments.add_event(service, f"(service {name}) has started {len(started)} tasks: {ids}.")
        return answer

    return run


def _and_tell_completion(original):
    def complete(cluster_name, service_key, expected_deployment_id=None):
        before = _state(service_key)
        original(cluster_name, service_key, expected_deployment_id)
        if (before, _state(service_key)) == ("IN_PROGRESS", "COMPLETED"):
            service = _services[service_key]
            name = f"(service {service['serviceName']})"
            deployment = f"(deployment {ecs._primary_deployment(service)['id']})"
            deployments.add_event(service, f"{name} {deployment} deployment completed.")
            deployments.add_event(service, f"{name} has reached a steady state.")

    return complete


def _state(service_key):
    return (ecs._primary_deployment(_services.get(service_key) or {}) or {}).get("rolloutState")
