"""What a service is worth to somebody, in points, and why: what they said, held against what it is.

The points of each part stand beside its reasons, so that whoever changes one sees the other. Points are
worked out for thousands, reasons for the few that are told.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from bot.directory.facts import Facts
from bot.directory.finding_words import Hit
from bot.directory.places import Where, spot_of, where_is
from bot.directory.times import MOMENTS, PARTS, TIMES, Moment, is_at
from bot.flowkit.lists import BARRIERS, HELPS, WANTS
from bot.words.languages import ENGLISH

WEIGHTS: dict[str, dict[str, float]] = tomllib.loads(
    (Path(__file__).parent / "weights.toml").read_text(encoding="utf-8")
)

_W = SimpleNamespace(**{f"{part}_{name}": w for part, named in WEIGHTS.items() for name, w in named.items()})

# What so many of a kind are worth together.
_WANTED = [0.0, *(min(_W.wants_most, _W.wants_first + n * _W.wants_each_more) for n in range(len(WANTS)))]
_EASED = [min(_W.barriers_most_eased, n * _W.barriers_eased) for n in range(len(BARRIERS) + 1)]
_HELPED = [min(_W.barriers_most_helps, n * _W.barriers_helps) for n in range(len(HELPS) + 1)]

#: What a reason may be, in the order they are told. The last ones are cautions: they are always told.
REASONS = (
    "want", "words", "free", "eases", "helps", "time", "language", "near", "online",
    "ages", "costs", "waiting", "full", "checked",
)  # fmt: skip
CAUTIONS = frozenset({"ages", "costs", "waiting", "full", "checked"})

#: A word of theirs that says less of a service than this is no reason to tell.
TELLING = 0.3
_ONLINE = frozenset({"phone", "video", "text"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody said. Codes are of flows/lists.toml, in the order they said them.

    `words` are their own (never kept here), `outward` the first half of their postcode, `times` some of
    `times.TIMES`, `language` the one they write in, `age` in years; None and empty where they did not say.
    """

    wants: tuple[str, ...] = ()
    words: str = ""
    barriers: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    meeting: tuple[str, ...] = ()
    outward: str | None = None
    times: frozenset[str] = frozenset()
    language: str = "en"
    age: int | None = None

    def __repr__(self) -> str:
        return f"Wishes(wants={self.wants})"  # neither their words nor where they live


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, or beware: a code of REASONS and what it is about ("want", "company"; "near", "2")."""

    code: str
    detail: str = ""

    @property
    def kept(self) -> str:
        """What may be written down of it: never a word of theirs."""
        return self.code if self.code == "words" or not self.detail else f"{self.code}:{self.detail}"

    def __repr__(self) -> str:
        return f"Reason({self.kept})"


class Weighing:
    """Somebody's wishes, made ready to be held against thousands of services on one day."""

    def __init__(self, wishes: Wishes, today: date, months: int | None = None):
        self.wishes = wishes
        self._today = today
        self._fresh_since = months_before(today, _W.freshness_months if months is None else months)
        self._here: Where | None = where_is(wishes.outward) if wishes.outward else None
        self._spot = spot_of(self._here) if self._here else None
        self._wants = frozenset(wishes.wants)
        self._barriers = frozenset(wishes.barriers)
        self._eased = self._barriers - {"cost"}
        self._helps = frozenset(wishes.helps)
        self._cost_matters = "cost" in self._barriers
        way_is_hard = "getting_there" in self._barriers
        self._language_matters = "language" in self._barriers
        meeting = frozenset(wishes.meeting)
        self._home_counts = way_is_hard or bool(meeting & _ONLINE)
        self._next_door = _W.distance_here * (_W.distance_hard if way_is_hard else 1.0)
        self._only_online = bool(meeting) and meeting <= _ONLINE
        self._times = [time for time in TIMES if time in wishes.times]
        self._good = frozenset(moment for moment in MOMENTS if _suits(moment, self._times))
        self._unsaid = frozenset(m for m in MOMENTS if all(is_at(m, time) is None for time in self._times))

    def points(self, one: Facts, hit: Hit | None) -> float | None:
        """What it is worth; None for one that may not be suggested to them at all."""
        wishes = self.wishes
        limited = one.minimum_age is not None or one.maximum_age is not None
        if limited and not one.takes(wishes.age):
            return None
        if one.last_day is not None and one.has_ended(self._today):
            return None
        miles = one.miles_from(self._spot)
        if miles is not None and miles > _W.distance_furthest_miles:
            if not one.online:
                return None
            miles = None  # nobody goes there
        wanted = len(self._wants & one.wants)
        points = _WANTED[wanted]
        if hit is not None and hit.says >= TELLING:
            points += _W.wants_words * hit.says
        if self._barriers or self._helps:
            points += self._of_barriers(one)
        if self._times:
            points += self._of_times(one)
        if wishes.language != ENGLISH or self._language_matters:
            points += self._of_language(one)
        if one.online and self._home_counts:
            # What is online is next door for those who like it so, or for whom the way is hard.
            points += self._next_door
        elif self._spot is not None:
            away = _W.distance_unknown_miles if miles is None else miles
            points += self._next_door / (1.0 + away / _W.distance_halves_miles)
        if self._only_online and not one.online:
            points += _W.meeting_not_from_home
        if one.for_some_ages and wishes.age is None:
            points += _W.eligibility_unsure
        if one.places_left == 0:
            points += _W.places_full
        if one.waiting_weeks:
            points += _W.places_a_week * min(one.waiting_weeks, _W.places_longest_weeks)
        if one.assured_on is None:
            points += _W.freshness_never
        elif one.assured_on < self._fresh_since:
            points += _W.freshness_stale
        if self._wants and not wanted and points < _W.wants_words_alone:
            return None
        return points

    def miles(self, one: Facts) -> float | None:
        """How far it is, where that is known well enough to be told."""
        miles = one.miles_from(self._spot)
        if miles is None or miles > _W.distance_furthest_miles:
            return None
        # From town to town only a long way means anything.
        rough = one.is_roughly_placed(self._here)
        return miles if not rough or miles > 2 * _W.distance_near_miles else None

    def reasons(self, one: Facts, hit: Hit | None) -> tuple[Reason, ...]:
        """Why, in the order they are told: what speaks for it, then what to beware of."""
        found = [Reason("want", want) for want in dict.fromkeys(self.wishes.wants) if want in one.wants]
        if hit is not None and hit.says >= TELLING:
            found.append(Reason("words", hit.word))
        found += self._why_barriers(one)
        found += self._why_times(one)
        if self.wishes.language != ENGLISH and self.wishes.language in one.languages:
            found.append(Reason("language", self.wishes.language))
        miles = self.miles(one)
        if miles is not None and miles <= _W.distance_near_miles:
            found.append(Reason("near", str(round(miles))))
        if one.online and self._home_counts:
            found.append(Reason("online"))
        if one.for_some_ages and self.wishes.age is None:
            found.append(Reason("ages", f"{one.minimum_age or ''}-{one.maximum_age or ''}"))
        weeks = str(one.waiting_weeks or "")
        if one.places_left == 0:
            found.append(Reason("full", weeks))
        elif weeks:
            found.append(Reason("waiting", weeks))
        if one.assured_on is None:
            found.append(Reason("checked"))
        elif one.assured_on < self._fresh_since:
            found.append(Reason("checked", one.assured_on.strftime("%Y-%m")))
        return tuple(sorted(found, key=lambda reason: REASONS.index(reason.code)))

    # -- what gets in the way, and what would help ------------------------------------------

    def _of_barriers(self, one: Facts) -> float:
        eased = len(self._eased & one.eases)
        points = 0.0
        if self._cost_matters:
            if one.free or "cost" in one.eases:
                eased += 1
            elif one.free is False:
                points = _W.barriers_costs
        helps = len(self._helps & one.eases)
        return points + _EASED[eased] + _HELPED[helps]

    def _why_barriers(self, one: Facts) -> list[Reason]:
        found = []
        for barrier in dict.fromkeys(self.wishes.barriers):
            if barrier == "cost" and one.free:
                found.append(Reason("free"))
            elif barrier in one.eases:
                found.append(Reason("eases", barrier))
            elif barrier == "cost" and one.free is False:
                found.append(Reason("costs"))
        return found + [Reason("helps", way) for way in dict.fromkeys(self.wishes.helps) if way in one.eases]

    # -- when they can come -----------------------------------------------------------------

    def _of_times(self, one: Facts) -> float:
        moments = one.moments_on(self._today)
        if not self._good.isdisjoint(moments):
            return _W.time_fits
        return 0.0 if moments <= self._unsaid else _W.time_misses

    def _why_times(self, one: Facts) -> list[Reason]:
        moments = [moment for moment in MOMENTS if moment in one.moments_on(self._today) & self._good]
        return [Reason("time", next(t for t in self._times if is_at(moments[0], t)))] if moments else []

    # -- language ----------------------------------------------------------------------------

    def _of_language(self, one: Facts) -> float:
        language = self.wishes.language
        if language in one.languages:
            return _W.language_spoken if language != ENGLISH else 0.0
        return _W.language_not_spoken if self._language_matters and one.languages else 0.0


def months_before(today: date, months: int) -> date:
    """The same day so many months earlier; at a month's end its 28th, which every month has."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, 28))


def _suits(moment: Moment, times: list[str]) -> bool:
    """Whether this is at one of the days they named, if any, and in one of the parts of the day."""
    days = [is_at(moment, time) for time in times if time not in PARTS]
    parts = [is_at(moment, time) for time in times if time in PARTS]
    both = [group for group in (days, parts) if group]
    return all(any(group) or set(group) == {None} for group in both) and any(any(group) for group in both)
