"""A link worker's calendar: a day, a week, or the whole team's day; what stands in it and what is free."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bot import clock
from bot.appointments.appointment import booked_between
from bot.appointments.calendar import WorkerCalendar, calendars, free_hours
from bot.appointments.kinds import kinds
from bot.casework import staffing
from bot.casework.staffing import Staff
from bot.staff import calendar_words
from bot.staff.calendar_day import Block, Day, What, bounds, free, hours_shown, lay_out
from bot.staff.calendar_entries import Entry, blocks_of, entries_in, entries_of, not_seen_lately, record_seen
from bot.staff.pages import BASE, Ask, NotAllowed
from bot.store.unit_of_work import Reading

VIEWS = {"day": "Day", "week": "Week", "team": "Team"}
SATURDAY = 5
#: What has ended and was not written down is asked about for so long.
ASKED_ABOUT = timedelta(days=14)
MOST_ASKED_ABOUT = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the page: a day of a worker."""

    worker: Staff
    day: Day

    @property
    def booked(self) -> int:
        """How many are booked, a group as one."""
        kinds = (What.BOOKED, What.ATTENDED, What.MISSED, What.GROUP)
        return sum(tile.block.what in kinds for tile in self.day.tiles)

    @property
    def free_minutes(self) -> int:
        return sum(tile.block.minutes for tile in self.day.tiles if tile.block.what is What.FREE)


def calendar_page(ask: Ask) -> Response:
    """The page. Whose appointments were seen on it is written down."""
    return ask.page("calendar.html", **_shown(ask))


def live(ask: Ask) -> Response:
    """The page again, for itself, because something changed or a minute went by."""
    return ask.page("calendar.html", **_shown(ask))


def workers(ask: Ask, reading: Reading) -> list[Staff]:
    """Whose calendars this worker may look at: their own; a lead, everyone's who is at work."""
    team = staffing.all_staff(reading, active_only=True)
    return [one for one in team if ask.me.leads or one.id == ask.me.staff_id]


def asked_day(ask: Ask, name: str = "on") -> tuple[date, str]:
    """The day asked for, or today; and what is wrong where it is no date."""
    today = ask.times.local(ask.now).date()
    written = ask.query.get(name, "").strip()
    try:
        day = date.fromisoformat(written) if written else today
    except ValueError:
        return today, "That day is not a date. Choose one such as 12 March 2026."
    if not date(2000, 1, 1) <= day <= date(2100, 1, 1):
        return today, "That day is too far away. Choose one in this century."
    return day, ""


def _shown(ask: Ask) -> dict[str, Any]:
    view = ask.query.get("view", "day")
    view = view if view in VIEWS else "day"
    on, wrong = asked_day(ask)
    with ask.reading() as reading:
        team = workers(ask, reading)
        worker = whose(ask, team, ask.query.get("who", ""))
        if view == "team" and not ask.me.leads:
            raise NotAllowed("Only leads see the whole team's day.")
        known = {one.staff_id: one for one in calendars(reading)}
        shown_are = [one for one in team if one.id in known] or [worker] if view == "team" else [worker]
        days = _week(on) if view == "week" else [on]
        columns = columns_of(ask, reading, shown_are, days, known, whole=view != "day")
        shown = [e for c in columns for e in entries_in(tile.block for tile in c.day.tiles)]
        asked = (
            _to_write_down(reading, worker.id, {e.appointment.id for e in shown}) if view != "team" else []
        )
        seen = shown + asked
        new = not_seen_lately(reading, ask.me.staff_id, seen)
    if new:
        ask.write(lambda unit: record_seen(unit, new, view))
    if view == "week":
        columns = [c for c in columns if c.day.day.weekday() < SATURDAY or c.booked or c.day.opens]
    today = ask.times.local(ask.now).date()
    step = timedelta(days=7 if view == "week" else 1)
    mine = {"who": worker.id if worker.id != ask.me.staff_id else "", "view": view if view != "day" else ""}

    def address(**changed: Any) -> str:
        asks = {**mine, "on": on if on != today else "", **changed}
        return url(**{name: value for name, value in asks.items() if value})

    return {
        "c": calendar_words, "view": view, "views": VIEWS, "on": on, "today": today, "team": team,
        "worker": worker, "columns": columns, "shown": hours_shown([c.day for c in columns]),
        "has_hours": worker.id in known and bool(known[worker.id].hours), "asked": asked, "wrong": wrong,
        "address": address, "before": address(on=on - step), "after": address(on=on + step),
        "book": _book(worker, ask, on if on > today else None), "me": ask.me.staff_id,
        "is_now": today in days, "days": days, "live": address(live="live", on=on),
    }  # fmt: skip


def url(live: str = "", **asks: Any) -> str:
    """A calendar's address."""
    path = f"{BASE}/calendar" + (f"/{live}" if live else "")
    return path + (f"?{urlencode(asks)}" if asks else "")


def columns_of(
    ask: Ask, reading: Reading, staff: list[Staff], days: list[date], known: dict[int, WorkerCalendar],
    *, whole: bool,
) -> list[Column]:  # fmt: skip
    """A column for each of these workers on each of these days; what is free in pieces, or `whole`."""
    zone, now = ask.times.zone, ask.now
    off = bank_holidays(ask, days)
    from_, until = bounds(days[0], zone)[0], bounds(days[-1], zone)[1]
    blocks = blocks_of(reading, [one.id for one in staff], from_, until)
    made = []
    for worker in staff:
        calendar = known.get(worker.id)
        for day in days:
            opens = free_hours(calendar, day, off) if calendar else []
            left: list[Block] = []
            if calendar:
                left = free(
                    opens, blocks[worker.id], zone=zone, gap=calendar.gap, since=now, by_the_hour=not whole,
                    least=min(calendar.minutes(kind) for kind in kinds()),
                )  # fmt: skip
            made.append(
                Column(
                    worker,
                    lay_out(
                        day, [*blocks[worker.id], *left], zone=zone, opens=opens, now=now,
                        holiday=off.get(day, ""),
                    ),
                )
            )  # fmt: skip
    return made


def bank_holidays(ask: Ask, days: list[date]) -> dict[date, str]:
    """The nation's holidays among these days, by name."""
    holidays = clock.bank_holidays(ask.parts.settings.nation)
    return {day: name for day in days if (name := holidays.get(day))}


def whose(ask: Ask, team: list[Staff], wanted: Any) -> Staff:
    """Whose calendar is asked for: `wanted` is an id as it was sent, or nothing for one's own.

    Raises NotAllowed for a colleague's where one may not look.
    """
    wanted = str(wanted or "")
    staff_id = int(wanted) if wanted.isdecimal() else ask.me.staff_id
    found = next((one for one in team if one.id == staff_id), None)
    if found is None:
        raise NotAllowed("You can look at your own calendar. A lead sees everyone's.")
    return found


def _week(on: date) -> list[date]:
    monday = on - timedelta(days=on.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def _book(worker: Staff, ask: Ask, on: date | None) -> str:
    asks = {"who": worker.id if worker.id != ask.me.staff_id else "", "on": on or ""}
    asks = {name: value for name, value in asks.items() if value}
    return f"{BASE}/calendar/book" + (f"?{urlencode(asks)}" if asks else "")


def _to_write_down(reading: Reading, staff_id: int, shown: Collection[int]) -> list[Entry]:
    """Those besides `shown` that have ended, and nobody has written down whether they came; oldest first."""
    ended = booked_between(reading, [staff_id], reading.now - ASKED_ABOUT, reading.now)
    left = [
        one
        for one in ended
        if one.stands and one.over(reading.now) and one.session_id is None and one.id not in shown
    ]
    return entries_of(reading, left)


def starts(at: datetime, ask: Ask) -> str:
    """An instant as an address holds it: the local date and time."""
    return f"{ask.times.local(at):%Y-%m-%dT%H:%M}"
