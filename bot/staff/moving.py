"""Moving an appointment: another free time in one tap, or a day and time, a worker, a way of meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from bot.appointments import booking
from bot.appointments.appointment import Appointment
from bot.appointments.diary import Clash
from bot.staff import calendar_words
from bot.staff.appointments import find, when
from bot.staff.booking import LONGEST_WHERE
from bot.staff.calendar_entries import entries_of, not_seen_lately, record_seen
from bot.staff.calendar_times import (
    WrongTime,
    as_value,
    chosen,
    day_in,
    length_in,
    number_in,
    times_free,
    why_not,
)
from bot.staff.pages import BASE, Ask, Refused
from bot.staff.ways_to_meet import meeting_of, team_of, there_of, told, way_of, ways
from bot.store.unit_of_work import UnitOfWork


def move_page(
    ask: Ask, *, wrong: dict[str, str] | None = None, clash: Clash | None = None, said: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    """Another free time in one tap, or a day and time, another worker, another way of meeting."""
    given: Mapping[str, Any] = ask.form or ask.query
    with ask.reading() as reading:
        one, person, _ = find(ask, reading)
        staff_id = number_in(given.get("who")) or one.staff_id
        minutes = length_in(given.get("minutes")) or one.minutes
        since = day_in(given.get("from"))
        new = not_seen_lately(reading, ask.me.staff_id, entries_of(reading, [one]))
        page = {
            "days": times_free(ask, reading, staff_id, minutes, since=since, ignoring=one.id),
            "ways": ways(reading), "way": str(given.get("way") or there_of(one)), "minutes": minutes,
            "staff_id": staff_id, "team": team_of(reading, staff_id), "value": lambda at: as_value(ask, at),
            "on": str(given.get("on", "")), "time": str(given.get("time", "")),
            "where": str(given.get("where", one.where)), "me": ask.me.staff_id,
        }  # fmt: skip
    if not one.stands or one.session_id is not None:
        raise Refused("This appointment cannot be moved.")
    if new:
        ask.write(lambda unit: record_seen(unit, new, "moving"))
    return ask.page(
        "move.html", status, one=one, person=person, wrong=wrong or {}, clash=clash, why=said,
        c=calendar_words, at=ask.sent("at", 16), **page,
    )  # fmt: skip


def move(ask: Ask) -> Response:
    """Move it; the person is told, and the time it was is offered to whoever would come sooner."""
    with ask.reading() as reading:
        before, person, _ = find(ask, reading)
    wrong = {}
    length = ask.sent("minutes", 4)
    staff_id = number_in(ask.sent("who", 18)) or before.staff_id
    if length and length_in(length) is None:
        wrong["minutes"] = "Write how many minutes it takes, from 5 to 480."
    try:
        starts_at = chosen(ask)
    except WrongTime as error:
        wrong["on"] = str(error)
    if wrong:
        return move_page(ask, wrong=wrong, status=422)
    minutes = length_in(length) or before.minutes
    way = ask.sent("way", 30)
    meeting, place_id = way_of(way) if way else (None, None)

    def work(unit: UnitOfWork) -> Appointment | Clash:
        where = ask.sent("where", LONGEST_WHERE) if "where" in ask.form else None
        return booking.move(
            unit, before.id, starts_at, minutes=minutes, staff_id=staff_id,
            meeting=meeting_of(unit, meeting, place_id) if way else None, place_id=place_id, where=where,
            anyway=ask.sent("anyway") == "yes", nation=ask.parts.settings.nation,
        )  # fmt: skip

    made = ask.write(work)
    if isinstance(made, Clash):
        ends_at = starts_at + timedelta(minutes=minutes)
        with ask.reading() as reading:
            said = why_not(ask, reading, made, staff_id, starts_at, ends_at)
        return move_page(ask, clash=made, said=said, status=409)
    back = {
        "at": as_value(ask, before.starts_at), "minutes": before.minutes, "who": before.staff_id,
        "way": there_of(before), "where": before.where,
    }  # fmt: skip
    ahead = before.starts_at > ask.now
    return ask.go(
        f"{BASE}/appointments/{made.id}", f"Moved to {when(ask, made)}. {told(ask, person)}",
        undo=(f"{BASE}/appointments/{made.id}/move", back) if ahead else None,
    )  # fmt: skip
