"""How a resource of a stack comes and goes: it takes its time, may be denied, and is
waited for.

MiniStack provisions most types in one go on its event loop, and lets some run on a
thread of their own. Here all of them take the second way, which is this module's: the
work is still done on the loop, where nothing else runs meanwhile, and the waiting
around it is asynchronous, so that other stacks and requests go on.
"""

import asyncio

from ministack.services.cloudformation import stacks

import service_type
import settings
from private import need, replace

_on_a_thread = need(stacks, "_runs_on_worker_thread")
_run_on_a_thread = need(stacks, "run_reentrant")

# IAM's name for what CloudFormation calls to create a resource of a type. Others are
# `<service>:Create<Type>`.
_ACTIONS = {
    "AWS::ECS::TaskDefinition": "ecs:RegisterTaskDefinition",
    "AWS::EC2::SecurityGroupIngress": "ec2:AuthorizeSecurityGroupIngress",
    "AWS::EC2::SecurityGroupEgress": "ec2:AuthorizeSecurityGroupEgress",
    "AWS::EFS::FileSystem": "elasticfilesystem:CreateFileSystem",
}
_SERVICES = {"elasticloadbalancingv2": "elasticloadbalancing", "efs": "elasticfilesystem"}


def install():
    replace(stacks, "_runs_on_worker_thread", lambda original: lambda resource_type: True)
    replace(stacks, "run_reentrant", lambda original: _step)


async def _step(work, resource_type, *rest):
    """Does one thing to one resource, in the time that it takes."""
    await asyncio.sleep(settings.of_account("delay"))
    _refuse_if_denied(work, resource_type)
    if _on_a_thread(resource_type):
        return await _run_on_a_thread(work, resource_type, *rest)
    done = work(resource_type, *rest)
    if resource_type == service_type.TYPE and not _is_delete(work):
        await service_type.stabilize(_physical_id(done))
    return done


def _physical_id(done):
    """Some of MiniStack's functions give `(id, attributes)`, some that and a seed."""
    first = done[0]
    return first[0] if isinstance(first, tuple) else first


def _is_delete(work):
    return work is stacks._delete_resource


def _refuse_if_denied(work, resource_type):
    action = _action(work, resource_type)
    if settings.is_denied(action):
        raise ValueError(
            'Resource handler returned message: "User: arn:aws:iam::'
            f"{settings.get_account_id()}:user/tester is not authorized to perform: {action} "
            f'because no identity-based policy allows the {action} action" '
            "(HandlerErrorCode: AccessDenied)"
        )


def _action(work, resource_type):
    """`AWS::ECS::Cluster` is made with `ecs:CreateCluster`."""
    _, service, kind = (resource_type.split("::") + ["", ""])[:3]
    service = _SERVICES.get(service.lower(), service.lower())
    if _is_delete(work):
        return f"{service}:Delete{kind}"
    return _ACTIONS.get(resource_type, f"{service}:Create{kind}")
