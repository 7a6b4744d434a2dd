"""What Telegram's updates say: words, a button, a file, or someone blocking the bot."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from telegram import Chat, ChatMember, Message, Update
from telegram.helpers import effective_message_type

from bot.channels.malformed import Malformed
from bot.channels.telegram_media import detail_of, media_of
from bot.messages import ChannelName, InboundMessage, Kind

#: All we ask Telegram to send us.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]

#: Carried by every webhook, as set with set_webhook (core.telegram.org/bots/api#setwebhook).
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

#: What a message holds instead of text, and what we call it. The first that is there counts: an
#: animation is also a document, a venue also a location.
_UNREADABLE = (
    ("voice", "voice"),
    ("audio", "voice"),
    ("photo", "photo"),
    ("live_photo", "photo"),
    ("animation", "video"),
    ("video", "video"),
    ("video_note", "video"),
    ("sticker", "sticker"),
    ("dice", "sticker"),
    ("document", "file"),
    ("location", "place"),
    ("contact", "contact"),
    ("story", "file"),
    ("poll", "file"),
    ("checklist", "file"),
    ("paid_media", "file"),
    ("game", "file"),
)

_START = re.compile(r"^/start(?:@\w+)?(?:\s+(\S.*))?$", re.DOTALL)
_SOURCE = re.compile(r"^[A-Za-z0-9_-]{1,64}$")  # a deep link's payload; other words were typed
_COMMAND = re.compile(r"^/([A-Za-z0-9_]+)(?:@\w+)?(?=\s|$)")


def is_from_telegram(headers: Mapping[str, str], secret: str) -> bool:
    """Whether a webhook carries our secret token. Never true when we have none."""
    given = headers.get(SECRET_HEADER) or headers.get(SECRET_HEADER.lower()) or ""
    return bool(secret) and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


def read_update(update: bytes | Mapping[str, Any], bot_id: str) -> InboundMessage | None:
    """The message in an update, given as the webhook's body or as JSON already read.

    None for what is not for us: groups and channels, and notes Telegram makes itself ("pinned a
    message"). Raises Malformed when it is not an update.
    """
    if isinstance(update, bytes):
        try:
            update = json.loads(update)
        except (ValueError, RecursionError):
            raise Malformed("the body is not JSON") from None
    if not isinstance(update, Mapping) or not isinstance(update.get("update_id"), int):
        raise Malformed("update_id is not there")
    ours = {name: update[name] for name in ALLOWED if name in update}
    if not ours:
        return None
    try:
        return _read(Update.de_json({"update_id": update["update_id"], **ours}, None), bot_id)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise Malformed(f"not an update ({type(error).__name__})") from None


def _read(update: Update, bot_id: str) -> InboundMessage | None:
    if update.message:
        return _message(update.message, bot_id)
    if update.edited_message:
        return _edit(update.edited_message, bot_id)
    if update.callback_query:
        query = update.callback_query
        if query.message is None or query.data is None or query.message.chat.type != Chat.PRIVATE:
            return None
        return InboundMessage(
            ChannelName.TELEGRAM,
            query.id,
            str(query.message.chat.id),
            kind=Kind.BUTTON,
            choice=_sound(query.data),
            language=query.from_user.language_code,
        )
    if update.my_chat_member:
        change = update.my_chat_member
        if change.chat.type != Chat.PRIVATE:
            return None
        status = change.new_chat_member.status
        blocked = status == ChatMember.BANNED
        return InboundMessage(
            ChannelName.TELEGRAM,
            f"{bot_id}:{change.chat.id}:{status}:{int(change.date.timestamp())}",
            str(change.chat.id),
            kind=Kind.OPT_OUT if blocked else Kind.OPT_IN,
            language=change.from_user.language_code,
        )
    return None


def _message(message: Message, bot_id: str) -> InboundMessage | None:
    if message.chat.type != Chat.PRIVATE:
        return None
    kind, source, unreadable = Kind.WORDS, None, None
    text = _sound(message.text or message.caption or "")
    if not message.text:
        unreadable = _unreadable(message)
        if unreadable is None:
            return None
        kind = Kind.UNREADABLE
    elif started := _START.match(text):
        # The words stay whole: someone may type "/start please help" and safety must read it.
        kind = Kind.START
        if started[1] and _SOURCE.match(started[1]):
            source = started[1]
    else:
        text = _COMMAND.sub(r"\1", text)
    return InboundMessage(
        ChannelName.TELEGRAM,
        f"{bot_id}:{message.chat.id}:{message.message_id}",
        str(message.chat.id),
        text=text,
        kind=kind,
        unreadable=unreadable,
        media=media_of(message),
        detail=_sound(detail_of(message))[:300],
        language=message.from_user.language_code if message.from_user else None,
        source=source,
    )


def _edit(message: Message, bot_id: str) -> InboundMessage | None:
    if message.chat.type != Chat.PRIVATE or message.edit_date is None:
        return None
    text = _sound(message.text or message.caption or "")
    if not text and message.location:  # a shared live location moves every few seconds
        return None
    return InboundMessage(
        ChannelName.TELEGRAM,
        f"{bot_id}:{message.chat.id}:{message.message_id}:{int(message.edit_date.timestamp())}",
        str(message.chat.id),
        text=text,
        kind=Kind.EDIT,
        unreadable=None if message.text else _unreadable(message),
        media=media_of(message),
        language=message.from_user.language_code if message.from_user else None,
    )


def _unreadable(message: Message) -> str | None:
    """What it holds; None for a note Telegram made itself. What we have never heard of is a file."""
    for attribute, called in _UNREADABLE:
        if getattr(message, attribute, None):
            return called
    return None if effective_message_type(message) else "file"


def _sound(text: str) -> str:
    """Without half characters, which JSON can carry and no store can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
