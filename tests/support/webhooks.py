"""A program that takes webhooks and keeps them, for tests of the stand-ins that call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import pytest

from bot.practice.wire import reply, whole_body
from tests.support.serving import serving


class Webhooks:
    """A program that takes webhooks, keeps them, and answers with `status`."""

    def __init__(self) -> None:
        self.taken, self.status = [], 200

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            for _ in range(2):
                event = await receive()
                await send({"type": event["type"] + ".complete"})
            return
        body = await whole_body(receive)
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        self.taken.append((path, headers, body))
        await reply(send, self.status, {})

    def forms(self):
        return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for _, _, body in self.taken]


@pytest.fixture
async def webhooks() -> AsyncIterator[Webhooks]:
    """Such a program, being served at its `url`."""
    program = Webhooks()
    async with serving(program) as served:
        program.url = served.url
        yield program
