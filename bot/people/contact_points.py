"""The ways to reach someone: which they are, how safe, and whether they may be used at all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from bot.messages import ChannelName
from bot.people.for_a_human import ask_a_human, has_open_concern, open_case_id
from bot.store.prepared import Prepared
from bot.store.sealed import Sealer
from bot.store.tables import Ledger, Safe, contact_point, conversation, ledger, person
from bot.store.unit_of_work import Reading, UnitOfWork

#: One telephone number is one number, whether they text it or write by WhatsApp.
BY_PHONE = frozenset({ChannelName.SMS, ChannelName.WHATSAPP})


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One way to reach a person. `address` is where an answer goes; instants are aware UTC."""

    id: int
    person_id: int
    channel: ChannelName
    address: str
    safe: Safe
    opted_out_at: datetime | None
    unreachable_at: datetime | None
    last_inbound_at: datetime | None
    conversation_id: int

    def __repr__(self) -> str:
        return f"ContactPoint(id={self.id}, channel={self.channel.value})"


def lookup_of(sealer: Sealer, channel: ChannelName, address: str) -> str:
    """What this address is found by."""
    return sealer.lookup("phone" if channel in BY_PHONE else channel.value, address)


_COLUMNS = (
    contact_point.c.id,
    contact_point.c.person_id,
    contact_point.c.channel,
    contact_point.c.safe,
    contact_point.c.opted_out_at,
    contact_point.c.unreachable_at,
    contact_point.c.last_inbound_at,
    conversation.c.id.label("conversation_id"),
)
# After a join the contact points are the kept person's, so this leads to the one conversation.
_FOUND = select(*_COLUMNS).join(conversation, conversation.c.person_id == contact_point.c.person_id)
_known = Prepared(
    _FOUND.where(
        contact_point.c.channel == bindparam("channel"),
        contact_point.c.lookup == bindparam("lookup"),
        contact_point.c.address.is_not(None),
    )
)
_ANY_STATE = (
    select(contact_point.c.id, contact_point.c.person_id, conversation.c.id.label("conversation_id"))
    .join(conversation, conversation.c.person_id == contact_point.c.person_id)
    .where(contact_point.c.channel == bindparam("channel"), contact_point.c.lookup == bindparam("lookup"))
)
_with_address = (
    select(*_COLUMNS, contact_point.c.address)
    .join(conversation, conversation.c.person_id == contact_point.c.person_id)
    .where(contact_point.c.address.is_not(None))
)


def known(reading: Reading, channel: ChannelName, address: str) -> ContactPoint | None:
    """The contact point with this address, if we know it. One indexed look, nothing unsealed."""
    lookup = lookup_of(reading.sealer, channel, address)
    row = _known.first(reading.connection, {"channel": channel, "lookup": lookup})
    return _point(row, address) if row else None


def first_contact(
    unit: UnitOfWork,
    channel: ChannelName,
    address: str,
    *,
    language: str,
    zone: str,
    source: str | None = None,
) -> ContactPoint:
    """A person, their contact point and their conversation, from the first thing they send.

    Two at once make one person: the second gets what the first made. Someone erased after they
    said stop comes back as nobody we know, and the stop still stands.
    """
    lookup = lookup_of(unit.sealer, channel, address)
    nested = unit.connection.begin_nested()
    try:
        person_id = unit.insert(
            person,
            token=secrets.token_hex(16),
            created_at=unit.now,
            language=language,
            zone=zone,
            source=source,
        )
        point_id = unit.insert(
            contact_point,
            person_id=person_id,
            channel=channel,
            address=unit.sealer.seal(address),
            lookup=lookup,
            created_at=unit.now,
            safe=Safe.NOT_ASKED,
        )
        conversation_id = unit.insert(
            conversation, person_id=person_id, channel=channel, contact_point_id=point_id
        )
    except IntegrityError:
        nested.rollback()
        return known(unit, channel, address) or _come_back(
            unit, channel, address, lookup, language=language, zone=zone, source=source
        )
    nested.commit()
    unit.audit("first contact", f"person:{person_id}", channel=channel.value)
    return ContactPoint(
        point_id, person_id, channel, address, Safe.NOT_ASKED, None, None, None, conversation_id
    )


def _come_back(
    unit: UnitOfWork,
    channel: ChannelName,
    address: str,
    lookup: str,
    *,
    language: str,
    zone: str,
    source: str | None,
) -> ContactPoint:
    """All that was kept was that this address said stop. It is someone new."""
    row = unit.execute(_ANY_STATE, {"channel": channel, "lookup": lookup}).one()
    unit.execute(
        update(contact_point)
        .where(contact_point.c.id == row.id)
        .values(address=unit.sealer.seal(address), safe=Safe.NOT_ASKED, unreachable_at=None)
    )
    unit.execute(
        update(person)
        .where(person.c.id == row.person_id)
        .values(
            token=secrets.token_hex(16), created_at=unit.now, language=language, zone=zone, source=source,
            erased_at=None,
        )
    )  # fmt: skip
    unit.audit("first contact", f"person:{row.person_id}", channel=channel.value, after="erasure")
    point = known(unit, channel, address)
    assert point is not None
    return point


def of_person(reading: Reading, person_id: int) -> list[ContactPoint]:
    """Every way to reach this person, oldest first."""
    rows = reading.execute(
        _with_address.where(contact_point.c.person_id == person_id).order_by(contact_point.c.id)
    )
    return [_point(row, reading.sealer.open(row.address)) for row in rows]


def point_of(reading: Reading, contact_point_id: int) -> ContactPoint | None:
    """One contact point; None when it was erased."""
    row = reading.execute(_with_address.where(contact_point.c.id == contact_point_id)).first()
    return _point(row, reading.sealer.open(row.address)) if row else None


def heard_from(unit: UnitOfWork, contact_point_id: int) -> None:
    """They wrote from here just now: WhatsApp's 24 hours start again, and it can be reached after all."""
    unit.change(contact_point, contact_point_id, last_inbound_at=unit.now, unreachable_at=None)


def set_safe(unit: UnitOfWork, contact_point_id: int, safe: Safe) -> None:
    """How safe this way is, in the person's own answer."""
    unit.change(contact_point, contact_point_id, safe=safe)
    unit.audit("safe contact set", f"contact-point:{contact_point_id}", safe=safe.value)


def opt_out(unit: UnitOfWork, contact_point_id: int, how: str) -> None:
    """Nothing more goes here. `how` says who told us: "carrier", "words", "blocked".

    Closes no case. While a concern about them is open, a human is to ring them today and decides
    on the call. Said twice, it is one stop.
    """
    point = _row(unit, contact_point_id)
    if point.opted_out_at is not None:
        return
    unit.execute(
        update(contact_point).where(contact_point.c.id == contact_point_id).values(opted_out_at=unit.now)
    )
    _in_ledger(unit, point, given=False, how=how)
    unit.audit("opted out", f"contact-point:{contact_point_id}", how=how)
    if has_open_concern(unit, point.person_id):
        ask_a_human(unit, point.person_id, "ring", unit.now, case_id=open_case_id(unit, point.person_id))


def opt_in(unit: UnitOfWork, contact_point_id: int, how: str) -> None:
    """They may be written to here again."""
    point = _row(unit, contact_point_id)
    if point.opted_out_at is None:
        return
    unit.execute(
        update(contact_point).where(contact_point.c.id == contact_point_id).values(opted_out_at=None)
    )
    _in_ledger(unit, point, given=True, how=how)
    unit.audit("opted in", f"contact-point:{contact_point_id}", how=how)


def mark_unreachable(unit: UnitOfWork, contact_point_id: int, code: str) -> None:
    """The provider says this cannot be reached; `code` is its own.

    Where staff wait for this person (an open case, an open concern), a human is told.
    """
    point = _row(unit, contact_point_id)
    if point.unreachable_at is not None:
        return
    unit.execute(
        update(contact_point).where(contact_point.c.id == contact_point_id).values(unreachable_at=unit.now)
    )
    unit.audit("unreachable", f"contact-point:{contact_point_id}", code=code)
    case_id = open_case_id(unit, point.person_id)
    if has_open_concern(unit, point.person_id):
        ask_a_human(unit, point.person_id, "ring", unit.now, case_id=case_id)
    elif case_id is not None:
        ask_a_human(unit, point.person_id, "cannot-reach", unit.now, case_id=case_id)


def _row(unit: UnitOfWork, contact_point_id: int):  # type: ignore[no-untyped-def]
    return unit.execute(
        select(
            contact_point.c.person_id,
            contact_point.c.channel,
            contact_point.c.opted_out_at,
            contact_point.c.unreachable_at,
        ).where(contact_point.c.id == contact_point_id)
    ).one()


def _in_ledger(unit: UnitOfWork, point, *, given: bool, how: str) -> None:  # type: ignore[no-untyped-def]
    # Messages rest on a basis in law, to which people may object: an entry of the kind "told".
    unit.insert(
        ledger,
        person_id=point.person_id,
        kind=Ledger.TOLD,
        purpose="texts" if point.channel is ChannelName.SMS else point.channel.value,
        given=given,
        at=unit.now,
        said_by=how[:40],
    )


def _point(row, address: str) -> ContactPoint:  # type: ignore[no-untyped-def]
    return ContactPoint(
        row.id,
        row.person_id,
        row.channel,
        address,
        row.safe,
        row.opted_out_at,
        row.unreachable_at,
        row.last_inbound_at,
        row.conversation_id,
    )
