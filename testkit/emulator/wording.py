"""Why tasks stop, in Amazon's words."""

import re

from ministack.services import ecs

from private import replace

ASM = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): "
    "failed to fetch secret {secret} from secrets manager: ResourceNotFoundException: Secrets Manager "
    "can't find the specified secret."
)
SSM = (
    "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets "
    "from ssm: The task cannot pull secrets from AWS Systems Manager. Check your task execution role. "
    "invalid parameters: {secret}"
)
PULL = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
    "{image}: {image}: not found"
)

_NO_START = "ResourceInitializationError: unable to pull image or start container: "

# What MiniStack says, and what Amazon does.
_REASONS = {
    "Deployment completed": "Scaling activity initiated by (deployment {deployment})",
    "Essential container exited": "Essential container in task exited",
    "Service deleted": "Scaling activity initiated by (deployment {deployment})",
    "Service scaling down": "Scaling activity initiated by (deployment {deployment})",
    "Task definition updated": "Scaling activity initiated by (deployment {deployment})",
}


def install():
    replace(ecs, "_mark_task_stopped", _in_amazons_words)
    replace(ecs, "_fail_task_start", _with_reason)


def _in_amazons_words(original):
    def mark(task_arn, task, reason, stop_code, exit_code=None):
        known = _REASONS.get(reason)
        if known:
            reason = known.format(deployment=task.get("_deployment_id") or "ecs-svc/0")
        if known and stop_code == "UserInitiated":
            stop_code, exit_code = "ServiceSchedulerInitiated", None
        return original(task_arn, task, reason, stop_code, exit_code)

    return mark


def _with_reason(original):
    """The container that did not start has the reason, too."""

    def fail(task, docker_client, reason):
        reason = _start_reason(task, reason)
        if reason.startswith("Cannot"):
            _next_container(task)["reason"] = reason
        original(task, docker_client, reason)

    return fail


def _start_reason(task, reason):
    """Why a task did not start."""
    if reason.startswith("CannotPullContainerError: "):
        return PULL.format(image=full_name(_next_container(task)["image"]))
    if "execution resource retrieval failed: unable to retrieve secret " in reason:
        return missing_secret(secret_in(reason))
    if reason.startswith(_NO_START):
        return _not_started(reason.removeprefix(_NO_START))
    return reason


def secret_in(reason):
    """What MiniStack did not find."""
    return reason.partition("unable to retrieve secret ")[2].partition(" for environment")[0]


def missing_secret(reference):
    return (ASM if ":secretsmanager:" in reference else SSM).format(secret=reference)


def _not_started(why):
    if " exited with " in why or " is not healthy" in why:
        return "Task failed to start"
    runtime = re.search(r"(failed to create (?:task|shim)[^\"]*\"?.*)", why)
    return "CannotStartContainerError: ResourceInitializationError: " + (runtime.group(1) if runtime else why)


def _next_container(task):
    """The first that has not been started."""
    started = len(task.get("_docker_ids") or [])
    return task["containers"][min(started, len(task["containers"]) - 1)]


def full_name(image):
    """`nginx` is `docker.io/library/nginx:latest`."""
    first, slash, _ = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif not ("." in first or ":" in first or first == "localhost"):
        image = f"docker.io/{image}"
    return image if ":" in image.rsplit("/", 1)[-1] else f"{image}:latest"
