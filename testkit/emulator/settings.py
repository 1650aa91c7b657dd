"""What a test may want of its account: slowness, and permissions that are missing.

`PUT /_emulator/settings` with JSON such as
`{"delay": 0.2, "denied": ["ecs:CreateCluster"], "stabilize": 60}` sets them for the
account whose access key signs the request.
"""

import json
import os

from ministack.core.responses import get_account_id, set_request_account_id

PATH = "/_emulator/settings"

# Seconds that every resource of a stack takes, and that a service may take to be stable.
DEFAULTS = {
    "delay": float(os.environ.get("EMULATOR_DELAY", "0")),
    "stabilize": float(os.environ.get("EMULATOR_STABILIZE", "120")),
    "denied": [],
    "images": [],
}

_of_accounts = {}


def of_account(name):
    """A setting of the account that the current request or stack belongs to."""
    return _of_accounts.get(get_account_id(), {}).get(name, DEFAULTS[name])


def is_denied(action):
    """Whether an action, such as `ecs:CreateCluster`, is denied here."""
    service = action.split(":")[0]
    denied = of_account("denied")
    return action in denied or f"{service}:*" in denied or "*" in denied


async def answer(scope, receive, send):
    """Takes the settings of an account, in place of those that it had."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    _of_accounts[signer(scope)] = json.loads(body or b"{}")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


def signer(scope):
    """The account that the access key stands for, as MiniStack reads it."""
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    key = headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
    set_request_account_id(key)
    return get_account_id()
