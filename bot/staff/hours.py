"""A link worker's own hours: when and where they can be booked, limits, time off, and their private feed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from starlette.responses import Response

from bot.appointments.calendar import calendar_of, end_feed, new_feed_token, set_calendar
from bot.appointments.kinds import kinds
from bot.appointments.places import add_place, places
from bot.casework.rota import time_off_of
from bot.staff import calendar_words, hours_form
from bot.staff.hours_form import DAYS, Filled
from bot.staff.pages import BASE, Ask, Refused
from bot.store.tables import Meeting, worker_calendar
from bot.store.unit_of_work import Reading, UnitOfWork

#: Leave is listed so far ahead.
AHEAD = timedelta(days=400)


def hours_page(
    ask: Ask,
    filled: Filled | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    *,
    copied: str = "",
    feed: str = "",
) -> Response:
    """Everything that says when they can be booked. It keeps what was typed when something is wrong."""
    me = ask.me.staff_id
    with ask.reading() as reading:
        calendar, there = calendar_of(reading, me), places(reading)
        off = time_off_of(reading, [me], reading.now, reading.now + AHEAD)
        has_feed = _has_feed(reading, me)
    filled = filled or hours_form.from_calendar(calendar, there)
    return ask.page(
        "hours.html", status, filled=filled, wrong=wrong or {}, days=DAYS, ways=hours_form.ways_of(there),
        kinds=kinds(), c=calendar_words, choices=hours_form.choices, off=off, has_feed=has_feed,
        feed=feed, webcal=feed.replace("https://", "webcal://").replace("http://", "webcal://"),
        copied=copied, new=calendar is None,
    )  # fmt: skip


def save(ask: Ask) -> Response:
    """From now on they can be booked so. What is booked already stands."""
    me = ask.me.staff_id
    copy = ask.sent("copy", 1)
    if copy.isdigit() and int(copy) < len(DAYS):
        return hours_page(ask, hours_form.copied(ask.form, int(copy)), copied=DAYS[int(copy)])
    with ask.reading() as reading:
        before, there = calendar_of(reading, me), places(reading)
    typed, wrong = hours_form.read(ask.form, hours_form.ways_of(there))
    if wrong:
        return hours_page(ask, hours_form.from_form(ask.form), wrong, 422)

    def work(unit: UnitOfWork) -> None:
        ids = _place_ids(unit, {way for *_, ways in typed.hours for way in ways})
        zone = before.zone if before else ask.times.zone
        set_calendar(unit, me, zone=zone, hours=hours_form.hours_of(typed, ids), **typed.settings)

    try:
        ask.write(work)
    except ValueError as error:
        raise Refused(str(error)) from None
    undo = None
    if before is not None and ask.sent("undo", 3) != "yes":
        undo = (
            f"{BASE}/hours",
            {**hours_form.as_fields(hours_form.from_calendar(before, there)), "undo": "yes"},
        )
    said = "Undone. Your hours are as they were." if ask.sent("undo", 3) == "yes" else _said(typed)
    return ask.go("hours", said, undo=undo)


def make_feed(ask: Ask) -> Response:
    """A new address for their feed, shown once. The one before works no longer."""
    token = ask.write(lambda unit: new_feed_token(unit, ask.me.staff_id))
    return hours_page(ask, feed=f"{ask.parts.settings.base_url}/calendar/{token}.ics")


def stop_feed(ask: Ask) -> Response:
    """Nobody reads it any more."""
    ask.write(lambda unit: end_feed(unit, ask.me.staff_id))
    return ask.go("hours#feed", "Ended. The address shows nothing from now on.")


def _said(typed: hours_form.Typed) -> str:
    if not typed.hours:
        return "Saved. You have no hours now, so nobody can book a time with you."
    return "Saved. What is booked already stays as it is."


def _place_ids(unit: UnitOfWork, ways: set[str]) -> dict[str, int]:
    """The place of each way to meet; what needs no place of its own has one that is only its name."""
    known = {one.meeting.value: one.id for one in reversed(places(unit)) if one.meeting in hours_form.BARE}
    ids = {}
    for way in sorted(ways):
        if way.isdigit():
            ids[way] = int(way)
        else:
            meeting = Meeting(way)
            ids[way] = known.get(way) or add_place(unit, meeting, hours_form.BARE[meeting])
    return ids


def _has_feed(reading: Reading, staff_id: int) -> bool:
    kept = select(worker_calendar.c.feed_token).where(worker_calendar.c.staff_id == staff_id)
    return reading.execute(kept).scalar() is not None
