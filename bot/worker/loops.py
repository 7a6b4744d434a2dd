"""The loops: turns as messages come, timers as they fall due, and a sweep for whatever a crash left."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from bot import counts
from bot.conversation.due import Due
from bot.conversation.inbox import Inbox, Received
from bot.conversation.turns import Took, TurnFailed, Turns
from bot.messages import InboundMessage
from bot.store import timers
from bot.store.engines import Store
from bot.store.tables import timer
from bot.store.timers import Timer
from bot.store.writer import StoreUnavailable

log = logging.getLogger(__name__)

#: What a crash or a full disk left waiting is looked for this often.
SWEEP_SECONDS = 5.0

#: The longest the clock loop sleeps, whatever it believes is due next: another process may have set one.
LONGEST_SLEEP = 5.0

#: A timer that raises is tried this often, a minute apart, and then set aside.
TIMER_TRIES = 5


_soonest = select(func.min(timer.c.due_at)).where(timer.c.done_at.is_(None))


class TurnLoop:
    """A turn for each message as soon as it is stored. One conversation's turns never overtake each other."""

    def __init__(self, store: Store, inbox: Inbox, turns: Turns):
        self._store, self._inbox, self._turns = store, inbox, turns

    def receive(self, message: InboundMessage) -> Future[Received]:
        """Store a message; its turn follows by itself. The future resolves when it is on disk."""
        stored = self._inbox.receive(message)
        stored.add_done_callback(self._stored)
        return stored

    def _stored(self, stored: Future[Received]) -> None:
        if stored.cancelled() or stored.exception() is not None:
            return
        received = stored.result()
        if not received.duplicate:
            self.kick(received.conversation_id)

    def kick(self, conversation_id: int) -> None:
        """Let this conversation have a turn for the oldest thing waiting there."""
        with suppress(StoreUnavailable, RuntimeError):  # closing: the next start finds it waiting
            self._turns.take(conversation_id).add_done_callback(partial(self._taken, conversation_id))

    def _taken(self, conversation_id: int, taken: Future[Took]) -> None:
        error = taken.exception()
        if isinstance(error, TurnFailed):
            counts.TURNS.labels("failed").inc()
            log.error("%s: %s", error, type(error.__cause__).__name__, exc_info=_where(error))
            with suppress(StoreUnavailable):
                self._turns.failed(error).add_done_callback(partial(self._noted, conversation_id))
        elif error is not None:
            log.error("turn in conversation %s not taken: %s", conversation_id, type(error).__name__)
        else:
            took = taken.result()
            if took.inbox_id is not None:
                counts.TURNS.labels("message").inc()
            if took.more:
                self.kick(conversation_id)

    def _noted(self, conversation_id: int, noted: Future[datetime | None]) -> None:
        if noted.exception() is None and noted.result() is None:
            self.kick(conversation_id)  # set aside: what came after it goes on

    async def sweep(self) -> None:
        """For ever: what was stored and had no turn gets one. After a crash this is where it resumes."""
        while True:
            for conversation_id in await asyncio.to_thread(self._turns.waiting):
                self.kick(conversation_id)
            await asyncio.sleep(SWEEP_SECONDS)


class TimerLoop:
    """Timers as they fall due, each a unit of work of its own."""

    def __init__(self, store: Store, due: Due):
        self._store, self._due = store, due

    async def run(self) -> None:
        """For ever: wake when a timer is set or due, and let each have its turn."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def hears(topics: set[str]) -> None:
            if "timers" in topics:
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(woken.set)

        self._store.listen(hears)
        while True:
            woken.clear()
            while waiting := await asyncio.to_thread(self._due.waiting):
                for one in waiting:
                    await self._take(one)
            with suppress(TimeoutError):
                async with asyncio.timeout(await asyncio.to_thread(self._until_next)):
                    await woken.wait()

    async def _take(self, one: Timer) -> None:
        try:
            await asyncio.wrap_future(self._due.take(one))
            counts.TURNS.labels("timer").inc()
        except StoreUnavailable:
            await asyncio.sleep(1)
        except Exception as error:
            log.error("timer %s (%s): %s", one.id, one.kind, type(error).__name__, exc_info=_where(error))
            await asyncio.wrap_future(self._store.run(partial(_set_back, one), acting="system"))

    def _until_next(self) -> float:
        with self._store.reading() as reading:
            soonest = reading.execute(_soonest).scalar()
            if soonest is None:
                return LONGEST_SLEEP
            return min(LONGEST_SLEEP, max(0.05, (soonest - reading.now).total_seconds()))


def _set_back(one: Timer, unit) -> None:  # type: ignore[no-untyped-def]
    if one.tries + 1 >= TIMER_TRIES:
        timers.done(unit, one.id, "failed")
    else:
        timers.put_off(unit, one.id, unit.now + timedelta(minutes=1))


def _where(error: BaseException):  # type: ignore[no-untyped-def]
    """Where it happened, without what was said: a traceback's frames, not its message."""
    cause = error.__cause__ or error
    return (type(cause), type(cause)("see the lines above"), cause.__traceback__) if _plain(cause) else None


def _plain(error: BaseException) -> bool:
    """Whether it can be made anew with other words; its own might hold something somebody said."""
    try:
        type(error)("x")
    except Exception:
        return False
    return True


async def for_ever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` again whenever it ends or raises: one loop's trouble is not the service's end."""
    pause = 0.5
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.error("%s stopped: %s", name, type(error).__name__, exc_info=_where(error))
        if asyncio.get_running_loop().time() - started > 60:
            pause = 0.5
        await asyncio.sleep(pause + random.random() / 4)
        pause = min(pause * 2, 30)
