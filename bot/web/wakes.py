"""Waking the open pages: someone waits for news of a conversation, or of a visitor."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

CONVERSATION = "conversation:"
VISITOR = "visitor:"


class Wakes:
    """Told by the store's writer, heard by pages on the event loop. Nothing is kept, nothing is said twice.

    `heard` goes to `Store.listen`; it runs on the writer's thread and does next to nothing.
    """

    def __init__(self) -> None:
        # Sets that are replaced, never changed: the writer's thread may be walking one.
        self._waiting: dict[str, frozenset[Waiter]] = {}
        #: Set when the service is stopping: whoever waits goes home.
        self.ended = False

    def heard(self, topics: set[str]) -> None:
        """These topics have news. From any thread."""
        for topic in topics:
            for waiter in self._waiting.get(topic, ()):
                waiter.wake()

    def visitor(self, token: str) -> None:
        """There is something for this web chat visitor. From any thread."""
        self.heard({VISITOR + token})

    def end(self) -> None:
        """The service is stopping, so every open page is let go. From any thread."""
        self.ended = True
        self.heard(set(self._waiting))

    @contextmanager
    def waiter(self, *topics: str) -> Iterator[Waiter]:
        """Someone who waits for any of these topics, for as long as the context lasts."""
        made = Waiter(asyncio.get_running_loop())
        self.also(made, *topics)
        try:
            yield made
        finally:
            for topic in made.topics:
                left = self._waiting[topic] - {made}
                if left:
                    self._waiting[topic] = left
                else:
                    del self._waiting[topic]

    def also(self, waiter: Waiter, *topics: str) -> None:
        """Have `waiter` wait for these too."""
        for topic in topics:
            waiter.topics.add(topic)
            self._waiting[topic] = self._waiting.get(topic, frozenset()) | {waiter}

    def count(self, topic: str) -> int:
        """How many wait for this."""
        return len(self._waiting.get(topic, ()))


class Waiter:
    """One open page. News that comes while it is busy is not lost: the next `news` returns at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self.topics: set[str] = set()
        self._loop = loop
        self._event = asyncio.Event()

    def wake(self) -> None:
        """There is news. From any thread."""
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:  # the page's loop has ended; the writer must not
            pass

    async def news(self, seconds: float) -> bool:
        """Wait for news, at most `seconds`. Whether there was some."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
