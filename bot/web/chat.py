"""Web chat: a page that works without JavaScript and is quick with it, and the same as JSON."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import counts
from bot.messages import ChannelName, File, InboundMessage, Kind
from bot.store.writer import StoreUnavailable
from bot.web import chat_messages
from bot.web.chat_messages import YOU, Known, Said, page_id
from bot.web.events import HEARTBEAT_SECONDS, stream
from bot.web.guard import ELSEWHERE, Limiter, TooLong, caller, read_body
from bot.web.pages import Pages
from bot.web.parts import Parts, Received
from bot.web.visitors import BadVisitor, Visitor, forget, from_our_page
from bot.web.wakes import CONVERSATION, VISITOR, Waiter

#: Longer than anyone types; a phone's text box gives up before.
LONGEST = 10_000
#: Open pages of one visitor that are told of news; a browser has six connections in all.
STREAMS = 4
#: How long a page without JavaScript waits for our answer before it shows itself again.
PATIENCE_SECONDS = 3.0

_SOURCE = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_ID = re.compile(r"^(?!us-)[\x21-\x7e]{1,64}$")  # ours are called us-34


class Wrong(Exception):
    """Why something someone sent was not taken: a status and a block of sorry.html."""

    def __init__(self, status: int, what: str):
        super().__init__(what)
        self.status, self.what = status, what


class Chat:
    """The endpoints of /chat."""

    def __init__(self, parts: Parts, pages: Pages):
        self._parts, self._pages = parts, pages
        self._by_visitor = Limiter(at_once=60, a_second=1)
        self._by_caller = Limiter(at_once=300, a_second=10)

    def routes(self) -> list[Route]:
        """Every address of the chat."""
        return [
            Route("/chat", self.page, methods=["GET"]),
            Route("/chat", self.post_form, methods=["POST"]),
            Route("/chat/language", self.change_language, methods=["POST"]),
            Route("/chat/leave", self.leave, methods=["POST"]),
            Route("/chat/messages", self.post_message, methods=["POST"]),
            Route("/chat/messages", self.list_messages, methods=["GET"]),
            Route("/chat/events", self.events, methods=["GET"]),
            Route("/chat/files/{message}", self.file, methods=["GET"]),
        ]

    # The page

    async def page(self, request: Request) -> Response:
        """GET /chat: what was said so far, or a start. Nothing is sent until the person acts."""
        return await self._show(request, self._visitor(request))

    async def post_form(self, request: Request) -> Response:
        """POST /chat, as the page sends it without JavaScript: words, a button, or the start."""
        visitor = self._visitor(request)
        form: dict[str, str] = {}
        try:
            form = await self._form(request)
            self._check_ours(request, visitor, form)
            if "start" in form:
                message = self._message(request, visitor, form, kind=Kind.START)
            else:
                if not form.get("choice") and not form.get("text", "").strip():
                    raise Wrong(400, "nothing")
                message = self._message(request, visitor, form)
            await self._receive_and_wait(message)
        except Wrong as wrong:
            return await self._show(request, visitor, wrong, form.get("text", "")[:LONGEST])
        if form.get("remember") == "1":
            visitor = Visitor(visitor.token, remembered=True)
        response = RedirectResponse("/chat#latest", 303)
        visitor.keep(response, secure=self._parts.https)
        return response

    async def change_language(self, request: Request) -> Response:
        """POST /chat/language: they say the language's name, as they could have typed it."""
        visitor = self._visitor(request)
        try:
            form = await self._form(request)
            self._check_ours(request, visitor, form)
            code = form.get("language", "")
            if code in self._parts.languages:
                said = {"text": self._parts.languages.name(code), "language": code}
                await self._receive_and_wait(self._message(request, visitor, said))
        except Wrong as wrong:
            return await self._show(request, visitor, wrong)
        return RedirectResponse("/chat", 303)

    async def leave(self, request: Request) -> Response:
        """POST /chat/leave: gone at once, to the weather, and this browser no longer knows them."""
        response = RedirectResponse(ELSEWHERE, 303)
        if from_our_page(request, self._parts.settings.base_url):
            forget(response, secure=self._parts.https)
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    # The same as JSON

    async def post_message(self, request: Request) -> Response:
        """POST /chat/messages {"text"} or {"choice"}, with an optional "id": 202 {"id"}.

        The same id twice is one message, and what comes back is that id. Anything wrong is
        {"error", "message"}.
        """
        said: dict[str, Any] = {}
        try:
            visitor = Visitor.of(request)
            if not from_our_page(request, self._parts.settings.base_url):
                raise Wrong(403, "stale")
            said = _json(await self._body(request))
            message = self._message(request, visitor, said)
            await self._receive(message)
        except BadVisitor:
            return self._error(Wrong(400, "bad_visitor"), self._hint(request, said))
        except Wrong as wrong:
            return self._error(wrong, self._hint(request, said))
        response = _json_response({"id": message.provider_id.partition(":")[2]}, 202)
        if visitor.new:  # a program, without cookies: this is how it may go on
            response.headers["X-Visitor"] = visitor.token
        if said.get("remember") is True:
            visitor = Visitor(visitor.token, remembered=True, by_header=visitor.by_header)
        visitor.keep(response, secure=self._parts.https)
        return response

    async def list_messages(self, request: Request) -> Response:
        """GET /chat/messages?after=: what was said, or what was said after the message with that id."""
        try:
            visitor = Visitor.of(request)
        except BadVisitor:
            return self._error(Wrong(400, "bad_visitor"), self._language(request))
        if visitor.new:
            return _json_response({"messages": []})
        _, said = await run_in_threadpool(self._look, visitor.token, request.query_params.get("after"))
        response = _json_response({"messages": [m.as_json() for m in said]})
        visitor.keep(response, secure=self._parts.https)
        return response

    async def file(self, request: Request) -> Response:
        """GET /chat/files/us-34: what came with that message on this visitor's own page; else 404."""
        try:
            visitor = Visitor.of(request)
        except BadVisitor:
            return Response(status_code=404)
        found = await run_in_threadpool(self._file, visitor.token, request.path_params["message"])
        if found is None:
            return Response(status_code=404)
        response = Response(found.content, media_type=found.type)
        response.headers["Content-Disposition"] = f'attachment; filename="{_PLAIN.sub("-", found.name)}"'
        response.headers["Cache-Control"] = "no-store"
        return response

    async def events(self, request: Request) -> Response:
        """GET /chat/events: each new message as a server-sent event, as `GET /chat/messages` has it.

        It goes on after Last-Event-ID or `after`; without either, from now. 204 (stop asking) to a
        visitor who has many open already, or whom we do not know.
        """
        try:
            visitor = Visitor.of(request)
        except BadVisitor:
            return self._error(Wrong(400, "bad_visitor"), self._language(request))
        if visitor.new or self._parts.wakes.count(VISITOR + visitor.token) >= STREAMS:
            return Response(status_code=204)
        start = request.headers.get("last-event-id") or request.query_params.get("after")
        return stream(self._news(visitor.token, start))

    async def _news(self, token: str, start: str | None) -> AsyncIterator[dict[str, str]]:
        with self._parts.wakes.waiter(VISITOR + token) as waiter:
            who, said = await run_in_threadpool(self._look, token, start)
            everything = said if start is None else (await run_in_threadpool(self._look, token, None))[1]
            fresh = [] if start is None else said
            shown = {m.id for m in everything} - {m.id for m in fresh}
            newest = everything[-1].at if everything else None
            while not self._parts.wakes.ended:
                for message in fresh:
                    if message.id not in shown:
                        shown.add(message.id)
                        newest = max(newest or message.at, message.at)
                        data = orjson.dumps(message.as_json()).decode()
                        yield {"event": "message", "id": message.id, "data": data}
                topic = f"{CONVERSATION}{who.conversation_id}" if who else ""
                if who and topic not in waiter.topics:
                    # It has just begun, or two were joined. We may have answered already: look at once.
                    self._parts.wakes.also(waiter, topic)
                else:
                    # Looks again without news too: another machine may have answered.
                    await waiter.news(HEARTBEAT_SECONDS)
                since = newest - chat_messages.OVERLAP if newest else None
                who, fresh = await run_in_threadpool(self._look_since, token, since)

    # Inside

    def _visitor(self, request: Request) -> Visitor:
        try:
            return Visitor.of(request)
        except BadVisitor:
            return Visitor(secrets.token_urlsafe(32), new=True)

    def _language(self, request: Request, known: Known | None = None) -> str:
        if known:
            return known.language
        asked = request.query_params.get("lang")
        return self._parts.languages.best(asked or request.headers.get("accept-language"))

    def _hint(self, request: Request, said: dict[str, Any]) -> str:
        """The language of the page they wrote on; of their browser, where no page says."""
        language = said.get("language")
        return self._parts.languages.best(language) if isinstance(language, str) else self._language(request)

    async def _form(self, request: Request) -> dict[str, str]:
        """What a form holds. Raises Wrong."""
        body = await self._body(request)
        try:
            return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20))
        except ValueError:
            raise Wrong(400, "not_words") from None

    def _check_ours(self, request: Request, visitor: Visitor, form: dict[str, str]) -> None:
        """Refuse a form that was not on their own page. Raises Wrong."""
        ours = from_our_page(request, self._parts.settings.base_url)
        if not ours or not visitor.owns(form.get("token", ""), self._parts.store.sealer):
            raise Wrong(403, "stale")

    async def _body(self, request: Request) -> bytes:
        try:
            return await read_body(request.scope, request.receive, self._parts.settings.max_body_bytes)
        except TooLong:
            raise Wrong(413, "too_long") from None
        except ClientDisconnect:
            raise Wrong(400, "nothing") from None

    def _message(
        self, request: Request, visitor: Visitor, said: dict[str, Any], kind: Kind = Kind.WORDS
    ) -> InboundMessage:
        """What they sent, once it has been looked at. Raises Wrong."""
        text, choice, id_ = said.get("text"), said.get("choice"), said.get("id")
        if kind != Kind.START and text is None and choice is None:
            raise Wrong(400, "nothing")
        if not isinstance(text, str | None) or not isinstance(choice, str | None):
            raise Wrong(400, "not_words")
        if len(text or "") > LONGEST or len(choice or "") > 200:
            raise Wrong(413, "too_long")
        if isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        if id_ is not None and not (isinstance(id_, str) and _ID.match(id_)):
            raise Wrong(400, "not_words")
        at = caller(request.scope)
        if not self._by_visitor.allows(visitor.token) or (at and not self._by_caller.allows(at)):
            raise Wrong(429, "too_much")
        source = said.get("source")
        return InboundMessage(
            ChannelName.WEB,
            # The page's id is unique among its own: another visitor may use the same.
            page_id(visitor.token, id_ or secrets.token_hex(16)),
            visitor.token,
            text="" if choice or kind == Kind.START else text or "",
            kind=Kind.BUTTON if choice else kind,
            choice=choice or None,
            language=self._hint(request, said),
            source=source if isinstance(source, str) and _SOURCE.match(source) else None,
        )

    async def _receive(self, message: InboundMessage) -> Received:
        """Store it once. Raises Wrong."""
        try:
            received: Received = await asyncio.wrap_future(self._parts.receive(message))
        except StoreUnavailable:
            counts.REFUSED.labels("chat", "store").inc()
            raise Wrong(503, "not_stored") from None
        if received.duplicate:
            counts.DUPLICATES.labels(message.channel).inc()
        else:
            counts.INBOUND.labels(message.channel, message.kind).inc()
        self._parts.wakes.visitor(message.address)  # a page opened before the conversation began
        return received

    async def _receive_and_wait(self, message: InboundMessage) -> None:
        """Store it, then wait until we have answered, or as long as a page may take to open. Raises Wrong."""
        since = self._parts.clock.now()
        received = await self._receive(message)
        if received.duplicate:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        topics = (VISITOR + message.address, f"{CONVERSATION}{received.conversation_id}")
        with self._parts.wakes.waiter(*topics) as waiter:
            while (left := until - loop.time()) > 0 and not self._parts.wakes.ended:
                _, said = await run_in_threadpool(self._look_since, message.address, since)
                if any(m.who != YOU and m.at >= since for m in said):
                    await _settled(waiter)
                    return
                await waiter.news(left)

    def _file(self, token: str, message_id: str) -> File | None:
        with self._parts.store.reading() as reading:
            who = chat_messages.known(reading, token)
            return chat_messages.file(reading, who, message_id) if who else None

    def _look(self, token: str, after: str | None) -> tuple[Known | None, list[Said]]:
        with self._parts.store.reading() as reading:
            who = chat_messages.known(reading, token)
            if who is None:
                return None, []
            said = chat_messages.after(reading, who, after) if after else chat_messages.messages(reading, who)
            return who, said

    def _look_since(self, token: str, since: Any) -> tuple[Known | None, list[Said]]:
        with self._parts.store.reading() as reading:
            who = chat_messages.known(reading, token)
            return who, chat_messages.messages(reading, who, since) if who else []

    async def _show(
        self, request: Request, visitor: Visitor, wrong: Wrong | None = None, text: str = ""
    ) -> Response:
        who, said = (None, []) if visitor.new else await run_in_threadpool(self._look, visitor.token, None)
        language = self._language(request, who)
        source = request.query_params.get("source", "")
        html = self._pages.render(
            "chat.html",
            language,
            messages=said,
            buttons_from=next((n for n in range(len(said), 0, -1) if said[n - 1].who == YOU), 0),
            known=who is not None,
            token=visitor.form_token(self._parts.store.sealer),
            form_id=secrets.token_hex(8),
            source=source if _SOURCE.match(source) else "",
            elsewhere=ELSEWHERE,
            wrong=self._pages.sorry(wrong.what, language) if wrong else "",
            sorry_nothing=self._pages.sorry("nothing", language),
            text=text,
        )
        response = HTMLResponse(html, wrong.status if wrong else 200)
        response.headers["Vary"] = "Cookie, Accept-Language"
        visitor.keep(response, secure=self._parts.https)
        return response

    def _error(self, wrong: Wrong, language: str) -> Response:
        body = {"error": wrong.what.replace("_", "-"), "message": self._pages.sorry(wrong.what, language)}
        response = _json_response(body, wrong.status)
        if wrong.status in (429, 503):
            response.headers["Retry-After"] = "60" if wrong.status == 429 else "5"
        return response


async def _settled(waiter: Waiter) -> None:
    """An answer is often two messages: a moment's quiet means it is all there."""
    for _ in range(5):
        if not await waiter.news(0.1):
            return


def _json(body: bytes) -> dict[str, Any]:
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Wrong(400, "not_words") from None
    if not isinstance(read, dict):
        raise Wrong(400, "not_words")
    return read


def _json_response(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
