"""The operations of CloudFormation, where Amazon says more, or says no."""

import asyncio
import re
import time
from urllib.parse import urlsplit

from ministack.core.responses import get_account_id
from ministack.services.cloudformation import _change_sets, _stack_events, _stacks, changesets, handlers, helpers, stacks

import settings
from private import need, replace

_error = need(handlers, "_error")
_find_stack = need(handlers, "_resolve_stack")
_find_change_set = need(changesets, "_find_change_set")
_actions = need(handlers, "_ACTION_HANDLERS")
_region_of = need(stacks, "_stack_region_context")

# What a stack may be updated from.
UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
             "IMPORT_ROLLBACK_COMPLETE")

# Answers to requests that had a token, for those who did not hear them.
_answers = {}

# What is being done to a stack, by its id.
_running = {}


def install():
    replace(handlers, "_capabilities_enforced", lambda original: lambda: True)
    replace(helpers, "_resolve_document", _at_any_address)
    for module in (handlers, changesets):
        replace(module, "_create_stack_task_in_region", lambda original: _start)
    for name, wrapper in WRAPPERS.items():
        _actions[name] = wrapper(_actions[name])


def _value(parameters, name):
    """MiniStack's parameters are lists, as in a query."""
    value = parameters.get(name, "")
    return value[0] if isinstance(value, list) else value


def _succeeded(answer):
    return answer[0] < 400


def _changed(answer, change):
    """An answer whose text is changed."""
    status, headers, body = answer
    text = body.decode() if isinstance(body, bytes) else body
    return status, headers, change(text).encode()


# --- one thing at a time ---


def _start(work, stack, stack_id=None):
    """Does something to a stack, after what is being done to it has been broken off."""
    with _region_of(stack, stack_id):
        before = _running.get(stack["StackId"])
        _running[stack["StackId"]] = asyncio.get_event_loop().create_task(_after(before, work))


async def _after(before, work):
    if before and not before.done():
        before.cancel()
        await asyncio.wait([before])
    await work


def _delete(original):
    def delete(parameters):
        stack = _find_stack(_value(parameters, "StackName"))
        status = (stack or {}).get("StackStatus", "")
        if status == "DELETE_IN_PROGRESS":
            return handlers._xml(200, "DeleteStackResponse", "")
        if status.startswith("UPDATE") and status.endswith("IN_PROGRESS"):
            return _error("ValidationError", f"Stack [{stack['StackId']}] cannot be deleted while in status {status}")
        answer = original(parameters)
        if stack and status != "DELETE_COMPLETE" and _succeeded(answer):
            _forget_what_never_was(stack)
            stack["RoleARN"] = _value(parameters, "RoleARN") or stack.get("RoleARN", "")
        return answer

    return delete


def _forget_what_never_was(stack):
    resources = stack.get("_resources", {})
    for logical_id in [key for key, it in resources.items() if not it["PhysicalResourceId"]]:
        resources.pop(logical_id)


# --- saying no ---


def _create(original):
    def create(parameters):
        stack = _stacks.get(_value(parameters, "StackName"))
        if stack and stack["StackStatus"] != "DELETE_COMPLETE":
            return _error("AlreadyExistsException", f"Stack [{stack['StackName']}] already exists")
        answer = original(parameters)
        _note_role(parameters, answer)
        return answer

    return create


def _update(original):
    def update(parameters):
        stack = _find_stack(_value(parameters, "StackName"))
        refusal = _refuse_update(stack)
        if refusal:
            return refusal
        answer = original(parameters)
        _note_role(parameters, answer)
        return answer

    return update


def _refuse_update(stack):
    if not stack or stack["StackStatus"] in (*UPDATABLE, "DELETE_COMPLETE"):
        return None
    message = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
    return _error("ValidationError", message)


def _note_role(parameters, answer):
    stack = _find_stack(_value(parameters, "StackName"))
    role = _value(parameters, "RoleARN")
    if stack and role and _succeeded(answer):
        stack["RoleARN"] = role


def _create_change_set(original):
    def create(parameters):
        name = _value(parameters, "StackName")
        stack = _find_stack(name)
        if stack and stack["StackStatus"] == "DELETE_COMPLETE":
            stack = None
        if _value(parameters, "ChangeSetType") == "CREATE":
            return _for_new_stack(original, parameters, stack)
        return _refuse_update(stack) or _noted(original(parameters), parameters)

    return create


def _for_new_stack(original, parameters, stack):
    """A second change set for a stack that does not exist yet belongs to the same stack;
    MiniStack would make another."""
    if stack and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
        return _error(
            "ValidationError",
            f"Stack [{stack['StackName']}] already exists and cannot be created again with the "
            f"changeSet [{_value(parameters, 'ChangeSetName')}].",
        )
    answer = original(parameters)
    if not stack:
        return _noted(answer, parameters)
    made = _stacks.get(stack["StackName"], {}).get("StackId", "")
    _stacks[stack["StackName"]] = stack
    if not _succeeded(answer):
        return answer
    _stack_events.pop(made, None)
    for change_set in _change_sets.values():
        if change_set["StackId"] == made:
            change_set["StackId"] = stack["StackId"]
    return _noted(_changed(answer, lambda text: text.replace(made, stack["StackId"])), parameters)


def _noted(answer, parameters):
    """Remembers what a change set was asked for, and when it can be executed."""
    _, change_set = _find_change_set(_value(parameters, "ChangeSetName"), _value(parameters, "StackName"))
    if not _succeeded(answer) or not change_set:
        return answer
    change_set["RoleARN"] = _value(parameters, "RoleARN")
    change_set["_ready_at"] = time.monotonic() + settings.of_account("delay")
    stack = _stacks.get(change_set["StackName"])
    if stack and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        stack["ChangeSetId"] = change_set["ChangeSetId"]
    return answer


def _is_ready(change_set):
    return time.monotonic() >= change_set.get("_ready_at", 0)


def _describe_change_set(original):
    """Making a change set takes a moment, in which it has no changes yet."""

    def describe(parameters):
        _, change_set = _find_change_set(_value(parameters, "ChangeSetName"), _value(parameters, "StackName"))
        if not change_set or _is_ready(change_set):
            return _page(original, parameters, change_set)
        kept = {name: change_set[name] for name in ("Status", "ExecutionStatus", "StatusReason", "Changes")}
        change_set.update(Status="CREATE_IN_PROGRESS", ExecutionStatus="UNAVAILABLE", StatusReason="", Changes=[])
        try:
            return original(parameters)
        finally:
            change_set.update(kept)

    return describe


PAGE = 100


def _page(original, parameters, change_set):
    """MiniStack gives all changes at once."""
    if not change_set or len(change_set["Changes"]) <= PAGE:
        return original(parameters)
    everything, start = change_set["Changes"], int(_value(parameters, "NextToken") or 0)
    change_set["Changes"] = everything[start:start + PAGE]
    try:
        answer = original(parameters)
    finally:
        change_set["Changes"] = everything
    more = f"<NextToken>{start + PAGE}</NextToken>" if start + PAGE < len(everything) else ""
    return _changed(answer, lambda text: text.replace("</DescribeChangeSetResult>", f"{more}</DescribeChangeSetResult>"))


def _execute_change_set(original):
    def execute(parameters):
        _, change_set = _find_change_set(_value(parameters, "ChangeSetName"), _value(parameters, "StackName"))
        if not change_set:
            return original(parameters)
        status = change_set["ExecutionStatus"] if _is_ready(change_set) else "UNAVAILABLE"
        if status != "AVAILABLE":
            return _error(
                "InvalidChangeSetStatus",
                f"ChangeSet [{change_set['ChangeSetId']}] cannot be executed in its current "
                f"execution status of [{status}]",
            )
        stack = _stacks.get(change_set["StackName"], {})
        if stack.get("StackStatus") not in (*UPDATABLE, "REVIEW_IN_PROGRESS"):
            return _refuse_update(stack)
        stack["StackStatusReason"] = ""
        stack["ChangeSetId"] = change_set["ChangeSetId"]
        stack["RoleARN"] = change_set.get("RoleARN") or stack.get("RoleARN", "")
        return original(parameters)

    return execute


# --- saying more ---


def _describe_stacks(original):
    """Adds what MiniStack leaves out, and leaves out what is empty."""

    def change(text):
        text = re.sub(r"<StackId>([^<]*)</StackId>", _with_more, text)
        return re.sub(r"<(StackStatusReason|Description)></\1>", "", text)

    return lambda parameters: _changed(original(parameters), change)


def _with_more(element):
    stack = _find_stack(element.group(1)) or {}
    more = (f"<{name}>{stack[name]}</{name}>" for name in ("ChangeSetId", "RoleARN") if stack.get(name))
    return element.group(0) + "".join(more)


def _describe_events(original):
    def change(text):
        return text.replace("<ResourceStatusReason></ResourceStatusReason>", "")

    return lambda parameters: _changed(original(parameters), change)


def _list_resources(original):
    """Adds why a resource is as it is."""

    def answer(parameters):
        stack = _find_stack(_value(parameters, "StackName")) or {}
        resources = stack.get("_resources", {})

        def with_reason(member):
            reason = resources.get(member.group(1), {}).get("ResourceStatusReason")
            more = f"<ResourceStatusReason>{handlers._esc(reason)}</ResourceStatusReason>" if reason else ""
            return f"<member>{more}<LogicalResourceId>{member.group(1)}</LogicalResourceId>"

        pattern = r"<member><LogicalResourceId>([^<]*)</LogicalResourceId>"
        return _changed(original(parameters), lambda text: re.sub(pattern, with_reason, text))

    return answer


def _at_any_address(original):
    """Amazon's addresses of an object begin with its bucket; MiniStack knows those that
    have it in the path."""

    def resolve(parameters, body_key, url_key, label):
        address = urlsplit(_value(parameters, url_key))
        bucket = re.fullmatch(r"(.+)\.s3[.-].*amazonaws\.com", address.hostname or "")
        if bucket:
            path = f"https://s3.amazonaws.com/{bucket.group(1)}{address.path}"
            parameters = {**parameters, url_key: [path]}
        return original(parameters, body_key, url_key, label)

    return resolve


# --- hearing twice ---


def _once(token_name):
    """A request that is sent again with its token is answered as the first time."""

    def wrapper(original):
        def answer(parameters):
            token = _value(parameters, token_name)
            key = (get_account_id(), _value(parameters, "Action"), _value(parameters, "StackName"), token)
            if token and key in _answers:
                return _answers[key]
            given = original(parameters)
            if token and _succeeded(given):
                _answers[key] = given
            return given

        return answer

    return wrapper


def _both(outer, inner):
    return lambda original: outer(inner(original))


WRAPPERS = {
    "CreateStack": _both(_once("ClientRequestToken"), _create),
    "UpdateStack": _both(_once("ClientRequestToken"), _update),
    "DeleteStack": _delete,
    "CreateChangeSet": _both(_once("ClientToken"), _create_change_set),
    "DescribeChangeSet": _describe_change_set,
    "ExecuteChangeSet": _both(_once("ClientRequestToken"), _execute_change_set),
    "DescribeStacks": _describe_stacks,
    "DescribeStackEvents": _describe_events,
    "ListStackResources": _list_resources,
}
