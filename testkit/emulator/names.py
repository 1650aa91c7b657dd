"""Names that are in use: CloudFormation makes nothing that exists already."""

import json

from ministack.services import alb, cloudwatch_logs, ec2, ecs, iam, secretsmanager, servicediscovery
from ministack.services.cloudformation import _stacks

from private import need

_clusters = need(ecs, "_clusters")
_services = need(ecs, "_services")
_providers = need(ecs, "_capacity_providers")
_cluster_name = need(ecs, "_resolve_cluster_name")
_log_groups = need(cloudwatch_logs, "_log_groups")
_load_balancers = need(alb, "_lbs")
_target_groups = need(alb, "_tgs")
_listeners = need(alb, "_listeners")
_roles = need(iam, "_roles")
_profiles = need(iam, "_instance_profiles")
_secrets = need(secretsmanager, "_secrets")
_groups = need(ec2, "_security_groups")
_namespaces = need(servicediscovery, "_namespaces")


def _cluster_is_active(name, properties):
    return _clusters.get(name, {}).get("status") == "ACTIVE"


def _service_is_active(name, properties):
    key = f"{_cluster_name(properties.get('Cluster', 'default'))}/{name}"
    return _services.get(key, {}).get("status") == "ACTIVE"


def _has(records, field):
    return lambda name, properties: any(it.get(field) == name for it in records.values())


def _group_is_in_vpc(name, properties):
    vpc = properties.get("VpcId")
    groups = _groups.values()
    return any(it["GroupName"] == name and vpc in (None, it["VpcId"]) for it in groups)


# The property that names a resource, and how to see whether the name is in use.
NAMED = {
    "AWS::EC2::SecurityGroup": ("GroupName", _group_is_in_vpc),
    "AWS::ECS::CapacityProvider": ("Name", lambda name, _: name in _providers),
    "AWS::ECS::Cluster": ("ClusterName", _cluster_is_active),
    "AWS::ECS::Service": ("ServiceName", _service_is_active),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", _has(_load_balancers, "LoadBalancerName")),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Name", _has(_target_groups, "TargetGroupName")),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", lambda name, _: name in _profiles),
    "AWS::IAM::Role": ("RoleName", lambda name, _: name in _roles),
    "AWS::Logs::LogGroup": ("LogGroupName", lambda name, _: name in _log_groups),
    "AWS::SecretsManager::Secret": ("Name", lambda name, _: name in _secrets),
}


def refuse_taken(resource_type, properties, stack_name):
    """Raises what CloudFormation says of a resource that cannot be made beside others."""
    if resource_type == "AWS::ElasticLoadBalancingV2::Listener":
        _refuse_taken_port(properties)
    if resource_type == "AWS::ServiceDiscovery::PrivateDnsNamespace":
        _refuse_taken_domain(properties)
    field, is_taken = NAMED.get(resource_type, (None, None))
    name = properties.get(field) if field else None
    if name and is_taken(name, properties):
        raise ValueError(_already_exists(resource_type, field, name, stack_name))


def _already_exists(resource_type, field, name, stack_name):
    for stack in _stacks.values():
        for resource in stack.get("_resources", {}).values():
            if resource["ResourceType"] == resource_type and _is_named(resource, field, name):
                return f"{name} already exists in stack {stack['StackId']}"
    identifier = json.dumps({f"/properties/{field}": name}, separators=(",", ":"))
    return f"Resource of type '{resource_type}' with identifier '{identifier}' already exists."


def _is_named(resource, field, name):
    has_id = resource.get("PhysicalResourceId")
    return has_id and resource.get("Properties", {}).get(field) == name


def _refuse_taken_port(properties):
    balancer, port = properties.get("LoadBalancerArn"), int(properties.get("Port") or 0)
    taken = ((it["LoadBalancerArn"], it["Port"]) for it in _listeners.values())
    if (balancer, port) in taken:
        raise ValueError(
            "Resource handler returned message: \"A listener already exists on this port for this "
            f"load balancer '{balancer}' (Service: ElasticLoadBalancingV2, Status Code: 400)\" "
            "(HandlerErrorCode: AlreadyExists)"
        )


def _refuse_taken_domain(properties):
    name, vpc = properties.get("Name"), properties.get("Vpc")
    for namespace in _namespaces.values():
        if namespace.get("Name") == name and vpc in (None, _vpc_of(namespace)):
            raise ValueError(
                f"CANNOT_CREATE_HOSTED_ZONE: The VPC that you chose, {vpc} in region us-east-1, is "
                "already associated with another private hosted zone that has an overlapping name "
                f"space, {name}.. (Service: AmazonRoute53; Status Code: 400; "
                "Error Code: ConflictingDomainExists)"
            )


def _vpc_of(namespace):
    """Where a namespace of MiniStack keeps its VPC differs from place to place."""
    return namespace.get("Vpc") or namespace.get("VpcId") or namespace.get("_vpc")
