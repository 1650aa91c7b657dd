"""Tasks without an engine, which do what a test says that its images do.

A setting `images` lists such as `{"image": "acme/broken", "logs": ["no database"],
"exitCode": 3, "after": 0.2}`, for all images whose names contain that text. Others run
for ever. An image with a `stop` is never started: that is the reason of its task. With a
`variable`, only containers are meant that have it in their environment.
"""

import threading
import time

from ministack.core.responses import request_scope
from ministack.services import ecs

import deployments
import health
import settings
import wording
from private import need, replace

_docker = need(ecs, "_get_docker")
_tasks = need(ecs, "_tasks")
_definitions = need(ecs, "_task_defs")
_definition_key = need(ecs, "_resolve_td_key")
_services = need(ecs, "_services")
_primary = need(ecs, "_primary_deployment")
_secrets_of = need(ecs, "_resolve_container_secrets")
_SecretError = need(ecs, "_SecretResolutionError")
_log_config = need(ecs, "_awslogs_config")
_log_stream = need(ecs, "_ensure_awslogs_stream")
_log = need(ecs, "_emit_awslogs_event")


def install():
    need(ecs, "_mark_task_stopped")
    replace(ecs, "_make_deployment", _that_waits)
    replace(ecs, "_run_task", _as_told)
    replace(ecs, "_complete_service_deployment", _unless_tasks_end)


def _that_waits(original):
    """A deployment whose tasks fail has to begin first."""

    def make(task_definition, desired_count, status="PRIMARY"):
        deployment = original(task_definition, desired_count, status)
        definition = _definitions.get(_definition_key(task_definition))
        if desired_count and not _docker() and definition and _end_of(definition):
            deployments.begin(deployment)
        return deployment

    return make


def _unless_tasks_end(original):
    """In its first moment, a task that is going to end looks like one that goes on."""

    def complete(cluster_name, service_key, expected_deployment_id=None):
        service = _services.get(service_key) or {}
        deployment = _primary(service) or {}
        definition = _definitions.get(_definition_key(deployment.get("taskDefinition", "")))
        ends = service.get("desiredCount") and definition and _end_of(definition)
        if _docker() or not ends:
            original(cluster_name, service_key, expected_deployment_id)

    return complete


def _as_told(original):
    def run(data):
        before = set(_tasks)
        answer = original(data)
        for arn in set(_tasks) - before if not _docker() else ():
            _follow(_tasks[arn], _definitions[_definition_key(data["taskDefinition"])])
        return answer

    return run


def _follow(task, definition):
    """Lets a task say what it says, and end as it does."""
    _write_logs(task, definition)
    end = _end_of(definition)
    if not end:
        return
    task["_startup_stable"] = False
    if end.get("stop"):
        task["lastStatus"] = "PROVISIONING"
    account, region = task["taskArn"].split(":")[4], task["taskArn"].split(":")[3]
    threading.Thread(target=_stop_later, args=(task, end, account, region), daemon=True).start()


def _scripts(definition):
    """What is said of the containers of a task, by their definitions."""
    known = settings.of_account("images")
    containers = definition.get("containerDefinitions", [])
    return [(it, script) for it in containers for script in known if _is_meant(it, script)]


def _is_meant(container, script):
    variable = script.get("variable")
    has_variable = not variable or variable in container.get("environment", [])
    return has_variable and script["image"] in container["image"]


def _end_of(definition):
    """How the tasks of a definition end; nothing if they do not."""
    for container in definition.get("containerDefinitions", []):
        try:
            _secrets_of(container)
        except _SecretError as error:
            return {"stop": wording.missing_secret(wording.secret_in(str(error)))}
    ends = ("exitCode", "stop", "unhealthy")
    for container, script in _scripts(definition):
        if any(script.get(end) is not None for end in ends):
            return {**script, "name": container["name"], "full": wording.full_name(container["image"])}
    return None


def _write_logs(task, definition):
    for container, script in _scripts(definition):
        config = _log_config(container, task["taskArn"].rsplit("/", 1)[-1], "container")
        if config and script.get("logs") and _log_stream(config):
            for line in script["logs"]:
                _log(config, line)


def _stop_later(task, end, account, region):
    time.sleep(end.get("after", 0.2))
    with request_scope(account, region):
        if end.get("stop"):
            reason = end["stop"].replace("{image}", end.get("full", ""))
            ecs._mark_task_stopped(task["taskArn"], task, reason, "TaskFailedToStart")
        elif end.get("unhealthy"):
            _be_unhealthy(task)
        else:
            _exit(task, end)


def _exit(task, end):
    for container in task["containers"]:
        if container["name"] == end["name"]:
            container["exitCode"] = end["exitCode"]
    ecs._mark_task_stopped(task["taskArn"], task, "Essential container exited", "EssentialContainerExited")


def _be_unhealthy(task):
    task["healthStatus"] = "UNHEALTHY"
    for container in task["containers"]:
        container["healthStatus"] = "UNHEALTHY"
    health.stop(task, None)
