"""The events of resources, as CloudFormation has them.

MiniStack tells of an update of every resource, also of those that did not change; calls
one that is new in an update "updated"; and removes one in silence. What it says of a
resource comes by here, and is held back until what happens to it is known.
"""

from ministack.services.cloudformation import _stacks, stacks

from private import replace

# Resources, by stack and logical id: those that MiniStack said to be updated, until it is
# known whether that is true; those that did not change; and those that are new.
_held = set()
_silent = set()
_created = set()

_add = None


def install():
    def wrapped(original):
        global _add
        _add = original
        return _event

    replace(stacks, "_add_event", wrapped)


def _event(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", **more):
    key = (stack_id, logical_id)
    is_resource = logical_id != stack_name
    if is_resource and status == "UPDATE_IN_PROGRESS" and not physical_id and not reason:
        _held.add(key)
        return
    _held.discard(key)
    if is_resource and key in _silent and status == "UPDATE_COMPLETE":
        _silent.discard(key)
        return
    if is_resource and key in _created and status in ("UPDATE_COMPLETE", "UPDATE_FAILED"):
        _created.discard(key)
        status = status.replace("UPDATE", "CREATE")
    _add(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, **more)


def tell(stack_name, logical_id, resource_type, status, reason="", physical_id=""):
    """Adds an event of a resource."""
    stack_id = _stacks[stack_name]["StackId"]
    _add(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id)


def update_begins(stack_name, logical_id, resource_type, physical_id):
    """What was held back is true: the resource changes."""
    key = (_stacks[stack_name]["StackId"], logical_id)
    if key in _held:
        _held.discard(key)
        tell(stack_name, logical_id, resource_type, "UPDATE_IN_PROGRESS", "", physical_id)


def nothing_changes(stack_name, logical_id):
    """The resource is as it was, and nobody has to hear of it."""
    key = (_stacks[stack_name]["StackId"], logical_id)
    _held.discard(key)
    _silent.add(key)


def creation_begins(stack_name, logical_id, resource_type):
    """The resource is new, if what was held back says "update" or not."""
    key = (_stacks[stack_name]["StackId"], logical_id)
    if key in _held:
        _held.discard(key)
        _created.add(key)
        tell(stack_name, logical_id, resource_type, "CREATE_IN_PROGRESS")
