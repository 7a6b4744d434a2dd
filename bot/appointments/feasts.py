"""Holidays in words: "after the bank holiday", "Good Friday", "between Christmas and New Year"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import holidays
from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from bot.appointments.rules import Moment, Rule, day, of, rule, unsure
from bot.appointments.tokens import Unit
from bot.appointments.windows import Why
from bot.clock import bank_holidays

DAY = timedelta(days=1)
_CHRISTMAS_EVE, _NEW_YEARS_EVE = (24, 12), (31, 12)
_SATURDAY = 5


def holiday(name: str, moment: Moment) -> tuple[date, date] | None:
    """The first and last day of the next holiday of this name: Easter is from Good Friday to the Monday."""
    today, feasts = moment.today, bank_holidays(moment.habits.nation)
    if name in ("christmas eve", "new year's eve"):
        number, month = _CHRISTMAS_EVE if name == "christmas eve" else _NEW_YEARS_EVE
        found = date(today.year, month, number)
        return found, found
    if name == "easter":
        years = (easter(y) for y in (today.year, today.year + 1))
        sunday = next(d for d in years if d + DAY >= today)
        return sunday - 2 * DAY, sunday + DAY
    if name == "bank holiday":
        found = next((d for n in range(366) if (d := today + n * DAY) in feasts), None)
        if found is None:
            return None
        last = found
        while (following := last + DAY) in feasts or (
            following.weekday() >= _SATURDAY and _run(following, feasts)
        ):
            last = following
        return found, last
    name = "New Year's Day" if name == "new year" else name
    for ahead in range(366):
        found = today + ahead * DAY
        if name in feasts.get(found, "").split("; ") or (name, found.day, found.month) in _FIXED:
            return found, found
    return None


#: Holidays whose own day keeps its name when another day off stands in for it.
_FIXED = {("Christmas Day", 25, 12), ("Boxing Day", 26, 12), ("New Year's Day", 1, 1)}


def _run(weekend_day: date, feasts: holidays.HolidayBase) -> bool:
    """Whether a holiday follows the weekend too, as Easter Monday does."""
    return any(weekend_day + n * DAY in feasts for n in (1, 2))


def _on_holiday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    found = holiday(said[-1].value, moment)
    if found is None or said[-1].value == "new year":  # the day, or the weeks after it
        return [unsure(Why.VAGUE)]
    first, last = found
    monday_too = said[-1].value == "bank holiday" and first.weekday() != 0
    return [day(last) if monday_too and last.weekday() == 0 else day(first, last)]


def _around_holiday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    found = holiday(said[-1].value, moment)
    if found is None:
        return [unsure(Why.VAGUE)]
    first, last = found
    if said[0].kind in ("after", "from"):
        return [day(last + DAY, moment.ahead(last + DAY), limited=True)]
    return [day(moment.today, first - DAY, limited=True) if first > moment.today else unsure(Why.GONE)]


def _between_holidays(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    first, last = (holiday(u.value, moment) for u in of(said, "holiday"))
    if first is None or last is None or first[1] >= last[0]:
        return [unsure(Why.VAGUE)]
    return [day(first[1] + DAY, last[0] - DAY)]


def _in_new_year(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    start = date(moment.today.year + 1, 1, 1)
    return [day(start, start + relativedelta(day=31))]


def _eve(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    """Christmas "eve" with a slip in it: the evening, or the day before?"""
    return [unsure(Why.WHICH_DAY)] if said[1].value == "evening" else None


FEASTS: tuple[Rule, ...] = (
    rule("holiday part", _eve),
    rule("in_new_year", _in_new_year),
    rule("between holiday and holiday", _between_holidays),
    rule("(after|from|before|until) holiday", _around_holiday),
    rule("on? holiday", _on_holiday),
)
