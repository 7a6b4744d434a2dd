"""Server-sent events: a page that stays open and hears what is new, and is let go when the service stops."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse
from sse_starlette.sse import AppStatus

# At DEBUG it writes every event to the log, and ours say what people said.
logging.getLogger("sse_starlette").setLevel(logging.INFO)
# It would watch for the server's end by itself, twice a second, and cut pages off. Our server says so.
AppStatus.disable_automatic_graceful_drain()

#: A page that hears nothing this long is told that we are still here.
HEARTBEAT_SECONDS = 20


def stream(events: AsyncIterator[dict[str, str]]) -> EventSourceResponse:
    """`events` as an answer that stays open. They must end once `Wakes.ended` is set (bot/web/server.py)."""
    return EventSourceResponse(events, ping=HEARTBEAT_SECONDS)
