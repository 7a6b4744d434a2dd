"""When a service next meets, from its schedules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from bot.directory.details import Schedule

#: Nobody plans further ahead than this.
AHEAD = timedelta(days=120)


def next_session(schedules: Iterable[Schedule], after: datetime, zone: ZoneInfo) -> datetime | None:
    """When it first meets after `after` (aware), as aware UTC; None where its days are not known.

    Times in schedules are local to `zone`; where no hour is given it is midday. Rules are RFC 5545's.
    """
    found = [at for one in schedules if (at := _next(one, after, zone)) is not None]
    return min(found, default=None)


def meets_on(schedules: Iterable[Schedule], day: date) -> bool | None:
    """Whether it meets on that local day; None where its days are not known."""
    known = list(schedules)
    if not known or not all(map(_known, known)):
        return None
    midnight = datetime.combine(day, time.min)
    return any(
        _runs(one, day) and (at := _after(one, midnight, inclusive=True)) is not None and at.date() == day
        for one in known
    )


def _next(one: Schedule, after: datetime, zone: ZoneInfo) -> datetime | None:
    if not _known(one):
        return None
    local = after.astimezone(zone).replace(tzinfo=None)
    if one.valid_from and local.date() < one.valid_from:
        local = datetime.combine(one.valid_from, time.min)
    at = _after(one, local)
    if at is None or not _runs(one, at.date()) or at - local > AHEAD:
        return None
    return at.replace(tzinfo=zone).astimezone(UTC)


def _runs(one: Schedule, day: date) -> bool:
    return (one.valid_from is None or one.valid_from <= day) and (one.valid_to is None or day <= one.valid_to)


def _after(one: Schedule, local: datetime, inclusive: bool = False) -> datetime | None:
    """The rule's next start at or after a local time without a zone."""
    opens = time.fromisoformat(one.opens_at) if one.opens_at else time(12)
    start = datetime.combine(_counts_from(one, local.date()), opens)
    rule = rrulestr(f"FREQ={one.freq};INTERVAL={one.interval};BYDAY={one.byday}", dtstart=start)
    return rule.after(local, inc=inclusive)


def _counts_from(one: Schedule, day: date) -> date:
    """Every week counts from anywhere lately; every other week from the day it was said to."""
    lately = day - timedelta(days=40)
    return one.dtstart if one.dtstart and (one.interval > 1 or one.dtstart > lately) else lately


def _known(one: Schedule) -> bool:
    """Whether its days can be told: of "every other week" without a first day nobody knows which."""
    return bool(one.byday) and (one.interval == 1 or one.dtstart is not None)
