"""What somebody meant by a time: days and hours in their own zone, one instant, or a question back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `first` to `last`, both among them, and the time of day on each, local and naive.

    `weekdays` (Monday is 0) leaves only those; None is every day. An appointment must not begin before
    `opens`, be over by `closes`, and not begin after `starts_by`; None sets no limit.
    """

    first: date
    last: date
    opens: time | None = None
    closes: time | None = None
    weekdays: frozenset[int] | None = None
    starts_by: time | None = None

    def has_day(self, day: date) -> bool:
        """Whether it is about this day at all."""
        return self.first <= day <= self.last and (self.weekdays is None or day.weekday() in self.weekdays)

    def days(self) -> Iterator[date]:
        """Each of its days."""
        for ahead in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=ahead)
            if self.weekdays is None or day.weekday() in self.weekdays:
                yield day

    def holds(self, start: datetime, end: datetime) -> bool:
        """Whether the whole of a local time lies in it."""
        if not self.has_day(start.date()):
            return False
        if self.opens is not None and start.time() < self.opens:
            return False
        if self.starts_by is not None and start.time() > self.starts_by:
            return False
        if self.closes is None:
            return True
        return end.date() == start.date() and end.time() <= self.closes

    def touches(self, start: datetime, end: datetime) -> bool:
        """Whether any of a local time lies in it."""
        if not self.has_day(start.date()):
            return False
        begins = datetime.combine(start.date(), self.opens or time())
        if self.closes is not None:
            over = datetime.combine(start.date(), self.closes)
        else:
            over = datetime.combine(start.date() + timedelta(days=1), time())
        return start < over and begins < end


@dataclass(frozen=True, slots=True)
class Understood:
    """Times that would suit. `certain` is False where `ask` should be asked before one is offered."""

    windows: tuple[Window, ...]
    excluded: tuple[Window, ...] = ()
    certain: bool = True
    ask: Why | None = None

    def suits(self, start: datetime, end: datetime, zone: tzinfo) -> bool:
        """Whether a free slot between two aware instants is a time they said, as they see the clock."""
        begins, over = (at.astimezone(zone).replace(tzinfo=None) for at in (start, end))
        return any(w.holds(begins, over) for w in self.windows) and not any(
            w.touches(begins, over) for w in self.excluded
        )


@dataclass(frozen=True, slots=True)
class Exact:
    """One instant, aware, in the zone it was said in."""

    at: datetime


class Why(StrEnum):
    """Why it must be asked back."""

    WHICH_DAY = "which-day"  # next Friday: this week's or the one after
    WHICH_HALF = "which-half"  # at 7: in the morning or in the evening
    DATE_OR_TIME = "date-or-time"  # 10.12, 3-4, 10 to 2
    NO_DAY = "no-day"  # at 5, on a day not said
    DAYS_DISAGREE = "days-disagree"  # Tues 25th, which is a Wednesday
    NO_SUCH_DAY = "no-such-day"  # 31/11, 25:00
    GONE = "gone"  # yesterday; today at 9, at 10
    FAR = "far"  # 20/10 on 22 October: nearly a year away
    CLOCK_SKIPS = "clock-skips"  # 1.30am on the night the clocks go forward
    CLOCK_REPEATS = "clock-repeats"  # 1.30am on the night they go back
    VAGUE = "vague"  # soon; not sure
    WORDS = "words"  # there is a time in it, and words we do not know


@dataclass(frozen=True, slots=True)
class Unclear:
    """A time, but not one to act on. `readings` are those it may be, soonest first; often none."""

    why: Why
    readings: tuple[Exact | Window, ...] = ()


@dataclass(frozen=True, slots=True)
class NotATime:
    """Nothing in it is about when."""


Meaning = Understood | Exact | Unclear | NotATime


def spans(day: date, meant: Understood) -> list[tuple[int, int]]:
    """The minutes of a local day in which something may begin, as [start, end) in order."""
    found = [_minutes(w) for w in meant.windows if w.has_day(day)]
    for out in (_minutes(w) for w in meant.excluded if w.has_day(day)):
        found = [piece for span in found for piece in _without(span, out)]
    return _joined(found)


def _minutes(window: Window) -> tuple[int, int]:
    opens = _of(window.opens) if window.opens else 0
    closes = _of(window.closes) if window.closes else 24 * 60
    if window.starts_by is not None:
        closes = min(closes, _of(window.starts_by) + 1)
    return opens, closes


def _of(at: time) -> int:
    return at.hour * 60 + at.minute


def _without(span: tuple[int, int], out: tuple[int, int]) -> list[tuple[int, int]]:
    left, right = (span[0], min(span[1], out[0])), (max(span[0], out[1]), span[1])
    return [piece for piece in (left, right) if piece[0] < piece[1]]


def _joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for span in found if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
