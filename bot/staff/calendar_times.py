"""Times as a worker types or picks them, times that are free, and why one cannot be had, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot import clock
from bot.appointments.appointment import Appointment, maybe
from bot.appointments.calendar import WorkerCalendar, calendar_of, free_hours
from bot.appointments.diary import Clash
from bot.appointments.zones import Clock, local
from bot.casework import staffing
from bot.casework.rota import time_off_of
from bot.staff import calendar_words
from bot.staff.calendar_day import beginnings, bounds, free
from bot.staff.calendar_entries import Entry, blocks_of, people_of
from bot.staff.pages import Ask
from bot.store.unit_of_work import Reading

#: Free times are looked for so far ahead, and shown on so many days, so many a day.
LOOK_AHEAD = 28
DAYS_SHOWN, A_DAY_SHOWN = 4, 8


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with the times at which something of the asked length could begin (aware UTC)."""

    day: date
    times: list[datetime]


class WrongTime(ValueError):
    """What was typed is no time; the message is shown."""


def typed(ask: Ask, day: str, hour: str) -> datetime:
    """A day and a time of the clock here as an instant (aware UTC); the first where the time comes twice.

    Raises WrongTime in plain words.
    """
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise WrongTime("Choose a day, such as 12 March 2026.") from None
    try:
        at = time.fromisoformat(hour)
    except ValueError:
        raise WrongTime("Choose a time, such as 10.30am.") from None
    if not 2000 <= on.year <= 2100 or at.tzinfo is not None:
        raise WrongTime("That day is too far away.")
    there = local(on, at.replace(second=0, microsecond=0), ask.times.zone)
    if there.clock is Clock.SKIPPED:
        raise WrongTime("There is no such time on that day: the clocks go forward over it.")
    return there.at.astimezone(UTC)


def chosen(ask: Ask) -> datetime:
    """The time of a form: one of those offered, or what was typed. Raises WrongTime."""
    at = ask.sent("at", 16)
    if at and at != "other":
        day, _, hour = at.partition("T")
        return typed(ask, day, hour)
    return typed(ask, ask.sent("on", 10), ask.sent("time", 5))


def as_value(ask: Ask, at: datetime) -> str:
    """An instant as a form holds it: the local day and time."""
    return f"{ask.times.local(at):%Y-%m-%dT%H:%M}"


def times_free(
    ask: Ask, reading: Reading, staff_id: int, minutes: int, *, since: date | None = None,
    ignoring: int | None = None,
) -> list[FreeDay]:  # fmt: skip
    """When something of so many minutes could begin with this worker, on the next days it could.

    From the day `since`, else today. The appointment `ignoring` is in the way of nothing.
    """
    calendar, zone = calendar_of(reading, staff_id), ask.times.zone
    if calendar is None:
        return []
    today = ask.times.local(ask.now).date()
    first = max(since or today, today)
    days = [first + timedelta(days=n) for n in range(LOOK_AHEAD)]
    taken = blocks_of(reading, [staff_id], bounds(days[0], zone)[0], bounds(days[-1], zone)[1])[staff_id]
    taken = [b for b in taken if not (isinstance(b.about, Entry) and b.about.appointment.id == ignoring)]
    holidays = clock.bank_holidays(ask.parts.settings.nation)
    found: list[FreeDay] = []
    for day in days:
        opens = free_hours(calendar, day, holidays)
        left = free(
            opens, taken, zone=zone, gap=calendar.gap, since=ask.now, by_the_hour=False, least=minutes
        )  # fmt: skip
        if starts := beginnings(left, minutes, zone):
            found.append(FreeDay(day, starts[:A_DAY_SHOWN]))
        if len(found) == DAYS_SHOWN:
            break
    return found


def why_not(
    ask: Ask, reading: Reading, clash: Clash, staff_id: int, starts_at: datetime, ends_at: datetime
) -> str:
    """Why this time cannot be had with this worker, in a sentence."""
    mine = staff_id == ask.me.staff_id
    name = staffing.name_of(reading, staff_id).partition(" ")[0]
    calendar = calendar_of(reading, staff_id)
    you, have, your = ("You", "have", "your") if mine else (name, "has", "their")
    other = maybe(reading, clash.with_id) if clash.with_id is not None else None
    match clash.reason:
        case "booked":
            return f"{you} {have} something else then{_which(ask, reading, other, mine or ask.me.leads)}."
        case "held":
            until = f", until {ask.times.hour(other.held_until)}" if other and other.held_until else ""
            return f"That time is kept for somebody who is choosing it just now{until}."
        case "leave" | "blocked":
            off = time_off_of(reading, [staff_id], starts_at, ends_at)
            then = calendar_words.AWAY_THEN[off[0].kind] if off else "away"
            return f"{you} {'are' if mine else 'is'} {then} then."
        case "theirs":
            return f"They have something else with us then{_which(ask, reading, other, False)}."
        case "gap":
            minutes = calendar.gap_minutes if calendar else 0
            keeps = "you keep" if mine else f"{name} keeps"
            return f"That leaves less than the {minutes} minutes {keeps} between two."
        case "outside-hours":
            return f"That is outside {your} working hours."
        case "holiday":
            day = ask.times.local(starts_at).date()
            holiday = clock.bank_holidays(ask.parts.settings.nation).get(day)
            return f"That is a bank holiday{f': {holiday}' if holiday else ''}."
        case "full-day" | "full-week":
            return _full(clash.reason, calendar, you, mine)
        case "past":
            return "That time has passed. Choose one that is still to come."
    return "This appointment is not booked any more."


def _which(ask: Ask, reading: Reading, other: Appointment | None, open_: bool) -> str:
    """ ": Ray, 10 to 10.45am", where this worker may know."""
    if other is None:
        return ""
    when = calendar_words.span(ask.times.hour(other.starts_at), ask.times.hour(other.ends_at))
    who = people_of(reading, [other.person_id])[other.person_id].called if open_ else ""
    return f": {who}, {when}" if who else f": {when}"


def _full(reason: str, calendar: WorkerCalendar | None, you: str, mine: bool) -> str:
    day = reason == "full-day"
    most = (calendar.most_a_day if day else calendar.most_a_week) if calendar else None
    limit = f"the {most}" if most else "those"
    span, set_ = "day" if day else "week", "you set as your most" if mine else "they set as their most"
    return f"{you} {'have' if mine else 'has'} {limit} a {span} already that {set_}."


def at_words(ask: Ask, at: str) -> str:
    """A time in an address, in words: "today at 10am"; empty where there is none."""
    day, _, hour = at.partition("T")
    try:
        return ask.times.moment(typed(ask, day, hour), ask.now)
    except WrongTime:
        return ""


def day_in(written: Any) -> date | None:
    """The day in what was sent, or None."""
    try:
        return date.fromisoformat(str(written or "")[:10])
    except ValueError:
        return None


def number_in(written: Any) -> int | None:
    """The number in what was sent, or None."""
    words = str(written or "")
    return int(words) if words.isdecimal() and len(words) < 18 else None


def length_in(written: Any) -> int | None:
    """So many minutes, as an appointment may take; None for anything else."""
    minutes = number_in(str(written or "").strip())
    return minutes if minutes is not None and 5 <= minutes <= 480 else None
