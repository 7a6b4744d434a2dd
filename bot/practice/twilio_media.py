"""Pictures, sounds and files as Twilio keeps them: shown, deleted, and given by way of another host."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Any

from bot.practice.carrier import API_VERSION, Carrier
from bot.practice.wire import Send, give, header, reply

Answer = tuple[int, object, dict[str, str]]


class Media:
    """What came with texts, for whoever has the account's credentials.

    Asked for without ".json" it is given as Twilio gives it: a redirect to a store on another host,
    by an address that is signed, and that refuses whoever brings other credentials along.
    """

    path = re.compile(
        rf"^/{API_VERSION}/Accounts/(AC\w+)/Messages/(\w+)/Media(?:/(ME\w+?))?(\.json)?$", re.ASCII
    )
    _stored = re.compile(r"^/media\.twiliocdn\.com/(\w+)/(ME\w+)/(\w+)$", re.ASCII)

    def __init__(self, carrier: Carrier):
        self._carrier = carrier
        self._key = secrets.token_bytes(16)

    def answer(self, scope: dict[str, Any], matched: re.Match[str], not_there: Answer) -> Answer:
        """What one of these is asked, by someone whose credentials are right."""
        _, message, sid, as_json = matched.groups()
        text = self._carrier.texts.get(message)
        if text is None or (sid is not None and sid not in text.media):
            return not_there
        if sid is None:
            shown = [self._carrier.media_resource(text, one) for one in text.media]
            return 200, {"media_list": shown, "page": 0, "page_size": 50, "next_page_uri": None}, {}
        if scope["method"] == "DELETE":
            del text.media[sid]
            return 204, None, {}
        if as_json:
            return 200, self._carrier.media_resource(text, sid), {}
        if not self._carrier.habits.gives_media:
            return 503, {"code": 20503, "status": 503}, {}
        host, _, port = header(scope, "host").partition(":")
        other = "localhost" if host == "127.0.0.1" else "127.0.0.1"
        at = f"{other}:{port}" if port else other
        to = f"{scope.get('root_path', '')}/media.twiliocdn.com/{message}/{sid}/{self._sign(message, sid)}"
        return 307, {}, {"location": f"http://{at}{to}"}

    def is_stored(self, path: str) -> bool:
        """Whether this is an address of the store behind Twilio."""
        return self._stored.match(path) is not None

    async def give_stored(self, scope: dict[str, Any], path: str, send: Send) -> None:
        """The thing itself, from the store."""
        matched = self._stored.match(path)
        assert matched is not None
        message, sid, signature = matched.groups()
        if header(scope, "authorization"):
            return await reply(send, 400, {"Message": "Only one auth mechanism allowed"})
        text = self._carrier.texts.get(message)
        if text is None or sid not in text.media:
            return await reply(send, 404, {})
        if not hmac.compare_digest(signature, self._sign(message, sid)):
            return await reply(send, 403, {})
        await give(send, text.media[sid].content, text.media[sid].type, header(scope, "range"))

    def _sign(self, message: str, sid: str) -> str:
        return hmac.digest(self._key, f"{message}/{sid}".encode(), "sha256").hex()
