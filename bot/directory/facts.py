"""What is known of a service, cut down to what choosing one needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from bot.directory.details import Joining, Schedule
from bot.directory.places import Spot, Where, miles_between, spot_of, where_is
from bot.directory.services import Service
from bot.directory.times import Moment, Session, sessions_of

#: Who comes to us is grown up; and a service for those up to 99 is for everyone older than its youngest.
GROWN_UP, OLDEST = 18, 99


@dataclass(frozen=True, slots=True)
class Facts:
    """One active service. None means that nobody said.

    `wants` and `eases` are codes of flows/lists.toml. `places` is empty when it is online only, or when
    nobody said where it is; `towns` are as written. `sessions` are when it meets.
    """

    id: int
    name: str
    organisation_id: int | None
    organisation: str
    wants: frozenset[str]
    eases: frozenset[str]
    places: tuple[Where, ...]
    towns: tuple[str, ...]
    online: bool
    sessions: tuple[Session, ...]
    free: bool | None
    pence: int | None
    minimum_age: int | None
    maximum_age: int | None
    languages: frozenset[str]
    assured_on: date | None
    places_left: int | None
    waiting_weeks: int | None
    joining: Joining
    # Worked out once, since each suggestion looks at thousands:
    spots: tuple[Spot, ...] = field(init=False, repr=False)
    moments: frozenset[Moment] = field(init=False, repr=False)  # of what has no last day
    last_day: date | None = field(init=False, repr=False)  # None: it goes on
    for_some_ages: bool = field(init=False, repr=False)  # among the grown up

    def __post_init__(self) -> None:
        ends = [session.until for session in self.sessions]
        goes_on = not ends or None in ends
        some_ages = (self.minimum_age or 0) > GROWN_UP or (self.maximum_age or OLDEST) < OLDEST
        object.__setattr__(self, "for_some_ages", some_ages)
        object.__setattr__(self, "spots", tuple(map(spot_of, self.places)))
        object.__setattr__(self, "moments", _moments(self.sessions))
        object.__setattr__(self, "last_day", None if goes_on else max(day for day in ends if day))

    def miles_from(self, here: Spot | None) -> float | None:
        """How far its nearest place is; None when either is not known."""
        if here is None or not self.spots:
            return None
        if len(self.spots) == 1:  # as most are
            return miles_between(here, self.spots[0])
        return min(miles_between(here, spot) for spot in self.spots)

    def moments_on(self, today: date) -> frozenset[Moment]:
        """When it meets, of what is still to come on or after this day."""
        if len(self.moments) == len(self.sessions):
            return self.moments
        return frozenset(session.moment for session in self.sessions if session.is_on(today))

    def is_roughly_placed(self, here: Where | None) -> bool:
        """Whether a distance from `here` is only from town to town."""
        return (here is not None and here.rough) or any(place.rough for place in self.places)

    def has_ended(self, today: date) -> bool:
        """Whether every day it was to meet has gone by: a course that is over."""
        return self.last_day is not None and self.last_day < today

    def takes(self, age: int | None) -> bool:
        """Whether someone of this age may come. Of an age not known, we only know they are grown up."""
        if age is None:
            return self.maximum_age is None or self.maximum_age >= GROWN_UP
        return (self.minimum_age or 0) <= age and (self.maximum_age is None or age <= self.maximum_age)


def facts_of(one: Service) -> Facts:
    """The facts of a service as it is kept."""
    sums = [cost.pence for cost in one.costs if cost.pence is not None]
    by = one.organisation
    return Facts(
        id=one.id,
        name=one.name,
        organisation_id=by.id if by else None,
        organisation=by.name if by else "",
        wants=_codes(one.wants),
        eases=_codes(one.eases),
        places=tuple(dict.fromkeys(_places(one))),
        towns=tuple(dict.fromkeys(place.town for place in one.locations if place.town)),
        online=one.online,
        sessions=_sessions(one.schedules),
        free=one.free if one.free is not None or not sums else not any(sums),
        pence=min(sums, default=None),
        minimum_age=one.minimum_age,
        maximum_age=one.maximum_age,
        languages=_codes(one.languages),
        assured_on=one.assured_on,
        places_left=one.places_left,
        waiting_weeks=one.waiting_weeks,
        joining=one.joining,
    )


# The same few codes and times come again and again: one of each is kept in memory.


@lru_cache(maxsize=4096)
def _codes(codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(codes)


@lru_cache(maxsize=4096)
def _sessions(schedules: tuple[Schedule, ...]) -> tuple[Session, ...]:
    return sessions_of(schedules)


@lru_cache(maxsize=4096)
def _moments(sessions: tuple[Session, ...]) -> frozenset[Moment]:
    return frozenset(session.moment for session in sessions if session.until is None)


def texts_of(one: Service) -> Iterator[tuple[str, int]]:
    """What is written about a service, each text with how much it says of it (1 to 100)."""
    yield one.name, 100
    yield " ".join(one.wants).replace("_", " "), 90
    if one.organisation:
        yield one.organisation.name, 60
    yield one.description, 60
    for place in one.locations:
        yield f"{place.name} {place.town}", 40
    yield one.eligibility, 30


def _places(one: Service) -> Iterator[Where]:
    for place in one.locations:
        outward = where_is(place.postcode) if place.postcode else None
        if place.latitude is not None and place.longitude is not None:
            yield Where(outward.outward if outward else "", place.latitude, place.longitude)
        elif outward is not None:
            yield outward
