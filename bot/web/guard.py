"""What stands before every page: safe headers, known hosts, and no more than we can read or is kind."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Where "Leave now" goes. A form's answer may lead there, so form-action must name it.
ELSEWHERE = "https://www.bbc.co.uk/weather"

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        f"form-action 'self' {ELSEWHERE.rsplit('/', 1)[0]}",
    ]
)

#: Webhooks are signed, and a proxy may pass them on under another host name; the others say
#: nothing about anyone and are asked for by address, inside.
OPEN_TO_ANY_HOST = ("/webhooks/", "/healthz", "/readyz", "/metrics")
HOT = "/webhooks/"
KEPT = "/static/"


def safe_headers(https: bool) -> dict[str, str]:
    """What every page carries; with `https` also that it is only ever asked for that way."""
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Nothing to other sites. "no-referrer" would also hide from us that our own forms are ours.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), browsing-topics=()",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class Guard:
    """Adds safe headers to every page and lets in only our own host names. Webhooks pass straight through.

    `hosts` are the names we answer to, without ports; empty for any.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] = (), https: bool = False):
        self.app = app
        self._hosts = frozenset(h.lower() for h in hosts)
        self._headers = safe_headers(https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(HOT):
            await self.app(scope, receive, send)
            return
        path = scope["path"]

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not path.startswith(KEPT):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if self._hosts and not path.startswith(OPEN_TO_ANY_HOST) and host_of(scope) not in self._hosts:
            await PlainTextResponse("There is no such site here.", 421)(scope, receive, send_safely)
            return
        await self.app(scope, receive, send_safely)


class TooLong(Exception):
    """A body of more bytes than we read."""


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The whole body, at most `most` bytes.

    Raises TooLong, before reading where its length was given; ClientDisconnect when it broke off.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > most:
            raise TooLong
    pieces: list[bytes] = []
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece = message.get("body", b"")
        length += len(piece)
        if length > most:
            raise TooLong
        pieces.append(piece)
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def host_of(scope: Scope) -> str:
    """The host name a request asks for, in lower case and without its port."""
    for name, value in scope["headers"]:
        if name == b"host":
            try:
                return (urlsplit("//" + value.decode("latin-1")).hostname or "").lower()
            except ValueError:
                return ""
    return ""


class Limiter:
    """So many at once, then so many a second, for each of many. In memory: it starts again when we do."""

    REMEMBERED = 20_000

    def __init__(self, at_once: int, a_second: float, now: Callable[[], float] = time.monotonic):
        self._at_once, self._a_second, self._now = at_once, a_second, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, who: str) -> bool:
        """Whether one more from `who` is all right; if so it is counted."""
        now = self._now()
        left, at = self._left.pop(who, (self._at_once, now))
        left = min(self._at_once, left + (now - at) * self._a_second)
        allowed = left >= 1
        self._left[who] = (left - 1 if allowed else left, now)
        if len(self._left) > self.REMEMBERED:
            self._left.popitem(last=False)
        return allowed


def caller(scope: Scope) -> str | None:
    """Whom to count a request against: an address, or its /64 for IPv6. None for this machine itself.

    A proxy here that does not say who called would make one caller of everybody.
    """
    try:
        address = ipaddress.ip_address((scope.get("client") or ("", 0))[0])
    except ValueError:
        return None
    if address.is_loopback:
        return None
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
