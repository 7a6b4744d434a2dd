"""Libraries that read dates, each set as a careful British user would: day first, the reading ahead.

Each is a function from words and a local time to what was meant, or None where it read nothing or did
not read all of it. They are no part of the service; `dates.py` says how to install them.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from benchmarks.date_corpora import DAY, Meant, ends_as_said, month_later

Reads = Callable[[str, datetime], Meant | None]

_PARTS = {
    "earlymorning": (4, 8), "morning": (6, 12), "forenoon": (9, 12), "noon": (11, 14),
    "afternoon": (12, 18), "evening": (17, 22), "lateevening": (18, 24), "night": (19, 24),
}  # fmt: skip


def dateparser() -> Reads:
    """scrapinghub/dateparser."""
    from dateparser.date import DateDataParser

    def reads(text: str, now: datetime) -> Meant | None:
        settings = {
            "RELATIVE_BASE": now,
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "RETURN_TIME_AS_PERIOD": True,
        }
        found = DateDataParser(languages=["en"], settings=settings).get_date_data(text)
        at = found.date_obj
        if at is None:
            return None
        at = at.replace(tzinfo=None, second=0, microsecond=0)
        midnight = datetime.combine(at.date(), time())
        if found.period == "time":
            return Meant(at, timed=True)
        if found.period == "month":
            return Meant(midnight.replace(day=1), month_later(midnight))
        return None if found.period == "year" else Meant(midnight)

    return reads


def parsedatetime() -> Reads:
    """bear/parsedatetime. Its British day order needs PyICU, so it is set by hand."""
    module = importlib.import_module("parsedatetime")
    constants = module.Constants("en_AU", usePyICU=False)
    calendar = module.Calendar(constants, version=module.VERSION_CONTEXT_STYLE)

    def reads(text: str, now: datetime) -> Meant | None:
        at, context = calendar.parseDT(text, now)
        if not (context.hasDate or context.hasTime):
            return None
        if context.hasTime:
            return Meant(at.replace(second=0, microsecond=0), timed=True)
        midnight = datetime.combine(at.date(), time())
        if str(context).endswith("ACU_MONTH)"):
            return Meant(midnight.replace(day=1), month_later(midnight))
        return Meant(midnight)

    return reads


def ctparse() -> Reads:
    """comtravo/ctparse."""
    parse = importlib.import_module("ctparse").ctparse

    def reads(text: str, now: datetime) -> Meant | None:
        found = parse(text, ts=now, timeout=1.0)
        thing = found.resolution if found else None
        kind = type(thing).__name__
        if kind == "Time":
            return point(thing)
        if kind != "Interval":
            return None
        first, last = thing.t_from and point(thing.t_from), thing.t_to and point(thing.t_to)
        timed = bool((first and first.timed) or (last and last.timed))
        if first is None or last is None:
            return Meant(first and first.start, last.start if last else datetime.max, timed)
        return Meant(first.start, last.end or (last.start if timed else last.start + DAY), timed)

    def point(at: Any) -> Meant | None:
        if at.year is None or at.month is None or at.day is None:
            return None
        midnight = datetime(at.year, at.month, at.day)
        if at.hour is not None:
            return Meant(midnight.replace(hour=at.hour, minute=at.minute or 0), timed=True)
        hours = _PARTS.get(at.POD) if at.POD else None
        if hours:
            return Meant(midnight + timedelta(hours=hours[0]), midnight + timedelta(hours=hours[1]), True)
        return None if at.POD else Meant(midnight)

    return reads


def timefhuman() -> Reads:
    """alvinwan/timefhuman. It has no day-first setting."""
    module = importlib.import_module("timefhuman.main")

    def reads(text: str, now: datetime) -> Meant | None:
        found = module.timefhuman(text, config=module.tfhConfig(now=now, infer_datetimes=False))
        return one(found[0], now) if len(found) == 1 else None

    def one(value: object, now: datetime) -> Meant | None:
        if isinstance(value, tuple) and len(value) == 2:
            first, last = one(value[0], now), one(value[1], now)
            if first is None or last is None or last.start is None:
                return None
            timed = first.timed or last.timed
            return Meant(first.start, last.start if timed else last.start + DAY, timed)
        if isinstance(value, datetime):
            return Meant(value.replace(tzinfo=None), timed=True)
        if isinstance(value, date):
            return Meant(datetime.combine(value, time()))
        if isinstance(value, time):
            at = datetime.combine(now.date(), value.replace(tzinfo=None))
            return Meant(at if at >= now else at + DAY, timed=True)
        return Meant(now + value, timed=value < DAY) if isinstance(value, timedelta) else None

    return reads


def recognizers() -> Reads:
    """microsoft/Recognizers-Text. Its Python form has no British English; needs emoji below 2."""
    module = importlib.import_module("recognizers_date_time")
    model = module.DateTimeRecognizer(module.Culture.English).get_datetime_model()

    def reads(text: str, now: datetime) -> Meant | None:
        found = model.parse(text, now)
        if len(found) != 1 or not found[0].resolution:
            return None
        meant = [m for value in found[0].resolution["values"] if (m := one(value, now)) is not None]
        ahead = [m for m in meant if m.end is None or m.end > now]
        ahead = [m for m in ahead if m.end or (m.start or now) >= (now if m.timed else midnight(now))]
        return ahead[0] if ahead else (meant[0] if meant else None)

    def one(value: dict[str, str], now: datetime) -> Meant | None:
        kind = value.get("type", "")
        try:
            if kind == "time":
                at = datetime.combine(now.date(), time.fromisoformat(value["value"]))
                return Meant(at if at >= now else at + DAY, timed=True)
            if kind in ("date", "datetime"):
                return Meant(datetime.fromisoformat(value["value"]), timed=kind == "datetime")
            if kind in ("daterange", "datetimerange"):
                start = datetime.fromisoformat(value["start"]) if "start" in value else None
                end = datetime.fromisoformat(value["end"]) if "end" in value else datetime.max
                return Meant(start, end, kind == "datetimerange")
        except (KeyError, ValueError):
            pass
        return None

    return reads


def duckling() -> Reads:
    """facebook/duckling in process (pyduckling-native-phihos: Linux on x86-64 only)."""
    module = importlib.import_module("duckling")
    zones = module.load_time_zones("/usr/share/zoneinfo")
    locale = module.parse_locale("EN_GB", module.default_locale_lang(module.parse_lang("EN")))
    dimensions = module.parse_dimensions(["time"])

    def reads(text: str, now: datetime) -> Meant | None:
        at = module.parse_ref_time(zones, "UTC", int(now.replace(tzinfo=UTC).timestamp()))
        found = module.parse(text, module.Context(at, locale), dimensions, False)
        if len(found) != 1 or len(found[0]["body"]) < len(text.strip()) - 3:
            return None
        value = found[0]["value"]
        if value["type"] == "interval":
            first, last = value.get("from"), value.get("to")
            timed = (first or last)["grain"] in ("hour", "minute", "second")
            meant = Meant(first and local(first), local(last) if last else datetime.max, timed)
            return ends_as_said(meant, (last or first)["grain"].title(), text) if timed else meant
        start, grain = local(value), value["grain"]
        if grain in ("week", "month"):
            return Meant(start, start + 7 * DAY if grain == "week" else month_later(start))
        if grain in ("year", "quarter"):
            return None
        return Meant(start, timed=grain != "day")

    def local(value: dict[str, str]) -> datetime:
        return datetime.fromisoformat(value["value"]).replace(tzinfo=None)

    return reads


def midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time())


LIBRARIES: dict[str, Callable[[], Reads]] = {
    "dateparser": dateparser,
    "parsedatetime": parsedatetime,
    "ctparse": ctparse,
    "timefhuman": timefhuman,
    "Recognizers-Text": recognizers,
    "duckling": duckling,
}
DISTRIBUTIONS = {
    "Recognizers-Text": "recognizers-text-date-time",
    "duckling": "pyduckling-native-phihos",
}


def ready(name: str) -> Reads | None:
    """The library, or None where it is not installed. What it raises is a refusal."""
    warnings.simplefilter("ignore")
    try:
        reads = LIBRARIES[name]()
    except ImportError:
        return None

    def safely(text: str, now: datetime) -> Meant | None:
        try:
            return reads(text, now)
        except Exception:  # a library that falls over has not understood
            return None

    return safely


def sensible(text: str) -> str:
    """What every library is given: one line, no trailing marks."""
    return re.sub(r"\s+", " ", text).strip(" ?!.,")
