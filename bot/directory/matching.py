"""Choosing what to suggest: at most three services, each with why, in the person's own terms.

Points for what somebody said, from `weights.toml`; no learning, no chance. The same wishes on the same
day give the same answer, in whatever order the directory is read. Services that are as good as each
other take turns.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zlib import crc32

from bot.directory.facts import Facts
from bot.directory.finding_words import Hit
from bot.directory.places import Where, where_is
from bot.directory.search import Snapshot
from bot.directory.times import PARTS, TIMES, Session
from bot.words.languages import ENGLISH

WEIGHTS: dict[str, dict[str, float]] = tomllib.loads(
    (Path(__file__).parent / "weights.toml").read_text(encoding="utf-8")
)

#: What a reason may be, in the order they are told. The last ones are cautions: they are always told.
REASONS = (
    "want", "words", "free", "eases", "helps", "time", "language", "near", "online",
    "ages", "costs", "waiting", "full", "checked",
)  # fmt: skip
CAUTIONS = frozenset({"ages", "costs", "waiting", "full", "checked"})

#: A word of theirs that says less of a service than this is no reason to tell.
TELLING = 0.3
#: Who comes to us is grown up; and a service for those up to 99 is for everyone older than its youngest.
GROWN_UP, OLDEST = 18, 99
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


@dataclass(frozen=True, slots=True)
class Match:
    """A service that fits, with why. `miles` is None where either place is not known well enough."""

    service_id: int
    reasons: tuple[Reason, ...]
    miles: float | None
    points: float = 0.0


def suggest(
    snapshot: Snapshot,
    wishes: Wishes,
    *,
    today: date,
    most: int = 3,
    without: Collection[int] = (),
    shares: Mapping[int, int] | None = None,
    months: int | None = None,
) -> list[Match]:
    """At most `most` services that fit these wishes, the best first; fewer, or none, when fewer fit.

    `today` is the person's own day. `without` are services not to suggest (told already). `shares` says
    how often each service was suggested lately, by its id: of services as good as each other the one
    told least often comes first, counting its organisation's others too. `months` is after how long an
    entry counts as not checked (the setting; else `weights.toml`).

    Never a service that is closed, paused or gone, or that does not take someone of this age.
    """
    months = months if months is not None else int(WEIGHTS["freshness"]["months"])
    left_out = snapshot.left_out.union(without)
    here = where_is(wishes.outward) if wishes.outward else None
    found = [
        weighed
        for one, hit in _considered(snapshot, wishes)
        if one.id not in left_out and (weighed := _weigh(one, hit, wishes, here, today, months))
    ]
    chosen = _chosen(found, wishes, most, today, shares or {}, snapshot)
    return [Match(one.facts.id, one.reasons, one.miles, round(one.points, 1)) for one in chosen]


@dataclass(frozen=True, slots=True)
class _Weighed:
    facts: Facts
    points: float
    reasons: tuple[Reason, ...]
    miles: float | None


def _considered(snapshot: Snapshot, wishes: Wishes) -> Iterator[tuple[Facts, Hit | None]]:
    """Every service that is for something they said; every service when they said nothing."""
    hits = snapshot.index.find(wishes.words, wishes.language) if wishes.words.strip() else {}
    for want in wishes.wants:
        for number in snapshot.by_want.get(want, ()):
            hits.setdefault(number, None)
    told_nothing = not wishes.wants and not wishes.words.strip()
    for number in range(len(snapshot)) if told_nothing else hits:
        hit = hits.get(number)
        one = snapshot.services[number]
        if told_nothing or not one.wants.isdisjoint(wishes.wants) or (hit and hit.says >= TELLING):
            yield one, hit


def _weigh(
    one: Facts, hit: Hit | None, wishes: Wishes, here: Where | None, today: date, months: int
) -> _Weighed | None:
    """Its points and reasons; None for one that may not be suggested."""
    if not one.takes(wishes.age) or one.has_ended(today):
        return None
    miles = one.miles_from(here)
    if miles is not None and miles > WEIGHTS["distance"]["furthest_miles"]:
        if not one.online:
            return None
        miles = None  # nobody goes there
    points, reasons = 0.0, []
    for given, why in (
        _of_wants(one, hit, wishes),
        _of_barriers(one, wishes),
        _of_times(one, wishes, today),
        _of_language(one, wishes),
        _of_distance(one, wishes, here, miles),
        _of_ages(one, wishes),
        _of_places(one),
        _of_freshness(one, today, months),
    ):
        points += given
        reasons += why
    if wishes.wants and one.wants.isdisjoint(wishes.wants) and points < WEIGHTS["wants"]["words_alone"]:
        return None
    reasons.sort(key=lambda reason: REASONS.index(reason.code))  # stable: their own order stays
    known_well = miles if miles is not None and _tellable(one, here, miles) else None
    return _Weighed(one, points, tuple(reasons), known_well)


_Part = tuple[float, list[Reason]]


def _of_wants(one: Facts, hit: Hit | None, wishes: Wishes) -> _Part:
    w = WEIGHTS["wants"]
    wanted = [want for want in dict.fromkeys(wishes.wants) if want in one.wants]
    points = min(w["most"], w["first"] + w["each_more"] * (len(wanted) - 1)) if wanted else 0.0
    reasons = [Reason("want", want) for want in wanted]
    if hit is not None and hit.says >= TELLING:
        points += w["words"] * hit.says
        reasons.append(Reason("words", hit.word))
    return points, reasons


def _of_barriers(one: Facts, wishes: Wishes) -> _Part:
    w = WEIGHTS["barriers"]
    reasons: list[Reason] = []
    eased, costs = 0, 0.0
    for barrier in dict.fromkeys(wishes.barriers):
        if barrier == "cost" and one.free:
            reasons.append(Reason("free"))
        elif barrier in one.eases:
            reasons.append(Reason("eases", barrier))
        else:
            if barrier == "cost" and one.free is False:
                costs = w["costs"]
                reasons.append(Reason("costs"))
            continue
        eased += 1
    helps = [Reason("helps", one_of) for one_of in dict.fromkeys(wishes.helps) if one_of in one.eases]
    points = min(w["most_eased"], eased * w["eased"]) + min(w["most_helps"], len(helps) * w["helps"])
    return points + costs, reasons + helps


def _of_times(one: Facts, wishes: Wishes, today: date) -> _Part:
    w = WEIGHTS["time"]
    wished = [time for time in TIMES if time in wishes.times]
    if not wished:
        return 0.0, []
    sessions = [session for session in one.sessions if session.is_on(today)]
    for session in sessions:
        if _fits_all(session, wished):
            said = next(time for time in wished if session.fits(time))
            return w["fits"], [Reason("time", said)]
    known = any(session.fits(time) is not None for session in sessions for time in wished)
    return (w["misses"] if known else 0.0), []


def _fits_all(session: Session, wished: Iterable[str]) -> bool:
    """Whether one session is at one of the days they named, if any, and in one of the parts of the day."""
    parts = [time for time in wished if time in PARTS]
    days = [time for time in wished if time not in parts]
    fits = [[session.fits(time) for time in group] for group in (days, parts) if group]
    return all(any(group) or set(group) == {None} for group in fits) and any(any(group) for group in fits)


def _of_language(one: Facts, wishes: Wishes) -> _Part:
    w = WEIGHTS["language"]
    in_the_way = "language" in wishes.barriers
    if wishes.language in one.languages and wishes.language != ENGLISH:
        return w["spoken"], [Reason("language", wishes.language)]
    if in_the_way and one.languages and wishes.language not in one.languages:
        return w["not_spoken"], []
    return 0.0, []


def _of_distance(one: Facts, wishes: Wishes, here: Where | None, miles: float | None) -> _Part:
    w = WEIGHTS["distance"]
    hard = "getting_there" in wishes.barriers
    from_home = one.online and (hard or not _ONLINE.isdisjoint(wishes.meeting))
    reasons = [Reason("online")] if from_home else []
    points = 0.0
    if here is not None or from_home:
        # What is online is next door for those who like it so, or for whom the way is hard.
        away = 0.0 if from_home else miles if miles is not None else w["unknown_miles"]
        points = w["here"] * (w["hard"] if hard else 1.0) / (1 + away / w["halves_miles"])
    if wishes.meeting and _ONLINE.issuperset(wishes.meeting) and not one.online:
        points += WEIGHTS["meeting"]["not_from_home"]
    if miles is not None and miles <= w["near_miles"] and _tellable(one, here, miles):
        reasons.append(Reason("near", str(round(miles))))
    return points, reasons


def _tellable(one: Facts, here: Where | None, miles: float) -> bool:
    """Whether a distance means anything: from town to town, only a long one does."""
    return not one.is_roughly_placed(here) or miles > 2 * WEIGHTS["distance"]["near_miles"]


def _of_ages(one: Facts, wishes: Wishes) -> _Part:
    youngest, oldest = one.minimum_age, one.maximum_age
    if wishes.age is not None or ((youngest or 0) <= GROWN_UP and (oldest or OLDEST) >= OLDEST):
        return 0.0, []
    return WEIGHTS["eligibility"]["unsure"], [Reason("ages", f"{youngest or ''}-{oldest or ''}")]


def _of_places(one: Facts) -> _Part:
    w = WEIGHTS["places"]
    weeks = one.waiting_weeks or 0
    longer = w["a_week"] * min(weeks, w["longest_weeks"])
    if one.places_left == 0:
        return w["full"] + longer, [Reason("full", str(weeks) if weeks else "")]
    return longer, [Reason("waiting", str(weeks))] if weeks else []


def _of_freshness(one: Facts, today: date, months: int) -> _Part:
    w = WEIGHTS["freshness"]
    if one.assured_on is None:
        return w["never"], [Reason("checked")]
    if one.assured_on >= months_before(today, months):
        return 0.0, []
    return w["stale"], [Reason("checked", one.assured_on.strftime("%Y-%m"))]


def months_before(today: date, months: int) -> date:
    """The same day so many months earlier; at a month's end its 28th, which every month has."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, 28))


def _chosen(
    found: list[_Weighed],
    wishes: Wishes,
    most: int,
    today: date,
    shares: Mapping[int, int],
    snapshot: Snapshot,
) -> list[_Weighed]:
    """The best, one after another: of several organisations, and for each thing they named, if it can be."""
    w = WEIGHTS["variety"]
    told = _told_of_each(shares, snapshot)
    left = list(found)
    picked: list[_Weighed] = []
    already: Counter[int] = Counter()
    not_yet = frozenset(wishes.wants)

    def place(weighed: _Weighed) -> tuple[int, int, int, int, int]:
        one, points = weighed.facts, weighed.points
        points += w["same_organisation"] * already[_by(one)]
        if picked and not one.wants.isdisjoint(not_yet):
            points += w["another_wish"]
        times = shares.get(one.id, 0)
        turn = crc32(f"{today.isoformat()} {one.id}".encode())
        return -int(points // w["alike"]), told[_by(one)], times, turn, one.id

    while left and len(picked) < most:
        best = min(left, key=place)
        left.remove(best)
        picked.append(best)
        already[_by(best.facts)] += 1
        not_yet -= best.facts.wants
    return picked


def _told_of_each(shares: Mapping[int, int], snapshot: Snapshot) -> Counter[int]:
    """How often each organisation's services were suggested lately, all together."""
    told: Counter[int] = Counter()
    for service_id, times in shares.items():
        if (number := snapshot.by_id.get(service_id)) is not None:
            told[_by(snapshot.services[number])] += times
    return told


def _by(one: Facts) -> int:
    """Whose it is; a service of nobody we know is its own."""
    return one.organisation_id if one.organisation_id is not None else -one.id
