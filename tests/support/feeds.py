"""Somebody else's directory, for a test: served in memory, honest or lying, and imported in one line."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import httpx

from bot.directory.feeds import HsdsFeed
from bot.directory.importing import import_from
from bot.directory.reports import Report
from bot.directory.services import Service, services
from bot.practice.feed_stand_in import FeedStandIn, Lie
from bot.practice.invented_services import services as invented
from bot.store.engines import Store

__all__ = ["Feed", "Lie"]


class Feed:
    """A stand-in feed and the store it fills under the name "ashby"."""

    def __init__(self, store: Store, many: int = 12):
        self.store = store
        self.stand_in = FeedStandIn(invented(many))
        self.waited: list[float] = []

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """What it has, to be changed at will."""
        return self.stand_in.services

    def id_of(self, number: int) -> str:
        """The id of its nth service, from nought."""
        return list(self.services)[number]

    def imported(self, *lies: Lie, form: str = "hsds-uk-3.0", **asked: Any) -> Report:
        """Import it once, with these lies."""
        self.stand_in.lies, self.stand_in.form, self.stand_in.calls = set(lies), form, 0
        return asyncio.run(self._import(**asked))

    async def _import(self, **asked: Any) -> Report:
        async def wait(seconds: float) -> None:
            self.waited.append(seconds)

        feed = HsdsFeed(
            "http://feed.example/",
            date(2026, 3, 3),
            a_second=10_000,
            wait=wait,
            transport=_Here(self.stand_in),
        )
        return await import_from(self.store, feed, "ashby", **asked)

    def kept(self) -> dict[str, Service]:
        """What the directory has of it, by the feed's ids."""
        with self.store.reading() as reading:
            return {one.source_id: one for one in services(reading, source="ashby")}


class _Here(httpx.ASGITransport):
    """The stand-in without a port. What never answers, and what breaks off, ends as it would for httpx."""

    def __init__(self, app: FeedStandIn):
        super().__init__(app)
        self._stand_in = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        late = self._stand_in.calls >= len(self._stand_in.services) // 2
        if late and Lie.HANGS in self._stand_in.lies:
            self._stand_in.calls += 1
            raise httpx.ReadTimeout("no answer", request=request)
        if late and Lie.BREAKS_OFF in self._stand_in.lies:
            self._stand_in.calls += 1
            raise httpx.RemoteProtocolError("broken off", request=request)
        return await super().handle_async_request(request)
