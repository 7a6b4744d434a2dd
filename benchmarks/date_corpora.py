"""The date libraries' own open test data, read into one form: what was said, when, and what was meant.

Nothing of it is kept here: each reader takes the folder of a checkout (see `dates.py`). Left out are
what cannot be compared: lengths of time, repetitions, years and decades, days gone by, and dates in
digits from projects that write the month first. Licences: Recognizers-Text, ctparse: MIT;
duckling, dateparser: BSD-3-Clause; timefhuman: Apache-2.0.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Meant:
    """A whole day (no `end`, not timed), an instant (timed), or a span; local time. An open side is None."""

    start: datetime | None
    end: datetime | None = None
    timed: bool = False

    @property
    def is_span(self) -> bool:
        return self.start is None or self.end is not None


@dataclass(frozen=True, slots=True)
class Case:
    """One expression of a project's test data. `meant` holds every reading that its authors allow."""

    source: str
    text: str
    now: datetime
    meant: tuple[Meant, ...]


#: The first length a stretch of these has; a year is no time to book.
_GRAINS = {"Week": 7, "Month": 0}
_MONTH_FIRST = re.compile(r"\b\d{1,2}\s?[/.-]\s?\d{1,2}\b")
_HALF_SAID = re.compile(
    r"[ap]\.?\s?m?\b|morn|afternoon|even|night|noon|lunch|dinner|break|day\s*time|\b(1[3-9]|2[0-3]|0\d)\b|eod"
    r"|midday|dawn|dusk",
    re.I,
)
_GONE = re.compile(
    r"\b(ago|last|past|previous|yesterday|before now|earlier|since|recent\w*|was|were)\b", re.I
)


def month_later(at: datetime) -> datetime:
    return (at.replace(day=1) + timedelta(days=32)).replace(day=1)


def kept(cases: Iterable[Case], *, month_first: bool) -> list[Case]:
    """What can be compared, each once."""
    found: dict[tuple[str, datetime], Case] = {}
    for case in cases:
        text = " ".join(case.text.split())
        if month_first and _MONTH_FIRST.search(text) and not re.search(r"\d{4}-\d\d-\d\d", text):
            continue
        if _GONE.search(text):
            continue
        ahead = tuple(m for m in case.meant if (m.end or m.start or case.now) >= _from(m, case.now))
        ahead = tuple(m for m in ahead if (m.start or m.end or case.now) <= case.now + timedelta(days=800))
        if not ahead:
            continue
        if not _HALF_SAID.search(text):
            ahead += tuple(_other_half(m) for m in ahead if m.timed and _small(m))
        found.setdefault((text, case.now), Case(case.source, text, case.now, ahead))
    return list(found.values())


def _from(meant: Meant, now: datetime) -> datetime:
    return now if meant.timed else datetime.combine(now.date(), time())


def _small(meant: Meant) -> bool:
    """No part of the day was said: three may be three in the afternoon."""
    at = meant.start or meant.end
    return at is not None and at.hour < 12 and (meant.end is None or meant.end.hour <= 12)


def _other_half(meant: Meant) -> Meant:
    half = timedelta(hours=12)
    return Meant(meant.start and meant.start + half, meant.end and meant.end + half, True)


# ---- duckling ----------------------------------------------------------------------------------

_HASKELL = re.compile(r"examples \((datetime\w*) (.+?)\)\s*\n?\s*\[(.*?)\n\s*\]", re.S)


def duckling(folder: Path) -> list[Case]:
    """English, and British English where it differs."""
    whole = (folder / "Duckling/Time/EN/Corpus.hs").read_text("utf-8")
    shared = whole[whole.index("\nallExamples ::") :]
    british = (folder / "Duckling/Time/EN/GB/Corpus.hs").read_text("utf-8")
    now = datetime(2013, 2, 12, 4, 30)
    found = []
    for name, gold, texts in _HASKELL.findall(british + shared):
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', texts):
            meant = _haskell(name, gold)
            if meant is not None:
                found.append(Case("duckling", text, now, (ends_as_said(meant, gold, text),)))
    return kept(found, month_first=False)


def ends_as_said(meant: Meant, grain: str, text: str) -> Meant:
    """Duckling's "two to four" ends when the hour of four does; ours, and the others', when it begins."""
    if meant.end in (None, datetime.max) or not meant.timed or not re.search(r"\d", text):
        return meant
    length = {"Hour": 3600, "Minute": 60, "Second": 1}[re.search(r"Hour|Minute|Second", grain)[0]]
    end = meant.end - timedelta(seconds=length)
    return Meant(meant.start, end, True) if meant.start is None or end > meant.start else meant


def _haskell(name: str, gold: str) -> Meant | None:
    ats = [datetime(*map(int, m)) for m in re.findall(r"\((\d+), (\d+), (\d+), (\d+), (\d+), (\d+)\)", gold)]
    grain = re.search(r"\b(Day|Hour|Minute|Second|Week|Month|Year|Quarter)\b", gold)
    if not ats or grain is None or grain[1] in ("Year", "Quarter"):
        return None
    timed = grain[1] in ("Hour", "Minute", "Second")
    if name == "datetimeOpenInterval":
        return Meant(ats[0], datetime.max, timed) if "After" in gold else Meant(None, ats[0], timed)
    if len(ats) == 2:
        return Meant(ats[0], ats[1], timed)
    if grain[1] in _GRAINS:
        return Meant(ats[0], ats[0] + 7 * DAY if grain[1] == "Week" else month_later(ats[0]))
    return Meant(ats[0], timed=timed)


# ---- Recognizers-Text --------------------------------------------------------------------------


def recognizers(folder: Path) -> list[Case]:
    """Microsoft's English; its British dates in digits from the set for other English."""
    found: list[Case] = []
    for culture, month_first in (("English", True), ("EnglishOthers", False)):
        path = folder / f"Specs/DateTime/{culture}/DateTimeModel.json"
        found += kept(_recognized(json.loads(path.read_text("utf-8-sig"))), month_first=month_first)
    return found


def _recognized(entries: list[dict]) -> Iterator[Case]:
    for entry in entries:
        results, at = entry.get("Results", []), (entry.get("Context") or {}).get("ReferenceDateTime")
        if len(results) != 1 or not at:
            continue
        now = datetime.fromisoformat(at)
        values = (results[0].get("Resolution") or {}).get("values", [])
        meant = tuple(m for value in values if (m := _timex(value, now)))
        if meant:
            yield Case("Recognizers-Text", results[0]["Text"], now, meant)


def _timex(value: dict, now: datetime) -> Meant | None:
    kind = value["type"]
    try:
        if kind in ("date", "datetime"):
            return Meant(datetime.fromisoformat(value["value"]), timed=kind == "datetime")
        if kind == "time":
            at = datetime.combine(now.date(), time.fromisoformat(value["value"]))
            return Meant(at if at >= now else at + DAY, timed=True)
        if kind in ("daterange", "datetimerange"):
            start = datetime.fromisoformat(value["start"]) if "start" in value else None
            end = datetime.fromisoformat(value["end"]) if "end" in value else datetime.max
            if start and end - start > 40 * DAY and end != datetime.max:
                return None  # a season or a year
            return Meant(start, end, kind == "datetimerange")
    except (KeyError, ValueError):
        return None
    return None


# ---- ctparse -----------------------------------------------------------------------------------

_PARTS = {
    "earlymorning": (4, 8), "morning": (6, 12), "forenoon": (9, 12), "noon": (11, 14),
    "afternoon": (12, 18), "evening": (17, 22), "lateevening": (18, 24), "night": (19, 24),
}  # fmt: skip
_POINT = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d|X):(\d\d|X) \(X/(\w+)\)")


def ctparse(folder: Path) -> list[Case]:
    """Comtravo's set of travellers' English."""
    found = []
    for entry in json.loads((folder / "datasets/timeparse_corpus.json").read_text("utf-8")):
        meant = _resolution(entry["gold_parse"])
        if entry["language"] == "en" and meant is not None:
            found.append(Case("ctparse", entry["text"], datetime.fromisoformat(entry["ref_time"]), (meant,)))
    return kept(found, month_first=False)


def _resolution(gold: str) -> Meant | None:
    points = [_point(m) for m in _POINT.findall(gold)]
    if not points or None in points:
        return None
    if gold.startswith("Time"):
        return points[0]
    sides = gold.partition("{")[2].rstrip("}").split(" - ")
    if "None" in sides:
        at = points[0].start
        return (
            Meant(at, datetime.max, points[0].timed)
            if sides[0] != "None"
            else Meant(None, at, points[0].timed)
        )
    if len(points) != 2:
        return None
    first, last = points
    timed = first.timed or last.timed
    return Meant(first.start, last.end or (last.start if timed else last.start + DAY), timed)


def _point(found: tuple[str, ...]) -> Meant | None:
    year, month, day, hour, minute, part = found
    at = datetime(int(year), int(month), int(day))
    if hour != "X":
        return Meant(at.replace(hour=int(hour), minute=int(minute) if minute != "X" else 0), timed=True)
    if part == "X":
        return Meant(at)
    hours = _PARTS.get(part)
    return hours and Meant(at + timedelta(hours=hours[0]), at + timedelta(hours=hours[1]), True)


# ---- timefhuman and dateparser -----------------------------------------------------------------


def timefhuman(folder: Path) -> list[Case]:
    """Alvin Wan's, from its first two tables, which read the same moment in two ways."""
    tree = ast.parse((folder / "tests/test_e2e.py").read_text("utf-8"))
    now, found = datetime(2018, 8, 4, 14, 0), []
    for pair in _tables(tree, "parametrize", 2):
        try:
            values = _value(pair[1])
        except ValueError:
            continue
        if isinstance(values, list) and len(values) == 1 and (meant := _python(values[0], now)):
            found.append(Case("timefhuman", ast.literal_eval(pair[0]), now, (meant,)))
    return kept(found, month_first=True)


def dateparser(folder: Path) -> list[Case]:
    """Scrapinghub's English dates."""
    whole = (folder / "tests/test_date_parser.py").read_text("utf-8")
    part = whole[whole.index("# English dates") : whole.index("# French dates")]
    now, found = datetime(2012, 11, 13), []
    for text, args in re.findall(r'param\(\s*"([^"]+)",\s*datetime\(([\d, ]+)\)', part):
        at = datetime(*(int(n) for n in args.split(",")))
        found.append(
            Case(
                "dateparser",
                text,
                now,
                (Meant(at, timed=(at.hour, at.minute) != (0, 0) or "midnight" in text),),
            )
        )
    return kept(found, month_first=True)


def _tables(tree: ast.Module, name: str, most: int) -> Iterator[tuple[ast.expr, ast.expr]]:
    seen = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == name and seen < most:
            seen += 1
            for item in getattr(node.args[1], "elts", []):
                if isinstance(item, ast.Tuple) and len(item.elts) == 2:
                    yield item.elts[0], item.elts[1]


def _value(node: ast.expr) -> object:
    """Dates, times and pairs of them as written in a test; nothing is run."""
    if isinstance(node, ast.List):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(item) for item in node.elts)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("datetime", "date", "time"):
        make = {"datetime": datetime, "date": date, "time": time}[node.func.attr]
        given = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
        return make(*(ast.literal_eval(arg) for arg in node.args), **given)
    raise ValueError("not a date")


def _python(value: object, now: datetime) -> Meant | None:
    if isinstance(value, tuple):
        first, last = (_python(side, now) for side in value)
        if first is None or last is None or first.start is None or last.start is None:
            return None
        timed = first.timed or last.timed
        return Meant(first.start, last.start if timed else last.start + DAY, timed)
    if isinstance(value, datetime):
        return Meant(value, timed=(value.hour, value.minute) != (0, 0))
    if isinstance(value, date):
        return Meant(datetime.combine(value, time()))
    if isinstance(value, time):
        at = datetime.combine(now.date(), value)
        return Meant(at if at >= now else at + DAY, timed=True)
    return None


READERS: dict[str, Callable[[Path], list[Case]]] = {
    "duckling": duckling,
    "Recognizers-Text": recognizers,
    "ctparse": ctparse,
    "timefhuman": timefhuman,
    "dateparser": dateparser,
}
