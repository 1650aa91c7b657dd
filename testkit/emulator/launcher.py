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

import capacity_types
import deployments
import events
import lifecycle
import network_types
import private
import references
import service_type
import settings
import stack_api
import task_definition_type


def install():
    """Adds everything, and ends the program if this MiniStack is not the one we know."""
    handlers = private.need(provisioners, "_RESOURCE_HANDLERS")
    for module in (network_types, capacity_types, service_type, task_definition_type):
        handlers.update(module.TYPES)
    for module in (references, task_definition_type, events, lifecycle, deployments, stack_api):
        module.install()
    private.replace(ministack, "app", _with_settings)
    private.check()


def _with_settings(app):
    async def answer(scope, receive, send):
        if scope["type"] == "http" and scope["path"] == settings.PATH:
            await settings.answer(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def end_with_parent():
    """Ends the program when nobody holds the other end of its standard input. Ending
    removes the containers of tasks; what hangs then is cut short."""
    sys.stdin.buffer.read()
    threading.Timer(15, os._exit, [1]).start()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    install()
    threading.Thread(target=end_with_parent, daemon=True).start()
    ministack.main()
