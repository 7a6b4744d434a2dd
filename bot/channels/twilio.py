"""Text messages and WhatsApp, both through Twilio."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.values import unset
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.channels import twilio_media
from bot.channels.numbers import NotAMobile, mobile, whole
from bot.channels.parts import Parts
from bot.channels.twilio_errors import refused
from bot.channels.twilio_webhooks import read_form as read_form
from bot.channels.twilio_webhooks import read_message as read_message
from bot.channels.twilio_webhooks import read_receipt as read_receipt
from bot.clock import Clock, SystemClock
from bot.messages import (
    CannotLook,
    ChannelName,
    Fetched,
    Media,
    OutboundMessage,
    Outcome,
    Refused,
    Sent,
    Status,
    Uncertain,
)
from bot.settings import TWILIO, Settings

#: The longest Body Twilio takes; 21617 beyond it.
LONGEST = 1600
#: Seconds a message may wait at Twilio: what the API takes (twilio-python, ValidityPeriod).
SHORTEST_WAIT, LONGEST_WAIT = 1, 36_000
#: A server between us and Twilio answered, so Twilio itself may have taken the message.
_FROM_BETWEEN = {502, 504}
_WHATSAPP = "whatsapp:"


class TwilioChannel:
    """Sends as SMS or as WhatsApp, by `name`: the same protocol, another form of address."""

    def __init__(
        self,
        settings: Settings,
        name: ChannelName = ChannelName.SMS,
        *,
        clock: Clock | None = None,
        connect_seconds: float = 5,
        answer_seconds: float = 15,
    ):
        self.name = name
        self._settings = settings
        self._clock = clock or SystemClock()
        self._http = _Http(settings.twilio_api_url, connect_seconds, answer_seconds)
        self._client = Client(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            http_client=self._http,
            environment={"": ""},  # not os.environ: an edge set there would overrule our address
        )
        self._parts = Parts(LONGEST)

    async def send(self, message: OutboundMessage) -> Outcome:
        """Hand one message to Twilio, in parts if it is longer than 1,600 characters.

        Sent carries the last part's MessageSid. Never raises for anything Twilio does.
        """
        try:
            to = self._address(message.address)
        except NotAMobile:
            return Refused("not-a-mobile", Status.PERMANENT_FAILURE, unreachable=True)
        wait = unset
        if message.useful_until is not None:
            left = (message.useful_until - self._clock.now()).total_seconds()
            if left < SHORTEST_WAIT:
                return Refused("too-late", Status.PERMANENT_FAILURE)
            wait = min(math.floor(left), LONGEST_WAIT)
        common = {"to": to, "validity_period": wait, **self._sender()}
        callback = f"{self._settings.base_url}/webhooks/twilio/status?m={message.id}"
        if message.template:
            values = json.dumps(message.template_values, ensure_ascii=False)
            return await self._ask(
                content_sid=message.template, content_variables=values, status_callback=callback, **common
            )

        async def send_one(text: str, last: bool) -> Outcome:
            # The last part speaks for all: were each to report, one that arrived would hide one that did not.
            return await self._ask(body=text, status_callback=callback if last else unset, **common)

        return await self._parts.send(message, send_one)

    async def look_for(self, message: OutboundMessage, since: datetime) -> Sent | None:
        """The message at Twilio, by To, body and time, or None if Twilio never took it.

        The newest hundred to this person are read without a DateSent: a message still queued has
        none, and to miss it would be to send it twice. A template's words are made by WhatsApp,
        so it cannot be found. Raises CannotLook when Twilio cannot be asked.
        """
        try:
            to = self._address(message.address)
        except NotAMobile:
            return None
        words = self._parts.of(message)[-1:]
        if message.template or not words:
            return None
        # Theirs are whole seconds, and two clocks never quite agree.
        since = since.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=2)
        try:
            async with asyncio.timeout(self._http.answer_seconds):
                found = await self._client.messages.list_async(to=to, limit=100, page_size=100)
        except (TwilioException, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise CannotLook(type(error).__name__) from None
        for theirs in found:
            ours = theirs.direction != "inbound" and (theirs.body or "").rstrip().endswith(words[0].rstrip())
            if ours and theirs.date_created and theirs.date_created.astimezone(UTC) >= since and theirs.sid:
                return Sent(theirs.sid)
        return None

    async def erase(self, address: str, provider_id: str) -> bool:
        """Have Twilio delete its copy of a message, either way. True when it is gone there.

        What the message carried goes with it (help.twilio.com/articles/223133687, since October 2020).
        """
        try:
            return await self._client.messages(provider_id).delete_async()
        except TwilioRestException as error:
            return error.status == 404
        except (TwilioException, aiohttp.ClientError, TimeoutError):
            return False

    async def fetch(self, media: Media, part: str = "") -> Fetched:
        """Open a picture, a sound or a file from Twilio, with our account's credentials. Raises NoMedia."""
        s = self._settings
        key = _basic(s.twilio_account_sid, s.twilio_auth_token.get_secret_value())
        return await twilio_media.fetch(
            self._http.session, s.twilio_api_url, key, media, part, self._http.answer_seconds
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    def _address(self, address: str) -> str:
        return _WHATSAPP + whole(address) if self.name == ChannelName.WHATSAPP else mobile(address)

    def _sender(self) -> dict[str, str]:
        if self.name == ChannelName.WHATSAPP:
            return {"from_": _WHATSAPP + self._settings.twilio_whatsapp_from}
        if self._settings.twilio_messaging_service_sid:
            return {"messaging_service_sid": self._settings.twilio_messaging_service_sid}
        return {"from_": self._settings.twilio_from}

    async def _ask(self, **fields: object) -> Outcome:
        return await outcome(lambda: self._client.messages.create_async(**fields))


async def outcome(ask: Callable[[], Awaitable]) -> Outcome:
    """Ask Twilio for one message and say what became of it."""
    try:
        made = await ask()
        return Sent(made.sid)
    except (TwilioRestException, TwilioServiceException) as error:
        if error.status in _FROM_BETWEEN:
            return Uncertain(str(error.status))
        return refused(error.code or error.status, error.status)
    except _TooMuch as error:
        return refused(20429, 429, error.retry_after)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
        return Refused("not-connected", Status.TEMPORARY_FAILURE)
    except TimeoutError:
        return Uncertain("no-answer")
    except aiohttp.ClientError:
        return Uncertain("broken-off")
    except (ValueError, TypeError, AttributeError):  # it said yes in words we cannot read
        return Uncertain("unreadable-answer")


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


class _TooMuch(TwilioException):
    """Twilio answered 429, perhaps saying how many seconds to wait."""

    def __init__(self, retry_after: float | None):
        self.retry_after = retry_after


class _Http(AsyncHttpClient):
    """twilio's own way to bring an HTTP client: to LINKLINE_TWILIO_API_URL, with an end to waiting.

    Its AsyncTwilioHttpClient waits for ever when no timeout is passed, writes people's numbers
    to the log at INFO, and keeps the last message in memory.
    """

    def __init__(self, api_url: str, connect_seconds: float, answer_seconds: float):
        super().__init__(logger=None, is_async=True)
        self.answer_seconds = answer_seconds
        self._api_url = api_url
        # `connect` covers waiting for a free connection too: nothing has left until it is over.
        self._timeout = aiohttp.ClientTimeout(
            total=connect_seconds + answer_seconds, connect=connect_seconds, sock_read=answer_seconds
        )
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Our connections, opened when first asked for."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    async def request(
        self,
        method: str,
        uri: str,
        params: dict | None = None,
        data: dict | None = None,
        headers: dict | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        headers = dict(headers or {})
        if auth:
            headers["Authorization"] = _basic(*auth)
        form: bytes | None = None
        if data:  # by ourselves: aiohttp's FormData prepares for files too, which costs more than it sends
            form = urlencode(data).encode("ascii")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        async with self.session.request(
            method,
            self._api_url + uri.removeprefix(TWILIO),
            params=params,
            data=form,
            headers=headers,
            allow_redirects=allow_redirects,
        ) as answer:
            if answer.status == 429:
                wait = answer.headers.get("Retry-After", "")
                raise _TooMuch(float(wait) if wait.isdecimal() else None)
            return Response(answer.status, await answer.text(), answer.headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
