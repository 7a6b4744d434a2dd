"""Server-sent events: a page that stays open and hears what is new, and is let go when the service stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse

from bot.web.wakes import Wakes

# At DEBUG it writes every event to the log, and ours say what people said.
logging.getLogger("sse_starlette").setLevel(logging.INFO)

#: A page that hears nothing this long is told that we are still here.
HEARTBEAT_SECONDS = 20
#: How long open pages have to be let go before they are cut off.
GRACE_SECONDS = 2


def stream(events: AsyncIterator[dict[str, str]], wakes: Wakes) -> EventSourceResponse:
    """`events` as an answer that stays open. They should end once `wakes.ended` is set."""
    stopping = asyncio.Event()

    async def end() -> None:
        await stopping.wait()
        wakes.end()

    return EventSourceResponse(
        events,
        ping=HEARTBEAT_SECONDS,
        shutdown_event=stopping,  # type: ignore[arg-type] # it is only ever set
        shutdown_grace_period=GRACE_SECONDS,
        data_sender_callable=end,
    )
