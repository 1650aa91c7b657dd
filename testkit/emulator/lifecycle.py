"""How a resource of a stack comes and goes: it takes its time, may be denied or in the
way of another, and is waited for.

MiniStack provisions most types in one go on its event loop, and lets some run on a
thread of their own. Here all of them take the second way, which is this module's: the
work is still done on the loop, where nothing else runs meanwhile, and the waiting
around it is asynchronous, so that other stacks and requests go on.
"""

import asyncio
import re
from typing import NamedTuple

from ministack.core.responses import now_iso
from ministack.services import ecs
from ministack.services.cloudformation import _stacks, stacks

import denial
import events
import names
import service_type
import settings
from private import need, replace

_on_a_thread = need(stacks, "_runs_on_worker_thread")
_run_on_a_thread = need(stacks, "run_reentrant")
_provision = need(stacks, "_provision_keeping_seed")
_update = need(stacks, "_update_keeping_seed")
_revert = need(stacks, "_update_resource")
_delete = need(stacks, "_delete_resource")
_docker = need(ecs, "_get_docker")


class Change(NamedTuple):
    """What happens to a resource."""

    kind: str
    resource_type: str
    logical_id: str
    physical_id: str
    stack_name: str
    old: dict
    new: dict

    @property
    def stack(self):
        return _stacks.get(self.stack_name) or {}

    @property
    def resources(self):
        return self.stack.get("_resources", {})


def install():
    replace(stacks, "_runs_on_worker_thread", lambda original: lambda resource_type: True)
    replace(stacks, "run_reentrant", lambda original: _step)
    replace(stacks, "_roll_back_operation", _with_failed_resource)
    replace(stacks, "_sends_back_failed_update", _also_services)


def _change(work, resource_type, rest):
    """Reads the arguments of the four functions that MiniStack calls."""
    if work is _provision:
        logical_id, new, stack_name = rest
        return Change("CREATE", resource_type, logical_id, "", stack_name, {}, new)
    if work is _delete:
        physical_id, old, stack_name, logical_id = rest
        return Change("DELETE", resource_type, logical_id, physical_id, stack_name, old, {})
    if work in (_update, _revert):
        physical_id, old, new, stack_name, logical_id, _ = rest
        return Change("UPDATE", resource_type, logical_id, physical_id, stack_name, old, new)
    raise RuntimeError(f"MiniStack does something new to resources: {work}")


async def _step(work, resource_type, *rest):
    """Does one thing to one resource, in the time that it takes."""
    change = _change(work, resource_type, rest)
    try:
        return await _do(change, work, rest)
    except ValueError as error:
        raise ValueError(_as_handler(str(error))) from error


def _as_handler(text):
    """MiniStack's errors, as the handlers of types have them: without Python."""
    found = re.fullmatch(r"AWS::\S+ .* failed: b(['\"])(?P<answer>.*)\1", text, re.DOTALL)
    if not found:
        return text
    message = re.search(r'"[Mm]essage": "((?:[^"\\]|\\.)*)"', found["answer"])
    message = message.group(1).replace("\\'", "'") if message else found["answer"]
    return f'Resource handler returned message: "{message}" (HandlerErrorCode: GeneralServiceException)'


async def _do(change, work, rest):
    if change.kind == "DELETE":
        return await _deletion(change, work, rest)
    if change.kind == "CREATE":
        return await _creation(change, work, rest)
    if change.old == change.new:
        events.nothing_changes(change.stack_name, change.logical_id)
        return work(change.resource_type, *rest)
    return await _modification(change, work, rest)


async def _creation(change, work, rest):
    """A resource is on the stack's list from the beginning, has an id as soon as it is
    made, and stays on the list if it never becomes what it should be."""
    events.creation_begins(change.stack_name, change.logical_id, change.resource_type)
    record = _record(change)
    change.resources[change.logical_id] = record
    try:
        await _pause()
        denial.refuse(change.resource_type, change.kind)
        names.refuse_taken(change.resource_type, change.new, change.stack_name)
        done = await _run(change, work, rest)
        record["PhysicalResourceId"], record["Attributes"] = _identity(done)
        initiated = "Resource creation Initiated"
        _tell(change, "CREATE_IN_PROGRESS", initiated, record["PhysicalResourceId"])
        await _pause()
        await _settle(change, record["PhysicalResourceId"])
        return done
    except Exception as reason:
        record.update(ResourceStatus="CREATE_FAILED", ResourceStatusReason=str(reason))
        raise


async def _modification(change, work, rest):
    resource = change.resources.get(change.logical_id, {})
    resource["ResourceStatus"] = "UPDATE_IN_PROGRESS"
    events.update_begins(change.stack_name, change.logical_id, change.resource_type, change.physical_id)
    try:
        await _pause()
        denial.refuse(change.resource_type, change.kind)
        done = await _run(change, work, rest)
        await _pause()
        await _settle(change, _identity(done)[0])
        return done
    except Exception as reason:
        resource.update(ResourceStatus="UPDATE_FAILED", ResourceStatusReason=str(reason))
        raise


async def _deletion(change, work, rest):
    """After an update MiniStack says nothing of what it removes, and CloudFormation does:
    the stack is then cleaned up."""
    is_cleanup = change.stack.get("StackStatus") in ("UPDATE_IN_PROGRESS", CLEANUP)
    if is_cleanup:
        _begin_cleanup(change)
    await _pause()
    denial.refuse(change.resource_type, change.kind)
    resource = change.resources.get(change.logical_id, {})
    if resource.get("PhysicalResourceId") == change.physical_id:
        resource["ResourceStatus"] = "DELETE_IN_PROGRESS"
    done = await _run(change, work, rest)
    await _pause()
    await _drain(change)
    if is_cleanup:
        _tell(change, "DELETE_COMPLETE", "", change.physical_id)
    return done


CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"


def _begin_cleanup(change):
    stack = change.stack
    if stack["StackStatus"] != CLEANUP:
        stack["StackStatus"] = CLEANUP
        stack_type, stack_id = "AWS::CloudFormation::Stack", stack["StackId"]
        events.tell(change.stack_name, change.stack_name, stack_type, CLEANUP, "", stack_id)
    _tell(change, "DELETE_IN_PROGRESS", "", change.physical_id)


async def _run(change, work, rest):
    """Does the work; on a thread where it waits for something outside, such as the end
    of containers. Nobody interrupts it, so that nothing is made that nobody knows of."""
    waits_outside = change.resource_type == service_type.TYPE and _docker()
    if not (waits_outside or _on_a_thread(change.resource_type)):
        return work(change.resource_type, *rest)
    running = asyncio.ensure_future(_run_on_a_thread(work, change.resource_type, *rest))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        done = await running
        if change.kind == "CREATE":
            change.resources[change.logical_id]["PhysicalResourceId"] = _identity(done)[0]
        raise


async def _pause():
    """Half of the time that a resource takes: some of it passes before it has an id."""
    await asyncio.sleep(settings.of_account("delay") / 2)


async def _drain(change):
    """A service that failed is gone when its tasks are, which takes some seconds; until then
    nothing is removed that it needs, such as what its tasks wrote."""
    if change.resource_type == service_type.TYPE and change.stack.get("StackStatus") == "ROLLBACK_IN_PROGRESS":
        await asyncio.sleep(2)


async def _settle(change, physical_id):
    if change.resource_type == service_type.TYPE:
        await service_type.stabilize(physical_id, change.stack)


def _record(change):
    return {
        "PhysicalResourceId": "",
        "ResourceType": change.resource_type,
        "ResourceStatus": "CREATE_IN_PROGRESS",
        "LogicalResourceId": change.logical_id,
        "Properties": change.new,
        "Attributes": {},
        "Timestamp": now_iso(),
    }


def _tell(change, status, reason, physical_id):
    events.tell(change.stack_name, change.logical_id, change.resource_type, status, reason, physical_id)


def _identity(done):
    """Some of MiniStack's functions give `(id, attributes)`, some that and a seed."""
    return done[0] if isinstance(done[0], tuple) else done


def _with_failed_resource(original):
    """Rolling back also deletes what was made and never became what it should be, and
    the stack says why it rolls back."""

    async def roll_back(stack_name, stack_id, stack, operation, reason_override=""):
        failed = operation.get("failed_logical_id")
        record = stack.get("_resources", {}).get(failed, {})
        if record.get("ResourceStatus") == "CREATE_FAILED":
            if record["PhysicalResourceId"]:
                operation["created"].append(failed)
            else:
                stack["_resources"].pop(failed)
        if not operation.get("is_update") and failed and not reason_override:
            reason_override = (
                f"The following resource(s) failed to create: [{failed}]. Rollback requested by user."
            )
        operation["cancelled"] = operation.get("cancelled") or stack.pop("_cancel_requested", False)
        stack["StackStatusReason"] = reason_override
        await original(stack_name, stack_id, stack, operation, reason_override)

    return roll_back


def _also_services(original):
    """A service whose update failed runs the wrong tasks, and is sent back."""
    return lambda resource_type: resource_type == service_type.TYPE or original(resource_type)
