"""One visit to a staff page: who asks, what they sent, and the ways to look, to write and to answer."""

from __future__ import annotations

import functools
import hmac
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.staff import wording
from bot.staff.parts import StaffParts
from bot.staff.sessions import SignedIn, seen, session_of
from bot.staff.times import Times, length
from bot.store.sealed import CannotOpen
from bot.store.tables import Role
from bot.store.unit_of_work import Reading, UnitOfWork

T = TypeVar("T")
log = logging.getLogger(__name__)

BASE = "/staff"
COOKIE = "linkline_staff"
SAID = "linkline_said"
TEMPLATES = Path(__file__).parents[2] / "templates"
#: A page that is open while things change is one view in the audit, not one at every change.
ONE_VIEW = timedelta(minutes=10)
#: A write that takes longer than this has met a store in trouble; say so rather than hang.
PATIENCE_SECONDS = 20.0


class NotFound(Exception):
    """There is nothing here, or nothing this worker may know of."""


class NotAllowed(Exception):
    """This worker may not see or do this. The message, if any, is shown."""


class Refused(Exception):
    """What was asked cannot be done now; the message is shown, in plain words."""


@cache
def environment() -> Environment:
    """The staff pages' templates, over the NHS design system's components: read and compiled once."""
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]),
        undefined=ChainableUndefined,  # the components rely on it
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(base=BASE, w=wording, length=length)
    made.filters["first_up"] = lambda words: words[:1].upper() + words[1:]
    made.filters["first_down"] = first_down
    return made


def first_down(words: str) -> str:
    """Words as they go on in a sentence: "The computer" is "the computer", a name stays one."""
    return (
        words[:1].lower() + words[1:]
        if words.startswith(("The ", "They ", "Not ", "Waits ", "An "))
        else words
    )


@dataclass(slots=True)
class Ask:
    """One visit. `who` is None only on the pages before signing in."""

    parts: StaffParts
    request: Request
    form: FormData
    who: SignedIn | None
    alive: bool = True

    @property
    def me(self) -> SignedIn:
        """Who asks; a page that needs someone signed in may rely on it."""
        assert self.who is not None
        return self.who

    def know_who(self) -> None:
        """See whose session the cookie is."""
        with self.reading() as reading:
            self.who = session_of(reading, self.request.cookies.get(COOKIE))

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def times(self) -> Times:
        return Times(self.parts.settings.hours.zone)

    @property
    def now(self) -> datetime:
        return self.parts.store.clock.now()

    @property
    def secure(self) -> bool:
        return self.parts.settings.base_url.startswith("https://")

    def path(self, name: str) -> str:
        """A part of the address, such as a person's token."""
        return str(self.request.path_params[name])

    def sent(self, name: str, most: int = 2000) -> str:
        """One field of the form, trimmed; empty when it is missing. Longer than `most` is cut."""
        value = self.form.get(name, "")
        return value.strip()[:most] if isinstance(value, str) else ""

    def reading(self) -> AbstractContextManager[Reading]:
        """A look at the store."""
        return self.parts.store.reading()

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Do `work` in one transaction, in this worker's name, and wait for it to be on disk."""
        acting = f"staff:{self.who.staff_id}" if self.who else "signing in"
        return self.wait(self.parts.store.run(work, acting=acting))

    def wait(self, future: Future[T]) -> T:
        """What a turn or a write came to."""
        return future.result(PATIENCE_SECONDS)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page, or a part of one. What was `said` before it is shown once."""
        now = self.now
        times = self.times
        said = self._said()
        html = (
            environment()
            .get_template(f"staff/{template}")
            .render(
                service=self.parts.settings.service_name,
                static=self.parts.static,
                who=self.who,
                said=said,
                now=now,
                path=self.request.url.path,
                day=lambda at: times.day(at, now),
                moment=lambda at: times.moment(at, now),
                by=lambda at: times.by(at, now),
                hour=times.hour,
                for_input=times.for_input,
                time_for_input=times.time_for_input,
                **values,
            )
        )
        response = HTMLResponse(html, status)
        if said:
            response.delete_cookie(SAID, path=BASE)
        return response

    def go(
        self,
        where: str,
        say: str = "",
        *,
        wrong: bool = False,
        undo: tuple[str, dict[str, Any]] | None = None,
    ) -> Response:
        """On to another page, where `say` is shown once; `undo` (where, and what to send) adds a button."""
        response = RedirectResponse(where if where.startswith("/") else f"{BASE}/{where}", 303)
        if say:
            said = {"text": say, "wrong": wrong, "undo": undo}
            sealed = self.parts.store.sealer.seal_json(said).decode()
            self.set_cookie(response, SAID, sealed, max_age=120)
        return response

    def set_cookie(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        """A cookie that only this server reads, and only on the staff pages."""
        response.set_cookie(
            name, value, max_age=max_age, path=BASE, secure=self.secure, httponly=True, samesite="lax"
        )

    def _said(self) -> dict[str, Any] | None:
        if not (sealed := self.request.cookies.get(SAID)) or not self.alive:
            return None
        try:
            return self.parts.store.sealer.open_json(sealed.encode())
        except CannotOpen:
            return None


Page = Callable[[Ask], Response]


@dataclass(frozen=True, slots=True)
class Rules:
    """Who a page is for. `alive` is False for what a page fetches by itself: nobody is at work there."""

    signed_in: bool = True
    finished: bool = True
    roles: Collection[Role] = ()
    alive: bool = True


def serve(parts: StaffParts, handle: Page, rules: Rules) -> Callable[[Request], Awaitable[Response]]:
    """`handle` as an endpoint: it runs on a thread, since the store does not await."""

    @functools.wraps(handle)
    async def endpoint(request: Request) -> Response:
        form = await request.form() if request.method == "POST" else FormData()
        return await run_in_threadpool(_answer, Ask(parts, request, form, None, rules.alive), handle, rules)

    return endpoint


def _answer(ask: Ask, handle: Page, rules: Rules) -> Response:
    ask.know_who()
    if rules.signed_in:
        if ask.who is None:
            return _to_sign_in(ask)
        if rules.finished and not ask.who.finished:
            return ask.go("sign-in/code")
        if rules.finished and ask.who.must_change_password and ask.request.url.path != f"{BASE}/password":
            return ask.go("password")
        if ask.request.method == "POST" and not same(ask.sent("csrf"), ask.who.csrf):
            raise NotAllowed(
                "This page had been open too long, or came from somewhere else. Go back and try again."
            )
        if rules.roles and ask.who.role not in rules.roles:
            raise NotAllowed
        if rules.alive and not ask.who.seen_lately:
            digest = ask.who.digest
            ask.write(lambda unit: seen(unit, digest))
    try:
        return handle(ask)
    except Refused as refused:
        return ask.go(_back(ask), str(refused), wrong=True)


def same(given: str, kept: str) -> bool:
    """Compare two secrets in constant time."""
    return bool(kept) and hmac.compare_digest(given.encode(), kept.encode())


def local(where: str | None) -> str:
    """`where`, if it is one of our own pages; otherwise the queue. Never someone else's site."""
    ours = (where or "").startswith(f"{BASE}/") and not any(c in (where or "") for c in "\\\r\n")
    return where if ours and where else f"{BASE}/"


def _back(ask: Ask) -> str:
    """The page a form was on."""
    if ask.form.get("back"):
        return local(ask.sent("back"))
    came = urlsplit(ask.request.headers.get("referer", ""))
    return local(f"{came.path}?{came.query}" if came.query else came.path)


def _to_sign_in(ask: Ask) -> Response:
    if ask.request.headers.get("HX-Request"):  # a part of a page: the whole page goes
        return Response(status_code=204, headers={"HX-Redirect": f"{BASE}/sign-in"})
    path = ask.request.url.path
    onward = f"?next={quote(path)}" if ask.request.method == "GET" and path.rstrip("/") != BASE else ""
    return ask.go(f"sign-in{onward}")
