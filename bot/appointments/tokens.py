"""Words about time: what somebody typed, as a line of units whose kinds the rules of `reading` match."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA

WORDS = Path(__file__).parent / "words"

#: More than this is a story, not a time.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, or words, of one kind. `spelt` is a number written in letters."""

    kind: str
    value: Any = None
    spelt: bool = False


@dataclass(frozen=True, slots=True)
class Hour:
    """A time of day as said. `half` is am or pm, "24" where it needs neither, None where nobody said."""

    hour: int
    minute: int = 0
    half: str | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language, one or several at once, and what each is."""

    replaced: dict[str, str]
    together: dict[str, str]
    phrases: dict[tuple[str, ...], Unit]
    longest: int
    guessable: tuple[str, ...]


#: Kinds whose long words are found through slips of the thumb.
_GUESSED = ("weekday", "weekdays", "month", "rel", "part", "holiday")
_LONG_ENOUGH = 6
_TWO_SLIPS = 9


@lru_cache(maxsize=8)
def vocabulary(language: str) -> Vocabulary:
    """The words of a language with the English ones below them: people mix the two."""
    replaced: dict[str, str] = {}
    together: dict[str, str] = {}
    phrases: dict[tuple[str, ...], Unit] = {}
    for name in dict.fromkeys(("en", language)):
        path = WORDS / f"{name}.toml"
        if not path.exists():
            continue
        tables = tomllib.loads(path.read_text("utf-8"))
        for right, wrong in tables.pop("replace", {}).items():
            replaced |= dict.fromkeys(wrong.split(), right)
        for joined, apart in tables.pop("together", {}).items():
            together |= dict.fromkeys(apart, joined)
        for kind, entries in tables.items():
            for key, said in entries.items():
                unit = _unit(kind, key)
                phrases |= {tuple(folded(words).split()): unit for words in said}
    guessable = tuple(
        words[0]
        for words, unit in phrases.items()
        if len(words) == 1 and unit.kind in _GUESSED and len(words[0]) >= _LONG_ENOUGH
    )
    return Vocabulary(replaced, together, phrases, max(map(len, phrases)), guessable)


def speaks(language: str) -> bool:
    """Whether we have a language's own words about time."""
    return (WORDS / f"{language}.toml").exists()


def _unit(kind: str, key: str) -> Unit:
    if kind == "shape":
        return Unit(key)
    if kind in ("weekday", "month", "rel", "nth"):
        return Unit(kind, int(key))
    if kind == "number":
        return Unit(kind, int(key), spelt=True)
    if kind == "weekdays":
        return Unit(kind, frozenset(map(int, key)))
    if kind == "clock":
        return Unit(kind, Hour(*map(int, key.split(":")), half="24"))
    return Unit(kind, key)


def folded(text: str) -> str:
    """Small letters, no accents, plain quotes and dashes, one space."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub("[\u2018\u2019\u02bc\u00b4`]", "'", text)
    text = re.sub("[\u2010-\u2015\u2212]", "-", text)
    return " ".join(text.split())


_PIECE = re.compile(
    r"""
    (?P<iso>\d{4}-\d\d-\d\d)(?!\d)
  | (?P<date>\d{1,2}(?P<by>[/.-])\d{1,2}(?P=by)(?:\d{4}|\d{2}))(?![\d/])
  | (?P<half>\d{1,2}(?:[:.]?[0-5]\d)?\s?(?:[ap]\.?m\b\.?|[ap]\b|y[bph]\b))
  | (?P<clock>\d{1,2}(?::|h)\d\d(?::00)?)(?![\d:])
  | (?P<slash>\d{1,2}\s?/\s?\d{1,2})(?![\d/])
  | (?P<dot>\d{1,2}\.\d{1,2})(?![\d.])
  | (?P<ord>\d{1,2}\s?(?:st|nd|rd|th|ain|fed|ydd|ed|eg|af)\b)
  | (?P<number>\d+)
  | (?P<other>\+\d+)
  | (?P<word>[^\W\d_]+(?:[.'][^\W\d_]+)*)
  | (?P<sign>[@&+,;/!?.:()\n-])
  | (?P<rest>\S)
    """,
    re.X,
)
_SIGNS = {"@": "at", "&": "and", "+": "and", "/": "or", "-": "dash"}
_PAUSES = ",;.!?:()\n"


def units(text: str, language: str) -> list[Unit]:
    """The units of what was typed, in order. A word nobody taught us is of the kind `unknown`."""
    if len(text) > LONGEST:
        return [Unit("unknown")]
    words = vocabulary(language)
    return _summed(list(_named(list(_pieces(folded(text), words)), words)))


def _pieces(text: str, words: Vocabulary) -> Iterator[str | Unit]:
    text = re.sub(r"(?<!\S)\S+?(?=[,.!?]?(?:\s|$))", lambda m: words.replaced.get(m[0], m[0]), text)
    for apart, joined in words.together.items():
        text = re.sub(rf"\b{apart}\b", joined, text)
    for m in _PIECE.finditer(text):
        kind, said = m.lastgroup, m[0]
        if kind == "by":
            kind = "date"
        if kind == "word":
            yield words.replaced.get(said, said)
        elif kind == "sign":
            yield Unit(_SIGNS.get(said, "pause"))
        elif kind == "other":
            yield Unit("unknown")
        elif kind == "rest":
            if unicodedata.category(said) not in ("So", "Sk", "Cf", "Mn"):
                yield Unit("unknown")
        else:
            yield _figure(kind or "", said)


def _figure(kind: str, said: str) -> Unit:
    numbers = [int(n) for n in re.findall(r"\d+", said)]
    if kind == "iso":
        return _day(numbers[2], numbers[1], numbers[0])
    if kind == "date":
        return _day(numbers[0], numbers[1], numbers[2] if numbers[2] > 99 else 2000 + numbers[2])
    if kind == "slash" or (kind == "dot" and not _is_clock(said)):
        if kind == "dot" and _may_be_clock(said):
            return Unit("unsure", "date-or-time")
        return Unit("date", (*numbers, None))
    if kind == "ord":
        return Unit("ord", numbers[0])
    if kind == "half":
        half = "am" if re.search(r"a|yb", said) else "pm"
        if len(numbers) == 1 and numbers[0] > 99:
            numbers = list(divmod(numbers[0], 100))
        return _hour(*numbers, half=half)
    if kind in ("clock", "dot"):
        return _hour(numbers[0], numbers[1], half="24" if said[0] == "0" or numbers[0] > 12 else None)
    if len(said) in (3, 4) and numbers[0] // 100 < 24 and numbers[0] % 100 < 60:
        hour, minute = divmod(numbers[0], 100)
        if len(said) == 4 and 1900 <= numbers[0] <= 2059:
            return Unit("year", numbers[0])  # 2030 may be half past eight: then it is asked
        if len(said) == 4 or minute % 5 == 0:
            return Unit("figures", Hour(hour, minute, "24" if said[0] == "0" or hour > 12 else None))
    if len(said) == 4:
        return Unit("year", numbers[0])
    return Unit("number", numbers[0]) if len(said) <= 2 else Unit("unknown")


def _is_clock(said: str) -> bool:
    """9.30 and 2.45 are hours: there is no thirtieth month."""
    hour, minute = said.split(".")
    return len(minute) == 2 and int(hour) < 24 and (12 < int(minute) < 60 or minute == "00")


def _may_be_clock(said: str) -> bool:
    hour, minute = said.split(".")
    return len(minute) == 2 and int(hour) < 24 and int(minute) < 60


def _day(day: int, month: int, year: int) -> Unit:
    return Unit("date", (day, month, year))


def _hour(hour: int, minute: int = 0, *, half: str | None) -> Unit:
    if (
        hour > 24
        or minute > 59
        or (half in ("am", "pm") and not (1 <= hour <= 12 or (half == "pm" and hour < 24)))
    ):
        return Unit("unsure", "no-such-day")
    if half == "pm" and hour > 12:
        half = "24"
    if hour == 24:
        return Unit("unsure", "which-day")
    return Unit("clock", Hour(hour, minute, "24" if hour == 0 else half))


def _named(pieces: list[str | Unit], words: Vocabulary) -> Iterator[Unit]:
    """Pieces with each word, or the longest row of words, named for what it is."""
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if isinstance(piece, Unit):
            if piece.kind == "number" and (found := _row(pieces, at, words)):
                yield found[0]
                at += found[1]
                continue
            yield piece
            at += 1
            continue
        found = _row(pieces, at, words)
        if found is None:
            yield _guessed(piece, words)
            at += 1
        else:
            yield found[0]
            at += found[1]


def _summed(said: list[Unit]) -> list[Unit]:
    """Twenty and nine are one number, twenty and third one in a row; and two dashes are one."""
    found: list[Unit] = []
    for unit in said:
        if found and unit.kind == found[-1].kind and unit.kind in ("dash", "pause"):
            continue
        tens = found[-1] if found else None
        small = unit.kind in ("number", "nth") and (unit.spelt or unit.kind == "nth") and unit.value < 10
        if tens and tens.kind == "number" and tens.spelt and tens.value in (20, 30, 40, 50) and small:
            found[-1] = Unit(unit.kind, tens.value + unit.value, unit.spelt)
        else:
            found.append(unit)
    return found


def _row(pieces: list[str | Unit], at: int, words: Vocabulary) -> tuple[Unit, int] | None:
    for many in range(min(words.longest, len(pieces) - at), 0, -1):
        row = pieces[at : at + many]
        said = tuple(
            piece if isinstance(piece, str) else str(piece.value) if piece.kind == "number" else ""
            for piece in row
        )
        if said in words.phrases:
            return words.phrases[said], many
    return None


def _guessed(word: str, words: Vocabulary) -> Unit:
    """A long word about time with a slip of the thumb in it; unknown when it may be two."""
    if len(word) >= _LONG_ENOUGH - 1:
        most = 2 if len(word) >= _TWO_SLIPS else 1
        near: dict[Unit, int] = {}
        for known in words.guessable:
            if known[0] != word[0]:
                continue
            away = OSA.distance(word, known, score_cutoff=most)
            if away <= most:
                unit = words.phrases[(known,)]
                near[unit] = min(away, near.get(unit, away))
        best = [unit for unit, away in near.items() if away == min(near.values())]
        if len(best) == 1:
            return best[0]
    return Unit("unknown")


def known_date(day: int, month: int, year: int) -> date | None:
    """The date, or None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def at_time(hour: Hour, half: str | None = None) -> time:
    """The time of day, an hour without a half taken in this one (am or pm)."""
    half = hour.half or half
    if half == "am":
        return time(hour.hour % 12, hour.minute)
    if half == "pm":
        return time(hour.hour % 12 + 12, hour.minute)
    return time(hour.hour, hour.minute)
