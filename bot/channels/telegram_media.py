"""Pictures, sounds and files in Telegram's messages: what is needed to fetch one, and fetching it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
from telegram import Message

from bot.messages import MOST_MEDIA_BYTES, Fetched, Media, NoMedia

#: Where a message holds one file, and what it is where Telegram does not say. A voice note is Opus
#: in Ogg, a round video MPEG-4, a photo JPEG (core.telegram.org/bots/api#message).
_ONE = (
    ("voice", "audio/ogg"),
    ("audio", "audio/mpeg"),
    ("animation", "video/mp4"),
    ("video", "video/mp4"),
    ("video_note", "video/mp4"),
    ("document", ""),
)
_GONE = frozenset({404, 410})
_TOO_LARGE = "too big"


def media_of(message: Message) -> tuple[Media, ...]:
    """The file a message holds; a photo in its largest size. Several sent together are several messages."""
    if message.photo:
        return (Media(message.photo[-1].file_id, "image/jpeg"),)
    if message.sticker:
        sticker = message.sticker
        type_ = "video/webm" if sticker.is_video else "image/webp"
        return (Media(sticker.file_id, "application/x-tgsticker" if sticker.is_animated else type_),)
    for attribute, usual in _ONE:
        held: Any = getattr(message, attribute, None)
        if held:  # an animation is also a document: the first counts
            type_ = getattr(held, "mime_type", None) or usual
            return (Media(held.file_id, type_[:100], (getattr(held, "file_name", None) or "")[:200]),)
    return ()


def detail_of(message: Message) -> str:
    """A place or a contact card in words; empty when it holds neither."""
    if message.location:
        at = f"{message.location.latitude:.6f}, {message.location.longitude:.6f}"
        venue = message.venue
        return f"{venue.title}, {venue.address} ({at})" if venue else at
    if message.contact:
        names = (message.contact.first_name, message.contact.last_name, message.contact.phone_number)
        return " ".join(name for name in names if name)
    return ""


def is_too_large(telegram_says: str) -> bool:
    """Whether Telegram refused a file for its size (as a 400)."""
    return _TOO_LARGE in telegram_says.lower()


async def fetch(http: httpx.AsyncClient, url: str, media: Media, size: int | None, part: str) -> Fetched:
    """Open the file at `url`, which holds the bot's token and is good for an hour. Raises NoMedia."""
    if size is not None and size > MOST_MEDIA_BYTES:
        raise NoMedia("too-large")
    headers = {"Accept-Encoding": "identity"} | ({"Range": part} if part else {})
    try:
        answer = await http.send(http.build_request("GET", url, headers=headers), stream=True)
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError):
        raise NoMedia("away") from None
    length = answer.headers.get("Content-Length", "")
    if answer.status_code not in (200, 206) or (length.isdecimal() and int(length) > MOST_MEDIA_BYTES):
        await answer.aclose()
        if answer.status_code in (200, 206):
            raise NoMedia("too-large")
        raise NoMedia("gone" if answer.status_code in _GONE else "away")
    return Fetched(
        # Telegram's file server knows no types; the message said it.
        type=media.type or "application/octet-stream",
        length=int(length) if length.isdecimal() else None,
        part=answer.headers.get("Content-Range", "") if answer.status_code == 206 else "",
        pieces=_pieces(answer),
        close=answer.aclose,
    )


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    sent = 0
    try:
        async for piece in answer.aiter_raw():
            sent += len(piece)
            if sent > MOST_MEDIA_BYTES:
                raise NoMedia("too-large")
            yield piece
    except httpx.HTTPError:
        raise NoMedia("away") from None
