"""What is known of a service, cut down to what choosing one needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.directory.details import Joining
from bot.directory.places import Where, miles, where_is
from bot.directory.services import Service
from bot.directory.times import Session, sessions_of


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

    def miles_from(self, here: Where | None) -> float | None:
        """How far its nearest place is; None when either is not known."""
        if here is None or not self.places:
            return None
        return min(miles(here, place) for place in self.places)

    def is_roughly_placed(self, here: Where | None) -> bool:
        """Whether a distance from `here` is only from town to town."""
        return (here is not None and here.rough) or any(place.rough for place in self.places)

    def has_ended(self, today: date) -> bool:
        """Whether every day it was to meet has gone by: a course that is over."""
        return bool(self.sessions) and not any(session.is_on(today) for session in self.sessions)

    def takes(self, age: int | None) -> bool:
        """Whether someone of this age may come. Of an age not known, we only know they are grown up."""
        if age is None:
            return self.maximum_age is None or self.maximum_age >= 18
        youngest, oldest = self.minimum_age, self.maximum_age
        return (youngest is None or age >= youngest) and (oldest is None or age <= oldest)


def facts_of(one: Service) -> Facts:
    """The facts of a service as it is kept."""
    sums = [cost.pence for cost in one.costs if cost.pence is not None]
    by = one.organisation
    return Facts(
        id=one.id,
        name=one.name,
        organisation_id=by.id if by else None,
        organisation=by.name if by else "",
        wants=frozenset(one.wants),
        eases=frozenset(one.eases),
        places=tuple(dict.fromkeys(_places(one))),
        towns=tuple(dict.fromkeys(place.town for place in one.locations if place.town)),
        online=one.online,
        sessions=sessions_of(one.schedules),
        free=one.free if one.free is not None or not sums else not any(sums),
        pence=min(sums, default=None),
        minimum_age=one.minimum_age,
        maximum_age=one.maximum_age,
        languages=frozenset(one.languages),
        assured_on=one.assured_on,
        places_left=one.places_left,
        waiting_weeks=one.waiting_weeks,
        joining=one.joining,
    )


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
