"""The practice phone: send texts and read them as on a phone, with no account anywhere."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.numbers import NotAMobile, mobile
from bot.practice.carrier import Text
from bot.practice.samples import Sample
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
#: What a picture, a sound or a file of one's own may be, all together: what a network takes as MMS.
MOST_BYTES = 5_000_000
MOST_FILES = 10
_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_CALLED = {"image": "Photo", "audio": "Voice note", "video": "Video"}

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
    pictures: list[str] = field(default_factory=list)  # where each is
    others: list[str] = field(default_factory=list)  # what each is


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
            Route("/phone/pictures/{sid}/{media}", self.picture, methods=["GET"]),
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
        if not from_our_page(request, self._parts.settings.base_url):
            raise HTTPException(403)
        try:
            form, files = await _form(request)
        except TooLong:
            await _let_it_finish(request)
            said = "That is more than 5 MB, which no phone company takes. Choose something smaller."
            return self._show(stand_in, request.query_params.get("number") or FIRST_PHONE, sorry=said)
        except (MultiPartException, ValueError):
            raise HTTPException(400) from None
        number, words, media = form.get("number", ""), form.get("text", "")[:LONGEST], form.get("media", "")
        try:
            phone = mobile(number)
        except NotAMobile:
            return self._show(stand_in, number, words)
        with self._parts.wakes.waiter(_PHONE + phone) as waiter:
            before = len(stand_in.carrier.thread(phone))
            await stand_in.text(phone, words, media=files or (media if media in _MEDIA else ""))
            loop = asyncio.get_running_loop()
            until = loop.time() + PATIENCE_SECONDS
            while len(stand_in.carrier.thread(phone)) <= before + 1 and (left := until - loop.time()) > 0:
                if self._parts.wakes.ended:
                    break
                await waiter.news(left)
        return RedirectResponse(f"/phone?number={quote(shown(phone))}#box", 303)

    async def events(self, request: Request) -> Response:
        """GET /phone/events?number=: an event whenever something on that phone changed."""
        self._practice(request)
        try:
            phone = mobile(request.query_params.get("number") or FIRST_PHONE)
        except NotAMobile:
            return Response(status_code=204)
        return stream(self._changes(phone))

    async def picture(self, request: Request) -> Response:
        """GET /phone/pictures/<text>/<picture>: what was sent, as the phone shows it."""
        text = self._practice(request).carrier.texts.get(request.path_params["sid"])
        one = text.media.get(request.path_params["media"]) if text else None
        if one is None or one.type not in _PICTURES:
            raise HTTPException(404)
        safe = {"Content-Security-Policy": "default-src 'none'; sandbox"}
        return Response(one.content, media_type=one.type, headers=safe)

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

    def _show(self, stand_in: TwilioStandIn, number: str, words: str = "", sorry: str = "") -> Response:
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
            sorry=sorry,
        )
        return HTMLResponse(html, 413 if sorry else 400 if wrong else 200)

    def _line(self, text: Text) -> Line:
        zone = self._parts.settings.hours.zone
        return Line(
            text=text.body,
            ours=text.direction != "inbound",
            by_carrier=text.direction == "outbound-reply",
            segments=text.segments,
            status=STATUSES.get(text.status, text.status),
            at=text.created.astimezone(zone).strftime("%H:%M"),
            pictures=[
                f"/phone/pictures/{text.sid}/{n}" for n, m in text.media.items() if m.type in _PICTURES
            ],
            others=[
                _CALLED.get(one.type.partition("/")[0], "File")
                for one in text.media.values()
                if one.type not in _PICTURES
            ],
        )


async def _form(request: Request) -> tuple[dict[str, str], list[Sample]]:
    """The fields, and the files if there are some. Raises TooLong, MultiPartException and ValueError."""
    body = await read_body(request.scope, request.receive, MOST_BYTES)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)), []

    async def whole() -> AsyncIterator[bytes]:
        yield body

    headers = Headers(scope=request.scope)
    parser = MultiPartParser(headers, whole(), max_files=MOST_FILES, max_fields=20)
    parser.spool_max_size = MOST_BYTES  # in memory, never in a file
    form = await parser.parse()
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    given = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.size]
    files = [Sample(one.content_type or "", await one.read(), one.filename or "") for one in given]
    await form.close()
    return fields, files


async def _let_it_finish(request: Request, most: int = 100_000_000) -> None:
    """Read the rest of what is too long and forget it: a browser that is cut off shows no answer."""
    read = 0
    with contextlib.suppress(ClientDisconnect):
        async for piece in request.stream():
            read += len(piece)
            if read > most:
                return


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
