"""Which messages leave next: taken from the outbox in order, with a lease, through safe contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, insert, literal_column, not_, or_, select, text, update

from bot.delivery.throttle import ENOUGH, Room
from bot.messages import RANK, ChannelName, Choice, OutboundMessage, Status
from bot.outbox.queue import NOT_REACHED, concern_noticed, file_of
from bot.people.safe_contact import Purpose, Way, why_not
from bot.store.prepared import Prepared
from bot.store.sealed import Sealer
from bot.store.tables import Priority, contact_point, inbox, outbox, outbox_event
from bot.store.unit_of_work import Reading, UnitOfWork

TOO_LATE = "too late"
NO_CHANNEL = "no channel"
ERASED = "erased"
#: The prompt of a message that is WhatsApp's agreed template, not words of ours.
TEMPLATE_PROMPT = "whatsapp.template"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message taken to be sent, still sealed."""

    id: int
    conversation_id: int
    contact_point_id: int
    channel: ChannelName
    purpose: str
    priority: int
    segments: int
    tries: int
    possible_repeat: bool
    due_at: datetime
    useful_until: datetime | None
    language: str
    prompt: str | None
    address: bytes
    text: bytes
    choices: bytes | None
    file: bytes | None

    @property
    def is_safety(self) -> bool:
        return self.priority == Priority.SAFETY

    def opened(self, sealer: Sealer, template: str | None = None) -> OutboundMessage:
        """What the channel carries; `template` is WhatsApp's ContentSid. Raises CannotOpen."""
        return OutboundMessage(
            self.id,
            self.channel,
            sealer.open(self.address),
            sealer.open(self.text),
            tuple(Choice(*pair) for pair in sealer.open_json(self.choices)) if self.choices else (),
            self.language,
            self.useful_until,
            template if self.prompt == TEMPLATE_PROMPT else None,
            file=file_of(sealer, self.file),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one channel can take now.

    How many places are `free`, how many of them are `kept` from what nobody waits for, and what
    the throttle has `room` for.
    """

    free: int
    kept: int
    room: Room


# Written out, not bound: only so do both engines see that the small indexes hold these rows.
NOT_LEFT = text("outbox.rank < 30")
_earlier = outbox.alias("earlier")
#: Something said before it, by the same channel, has not been settled: it has not gone, not failed
#: for good, and is still of use. What is due later does not hold anything up until it was tried;
#: what may or may not have gone holds things up only while we are finding out.
_waits_its_turn = exists(
    select(literal_column("1"))
    .select_from(_earlier)
    .where(
        _earlier.c.conversation_id == outbox.c.conversation_id,
        _earlier.c.channel == outbox.c.channel,
        _earlier.c.id < outbox.c.id,
        text("earlier.rank < 30"),
        # The plus keeps SQLite from looking through the whole backlog, by priority, for each message.
        literal_column("+earlier.priority") > literal_column(str(int(Priority.SAFETY))),
        or_(_earlier.c.due_at <= bindparam("now"), _earlier.c.tries > literal_column("0")),
        or_(_earlier.c.useful_until.is_(None), _earlier.c.useful_until > bindparam("now")),
        or_(_earlier.c.rank != literal_column("20"), _earlier.c.lease_until.is_not(None)),
    )
)
COLUMNS = (
    outbox.c.id, outbox.c.conversation_id, outbox.c.contact_point_id, outbox.c.channel, outbox.c.purpose,
    outbox.c.priority, outbox.c.segments, outbox.c.tries, outbox.c.possible_repeat, outbox.c.due_at,
    outbox.c.useful_until, outbox.c.language, outbox.c.prompt,
    contact_point.c.address, outbox.c.text, outbox.c.choices, outbox.c.file,
)  # fmt: skip
#: The columns of a `Taken`, of a `Way`, when the message it answers came in, and what it replaces.
_next = (
    select(
        *COLUMNS, contact_point.c.safe, contact_point.c.opted_out_at, contact_point.c.unreachable_at,
        contact_point.c.last_inbound_at, inbox.c.received_at, outbox.c.replaces_id,
    )
    .join(contact_point, contact_point.c.id == outbox.c.contact_point_id)
    .outerjoin(
        inbox,
        and_(
            inbox.c.id == outbox.c.answers_inbox_id,
            inbox.c.contact_point_id == outbox.c.contact_point_id,
        ),
    )
    .where(
        NOT_LEFT,
        outbox.c.rank == literal_column("0"),
        outbox.c.due_at <= bindparam("now"),
        or_(outbox.c.priority == literal_column(str(int(Priority.SAFETY))), not_(_waits_its_turn)),
    )
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=outbox)
)  # fmt: skip
_by_channel = _next.where(outbox.c.channel == bindparam("channel"))
_next_by_channel = Prepared(_by_channel)
_next_of_conversation = Prepared(_by_channel.where(outbox.c.conversation_id == bindparam("conversation")))
_lease = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("messages", expanding=True)))
    .values(
        status=Status.SENDING, rank=RANK[Status.SENDING], tries=outbox.c.tries + 1,
        lease_until=bindparam("lease"),
    )
)  # fmt: skip
_refuse = (
    update(outbox)
    .where(outbox.c.id == bindparam("message"), outbox.c.rank <= RANK[Status.SENDING])
    .values(
        status=Status.NOT_SENT, rank=RANK[Status.NOT_SENT], reason=bindparam("why"),
        follow_up=bindparam("follow"), lease_until=None,
    )
)  # fmt: skip
add_event = insert(outbox_event)


def take(
    unit: UnitOfWork,
    wanted: Mapping[ChannelName, Wanted],
    lease: timedelta,
    conversation_id: int | None = None,
) -> tuple[list[Taken], dict[ChannelName, float]]:
    """Take what may leave now, and say on which channels some wait for their throttle, and for how much room.

    Safety first and always; then by priority, oldest first, each person's in order. What is past
    its `useful_until`, or may not go any more, becomes not-sent with its reason.
    """
    taken: list[Taken] = []
    crowded: dict[ChannelName, float] = {}
    for channel, want in wanted.items():
        _take_by(unit, channel, want, conversation_id, taken, crowded)
    if taken:
        unit.execute(_lease, {"messages": [t.id for t in taken], "lease": unit.now + lease})
    return taken, crowded


def _take_by(
    unit: UnitOfWork,
    channel: ChannelName,
    want: Wanted,
    conversation_id: int | None,
    taken: list[Taken],
    crowded: dict[ChannelName, float],
) -> None:
    free, budget, resting, full = want.free, want.room.budget, want.room.resting, False
    # Those who rest are passed over, so look that much further; and always for a few cards.
    most = max(int(min(free, budget + 1)) + len(resting), 8)
    values = {"now": unit.now, "most": most, "channel": channel}
    query = _next_by_channel
    if conversation_id is not None:
        query, values["conversation"] = _next_of_conversation, conversation_id
    for row in query.all(unit.connection, values):
        one = Taken(*row[:17])
        bulk = one.priority >= Priority.APPOINTMENT
        if reason := _not_now(unit, one, Way(channel, *row[17:21]), row[21], row[22] is not None):
            not_sent(unit, one.id, one.conversation_id, reason)
        elif one.is_safety:
            taken.append(one)
        elif one.contact_point_id in resting:
            crowded.setdefault(channel, ENOUGH)
        elif full or budget < (needed := want.room.needed(one.segments, bulk)):
            if not full:  # and none of those after it overtakes it
                full, crowded[channel] = True, needed
        elif free <= (want.kept if bulk else 0):
            continue  # the next one that comes back makes a place
        else:
            taken.append(one)
            free -= 1
            budget -= one.segments


def _not_now(
    unit: UnitOfWork, one: Taken, way: Way, answers_at: datetime | None, elsewhere: bool
) -> str | None:
    if one.address is None or one.text is None:
        return ERASED
    if one.useful_until is not None and one.useful_until <= unit.now:
        return TOO_LATE
    if one.prompt == TEMPLATE_PROMPT:
        way = by_template(way)
    return why_not(
        way,
        one.purpose,
        now=unit.now,
        answers_at=answers_at,
        concern=one.purpose == Purpose.NUDGE and concern_noticed(unit, one.conversation_id),
        elsewhere=elsewhere,
    )


def by_template(way: Way) -> Way:
    """WhatsApp agreed to the template beforehand, so its 24 hours do not matter: as for a text."""
    return replace(way, channel=ChannelName.SMS)


def not_sent(unit: UnitOfWork, outbox_id: int, conversation_id: int, reason: str) -> None:
    """It will not be sent, and delivery looks after what follows from that."""
    unit.execute(_refuse, {"message": outbox_id, "why": reason, "follow": reason != ERASED})
    unit.execute(
        add_event, {"outbox_id": outbox_id, "status": Status.NOT_SENT, "code": reason, "at": unit.now}
    )
    unit.tell("outbox")
    unit.tell(NOT_REACHED)
    unit.tell(f"conversation:{conversation_id}")


def on_no_channel(reading: Reading, channels: set[ChannelName], most: int = 100) -> list[tuple[int, int]]:
    """What waits for a channel that is not switched on: ids of messages and their conversations."""
    off = [c for c in ChannelName if c not in channels]
    query = select(outbox.c.id, outbox.c.conversation_id).where(
        NOT_LEFT,
        outbox.c.rank == literal_column("0"),
        outbox.c.channel.in_(off),
        outbox.c.due_at <= reading.now,
    )
    return [tuple(row) for row in reading.execute(query.order_by(outbox.c.id).limit(most))] if off else []
