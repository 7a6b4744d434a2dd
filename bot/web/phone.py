"""The practice phone: send texts and read them as on a phone, with no account anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.numbers import NotAMobile, mobile
from bot.practice.carrier import Text
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.web.chat import LONGEST, PATIENCE_SECONDS
from bot.web.events import HEARTBEAT_SECONDS, stream
from bot.web.guard import TooLong, host_of, read_body
from bot.web.pages import Pages
from bot.web.parts import Parts, is_loopback
from bot.web.visitors import from_our_page
from bot.words.languages import ENGLISH

#: From the range Ofcom keeps for drama: nobody has these numbers.
FIRST_PHONE = "+447700900123"
TWILIO_HERE = "/practice/twilio"
_PHONE = "phone:"
#: What can be sent besides words, for us to say that we cannot read it.
_MEDIA = ("photo", "voice", "video", "file")

STATUSES = {
    "accepted": "waiting",
    "queued": "waiting",
    "sending": "on its way",
    "sent": "sent",
    "delivered": "arrived",
    "undelivered": "did not arrive",
    "failed": "failed",
    "received": "sent",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One text as the phone shows it."""

    text: str
    ours: bool
    by_carrier: bool
    segments: int
    status: str
    at: str


class Phone:
    """The endpoints of /phone, and the pretend Twilio it talks to. 404 unless we are practising."""

    def __init__(self, parts: Parts, pages: Pages):
        self._parts, self._pages = parts, pages
        if parts.practice is not None:
            parts.practice.carrier.listeners.append(self._heard)

    def routes(self) -> list[BaseRoute]:
        """Every address of the practice phone."""
        routes: list[BaseRoute] = [
            Route("/phone", self.page, methods=["GET"]),
            Route("/phone", self.send, methods=["POST"]),
            Route("/phone/events", self.events, methods=["GET"]),
        ]
        if self._parts.practice is not None and self._parts.practising:
            routes.append(Mount(TWILIO_HERE, _OnlyHere(self._parts.practice)))
        return routes

    async def page(self, request: Request) -> Response:
        """GET /phone?number=07700900123: what that phone sent and got."""
        stand_in = self._practice(request)
        return self._show(stand_in, request.query_params.get("number") or FIRST_PHONE)

    async def send(self, request: Request) -> Response:
        """POST /phone: a text from that phone, the way a real one comes: a signed webhook."""
        stand_in = self._practice(request)
        try:
            body = await read_body(request.scope, request.receive, self._parts.settings.max_body_bytes)
            form = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20))
        except (TooLong, ValueError):
            raise HTTPException(400) from None
        if not from_our_page(request, self._parts.settings.base_url):
            raise HTTPException(403)
        number, words, media = form.get("number", ""), form.get("text", "")[:LONGEST], form.get("media", "")
        try:
            phone = mobile(number)
        except NotAMobile:
            return self._show(stand_in, number, words)
        with self._parts.wakes.waiter(_PHONE + phone) as waiter:
            before = len(stand_in.carrier.thread(phone))
            await stand_in.text(phone, words, media=media if media in _MEDIA else "")
            loop = asyncio.get_running_loop()
            until = loop.time() + PATIENCE_SECONDS
            while len(stand_in.carrier.thread(phone)) <= before + 1 and (left := until - loop.time()) > 0:
                await waiter.news(left)
        return RedirectResponse(f"/phone?number={quote(shown(phone))}#box", 303)

    async def events(self, request: Request) -> Response:
        """GET /phone/events?number=: an event whenever something on that phone changed."""
        self._practice(request)
        try:
            phone = mobile(request.query_params.get("number") or FIRST_PHONE)
        except NotAMobile:
            return Response(status_code=204)
        return stream(self._changes(phone), self._parts.wakes)

    async def _changes(self, phone: str) -> AsyncIterator[dict[str, str]]:
        with self._parts.wakes.waiter(_PHONE + phone) as waiter:
            yield {"event": "changed", "data": "now"}  # what came while the page was opening
            while not self._parts.wakes.ended:
                if await waiter.news(HEARTBEAT_SECONDS):
                    yield {"event": "changed", "data": "now"}

    def _practice(self, request: Request) -> TwilioStandIn:
        here = self._parts.practising and is_loopback(host_of(request.scope))
        if self._parts.practice is None or not here:
            raise HTTPException(404)
        return self._parts.practice

    def _heard(self, text: Text) -> None:
        phone = text.from_ if text.direction == "inbound" else text.to
        self._parts.wakes.heard({_PHONE + phone})

    def _show(self, stand_in: TwilioStandIn, number: str, words: str = "") -> Response:
        try:
            phone, wrong = mobile(number), ""
        except NotAMobile as error:
            phone, wrong = FIRST_PHONE, f"That is {error.reason}. Type a mobile number such as 07700 900123."
        lines = [self._line(text) for text in stand_in.carrier.thread(phone)]
        used = {t.from_ if t.direction == "inbound" else t.to for t in stand_in.carrier.texts.values()}
        html = self._pages.render(
            "phone.html",
            ENGLISH,
            number=shown(phone),
            typed=number if wrong else shown(phone),
            phones=[shown(p) for p in sorted(used | {phone}) if p.startswith("+44")],
            lines=lines,
            stopped=phone in stand_in.carrier.opted_out,
            segments_theirs=sum(line.segments for line in lines if not line.ours),
            segments_ours=sum(line.segments for line in lines if line.ours and not line.by_carrier),
            words=words,
            wrong=wrong,
        )
        return HTMLResponse(html, 400 if wrong else 200)

    def _line(self, text: Text) -> Line:
        zone = self._parts.settings.hours.zone
        return Line(
            text=text.body,
            ours=text.direction != "inbound",
            by_carrier=text.direction == "outbound-reply",
            segments=text.segments,
            status=STATUSES.get(text.status, text.status),
            at=text.created.astimezone(zone).strftime("%H:%M"),
        )


class _OnlyHere:
    """Lets in only what comes from this machine under its own name, and no other site's page."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked_by = {k: v for k, v in scope["headers"] if k in (b"sec-fetch-site", b"origin")}
        if not is_loopback(host_of(scope)) or asked_by:
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def shown(phone: str) -> str:
    """A UK mobile as people write it: 07700 900123."""
    return f"0{phone[3:7]} {phone[7:]}"
