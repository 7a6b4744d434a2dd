"""A person's own plan at /mine/<token>: to read, put right, show and print."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.casework import plans
from bot.casework.plans import Plan
from bot.conversation.written import plan_changed
from bot.people.conversations import hold
from bot.store.unit_of_work import UnitOfWork
from bot.store.writer import StoreUnavailable
from bot.web.forms import Wrong
from bot.web.guard import ELSEWHERE, Limiter, caller
from bot.web.pages import Pages
from bot.web.parts import Parts
from bot.web.plan_changes import LONGEST, Came, Changes, Sent, read
from bot.web.plan_gate import COOKIE, OPEN_FOR, Gate, Theirs
from bot.web.plan_page import PlanPage
from bot.words.dates import day

#: Nothing of this page is kept, listed or told to anyone.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}

Change = Callable[[Changes, UnitOfWork, Theirs, Sent], Came]


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looks at the page: in which language, in which size."""

    language: str
    large: bool

    @property
    def query(self) -> dict[str, str]:
        """The same, for an address."""
        return {"lang": self.language, **({"size": "large"} if self.large else {})}


class Mine:
    """The endpoints of /mine."""

    def __init__(self, parts: Parts, pages: Pages):
        self._parts, self._pages = parts, pages
        self._gate = Gate(parts.store)
        self._by_caller = Limiter(at_once=120, a_second=2)
        self._by_plan = Limiter(at_once=60, a_second=1)

    @cached_property
    def _page(self) -> PlanPage:
        return PlanPage(self._pages, self._parts.the_voice().prompts)

    @cached_property
    def _changes(self) -> Changes:
        return Changes(self._parts.the_voice(), self._page)

    def routes(self) -> list[Route]:
        """Every address of a plan."""
        at = "/mine/{token}"
        return [
            Route(at, self.show, methods=["GET"]),
            Route(f"{at}/word", self.say_word, methods=["POST"]),
            Route(f"{at}/leave", self.leave, methods=["POST"]),
            Route(f"{at}/lines", self._doing(Changes.add), methods=["POST"]),
            Route(f"{at}/lines/{{line:int}}", self._doing(Changes.change), methods=["POST"]),
            Route(f"{at}/lines/{{line:int}}/back", self._doing(Changes.put_back), methods=["POST"]),
            Route(f"{at}/lists/{{heading}}", self._doing(Changes.choose), methods=["POST"]),
            Route(f"{at}/who", self._doing(Changes.who_may_see), methods=["POST"]),
            Route(f"{at}/right", self._doing(Changes.is_right), methods=["POST"]),
            Route(f"{at}/{{rest:path}}", self.back_to_it, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET /mine/<token>: the plan, the question for their short word, or that nothing is here."""
        theirs = await self._whose(request)
        if not isinstance(theirs, Theirs):
            return theirs
        query = request.query_params
        view = self._view(theirs, query.get)
        if not self._is_open(request, theirs):
            return self._ask_word(theirs, view)
        self._audit("plan seen", theirs)
        line = query.get("line", "")
        line_id = int(line) if line.isascii() and line.isdigit() and len(line) < 18 else None
        return self._show(theirs, view, Came(query.get("done", ""), line_id))

    async def back_to_it(self, request: Request) -> Response:
        """GET of an address that only takes what is sent, as when it is opened again from the history."""
        return RedirectResponse(f"/mine/{request.path_params['token']}", 303, headers=HEADERS)

    async def say_word(self, request: Request) -> Response:
        """POST …/word: their short word; it opens the page in this browser for half an hour."""
        theirs = await self._whose(request)
        if not isinstance(theirs, Theirs):
            return theirs
        sent = await read(request, self._parts.settings.max_body_bytes)
        view = self._view(theirs, sent.form.one)
        try:
            if sent.wrong:
                raise sent.wrong
            self._gate.check_word(theirs, sent.form.one("word"))
        except Wrong as wrong:
            self._audit("plan not opened", theirs)
            return self._ask_word(theirs, view, wrong)
        response = self._to(theirs.plan.token, view)
        response.set_cookie(
            COOKIE, self._gate.pass_for(theirs, self._parts.clock.now() + OPEN_FOR),
            max_age=int(OPEN_FOR.total_seconds()), **self._cookie(theirs.plan.token),
        )  # fmt: skip
        return response

    async def leave(self, request: Request) -> Response:
        """POST …/leave: gone at once, to the weather, and this browser must be told the word again."""
        response = RedirectResponse(ELSEWHERE, 303, headers={**HEADERS, "Clear-Site-Data": '"cache"'})
        response.delete_cookie(COOKIE, **self._cookie(request.path_params["token"]))
        return response

    # Inside

    def _doing(self, change: Change) -> Callable[[Request], Any]:
        """An endpoint that does `change` in one unit of work and shows the page again."""

        async def endpoint(request: Request) -> Response:
            theirs = await self._whose(request)
            if not isinstance(theirs, Theirs):
                return theirs
            sent = await read(request, self._parts.settings.max_body_bytes)
            view = self._view(theirs, sent.form.one)
            if not self._is_open(request, theirs):
                return self._ask_word(theirs, view)
            try:
                came = await self._do(theirs, sent, change)
            except Wrong as wrong:
                fresh = await run_in_threadpool(self._gate.look, theirs.plan.token) or theirs
                return self._show(fresh, view, wrong=wrong, sent=sent)
            if came.card:
                fresh = await run_in_threadpool(self._gate.look, theirs.plan.token) or theirs
                return self._show(fresh, view, came)
            return self._to(theirs.plan.token, view, came)

        return endpoint

    async def _do(self, theirs: Theirs, sent: Sent, change: Change) -> Came:
        """Raises Wrong."""
        if sent.wrong:
            raise sent.wrong
        if not self._by_plan.allows(str(theirs.plan.id)):
            raise Wrong(429, "too_much")

        def work(unit: UnitOfWork) -> Came:
            hold(unit, theirs.who.conversation_id)
            now = self._gate.theirs(unit, theirs.plan.token)
            if now is None:
                raise Wrong(409, "stale")
            came = change(self._changes, unit, now, sent)
            after = plans.plan_of(unit, now.who.id)
            if after is not None and _said(after) != _said(now.plan):
                plan_changed(unit, self._parts.the_voice(), now.who)
            return came

        try:
            running: Future[Came] = self._parts.store.run(work, acting="person")
            return await asyncio.wrap_future(running)
        except StoreUnavailable:
            raise Wrong(503, "not_stored") from None

    async def _whose(self, request: Request) -> Theirs | Response:
        """Whose link it is; else the page to answer with."""
        at = caller(request.scope)
        if at and not self._by_caller.allows(at):
            return self._nothing(request, wait=True)
        token = request.path_params["token"]
        theirs = await run_in_threadpool(self._gate.look, token) if len(token) <= 64 else None
        return theirs or self._nothing(request)

    def _is_open(self, request: Request, theirs: Theirs) -> bool:
        now = self._parts.clock.now()
        return not theirs.needs_word or self._gate.passes(theirs, request.cookies.get(COOKIE, ""), now)

    def _cookie(self, token: str) -> dict[str, Any]:
        return {
            "path": f"/mine/{token}", "secure": self._parts.https, "httponly": True, "samesite": "lax"
        }  # fmt: skip

    def _view(self, theirs: Theirs, given: Callable[[str], str | None]) -> View:
        asked = given("lang") or ""
        language = asked if asked in self._parts.languages else theirs.who.language
        return View(self._parts.languages.best(language), given("size") == "large")

    def _to(self, token: str, view: View, came: Came | None = None) -> Response:
        query = dict(view.query)
        if came is not None:
            query["done"] = came.done
            if came.line_id is not None:
                query["line"] = str(came.line_id)
        there = f"/mine/{token}?{urlencode(query)}{'#done' if came else ''}"
        return RedirectResponse(there, 303, headers=HEADERS)

    def _audit(self, what: str, theirs: Theirs) -> None:
        # A store that cannot be written to must not keep them from reading: nobody waits for this.
        try:
            self._parts.store.run(lambda unit: unit.audit(what, f"plan:{theirs.plan.id}"), acting="link")
        except StoreUnavailable:
            pass

    # Pages

    def _nothing(self, request: Request, *, wait: bool = False) -> Response:
        asked = request.query_params.get("lang") or request.headers.get("accept-language")
        html = self._pages.render(
            "mine/gone.html", self._parts.languages.best(asked), large=False, leave="", elsewhere=ELSEWHERE,
            wait=wait,
        )  # fmt: skip
        more = {"Vary": "Accept-Language", **({"Retry-After": "60"} if wait else {})}
        return HTMLResponse(html, 429 if wait else 404, headers={**HEADERS, **more})

    def _ask_word(self, theirs: Theirs, view: View, wrong: Wrong | None = None) -> Response:
        return self._answer("mine/word.html", theirs, view, wrong, can_open=bool(theirs.word))

    def _show(
        self,
        theirs: Theirs,
        view: View,
        came: Came | None = None,
        *,
        wrong: Wrong | None = None,
        sent: Sent | None = None,
    ) -> Response:
        plan, language = theirs.plan, view.language
        opened = sent.opens if wrong and sent else ""
        if opened != "new" and opened not in {str(line.id) for line in plan.lines}:
            opened = ""
        return self._answer(
            "mine/plan.html",
            theirs,
            view,
            wrong,
            name=theirs.who.name,
            version=plan.version,
            changed_on=self._day(plan.changed_at, theirs, language),
            agreed_on=self._day(plan.agreed_at, theirs, language) if plan.agreed_at else "",
            parts=self._page.parts(plan, language),
            to_add=self._page.to_add(language),
            adding=sent.form.one("about") if sent else "",
            who=self._page.who(plan, language),
            link_worker=self._page.title("link-worker", language),
            longest=max(LONGEST, *(len(line.words or "") for line in plan.lines), 0),
            card=came.card if came else "",
            done=came.done if came else "",
            taken_out=came.line_id if came and came.done == "taken-out" else None,
            open_line=opened,
            typed=sent.form.words("words")[: 2 * LONGEST] if sent else "",
        )

    def _answer(
        self, template: str, theirs: Theirs, view: View, wrong: Wrong | None, **values: Any
    ) -> Response:
        html = self._pages.render(
            template,
            view.language,
            large=view.large,
            at=f"/mine/{theirs.plan.token}",
            leave=f"/mine/{theirs.plan.token}/leave",
            elsewhere=ELSEWHERE,
            wrong=self._pages.sorry(wrong.what, view.language, "mine") if wrong else "",
            **values,
        )
        return HTMLResponse(html, wrong.status if wrong else 200, headers=HEADERS)

    def _day(self, at: datetime, theirs: Theirs, language: str) -> str:
        return day(at, language, theirs.who.zone, self._parts.clock.now())


def _said(plan: Plan) -> tuple[Any, ...]:
    """What a link worker would want to know has changed: what is said, and who may see it."""
    return tuple((line.heading, line.code, line.words, line.number) for line in plan.lines), plan.may_see
