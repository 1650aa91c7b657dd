"""Lets the time pass that messages of queues stay hidden: whoever had received them is
dead, and a test does not wait for minutes.

`PUT /_emulator/queues` does so for the account whose access key signs the request.
"""

import settings
import private
from ministack.core.responses import set_request_region
from ministack.services import sqs

PATH = "/_emulator/queues"

private.need(sqs, "_queues")


async def answer(scope, _receive, send):
    """Makes every message visible."""
    settings.signer(scope)
    set_request_region(None)
    for queue in list(sqs._queues.values()):
        for message in queue["messages"]:
            message["visible_at"] = 0
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
