"""What every change of an appointment shares: the locks, its record, who is told, the case's next step."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.appointments.appointment import (
    LONGEST,
    Appointment,
    file_token,
    next_appointment,
    subject,
    token_lookup,
)
from bot.appointments.calendar import WorkerCalendar, lock_calendar
from bot.appointments.calendar import changed as calendar_changed
from bot.appointments.kinds import kind_of
from bot.casework import cases
from bot.messages import RANK, Status
from bot.outbox.queue import SUPERSEDED
from bot.people import conversations
from bot.people.for_a_human import open_case_id
from bot.store.prepared import Prepared
from bot.store.tables import AppointmentStatus, appointment, appointment_event, outbox, outbox_event, timer
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import UnitOfWork

#: Why a slot that was only held is off.
LET_GO = "let-go"


# What every change does, prepared.
_UNTOLD = Prepared(
    select(timer.c.details)
    .where(
        timer.c.subject == bindparam("about"),
        timer.c.kind == "appointment-told",
        timer.c.done_at.is_(None),
    )
    .order_by(timer.c.id.desc())
)
_HELD = Prepared(
    select(appointment.c.id).where(
        appointment.c.person_id == bindparam("person"), appointment.c.status == AppointmentStatus.HELD
    )
)
_TAKE_BACK = Prepared(
    update(outbox)
    .where(outbox.c.about == bindparam("which"), outbox.c.status == Status.QUEUED)
    .values(status=Status.NOT_SENT, rank=RANK[Status.NOT_SENT], reason=SUPERSEDED)
    .returning(outbox.c.id, outbox.c.conversation_id)
)


def locked(unit: UnitOfWork, person_id: int, *staff_ids: int) -> dict[int, WorkerCalendar]:
    """The person's conversation, then these calendars in the order of their ids, held until the commit.

    Always in this order, so that two who want the same cannot wait for each other. Whoever changes the
    appointments of several people in one unit locks all their conversations first. Raises NoSuchWorker.
    """
    talk = conversations.conversation_of(unit, person_id)
    if talk is not None:
        conversations.hold(unit, talk)
    return {staff_id: lock_calendar(unit, staff_id) for staff_id in sorted(set(staff_ids))}


def over(starts_at: datetime, minutes: int) -> datetime:
    """When it ends. Raises ValueError for a length that is none."""
    length = timedelta(minutes=minutes)
    if not timedelta(minutes=5) <= length <= LONGEST:
        raise ValueError("an appointment takes from 5 minutes to 12 hours")
    return starts_at + length


def add(
    unit: UnitOfWork,
    calendar: WorkerCalendar,
    person_id: int,
    starts_at: datetime,
    ends_at: datetime,
    kind: str,
    **values: Any,
) -> int:
    """A new row, held or booked; its id."""
    made = unit.insert(
        appointment, token=secrets.token_hex(16), person_id=person_id,
        case_id=open_case_id(unit, person_id), staff_id=calendar.staff_id, kind=kind, starts_at=starts_at,
        ends_at=ends_at, zone=str(calendar.zone), **({"plan": kind_of(kind).plan} | values),
    )  # fmt: skip
    unit.change(appointment, made, token=token_lookup(unit, file_token(unit, made)))
    return made


def note_event(unit: UnitOfWork, appointment_id: int, what: str, **details: Any) -> None:
    """Write down what happened to it: ids, codes and instants."""
    unit.insert(
        appointment_event, appointment_id=appointment_id, what=what, at=unit.now, acting=unit.acting,
        details=details,
    )  # fmt: skip


def follow(unit: UnitOfWork, after: Appointment, told: str | None) -> None:
    """What follows every change: the calendar has changed, and it is the case's next step.

    Where staff did it, a turn tells the person ("booked", "moved" or "cancelled"; None: nothing is told).
    What they have not been told yet is told as it is by now, or not at all where it came to nothing.
    """
    calendar_changed(unit, after.staff_id)
    untold = _untold(unit, after.id)
    clear(unit, "appointment-told", subject=subject(after.id))
    if untold == "booked":
        told = {"moved": "booked", "cancelled": None}.get(told or "", told)
    if told is not None and acting_staff(unit) is not None:
        set_timer(
            unit, "appointment-told", unit.now, subject=subject(after.id), version=after.version, what=told,
            conversation_id=conversations.conversation_of(unit, after.person_id),
        )  # fmt: skip
    unit.tell("timers")
    if after.case_id is not None:
        coming = next_appointment(unit, after.person_id)
        cases.meets_next(unit, after.case_id, coming.starts_at if coming else None)


def _untold(unit: UnitOfWork, appointment_id: int) -> str | None:
    """What a turn has yet to tell them of it."""
    row = _UNTOLD.first(unit.connection, {"about": subject(appointment_id)})
    return row.details["what"] if row else None


def let_go(unit: UnitOfWork, appointment_id: int) -> None:
    """They do not want the slot held for them: it is free again. What is booked stays."""
    row = unit.execute(
        update(appointment)
        .where(appointment.c.id == appointment_id, appointment.c.status == AppointmentStatus.HELD)
        .values(
            status=AppointmentStatus.CANCELLED, why=LET_GO, cancelled_at=unit.now, cancelled_by=unit.acting,
            version=appointment.c.version + 1,
        )
        .returning(appointment.c.person_id)
    ).first()  # fmt: skip
    if row is not None:
        note_event(unit, appointment_id, LET_GO)
        unit.audit("slot let go", f"person:{row.person_id}", appointment=appointment_id)
        # Its worker's calendar is not locked here, whose order among others could not be kept.
        unit.tell("calendar")


def let_go_all(unit: UnitOfWork, person_id: int) -> None:
    """Nobody has more than one slot held for them, nor one beside what they have just booked."""
    for row in _HELD.all(unit.connection, {"person": person_id}):
        let_go(unit, row.id)


def taken_back(unit: UnitOfWork, appointment_id: int) -> int:
    """Messages about it that have not begun to leave are not sent any more; how many."""
    rows = _TAKE_BACK.all(unit.connection, {"which": subject(appointment_id)})
    for row in rows:
        unit.insert(outbox_event, outbox_id=row.id, status=Status.NOT_SENT, code=SUPERSEDED, at=unit.now)
        unit.tell(f"conversation:{row.conversation_id}")
    return len(rows)


def acting_staff(unit: UnitOfWork) -> int | None:
    """Which link worker does this, if one does."""
    who, _, staff_id = unit.acting.partition(":")
    return int(staff_id) if who == "staff" and staff_id.isdigit() else None
