"""What follows when words did not reach someone: another safe channel of theirs, or a human."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, text, update

from bot.clock import OpeningHours
from bot.delivery.taking import TEMPLATE_PROMPT, TOO_LATE, by_template
from bot.messages import COUNTED, WITH_BUTTONS, ChannelName, Choice, Status
from bot.outbox.queue import WAY, choices_of, file_of, queue_message, way_of
from bot.people.for_a_human import STANDING, ask_a_human, has_open_concern, open_case_id
from bot.people.safe_contact import NEEDS_TEMPLATE, OPTED_OUT, Purpose, Way, why_not
from bot.store.tables import contact_point, conversation, handoff, outbox, person
from bot.store.unit_of_work import Reading, UnitOfWork
from bot.words import gsm

#: These fall to another channel. A code would miss its point there, a nudge is not worth it, and
#: whoever said stop has heard it from the carrier.
FALLS = frozenset(
    {
        Purpose.CARD, Purpose.REPLY, Purpose.UNREADABLE, Purpose.STAFF, Purpose.WAITING, Purpose.CLOSING,
        Purpose.SUPPORT, Purpose.APPOINTMENT, Purpose.DISCREET,
    }
)  # fmt: skip
#: Words about an appointment they made: told in time some way, or a person rings in time.
_APPOINTMENTS = frozenset({Purpose.APPOINTMENT, Purpose.DISCREET})
#: Nobody waits for these; what may have gone twice or not at all is shown all the same.
_QUIET = frozenset({Purpose.NUDGE, Purpose.STOP, Purpose.CODE})
#: WhatsApp's 24 hours were over, as we or Twilio saw it.
_WINDOW_CLOSED = frozenset({NEEDS_TEMPLATE, "63016"})
_TO_FOLLOW_UP = text("outbox.follow_up")  # as the small index has it


@dataclass(frozen=True, slots=True)
class Setting:
    """What looking after them needs to know of this service."""

    channels: Collection[ChannelName]
    hours: OpeningHours
    template: str = ""  # WhatsApp's ContentSid for "we have news for you"


_failed = select(
    outbox.c.id, outbox.c.conversation_id, outbox.c.contact_point_id, outbox.c.channel, outbox.c.purpose,
    outbox.c.prompt, outbox.c.language, outbox.c.text, outbox.c.choices, outbox.c.file,
    outbox.c.about, outbox.c.status, outbox.c.reason,
    outbox.c.created_at, outbox.c.useful_until, outbox.c.answers_inbox_id, outbox.c.staff_id,
    outbox.c.replaces_id, func.coalesce(person.c.joined_into, person.c.id).label("person_id"),
).join(conversation, conversation.c.id == outbox.c.conversation_id).join(person)  # fmt: skip
_already = select(outbox.c.id).where(
    outbox.c.conversation_id == bindparam("conversation"), outbox.c.replaces_id == bindparam("message")
)


def to_look_after(reading: Reading, conversation_id: int | None = None, most: int = 50) -> list[int]:
    """The messages of which somebody must still hear, oldest first."""
    query = select(outbox.c.id).where(_TO_FOLLOW_UP).order_by(outbox.c.id).limit(most)
    if conversation_id is not None:
        query = query.where(outbox.c.conversation_id == conversation_id)
    return list(reading.execute(query).scalars())


def look_after(unit: UnitOfWork, outbox_id: int, setting: Setting) -> int | None:
    """Say it another way that is safe, or tell a human. Gives the new message's id, if there is one."""
    taken_on = unit.execute(
        update(outbox).where(outbox.c.id == outbox_id, _TO_FOLLOW_UP).values(follow_up=False)
    )
    if taken_on.rowcount == 0:
        return None  # somebody else did
    row = unit.execute(_failed.where(outbox.c.id == outbox_id)).one()
    if row.status == Status.DELIVERED or row.text is None:
        return None
    if unit.execute(_already, {"conversation": row.conversation_id, "message": row.id}).first():
        return None  # it failed once more, and was said another way the first time
    fallen_to = _say_it_elsewhere(unit, row, setting) if _falls(row) else None
    if fallen_to is None:
        _tell_a_human(unit, row, setting.hours)
    unit.tell(f"conversation:{row.conversation_id}")
    return fallen_to


def _falls(row: Any) -> bool:
    if row.purpose not in FALLS or row.reason == TOO_LATE or row.prompt == TEMPLATE_PROMPT:
        return False
    if row.status == Status.UNCERTAIN:
        return row.purpose == Purpose.CARD  # twice does no harm
    if row.reason == OPTED_OUT:  # nobody is pursued who said stop; to texts is not to their appointment
        return row.purpose == Purpose.CARD or row.purpose in _APPOINTMENTS
    return True


def _say_it_elsewhere(unit: UnitOfWork, row: Any, setting: Setting) -> int | None:
    for point_id, way in _other_ways(unit, row, setting.channels):
        if why_not(way, row.purpose, now=unit.now, elsewhere=True) is None:
            return _queue(unit, row, point_id, way, _words_for(unit, row, way.channel))
    if row.reason in _WINDOW_CLOSED and setting.template:
        way = by_template(way_of(unit, row.contact_point_id))
        if why_not(way, row.purpose, now=unit.now, elsewhere=True) is None:
            _tell_a_human(unit, row, setting.hours)  # the words themselves still wait to be said
            return _queue(unit, row, row.contact_point_id, way, "We have news for you.", TEMPLATE_PROMPT)
    return None


def _queue(unit: UnitOfWork, row: Any, point_id: int, way: Way, words: str, prompt: str | None = None) -> int:
    return queue_message(
        unit,
        conversation_id=row.conversation_id,
        contact_point_id=point_id,
        channel=row.channel if prompt else way.channel,
        purpose=row.purpose,
        text=words,
        language=row.language,
        choices=() if prompt else choices_of(unit, row.choices),
        prompt=prompt or row.prompt,
        useful_until=row.useful_until,
        answers_inbox_id=row.answers_inbox_id,
        staff_id=row.staff_id,
        replaces_id=row.id,
        safe=way,
        elsewhere=True,
        about=row.about,
        file=None if prompt else file_of(unit.sealer, row.file),
    )


def _other_ways(unit: UnitOfWork, row: Any, channels: Collection[ChannelName]) -> Iterable[tuple[int, Way]]:
    """Their other contact points, the one they wrote from last first; none that was tried for this."""
    tried = _tried(unit, row)
    rows = unit.execute(
        select(contact_point.c.id, *WAY)
        .where(
            contact_point.c.person_id == row.person_id,
            contact_point.c.address.is_not(None),
            contact_point.c.last_inbound_at.is_not(None),
            # Nobody looks at a page they have left.
            contact_point.c.channel.in_([c for c in channels if c != ChannelName.WEB]),
        )
        .order_by(contact_point.c.last_inbound_at.desc())
    )
    return [(other.id, Way(*other[1:])) for other in rows if other.id not in tried]


def _tried(reading: Reading, row: Any) -> set[int]:
    tried, before = {row.contact_point_id}, row.replaces_id
    while before is not None:
        point_id, before = reading.execute(
            select(outbox.c.contact_point_id, outbox.c.replaces_id).where(outbox.c.id == before)
        ).one()
        tried.add(point_id)
    return tried


def _words_for(reading: Reading, row: Any, channel: ChannelName) -> str:
    """The same words, complete for the other channel: where it has no buttons, with numbers."""
    words = reading.sealer.open(row.text)
    if row.channel in WITH_BUTTONS and channel not in WITH_BUTTONS:
        words = numbered(words, choices_of(reading, row.choices))
    return gsm.cheapest(words) if channel in COUNTED else words


def numbered(words: str, choices: Iterable[Choice]) -> str:
    """Words with their choices under them, numbered from 1."""
    return "\n".join([words, *(f"{n} {choice.label}" for n, choice in enumerate(choices, 1))])


def _tell_a_human(unit: UnitOfWork, row: Any, hours: OpeningHours) -> None:
    """A task for the team: at once when it was a card, else by the end of the working day.

    Nothing is said of someone whom staff may not know of yet (practice, section 2).
    """
    if row.purpose in _QUIET and row.status != Status.UNCERTAIN:
        return
    case_id = open_case_id(unit, row.person_id)
    if row.purpose == Purpose.CARD:
        ask_a_human(unit, row.person_id, "ring", unit.now, case_id=case_id)
    elif row.purpose in _APPOINTMENTS:
        due = min(_by_closing(hours, unit.now), row.useful_until or datetime.max.replace(tzinfo=UTC))
        ask_a_human(unit, row.person_id, "appointment-not-told", max(due, unit.now), case_id=case_id)
    elif row.purpose in (Purpose.STAFF, Purpose.UNREADABLE) or case_id or _known_to_staff(unit, row):
        fault = row.status in (Status.UNCERTAIN, Status.TECHNICAL_FAILURE) or row.reason == TOO_LATE
        kind = "not-sent" if fault else "cannot-reach"
        ask_a_human(unit, row.person_id, kind, _by_closing(hours, unit.now), case_id=case_id)


def _known_to_staff(reading: Reading, row: Any) -> bool:
    agreed = reading.execute(select(person.c.agreed_at).where(person.c.id == row.person_id)).scalar()
    if agreed is not None or has_open_concern(reading, row.person_id):
        return True
    standing = select(handoff.c.id).where(
        handoff.c.conversation_id == row.conversation_id, handoff.c.status.in_(STANDING)
    )
    return reading.execute(standing.limit(1)).first() is not None


def _by_closing(hours: OpeningHours, now: datetime) -> datetime:
    return max(hours.closing(now), now + timedelta(minutes=1))
