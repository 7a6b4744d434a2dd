"""Booking: a slot held for ten minutes, a yes, a move, a cancellation, and how it went.

Everything goes through the worker's calendar, locked: of two who want the same time one gets it and the
other is told why not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.appointments import freed_time, reminders
from bot.appointments.appointment import Appointment, appointment_of, maybe
from bot.appointments.calendar import WorkerCalendar, changed, lock_calendar
from bot.appointments.changes import add, follow, let_go, let_go_all, locked, note_event, over, taken_back
from bot.appointments.diary import Clash, clash_of, clash_with_theirs
from bot.appointments.outcomes import (
    EARLY,
    attended,
    did_not_attend,
    outcome_back,
    said_coming,
    said_late,
    said_needs,
)
from bot.appointments.places import place_of
from bot.appointments.slots import Slot
from bot.people.for_a_human import open_case_id
from bot.store.tables import AppointmentStatus, Meeting, group_session
from bot.store.tables import appointment as table
from bot.store.unit_of_work import UnitOfWork

__all__ = [
    "EARLY", "HELD_FOR", "SESSION_CANCELLED", "Clash", "SlotGone", "attended", "book",
    "cancel", "confirm", "did_not_attend", "hold", "let_go", "move", "outcome_back", "said_coming",
    "said_late", "said_needs", "taken_back",
]  # fmt: skip

#: How long a slot is held for somebody who is just saying yes to it.
HELD_FOR = timedelta(minutes=10)

#: Why somebody's appointment is off when a whole session is; the session tells them.
SESSION_CANCELLED = "session-cancelled"


@dataclass(frozen=True, slots=True)
class SlotGone:
    """The slot was held too long ago and is somebody else's now, or is not there any more.

    `reason` is a Clash's.
    """

    reason: str


def hold(
    unit: UnitOfWork,
    person_id: int,
    slot: Slot,
    kind: str,
    *,
    moving: int | None = None,
    nation: str | None = None,
) -> Appointment | Clash:
    """Hold this slot for them for HELD_FOR; the one held for them before is let go.

    `moving` is the appointment it is to be moved from, which is then not in the way. A Clash where
    somebody else was first. Raises NoSuchKind, NoSuchWorker.
    """
    calendar = locked(unit, person_id, slot.staff_id)[slot.staff_id]
    clash = clash_of(
        unit, calendar, slot.starts_at, slot.ends_at, ignoring=() if moving is None else (moving,),
        person_id=person_id, nation=nation,
    )  # fmt: skip
    if clash is not None:
        return clash
    let_go_all(unit, person_id)
    until = unit.now + HELD_FOR
    made = add(
        unit, calendar, person_id, slot.starts_at, slot.ends_at, kind, status=AppointmentStatus.HELD,
        meeting=slot.meeting, place_id=slot.place_id, held_until=until,
    )  # fmt: skip
    note_event(unit, made, "held", until=until.isoformat())
    unit.audit("slot held", f"person:{person_id}", appointment=made, staff=slot.staff_id)
    unit.tell("calendar")
    return appointment_of(unit, made)


def confirm(unit: UnitOfWork, appointment_id: int, *, nation: str | None = None) -> Appointment | SlotGone:
    """Yes to a held slot: it is booked. Said twice, it is booked once.

    Also after the hold has ended, where the time is free still. SlotGone where it is not.
    """
    found = maybe(unit, appointment_id)
    if found is None:
        return SlotGone("off")
    calendar = locked(unit, found.person_id, found.staff_id)[found.staff_id]
    found = appointment_of(unit, appointment_id)
    if found.stands:
        return found
    if found.booked_at is not None:
        return SlotGone("off")
    # A hold keeps others out; what they have on themselves, and a worker who has just gone off sick, it
    # does not see.
    held = found.status is AppointmentStatus.HELD and bool(found.held_until and found.held_until > unit.now)
    times = found.starts_at, found.ends_at
    clash = clash_of(
        unit, calendar, *times, ignoring=(found.id,), person_id=found.person_id, nation=nation, anyway=held
    ) or clash_with_theirs(unit, found.person_id, *times, (found.id,))
    if clash is not None:
        return SlotGone(clash.reason)
    unit.change(
        table, found.id, status=AppointmentStatus.BOOKED, held_until=None, booked_at=unit.now,
        booked_by=unit.acting, cancelled_at=None, cancelled_by=None, why=None, version=found.version + 1,
        case_id=open_case_id(unit, found.person_id),
    )  # fmt: skip
    let_go_all(unit, found.person_id)
    return _now_booked(unit, found.id)


def book(
    unit: UnitOfWork,
    person_id: int,
    staff_id: int,
    starts_at: datetime,
    *,
    minutes: int,
    kind: str,
    meeting: Meeting | str,
    place_id: int | None = None,
    where: str = "",
    bring: str = "",
    note: str = "",
    session_id: int | None = None,
    plan: str | None = None,
    anyway: bool = False,
    nation: str | None = None,
) -> Appointment | Clash:
    """Book it at once; a slot held for them is let go. `starts_at` is aware UTC.

    A Clash says why not; with `anyway` only what nobody may set aside is one. `plan` is the kind's unless
    given. Bank holidays are `nation`'s; without one they are not looked at. When staff book, a turn tells
    the person. Raises NoSuchKind, NoSuchWorker, and ValueError for a length that is none.
    """
    calendar = locked(unit, person_id, staff_id)[staff_id]
    ends_at = over(starts_at, minutes)
    clash = clash_of(
        unit, calendar, starts_at, ends_at, session_id=session_id, person_id=person_id, nation=nation,
        anyway=anyway,
    )  # fmt: skip
    if clash is not None:
        return clash
    let_go_all(unit, person_id)
    seal = unit.sealer.seal
    made = add(
        unit, calendar, person_id, starts_at, ends_at, kind, status=AppointmentStatus.BOOKED,
        meeting=Meeting(meeting), place_id=place_id, session_id=session_id,
        where=seal(where) if where else None, bring=seal(bring) if bring else None,
        note=seal(note) if note else None, booked_at=unit.now, booked_by=unit.acting,
        **({"plan": plan} if plan else {}),
    )  # fmt: skip
    return _now_booked(unit, made)


def move(
    unit: UnitOfWork,
    appointment_id: int,
    starts_at: datetime,
    *,
    minutes: int | None = None,
    staff_id: int | None = None,
    meeting: Meeting | str | None = None,
    place_id: int | None = None,
    where: str | None = None,
    anyway: bool = False,
    nation: str | None = None,
) -> Appointment | Clash:
    """Move it to `starts_at` (aware UTC), or to another worker, way of meeting or place.

    What is not given stays; with another way of meeting, the place and address do not, and at another time
    than its group session it is no part of that any more. A Clash says why
    not, `off` where it is not booked any more. What it was moved from is offered to whoever would come
    sooner. Asked twice, it is moved once. Raises NoSuchAppointment, NoSuchWorker, ValueError.
    """
    before = appointment_of(unit, appointment_id)
    to = before.staff_id if staff_id is None else staff_id
    calendars = locked(unit, before.person_id, before.staff_id, to)
    before = appointment_of(unit, appointment_id)
    if not before.stands or before.staff_id not in calendars:
        return Clash("off", before.id)
    ends_at = over(starts_at, before.minutes if minutes is None else minutes)
    times = {"staff_id": to, "starts_at": starts_at, "ends_at": ends_at}
    way = _way(unit, before, meeting, place_id, where)
    elsewhere = any(getattr(before, name) != value for name, value in times.items())
    if not elsewhere and not _differs(before, way):
        let_go_all(unit, before.person_id)
        return before
    session_id = _session(unit, before, **times)
    if elsewhere:
        clash = clash_of(
            unit, calendars[to], starts_at, ends_at, ignoring=(before.id,), session_id=session_id,
            person_id=before.person_id, nation=nation, anyway=anyway,
        )  # fmt: skip
        if clash is not None:
            return clash
    unit.change(
        table, before.id, **times, meeting=way["meeting"], place_id=way["place_id"], session_id=session_id,
        where=unit.sealer.seal(way["where"]) if way["where"] else None, zone=str(calendars[to].zone),
        coming_at=None, late_minutes=None, version=before.version + 1,
    )  # fmt: skip
    let_go_all(unit, before.person_id)
    after = appointment_of(unit, before.id)
    was, now = before.starts_at.isoformat(), after.starts_at.isoformat()
    note_event(unit, before.id, "moved", was=was, now=now, staff=to, version=after.version)
    unit.audit("appointment moved", f"person:{before.person_id}", appointment=before.id, staff=to)
    taken_back(unit, before.id)
    reminders.set_again(unit, after)
    follow(unit, after, "moved")
    if to != before.staff_id:
        changed(unit, before.staff_id)
    if elsewhere:
        freed_time.somebody_booked(unit, after)
        _free(unit, calendars[before.staff_id], before)
    return after


def cancel(unit: UnitOfWork, appointment_id: int, *, why: str, by: str | None = None) -> Appointment:
    """It is off, as it is now; what was off or over already stays so.

    `why` is a code: "cannot-come", "staff-away", … `by` is who called it off, unless it is who acts. Its
    reminders are taken back and its time is offered to whoever would come sooner. When staff cancel, a
    turn tells the person; where a whole session is off (SESSION_CANCELLED) that is left to the session.
    Raises NoSuchAppointment.
    """
    before = appointment_of(unit, appointment_id)
    calendar = lock_calendar(unit, before.staff_id)
    before = appointment_of(unit, appointment_id)
    if before.status is AppointmentStatus.HELD:
        let_go(unit, appointment_id)
        return appointment_of(unit, appointment_id)
    if not before.stands:
        return before
    unit.change(
        table, before.id, status=AppointmentStatus.CANCELLED, cancelled_at=unit.now,
        cancelled_by=by or unit.acting, why=why, version=before.version + 1,
    )  # fmt: skip
    after = appointment_of(unit, before.id)
    note_event(unit, before.id, "cancelled", why=why, version=after.version)
    unit.audit("appointment cancelled", f"person:{before.person_id}", appointment=before.id, why=why)
    taken_back(unit, before.id)
    reminders.clear(unit, before.id)
    follow(unit, after, None if why == SESSION_CANCELLED else "cancelled")
    _free(unit, calendar, before, why)
    return after


# -- behind them ---------------------------------------------------------------------------


def _now_booked(unit: UnitOfWork, appointment_id: int) -> Appointment:
    after = appointment_of(unit, appointment_id)
    starts = after.starts_at.isoformat()
    note_event(unit, after.id, "booked", starts_at=starts, staff=after.staff_id, version=after.version)
    unit.audit("appointment booked", f"person:{after.person_id}", appointment=after.id, staff=after.staff_id)
    reminders.set_again(unit, after)
    follow(unit, after, "booked")
    freed_time.somebody_booked(unit, after)
    return after


def _session(
    unit: UnitOfWork, before: Appointment, staff_id: int, starts_at: datetime, ends_at: datetime
) -> int | None:
    """The group session it is part of still: none once it is at another time than the session."""
    if before.session_id is None:
        return None
    return unit.execute(
        select(group_session.c.id).where(
            group_session.c.id == before.session_id,
            group_session.c.staff_id == staff_id,
            group_session.c.starts_at == starts_at,
            group_session.c.ends_at == ends_at,
        )
    ).scalar_one_or_none()


def _way(
    unit: UnitOfWork,
    before: Appointment,
    meeting: Meeting | str | None,
    place_id: int | None,
    where: str | None,
) -> dict[str, Any]:
    """How and where they meet from now on."""
    place = place_of(unit, place_id) if place_id is not None else None
    if place_id is not None and place is None:
        raise ValueError("there is no such place")
    to = Meeting(meeting) if meeting is not None else place.meeting if place else before.meeting
    if to is before.meeting and place is None:
        kept = before.place.id if before.place else None
        return {"meeting": to, "place_id": kept, "where": before.where if where is None else where}
    return {"meeting": to, "place_id": place.id if place else None, "where": where or ""}


def _differs(before: Appointment, way: dict[str, Any]) -> bool:
    there = before.place.id if before.place else None
    return (before.meeting, there, before.where) != (way["meeting"], way["place_id"], way["where"])


def _free(unit: UnitOfWork, calendar: WorkerCalendar, before: Appointment, why: str | None = None) -> None:
    """Its time goes to whoever would come sooner, where anybody may be booked then."""
    if before.session_id is not None or not before.ahead(unit.now):
        return
    if clash_of(unit, calendar, before.starts_at, before.ends_at) is None:
        freed_time.freed(unit, before, why)
