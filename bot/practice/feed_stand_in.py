"""A stand-in for somebody's Open Referral UK feed: HSDS-UK 3.0 or v1, honest or lying as it is asked.

It runs in the tests, and by itself for the proofs: `python -m bot.practice.feed_stand_in --port 8803`.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote

from bot.practice.invented_services import as_v1, services
from bot.practice.wire import Receive, Send, break_off, give, lifespan, never_answer, reply

#: What the list gives of a service: one-to-one fields only, as the standard has it.
_LISTED = ("id", "organization_id", "name", "description", "url", "email", "status", "assured_date")


class Lie(StrEnum):
    """What can be wrong with a feed."""

    TOTALS = "totals"  # it says it has more services than it gives
    FEWER = "fewer"  # it says it has fewer, and that the first page is the last
    TWICE = "twice"  # every page repeats its first service
    CIRCLE = "circle"  # whatever page is asked for, the first comes
    EMPTY = "empty"  # it has nothing tonight
    HANGS = "hangs"  # half-way through, it no longer answers
    BREAKS_OFF = "breaks-off"  # half-way through, connections break
    FAILS = "fails"  # half-way through, every call answers 500
    BUSY = "busy"  # every fifth call is asked to come again in a second
    NONSENSE = "nonsense"  # a page that is not JSON
    STRANGE = "strange"  # JSON, but no list of services
    FROM_NOUGHT = "from-nought"  # its first page is page 0
    SWAPS = "swaps"  # asked for one service it gives another
    ENDLESS = "endless"  # there is always one more page of new services


class FeedStandIn:
    """An ASGI app that is a feed. `services` are whole HSDS-UK 3.0 services by id: change them at will.

    `lies` says what is wrong with it; `calls` counts what was asked of it.
    """

    def __init__(
        self,
        services: dict[str, dict[str, Any]],
        *,
        form: str = "hsds-uk-3.0",
        lies: set[Lie] | None = None,
    ):
        self.services = services
        self.form = form
        self.lies: set[Lie] = lies or set()
        self.calls = 0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send, self._nothing)
        self.calls += 1
        parts = [unquote(part) for part in scope["path"].strip("/").split("/")]
        asked = dict(parse_qsl(scope["query_string"].decode()))
        if self.lies and await self._troubled(receive, send):
            return None
        match parts:
            case [""]:
                return await reply(send, 200, {"version": "HSDS-UK-3.0", "profile": "invented"})
            case ["services"]:
                return await self._list(asked, send)
            case ["services", id_]:
                return await self._one(id_, send)
        await reply(send, 404, {"error": "not found"})

    async def _nothing(self) -> None: ...

    async def _troubled(self, receive: Receive, send: Send) -> bool:
        """Answer as a feed in trouble does; whether it did."""
        late = self.calls > len(self.services) // 2
        if Lie.HANGS in self.lies and late:
            await never_answer(receive)
        elif Lie.BREAKS_OFF in self.lies and late:
            await break_off(send)
        elif Lie.FAILS in self.lies and late:
            await reply(send, 500, {"error": "sorry"})
        elif Lie.BUSY in self.lies and self.calls % 5 == 0:
            await reply(send, 429, {"error": "slower"}, {"retry-after": "1"})
        else:
            return False
        return True

    async def _list(self, asked: Mapping[str, str], send: Send) -> None:
        if Lie.NONSENSE in self.lies:
            return await give(send, b"<html>We are moving house</html>", "text/html")
        if Lie.STRANGE in self.lies:
            return await reply(send, 200, {"contents": "soon", "hello": [1]})
        lowest = 0 if Lie.FROM_NOUGHT in self.lies else 1
        size = max(1, min(int(asked.get("per_page", 50)), 100))
        page = lowest if Lie.CIRCLE in self.lies else max(lowest, int(asked.get("page", lowest)))
        ids = [] if Lie.EMPTY in self.lies else list(self.services)
        start = (page - lowest) * size
        shown = [self._listed(self.services[id_]) for id_ in ids[start : start + size]]
        if Lie.TWICE in self.lies and shown:
            shown.append(shown[0])
        if Lie.ENDLESS in self.lies:
            shown = [{"id": f"{page}-{n}", "name": "Another"} for n in range(size)]
        await reply(send, 200, self._envelope(shown, page, lowest, size, len(ids)))

    def _envelope(self, shown: list[Any], page: int, lowest: int, size: int, total: int) -> dict[str, Any]:
        pages = -(-total // size) or 1
        last = page - lowest + 1 >= pages and not self.lies & {Lie.CIRCLE, Lie.ENDLESS}
        if Lie.TOTALS in self.lies:
            total += 250
        if Lie.FEWER in self.lies:
            total, last = total // 2, True
        if Lie.ENDLESS in self.lies or Lie.CIRCLE in self.lies:
            pages = page - lowest + 2
        first = page == lowest
        if self.form == "oruk-v1":
            return {
                "totalElements": total, "totalPages": pages, "number": page, "size": len(shown),
                "first": first, "last": last, "empty": not shown, "content": shown,
            }  # fmt: skip
        return {
            "total_items": total, "total_pages": pages, "page_number": page, "size": len(shown),
            "first_page": first, "last_page": last, "empty": not shown, "contents": shown,
        }  # fmt: skip

    def _listed(self, service: dict[str, Any]) -> dict[str, Any]:
        return {name: service[name] for name in _LISTED if name in service}

    async def _one(self, id_: str, send: Send) -> None:
        if Lie.SWAPS in self.lies:
            ids = list(self.services)
            id_ = ids[(ids.index(id_) + 1) % len(ids)] if id_ in ids else id_
        service = self.services.get(id_)
        if service is None:
            return await reply(send, 404, {"error": "not found"})
        await reply(send, 200, as_v1(service) if self.form == "oruk-v1" else service)


def main() -> None:
    """Serve invented services on loopback until it is ended."""
    import uvicorn

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=8803)
    asked.add_argument("--services", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--some-nameless", action="store_true", help="one in a hundred cannot be kept")
    asked.add_argument("--form", choices=["hsds-uk-3.0", "oruk-v1"], default="hsds-uk-3.0")
    asked.add_argument("--lie", action="append", default=[], choices=[str(lie) for lie in Lie])
    said = asked.parse_args()
    these = services(said.services, said.seed, some_nameless=said.some_nameless)
    feed = FeedStandIn(these, form=said.form, lies={Lie(one) for one in said.lie})
    config = uvicorn.Config(feed, port=said.port, log_level="warning", access_log=False)
    asyncio.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
