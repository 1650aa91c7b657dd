"""Capacity providers and scaling: what ECS runs on, and how much of it."""

import json
import os

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

from private import need

_camel = need(provisioners, "_pascal_to_camel")
_create_provider = need(ecs, "_create_capacity_provider")
_delete_provider = need(ecs, "_delete_capacity_provider")
_update_provider = need(ecs, "_update_capacity_provider")
_put_providers = need(ecs, "_put_cluster_capacity_providers")

# Application Auto Scaling has no other home here: targets and policies by their ids.
scaling = {}


def succeeded(response):
    """The answer of one of MiniStack's operations, or its message as an error."""
    status, _, body = response
    answer = json.loads(body)
    if status >= 400:
        raise ValueError(answer.get("message") or answer.get("Message") or str(answer))
    return answer


def _create_capacity_provider(logical_id, properties, stack_name):
    name = properties.get("Name") or f"{stack_name}-{logical_id}-{os.urandom(6).hex()}"
    succeeded(_create_provider({
        "name": name,
        "autoScalingGroupProvider": _camel(properties.get("AutoScalingGroupProvider") or {}),
        "tags": _camel(properties.get("Tags") or []),
    }))
    return name, {}


def _update_capacity_provider(physical_id, old, new, stack_name):
    provider = _camel(new.get("AutoScalingGroupProvider") or {})
    succeeded(_update_provider({"name": physical_id, "autoScalingGroupProvider": provider}))
    return physical_id, {}


def _delete_capacity_provider(physical_id, properties):
    _delete_provider({"capacityProvider": physical_id})


def _associate(logical_id, properties, stack_name):
    succeeded(_put_providers({
        "cluster": properties["Cluster"],
        "capacityProviders": properties.get("CapacityProviders", []),
        "defaultCapacityProviderStrategy": _camel(properties.get("DefaultCapacityProviderStrategy") or []),
    }))
    return properties["Cluster"], {}


def _dissociate(physical_id, properties):
    _put_providers({"cluster": physical_id, "capacityProviders": [], "defaultCapacityProviderStrategy": []})


def _create_target(logical_id, properties, stack_name):
    parts = ("ResourceId", "ScalableDimension", "ServiceNamespace")
    physical_id = "|".join(properties[part] for part in parts)
    scaling[physical_id] = properties
    return physical_id, {"Id": physical_id}


def _create_policy(logical_id, properties, stack_name):
    target = properties.get("ScalingTargetId", "")
    if target and target not in scaling:
        raise ValueError(f"No scalable target registered for {target}")
    arn = f"arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:{os.urandom(8).hex()}"
    scaling[arn] = properties
    return arn, {"Arn": arn}


def _update_scaling(physical_id, old, new, stack_name):
    scaling[physical_id] = new
    return physical_id, {}


def _delete_scaling(physical_id, properties):
    scaling.pop(physical_id, None)


TYPES = {
    "AWS::ECS::CapacityProvider": {
        "create": _create_capacity_provider,
        "update": _update_capacity_provider,
        "delete": _delete_capacity_provider,
    },
    "AWS::ECS::ClusterCapacityProviderAssociations": {
        "create": _associate,
        "update": lambda physical_id, old, new, stack_name: _associate(None, new, stack_name),
        "delete": _dissociate,
    },
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "create": _create_target,
        "update": lambda physical_id, old, new, stack_name: _create_target(None, new, stack_name),
        "delete": _delete_scaling,
    },
    "AWS::ApplicationAutoScaling::ScalingPolicy": {
        "create": _create_policy,
        "update": _update_scaling,
        "delete": _delete_scaling,
    },
}
