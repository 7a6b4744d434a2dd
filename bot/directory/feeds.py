"""Fetching a directory over HTTP in Open Referral UK's forms: its list by pages, then one call a service.

A feed is somebody else's program: it may lie about its totals, repeat an id, loop its pages, stop
half-way or send nonsense. What is sure is kept; `incomplete` says why the rest is not, and then
nothing may be taken for gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson

from bot.directory.details import is_link
from bot.directory.entries import Entry, each, whole, words
from bot.directory.hsds import HSDS_UK_3, ORUK_1, entry_of, source_id_of

#: Services on a page; a feed may give fewer.
PER_PAGE = 100
#: More than this is no local directory.
SERVICES_MOST = 100_000
PAGE_BYTES_MOST, SERVICE_BYTES_MOST = 30_000_000, 2_000_000
#: A feed that leaves so many calls in a row unanswered has stopped.
UNANSWERED_MOST = 8
TRIES = 3
#: However long it asks us to wait.
WAIT_MOST = 60.0

Wait = Callable[[float], Awaitable[None]]


class FeedFailed(Exception):
    """The feed cannot be read on. The message says why, for whoever runs the import."""


class _Unanswered(Exception):
    """One call without a usable answer, and why."""


class HsdsFeed:
    """One look at a feed. `form` and `total` are known once the first page came.

    `a_second` is how many calls a second we make at most, `at_once` how many wait for an answer;
    `patience` is in seconds. `incomplete` fills while it is read.
    """

    def __init__(
        self,
        base_url: str,
        today: date,
        *,
        a_second: float = 10.0,
        at_once: int = 4,
        patience: float = 20.0,
        wait: Wait = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ):
        if not is_link(base_url):
            raise FeedFailed("a feed's address should begin with https://")
        parts = urlsplit(base_url.strip())
        self.address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/services')}"
        self.form = HSDS_UK_3
        self.total: int | None = None
        self.incomplete: list[str] = []
        self._today, self._at_once, self._wait = today, at_once, wait
        self._pace, self._next = 1.0 / a_second, 0.0
        self._patience, self._transport = patience, transport
        self._answered = self._unanswered = 0

    async def entries(self) -> AsyncIterator[Entry]:
        """Every service once, as it comes. Raises FeedFailed when it cannot be read on."""
        async with self._client() as client:
            seen: set[str] = set()
            async for number, listed in self._pages(client):
                fetch: list[tuple[str, str, Mapping[str, Any]]] = []
                for at, one in enumerate(listed, 1):
                    row = f"page {number}, entry {at}"
                    if not (source_id := source_id_of(one)):
                        self._doubt("some entries have no id")
                        yield Entry(row, "", why="it has no id")
                    elif source_id in seen:
                        self._doubt("it gives the same id twice")
                        yield Entry(row, source_id, why="the same id came before; the first is kept")
                    else:
                        seen.add(source_id)
                        fetch.append((row, source_id, one))
                for start in range(0, len(fetch), self._at_once):
                    some = fetch[start : start + self._at_once]
                    for found in await asyncio.gather(*(self._service(client, *one) for one in some)):
                        yield found
                    if self._unanswered >= UNANSWERED_MOST:
                        raise FeedFailed(f"it stopped answering after {self._answered} services")
            if not seen:
                self._doubt("it has no services at all")
            elif self.total is not None and self.total != len(seen):
                self._doubt(f"it says it has {self.total} services, and gave {len(seen)}")

    # -- pages -----------------------------------------------------------------------------------

    async def _pages(self, client: httpx.AsyncClient) -> AsyncIterator[tuple[int, list[Any]]]:
        """Each page with its number, until the last; a page that brings nothing new ends it."""
        number, read, first, known = 1, 0, True, set[str]()
        while True:
            try:
                asked = {"page": number, "per_page": PER_PAGE}
                body = await self._get(client, f"{self.address}/services", PAGE_BYTES_MOST, asked)
            except _Unanswered as why:
                raise FeedFailed(f"page {number} of its list: {why}") from None
            listed, envelope = self._opened(body)
            if first:
                first = False
                self.total = whole(_of(envelope, "total_items", "totalElements"))
                if _of(envelope, "first_page", "first") is False and listed:
                    number = 0  # this one counts its pages from nought
                    continue
            yield number, listed
            read += 1
            ids = {source_id_of(one) for one in listed} - {""}
            if listed and ids and ids <= known:
                self._doubt("its pages go round in a circle")
                return
            known |= ids
            if not listed or not envelope or not self._goes_on(envelope, read):
                return
            if len(known) > SERVICES_MOST:
                raise FeedFailed(f"it has more than {SERVICES_MOST} services")
            number += 1

    def _opened(self, body: Any) -> tuple[list[Any], Mapping[str, Any]]:
        """The services of a page, and what it says about itself. A bare list is one page."""
        if isinstance(body, list):
            return body, {}
        if isinstance(body, Mapping):
            for name, form in (("contents", HSDS_UK_3), ("content", ORUK_1)):
                if isinstance(listed := body.get(name), list):
                    self.form = form
                    return listed, body
        raise FeedFailed("its list is neither HSDS-UK 3.0 (contents) nor v1 (content)")

    def _goes_on(self, envelope: Mapping[str, Any], read: int) -> bool:
        """Whether more pages are to come after `read` of them. A feed that contradicts itself is
        read until it gives nothing new, and not trusted."""
        pages = whole(_of(envelope, "total_pages", "totalPages"))
        last = _of(envelope, "last_page", "last")
        more = {
            flag for flag in (None if pages is None else read < pages, _opposite(last)) if flag is not None
        }
        if len(more) == 2:
            self._doubt("what it says of its pages cannot be right")
        return True in more or not more

    # -- calls -----------------------------------------------------------------------------------

    async def _service(
        self, client: httpx.AsyncClient, row: str, source_id: str, listed: Mapping[str, Any]
    ) -> Entry:
        """The whole of one service: the list has no places, times or costs."""
        at = f"{self.address}/services/{quote(source_id, safe='')}"
        try:
            body = await self._get(client, at, SERVICE_BYTES_MOST)
        except _Unanswered as why:
            self._unanswered += 1
            return Entry(row, source_id, why=f"its details did not come: {why}")
        self._answered, self._unanswered = self._answered + 1, 0
        if not isinstance(body, Mapping):
            return Entry(row, source_id, why="its details are not a service")
        if source_id_of(body) not in ("", source_id):
            return Entry(row, source_id, why="its details are another service's")
        return entry_of(row, {**listed, **body}, self._today)

    async def _get(
        self, client: httpx.AsyncClient, url: str, most: int, asked: Mapping[str, int] | None = None
    ) -> Any:
        """What a call answers, read as JSON. Raises _Unanswered after the last try."""
        why, pause = "", 0.0
        for tried in range(TRIES):
            if tried:
                await self._wait(pause)
            await self._turn()
            pause = 2.0 ** (tried + 1)
            try:
                async with client.stream("GET", url, params=asked) as answer:
                    if answer.status_code == 200:
                        return orjson.loads(await _body(answer, most))
                    why = f"it answered {answer.status_code}"
                    if answer.status_code != 429 and answer.status_code < 500:
                        break
                    pause = _seconds(answer.headers.get("retry-after"), pause)
            except orjson.JSONDecodeError:
                why = "it answered something that is not JSON"
                break
            except httpx.TimeoutException:
                why = "it did not answer in time"
            except httpx.HTTPError as error:
                why = f"it cannot be reached ({type(error).__name__})"
        raise _Unanswered(why)

    async def _turn(self) -> None:
        """Wait until the next call may be made."""
        now = time.monotonic()
        at = max(now, self._next)
        self._next = at + self._pace
        if at > now:
            await asyncio.sleep(at - now)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"Accept": "application/json", "User-Agent": "Linkline (directory import)"}
        async with httpx.AsyncClient(
            timeout=self._patience,
            follow_redirects=True,
            max_redirects=5,
            headers=headers,
            transport=self._transport,
            limits=httpx.Limits(max_connections=self._at_once),
        ) as client:
            yield client

    def _doubt(self, why: str) -> None:
        if why not in self.incomplete:
            self.incomplete.append(why)


async def _body(answer: httpx.Response, most: int) -> bytes:
    """The body, as far as it has a sensible length. Raises _Unanswered."""
    found = bytearray()
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > most:
            raise _Unanswered(f"its answer is longer than {most // 1_000_000} MB")
    return bytes(found)


def _of(envelope: Mapping[str, Any], *names: str) -> Any:
    return next((envelope[name] for name in names if name in envelope), None)


def _opposite(flag: Any) -> bool | None:
    return not flag if isinstance(flag, bool) else None


def _seconds(said: str | None, otherwise: float) -> float:
    """How long it asks us to wait (Retry-After), within reason."""
    return min(float(said), WAIT_MOST) if said and said.isdigit() else otherwise


def services_in(body: Any) -> tuple[str, list[Any]]:
    """The services of a JSON file, and its form: a page, a list, or one service. Raises FeedFailed."""
    if isinstance(body, Mapping):
        for name, form in (("contents", HSDS_UK_3), ("content", ORUK_1), ("services", HSDS_UK_3)):
            if isinstance(body.get(name), list):
                return form, each(body[name]) if name == "services" else body[name]
        if words(body.get("name")):
            return HSDS_UK_3, [body]
    if isinstance(body, list):
        v1 = any(isinstance(one, Mapping) and "service_taxonomys" in one for one in body)
        return ORUK_1 if v1 else HSDS_UK_3, body
    raise FeedFailed("the file holds no list of services: neither `contents`, `content` nor a list")
