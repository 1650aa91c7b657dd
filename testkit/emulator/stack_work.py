"""Work on stacks: one thing at a time, and deleting breaks off what is under way."""

import asyncio

from ministack.services.cloudformation import changesets, handlers, stacks

from operations import succeeded, value
from private import need, replace

_actions = need(handlers, "_ACTION_HANDLERS")
_error = need(handlers, "_error")
_xml = need(handlers, "_xml")
_find_stack = need(handlers, "_resolve_stack")
_region_of = need(stacks, "_stack_region_context")

# What is being done to a stack, by its id.
_running = {}


def install():
    for module in (handlers, changesets):
        replace(module, "_create_stack_task_in_region", lambda original: _start)
    _actions["DeleteStack"] = _delete(_actions["DeleteStack"])


def _start(work, stack, stack_id=None):
    """Does something to a stack, after what is being done to it has been broken off."""
    with _region_of(stack, stack_id):
        before = _running.get(stack["StackId"])
        work = _after(stack, before, work)
        _running[stack["StackId"]] = asyncio.get_event_loop().create_task(work)


async def _after(stack, before, work):
    if before and not before.done():
        before.cancel()
        await asyncio.wait([before])
    if stack["StackStatus"] == "DELETE_IN_PROGRESS":
        _forget_what_never_was(stack)
    await work


def _delete(original):
    def delete(parameters):
        stack = _find_stack(value(parameters, "StackName"))
        status = (stack or {}).get("StackStatus", "")
        if status == "DELETE_IN_PROGRESS":
            return _xml(200, "DeleteStackResponse", "")
        if status.startswith("UPDATE") and status.endswith("IN_PROGRESS"):
            message = f"Stack [{stack['StackId']}] cannot be deleted while in status {status}"
            return _error("ValidationError", message)
        answer = original(parameters)
        if stack and status != "DELETE_COMPLETE" and succeeded(answer):
            stack["StackStatus"] = "DELETE_IN_PROGRESS"
            stack["RoleARN"] = value(parameters, "RoleARN") or stack.get("RoleARN", "")
        return answer

    return delete


def _forget_what_never_was(stack):
    resources = stack.get("_resources", {})
    for logical_id in [key for key, it in resources.items() if not it["PhysicalResourceId"]]:
        resources.pop(logical_id)
