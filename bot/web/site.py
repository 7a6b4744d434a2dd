"""The whole site on one port: webhooks, web chat, the practice phone, staff pages, and how things are."""

from __future__ import annotations

import logging
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.web.calendars import Calendars
from bot.web.chat import Chat
from bot.web.front import Front
from bot.web.guard import Guard, safe_headers
from bot.web.mine import Mine
from bot.web.pages import STATIC, OurFiles, Pages
from bot.web.parts import Parts
from bot.web.phone import Phone
from bot.web.providers import Providers
from bot.web.state import State
from bot.web.webhooks import TelegramUpdates, TwilioMessages, TwilioStatus

log = logging.getLogger(__name__)


def make_site(parts: Parts) -> Starlette:
    """The site as one ASGI app. It listens to the store, so that open pages hear of what is new."""
    pages = Pages(parts.settings, parts.languages)
    routes: list[BaseRoute] = [
        # First, because every message comes this way and routes are tried in order.
        Route("/webhooks/twilio/messages", TwilioMessages(parts), methods=["POST"]),
        Route("/webhooks/twilio/status", TwilioStatus(parts), methods=["POST"]),
        Route("/webhooks/telegram", TelegramUpdates(parts), methods=["POST"]),
        *State(parts).routes(),
        *Chat(parts, pages).routes(),
        *Front(parts, pages).routes(),
        *Mine(parts, pages).routes(),
        *Providers(parts, pages).routes(),
        *Calendars(parts).routes(),
        *Phone(parts, pages).routes(),
        Mount("/static", OurFiles(directory=STATIC), name="static"),
    ]
    if parts.staff is not None:
        limit = Middleware(RequestBodyLimitMiddleware, max_body_size=parts.settings.max_body_bytes)
        routes.append(Mount("/staff", parts.staff, name="staff", middleware=[limit]))

    async def not_here(request: Request, error: Exception) -> Response:
        asked = request.query_params.get("lang") or request.headers.get("accept-language")
        return HTMLResponse(pages.render("not_here.html", parts.languages.best(asked)), 404)

    async def went_wrong(request: Request, error: Exception) -> Response:
        asked = request.query_params.get("lang") or request.headers.get("accept-language")
        html = pages.render("went_wrong.html", parts.languages.best(asked))
        # Answered outside the guard, so what the guard adds is added here.
        return HTMLResponse(html, 500, {**safe_headers(parts.https), "Cache-Control": "no-store"})

    parts.store.listen(parts.wakes.heard)
    site = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=_hosts(parts), https=parts.https)],
        exception_handlers={404: not_here, Exception: went_wrong},
    )
    site.state.let_go = partial(_let_go, parts)
    return site


def _let_go(parts: Parts) -> None:
    """The server stops (bot/web/server.py): every page that stays open ends."""
    parts.wakes.end()
    staff = getattr(getattr(parts.staff, "state", None), "let_go", None)
    if staff is not None:
        staff()


def _hosts(parts: Parts) -> set[str]:
    """The names we answer to once the operator has said what they are; this machine's own always."""
    if not parts.settings.public_url:
        return set()
    named = urlsplit(parts.settings.public_url).hostname or ""
    return {named, parts.settings.host, "localhost", "127.0.0.1", "::1"}
