"""Safe contact: whether words may go by one contact point, asked before queueing and before sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.messages import ChannelName
from bot.store.tables import Safe


class Purpose(StrEnum):
    """What a message is for. The values are stored: never rename one."""

    REPLY = "reply"  # the next words of a conversation they are in
    CARD = "card"  # a crisis card
    UNREADABLE = "unreadable"  # we could not hear or see what they sent
    STAFF = "staff"  # a link worker's own words
    NUDGE = "nudge"  # they stopped half-way
    WAITING = "waiting"  # they are still on the list, or nobody has seen their message yet
    CLOSING = "closing"
    STOP = "stop"  # the one message saying that no more will come
    APPOINTMENT = "appointment"  # their appointment, of our own accord
    DISCREET = "discreet"  # the same in words that give nothing away, as they asked
    SUPPORT = "support"  # a service that may fit, a place that came up, whether they got there
    CODE = "code"  # to join two channels, sent to the one already known


#: Someone who wrote this recently is holding the phone now (practice, section 4).
HOLDING = timedelta(minutes=5)
#: WhatsApp takes our own words this long after theirs (twilio.com/docs/api/errors/63016).
WHATSAPP_WINDOW = timedelta(hours=24)

OPTED_OUT = "opted out"
NOT_SAFE_NOW = "not safe now"
UNREACHABLE = "unreachable"
GIVEN_BY_SOMEONE_ELSE = "given by someone else"
NOT_KNOWN_SAFE = "not known to be safe"
OTHERS_SEE_IT = "others may see it"
CONCERN = "a concern was noticed"
NEEDS_TEMPLATE = "needs a template"

THEIRS_ALONE = frozenset({Safe.ONLY_ME, Safe.TEXT_ONLY})
#: Words of one's own accord, so not to where others read: a human rings instead.
_UNASKED = frozenset({Purpose.STAFF, Purpose.WAITING, Purpose.CLOSING, Purpose.SUPPORT, Purpose.APPOINTMENT})


class Reachable(Protocol):
    """What the rules ask of a contact point; `ContactPoint` has it all."""

    @property
    def channel(self) -> ChannelName: ...
    @property
    def safe(self) -> Safe: ...
    @property
    def opted_out_at(self) -> datetime | None: ...
    @property
    def unreachable_at(self) -> datetime | None: ...
    @property
    def last_inbound_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Way:
    """A contact point as the rules see it: no address, no person."""

    channel: ChannelName
    safe: Safe
    opted_out_at: datetime | None = None
    unreachable_at: datetime | None = None
    last_inbound_at: datetime | None = None


def why_not(
    point: Reachable,
    purpose: Purpose | str,
    *,
    now: datetime,
    answers_at: datetime | None = None,
    concern: bool = False,
    elsewhere: bool = False,
) -> str | None:
    """The reason words for this `purpose` may not go by `point` at `now`, or None when they may.

    `answers_at`: when the message they answer came in by this very contact point, if they answer
    one (aware UTC, like `now`). `concern`: a concern was noticed in this conversation and nobody
    has said it was none; only nudges ask. `elsewhere`: they were meant for another contact point
    and fell to this one. The reason is a few plain words that staff read. The rules are practice
    sections 3 to 5.
    """
    wrote_at = max((t for t in (point.last_inbound_at, answers_at) if t), default=None)
    holding = not elsewhere and wrote_at is not None and now - wrote_at <= HOLDING
    theirs = point.safe in THEIRS_ALONE

    if point.opted_out_at and not (purpose == Purpose.STOP and holding):
        return OPTED_OUT
    if point.safe == Safe.NOT_NOW:
        return NOT_SAFE_NOW
    # Someone who has written since can be reached again, whatever the provider said before.
    if point.unreachable_at and not (wrote_at and wrote_at > point.unreachable_at):
        return UNREACHABLE
    if wrote_at is None:
        return GIVEN_BY_SOMEONE_ELSE
    if purpose == Purpose.NUDGE and concern:
        return CONCERN
    if (purpose == Purpose.NUDGE or elsewhere) and not theirs:
        return NOT_KNOWN_SAFE
    if purpose == Purpose.CARD and not (holding or theirs):
        return NOT_KNOWN_SAFE
    if point.safe in (Safe.SHARED, Safe.NO_MESSAGE) and _shows_itself(point.channel):
        if purpose == Purpose.CODE or (purpose in _UNASKED and not holding):
            return OTHERS_SEE_IT
        if purpose == Purpose.DISCREET and point.safe == Safe.NO_MESSAGE:
            return OTHERS_SEE_IT  # they said it themselves: ring, and leave no message
    if point.channel == ChannelName.WHATSAPP and now - wrote_at >= WHATSAPP_WINDOW:
        return NEEDS_TEMPLATE
    return None


def _shows_itself(channel: ChannelName) -> bool:
    """A text lights up a phone; web chat waits until its own visitor opens the page."""
    return channel != ChannelName.WEB
