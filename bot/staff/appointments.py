"""One appointment: its page, whether they came, calling it off, and putting right a slip of the thumb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from bot.appointments import booking, outcomes
from bot.appointments.appointment import Appointment, AppointmentEvent, events_of, maybe
from bot.appointments.diary import Clash
from bot.casework import staffing
from bot.casework.access import Access, may_open
from bot.people.persons import Person, person_of
from bot.staff import calendar_words
from bot.staff.audit import OTHERS
from bot.staff.calendar_entries import entries_of, not_seen_lately, record_seen
from bot.staff.calendar_times import why_not
from bot.staff.pages import BASE, Ask, NotFound, Refused, local
from bot.staff.ways_to_meet import tells_by, told
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Done:
    """One line of an appointment's history, in words."""

    at: datetime
    who: str
    what: str
    to: datetime | None = None


def appointment_page(ask: Ask) -> Response:
    """Everything about one appointment, and what can be done with it. That it was seen is written down."""
    with ask.reading() as reading:
        one, person, _ = find(ask, reading)
        (entry,) = entries_of(reading, [one])
        names = {f"staff:{member.id}": member.name for member in staffing.all_staff(reading)}
        history = [_done(event, names) for event in events_of(reading, one.id) if _is_told(event)]
        way = tells_by(ask, reading, person.id)
        new = not_seen_lately(reading, ask.me.staff_id, [entry])
    if new:
        ask.write(lambda unit: record_seen(unit, new, "appointment"))
    return ask.page(
        "appointment.html", one=one, entry=entry, person=person, history=history, c=calendar_words,
        tells_by=way, names=names, can_come=one.stands and one.starts_at - outcomes.EARLY <= ask.now,
        can_miss=one.stands and one.starts_at <= ask.now, me=ask.me.staff_id,
        calendar=day_of(ask, one), doing=ask.query.get("do", ""),
    )  # fmt: skip


def outcome(ask: Ask) -> Response:
    """One tap: they came, or they did not. One more takes it back."""
    came = ask.sent("came", 3) == "yes"

    def work(unit: UnitOfWork) -> tuple[Appointment, Person, Appointment | None]:
        one, person, _ = find(ask, unit)
        done = outcomes.attended if came else outcomes.did_not_attend
        return one, person, done(unit, one.id)

    one, person, after = ask.write(work)
    if after is None:
        raise Refused(
            "It has not begun yet." if one.stands else "Somebody wrote down already what became of this."
        )
    name = calendar_words.called(person.name) or "They"
    said = (
        f"Written down: {name} came."
        if came
        else f"Written down: {name} did not come. They hear a kind word in a while."
    )
    return ask.go(_back(ask, one), said, undo=_undo(ask, one))


def cancel(ask: Ask) -> Response:
    """It is off: they are told, and its time is offered to whoever would come sooner."""
    why = ask.sent("why", 40)
    if why not in calendar_words.WHY_CANCEL:
        raise Refused("Choose why it is off.")

    def work(unit: UnitOfWork) -> tuple[Appointment, Person]:
        one, person, _ = find(ask, unit)
        if not one.stands:
            raise Refused("This appointment is not booked any more.")
        return booking.cancel(unit, one.id, why=why), person

    one, person = ask.write(work)
    return ask.go(
        _back(ask, one), f"Cancelled: {what(ask, one, person)}. {told(ask, person)}", undo=_undo(ask, one)
    )


def undo(ask: Ask) -> Response:
    """It was a slip: it is booked as it was, unless its time is somebody else's by now."""

    def work(unit: UnitOfWork) -> tuple[Appointment, Appointment | Clash]:
        one, _, _ = find(ask, unit)
        return one, outcomes.outcome_back(unit, one.id, hours=ask.parts.settings.hours)

    one, after = ask.write(work)
    if isinstance(after, Clash):
        with ask.reading() as reading:
            raise Refused(why_not(ask, reading, after, one.staff_id, one.starts_at, one.ends_at))
    return ask.go(_back(ask, one), "Taken back. It is booked as it was.")


# -- shared with booking and moving ----------------------------------------------------------------


def find(ask: Ask, reading: Reading) -> tuple[Appointment, Person, Access]:
    """The appointment of this address, and whose it is. Raises NotFound where this worker may not see it."""
    number = ask.path("appointment_id")
    one = maybe(reading, int(number)) if number.isdecimal() and len(number) < 18 else None
    if one is None:
        raise NotFound
    access = may_open(reading, ask.me.staff_id, one.person_id)
    if not access.all:
        raise NotFound
    return one, person_of(reading, one.person_id), access


def what(ask: Ask, one: Appointment, person: Person) -> str:
    """Whose it is, and when: "Ray, today at 10am"."""
    return f"{calendar_words.called(person.name) or 'someone'}, {when(ask, one)}"


def when(ask: Ask, one: Appointment) -> str:
    """When it is: "today at 10am"."""
    return ask.times.moment(one.starts_at, ask.now)


def day_of(ask: Ask, one: Appointment) -> str:
    """The calendar's day that it is on; its own page, where that calendar is not this worker's to see."""
    mine = one.staff_id == ask.me.staff_id
    if not mine and not ask.me.leads:
        return f"{BASE}/appointments/{one.id}"
    who = "" if mine else f"&who={one.staff_id}"
    return f"{BASE}/calendar?on={ask.times.local(one.starts_at).date()}{who}"


# -- inside ----------------------------------------------------------------------------------------


def _back(ask: Ask, one: Appointment) -> str:
    """Where the button was."""
    return local(ask.sent("back")) if ask.sent("back") else f"{BASE}/appointments/{one.id}"


def _undo(ask: Ask, one: Appointment) -> tuple[str, dict[str, str]]:
    return f"{BASE}/appointments/{one.id}/undo", {"back": _back(ask, one)}


def _is_told(event: AppointmentEvent) -> bool:
    """Reminders stand in a list of their own; a slot chosen and let go is no news."""
    return event.what in calendar_words.EVENTS


def _done(event: AppointmentEvent, names: dict[str, str]) -> Done:
    who = names.get(event.acting) or OTHERS.get(event.acting) or "The computer"
    to = event.details.get("now") if event.what == "moved" else None
    return Done(event.at, who, calendar_words.EVENTS[event.what], datetime.fromisoformat(to) if to else None)
