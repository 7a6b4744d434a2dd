"""Choosing what to suggest: at most three services, each with why, in the person's own terms.

Points for what somebody said, from `weights.toml`; no learning, no chance. The same wishes on the same
day give the same answer, in whatever order the directory is read. Services that are as good as each
other take turns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import nlargest
from math import inf
from typing import NamedTuple
from zlib import crc32

from bot.directory.facts import Facts
from bot.directory.finding_words import Hit
from bot.directory.search import Snapshot
from bot.directory.weighing import CAUTIONS, REASONS, TELLING, WEIGHTS, Reason, Weighing, Wishes

__all__ = ["CAUTIONS", "REASONS", "WEIGHTS", "Match", "Reason", "Wishes", "suggest"]


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
    weighing = Weighing(wishes, today, months)
    left_out = snapshot.left_out.union(without)
    services, hits = snapshot.services, _hits(snapshot, wishes)
    # Two lists of plain numbers: thousands of objects here would keep Python's collector busy.
    points: list[float] = []
    numbers: list[int] = []
    for number in _considered(snapshot, wishes, hits):
        one = services[number]
        worth = weighing.points(one, hits.get(number)) if one.id not in left_out else None
        if worth is not None:
            points.append(worth)
            numbers.append(number)
    least = _least_that_may_be_chosen(points, most)
    found = [
        _Weighed(worth, services[number], hits.get(number))
        for worth, number in zip(points, numbers, strict=True)
        if worth >= least
    ]
    return [
        Match(
            service_id=chosen.facts.id,
            reasons=weighing.reasons(chosen.facts, chosen.hit),
            miles=weighing.miles(chosen.facts),
            points=round(chosen.points, 1),
        )
        for chosen in _chosen(found, wishes, most, today, shares or {}, snapshot)
    ]


class _Weighed(NamedTuple):
    points: float
    facts: Facts
    hit: Hit | None


def _hits(snapshot: Snapshot, wishes: Wishes) -> dict[int, Hit]:
    """The services that say something of their own words, by number."""
    if not wishes.words.strip():
        return {}
    hits = snapshot.index.find(wishes.words, wishes.language, at_least=TELLING)
    return {number: hit for number, hit in hits.items() if hit.says >= TELLING}


def _considered(snapshot: Snapshot, wishes: Wishes, hits: Collection[int]) -> Collection[int]:
    """The number of every service that is for something they said; of all when they said nothing."""
    if not wishes.wants and not wishes.words.strip():
        return range(len(snapshot))
    return set(hits).union(*(snapshot.by_want.get(want, ()) for want in wishes.wants))


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

    def band(weighed: _Weighed) -> int:
        points = weighed.points
        if picked:
            if times := already[_by(weighed.facts)]:
                points += w["same_organisation"] * times
            if not not_yet.isdisjoint(weighed.facts.wants):
                points += w["another_wish"]
        return int(points // w["alike"])

    def turn(weighed: _Weighed) -> tuple[int, int, int, int]:
        one = weighed.facts
        chance = crc32(f"{today.isoformat()} {one.id}".encode())
        return told[_by(one)], shares.get(one.id, 0), chance, one.id

    while left and len(picked) < most:
        bands = [band(weighed) for weighed in left]
        highest = max(bands)
        alike = (weighed for weighed, its in zip(left, bands, strict=True) if its == highest)
        best = min(alike, key=turn)
        left.remove(best)
        picked.append(best)
        already[_by(best.facts)] += 1
        not_yet -= best.facts.wants
    return picked


def _least_that_may_be_chosen(points: list[float], most: int) -> float:
    """What is near enough to the best that variety or a turn may bring it in."""
    if len(points) <= most:
        return -inf
    w = WEIGHTS["variety"]
    reach = -w["same_organisation"] * (most - 1) + w["another_wish"] + w["alike"]
    return nlargest(most, points)[-1] - reach


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
