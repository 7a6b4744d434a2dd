"""The several times in one message, each with its days and hours, and what is said once for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import pairwise

from bot.appointments.habits import ABOUT
from bot.appointments.hours import resolved
from bot.appointments.rules import Days, Times
from bot.appointments.tokens import Hour, Unit, at_time
from bot.appointments.windows import Exact, Unclear, Why, Window

#: What stands between two times.
APART = frozenset({"or", "and", "pause", "dash"})


class Asked(Exception):
    """It must be asked back: an Unclear on its way out."""

    def __init__(self, why: Why, *readings: Exact | Window):
        self.unclear = Unclear(why, readings)


@dataclass(slots=True)
class One:
    """One of the times named: its days, its limits, and an hour."""

    days: list[Days] = field(default_factory=list)
    limits: list[Unit] = field(default_factory=list)
    hour_first: bool = False
    joined: str = ""

    @property
    def bare(self) -> bool:
        return not self.days and not self.limits


def ones(said: list[Unit]) -> list[One]:
    """The times named, in order, each with what belongs to it."""
    found = [One()]
    for unit in said:
        one = found[-1]
        if unit.kind in APART:
            if not one.bare:
                found.append(One(joined=unit.kind))
            elif unit.kind == "or":
                one.joined = "or"
        elif unit.kind == "anytime":
            if one.joined == "or" or len(found) > 1:
                raise Asked(Why.VAGUE)
        elif unit.kind in ("day", "days"):
            _add_days(found, unit.value)
        elif unit.kind == "instant":
            raise Asked(Why.VAGUE)
        else:
            one.hour_first = one.hour_first or not one.days
            one.limits.append(unit)
    found = [one for one in found if not one.bare]
    return _merged(found)


def _add_days(found: list[One], some: Days) -> None:
    """Days beside days: Mondays in December are fewer, "mon tues" are two, the 3rd and the 5th disagree."""
    one = found[-1]
    if not one.days:
        one.days.append(some)
        return
    other = one.days[-1]
    if some.weekdays is not None and other.weekdays is None and not other.one:
        one.days[-1] = replace(other, weekdays=some.weekdays)
    elif other.weekdays is not None and some.weekdays is None and not some.one:
        one.days[-1] = replace(some, weekdays=other.weekdays)
    elif other.one and some.one and other != some:
        if not (other.named and some.named) or (one.hour_first and one.limits):
            raise Asked(Why.DAYS_DISAGREE)
        found.append(One(days=[some], joined="or"))
    elif other == some or (other.one and some.first <= other.first <= some.last):
        return
    elif some.one and other.has(some.first) and not other.limited:
        one.days[-1] = some
    else:
        raise Asked(Why.DAYS_DISAGREE)


def _merged(found: list[One]) -> list[One]:
    """ "Next week, afternoons" is one time in two breaths; "mornings and Tuesday" may be either."""
    merged: list[One] = []
    for one in found:
        last = merged[-1] if merged else None
        if last is None:
            merged.append(one)
        elif one.joined == "dash" and one.days and last.days:
            raise Asked(Why.WHICH_DAY)  # from one day's hour to another's is no time to meet
        elif not one.days and last.days and not last.limits:
            if one.joined == "or":
                raise Asked(Why.VAGUE)
            last.limits += one.limits
        elif not last.days and not one.limits and one.joined in ("pause", "dash"):
            last.days += one.days
        elif not last.days and not one.limits and one.joined == "and":
            raise Asked(Why.VAGUE)
        elif not last.days and not one.days and one.joined == "and" and _opposite(last, one):
            last.limits += one.limits
        else:
            merged.append(one)
    return merged


def _opposite(one: One, other: One) -> bool:
    kinds = {u.kind for u in (*one.limits, *other.limits)}
    return kinds == {"after_clock", "before_clock"}


def spread(found: list[One]) -> list[One]:
    """What is said once for several: "Mon or Tues morning", "3pm Thurs or Fri", "Weds at 10 or 11"."""
    for at in range(len(found) - 2, -1, -1):
        if not found[at].days and found[at + 1].hour_first and _hours_only(found[at], found[at + 1]):
            found[at].days, found[at].hour_first = list(found[at + 1].days), True
        if (
            not found[at].limits
            and found[at + 1].limits
            and found[at + 1].days
            and not found[at + 1].hour_first
        ):
            found[at].limits = list(found[at + 1].limits)
    for last, one in pairwise(found):
        if not one.days and last.days:
            one.days = list(last.days)
        elif not one.limits and last.hour_first and last.days:
            one.limits, one.hour_first = list(last.limits), True
    return found


def _hours_only(one: One, other: One) -> bool:
    return all(u.kind == "clock" for u in (*one.limits, *other.limits))


def times_of(limits: list[Unit]) -> Times:
    """Everything said about the time of day, together. Raises Asked where it leaves nothing or two."""
    spans_said = [u.value for u in limits if u.kind == "times"]
    opens = max((t.opens for t in spans_said if t.opens), default=None)
    closes = min((t.closes for t in spans_said if t.closes), default=None)
    starts_by = None
    for unit in limits:
        if unit.kind == "times":
            continue
        at = _hour_within(unit.value, opens, closes)
        if unit.kind == "after_clock":
            opens = max(at, opens or at)
        elif unit.kind == "before_clock":
            closes = min(at, closes or at)
        elif starts_by is not None:
            raise Asked(Why.WHICH_HALF)
        elif unit.kind == "about_clock":
            opens, starts_by = _moved(at, -ABOUT), _moved(at, ABOUT)
            closes = None
        else:
            opens, starts_by, closes = at, at, None
    if opens is not None and closes is not None and opens >= closes:
        raise Asked(Why.WHICH_HALF)
    return Times(opens, closes, starts_by)


def _hour_within(hour: Hour, opens: time | None, closes: time | None) -> time:
    """An hour, its half from the part of the day that was said with it, or from habit."""
    halves = (None,) if hour.half else ("am", "pm")
    inside = [
        at for half in halves if (opens or time.min) <= (at := at_time(hour, half)) < (closes or time.max)
    ]
    if len(inside) == 1 and (opens or closes):
        return inside[0]
    at = resolved(hour)
    if at is None or (inside and at not in inside) or (not inside and (opens or closes)):
        raise Asked(Why.WHICH_HALF)
    return at


def _moved(at: time, minutes: int) -> time:
    return (datetime(2000, 1, 1, at.hour, at.minute) + timedelta(minutes=minutes)).time()
