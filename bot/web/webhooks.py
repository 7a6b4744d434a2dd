"""Where Twilio and Telegram bring what people send, and what became of what we sent.

Every message takes this path, so these are plain ASGI, without Starlette's Request.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from bot import counts
from bot.channels.malformed import Malformed
from bot.channels.numbers import NotAMobile, mobile
from bot.channels.telegram_updates import is_from_telegram, read_update
from bot.channels.twilio_signature import addresses, is_signed
from bot.channels.twilio_webhooks import Form, read_form, read_message, read_receipt
from bot.messages import InboundMessage, Kind
from bot.store.writer import StoreUnavailable
from bot.web.guard import TooLong, read_body
from bot.web.parts import Parts

log = logging.getLogger(__name__)

#: "We have it, say nothing": https://www.twilio.com/docs/messaging/twiml
NOTHING_TO_SAY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
_XML = b"text/xml; charset=utf-8"
_TEXT = b"text/plain; charset=utf-8"


class _Answer(Exception):
    """Why a webhook is answered with something else than 200. Its words say nothing of what was sent."""

    def __init__(self, status: int, words: str, why: str):
        super().__init__(words)
        self.status, self.words, self.why = status, words, why


class _Webhook:
    """Reads, checks, hands over, answers. One of these per address."""

    name: str
    answer: bytes = b""
    content_type: bytes = _TEXT

    def __init__(self, parts: Parts):
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, body, content_type = 200, self.answer, self.content_type
        try:
            await self._take(scope, receive)
        except _Answer as refused:
            counts.REFUSED.labels(self.name, refused.why).inc()
            log.warning("%s webhook: %s", self.name, refused.words)
            status, body, content_type = refused.status, refused.words.encode(), _TEXT
        except ClientDisconnect:
            return
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
        if status == 503:
            headers.append((b"retry-after", b"5"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _take(self, scope: Scope, receive: Receive) -> None:
        try:
            body = await read_body(scope, receive, self._parts.settings.max_body_bytes)
            headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
            await self._handle(scope, headers, body)
        except TooLong:
            raise _Answer(413, "the body is too long", "too-long") from None
        except Malformed as error:
            raise _Answer(400, str(error), "malformed") from None
        except StoreUnavailable:
            raise _Answer(503, "it could not be stored; send it again", "store") from None

    async def _handle(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> None:
        raise NotImplementedError

    async def _store(self, message: InboundMessage) -> None:
        """Store it once. When this returns it is on disk, or was before."""
        received = await asyncio.wrap_future(self._parts.receive(message))
        if received.duplicate:
            counts.DUPLICATES.labels(message.channel).inc()
        else:
            counts.INBOUND.labels(message.channel, message.kind).inc()

    def _signed_form(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> Form:
        """The form, once its signature is known to be Twilio's. Raises _Answer, Malformed."""
        token = self._parts.twilio_token
        shared = self._parts.settings.twilio_shared_key.get_secret_value()
        if not token and not shared:
            raise _Answer(404, "Twilio is not set up here", "not-set-up")
        form = read_form(body)
        query = scope["query_string"].decode("latin-1")
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        requested = f"{scope['scheme']}://{headers.get('host', '')}{path}{'?' + query if query else ''}"
        if not is_signed(addresses(self._parts.settings.public_url, requested), form, headers, token, shared):
            raise _Answer(403, "the signature is wrong", "signature")
        return form


class TwilioMessages(_Webhook):
    """POST /webhooks/twilio/messages: a text or a WhatsApp message someone sent."""

    name = "twilio-messages"
    answer = NOTHING_TO_SAY
    content_type = _XML

    async def _handle(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> None:
        message = read_message(self._signed_form(scope, headers, body))
        if not message.can_be_answered and _is_a_machine(message.address):
            counts.NOT_FOR_US.labels(message.channel, "from-a-machine").inc()
            return
        await self._store(message)


class TwilioStatus(_Webhook):
    """POST /webhooks/twilio/status?m=12: what became of our message 12."""

    name = "twilio-status"

    async def _handle(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> None:
        form = self._signed_form(scope, headers, body)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=20))
        receipt = read_receipt(form, query)
        if receipt is not None:
            await asyncio.wrap_future(self._parts.record(receipt))


class TelegramUpdates(_Webhook):
    """POST /webhooks/telegram: an update, with our secret in its header."""

    name = "telegram"

    def __init__(self, parts: Parts):
        super().__init__(parts)
        self._answering: set[asyncio.Task[bool]] = set()

    async def _handle(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> None:
        telegram = self._parts.telegram
        if telegram is None:
            raise _Answer(404, "Telegram is not set up here", "not-set-up")
        if not is_from_telegram(headers, self._parts.settings.telegram_secret.get_secret_value()):
            raise _Answer(403, "the secret is wrong", "signature")
        message = read_update(body, telegram.bot_id)
        if message is None:
            counts.NOT_FOR_US.labels("telegram", "nothing-said").inc()
            return
        await self._store(message)
        if message.kind == Kind.BUTTON:
            task = asyncio.create_task(telegram.answer_button(message.provider_id))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)


def _is_a_machine(address: str) -> bool:
    """Whether only a company's machine writes from there: a name or a short code.

    Someone abroad or on a landline cannot be answered either, but may be in need: they are stored.
    """
    try:
        mobile(address)
    except NotAMobile as error:
        return error.reason in ("a name", "a short code", "not a phone number")
    return False
