"""MiniStack, with what Amazon has, the project needs and MiniStack lacks.

It listens where `GATEWAY_PORT` says, and ends when its standard input does: whoever
started it holds the other end of that pipe, and may end in any way.
"""

import os
import signal
import sys
import threading

from ministack import app as ministack
from ministack.services.cloudformation import provisioners

import calm
import capacity_types
import containers
import deployments
import ecs_api
import events
import health
import lifecycle
import network_types
import private
import public_parameters
import queue_time
import references
import scripts
import service_type
import settings
import stack_answers
import stack_requests
import stack_work
import task_definition_type
import wording

# What changes how MiniStack works. Later ones go around earlier ones.
PARTS = (
    calm, references, task_definition_type, events, lifecycle, stack_work, stack_requests,
    stack_answers, deployments, wording, containers, health, scripts, ecs_api, public_parameters,
)


def install():
    """Adds everything, and ends the program if this MiniStack is not the one we know."""
    handlers = private.need(provisioners, "_RESOURCE_HANDLERS")
    private.check()
    for module in (network_types, capacity_types, service_type, task_definition_type):
        handlers.update(module.TYPES)
    for module in PARTS:
        module.install()
    private.replace(ministack, "app", _with_settings)
    private.check()


def _with_settings(app):
    async def answer(scope, receive, send):
        own = {settings.PATH: settings.answer, queue_time.PATH: queue_time.answer}
        if scope["type"] == "http" and scope["path"] in own:
            await own[scope["path"]](scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def end_with_parent():
    """Ends the program when nobody holds the other end of its standard input, with all
    that it has made in the engine. What hangs then is cut short."""
    sys.stdin.buffer.read()
    threading.Timer(30, os._exit, [1]).start()
    containers.remove_everything()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    install()
    threading.Thread(target=end_with_parent, daemon=True).start()
    ministack.main()
