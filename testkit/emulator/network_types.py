"""`AWS::EC2::SecurityGroupIngress` and `Egress`: rules that are resources of their own."""

import os

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from private import need

_groups = need(ec2, "_security_groups")
_permissions = need(provisioners, "_ec2_sg_permissions")


def _rules_of(group_id):
    group = _groups.get(group_id)
    if group is None:
        raise ValueError(f"The security group '{group_id}' does not exist")
    return group


def _as_permissions(properties):
    """The rule in the form in which MiniStack keeps it at the group."""
    return _permissions([{**properties, "IpProtocol": str(properties.get("IpProtocol", "-1")).lower()}])


def handlers(field):
    """Creates and deletes a rule in this list of its group. An update that changes a
    rule replaces it."""

    def create(logical_id, properties, stack_name):
        _rules_of(properties.get("GroupId")).setdefault(field, []).extend(_as_permissions(properties))
        rule_id = "sgr-" + os.urandom(8).hex() + "0"
        return rule_id, {"Id": rule_id}

    def delete(physical_id, properties):
        group = _groups.get(properties.get("GroupId"))
        for permission in _as_permissions(properties) if group else []:
            if permission in group.get(field, []):
                group[field].remove(permission)

    def update(physical_id, old, new, stack_name):
        delete(physical_id, old)
        return create(None, new, stack_name)

    return {"create": create, "update": update, "delete": delete}


TYPES = {
    "AWS::EC2::SecurityGroupIngress": handlers("IpPermissions"),
    "AWS::EC2::SecurityGroupEgress": handlers("IpPermissionsEgress"),
}
