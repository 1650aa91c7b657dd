"""What `Ref` and `Fn::GetAtt` give, and which properties replace a resource, where
MiniStack says something else than Amazon's reference of resource types."""

from ministack.services import ec2, iam
from ministack.services.cloudformation import provisioners

from private import need

_handlers = need(provisioners, "_RESOURCE_HANDLERS")
_replacing = need(provisioners, "_REPLACING_PROPERTIES")
_custom_names = need(provisioners, "_CUSTOM_NAME_REPLACEMENT")
_vpcs = need(ec2, "_vpcs")
_profiles = need(iam, "_instance_profiles")

# A change of one of these needs a new resource. Of types that are not listed MiniStack
# says "Conditionally" for every property, as Amazon never does.
REPLACING = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("ResourceId", "ScalableDimension", "ServiceNamespace"),
    "AWS::ApplicationAutoScaling::ScalingPolicy": (
        "PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace",
    ),
    "AWS::AutoScaling::AutoScalingGroup": ("AutoScalingGroupName", "InstanceId"),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateName", "TagSpecifications"),
    "AWS::EC2::SecurityGroup": ("GroupDescription", "GroupName", "VpcId"),
    "AWS::EC2::SecurityGroupEgress": (
        "CidrIp", "CidrIpv6", "DestinationSecurityGroupId", "FromPort", "GroupId", "IpProtocol", "ToPort",
    ),
    "AWS::EC2::SecurityGroupIngress": (
        "CidrIp", "CidrIpv6", "FromPort", "GroupId", "GroupName", "IpProtocol",
        "SourceSecurityGroupId", "SourceSecurityGroupName", "ToPort",
    ),
    "AWS::ECS::CapacityProvider": ("Name",),
    "AWS::ECS::Cluster": ("ClusterName",),
    "AWS::ECS::ClusterCapacityProviderAssociations": ("Cluster",),
    "AWS::ECS::Service": ("Cluster", "LaunchType", "Role", "SchedulingStrategy", "ServiceName"),
    "AWS::ECS::TaskDefinition": (
        "ContainerDefinitions", "Cpu", "EphemeralStorage", "ExecutionRoleArn", "Family", "IpcMode",
        "Memory", "NetworkMode", "PidMode", "PlacementConstraints", "RequiresCompatibilities",
        "RuntimePlatform", "TaskRoleArn", "Volumes",
    ),
    "AWS::ElasticLoadBalancingV2::Listener": ("LoadBalancerArn",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::SecretsManager::Secret": ("Name",),
    "AWS::ServiceDiscovery::PrivateDnsNamespace": ("Name", "Vpc"),
    "AWS::ServiceDiscovery::Service": ("Name", "NamespaceId", "Type"),
}

# A resource with such a name cannot be replaced: the new one would have the same.
CUSTOM_NAMES = {
    "AWS::ECS::CapacityProvider": "Name",
    "AWS::ECS::Service": "ServiceName",
}


def install():
    _replacing.update(REPLACING)
    _custom_names.update({kind: {"name": name} for kind, name in CUSTOM_NAMES.items()})
    _rename("AWS::SecretsManager::Secret", lambda _, attributes: attributes["Arn"], _name_of_secret)
    _rename("AWS::IAM::InstanceProfile", lambda arn, _: arn.rsplit("/", 1)[-1], _arn_of_profile)
    _give_vpc_its_range()


def _name_of_secret(arn):
    """MiniStack finds a secret by its name, which Amazon ends with seven more letters."""
    return arn.rpartition(":secret:")[2][:-7] if arn.startswith("arn:") else arn


def _arn_of_profile(name):
    profile = _profiles.get(name)
    return profile["Arn"] if profile else name


def _rename(resource_type, outward, inward):
    """Lets a type have other physical ids than MiniStack gives it."""
    original = dict(_handlers[resource_type])

    def create(logical_id, properties, stack_name):
        physical_id, attributes = original["create"](logical_id, properties, stack_name)
        return outward(physical_id, attributes), attributes

    def update(physical_id, *rest):
        new_id, attributes = original["update"](inward(physical_id), *rest)
        return outward(new_id, attributes), attributes

    def delete(physical_id, *rest):
        return original["delete"](inward(physical_id), *rest)

    _handlers[resource_type] = {**original, "create": create, "update": update, "delete": delete}


def _give_vpc_its_range():
    vpc = _handlers["AWS::EC2::VPC"]
    original = vpc["create"]

    def create(logical_id, properties, stack_name):
        vpc_id, attributes = original(logical_id, properties, stack_name)
        return vpc_id, {**attributes, "CidrBlock": _vpcs[vpc_id]["CidrBlock"]}

    vpc["create"] = create
