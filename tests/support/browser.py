"""A real browser: the installed Chromium, driven by Playwright, and axe to look for barriers.

Takes: Chromium, wherever the system put it. Gives the fixtures `new_page` and `page`, and
`axe(page)`. Every page is a visitor of its own (own cookies); a page that asks anyone but this
machine for anything, or whose script fails, fails its test. These fixtures are for plain tests, not
`async def` ones: Playwright's own loop holds the thread while a module's browser is open.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

HOW_TO_INSTALL = (
    "Chromium is not installed; these tests open pages in it: apt-get install chromium libatomic1"
)
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
#: WCAG 2.0, 2.1 and 2.2, levels A and AA, as axe-core tags its rules.
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
#: Nothing of its own over the network; --no-sandbox because CI is root.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
]
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}

NewPage = Callable[..., Page]


def chromium() -> str | None:
    """Where the browser is: CHROMIUM if set, else the usual names. None if there is none."""
    named = os.environ.get("CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return named or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser, open for one file of tests."""
    where = chromium()
    if where is None:
        pytest.skip(HOW_TO_INSTALL)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=where, headless=True, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Makes pages: `new_page(phone=True, locale="cy-GB", java_script_enabled=False)`.

    `phone` is a small touch screen; the rest is what Playwright's `Browser.new_context` takes.
    """
    wrong: list[str] = []
    contexts = []

    def only_this_machine(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost", "::1"):
            route.continue_()
        else:
            wrong.append(f"asked for {route.request.url}")
            route.abort()

    def make(phone: bool = False, **context: Any) -> Page:
        made = browser.new_context(**{"locale": "en-GB", **(PHONE if phone else {}), **context})
        made.set_default_timeout(10_000)
        made.route("**/*", only_this_machine)
        made.on("weberror", lambda it: wrong.append(f"script failed: {it.error}"))
        made.add_init_script(path=AXE)  # before the page's own rules, which may refuse added scripts
        contexts.append(made)
        return made.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not wrong, wrong


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One page on a desk screen."""
    return new_page()


def axe(page: Page, *, leave_out: str | None = None) -> list[str]:
    """What stands in someone's way on this page, by WCAG 2.2 AA: one line for each thing.

    `leave_out` is a CSS selector not to look at. Give the reason where you use it.
    """
    found = page.evaluate(
        "([tags, not]) => axe.run(not ? {exclude: [[not]]} : document, {runOnly: tags})",
        [WCAG_22_AA, leave_out],
    )
    return [
        f"{violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
