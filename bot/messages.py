"""What people send, what we send them, and what every channel can do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ChannelName(StrEnum):
    """A way of talking with someone. The values are stored: never rename one."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    WEB = "web"


#: Channels that show choices as buttons; the others number them in the text.
WITH_BUTTONS = frozenset({ChannelName.TELEGRAM, ChannelName.WEB})

#: Channels on which every character costs the person or us money.
COUNTED = frozenset({ChannelName.SMS})


class Kind(StrEnum):
    """What sort of thing arrived."""

    WORDS = "words"
    BUTTON = "button"
    EDIT = "edit"  # the person corrected a message they had sent
    UNREADABLE = "unreadable"  # voice, photo, video, sticker, file: a human must look
    START = "start"  # they opened a Telegram link; `source` says which
    OPT_OUT = "opt-out"  # the carrier or the app has already stopped us
    OPT_IN = "opt-in"
    HELP = "help"  # the carrier has already answered this word itself


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a sound or a file somebody sent, as its provider finds it again.

    `ref` is the provider's own name for it: the path of Twilio's MediaUrl, Telegram's file_id.
    `type` is its content type as the provider says, `name` what the sender called it.
    """

    ref: str
    type: str = ""
    name: str = ""

    def __repr__(self) -> str:
        return f"Media(type={self.type!r})"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One thing a person sent, in the same shape whatever carried it.

    `provider_id` is unique for ever on its channel: MessageSid for Twilio;
    (bot, chat, message_id), with edit_date for an edit, or callback_query.id for
    Telegram; the page's own id for web chat. `address` is where an answer goes:
    +447… for SMS and WhatsApp, a chat id, a visitor token.
    """

    channel: ChannelName
    provider_id: str
    address: str
    text: str = ""
    kind: Kind = Kind.WORDS
    choice: str | None = None  # what the pressed button carried
    unreadable: str | None = None  # "voice", "photo", "video", "sticker", "file", "place", "contact"
    media: tuple[Media, ...] = ()  # what a human opens: several where they sent several at once
    detail: str = ""  # a place or a contact card in words, for a human: no turn thinks about it
    language: str | None = None  # a hint: the app's or the browser's language
    source: str | None = None  # the poster or link they came by
    opens_window: bool = True  # False when this does not reopen WhatsApp's 24 hours
    can_be_answered: bool = True  # False from a landline, a short code, a name, abroad: a human is told


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a person can choose: what its button carries, and its label."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """A small file that goes with a message, such as an appointment for somebody's own calendar.

    `type` is its content type ("text/calendar"). A channel that carries no files sends the words alone.
    """

    name: str
    type: str
    content: bytes

    def __repr__(self) -> str:
        return f"File(type={self.type!r}, {len(self.content)} bytes)"


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message for a channel to carry: an outbox row, opened.

    `text` is complete for this channel (choices already numbered where there are no
    buttons); `useful_until` is aware UTC, after which sending would do harm.
    """

    id: int
    channel: ChannelName
    address: str
    text: str
    choices: tuple[Choice, ...] = ()
    language: str = "en"
    useful_until: datetime | None = None
    template: str | None = None  # an approved WhatsApp template's ContentSid
    template_values: dict[str, str] = field(default_factory=dict)
    file: File | None = None


class Status(StrEnum):
    """Where a message has got to: GOV.UK Notify's seven and two of ours."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    TECHNICAL_FAILURE = "technical-failure"
    NOT_SENT = "not-sent"


#: `status` only moves to a higher rank, so receipts may come in any order, twice or never.
#: Delivered outranks every failure: a person who has the words has them.
RANK = {
    Status.QUEUED: 0,
    Status.SENDING: 10,
    Status.UNCERTAIN: 20,
    Status.SENT: 30,
    Status.TEMPORARY_FAILURE: 40,
    Status.TECHNICAL_FAILURE: 50,
    Status.PERMANENT_FAILURE: 60,
    Status.NOT_SENT: 70,
    Status.DELIVERED: 80,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. `provider_id` is its name there (a MessageSid, a message_id)."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no, with its own code.

    `status` is temporary-, permanent- or technical-failure; `retry_after` seconds when it
    said how long to wait; `unreachable` when they cannot be reached this way at all
    (Twilio 21610, Telegram 403): a human is told.
    """

    code: str
    status: Status
    retry_after: float | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may or may not have gone: the connection broke after we asked."""

    code: str


Outcome = Sent | Refused | Uncertain


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says later about a message. Found by our id, else by the provider's."""

    status: Status
    message_id: int | None = None
    provider_id: str | None = None
    code: str | None = None
    unreachable: bool = False


#: The largest thing a human can open through us: a Telegram bot may fetch no more than 20 MB
#: (core.telegram.org/bots/api#getfile); Twilio takes at most 5 MB by MMS and 16 MB by WhatsApp.
MOST_MEDIA_BYTES = 20 * 1024 * 1024


class NoMedia(Exception):
    """What somebody sent cannot be opened: "gone" for ever, "too-large", or "away" just now."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Fetched:
    """What somebody sent, on its way from the provider: `pieces` comes once, and `close` lets go of it.

    `type` is the provider's content type, `length` in bytes where it said. `part` is the provider's
    Content-Range when it sent only the part that was asked for.
    """

    type: str
    length: int | None
    part: str
    pieces: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]


class CannotLook(Exception):
    """The provider cannot be asked just now whether it has a message. Not the same as "it has not"."""


class Channel(Protocol):
    """What delivery needs of every channel."""

    name: ChannelName

    async def send(self, message: OutboundMessage) -> Outcome:
        """Hand one message to the provider. Never raises for anything the provider does."""
        ...

    async def look_for(self, message: OutboundMessage, since: datetime) -> Sent | None:
        """Find a message that may have gone (by To, body and time), or None.

        `since` is aware UTC. A channel that can never look answers None; one that cannot just
        now raises CannotLook, and is asked again later.
        """
        ...

    async def erase(self, address: str, provider_id: str) -> bool:
        """Delete the provider's copy of a message and what it holds, theirs or ours. True when it is gone."""
        ...

    async def fetch(self, media: Media, part: str = "") -> Fetched:
        """Open what somebody sent, from the provider, up to MOST_MEDIA_BYTES.

        `part` is a browser's Range header, passed on: a phone plays sound only in parts. Nothing is
        kept on the way. Raises NoMedia.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
