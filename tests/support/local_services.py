"""Invented local services for choosing among, without a store: `a_service(7, "Tea and talk", wants=…)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from zlib import crc32

from bot.directory.details import Location, Organisation, Schedule, ServiceDetails
from bot.directory.search import Snapshot
from bot.directory.services import Service, ServiceStatus

#: The day the examples are read on: Tuesday 3 March 2026.
TODAY = date(2026, 3, 3)
#: Checked last week.
LATELY = date(2026, 2, 24)


def a_service(
    number: int, name: str = "", *, at: str = "LE65", by: str = "", when: str = "", **said: Any
) -> Service:
    """A service open to all and checked lately, unless `said`. `at` is its postcode, "" for none.

    `by` is its organisation, otherwise one of its own; `when` is "TU 10:00-12:00; SA 14:00-15:00".
    """
    by = by or f"Organisation {number}"
    organisation = Organisation(by, id=crc32(by.encode()))
    details: dict[str, Any] = {
        "name": name or f"Service {number}",
        "organisation": organisation,
        "locations": (Location(postcode=at, town="Ashby"),) if at else (),
        "schedules": tuple(_schedule(one) for one in when.split(";") if one.strip()),
        "assured_on": LATELY,
    }
    return Service(**(details | said), id=number)


def _schedule(words: str) -> Schedule:
    days, _, hours = words.strip().partition(" ")
    opens, _, closes = hours.partition("-")
    return Schedule(byday=days, opens_at=opens, closes_at=closes)


def snapshot(*services: Service) -> Snapshot:
    """These services, held in memory."""
    return Snapshot.of(services)


def paused(one: Service) -> Service:
    return replace(one, status=ServiceStatus.PAUSED)


def closed(one: Service) -> Service:
    return replace(one, status=ServiceStatus.CLOSED)


def details_of(services: Iterable[Service]) -> Iterable[ServiceDetails]:
    """The same as somebody would describe them to the store."""
    names = ServiceDetails.__dataclass_fields__
    for one in services:
        details = {name: getattr(one, name) for name in names}
        yield ServiceDetails(**details | {"organisation": Organisation(one.organisation.name)})
