"""Telling an open page that something changed: server-sent events that carry no names and no words."""

from __future__ import annotations

import asyncio
import hashlib
import weakref
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import func, select
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.people.for_a_human import STANDING
from bot.people.persons import by_token
from bot.staff.pages import COOKIE
from bot.staff.sessions import session_of
from bot.store.engines import Store
from bot.store.tables import handoff, inbox, outbox, time_off, worker_calendar
from bot.store.unit_of_work import Reading

#: Another process may have written, and a session may have ended: look again this often.
LOOK_SECONDS = 15.0

#: What a page shows of the queue, of a conversation and of the calendars, as something to compare.
Marks = tuple[Any, Any, Any]


class _Listener:
    """One open page: the topics it has not been told of yet."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rang = asyncio.Event()
        self._topics: set[str] = set()
        self.ended = False  # the service is stopping

    def tell(self, topics: set[str]) -> None:
        """Called on the writer's thread: only hand it over."""
        try:
            self._loop.call_soon_threadsafe(self.hear, topics)
        except RuntimeError:
            pass  # its loop has closed, and the page with it

    def end(self) -> None:
        """The page is let go. From any thread."""
        self.ended = True
        self.tell(set())

    def hear(self, topics: set[str]) -> None:
        """These changed. On the page's own loop."""
        self._topics |= topics
        self._rang.set()

    async def heard(self) -> set[str] | None:
        """What came since the last time; None when nothing did for a while."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._rang.wait()
        except TimeoutError:
            return None
        topics, self._topics = self._topics, set()
        self._rang.clear()
        return topics


class Changes:
    """Hears what was committed and passes it on to every open page."""

    def __init__(self, store: Store):
        self._store = store
        self._pages: weakref.WeakSet[_Listener] = weakref.WeakSet()
        self._ended = False
        store.listen(self._heard)

    def end(self) -> None:
        """The service is stopping: every open page is let go (bot/web/server.py)."""
        self._ended = True
        for page in list(self._pages):
            page.end()

    def _heard(self, topics: set[str]) -> None:
        for page in list(self._pages):
            page.tell(topics)

    async def endpoint(self, request: Request) -> Response:
        """The stream for one page; `person` (a token) adds what happens in that conversation.

        `seen` is the mark of what the page shows: what changed since is told at once, also when
        the connection was lost for a while.
        """
        token = request.cookies.get(COOKIE)
        page = _Listener()
        self._pages.add(page)  # before looking, so that nothing falls between
        state = await run_in_threadpool(self._look, token, request.query_params.get("person"))
        if state is None or self._ended:
            return Response(status_code=204)  # an EventSource stops asking after 204
        conversation_id, shown = state
        if request.query_params.get("seen") not in (None, mark_of(shown)):
            page.hear({"queue", f"conversation:{conversation_id}"})
        return EventSourceResponse(self._stream(page, token, conversation_id, shown), ping=30)

    async def _stream(
        self, page: _Listener, token: str | None, conversation_id: int | None, last: Marks
    ) -> AsyncIterator[dict[str, str]]:
        names = {
            "queue": "queue",
            f"conversation:{conversation_id}": "conversation",
            "calendar": "calendar",
        }
        while True:
            heard = await page.heard()
            if page.ended:
                return
            if heard is None:
                seen = await run_in_threadpool(self._look_again, token, conversation_id)
                if seen is None:
                    return
                heard = {topic for topic, old, new in zip(names, last, seen, strict=True) if old != new}
                last = seen
            for topic in names.keys() & heard:
                yield {"event": names[topic], "data": ""}

    def _look(self, token: str | None, person: str | None) -> tuple[int | None, Marks] | None:
        with self._store.reading() as reading:
            who = session_of(reading, token)
            if who is None or not who.finished:
                return None
            found = by_token(reading, person) if person else None
            conversation_id = found.conversation_id if found else None
            return conversation_id, marks(reading, conversation_id)

    def _look_again(self, token: str | None, conversation_id: int | None) -> Marks | None:
        with self._store.reading() as reading:
            return marks(reading, conversation_id) if session_of(reading, token) else None


def mark_of(seen: Marks) -> str:
    """Marks, short enough for an address."""
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def marks(reading: Reading, conversation_id: int | None) -> Marks:
    """Something that differs whenever the queue, this conversation, or a calendar has changed."""
    queue = reading.execute(
        select(func.count(), func.max(handoff.c.id), func.sum(handoff.c.version)).where(
            handoff.c.status.in_(STANDING)
        )
    ).one()
    calendars = reading.execute(
        select(
            select(func.sum(worker_calendar.c.version)).scalar_subquery(),
            select(func.max(time_off.c.id)).scalar_subquery(),
            select(func.max(time_off.c.ended_at)).scalar_subquery(),
        )
    ).one()
    if conversation_id is None:
        return tuple(queue), None, tuple(calendars)
    came = select(func.max(inbox.c.id)).where(inbox.c.conversation_id == conversation_id).scalar_subquery()
    went = (
        select(func.count(), func.sum(outbox.c.rank))
        .where(outbox.c.conversation_id == conversation_id)
        .subquery()
    )
    return tuple(queue), tuple(reading.execute(select(came, *went.c)).one()), tuple(calendars)
