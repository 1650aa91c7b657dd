"""Permissions that a test takes away, in the words that CloudFormation has for it."""

import settings

# IAM's name for what creates a resource of a type. Others are `<service>:Create<Type>`,
# and what updates and deletes them is named alike.
_CREATES = {
    "AWS::EC2::SecurityGroupEgress": "ec2:AuthorizeSecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress": "ec2:AuthorizeSecurityGroupIngress",
    "AWS::ECS::TaskDefinition": "ecs:RegisterTaskDefinition",
}
_SERVICES = {
    "applicationautoscaling": "application-autoscaling",
    "efs": "elasticfilesystem",
    "elasticloadbalancingv2": "elasticloadbalancing",
}


def refuse(resource_type, kind):
    """Raises if what happens to a resource is denied."""
    action = _action(resource_type, kind)
    if settings.is_denied(action):
        account = settings.get_account_id()
        raise ValueError(
            f'Resource handler returned message: "User: arn:aws:iam::{account}:user/tester is not '
            f"authorized to perform: {action} because no identity-based policy allows the {action} "
            'action" (HandlerErrorCode: AccessDenied)'
        )


def _action(resource_type, kind):
    """`AWS::ECS::Cluster` is created with `ecs:CreateCluster`."""
    _, service, name = (resource_type.split("::") + ["", ""])[:3]
    service = _SERVICES.get(service.lower(), service.lower())
    verb = {"CREATE": "Create", "UPDATE": "Update", "DELETE": "Delete"}[kind]
    known = _CREATES.get(resource_type) if kind == "CREATE" else None
    return known or f"{service}:{verb}{name}"
