"""dateparser, held tight: a date in words or digits, day first, and only when it says what was said.

Why this library and why so tightly: decisions/2026-11-22-dates-in-words.md.
"""

from __future__ import annotations

import re
import threading
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateparser.date import DateDataParser

#: dateparser keeps caches of its own that nobody promised are safe between threads.
_ONE_AT_A_TIME = threading.Lock()


@lru_cache(maxsize=4096)
def calendar_date(day: int, month: int, year: int, language: str = "en") -> date | None:
    """A day of the calendar, or None where there is none such: 31/11, 29/2."""
    found = _parsed(f"{day:02}/{month:02}/{year}", datetime(year, 1, 1), language, "absolute-time")
    if found is None or (found.day, found.month, found.year) != (day, month, year):
        return None
    return found.date()


def from_now(many: int, unit: str, now: datetime) -> datetime | None:
    """The local time so many minutes, hours, days, weeks or months from `now`, both naive."""
    return _parsed(f"in {many} {unit}{'s' * (many != 1)}", now, "en", "relative-time")


def in_another_language(text: str, now: datetime, language: str) -> tuple[datetime, bool] | None:
    """A local time, and whether an hour was said, in a language we have no words of our own for.

    Only what lies ahead within a year, holds every figure in the text, and names a day; None otherwise.
    It is still to be asked back before anything is done with it.
    """
    settings = _settings(now) | {"RETURN_TIME_AS_PERIOD": True}
    with _ONE_AT_A_TIME:
        try:
            found = DateDataParser(languages=[language], settings=settings).get_date_data(text)
        except ValueError:  # a language it does not know
            return None
    at = found.date_obj
    if at is None or found.period not in ("day", "time"):
        return None
    at, timed = at.replace(tzinfo=None, second=0, microsecond=0), found.period == "time"
    said = {int(n) for n in re.findall(r"\d+", text)}
    there = {at.day, at.month, at.year, at.year % 100} | (
        {at.hour, at.hour % 12, at.minute} if timed else set()
    )
    if not said <= there or (timed and len(said) == 1 and at.hour in said and at.date() == now.date()):
        return None
    ahead = at > now if timed else at.date() >= now.date()
    return (at, timed) if ahead and at < now + timedelta(days=365) else None


def _parsed(text: str, now: datetime, language: str, parser: str) -> datetime | None:
    settings = _settings(now) | {"PARSERS": [parser]}
    with _ONE_AT_A_TIME:
        return DateDataParser(languages=[language], settings=settings).get_date_data(text).date_obj


def _settings(now: datetime) -> dict[str, object]:
    return {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY",
        "PREFER_LOCALE_DATE_ORDER": False,
        "STRICT_PARSING": False,
    }
