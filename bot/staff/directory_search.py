"""Looking through the directory: words, what they want, near where, free, which day, which language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from sqlalchemy import select

from bot.directory.checking import ASSURED, stale
from bot.directory.places import Where, miles, where_is
from bot.directory.services import Service, ids_of, services
from bot.flowkit.lists import WANTS
from bot.store.tables import ServiceStatus, location, schedule, service, service_check
from bot.store.unit_of_work import Reading

A_PAGE = 25

SHOW = {"open": "Open", "look": "To look at", "paused": "Paused", "closed": "Closed", "all": "All"}
SORTS = {
    "name": "By name",
    "near": "Nearest first",
    "checked": "Longest unchecked first",
    "changed": "Changed last first",
}
_STATUS = {"open": ServiceStatus.ACTIVE, "paused": ServiceStatus.PAUSED, "closed": ServiceStatus.CLOSED}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. Empty means any; `near` is a postcode as it was typed."""

    words: str = ""
    want: str = ""
    near: str = ""
    free: bool = False
    day: str = ""
    language: str = ""
    show: str = "open"
    sort: str = "name"
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """What an address asks; what it may not ask is left out."""

        def text(name: str, most: int = 100) -> str:
            return query.get(name, "").strip()[:most]

        near, sort = text("near", 20), text("sort")
        show = text("show") if text("show") in SHOW else "open"
        sort = sort if sort in SORTS else ("near" if near else "checked" if show == "look" else "name")
        return cls(
            words=text("q"),
            want=text("want") if text("want") in WANTS else "",
            near=near,
            free=text("free") == "yes",
            day=text("day"),
            language=text("language", 12),
            show=show,
            sort="name" if sort == "near" and not near else sort,
            page=max(1, int(text("page")) if text("page", 6).isdigit() else 1),
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but which list and in which order is asked."""
        return bool(self.words or self.want or self.near or self.free or self.day or self.language)


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """What a human should look at about a service. `checks` counts findings, but for that it is stale."""

    checks: int
    stale: bool
    gone: bool
    pause_over: bool

    def __bool__(self) -> bool:
        return bool(self.checks or self.stale or self.gone or self.pause_over)


@dataclass(frozen=True, slots=True)
class Hit:
    """One service a search found. `miles` where both places are known."""

    service: Service
    miles: float | None
    look: ToLookAt


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of what was found; how many there are in all, and in each list; every language there is."""

    hits: list[Hit]
    many: int
    counts: Mapping[str, int]
    languages: list[str]
    here: Where | None

    @property
    def pages(self) -> int:
        """How many pages it takes."""
        return max(1, -(-self.many // A_PAGE))


def looked_for(reading: Reading, asked: Asked, today: date, stale_months: int) -> Hits:
    """What fits everything `asked` says. Reads the columns it needs of all, and loads one page."""
    rows = reading.execute(
        select(
            service.c.id, service.c.name, service.c.status, service.c.free, service.c.wants,
            service.c.languages, service.c.assured_on, service.c.changed_at,
            service.c.gone_from_source_at, service.c.paused_until,
        )
    ).all()  # fmt: skip
    named = ids_of(reading, words=asked.words) if asked.words else None
    checks = _checks(reading)
    here = where_is(asked.near) if asked.near else None
    far = _miles(reading, here) if here else {}
    on_day = _on(reading, asked.day) if asked.day else None

    kept, counts, looks = [], Counter(dict.fromkeys(SHOW, 0)), {}
    for row in rows:
        if (
            (named is not None and row.id not in named)
            or (asked.want and asked.want not in row.wants)
            or (asked.free and row.free is not True)
            or (on_day is not None and row.id not in on_day)
            or (asked.language and asked.language not in row.languages)
        ):
            continue
        looks[row.id] = look = to_look_at(row, checks[row.id], today, stale_months)
        lists = {"all", *(code for code, status in _STATUS.items() if row.status is status)}
        lists |= {"look"} if look else set()
        counts.update(lists)
        if asked.show in lists:
            kept.append(row)
    near_first = lambda row: (far.get(row.id, inf), *_by_name(row))  # noqa: E731
    kept.sort(key=near_first if asked.sort == "near" else _ORDERS[asked.sort])
    first = (asked.page - 1) * A_PAGE
    ids = [row.id for row in kept[first : first + A_PAGE]]
    whole = {one.id: one for one in services(reading, ids=ids)} if ids else {}
    hits = [Hit(whole[i], far.get(i), looks[i]) for i in ids]
    languages = sorted({code for row in rows for code in row.languages})
    return Hits(hits, len(kept), counts, languages, here)


def to_look_at(one: Any, checks: int, today: date, stale_months: int) -> ToLookAt:
    """What a human should look at: never about one that has closed."""
    if one.status is ServiceStatus.CLOSED:
        return ToLookAt(0, False, False, False)
    return ToLookAt(
        checks=checks,
        stale=one.status is ServiceStatus.ACTIVE and stale(one, today, stale_months),
        gone=one.gone_from_source_at is not None,
        pause_over=one.paused_until is not None and one.paused_until <= today,
    )


def _by_name(row: Any) -> tuple[Any, ...]:
    return row.name.casefold(), row.id


_ORDERS = {
    "name": _by_name,
    "checked": lambda row: (row.assured_on or date.min, *_by_name(row)),
    "changed": lambda row: (-row.changed_at.timestamp(), *_by_name(row)),
}


def _checks(reading: Reading) -> Counter[int]:
    open_ones = select(service_check.c.service_id).where(
        service_check.c.settled_at.is_(None), service_check.c.what != ASSURED
    )
    return Counter(reading.execute(open_ones).scalars())


def _miles(reading: Reading, here: Where) -> dict[int, float]:
    """How far each service's nearest place is."""
    rows = reading.execute(
        select(location.c.service_id, location.c.postcode, location.c.latitude, location.c.longitude)
    )
    far: dict[int, float] = {}
    for row in rows:
        there = place(row.postcode, row.latitude, row.longitude)
        if there is not None:
            far[row.service_id] = min(far.get(row.service_id, inf), miles(here, there))
    return far


def place(postcode: str, latitude: float | None, longitude: float | None) -> Where | None:
    """Where a service's place is, by its position or its postcode."""
    if latitude is not None and longitude is not None:
        return Where(postcode.partition(" ")[0], latitude, longitude)
    return where_is(postcode) if postcode else None


def _on(reading: Reading, day: str) -> set[int]:
    """Services with a session on this weekday ("TU"), on every one or one in the month."""
    rows = reading.execute(
        select(schedule.c.service_id, schedule.c.byday).where(schedule.c.byday.contains(day))
    )
    return {service_id for service_id, byday in rows if any(one[-2:] == day for one in byday.split(","))}
