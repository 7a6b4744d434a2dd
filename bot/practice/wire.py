"""Answering over HTTP as a provider does on a good day and on a bad one (ASGI)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

_PART = re.compile(r"^bytes=(\d{1,12})-(\d{0,12})$")

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def whole_body(receive: Receive) -> bytes:
    """The body of a request."""
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            return body


async def reply(send: Send, status: int, content: object, headers: dict[str, str] | None = None) -> None:
    """Answer with JSON; with nothing at all when `content` is None."""
    body = b"" if content is None else json.dumps(content).encode()
    sent = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    sent += [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


async def give(send: Send, content: bytes, type_: str, part: str = "") -> None:
    """Answer with bytes: all of them, or the part a Range header asks for (RFC 9110, section 14)."""
    wanted = _PART.match(part)
    headers = [(b"content-type", type_.encode("latin-1")), (b"accept-ranges", b"bytes")]
    status, size = 200, len(content)
    if wanted and int(wanted[1]) < size:
        first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
        content, status = content[first : last + 1], 206
        headers.append((b"content-range", b"bytes %d-%d/%d" % (first, last, size)))
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def header(scope: dict[str, Any], name: str) -> str:
    """A header of a request, or nothing."""
    wanted = name.lower().encode()
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == wanted), "")


async def break_off(send: Send) -> None:
    """Break the connection off instead of answering.

    ASGI has no word for it: with uvicorn the connection is taken by its own end; elsewhere fewer
    bytes than promised are sent, so that the server can only break off.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0.01)  # until the server has noticed
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"900")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{"})


async def never_answer(receive: Receive) -> None:
    """Say nothing until the other side gives up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def lifespan(receive: Receive, send: Send, close: Callable[[], Awaitable[None]]) -> None:
    """Start and stop with the server; `close` is awaited at the end."""
    while True:
        event = (await receive())["type"]
        if event == "lifespan.shutdown":
            await close()
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
