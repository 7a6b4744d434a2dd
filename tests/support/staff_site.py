"""The staff pages as the site serves them, and workers who visit them without a browser.

bea = at_work("bea")
bea.goes("/")
bea.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up")
assert "Ray Poole" in bea.text
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from bot.app import make_voice
from bot.clock import SetClock
from bot.conversation.staff_turns import StaffTurns
from bot.conversation.voice import Voice
from bot.settings import Settings
from bot.staff.parts import StaffParts
from bot.staff.site import staff_app
from bot.store.engines import Store
from bot.words.languages import Languages
from tests.support.seeds import PASSWORD, Ashby, seed
from tests.support.stores import TUESDAY_10AM

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "bot" / "web" / "static"
CLOCK = SetClock(TUESDAY_10AM)
TOKEN = "staff-token-for-tests"


def settings(**given: Any) -> Settings:
    """The settings of somebody's own machine, with a staff token."""
    return Settings(_env_file=None, **{"staff_token": TOKEN, **given})


@cache
def voice() -> Voice:
    """What is said to people, for every test alike: to gather it takes longer than most tests."""
    return make_voice(settings(), Languages.load(ROOT / "locales"), CLOCK)


def staff_site(store: Store, fetch: Any = None, **given: Any) -> Starlette:
    """The staff pages at /staff, and /static; `given` are settings, `fetch` opens what people sent."""
    CLOCK.set(store.clock.now())
    parts = StaffParts(store, settings(**given), StaffTurns(store, voice()), fetch=fetch)
    staff = staff_app(parts)
    site = Starlette(routes=[Mount("/static", StaticFiles(directory=STATIC)), Mount("/staff", staff)])
    site.state.let_go = staff.state.let_go
    return site


class Visitor:
    """Someone at a staff page, as a browser without JavaScript: keeps cookies, follows redirects."""

    def __init__(self, app: Starlette, base_url: str = "http://127.0.0.1:8000"):
        self._loop = asyncio.Runner()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url)
        self.cookies = self._client.cookies
        self.page: httpx.Response

    def asks(self, method: str, path: str, follow: bool = True, **more: Any) -> httpx.Response:
        """Any request under /staff."""
        sent = self._client.request(method, f"/staff{path}", follow_redirects=follow, **more)
        return self._loop.run(sent)

    def leaves(self) -> None:
        """Close what is open."""
        self._loop.run(self._client.aclose())
        self._loop.close()

    def goes(self, path: str, **headers: str) -> httpx.Response:
        """Open a page under /staff."""
        self.page = self.asks("GET", path, headers=headers)
        return self.page

    def presses(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form of the page they are on."""
        hidden = {name: value for name in ("csrf", "proof", "kept", "next") if (value := self.hidden(name))}
        self.page = self.asks("POST", path, data={**hidden, **fields})
        return self.page

    def hidden(self, name: str) -> str:
        """The first hidden field of this name on the page."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.page.text)
        return html.unescape(found[1]) if found else ""

    def signs_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """The first step: email and password."""
        self.goes("/sign-in")
        return self.presses("/sign-in", email=email, password=password)

    @property
    def text(self) -> str:
        """The page as words, without its tags."""
        body = re.sub(r"(?s)^.*<body[^>]*>", "", self.page.text)
        words = re.sub(r"(?s)<(script|style|template).*?</\1>|<[^>]+>", " ", body)
        return re.sub(r" ([.,])", r"\1", " ".join(html.unescape(words).split()))

    @property
    def at(self) -> str:
        """The path they are on, without /staff."""
        return self.page.url.path.removeprefix("/staff")


AtWork = Callable[..., Visitor]


@pytest.fixture
def ashby(store: Store, clock: SetClock) -> Ashby:
    """A few people, and four workers."""
    clock.forward(minutes=80)  # the team has been there for more than two hours
    return seed(store)


@pytest.fixture
def site(store: Store) -> Starlette:
    """The staff pages of somebody's own machine."""
    return staff_site(store)


@pytest.fixture
def at_work(site: Starlette, ashby: Ashby) -> Iterator[AtWork]:
    """Signs a worker in: `at_work("bea")`."""
    visitors = []

    def sign_in(name: str) -> Visitor:
        visitor = Visitor(site)
        visitors.append(visitor)
        visitor.signs_in(f"{name}@ashby.example")
        visitor.presses("/sign-in/skip")
        assert visitor.page.status_code == 200, visitor.text
        return visitor

    yield sign_in
    for visitor in visitors:
        visitor.leaves()
