"""Going round for ever: something is sent when it is asked for, and when the clock brings it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from bot.store.engines import Store
from bot.store.unit_of_work import UnitOfWork

T = TypeVar("T")
log = logging.getLogger(__name__)


class Rounds:
    """What a sender beside the outbox stands on: its loop, and units of work in its name.

    `acting` names it in the audit and the log; `topic` is what the store tells when there is something
    to send; `looks_every` is how many seconds pass at the most between two looks.
    """

    acting: str
    topic: str
    looks_every: float

    def __init__(self, store: Store):
        self._store = store
        self._wake = asyncio.Event()

    async def send_due(self) -> int:
        """Send what is due now; how many went."""
        raise NotImplementedError

    async def run(self) -> None:
        """Send until cancelled: woken by what is asked for, and by the clock. Nothing else ends it."""
        loop = asyncio.get_running_loop()

        def hears(topics: set[str]) -> None:
            if self.topic in topics:
                try:
                    loop.call_soon_threadsafe(self._wake.set)
                except RuntimeError:  # the loop has ended; the writer must not
                    pass

        self._store.listen(hears)
        while True:
            self._wake.clear()
            try:
                await self.send_due()
            except Exception as error:
                log.error("%s: %s", self.acting, type(error).__name__)
            await either(self._wake, self.looks_every)

    async def _do(self, work: Callable[[UnitOfWork], T]) -> T:
        # Whoever waits may be cancelled; what was handed to the store is not.
        return await asyncio.shield(asyncio.wrap_future(self._store.run(work, acting=self.acting)))


async def either(event: asyncio.Event, seconds: float) -> None:
    """Until it is set, or so many seconds have passed."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
