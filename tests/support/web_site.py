"""The whole site over a real store and the real inbox, with a stand-in for the conversation.

    web.answers = lambda message: [Answer("Who is it for?", (Choice("me", "Me"),))]
    async with web.client() as visitor:
        await visitor.post("/chat/messages", json={"text": "hello"})

What the stand-in says goes through the real outbox and is marked as sent, as delivery would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from bot.clock import SystemClock
from bot.conversation.inbox import Inbox, Received
from bot.conversation.voice import Voice
from bot.messages import RANK, ChannelName, Choice, InboundMessage, Receipt, Status
from bot.outbox.queue import queue_message
from bot.people.contact_points import known
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.sealed import Sealer
from bot.store.tables import outbox
from bot.store.unit_of_work import UnitOfWork
from bot.store.writer import StoreUnavailable
from bot.web.pages import LOCALES, TEMPLATES
from bot.web.parts import Parts
from bot.web.site import make_site
from bot.words.languages import Languages
from bot.words.prompts import Prompts
from tests.support.stores import KEYS, LOOKUP_KEY

VISITOR = "a-visitor-of-the-tests-0123456789"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the stand-in for the conversation says."""

    text: str
    choices: tuple[Choice, ...] = ()
    staff_id: int | None = None


@cache
def shared_voice() -> Voice:
    """Every word the service says, compiled once for all tests that need it."""
    prompts = Prompts(TEMPLATES / "prompts", LOCALES)
    return Voice(prompts, Languages.load(LOCALES), {}, settings())


class _Parts(Parts):
    def the_voice(self) -> Voice:
        return shared_voice()


@dataclass
class Web:
    """The site, what it stands on, and everything it was told."""

    store: Store
    settings: Settings
    heard: list[InboundMessage] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    answers: Callable[[InboundMessage], list[Answer]] = lambda message: []
    full: bool = False  # the disk

    def __post_init__(self) -> None:
        self.languages = Languages.load(LOCALES)
        self.parts = _Parts(
            store=self.store,
            settings=self.settings,
            clock=self.store.clock,
            languages=self.languages,
            receive=self.receive,
            record=self.record,
        )
        self._inbox = Inbox(self.store, self.languages, self.settings)
        self._site: Starlette | None = None

    @property
    def site(self) -> Starlette:
        """Made when first asked for, so that a test can change the parts before."""
        if self._site is None:
            self._site = make_site(self.parts)
        return self._site

    def client(
        self, visitor: str | None = None, *, calls_from: str = "127.0.0.1", **more: Any
    ) -> httpx.AsyncClient:
        """Someone at the site. With `visitor`, someone who brings their own token."""
        more.setdefault("headers", {})
        if visitor:
            more["headers"] = {**more["headers"], "X-Visitor": visitor}
        transport = httpx.ASGITransport(app=self.site, raise_app_exceptions=False, client=(calls_from, 50000))
        return httpx.AsyncClient(transport=transport, base_url=self.settings.base_url, **more)

    # What app.py would give the site

    def receive(self, message: InboundMessage) -> Future[Received]:
        if self.full:
            refused: Future[Received] = Future()
            refused.set_exception(StoreUnavailable("the disk is full"))
            return refused
        future = self._inbox.receive(message)
        future.add_done_callback(lambda done: self._turn(message, done))
        return future

    def record(self, receipt: Receipt) -> Future[None]:
        if self.full:
            refused: Future[None] = Future()
            refused.set_exception(StoreUnavailable("the disk is full"))
            return refused
        self.receipts.append(receipt)
        return self.store.run(lambda unit: None, acting="provider")

    def _turn(self, message: InboundMessage, done: Future[Received]) -> None:
        if done.exception() or done.result().duplicate:
            return
        self.heard.append(message)
        for answer in self.answers(message):
            self.store.run(lambda unit, a=answer: _say(unit, message.address, a), acting="system")

    def says(self, answer: Answer, visitor: str = VISITOR) -> datetime:
        """We say something to a web chat visitor, out of turn; when."""
        return self.store.run(lambda unit: _say(unit, visitor, answer), acting="system").result(20)


def _say(unit: UnitOfWork, address: str, answer: Answer) -> datetime:
    point = known(unit, ChannelName.WEB, address)
    assert point is not None, "they have not written yet"
    message = queue_message(
        unit,
        conversation_id=point.conversation_id,
        contact_point_id=point.id,
        channel=ChannelName.WEB,
        purpose="staff" if answer.staff_id else "reply",
        text=answer.text,
        choices=answer.choices,
        language="en",
        staff_id=answer.staff_id,
    )
    unit.execute(
        update(outbox)
        .where(outbox.c.id == message)
        .values(status=Status.SENT, rank=RANK[Status.SENT], sent_at=unit.now)
    )
    return unit.now


async def until(true: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait until something has happened; gives it."""
    async with asyncio.timeout(seconds):
        while not (found := true()):
            await asyncio.sleep(0.01)
    return found


def settings(**given: Any) -> Settings:
    """Settings for a test, with none of the machine's own."""
    return Settings(_env_file=None, **given)


def open_store(url: str) -> Store:
    """A migrated store with the tests' keys and a clock that goes."""
    return Store(url, Sealer(KEYS, LOOKUP_KEY), SystemClock())


@pytest.fixture
def web(store_url: str) -> Iterator[Web]:
    """The site on each engine, on somebody's own machine, with no provider set up."""
    store = open_store(store_url)
    yield Web(store, settings())
    store.close()


@pytest.fixture
def web_on_sqlite(tmp_path: Any, migrated_sqlite: Any) -> Iterator[Web]:
    """The site on SQLite alone, for tests that look at the pages and not at the store."""
    path = tmp_path / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = open_store(f"sqlite:///{path}")
    yield Web(store, settings())
    store.close()
