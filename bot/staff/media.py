"""Opening what somebody sent and the program cannot read: fetched from the provider, kept nowhere here."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.casework import looking
from bot.casework.access import Access
from bot.casework.looking import Sent
from bot.messages import Fetched, Media, NoMedia
from bot.people.persons import Person
from bot.staff.case import subject
from bot.staff.case_actions import on_their_page
from bot.staff.pages import BASE, Ask, NotFound
from bot.store.tables import audit
from bot.store.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

#: What a browser may show by itself: it runs nothing. SVG and HTML would; they are saved instead.
SHOWN = re.compile(
    r"^(image/(jpeg|png|gif|webp|bmp|avif|heic|heif)|audio/[\w.+-]+|video/[\w.+-]+|application/pdf)$"
)
#: Whatever it is, it runs no script, sends no form and asks for nothing but itself. A browser plays
#: sound and film by asking for them again, with our cookie, so they stay of our own origin. Chromium 156
#: shows pictures, sound, film and PDF under it.
CSP = (
    "sandbox allow-same-origin; default-src 'none'; img-src 'self'; media-src 'self'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: A sound is asked for in many parts; that is one opening.
ONE_OPENING = timedelta(minutes=10)

WHY_NOT = {
    "gone": (
        "This cannot be opened any more",
        "The company that carried it no longer has it, so nobody can see or hear it now.",
        "Ring or write, and ask them to tell you in words. Then say on their page that you looked.",
    ),
    "too-large": (
        "This is too large to open here",
        "It is more than 20 MB, and the company that carried it gives us nothing larger.",
        "Ring or write, and ask them to tell you in words, or to send a shorter one.",
    ),
    "away": (
        "This cannot be opened just now",
        "The company that carried it does not answer.",
        "Try again in a few minutes. If it cannot wait, ring them and ask.",
    ),
}


def open_media(ask: Ask) -> Response:
    """One thing of a message, as its provider has it. It counts as looked at once all of them were opened."""
    inbox_id, nth = _number(ask, "inbox_id"), _number(ask, "nth") - 1
    with ask.reading() as reading:
        person, access = subject(ask, reading)
        if not access.all and inbox_id < (access.from_inbox_id or 0):
            raise NotFound
        sent = looking.sent(reading, person.conversation_id, inbox_id)
    if ask.request.method == "HEAD":
        return Response()  # nobody saw anything
    if sent is None or not 0 <= nth < len(sent.media):
        raise NotFound
    return FromProvider(ask, person, access, sent, nth)


class FromProvider(Response):
    """Passes on what the provider gives, piece by piece; says kindly when it gives nothing."""

    def __init__(self, ask: Ask, person: Person, access: Access, sent: Sent, nth: int):
        super().__init__()
        self._ask, self._person, self._access, self._sent, self._nth = ask, person, access, sent, nth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        media = self._sent.media[self._nth]
        try:
            fetched = await self._fetch(media)
        except NoMedia as no:
            sorry = await run_in_threadpool(self._sorry, no.why)
            return await sorry(scope, receive, send)
        try:
            answer = await self._answer(fetched, media)
            await answer(scope, receive, send)
        finally:
            await asyncio.shield(fetched.close())

    async def _fetch(self, media: Media) -> Fetched:
        fetch = self._ask.parts.fetch
        if fetch is None:
            raise NoMedia("away")
        return await fetch(self._sent.channel, media, self._ask.request.headers.get("range", "")[:100])

    async def _answer(self, fetched: Fetched, media: Media) -> Response:
        pieces = aiter(fetched.pieces)
        try:
            first = await anext(pieces, b"")
        except NoMedia as no:
            return await run_in_threadpool(self._sorry, no.why)
        # Only now: what was never given was not looked at.
        await run_in_threadpool(self._write_down)

        async def all_of_it() -> AsyncIterator[bytes]:
            yield first
            async for piece in pieces:  # where it breaks off, so do we: the browser sees it is not whole
                yield piece

        status = 206 if fetched.part else 200
        return StreamingResponse(all_of_it(), status, self._headers(fetched, media))

    def _headers(self, fetched: Fetched, media: Media) -> dict[str, str]:
        type_ = fetched.type.partition(";")[0].strip().lower()
        shown = SHOWN.match(type_) is not None
        headers = {
            "Content-Type": type_ if shown else "application/octet-stream",
            "Content-Disposition": disposition(self._name(media, type_), shown),
            "Content-Security-Policy": CSP,
            "X-Content-Type-Options": "nosniff",
            "Accept-Ranges": "bytes",
        }
        if fetched.length is not None:
            headers["Content-Length"] = str(fetched.length)
        if fetched.part:
            headers["Content-Range"] = fetched.part
        return headers

    def _name(self, media: Media, type_: str) -> str:
        """What it is called when it is saved: never who sent it."""
        if media.name:
            return media.name
        ending = mimetypes.guess_extension(type_) or ""
        return f"{self._sent.what}-{self._sent.inbox_id}-{self._nth + 1}{ending}"

    def _write_down(self) -> None:
        ask, sent, nth = self._ask, self._sent, self._nth
        with ask.reading() as reading:
            lately = reading.execute(
                select(audit.c.details).where(
                    audit.c.subject == f"inbox:{sent.inbox_id}",
                    audit.c.action == looking.OPENED,
                    audit.c.acting == f"staff:{ask.me.staff_id}",
                    audit.c.at > reading.now - ONE_OPENING,
                )
            ).scalars()
            if any(details["nth"] == nth + 1 for details in lately):
                return
        person = self._person
        ask.write(
            lambda unit: looking.opened(
                unit, person.id, sent, nth, ask.me.staff_id, person.conversation_id, self._access.reason
            )
        )

    def _sorry(self, why: str) -> Response:
        log.warning("staff: inbox %d could not be opened: %s", self._sent.inbox_id, why)
        heading, *lines = WHY_NOT[why]
        url = f"{BASE}/people/{self._person.token}#m-{self._sent.inbox_id}"
        status = 503 if why == "away" else 404
        return self._ask.page("message.html", status, heading=heading, lines=lines, back=url)


def looked_at(ask: Ask) -> Response:
    """A human has looked at what the program could not read, here or elsewhere."""
    inbox_id = _number(ask, "inbox_id")
    url, first = on_their_page(
        ask,
        lambda unit, who: looking.look_at(
            unit, who.id, who.conversation_id, _theirs(ask, unit, inbox_id), ask.me.staff_id
        ),
    )
    if not first:
        return ask.go(url, "Somebody had looked at it already.")
    undo = (f"{url}/looked/{inbox_id}/undo", {})
    return ask.go(f"{url}#m-{inbox_id}", "It is written down that you have looked at it.", undo=undo)


def undo_looked_at(ask: Ask) -> Response:
    """It was said by mistake."""
    inbox_id = _number(ask, "inbox_id")
    url, undone = on_their_page(
        ask,
        lambda unit, who: looking.undo_look(unit, who.id, who.conversation_id, _theirs(ask, unit, inbox_id)),
    )
    return ask.go(f"{url}#m-{inbox_id}", "Taken back: nobody has looked at it yet." if undone else "")


def disposition(name: str, shown: bool) -> str:
    """Content-Disposition with a name that cannot break out of it (RFC 6266)."""
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)[-100:]
    plain = re.sub(r'[^\x20-\x7e]|["%]', "_", name)
    how = "inline" if shown else "attachment"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _theirs(ask: Ask, unit: UnitOfWork, inbox_id: int) -> int:
    _, access = subject(ask, unit)
    if not access.all and inbox_id < (access.from_inbox_id or 0):
        raise NotFound
    return inbox_id


def _number(ask: Ask, name: str) -> int:
    number = ask.path(name)
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise NotFound
    return int(number)
