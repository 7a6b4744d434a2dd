"""The front page, and the privacy page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.web.pages import Pages
from bot.web.parts import Parts


class Front:
    """The pages that are the same for everybody."""

    def __init__(self, parts: Parts, pages: Pages):
        self._parts, self._pages = parts, pages

    def routes(self) -> list[Route]:
        """/ and /privacy."""
        return [Route("/", self.front), Route("/privacy", self.privacy)]

    async def front(self, request: Request) -> Response:
        """GET /: the ways to reach us that are switched on."""
        s, telegram = self._parts.settings, self._parts.telegram
        return self._page(
            request,
            "front.html",
            text_number=s.twilio_from if s.sms_on else "",
            whatsapp_number=s.twilio_whatsapp_from if s.whatsapp_on else "",
            telegram=telegram.username if telegram and telegram.username else "",
            practising=self._parts.practising,
            staff=self._parts.staff is not None,
        )

    async def privacy(self, request: Request) -> Response:
        """GET /privacy: who keeps what, for how long, and what anyone may ask of them."""
        s = self._parts.settings
        return self._page(
            request,
            "privacy.html",
            controller=s.controller or s.service_name,
            privacy_contact=s.privacy_contact,
            days=s.keep_without_agreement_days,
            years=s.keep_years,
            carriers=", ".join(
                name
                for name, on in (("Twilio", s.sms_on or s.whatsapp_on), ("Telegram", s.telegram_on))
                if on
            ),
        )

    def _page(self, request: Request, template: str, **values: object) -> Response:
        asked = request.query_params.get("lang") or request.headers.get("accept-language")
        html = self._pages.render(template, self._parts.languages.best(asked), **values)
        return HTMLResponse(html, headers={"Vary": "Accept-Language"})
