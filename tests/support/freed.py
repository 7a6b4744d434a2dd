"""Somebody's time with Amina, and people who would come sooner, for tests of a time that comes free."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.appointments import booking, freed_answers, freed_time
from bot.appointments.appointment import Appointment, next_appointment
from bot.appointments.calendar import set_calendar
from bot.appointments.freed_time import FreedTime, Offer
from bot.messages import RANK, Status
from bot.people import persons
from bot.people.contact_points import ContactPoint, first_contact
from bot.store.engines import Store
from bot.store.tables import Meeting, Safe, contact_point, freed_offer, outbox, person, timer
from bot.store.tables import freed_time as table
from bot.store.unit_of_work import UnitOfWork
from tests.support import near
from tests.support.appointments import books, nine_to_five, resident, thursday
from tests.support.conversation import Conversation
from tests.support.phone import Phone
from tests.support.stores import Done

#: Ray's number in these tests; the others count on from MANY.
RAY, MANY = "+447700900801", 7700900300


def can_be_asked(done: Done, point: ContactPoint, *, safe: Safe = Safe.ONLY_ME, **plan: str | None) -> None:
    """They wrote to us yesterday from a phone of their own, and that is how they may be reached."""

    def work(unit: UnitOfWork) -> None:
        unit.execute(
            update(contact_point)
            .where(contact_point.c.id == point.id)
            .values(safe=safe, last_inbound_at=unit.now - timedelta(days=1))
        )
        if plan:
            persons.plan_contact(unit, point.person_id, **plan)

    done(work)


def waits(
    done: Done, nth: int, staff_id: int | None = None, *, later: datetime | None = None, **wishes: Any
) -> ContactPoint:
    """Somebody who would come sooner than next Thursday, when they have a time with this worker."""
    point = resident(done, f"+44{MANY + nth}", name=f"May {nth}")
    can_be_asked(done, point)
    if staff_id is not None:
        starts_at = later or thursday(9) + timedelta(days=7, minutes=45 * nth)
        books(done, point.person_id, staff_id, starts_at, acting="person")
    done(lambda unit: freed_time.wait_for_earlier(unit, point.person_id, **wishes), acting="person")
    return point


def has_a_time(done: Done, staff_id: int, starts_at: datetime | None = None, **details: Any) -> Appointment:
    """Ray has it: on Thursday at ten where nothing else is said."""
    return books(done, resident(done, RAY, name="Ray").person_id, staff_id, starts_at, **details)


def cannot_come(done: Done, appointment: Appointment, acting: str = "person", **more: Any) -> None:
    """It is called off."""
    done(lambda unit: booking.cancel(unit, appointment.id, why=more.get("why", "cannot-come")), acting=acting)


def freed(store: Store) -> list[FreedTime]:
    """Every time that ever came free, oldest first."""
    with store.reading() as reading:
        return [FreedTime(*row) for row in reading.execute(select(table).order_by(table.c.id))]


def looks(done: Done, freed_id: int, **more: Any) -> list[int]:
    """It is looked whom to ask; who is asked."""

    def work(unit: UnitOfWork) -> list[int]:
        ids = freed_time.offer_next(unit, freed_id, **more)
        return [freed_time.offer_of(unit, id_).person_id for id_ in ids]  # type: ignore[union-attr]

    return done(work, acting="timer")


def offers(store: Store) -> dict[int, Offer]:
    """Every offer, by whom it was made to; the newest of each."""
    return {one.person_id: one for one in _all(store)}


def _all(store: Store) -> list[Offer]:
    with store.reading() as reading:
        return [Offer(*row) for row in reading.execute(select(freed_offer).order_by(freed_offer.c.id))]


def answers(store: Store) -> dict[int, str | None]:
    """What each has answered, by who they are."""
    return {who: offer.answer for who, offer in offers(store).items()}


def takes(done: Done, store: Store, point: ContactPoint) -> Any:
    """They say yes to what they were asked."""
    offer = offers(store)[point.person_id]
    return done(lambda unit: freed_answers.take(unit, offer.id), acting="person")


def says_no(done: Done, store: Store, point: ContactPoint) -> None:
    """Not this time."""
    offer = offers(store)[point.person_id]
    done(lambda unit: freed_answers.let_go(unit, offer.id), acting="person")


def to_be_told(store: Store) -> dict[int, str]:
    """What each is to hear next, by who they are."""
    with store.reading() as reading:
        rows = reading.execute(
            select(timer.c.details, freed_offer.c.person_id)
            .join(
                freed_offer, timer.c.subject == "freed-offer:" + freed_offer.c.id.cast(timer.c.subject.type)
            )
            .where(timer.c.kind == freed_time.TELL, timer.c.done_at.is_(None))
        )
        return {row.person_id: row.details["what"] for row in rows}


def lives_abroad(done: Done, point: ContactPoint, zone: str) -> None:
    """The clock on their wall is another."""
    done(lambda unit: unit.execute(update(person).where(person.c.id == point.person_id).values(zone=zone)))


# In whole conversations


def works(conversation: Conversation, name: str = "Amina Shah") -> int:
    """A link worker people may book, Monday to Friday, nine to five, by phone; their id."""
    worker = conversation.worker(name)
    near.run(
        conversation,
        lambda unit: set_calendar(unit, worker.id, hours=nine_to_five(), open_to_people=True),
        f"staff:{worker.id}",
    )
    return worker.id


def has(phone: Phone, staff_id: int, starts_at: datetime, **details: Any) -> Appointment:
    """They have booked this: half an hour by phone where nothing else is said."""
    details = {"minutes": 30, "kind": "review", "meeting": Meeting.PHONE} | details
    booked = near.run(
        phone.conversation,
        lambda unit: booking.book(unit, phone.person.id, staff_id, starts_at, **details),
        "person",
    )
    assert isinstance(booked, Appointment), booked
    return booked


def would_come_sooner(phone: Phone, **wishes: Any) -> Phone:
    """They said they could come at short notice."""
    person_id = phone.person.id
    near.run(
        phone.conversation, lambda unit: freed_time.wait_for_earlier(unit, person_id, **wishes), "person"
    )
    return phone


def gives_up(phone: Phone) -> None:
    """They cannot come to what they have next."""
    phone.conversation.next_line()
    mine = next_of(phone)
    assert mine is not None
    near.run(phone.conversation, lambda unit: booking.cancel(unit, mine.id, why="cannot-come"), "person")
    leaves(phone.conversation)


def next_of(phone: Phone) -> Appointment | None:
    """What they have booked next."""
    with phone.conversation.reading() as reading:
        return next_appointment(reading, phone.person.id)


def leaves(conversation: Conversation) -> None:
    """What was said has left us: it cannot be taken back any more."""
    near.run(
        conversation,
        lambda unit: unit.execute(
            update(outbox)
            .where(outbox.c.status == Status.QUEUED)
            .values(status=Status.SENT, rank=RANK[Status.SENT])
        ),
    )


def somebody(conversation: Conversation, address: str, channel: str = "sms", **plan: str) -> Phone:
    """Somebody who agreed yesterday, on a phone that only they see."""
    phone = conversation.phone(channel, address)

    def work(unit: UnitOfWork) -> None:
        point = first_contact(unit, phone.channel, address, language="en", zone="Europe/London")
        persons.call(unit, point.person_id, "May")
        persons.agreed(unit, point.person_id)
        yesterday = unit.now - timedelta(days=1)
        unit.change(contact_point, point.id, safe=Safe.ONLY_ME, last_inbound_at=yesterday)
        if plan:
            persons.plan_contact(unit, point.person_id, **plan)

    near.run(conversation, work)
    return phone
