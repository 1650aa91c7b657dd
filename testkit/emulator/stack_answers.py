"""Answers of CloudFormation, with what MiniStack leaves out."""

import re
import time
from urllib.parse import urlsplit

from ministack.services.cloudformation import changesets, handlers, helpers

from operations import changed, value
from private import need, replace

_actions = need(handlers, "_ACTION_HANDLERS")
_escaped = need(handlers, "_esc")
_find_stack = need(handlers, "_resolve_stack")
_find_change_set = need(changesets, "_find_change_set")

# How many changes are told at once.
PAGE = 100


def install():
    replace(helpers, "_resolve_document", _at_any_address)
    for name, wrapper in WRAPPERS.items():
        _actions[name] = wrapper(_actions[name])


def is_ready(change_set):
    """Making a change set takes a moment."""
    return time.monotonic() >= change_set.get("_ready_at", 0)


def _describe_change_set(original):
    """A change set that is being made has no changes yet."""

    def describe(parameters):
        _, change_set = _find_change_set(value(parameters, "ChangeSetName"), value(parameters, "StackName"))
        if not change_set or is_ready(change_set):
            return _page(original, parameters, change_set)
        kept = {name: change_set[name] for name in ("Status", "ExecutionStatus", "StatusReason", "Changes")}
        change_set.update(
            Status="CREATE_IN_PROGRESS", ExecutionStatus="UNAVAILABLE", StatusReason="", Changes=[]
        )
        try:
            return original(parameters)
        finally:
            change_set.update(kept)

    return describe


def _page(original, parameters, change_set):
    """MiniStack gives all changes at once."""
    if not change_set or len(change_set["Changes"]) <= PAGE:
        return original(parameters)
    everything, start = change_set["Changes"], int(value(parameters, "NextToken") or 0)
    change_set["Changes"] = everything[start:start + PAGE]
    try:
        answer = original(parameters)
    finally:
        change_set["Changes"] = everything
    more = f"<NextToken>{start + PAGE}</NextToken>" if start + PAGE < len(everything) else ""
    end = "</DescribeChangeSetResult>"
    return changed(answer, lambda text: text.replace(end, more + end))


def _describe_stacks(original):
    """Adds what MiniStack leaves out, and leaves out what is empty."""

    def change(text):
        text = re.sub(r"<StackId>([^<]*)</StackId>", _with_more, text)
        return re.sub(r"<(StackStatusReason|Description)></\1>", "", text)

    return lambda parameters: changed(original(parameters), change)


def _with_more(element):
    stack = _find_stack(element.group(1)) or {}
    more = (f"<{name}>{stack[name]}</{name}>" for name in ("ChangeSetId", "RoleARN") if stack.get(name))
    return element.group(0) + "".join(more)


def _describe_events(original):
    def change(text):
        return text.replace("<ResourceStatusReason></ResourceStatusReason>", "")

    return lambda parameters: changed(original(parameters), change)


def _list_resources(original):
    """Adds why a resource is as it is."""

    def answer(parameters):
        stack = _find_stack(value(parameters, "StackName")) or {}
        resources = stack.get("_resources", {})

        def with_reason(member):
            reason = resources.get(member.group(1), {}).get("ResourceStatusReason")
            more = f"<ResourceStatusReason>{_escaped(reason)}</ResourceStatusReason>" if reason else ""
            return f"<member>{more}<LogicalResourceId>{member.group(1)}</LogicalResourceId>"

        pattern = r"<member><LogicalResourceId>([^<]*)</LogicalResourceId>"
        return changed(original(parameters), lambda text: re.sub(pattern, with_reason, text))

    return answer


def _at_any_address(original):
    """Amazon's addresses of an object begin with its bucket; MiniStack knows those that
    have it in the path."""

    def resolve(parameters, body_key, url_key, label):
        address = urlsplit(value(parameters, url_key))
        bucket = re.fullmatch(r"(.+)\.s3[.-].*amazonaws\.com", address.hostname or "")
        if bucket:
            path = f"https://s3.amazonaws.com/{bucket.group(1)}{address.path}"
            parameters = {**parameters, url_key: [path]}
        return original(parameters, body_key, url_key, label)

    return resolve


WRAPPERS = {
    "DescribeChangeSet": _describe_change_set,
    "DescribeStackEvents": _describe_events,
    "DescribeStacks": _describe_stacks,
    "ListStackResources": _list_resources,
}
