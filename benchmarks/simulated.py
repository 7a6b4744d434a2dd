"""Hours in minutes: an event loop whose seconds pass only when everything has come to rest.

    clock = Simulated(begins)
    clock.run(lambda: work(clock))

What runs in it is real: tasks, timeouts, sleeps, the store's own threads. While one of those works, time
stands still (`busy` counts them); when nothing is left to do it jumps to whatever is due next.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any


class Simulated:
    """A clock for the service, and the event loop that moves it."""

    def __init__(self, begins: datetime):
        self._begins, self.seconds, self._busy = begins, 0.0, 0

    def now(self) -> datetime:
        """This instant, as aware UTC."""
        return self._begins + timedelta(seconds=self.seconds)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Something outside the loop is at work: time waits for it."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    def run(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run this to its end, in simulated seconds."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(work())


class _Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    clock: Simulated

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.clock._busy:
            return super().select(None)
        self.clock.seconds += timeout
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Simulated):
        selector = _Selector()
        selector.clock = clock
        super().__init__(selector)
        self._simulated = clock

    def time(self) -> float:
        return self._simulated.seconds
