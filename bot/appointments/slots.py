"""Which times are free that suit what somebody said, and why a time is not."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from bot.appointments.calendar import NoSuchWorker, WorkerCalendar, calendar_of, calendars
from bot.appointments.diary import Clash, clash_of
from bot.appointments.looking import Free, Look
from bot.appointments.wishes import Slot, Wishes
from bot.store.unit_of_work import Reading

__all__ = ["Clash", "Slot", "Wishes", "slots_free", "why_not"]

#: How far past the first free day it looks for another day to offer beside it.
LOOK_ON = timedelta(days=7)
#: Two on one half of a day are so many minutes apart, where they can be.
APART = 60
DAY = timedelta(days=1)


def slots_free(
    reading: Reading,
    wishes: Wishes,
    *,
    nation: str,
    most: int = 3,
    after: datetime | None = None,
    spread: bool = True,
    without: Collection[Slot | datetime] = (),
    ignoring: Collection[int] = (),
) -> list[Slot]:
    """Up to `most` free times that suit, soonest first.

    Spread over days, and over mornings and afternoons, unless only those near each other are left or
    `spread` is False. None begins before `after` (aware), nor at a time among `without`. Appointments
    `ignoring` count for nothing: the one that is being moved. Bank holidays are `nation`'s. Raises
    NoSuchKind.
    """
    workers = _workers(reading, wishes)
    if not workers or most < 1:
        return []
    look = Look(reading, wishes, workers, nation, after, without, ignoring)
    found: list[Free] = []
    day, last = look.days()
    while day <= last:
        found += look.on(day)
        if len(found) >= most:
            if not spread or _all_sorts(found, most):
                break
            last = min(last, found[0].day + LOOK_ON)
        day += DAY
    found.sort(key=lambda free: free.at)
    return [look.slot(free) for free in (_spread(found, most) if spread else found[:most])]


def why_not(
    reading: Reading,
    staff_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignoring: Collection[int] = (),
    session_id: int | None = None,
    person_id: int | None = None,
    nation: str | None = None,
) -> Clash | None:
    """Why nobody can be booked with this worker then (aware UTC), or None. See `diary.clash_of`.

    To look, not to book: booking looks again under the calendar's lock. Raises NoSuchWorker.
    """
    calendar = calendar_of(reading, staff_id)
    if calendar is None:
        raise NoSuchWorker(staff_id)
    return clash_of(
        reading, calendar, starts_at, ends_at, ignoring=ignoring, session_id=session_id,
        person_id=person_id, nation=nation,
    )  # fmt: skip


def _workers(reading: Reading, wishes: Wishes) -> list[WorkerCalendar]:
    """Whom they may be offered a time with: those named, in that order, or everyone open to people."""
    found = calendars(reading, open_to_people=True, staff_ids=wishes.staff_ids)
    wished = {staff_id: n for n, staff_id in enumerate(wishes.staff_ids)}
    return sorted(found, key=lambda c: wished.get(c.staff_id, 0))


def _all_sorts(found: list[Free], most: int) -> bool:
    """Whether there are days enough to choose from: both halves past the first, or one day more."""
    first, days = found[0].day, {free.day for free in found}
    later = {free.morning for free in found if free.day != first}
    return len(days) > most or (len(days) == most and len(later) == 2)


def _spread(found: list[Free], most: int) -> list[Free]:
    """The soonest, and then each time what is least like those: on another day and half of the day, on
    another day, in the other half of one, an hour away, and at last what is furthest from them. In order.
    """
    left: dict[tuple[date, bool], list[Free]] = {}
    for free in found:
        left.setdefault((free.day, free.morning), []).append(free)
    picked: list[Free] = []
    while len(picked) < most and left:
        days, halves = {one.day for one in picked}, {one.morning for one in picked}
        used = {(one.day, one.morning) for one in picked}

        def likeness(free: Free, days: set[date] = days, halves: set[bool] = halves) -> int:
            return 2 if free.day in days else int(free.morning in halves)

        unused = [frees[0] for half, frees in left.items() if half not in used]
        if unused:
            best = min(unused, key=lambda free: (likeness(free), free.at))
        else:
            near = [free for frees in left.values() for free in frees]
            apart = [f for f in near if all(abs(f.at - one.at) >= APART for one in picked)]
            best = min(apart, key=lambda free: free.at) if apart else max(near, key=_far_from(picked))
        picked.append(best)
        half = (best.day, best.morning)
        left[half].remove(best)
        if not left[half]:
            del left[half]
    return sorted(picked, key=lambda free: free.at)


def _far_from(picked: list[Free]) -> Callable[[Free], tuple[int, int]]:
    """How far a time is from the nearest of those; of two as far, the sooner."""
    return lambda free: (min(abs(free.at - one.at) for one in picked), -free.at)
