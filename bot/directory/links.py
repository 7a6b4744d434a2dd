"""Whether a link still leads somewhere: asked politely, and never inside this machine's own network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import defaultdict
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx

from bot.directory.details import is_link

#: These say that it is gone; any other refusal may be about us (RFC 9110, section 15.5).
GONE = frozenset({404, 410})
#: Servers that do not know HEAD say one of these, or 404; then we ask as a browser does.
_ASK_AGAIN = frozenset({400, 403, 404, 405, 410, 501})
REDIRECTS_MOST = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """What a link came to: `why` it no longer looks right, or nothing. `unsure`: ask another day."""

    why: str = ""
    unsure: bool = False


class LinkLook:
    """Looks at links, `at_once` at a time and one after another on the same host.

    Use it as an async context manager. `patience` is in seconds. `own_network` lets it ask this
    machine and its neighbours: for tests only, since a feed chooses the addresses.
    """

    def __init__(self, *, at_once: int = 8, patience: float = 15.0, own_network: bool = False):
        self._own_network = own_network
        self._some = asyncio.Semaphore(at_once)
        self._hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._client = httpx.AsyncClient(
            timeout=patience,
            follow_redirects=False,
            headers={"User-Agent": "Linkline (is this page still there?)"},
            trust_env=False,
        )

    async def __aenter__(self) -> LinkLook:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def look(self, url: str) -> Answered:
        """Follow one link to its end."""
        for _ in range(REDIRECTS_MOST + 1):
            if not is_link(url):
                return Answered("it is not a link")
            answer = await self._ask(url)
            if isinstance(answer, Answered):
                return answer
            if not answer.is_redirect:
                return _meaning(answer.status_code)
            url = urljoin(url, answer.headers.get("location", ""))
        return Answered("it leads round in a circle")

    async def _ask(self, url: str) -> httpx.Response | Answered:
        parts = urlsplit(url)
        host = parts.hostname or ""
        async with self._hosts[host], self._some:
            try:
                found = await self._addresses(host)
            except socket.gaierror as error:
                # No such name is an answer; a name server that does not answer is none.
                gone = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5))
                return Answered(f"there is no site called {host[:120]}") if gone else Answered(unsure=True)
            except UnicodeError:
                return Answered(f"there can be no site called {host[:120]}")
            if not self._own_network and not all(ipaddress.ip_address(one).is_global for one in found):
                return Answered("it leads into a private network")
            try:
                answer = await self._client.head(url)
                if answer.status_code in _ASK_AGAIN:
                    async with self._client.stream("GET", url) as answer:
                        return answer
                return answer
            except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                return Answered(unsure=True)

    async def _addresses(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return [str(one[4][0]).partition("%")[0] for one in found]


def _meaning(status: int) -> Answered:
    if status in GONE:
        return Answered(f"its page is gone ({status})")
    return Answered(unsure=not 200 <= status < 400)
