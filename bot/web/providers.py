"""A service's own page at /services/<token>: who comes, how to reach them safely, and how it went.

Without a sign-in. Looking changes nothing and shows nothing: mail scanners and previews look. Whoever
presses the button first sees it, and only in that browser (practice, section 9).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.directory.onward import ProviderView, provider_says, provider_view
from bot.directory.provider_links import (
    MOST_PLACES,
    MOST_WEEKS,
    Opened,
    new_browser,
    open_link,
    opened,
    places_now,
)
from bot.staff import wording
from bot.store.unit_of_work import UnitOfWork
from bot.store.writer import StoreUnavailable
from bot.web.forms import Form, Wrong, from_another_site, read_form
from bot.web.guard import Limiter, caller
from bot.web.mine import HEADERS
from bot.web.pages import Pages
from bot.web.parts import Parts
from bot.words.dates import day, moment

#: What may be answered, in the order of the page. Each is a block of providers/words.html.
ANSWERS = ("came", "did-not-come", "not-reached", "no-place")

#: The boxes of its page.
BOXES = ("day", "time", "says", "places", "weeks")

COOKIE = "opened"
#: A link ends sooner; the browser need not know when.
KEPT_FOR = timedelta(days=14)
NEXT_YEAR = timedelta(days=366)

_TIME = re.compile(r"^(\d{1,2})[:.](\d{2})$")


@dataclass(frozen=True, slots=True)
class Asked:
    """One link as one browser asks for it."""

    token: str
    browser: str
    language: str

    def __repr__(self) -> str:
        return "Asked()"


class Providers:
    """The endpoints of /services."""

    def __init__(self, parts: Parts, pages: Pages):
        self._parts, self._pages = parts, pages
        self._by_caller = Limiter(at_once=60, a_second=1)

    def routes(self) -> list[Route]:
        """Every address of a service's link."""
        at = "/services/{token}"
        return [
            Route(at, self.show, methods=["GET"]),
            Route(f"{at}/open", self.open, methods=["POST"]),
            Route(f"{at}/session", self.session, methods=["POST"]),
            Route(f"{at}/answer", self.answer, methods=["POST"]),
            Route(f"{at}/{{rest:path}}", self.back_to_it, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET /services/<token>: what this browser may see. Nothing is written."""
        if self._too_often(request):
            return self._closed(self._asked(request), "wait")
        asked = self._asked(request)
        state, seen = await run_in_threadpool(self._look, asked)
        if state is Opened.HERE and seen is not None:
            return self._service(asked, seen, done=request.query_params.get("done") == "session")
        if state is Opened.NOT_YET:
            return self._page("providers/start.html", asked, wrong="")
        return self._closed(asked, state.value)

    async def back_to_it(self, request: Request) -> Response:
        """GET of an address that only takes what is sent."""
        return RedirectResponse(f"/services/{request.path_params['token']}", 303, headers=HEADERS)

    async def open(self, request: Request) -> Response:
        """POST …/open: show it here, and nowhere else from now on."""
        if self._too_often(request):
            return self._closed(self._asked(request), "wait")
        asked = self._asked(request)
        try:
            asked = self._asked(request, await self._form(request))
            browser = asked.browser or new_browser()
            first = await self._run(lambda unit: open_link(unit, asked.token, browser))
        except Wrong as wrong:
            sorry = self._pages.sorry(wrong.what, asked.language, "providers")
            return self._page("providers/start.html", asked, wrong.status, wrong=sorry)
        if not first:
            state, _ = await run_in_threadpool(self._look, asked)
            return self._closed(asked, state.value)
        response = self._to(asked)
        response.set_cookie(
            COOKIE, browser, max_age=int(KEPT_FOR.total_seconds()), path=f"/services/{asked.token}",
            secure=self._parts.https, httponly=True, samesite="lax",
        )  # fmt: skip
        return response

    async def session(self, request: Request) -> Response:
        """POST …/session: their first session is on this day, at this time. It may be changed."""

        def say(unit: UnitOfWork, asked: Asked, form: Form) -> bool:
            at = self._instant(form, unit.now)
            return provider_says(unit, asked.token, "moved", session_at=at)

        return await self._take(request, "session", say)

    async def answer(self, request: Request) -> Response:
        """POST …/answer: how it went, once; with places left, where they like to tell."""

        def say(unit: UnitOfWork, asked: Asked, form: Form) -> bool:
            what = form.one("says")
            if what not in ANSWERS:
                raise Wrong(400, "nothing")
            places = _number(form, "places", MOST_PLACES)
            weeks = _number(form, "weeks", MOST_WEEKS)
            if what == "no-place" and places is None:
                places = 0
            if places is not None:
                places_now(unit, asked.token, places, weeks)
            return provider_says(unit, asked.token, what)

        return await self._take(request, "answer", say)

    # Inside

    async def _take(
        self, request: Request, where: str, say: Callable[[UnitOfWork, Asked, Form], bool]
    ) -> Response:
        """Take what they say, if it is said where the link was opened."""
        asked = self._asked(request)
        if self._too_often(request):
            return self._closed(asked, "wait")
        form = Form([])

        def work(unit: UnitOfWork) -> bool:
            return opened(unit, asked.token, asked.browser) is Opened.HERE and say(unit, asked, form)

        try:
            form = await self._form(request)
            asked = self._asked(request, form)
            taken = await self._run(work)
        except Wrong as wrong:
            state, seen = await run_in_threadpool(self._look, asked)
            if state is Opened.HERE and seen is not None:
                return self._service(asked, seen, wrong=wrong, where=where, form=form)
            return self._closed(asked, state.value)
        if not taken:
            state, _ = await run_in_threadpool(self._look, asked)
            return self._closed(asked, state.value)
        if where == "session":
            return self._to(asked, "&done=session#done")
        return self._page("providers/thanks.html", asked)

    def _asked(self, request: Request, form: Form | None = None) -> Asked:
        language = request.query_params.get("lang") or (form.one("lang") if form else "")
        best = self._parts.languages.best(language or request.headers.get("accept-language"))
        browser = request.cookies.get(COOKIE, "")
        return Asked(request.path_params["token"][:80], browser if len(browser) <= 64 else "", best)

    def _too_often(self, request: Request) -> bool:
        at = caller(request.scope)
        return at is not None and not self._by_caller.allows(at)

    async def _form(self, request: Request) -> Form:
        """Raises Wrong."""
        if from_another_site(request):
            raise Wrong(403, "stale")
        return await read_form(request, self._parts.settings.max_body_bytes)

    async def _run(self, work: Callable[[UnitOfWork], bool]) -> bool:
        """Raises Wrong."""
        try:
            return await asyncio.wrap_future(self._parts.store.run(work, acting="provider"))
        except StoreUnavailable:
            raise Wrong(503, "not_stored") from None

    def _look(self, asked: Asked) -> tuple[Opened, ProviderView | None]:
        with self._parts.store.reading() as reading:
            state = opened(reading, asked.token, asked.browser)
            return state, provider_view(reading, asked.token) if state is Opened.HERE else None

    def _instant(self, form: Form, now: datetime) -> datetime:
        """The session's instant, from a day and a local time. Raises Wrong."""
        on, at = _day(form.one("day").strip()), _TIME.match(form.one("time").strip())
        if on is None or at is None or int(at[1]) > 23 or int(at[2]) > 59:
            raise Wrong(400, "no_date")
        zone = ZoneInfo(self._parts.settings.zone)
        when = datetime.combine(on, time(int(at[1]), int(at[2])), zone)
        if not now.astimezone(zone).date() <= on <= (now + NEXT_YEAR).date():
            raise Wrong(400, "odd_date")
        return when

    # Pages

    def _to(self, asked: Asked, more: str = "") -> Response:
        there = f"/services/{asked.token}?lang={asked.language}{more}"
        return RedirectResponse(there, 303, headers=HEADERS)

    def _service(
        self,
        asked: Asked,
        seen: ProviderView,
        *,
        wrong: Wrong | None = None,
        where: str = "",
        form: Form | None = None,
        done: bool = False,
    ) -> Response:
        language, zone, now = asked.language, self._parts.settings.zone, self._parts.clock.now()
        typed = {name: form.one(name)[:40] if form else "" for name in BOXES}
        times = seen.times
        if times in ("any", "mornings", "afternoons"):
            times = self._pages.block("providers/words.html", times, language)
        return self._page(
            "providers/service.html",
            asked,
            wrong.status if wrong else 200,
            seen=seen,
            number=wording.number(seen.number) if seen.number else "",
            times=times,
            first_session=moment(seen.first_session_at, language, zone, now) if seen.first_session_at else "",
            ends_on=day(seen.ends_at, language, zone, now),
            answers=[
                (code, self._pages.block("providers/words.html", code.replace("-", "_"), language))
                for code in ANSWERS
            ],
            at=f"/services/{asked.token}",
            typed=typed,
            done=done,
            wrong=self._pages.sorry(wrong.what, language, "providers") if wrong else "",
            wrong_at=where,
        )

    def _closed(self, asked: Asked, why: str) -> Response:
        status = {"wait": 429, "elsewhere": 403}.get(why, 404)
        response = self._page("providers/closed.html", asked, status, why=why)
        if why == "wait":
            response.headers["Retry-After"] = "60"
        return response

    def _page(self, template: str, asked: Asked, status: int = 200, **values: Any) -> Response:
        values.setdefault("at", f"/services/{asked.token}")
        html = self._pages.render(template, asked.language, **values)
        return HTMLResponse(html, status, headers={**HEADERS, "Vary": "Accept-Language, Cookie"})


def _number(form: Form, name: str, most: int) -> int | None:
    """A number they may leave out. Raises Wrong."""
    given = form.one(name).strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 6 and int(given) <= most):
        raise Wrong(400, name)
    return int(given)


def _day(given: str) -> date | None:
    """A day as a browser sends it, or as people write it where it shows a plain box."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d %B %Y"):
        try:
            return datetime.strptime(given, form).date()
        except ValueError:
            continue
    return None
