"""Days and hours as people say them: "tomorrow", "Tuesday 4 March", "9.30am", "5pm Tuesday"."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.words.languages import ENGLISH

WORDS = Path(__file__).parents[2] / "locales" / "dates.toml"

#: English here is British: the day stands before the month.
_BABEL = {ENGLISH: "en_GB"}
_EVENING = 18


def day(at: datetime | date, language: str, zone: tzinfo | str, now: datetime) -> str:
    """The day of an aware instant (or a date), as seen in `zone` at the aware instant `now`.

    "today", "tomorrow", then the weekday alone for the days within a week, then "Tuesday 4
    March"; a day gone by is always written in full.
    """
    words = _words(language)
    on, today = _local_day(at, zone), _local_day(now, zone)
    if on == today:
        return words["today"]
    if on == today + timedelta(days=1):
        return words["tomorrow"]
    pattern = "EEEE" if today < on < today + timedelta(days=7) else "EEEE d MMMM"
    written = format_date(on, pattern, locale=_locale(language))
    return written[:1].lower() + written[1:] if words["weekday_in_lower_case"] else written


def whole_day(at: datetime | date, language: str, zone: tzinfo | str) -> str:
    """The day of an aware instant in `zone` (or a date), whenever it may be read: "Tuesday 4 March"."""
    written = format_date(_local_day(at, zone), "EEEE d MMMM", locale=_locale(language))
    return written[:1].lower() + written[1:] if _words(language)["weekday_in_lower_case"] else written


def hour(at: datetime | time, language: str, zone: tzinfo | str) -> str:
    """The hour of an aware instant in `zone` (or of a local time): "9am", "9.30am", "midday"."""
    words = _words(language)
    local = at if isinstance(at, time) else _local(at, zone)
    if local.minute == 0 and local.hour in (0, 12):
        return words["midday" if local.hour else "midnight"]
    part = "am" if local.hour < 12 else "evening" if local.hour >= _EVENING and "evening" in words else "pm"
    said = str((local.hour - 1) % 12 + 1)
    if local.minute:
        said = words["minutes"].format(hour=said, minute=f"{local.minute:02}")
    return words[part].format(hour=said)


def moment(at: datetime, language: str, zone: tzinfo | str, now: datetime) -> str:
    """The hour and day of an aware instant in `zone`: "9am Monday", "5pm today"."""
    words, on = _words(language), day(at, language, zone, now)
    for alone, after in words.get("day_after_an_hour", {}).items():
        on = re.sub(rf"^{alone}\b", after, on)
    return words["moment"].format(hour=hour(at, language, zone), day=on)


def _local(at: datetime, zone: tzinfo | str) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    return at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def _local_day(at: datetime | date, zone: tzinfo | str) -> date:
    return _local(at, zone).date() if isinstance(at, datetime) else at


def _locale(language: str) -> str:
    return _BABEL.get(language, language.replace("-", "_")) if language in written() else _BABEL[ENGLISH]


def _words(language: str) -> dict[str, Any]:
    return written().get(language) or written()[ENGLISH]


@lru_cache(maxsize=1)
def written() -> dict[str, dict[str, Any]]:
    """What `locales/dates.toml` says, by language."""
    return tomllib.loads(WORDS.read_text("utf-8"))
