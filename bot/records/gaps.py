"""What people ask for against what exists: by what they want, what gets in the way, and where.

Counted are people whose agreement stands, by what their plan says now. Fewer than five people are
never shown as a number, and neither is what would give such a number away by subtraction.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from bot.directory.details import outward_of
from bot.flowkit.lists import BARRIERS, WANTS
from bot.store.tables import location, onward_referral, person, plan, plan_line, service, suggestion
from bot.store.tables.directory import ServiceStatus
from bot.store.tables.plans import Heading, Outcome, SuggestionStatus
from bot.store.unit_of_work import Reading

#: Fewer people than this are not shown as a number.
FEW = 5

#: All areas together; areas in which fewer than five people said anything; and nobody knows where.
EVERYWHERE, OTHER, NOT_KNOWN = "", "other", "?"
#: Whoever said anything at all; what is in their own words and not in the list.
ANYTHING, OWN_WORDS = "anything", "own_words"


class Shown(StrEnum):
    """Why a number of people is not shown."""

    FEW = "few"  # fewer than five
    WITHHELD = "withheld"  # with it, one that is few could be worked out


#: A number of people as it may be shown.
People = int | Shown


class About(StrEnum):
    """What is counted by."""

    WANTS = "wants"
    BARRIERS = "barriers"


CODES: dict[About, tuple[str, ...]] = {
    About.WANTS: (*WANTS, OWN_WORDS),
    About.BARRIERS: (*BARRIERS, OWN_WORDS),
}
_HEADINGS = {Heading.WANT: About.WANTS, Heading.BARRIER: About.BARRIERS}


@dataclass(frozen=True, slots=True)
class Gap:
    """One line: how many people said it, how many services there are, how many said yes and got there.

    For a want, yes and got there are to a service that is good for it; for what gets in the way, to
    any. `services` are active ones, of which nobody needs hiding; None where it means nothing.
    """

    about: About
    code: str
    area: str
    said: People
    services: int | None
    said_yes: People
    got_there: People


@dataclass(frozen=True, slots=True)
class Gaps:
    """The whole view at one instant (aware UTC). `areas` are outward codes such as "LE65"."""

    at: datetime
    areas: tuple[str, ...]
    services: int
    examples: int
    lines: Mapping[tuple[About, str, str], Gap]

    @property
    def empty(self) -> bool:
        """Whether nobody's plan may be counted yet."""
        return not self.lines

    def line(self, about: About, code: str, area: str = EVERYWHERE) -> Gap:
        """One line; KeyError for a code or an area that is not there."""
        return self.lines[about, code, area]

    def by_code(self, about: About, area: str = EVERYWHERE) -> list[Gap]:
        """Every code in one area, most said first."""
        return in_order(self.line(about, code, area) for code in CODES[about])

    def by_area(self, about: About, code: str) -> list[Gap]:
        """One code in every area, most said first; then all together."""
        return [
            *in_order(self.line(about, code, area) for area in self.areas),
            self.line(about, code, EVERYWHERE),
        ]


def in_order(lines: Iterable[Gap]) -> list[Gap]:
    """Most said first, by what is shown: the order must not tell what the numbers do not."""
    return sorted(lines, key=lambda line: -line.said if isinstance(line.said, int) else 0)


def gaps(reading: Reading) -> Gaps:
    """Count it all. Opens each agreed person's wants and what gets in their way, and keeps none of it."""
    said = _said(reading)
    there = _services(reading)
    areas = _with_few_together(_areas(reading, {who for who, _, _ in said}))
    names = tuple(sorted(set(areas.values()), key=lambda area: (area in (OTHER, NOT_KNOWN), area)))
    yes, got = _became(reading)
    columns = [
        Counter((about, code, areas[who]) for who, about, code in said),
        *(
            Counter(
                (about, code, areas[who])
                for who, about, code in said
                if any(_is_for(there.get(service_id), about, code) for service_id in became.get(who, ()))
            )
            for became in (yes, got)
        ),
    ]
    offered = _offered(there.values(), names)
    lines: dict[tuple[About, str, str], Gap] = {}
    for about, codes in CODES.items() if said else ():
        for code in (ANYTHING, *codes):
            shown = [hidden([column[about, code, area] for area in names]) for column in columns]
            for nth, area in enumerate((*names, EVERYWHERE)):
                services = None if code == OWN_WORDS or area == NOT_KNOWN else offered[about, code, area]
                said_it, said_yes, got_there = (column[nth] for column in shown)
                lines[about, code, area] = Gap(about, code, area, said_it, services, said_yes, got_there)
    now = [one for one in there.values() if one.active]
    return Gaps(reading.now, names, len(now), sum(one.example for one in now), lines)


# -- hiding small numbers ------------------------------------------------------------------


def hidden(parts: Sequence[int]) -> list[People]:
    """Parts and, last, their total, as they may be shown.

    A part below FEW is few. While what is shown would narrow down what a few can be (anything from
    none to four), the smallest shown part is withheld too. When none is left to withhold, no part is
    told at all, so that the total still can be.
    """
    shown: list[People] = [n if n >= FEW else Shown.FEW for n in parts]
    total = sum(parts)
    if total < FEW:
        return [*shown, Shown.FEW]
    for nth in sorted((i for i, n in enumerate(parts) if n >= FEW), key=lambda i: (parts[i], i)):
        if _tells_nothing(shown, total):
            return [*shown, total]
        shown[nth] = Shown.WITHHELD
    if not _tells_nothing(shown, total):
        shown = [Shown.WITHHELD] * len(parts)
    return [*shown, total]


def _tells_nothing(shown: Sequence[People], total: int) -> bool:
    """Whether every few can still be none, and can still be four, with this total shown."""
    few = shown.count(Shown.FEW)
    if not few:
        return True
    withheld = shown.count(Shown.WITHHELD)
    left = total - sum(n for n in shown if isinstance(n, int))
    most_of_the_others = (FEW - 1) * (few - 1)
    can_be_none = bool(withheld) or left <= most_of_the_others
    can_be_four = left - FEW * withheld >= FEW - 1
    return can_be_none and can_be_four


# -- counting ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _There:
    """A service, as far as it is counted. One that has closed may have been said yes to."""

    active: bool
    wants: frozenset[str]
    eases: frozenset[str]
    areas: frozenset[str]
    online: bool
    example: bool


def _said(reading: Reading) -> set[tuple[int, About, str]]:
    rows = reading.execute(
        select(plan.c.person_id, plan_line.c.heading, plan_line.c.value)
        .join(plan, plan.c.id == plan_line.c.plan_id)
        .join(person, person.c.id == plan.c.person_id)
        .where(
            plan_line.c.heading.in_(_HEADINGS),
            plan_line.c.ended_at.is_(None),
            person.c.agreed_at.is_not(None),
            person.c.erased_at.is_(None),
            person.c.joined_into.is_(None),
        )
    )
    found = set()
    for who, heading, sealed in rows:
        about = _HEADINGS[heading]
        code = reading.sealer.open_json(sealed).get("code")
        found |= {(who, about, code if code in CODES[about] else OWN_WORDS), (who, about, ANYTHING)}
    return found


def _services(reading: Reading) -> dict[int, _There]:
    where: dict[int, set[str]] = defaultdict(set)
    for service_id, postcode in reading.execute(select(location.c.service_id, location.c.postcode)):
        where[service_id].add(outward_of(postcode))
    rows = reading.execute(
        select(
            service.c.id,
            service.c.status,
            service.c.wants,
            service.c.eases,
            service.c.online,
            service.c.example,
        )
    )
    return {
        row.id: _There(
            active=row.status is ServiceStatus.ACTIVE,
            wants=frozenset(row.wants),
            eases=frozenset(row.eases),
            areas=frozenset(where[row.id] - {""}),
            online=row.online,
            example=row.example,
        )
        for row in rows
    }


def _is_for(one: _There | None, about: About, code: str) -> bool:
    """Whether it counts that somebody who said this said yes to this service."""
    return one is not None and (about is About.BARRIERS or code in (ANYTHING, OWN_WORDS) or code in one.wants)


def _offered(there: Iterable[_There], names: Sequence[str]) -> Counter[tuple[About, str, str]]:
    """Active services by what they are for and where. What is online is everywhere."""
    named = set(names) - {OTHER, NOT_KNOWN}
    counted: Counter[tuple[About, str, str]] = Counter()
    for one in there:
        if not one.active:
            continue
        here = {area if area in named else OTHER for area in one.areas}
        where = {EVERYWHERE, *(named | {OTHER} if one.online else here)}
        for about, codes in ((About.WANTS, one.wants), (About.BARRIERS, one.eases)):
            counted.update((about, code, area) for code in (ANYTHING, *codes) for area in where)
    return counted


def _became(reading: Reading) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """By person: the services they said yes to, and those they got to."""
    yes: dict[int, set[int]] = defaultdict(set)
    got: dict[int, set[int]] = defaultdict(set)
    accepted = select(suggestion.c.person_id, suggestion.c.service_id).where(
        suggestion.c.status == SuggestionStatus.ACCEPTED
    )
    for who, service_id in reading.execute(accepted):
        yes[who].add(service_id)
    went_on = select(onward_referral.c.person_id, onward_referral.c.service_id, onward_referral.c.outcome)
    for who, service_id, outcome in reading.execute(went_on):
        yes[who].add(service_id)
        if outcome is Outcome.ATTENDED:
            got[who].add(service_id)
    return yes, got


def _with_few_together(areas: Mapping[int, str]) -> dict[int, str]:
    """Areas in which hardly anybody said anything are one: their names alone would tell something."""
    people = Counter(areas.values())
    return {who: area if area == NOT_KNOWN or people[area] >= FEW else OTHER for who, area in areas.items()}


def _areas(reading: Reading, people: Collection[int]) -> dict[int, str]:
    """The outward code of where each lives, as they told us."""
    rows = reading.execute(
        select(person.c.id, person.c.contact_plan)
        .where(person.c.contact_plan.is_not(None), person.c.agreed_at.is_not(None))
        .where(person.c.id.in_(select(plan.c.person_id)))
    )
    told = {
        who: str(reading.sealer.open_json(sealed).get("outward") or "")
        for who, sealed in rows
        if who in people
    }
    return {who: told.get(who) or NOT_KNOWN for who in people}
