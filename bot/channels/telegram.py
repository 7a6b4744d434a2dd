"""Telegram, through python-telegram-bot's Bot."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message
from telegram.constants import InlineKeyboardButtonLimit, MessageLimit
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot.channels import telegram_media
from bot.channels.malformed import Malformed
from bot.channels.parts import Parts
from bot.channels.telegram_updates import ALLOWED, read_update
from bot.channels.telegram_updates import is_from_telegram as is_from_telegram
from bot.messages import (
    ChannelName,
    Choice,
    Fetched,
    File,
    InboundMessage,
    Media,
    NoMedia,
    OutboundMessage,
    Outcome,
    Refused,
    Sent,
    Status,
    Uncertain,
)
from bot.settings import Settings

log = logging.getLogger(__name__)

# httpx writes every address it calls, and ours holds the token; the others write what is said.
for _name, _level in (("httpx", logging.WARNING), ("httpcore", logging.INFO), ("telegram", logging.INFO)):
    logging.getLogger(_name).setLevel(_level)

#: A server between us and Telegram answered, so Telegram itself may have taken the message.
_FROM_BETWEEN = {502, 504}
#: Statuses the library makes errors of by itself.
_KNOWN = {400, 401, 403, 404, 409}
#: After these nothing of the request has left us.
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    RuntimeError,  # the connections were closed already
)
#: What Telegram says (as a 400) when there is no such chat any more.
_NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid")
_TOKEN = re.compile(r"^(\d+):[\w-]+$")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_LONGEST_PAUSE = 30.0


class WrongToken(Exception):
    """Telegram does not know the bot's token. Never says the token."""

    def __init__(self) -> None:
        super().__init__(
            "LINKLINE_TELEGRAM_TOKEN: Telegram does not know this token. Ask @BotFather for the bot's token."
        )


class TelegramAway(Exception):
    """Telegram did not answer, or not as it should."""


class TelegramChannel:
    """One bot: sends as it, and reads what people send it by polling or by webhook."""

    name = ChannelName.TELEGRAM

    def __init__(self, settings: Settings, *, connect_seconds: float = 5, answer_seconds: float = 15):
        token = settings.telegram_token.get_secret_value()
        known = _TOKEN.match(token)
        if not known:
            raise WrongToken
        #: The bot's own id, part of every message's id: known without asking Telegram.
        self.bot_id = known[1]
        #: Its name, as in t.me/<username>; None until `start`.
        self.username: str | None = None
        self._settings = settings
        common = {"connect_timeout": connect_seconds, "write_timeout": answer_seconds}
        self._sending = _Request(64, answer_seconds, pool_timeout=connect_seconds, **common)
        self._polling = _Request(1, answer_seconds, pool_timeout=connect_seconds, **common)
        self._bot = _Bot(
            token,
            base_url=f"{settings.telegram_api_url}/bot",
            base_file_url=f"{settings.telegram_api_url}/file/bot",
            request=self._sending,
            get_updates_request=self._polling,
        )
        self._files = httpx.AsyncClient(timeout=httpx.Timeout(answer_seconds, connect=connect_seconds))
        self._parts = Parts(MessageLimit.MAX_TEXT_LENGTH)

    async def start(self) -> None:
        """Ask Telegram who we are. Raises WrongToken, or TelegramAway to try again later."""
        try:
            await self._bot.initialize()
        except InvalidToken:
            raise WrongToken from None
        except TelegramError as error:
            raise TelegramAway(type(error).__name__) from None
        self.username = self._bot.username

    async def send(self, message: OutboundMessage) -> Outcome:
        """Hand one message to Telegram, as plain text with its choices as buttons.

        One longer than 4,096 goes in parts, the buttons under the last, whose message_id Sent
        carries. A file that goes with it carries the words beneath it, up to the 1,024 characters of a
        caption; behind longer ones it is tried once, since they must not go twice for its sake. Never
        raises for anything Telegram does.
        """
        try:
            chat = int(message.address)
        except ValueError:
            return Refused("not-a-chat", Status.PERMANENT_FAILURE, unreachable=True)
        if any(len(c.id.encode()) > InlineKeyboardButtonLimit.MAX_CALLBACK_DATA for c in message.choices):
            return Refused("choice-too-long", Status.TECHNICAL_FAILURE)
        buttons = keyboard(message.choices) if message.choices else None

        file = message.file
        if file is not None and len(message.text) <= MessageLimit.CAPTION_LENGTH:
            return await self._send_file(chat, file, message.text, buttons)

        async def send_one(text: str, last: bool) -> Outcome:
            under = buttons if last else None
            return await _sent(
                self._bot.send_message(chat, text, reply_markup=under, link_preview_options=_NO_PREVIEW)
            )

        outcome = await self._parts.send(message, send_one)
        if file is not None and isinstance(outcome, Sent):
            await self._send_file(chat, file, "", None)
        return outcome

    async def _send_file(
        self, chat: int, file: File, words: str, buttons: InlineKeyboardMarkup | None
    ) -> Outcome:
        document = InputFile(file.content, filename=file.name)
        return await _sent(
            self._bot.send_document(
                chat,
                document,
                caption=words or None,
                reply_markup=buttons,
                disable_content_type_detection=True,
            )
        )

    async def look_for(self, message: OutboundMessage, since: datetime) -> None:
        """Telegram shows a bot nothing it has sent, so None."""
        return None

    async def answer_button(self, callback_query_id: str) -> bool:
        """Stop the little clock on a pressed button. False if it is too late for that; never raises."""
        try:
            return await self._bot.answer_callback_query(callback_query_id)
        except TelegramError:
            return False

    async def erase(self, address: str, provider_id: str) -> bool:
        """Delete a message in the person's chat, theirs or ours. True when it is gone.

        Takes Sent's message_id, or an InboundMessage's provider_id. Telegram lets a bot delete
        for 48 hours only (core.telegram.org/bots/api#deletemessage).
        """
        pieces = provider_id.split(":")
        number = pieces[0] if len(pieces) == 1 else pieces[2]
        if not number.isdecimal():
            return True  # a block or an unblock: nothing was said
        try:
            return await self._bot.delete_message(int(address), int(number))
        except BadRequest as error:
            return "not found" in error.message.lower()
        except (TelegramError, ValueError):
            return False

    async def fetch(self, media: Media, part: str = "") -> Fetched:
        """Open a picture, a sound or a file: Telegram says where it lies just now. Raises NoMedia."""
        try:
            found = await self._bot.get_file(media.ref)
        except BadRequest as error:
            raise NoMedia("too-large" if telegram_media.is_too_large(error.message) else "gone") from None
        except TelegramError:
            raise NoMedia("away") from None
        if not found.file_path:
            raise NoMedia("gone")
        return await telegram_media.fetch(self._files, found.file_path, media, found.file_size, part)

    async def set_webhook(self) -> None:
        """Have updates called in to /webhooks/telegram with our secret. Raises WrongToken, TelegramAway."""
        await self._tell(
            self._bot.set_webhook(
                f"{self._settings.base_url}/webhooks/telegram",
                allowed_updates=ALLOWED,
                secret_token=self._settings.telegram_secret.get_secret_value(),
            )
        )

    async def delete_webhook(self) -> None:
        """Have no updates called in; those waiting are kept. Raises WrongToken, TelegramAway."""
        await self._tell(self._bot.delete_webhook())

    async def poll(
        self, on_message: Callable[[InboundMessage], Awaitable[object]], *, wait_seconds: int = 30
    ) -> None:
        """Ask for updates until cancelled; `on_message` returns once it has stored the message.

        Telegram is told an update is done only after that, so one we could not store comes again:
        the store knows it by its provider_id. What cannot be read is passed over. Raises
        WrongToken; waits and asks again, longer each time, after anything else.
        """
        offset: int | None = None
        pause = 0.0
        while True:
            try:
                updates = await self._bot.updates_as_json(offset, wait_seconds)
                for update in updates:
                    await self._take(update, on_message)
                    offset = update["update_id"] + 1
                pause = 0.0
                continue
            except InvalidToken:
                raise WrongToken from None
            except Exception as error:
                # Neither Telegram's trouble nor ours may end the listening. Only its kind is
                # logged: its text could hold what someone said.
                log.warning("telegram: not all updates were taken (%s)", type(error).__name__)
                asked = getattr(error, "retry_after", None)
                pause = min(max(2 * pause, 0.5, asked or 0), max(_LONGEST_PAUSE, asked or 0))
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Let go of connections."""
        await self._sending.shutdown()
        await self._polling.shutdown()
        await self._files.aclose()

    async def _take(
        self, update: dict[str, Any], on_message: Callable[[InboundMessage], Awaitable[object]]
    ) -> None:
        try:
            message = read_update(update, self.bot_id)
        except Malformed as error:
            log.warning("telegram: an update was passed over: %s", error)
            return
        if message is not None:
            await on_message(message)

    async def _tell(self, asked: Awaitable[object]) -> None:
        try:
            await asked
        except InvalidToken:
            raise WrongToken from None
        except TelegramError as error:
            raise TelegramAway(type(error).__name__) from None


def keyboard(choices: tuple[Choice, ...]) -> InlineKeyboardMarkup:
    """Buttons under a message: one a row, or two or three when every label is short."""
    longest = max(len(c.label) for c in choices)
    across = 3 if longest <= 8 else 2 if longest <= 14 else 1
    buttons = [InlineKeyboardButton(c.label, callback_data=c.id) for c in choices]
    return InlineKeyboardMarkup([buttons[n : n + across] for n in range(0, len(buttons), across)])


async def _sent(sending: Awaitable[Message]) -> Outcome:
    try:
        sent = await sending
    except TelegramError as error:
        return _outcome(error)
    return Sent(str(sent.message_id))


def _outcome(error: TelegramError) -> Outcome:
    """What became of a message Telegram did not take as it should."""
    if isinstance(error, _Trouble):
        if error.status in _FROM_BETWEEN:
            return Uncertain(str(error.status))
        later = error.status == 429 or error.status >= 500
        status = Status.TEMPORARY_FAILURE if later else Status.TECHNICAL_FAILURE
        return Refused(str(error.status), status, error.retry_after)
    if isinstance(error, Forbidden):  # they blocked the bot, or left Telegram
        return Refused("403", Status.PERMANENT_FAILURE, unreachable=True)
    if isinstance(error, ChatMigrated):
        return Refused("400", Status.PERMANENT_FAILURE, unreachable=True)
    if isinstance(error, InvalidToken):
        return Refused("401", Status.TECHNICAL_FAILURE)
    if isinstance(error, BadRequest):
        if any(words in error.message.lower() for words in _NOBODY_THERE):
            return Refused("400", Status.PERMANENT_FAILURE, unreachable=True)
        return Refused("400", Status.TECHNICAL_FAILURE)
    if isinstance(error, NetworkError):
        if isinstance(error.__cause__, _NEVER_LEFT):
            return Refused("not-connected", Status.TEMPORARY_FAILURE)
        return Uncertain("no-answer")
    return Uncertain("unreadable-answer")


class _Bot(Bot):
    """The library's own bot, which can also give updates as JSON.

    Its get_updates fails for all when it cannot read one, and writes them all to the log.
    """

    __slots__ = ()

    async def updates_as_json(self, offset: int | None, wait_seconds: int) -> list[dict[str, Any]]:
        data = {"offset": offset, "timeout": wait_seconds, "allowed_updates": ALLOWED}
        updates = await self._post("getUpdates", data, read_timeout=wait_seconds + 10)
        return updates if isinstance(updates, list) else []


class _Trouble(NetworkError):
    """Telegram, or a server on the way, answered with a status the library has no error for."""

    __slots__ = ("retry_after", "status")

    def __init__(self, status: int, retry_after: float | None = None):
        super().__init__(f"answered {status}")
        self.status = status
        self.retry_after = retry_after


class _Request(HTTPXRequest):
    """The library's own request, keeping the status of an answer and writing no answer to the log."""

    __slots__ = ()

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(*args, **kwargs)
        if status >= 300 and status not in _KNOWN:
            wait = None
            try:
                wait = float(json.loads(body)["parameters"]["retry_after"])
            except (ValueError, KeyError, TypeError):
                pass
            raise _Trouble(status, wait)
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        try:
            return json.loads(payload)
        except ValueError:
            raise TelegramError("not JSON") from None
