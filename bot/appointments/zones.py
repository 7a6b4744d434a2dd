"""From a local time to an instant: over the nights when an hour is missing, or comes twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Clock(StrEnum):
    """What the clocks do with a local time."""

    ONCE = "once"
    SKIPPED = "skipped"  # they go forward over it: there is no such time
    REPEATED = "repeated"  # they go back over it: it comes twice


@dataclass(frozen=True, slots=True)
class Local:
    """A local time in a zone: the instant, and what the clocks do there.

    A skipped time has the instant as long after the change as it says; a repeated one the earlier.
    """

    at: datetime
    clock: Clock


def local(day: date, hour: time, zone: tzinfo) -> Local:
    """The instant of a local time (aware, in `zone`), saying if it is missing or comes twice (PEP 495)."""
    early = datetime.combine(day, hour, zone)
    late = early.replace(fold=1)
    if early.utcoffset() == late.utcoffset():
        return Local(early, Clock.ONCE)
    back = early.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) == early.replace(tzinfo=None):
        return Local(early, Clock.REPEATED)
    return Local(back, Clock.SKIPPED)


def as_seen(at: datetime, zone: tzinfo) -> datetime:
    """An aware instant as the clock on the wall shows it in `zone`, naive. Raises ValueError if naive."""
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    return at.astimezone(zone).replace(tzinfo=None)


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The instant a local day begins, aware, in `zone`: the first minute it has where midnight is skipped."""
    return local(day, time(), zone).at


def hours_in(day: date, zone: tzinfo) -> timedelta:
    """How long a local day is: 23 and 25 hours on the days the clocks change."""
    begins, ends = (day_begins(d, zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return ends - begins
