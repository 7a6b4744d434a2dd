"""Leave, training and hours kept free: taken, taken back, and what is booked inside and must be moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import Response

from bot.casework import rota
from bot.casework.rota import TimeOff
from bot.casework.staffing import Staff
from bot.staff import calendar_words
from bot.staff.calendar import whose, workers
from bot.staff.calendar_day import Block, What, bounds
from bot.staff.calendar_entries import Entry, Group, blocks_of, entries_in, not_seen_lately, record_seen
from bot.staff.calendar_times import WrongTime, at_words, day_in, typed
from bot.staff.pages import BASE, Ask, NotFound
from bot.store.tables import Away
from bot.store.unit_of_work import Reading, UnitOfWork

#: What is coming is listed so far ahead.
AHEAD = timedelta(days=400)
LONGEST = timedelta(days=366)
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Off:
    """Time off on the page: whole days or from an hour to another, and what is booked in it all the same."""

    off: TimeOff
    whole: bool
    days: int
    inside: list[Entry]
    groups: list[Block]


def time_off_page(ask: Ask, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    """What is coming, with what is booked inside; and the form for more."""
    with ask.reading() as reading:
        team = workers(ask, reading)
        worker = whose(ask, team, ask.form.get("who") or ask.query.get("who", ""))
        coming = rota.time_off_of(reading, [worker.id], ask.now, ask.now + AHEAD)
        listed = [_off(ask, reading, one) for one in coming]
        new = not_seen_lately(reading, ask.me.staff_id, [e for one in listed for e in one.inside])
    if new:
        ask.write(lambda unit: record_seen(unit, new, "time off"))
    at = str(ask.query.get("at", ""))
    return ask.page(
        "time_off.html", status, worker=worker, listed=listed, c=calendar_words, wrong=wrong or {},
        form=ask.form or _prefilled(ask, at), me=ask.me.staff_id, at_words=at_words(ask, at),
        url=_url(ask, worker), minute=timedelta(minutes=1),
    )  # fmt: skip


def take(ask: Ask) -> Response:
    """They are away then. What is booked inside stays until somebody moves it, and is listed."""
    with ask.reading() as reading:
        worker = whose(ask, workers(ask, reading), ask.sent("who", 18))
    kind, note = ask.sent("kind", 20), ask.sent("note", LONGEST_NOTE)
    wrong = {} if kind in set(Away) else {"kind": "Choose what it is."}
    starts_at = ends_at = ask.now
    try:
        starts_at = _from(ask)
    except WrongTime as error:
        wrong["from"] = str(error)
    try:
        ends_at = _until(ask)
    except WrongTime as error:
        wrong["until"] = str(error)
    if not wrong and ends_at <= starts_at:
        wrong["until"] = "It ends before it begins. Check both days and times."
    elif not wrong and ends_at <= ask.now:
        wrong["until"] = "That is past already."
    elif not wrong and ends_at - starts_at > LONGEST:
        wrong["until"] = "That is more than a year. Take it in parts."
    if wrong:
        return time_off_page(ask, wrong, 422)

    def work(unit: UnitOfWork) -> tuple[int, Off]:
        there = rota.time_off_of(unit, [worker.id], starts_at, ends_at)
        same = [one for one in there if (one.kind, one.starts_at, one.ends_at) == (kind, starts_at, ends_at)]
        made = same[0].id if same else rota.take_off(unit, worker.id, kind, starts_at, ends_at, note)
        found = next(one for one in rota.time_off_of(unit, [worker.id], starts_at, ends_at) if one.id == made)
        return made, _off(ask, unit, found)

    made, off = ask.write(work)
    inside = len(off.inside) + len(off.groups)
    more = ""
    if inside:
        things = "One appointment is" if inside == 1 else f"{inside} appointments are"
        more = f" {things} booked in it: move or cancel {'it' if inside == 1 else 'them'} below."
    words = calendar_words.AWAY[Away(kind)]
    where = f"{_url(ask, worker)}#off-{made}"
    undo = (f"{BASE}/calendar/time-off/{made}/undo", {"back": _url(ask, worker)})
    return ask.go(where, f"Written down: {words.lower()}.{more}", undo=undo)


def take_back(ask: Ask) -> Response:
    """They are there after all."""
    number = ask.path("time_off_id")

    def work(unit: UnitOfWork) -> tuple[Staff, bool]:
        team = {one.id: one for one in workers(ask, unit)}
        there = rota.time_off_of(unit, list(team), unit.now - AHEAD, unit.now + 2 * AHEAD)
        found = next((one for one in there if str(one.id) == number), None)
        if found is None:
            raise NotFound
        return team[found.staff_id], rota.take_back(unit, found.id)

    worker, _ = ask.write(work)
    return ask.go(_url(ask, worker), "Taken back: that time can be booked again.")


def _off(ask: Ask, reading: Reading, off: TimeOff) -> Off:
    zone = ask.times.zone
    taken = blocks_of(reading, [off.staff_id], max(off.starts_at, ask.now), off.ends_at)[off.staff_id]
    still = [block for block in taken if block.what in (What.BOOKED, What.HELD)]
    first = ask.times.local(off.starts_at).date()
    last = ask.times.local(off.ends_at - timedelta(minutes=1)).date()
    whole = (off.starts_at, off.ends_at) == (bounds(first, zone)[0], bounds(last, zone)[1])
    groups = [block for block in taken if isinstance(block.about, Group)]
    return Off(off, whole, (last - first).days + 1, entries_in(still), groups)


def _from(ask: Ask) -> datetime:
    """When it begins: at the hour given, or with the day."""
    day, hour = ask.sent("from", 10), ask.sent("from_time", 5)
    return typed(ask, day, hour) if hour else bounds(_day(day), ask.times.zone)[0]


def _until(ask: Ask) -> datetime:
    """When it ends: at the hour given, or with the day, which is the first one unless another is given."""
    day, hour = ask.sent("until", 10) or ask.sent("from", 10), ask.sent("until_time", 5)
    return typed(ask, day, hour) if hour else bounds(_day(day), ask.times.zone)[1]


def _day(written: str) -> date:
    found = day_in(written)
    if found is None or not 2000 <= found.year <= 2100:
        raise WrongTime("Choose a day, such as 12 March 2026.")
    return found


def _prefilled(ask: Ask, at: str) -> dict[str, str]:
    """An hour from the time a worker pressed on; nothing where they pressed on none."""
    day, _, hour = at.partition("T")
    try:
        begins = ask.times.local(typed(ask, day, hour))
    except WrongTime:
        return {}
    ends = ask.times.local(typed(ask, day, hour) + timedelta(hours=1))
    until = {"until": f"{ends.date()}"} if ends.date() != begins.date() else {}
    return {
        "kind": Away.BLOCKED.value, "from": day, "from_time": hour,
        "until_time": f"{ends.time():%H:%M}", **until,
    }  # fmt: skip


def _url(ask: Ask, worker: Staff) -> str:
    return f"{BASE}/calendar/time-off" + (f"?who={worker.id}" if worker.id != ask.me.staff_id else "")
