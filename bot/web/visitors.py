"""Who is at the web chat: a random token, kept by their browser only as long as is safe for them."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.store.sealed import Sealer
from bot.web.guard import caller

COOKIE = "visitor"
REMEMBER = "remember"
HEADER = "X-Visitor"

#: Someone who did not say "only I use this device" is forgotten this soon after the page is closed:
#: closing a browser does not end a session cookie on most phones.
FORGOTTEN_AFTER = 60 * 60
REMEMBERED_FOR = 30 * 24 * 3600

#: Ours are 43 characters (256 random bits). Others may bring their own in the header; one of under
#: 16 could be guessed, and is taken only from this machine itself, where somebody tries things out.
_TOKEN = re.compile(r"^[A-Za-z0-9_.~-]{16,128}$")
_TRYING_OUT = re.compile(r"^[!-~]{1,128}$")


class BadVisitor(ValueError):
    """A token that is none of ours and too short to be safe."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor's token; `new` when we have just made it; `remembered` when they asked for that."""

    token: str
    new: bool = False
    remembered: bool = False
    by_header: bool = False

    @classmethod
    def of(cls, request: Request) -> Visitor:
        """Who asks, by header or cookie; else someone new. Raises BadVisitor for a header we cannot take."""
        given = request.headers.get(HEADER)
        if given is not None:
            safe = _TRYING_OUT if caller(request.scope) is None else _TOKEN
            if not safe.match(given):
                raise BadVisitor
            return cls(given, by_header=True)
        kept = request.cookies.get(COOKIE, "")
        if _TOKEN.match(kept):
            return cls(kept, remembered=request.cookies.get(REMEMBER) == "1")
        return cls(secrets.token_urlsafe(32), new=True)

    def keep(self, response: Response, *, secure: bool) -> None:
        """Have their browser keep the token a while longer; only our pages send it, no script reads it."""
        if self.by_header:
            return
        life = REMEMBERED_FOR if self.remembered else FORGOTTEN_AFTER
        common = {"max_age": life, "path": "/chat", "secure": secure, "httponly": True, "samesite": "lax"}
        response.set_cookie(COOKIE, self.token, **common)  # type: ignore[arg-type]
        if self.remembered:
            response.set_cookie(REMEMBER, "1", **common)  # type: ignore[arg-type]

    def form_token(self, sealer: Sealer) -> str:
        """What a form of theirs carries, so that no other site can send it for them."""
        return sealer.lookup("chat form", self.token)

    def owns(self, given: str, sealer: Sealer) -> bool:
        """Whether a form came from their own page."""
        return not self.new and hmac.compare_digest(given.encode(), self.form_token(sealer).encode())


def forget(response: Response, *, secure: bool) -> None:
    """Have their browser forget them."""
    for name in (COOKIE, REMEMBER):
        response.delete_cookie(name, path="/chat", secure=secure, httponly=True, samesite="lax")


def from_our_page(request: Request, base_url: str) -> bool:
    """Whether a request is from one of our own pages, or from no page at all (a program).

    A browser says so itself: Sec-Fetch-Site, or Origin where it is older. `base_url` is
    where the outside reaches us; the host asked for counts too.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = {urlsplit(base_url).netloc.lower(), request.headers.get("host", "").lower()}
    return urlsplit(origin).netloc.lower() in ours
