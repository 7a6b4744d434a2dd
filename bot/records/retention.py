"""What was said without a yes is erased when its time is over; only a concern's record stays.

A message's digest is kept for ever, so that a copy of it that a provider sends again is still a
duplicate. What lies at the provider is listed until somebody has deleted it there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from bot.casework.handoff_events import end
from bot.messages import RANK, ChannelName, Status
from bot.people.for_a_human import STANDING
from bot.store.tables import (
    HandoffStatus,
    access_need,
    appointment,
    cases,
    concern,
    contact_log,
    contact_point,
    conversation,
    freed_offer,
    handoff,
    handoff_event,
    inbox,
    join_code,
    joining,
    name_lookup,
    onward_referral,
    outbox,
    person,
    place_waited_for,
    plan,
    plan_line,
    short_notice,
    suggestion,
    task,
    timer,
    written_reminder,
)
from bot.store.unit_of_work import Reading, UnitOfWork

#: People at a time: the writer is nobody's for more than about 20 ms.
CHUNK = 10
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class ProviderCopy:
    """A message of which the provider may keep a copy: one of ours, or one that came in."""

    channel: ChannelName
    provider_id: str
    inbox_id: int | None = None
    outbox_id: int | None = None

    def __repr__(self) -> str:
        ours = f"outbox_id={self.outbox_id}" if self.inbox_id is None else f"inbox_id={self.inbox_id}"
        return f"ProviderCopy(channel={self.channel.value}, {ours})"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased, what is to be deleted at the provider, and whether there is more to do."""

    people: int
    messages_in: int
    messages_out: int
    at_provider: tuple[ProviderCopy, ...]
    more: bool


def erase_unagreed(unit: UnitOfWork, before: datetime, most: int = CHUNK) -> Erased:
    """Erase people who never said yes and last wrote before `before` (aware UTC), a chunk at a time.

    Call it in a unit of its own until `more` is False. Their words, name, numbers and the state of
    their conversation go; the lookup of a contact point stays only where they said stop. Of someone
    about whom a concern stands, what was said before it goes and the concern's record stays. People
    with a case have a record of care, which is kept by another rule; those with an appointment that is not
    over for as long are kept until it is.
    """
    ids = list(unit.execute(_to_erase(before).limit(most)).scalars())
    with_concern = list(unit.execute(_to_trim(before).limit(most)).all()) if len(ids) < most else []
    messages_in, messages_out, copies = 0, 0, []
    if ids:
        messages_in, messages_out, copies = _erase(unit, ids)
    for row in with_concern:
        came, went, theirs = _trim(unit, row)
        messages_in, messages_out = messages_in + came, messages_out + went
        copies += theirs
    more = len(ids) == most or len(with_concern) == most
    return Erased(len(ids), messages_in, messages_out, tuple(copies), more)


def copies_left(reading: Reading, most: int = 100) -> list[ProviderCopy]:
    """Erased messages of which a provider may still keep a copy, oldest first."""
    came = reading.execute(
        select(inbox.c.id, inbox.c.channel, inbox.c.provider_ref)
        .where(inbox.c.body.is_(None), inbox.c.provider_ref.is_not(None))
        .order_by(inbox.c.id)
        .limit(most)
    ).all()
    went = reading.execute(
        select(outbox.c.id, outbox.c.channel, outbox.c.provider_id)
        .where(outbox.c.text.is_(None), outbox.c.provider_id.is_not(None))
        .order_by(outbox.c.id)
        .limit(most)
    ).all()
    return _copies(reading, came, went)


def copies_deleted(unit: UnitOfWork, copies: Iterable[ProviderCopy]) -> None:
    """The provider keeps these no longer (or never did): forget what they were called there."""
    copies = list(copies)
    came = [c.inbox_id for c in copies if c.inbox_id is not None]
    went = [c.outbox_id for c in copies if c.outbox_id is not None]
    if came:
        unit.execute(update(inbox).where(inbox.c.id.in_(came)).values(provider_ref=None))
    if went:
        unit.execute(update(outbox).where(outbox.c.id.in_(went)).values(provider_id=None))
    unit.audit("deleted at provider", "system", messages=len(copies))


# -- who -----------------------------------------------------------------------------------


def _unagreed(before: datetime) -> list[ColumnElement[bool]]:
    case_of_theirs = select(cases.c.id).where(cases.c.person_id == person.c.id).correlate(person).exists()
    meets = (
        select(appointment.c.id)
        .where(
            appointment.c.person_id == person.c.id,
            appointment.c.booked_at.is_not(None),
            appointment.c.ends_at >= before,
        )
        .correlate(person)
        .exists()
    )
    last = func.coalesce(conversation.c.last_inbound_at, person.c.created_at)
    return [
        person.c.agreed_at.is_(None),
        person.c.erased_at.is_(None),
        person.c.joined_into.is_(None),
        last < before,
        ~case_of_theirs,
        ~meets,
    ]


def _stands() -> ColumnElement[bool]:
    """A concern whose record stays: all but those two people found to be none."""
    return or_(concern.c.not_a_concern_at.is_(None), concern.c.confirmed_at.is_(None))


def _to_erase(before: datetime):  # type: ignore[no-untyped-def]
    noticed = (
        select(concern.c.id)
        .where(concern.c.conversation_id == conversation.c.id, _stands())
        .correlate(conversation)
        .exists()
    )
    return (
        select(person.c.id)
        .join(conversation, conversation.c.person_id == person.c.id)
        .where(*_unagreed(before), ~noticed)
        .order_by(person.c.id)
    )


def _to_trim(before: datetime):  # type: ignore[no-untyped-def]
    first = (
        select(concern.c.conversation_id, func.min(concern.c.inbox_id).label("inbox_id"))
        .where(_stands())
        .group_by(concern.c.conversation_id)
        .subquery()
    )
    said = inbox.alias()
    earlier = (
        select(said.c.id)
        .where(
            said.c.conversation_id == conversation.c.id,
            said.c.id < first.c.inbox_id,
            said.c.body.is_not(None),
        )
        .correlate(conversation, first)
        .exists()
    )
    return (
        select(
            conversation.c.id,
            inbox.c.id.label("from_inbox_id"),
            inbox.c.received_at,
            person.c.id.label("person_id"),
        )
        .join(person, person.c.id == conversation.c.person_id)
        .join(first, first.c.conversation_id == conversation.c.id)
        .join(inbox, inbox.c.id == first.c.inbox_id)
        .where(*_unagreed(before), or_(earlier, conversation.c.state.is_not(None)))
        .order_by(conversation.c.id)
    )


# -- what ----------------------------------------------------------------------------------


def _erase(unit: UnitOfWork, ids: list[int]) -> tuple[int, int, list[ProviderCopy]]:
    """Erase these people, and whoever was joined into them."""
    people = _with_joined(unit, ids)
    talks = list(
        unit.execute(
            select(conversation.c.id)
            .where(conversation.c.person_id.in_(people))
            .order_by(conversation.c.id)
            .with_for_update()
        ).scalars()
    )
    came, went, copies = _words_gone(
        unit, inbox.c.conversation_id.in_(talks), outbox.c.conversation_id.in_(talks)
    )
    for handoff_id in (
        unit.execute(
            select(handoff.c.id).where(handoff.c.conversation_id.in_(talks), handoff.c.status.in_(STANDING))
        )
        .scalars()
        .all()
    ):
        end(unit, handoff_id, HandoffStatus.CLOSED, ERASED)
    notes = select(handoff.c.id).where(handoff.c.conversation_id.in_(talks))
    unit.execute(update(handoff_event).where(handoff_event.c.handoff_id.in_(notes)).values(note=None))
    unit.execute(update(concern).where(concern.c.conversation_id.in_(talks)).values(not_a_concern_why=None))
    unit.execute(
        update(timer)
        .where(timer.c.conversation_id.in_(talks), timer.c.done_at.is_(None))
        .values(done_at=unit.now, result=ERASED)
    )
    unit.execute(
        update(conversation)
        .where(conversation.c.id.in_(talks))
        .values(
            state=None, version=conversation.c.version + 1, last_inbound_at=None, concern_until=None,
            unanswered_since=None, held_by=None, held_until=None,
        )
    )  # fmt: skip
    _people_gone(unit, people)
    for person_id in people:
        unit.audit("erased", f"person:{person_id}", why="no agreement")
    return came, went, copies


def _with_joined(unit: UnitOfWork, ids: list[int]) -> list[int]:
    people, look = list(ids), list(ids)
    while look:
        joined = select(joining.c.joined_id).where(joining.c.kept_id.in_(look), joining.c.undone_at.is_(None))
        look = list(unit.execute(joined).scalars())
        people += look
    return people


def _people_gone(unit: UnitOfWork, people: list[int]) -> None:
    plans = select(plan.c.id).where(plan.c.person_id.in_(people))
    unit.execute(delete(plan_line).where(plan_line.c.plan_id.in_(plans)))
    for table in (
        access_need, name_lookup, place_waited_for, onward_referral, suggestion, plan,
        short_notice, freed_offer, written_reminder,
    ):  # fmt: skip
        unit.execute(delete(table).where(table.c.person_id.in_(people)))
    codes = or_(join_code.c.asking_person_id.in_(people), join_code.c.known_person_id.in_(people))
    unit.execute(delete(join_code).where(codes))
    # What a joining moved holds names; without them it cannot be undone, nor need it be.
    unit.execute(
        update(joining)
        .where(or_(joining.c.kept_id.in_(people), joining.c.joined_id.in_(people)))
        .values(moved=b"", undone_at=func.coalesce(joining.c.undone_at, unit.now))
    )
    unit.execute(
        update(task)
        .where(task.c.person_id.in_(people))
        .values(details=None, done_at=func.coalesce(task.c.done_at, unit.now))
    )
    unit.execute(update(contact_log).where(contact_log.c.person_id.in_(people)).values(note=None))
    # That somebody was there, and when, is a link worker's diary; what was said of it is the person's.
    unit.execute(
        update(appointment)
        .where(appointment.c.person_id.in_(people))
        .values(where=None, bring=None, note=None, needs=None, late_minutes=None)
    )
    for point_id, stopped in unit.execute(
        select(contact_point.c.id, contact_point.c.opted_out_at).where(contact_point.c.person_id.in_(people))
    ).all():
        values: dict[str, Any] = {"address": None, "last_inbound_at": None}
        if stopped is None:
            values["lookup"] = f"erased {secrets.token_hex(16)}"  # nobody is found by it again
        unit.execute(update(contact_point).where(contact_point.c.id == point_id).values(**values))
    unit.execute(
        update(person)
        .where(person.c.id.in_(people))
        .values(name=None, contact_plan=None, source=None, nation=None, under_age=False, erased_at=unit.now)
    )


def _trim(unit: UnitOfWork, row: Any) -> tuple[int, int, list[ProviderCopy]]:
    """Leave a concern's record: what was said before it goes, and where the questions stood."""
    came, went, copies = _words_gone(
        unit,
        (inbox.c.conversation_id == row.id) & (inbox.c.id < row.from_inbox_id),
        (outbox.c.conversation_id == row.id) & (outbox.c.created_at < row.received_at),
    )
    unit.execute(
        update(conversation)
        .where(conversation.c.id == row.id)
        .values(state=None, version=conversation.c.version + 1)
    )
    unit.audit("erased but for a concern", f"person:{row.person_id}", messages_in=came, messages_out=went)
    return came, went, copies


def _words_gone(
    unit: UnitOfWork, came: ColumnElement[bool], went: ColumnElement[bool]
) -> tuple[int, int, list[ProviderCopy]]:
    """Null what was said; what was still to be sent is not sent. The digests stay."""
    in_rows = unit.execute(
        update(inbox)
        .where(came, inbox.c.body.is_not(None))
        .values(body=None)
        .returning(inbox.c.id, inbox.c.channel, inbox.c.provider_ref)
    ).all()
    unit.execute(
        update(outbox)
        .where(went, outbox.c.rank < RANK[Status.SENT])
        .values(status=Status.NOT_SENT, rank=RANK[Status.NOT_SENT], reason=ERASED, lease_until=None)
    )
    out_rows = unit.execute(
        update(outbox)
        .where(went, outbox.c.text.is_not(None))
        .values(text=None, values=None, choices=None, file=None)
        .returning(outbox.c.id, outbox.c.channel, outbox.c.provider_id)
    ).all()
    return len(in_rows), len(out_rows), _copies(unit, in_rows, out_rows)


def _copies(reading: Reading, came: Iterable[Any], went: Iterable[Any]) -> list[ProviderCopy]:
    found = [
        ProviderCopy(channel, reading.sealer.open(ref), inbox_id=id_) for id_, channel, ref in came if ref
    ]
    found += [ProviderCopy(channel, name, outbox_id=id_) for id_, channel, name in went if name]
    return found
