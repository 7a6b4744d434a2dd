"""Rules over units: a pattern of kinds, and what a stretch of units that fits it becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.appointments.habits import AHEAD_DAYS, Habits
from bot.appointments.tokens import Unit
from bot.appointments.windows import Window


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is said: the local time, and whose habits hold."""

    now: datetime
    habits: Habits

    @property
    def today(self) -> date:
        return self.now.date()

    def ahead(self, first: date) -> date:
        """How far "from then on" reaches."""
        return max(first, self.today) + timedelta(days=AHEAD_DAYS)


@dataclass(frozen=True, slots=True)
class Days:
    """Days meant. `limited` is true of "after Friday", which no hour can follow; `named` of "Tuesday"."""

    first: date
    last: date
    weekdays: frozenset[int] | None = None
    limited: bool = False
    named: bool = False

    @property
    def one(self) -> bool:
        """Whether it is a single day."""
        return self.first == self.last

    def has(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last and (self.weekdays is None or day.weekday() in self.weekdays)


@dataclass(frozen=True, slots=True)
class Times:
    """Limits on the time of day, and a stretch in the middle that is out."""

    opens: time | None = None
    closes: time | None = None
    starts_by: time | None = None
    but: tuple[time, time] | None = None


Makes = Callable[[Sequence[Unit], Moment], list[Unit] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """What fits `pattern` becomes what `makes` gives; None leaves it as it is."""

    pattern: re.Pattern[str]
    makes: Makes


def rule(words: str, makes: Makes) -> Rule:
    """A rule from kinds: `a|b` either, `c?` maybe. "number (to|dash) number" is three units."""
    made = ""
    for word in words.split():
        maybe, word = word.endswith("?"), word.removesuffix("?")
        made += rf"(?:(?:{word.strip('()')}) ){'?' if maybe else ''}"
    return Rule(re.compile(rf"(?<![^ ]){made}"), makes)


def rewritten(units: list[Unit], rules: Sequence[Rule], moment: Moment) -> list[Unit]:
    """The units after every rule, in their order, each from left to right as often as it fits."""
    for each in rules:
        at = 0
        while True:
            said = [unit.kind + " " for unit in units]
            offset = sum(map(len, said[:at]))
            found = each.pattern.search("".join(said), offset)
            if found is None:
                break
            start = _index(said, found.start())
            end = _index(said, found.end())
            made = each.makes(units[start:end], moment)
            if made is None:
                at = start + 1
            else:
                units = units[:start] + made + units[end:]
                at = start + len(made) if len(made) >= end - start else start
    return units


def _index(said: list[str], position: int) -> int:
    total = 0
    for index, kind in enumerate(said):
        if total >= position:
            return index
        total += len(kind)
    return len(said)


def kinds(words: str) -> frozenset[str]:
    """Kinds of units, written in one line."""
    return frozenset(words.split())


def of(units: Sequence[Unit], *wanted: str) -> list[Unit]:
    """Those of these kinds, in order."""
    return [unit for unit in units if unit.kind in wanted]


def day(
    first: date,
    last: date | None = None,
    *,
    weekdays: frozenset[int] | None = None,
    limited: bool = False,
    named: bool = False,
) -> Unit:
    """A unit of days: `day` when it is one, `days` when it may be several."""
    days = Days(first, last or first, weekdays, limited, named)
    return Unit("day" if days.one and not limited else "days", days)


def unsure(why: str, *readings: Window) -> Unit:
    """It must be asked back."""
    return Unit("unsure", (why, readings)) if readings else Unit("unsure", why)


def whole(first: date, last: date | None = None) -> Window:
    """A reading: all of a day, or of some."""
    return Window(first, last or first)
