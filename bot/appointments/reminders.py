"""Reminders of an appointment: set, taken back, and what became of each. When one is due, a turn says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.appointments.appointment import Appointment, appointments_of, events_of, subject
from bot.appointments.reminder_plans import JUST_TOLD, due_times, plan_of
from bot.appointments.safe_hours import SafeHours, safe_hours, when_to_send
from bot.clock import LONDON
from bot.people.persons import Person, person_of
from bot.store import timers
from bot.store.tables import appointment_event
from bot.store.unit_of_work import UnitOfWork

__all__ = [
    "Wishes", "after_missed", "clear", "noted", "safe_hours", "set_again", "set_all_again", "when_to_send",
    "wishes_of",
]  # fmt: skip

#: The kinds of timers about an appointment that a turn takes up.
REMIND, MISSED = "remind", "missed"

#: What is written down of each reminder.
REMINDED, NOT_REMINDED = "reminded", "not-reminded"

#: How they wish to be reminded, in their contact plan under "reminders".
PLAIN, DISCREET, NONE = "plain", "discreet", "none"

#: A link worker who marks the wrong one has this long to put it right before anything is said.
MISSED_AFTER = timedelta(minutes=20)
#: Who books for as soon as this needs none of the reminders there is no time left for.
BOOKED_LATE = timedelta(days=1)
#: "We missed you" is of no use longer than this after.
MISSED_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wishes to be reminded: in which words, whether two hours before too, where, and when."""

    words: str
    two_hours: bool
    zone: ZoneInfo
    hours: SafeHours


def wishes_of(who: Person) -> Wishes:
    """What this person's contact plan says of reminders: `reminders`, `two_hours` and `times`."""
    plan = who.contact_plan
    words = str(plan.get("reminders") or PLAIN)
    return Wishes(
        words if words in (DISCREET, NONE) else PLAIN,
        bool(plan.get("two_hours")),
        _zone(who.zone),
        safe_hours(plan, who.language),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return LONDON


def set_again(unit: UnitOfWork, appointment: Appointment) -> None:
    """Set the reminders of an appointment as it now stands, and take back those of what it was.

    Call it when one is booked or moved. What went already, as it stands now, does not go twice. Nothing is
    set for what is off or has begun.
    """
    clear(unit, appointment.id)
    if not appointment.stands or not appointment.ahead(unit.now):
        return
    wishes = wishes_of(person_of(unit, appointment.person_id))
    if wishes.words == NONE:
        return
    plan, gone = plan_of(appointment.plan), _gone(unit, appointment)
    due = due_times(plan, appointment.starts_at, zone=wishes.zone, now=unit.now, two_hours=wishes.two_hours)
    for name, at in due:
        step = plan.step(name)
        assert step is not None
        send = when_to_send(
            at, unit.now, appointment.starts_at, zone=wishes.zone, hours=wishes.hours, latest=step.latest
        )  # fmt: skip
        if name in gone or _just_told(appointment, send, unit.now):
            continue
        # What cannot go at all is set all the same: when it falls due that is written down, and staff told.
        timers.set_timer(
            unit, REMIND, send or at, subject=subject(appointment.id), version=appointment.version, step=name
        )
    unit.tell("timers")


def set_all_again(unit: UnitOfWork, person_id: int) -> None:
    """Set the reminders of everything this person has ahead, after their times or wishes changed."""
    for one in appointments_of(unit, person_id):
        if one.stands and one.ahead(unit.now):
            set_again(unit, one)


def clear(unit: UnitOfWork, appointment_id: int) -> None:
    """Take back every reminder of this appointment, and what would be said because they did not come."""
    for kind in (REMIND, MISSED):
        timers.clear(unit, kind, subject=subject(appointment_id))


def after_missed(unit: UnitOfWork, appointment: Appointment) -> None:
    """They did not come: a kind word the same day; the next morning where it is late; nothing days after."""
    clear(unit, appointment.id)
    wishes = wishes_of(person_of(unit, appointment.person_id))
    send = when_to_send(
        unit.now + MISSED_AFTER, unit.now, appointment.ends_at + MISSED_FOR, zone=wishes.zone,
        hours=wishes.hours,
    )  # fmt: skip
    timers.set_timer(
        unit, MISSED, send or unit.now, subject=subject(appointment.id), version=appointment.version
    )
    unit.tell("timers")


def noted(unit: UnitOfWork, appointment: Appointment, what: str, step: str, **details: Any) -> None:
    """Write down what became of a reminder: `what` is REMINDED or NOT_REMINDED. `details` are codes."""
    unit.insert(
        appointment_event, appointment_id=appointment.id, what=what, at=unit.now, acting=unit.acting,
        step=step, details={"version": appointment.version, **details},
    )  # fmt: skip


def _just_told(appointment: Appointment, send: datetime | None, now: datetime) -> bool:
    """Whether it would go so soon after they booked, or could only have gone before they did."""
    return appointment.starts_at - now < BOOKED_LATE if send is None else send < now + JUST_TOLD


def _gone(unit: UnitOfWork, appointment: Appointment) -> set[str | None]:
    """The reminders that went for it as it now stands."""
    return {
        event.step
        for event in events_of(unit, appointment.id)
        if event.what == REMINDED and event.details.get("version") == appointment.version
    }


def due_now(appointment: Appointment, wishes: Wishes, now: datetime) -> list[str]:
    """The steps of its plan whose time has come by `now` (aware UTC), for somebody with these wishes."""
    plan = plan_of(appointment.plan)
    return [step.name for step in plan.steps if step.due(appointment.starts_at, wishes.zone) <= now]
