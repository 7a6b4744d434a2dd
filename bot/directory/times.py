"""Parts of the day and days of the week: when a service meets, and when somebody can come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bot.directory.details import Schedule
from bot.words.gsm import fold

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAYS, WEEKEND = frozenset(DAYS[:5]), frozenset(DAYS[5:])
PARTS = ("morning", "afternoon", "evening")
#: Everything a wish may be: a part of the day, a day, or some days.
TIMES: tuple[str, ...] = (*PARTS, *DAYS, "weekdays", "weekends")

#: Where the afternoon and the evening begin, in minutes of the day.
_NOON, _EVENING, _MIDNIGHT = 12 * 60, 17 * 60, 24 * 60
#: A session is in a part of the day when this much of it is, or when it begins there.
_MINUTES_ENOUGH = 60

_WORDS = {
    "morning": "morning mornings bore boreau bora",
    "afternoon": "afternoon afternoons prynhawn prynhawniau pnawn",
    "evening": "evening evenings night nights nos noson nosweithiau min-nos",
    "MO": "monday mondays mon llun",
    "TU": "tuesday tuesdays tue tues mawrth",
    "WE": "wednesday wednesdays wed mercher",
    "TH": "thursday thursdays thu thur thurs iau",
    "FR": "friday fridays fri gwener",
    "SA": "saturday saturdays sat sadwrn",
    "SU": "sunday sundays sun sul",
    "weekdays": "weekday weekdays",
    "weekends": "weekend weekends penwythnos penwythnosau",
}
#: In the middle of a longer sentence these are other words: "I sat in the sun".
_OTHER_WORDS, _SHORT = frozenset({"sat", "sun", "mon", "wed"}), 4
_REFUSES = """
not no never except can't cannot cant don't dont without
ddim dim nid heblaw byth methu
"""
_NOT = frozenset(_REFUSES.split())
_MEANT = {word: code for code, words in _WORDS.items() for word in words.split()}
_MEANT |= {"a-m": "morning", "p-m": "afternoon"}


#: A day and a part of it, each None where nobody said.
Moment = tuple[str | None, str | None]
#: All there can be.
MOMENTS: tuple[Moment, ...] = tuple((day, part) for day in (*DAYS, None) for part in (*PARTS, None))


@dataclass(frozen=True, slots=True)
class Session:
    """A day it meets, and in which part of it; None where nobody said. Within its dates, if it has any."""

    day: str | None
    part: str | None
    since: date | None = None
    until: date | None = None

    @property
    def moment(self) -> Moment:
        """Its day and its part of the day."""
        return self.day, self.part

    def is_on(self, today: date) -> bool:
        """Whether it is still to come on or after this day."""
        return self.until is None or self.until >= today


def is_at(moment: Moment, wish: str) -> bool | None:
    """Whether this is at a wished time (one of TIMES); None when that was not said."""
    day, part = moment
    if wish in PARTS:
        return None if part is None else part == wish
    if day is None:
        return None
    some = {"weekdays": WEEKDAYS, "weekends": WEEKEND}.get(wish)
    return day in some if some else day == wish


def times_in(text: str) -> frozenset[str]:
    """The times somebody named, in English or Welsh: "Tuesday mornings" gives TU and morning.

    What they refuse is left out ("not mornings", "Mondays are no good"): it says nothing of when they can.
    """
    plain = re.sub(r"(\d)\s*([ap])\.?m\b", r"\1 \2-m", fold(text).casefold())
    clauses = re.split(r"[,.;:!?\n]|\b(?:but|ond)\b", plain)
    return frozenset(code for clause in clauses for code in _times_of(re.findall(r"[a-z'-]+", clause)))


def _times_of(words: list[str]) -> Iterator[str]:
    """The times of one clause. A "not" refuses what comes after it; when nothing does, what came before."""
    named = [(at, _MEANT[word]) for at, word in enumerate(words) if word in _MEANT]
    refused = [at for at, word in enumerate(words) if word in _NOT]
    for at, code in named:
        others = any(other != at and abs(other - at) <= 2 for other, _ in named)
        if words[at] in _OTHER_WORDS and not others and len(words) > _SHORT:
            continue
        before = any(no < at for no in refused)
        after = any(no > at and not any(later > no for later, _ in named) for no in refused)
        if not before and not after:
            yield code


def sessions_of(schedules: Iterable[Schedule]) -> tuple[Session, ...]:
    """Every day and part of the day these schedules name, each once."""
    found: dict[Session, None] = {}
    for one in schedules:
        days: list[str | None] = [day[-2:] for day in one.byday.split(",") if day]
        if not days and one.dtstart is not None and one.freq == "WEEKLY":
            days = [DAYS[one.dtstart.weekday()]]
        for day in days or [None]:
            for part in _parts(one.opens_at, one.closes_at):
                if day or part:
                    found[Session(day, part, one.valid_from, one.valid_to)] = None
    return tuple(found)


def _parts(opens_at: str, closes_at: str) -> list[str | None]:
    if not opens_at:
        return [None]
    opens = _minutes(opens_at)
    closes = _minutes(closes_at) if closes_at else opens + 1
    if closes <= opens:  # past midnight, or the wrong way round
        closes = _MIDNIGHT
    edges = (0, _NOON, _EVENING, _MIDNIGHT)
    found: list[str | None] = []
    for part, begins, ends in zip(PARTS, edges, edges[1:], strict=False):
        if begins <= opens < ends or min(closes, ends) - max(opens, begins) >= _MINUTES_ENOUGH:
            found.append(part)
    return found


def _minutes(time: str) -> int:
    hours, _, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)
