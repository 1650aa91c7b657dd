"""Requests to CloudFormation that Amazon refuses, or answers once only."""

import time

from ministack.core.responses import get_account_id
from ministack.services.cloudformation import _change_sets, _stack_events, _stacks, changesets, handlers

import settings
from operations import changed, succeeded, value
from private import need, replace
from stack_answers import is_ready

_error = need(handlers, "_error")
_find_stack = need(handlers, "_resolve_stack")
_find_change_set = need(changesets, "_find_change_set")
_actions = need(handlers, "_ACTION_HANDLERS")

# What a stack may be updated from.
UPDATABLE = (
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
)

# Answers to requests that had a token, for those who did not hear them.
_answers = {}


def install():
    replace(handlers, "_capabilities_enforced", lambda original: lambda: True)
    for name, wrapper in WRAPPERS.items():
        _actions[name] = wrapper(_actions[name])


def _create(original):
    def create(parameters):
        stack = _stacks.get(value(parameters, "StackName"))
        if stack and stack["StackStatus"] != "DELETE_COMPLETE":
            return _error("AlreadyExistsException", f"Stack [{stack['StackName']}] already exists")
        refusal = _refuse_previous(parameters)
        if refusal:
            return refusal
        answer = original(parameters)
        _note_role(parameters, answer)
        return answer

    return create


def _refuse_previous(parameters):
    """What does not exist yet has no values; MiniStack would take the defaults."""
    for key in parameters:
        if not key.endswith(".UsePreviousValue") or value(parameters, key) != "true":
            continue
        name = value(parameters, key.replace("UsePreviousValue", "ParameterKey"))
        return _error(
            "ValidationError",
            f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a "
            "parameter key not in the previous template",
        )
    return None


def _update(original):
    def update(parameters):
        stack = _find_stack(value(parameters, "StackName"))
        refusal = _refuse_update(stack)
        if refusal:
            return refusal
        answer = original(parameters)
        _note_role(parameters, answer)
        if stack and succeeded(answer):
            stack["StackStatusReason"] = ""
        return answer

    return update


def _refuse_update(stack):
    if not stack or stack["StackStatus"] in (*UPDATABLE, "DELETE_COMPLETE"):
        return None
    message = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
    return _error("ValidationError", message)


def _note_role(parameters, answer):
    stack = _find_stack(value(parameters, "StackName"))
    role = value(parameters, "RoleARN")
    if stack and role and succeeded(answer):
        stack["RoleARN"] = role


def _create_change_set(original):
    def create(parameters):
        name = value(parameters, "StackName")
        stack = _find_stack(name)
        if stack and stack["StackStatus"] == "DELETE_COMPLETE":
            stack = None
        if value(parameters, "ChangeSetType") == "CREATE":
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
            f"changeSet [{value(parameters, 'ChangeSetName')}].",
        )
    refusal = _refuse_previous(parameters)
    if refusal:
        return refusal
    answer = original(parameters)
    if not stack:
        return _noted(answer, parameters)
    made = _stacks.get(stack["StackName"], {}).get("StackId", "")
    _stacks[stack["StackName"]] = stack
    if not succeeded(answer):
        return answer
    _stack_events.pop(made, None)
    for change_set in _change_sets.values():
        if change_set["StackId"] == made:
            change_set["StackId"] = stack["StackId"]
    return _noted(changed(answer, lambda text: text.replace(made, stack["StackId"])), parameters)


def _noted(answer, parameters):
    """Remembers what a change set was asked for, and when it can be executed."""
    _, change_set = _find_change_set(value(parameters, "ChangeSetName"), value(parameters, "StackName"))
    if not succeeded(answer) or not change_set:
        return answer
    change_set["RoleARN"] = value(parameters, "RoleARN")
    change_set["_ready_at"] = time.monotonic() + settings.of_account("delay")
    stack = _stacks.get(change_set["StackName"])
    if stack and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        stack["ChangeSetId"] = change_set["ChangeSetId"]
    return answer


def _execute_change_set(original):
    def execute(parameters):
        _, change_set = _find_change_set(value(parameters, "ChangeSetName"), value(parameters, "StackName"))
        if not change_set:
            return original(parameters)
        status = change_set["ExecutionStatus"] if is_ready(change_set) else "UNAVAILABLE"
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


def _once(token_name):
    """A request that is sent again with its token is answered as the first time."""

    def wrapper(original):
        def answer(parameters):
            token = value(parameters, token_name)
            key = (get_account_id(), value(parameters, "Action"), value(parameters, "StackName"), token)
            if token and key in _answers:
                return _answers[key]
            given = original(parameters)
            if token and succeeded(given):
                _answers[key] = given
            return given

        return answer

    return wrapper


def _both(outer, inner):
    return lambda original: outer(inner(original))


WRAPPERS = {
    "CreateChangeSet": _both(_once("ClientToken"), _create_change_set),
    "CreateStack": _both(_once("ClientRequestToken"), _create),
    "ExecuteChangeSet": _both(_once("ClientRequestToken"), _execute_change_set),
    "UpdateStack": _both(_once("ClientRequestToken"), _update),
}
