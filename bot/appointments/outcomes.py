"""What a person says of an appointment, how it went, and putting right a slip of the thumb."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.appointments import freed_time, reminders
from bot.appointments.appointment import Appointment, appointment_of, events_of
from bot.appointments.calendar import WorkerCalendar, lock_calendar
from bot.appointments.changes import acting_staff, follow, let_go_all, locked, note_event, taken_back
from bot.appointments.diary import Clash, clash_of, clash_with_theirs
from bot.casework import cases
from bot.clock import OpeningHours
from bot.store.tables import AppointmentStatus, ContactKind, Meeting
from bot.store.tables import appointment as table
from bot.store.unit_of_work import UnitOfWork

#: How long before it begins it may be said that somebody has come: they are early.
EARLY = timedelta(hours=1)


#: What they said of it, as the audit has it.
_SAID = {"coming": "said they come", "late": "said they are late", "needs": "said what they need"}


def said_coming(unit: UnitOfWork, appointment_id: int) -> None:
    """They said they will come."""
    _said(unit, appointment_id, "coming", coming_at=unit.now)


def said_late(unit: UnitOfWork, appointment_id: int, minutes: int | None) -> None:
    """They run late by so many minutes; None where they do not know."""
    _said(unit, appointment_id, "late", late_minutes=minutes or 0)


def said_needs(unit: UnitOfWork, appointment_id: int, words: str) -> None:
    """What they will need, in their words."""
    words = words.strip()
    _said(unit, appointment_id, "needs", needs=unit.sealer.seal(words) if words else None)


def attended(unit: UnitOfWork, appointment_id: int) -> Appointment | None:
    """They came: a contact is logged with it. None where it is not booked, or does not begin for long.

    Raises NoSuchAppointment.
    """
    return _outcome(unit, appointment_id, AppointmentStatus.ATTENDED, EARLY)


def did_not_attend(unit: UnitOfWork, appointment_id: int) -> Appointment | None:
    """They did not come: a turn says a kind word, once there was time to put a slip of the thumb right.

    None where it is not booked, or has yet to begin. Raises NoSuchAppointment.
    """
    return _outcome(unit, appointment_id, AppointmentStatus.DID_NOT_ATTEND, timedelta())


def outcome_back(
    unit: UnitOfWork, appointment_id: int, *, hours: OpeningHours | None = None
) -> Appointment | Clash:
    """It was a slip: how it went, or its cancellation, is undone, and it is booked as it was.

    A Clash where its time is somebody else's by now, or has passed. `hours` are the team's, for a promise
    that a contact had kept. Raises NoSuchAppointment.
    """
    found = appointment_of(unit, appointment_id)
    calendar = locked(unit, found.person_id, found.staff_id)[found.staff_id]
    found = appointment_of(unit, appointment_id)
    if found.stands:
        return found
    if found.booked_at is None:
        return Clash("off", found.id)
    was_off = found.status is AppointmentStatus.CANCELLED
    if was_off and (clash := _cannot_come_back(unit, calendar, found)):
        return clash
    let_go_all(unit, found.person_id)
    if found.status is AppointmentStatus.ATTENDED:
        _contact_undone(unit, found, hours)
    unit.change(
        table, found.id, status=AppointmentStatus.BOOKED, cancelled_at=None, cancelled_by=None, why=None,
        outcome_at=None, outcome_by=None, version=found.version + 1,
    )  # fmt: skip
    after = appointment_of(unit, found.id)
    was = found.status.value
    note_event(unit, found.id, "put-back", was=was, version=after.version)
    unit.audit("appointment put back", f"person:{found.person_id}", appointment=found.id, was=was)
    reminders.set_again(unit, after)
    follow(unit, after, "booked" if was_off else None)
    if was_off:
        freed_time.somebody_booked(unit, after)
    return after


def _said(unit: UnitOfWork, appointment_id: int, what: str, **values: Any) -> None:
    found = appointment_of(unit, appointment_id)
    if not found.stands:
        return
    unit.change(table, appointment_id, **values)
    late = {"minutes": values["late_minutes"]} if what == "late" else {}
    note_event(unit, appointment_id, what, **late)
    unit.audit(_SAID[what], f"person:{found.person_id}", appointment=appointment_id)
    unit.tell("calendar")


def _outcome(
    unit: UnitOfWork, appointment_id: int, status: AppointmentStatus, early: timedelta
) -> Appointment | None:
    found = appointment_of(unit, appointment_id)
    lock_calendar(unit, found.staff_id)
    found = appointment_of(unit, appointment_id)
    if not found.stands or found.starts_at > unit.now + early:
        return None
    unit.change(
        table, found.id, status=status, outcome_at=unit.now, outcome_by=unit.acting,
        version=found.version + 1,
    )  # fmt: skip
    after = appointment_of(unit, found.id)
    details: dict[str, Any] = {"version": after.version}
    if status is AppointmentStatus.ATTENDED:
        kind = ContactKind.RANG if found.meeting is Meeting.PHONE else ContactKind.MET
        worker = acting_staff(unit) or found.staff_id
        details["contact"] = cases.log_contact(unit, found.person_id, worker, kind)
        reminders.clear(unit, found.id)
    else:
        reminders.after_missed(unit, after)
    note_event(unit, found.id, status.value, **details)
    unit.audit(status.value.replace("-", " "), f"person:{found.person_id}", appointment=found.id)
    taken_back(unit, found.id)
    follow(unit, after, None)
    return after


def _cannot_come_back(unit: UnitOfWork, calendar: WorkerCalendar, found: Appointment) -> Clash | None:
    """Why something that was called off cannot stand again: limits and gaps are as they were."""
    times = found.starts_at, found.ends_at
    return clash_with_theirs(unit, found.person_id, *times, (found.id,)) or clash_of(
        unit, calendar, *times, session_id=found.session_id, person_id=found.person_id, anyway=True
    )


def _contact_undone(unit: UnitOfWork, found: Appointment, hours: OpeningHours | None) -> None:
    """The contact that was logged with it was none."""
    logged = [e.details["contact"] for e in events_of(unit, found.id) if e.what == found.status.value]
    if logged:
        cases.undo_contact(unit, logged[-1], acting_staff(unit) or found.staff_id, hours)
