"""The invented services of a quarter's town."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.directory import services
from bot.directory.details import Contact, Joining, Location, Schedule, ServiceDetails
from bot.store.unit_of_work import UnitOfWork

#: The day it all begins.
BEGINS = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
WANTS = ("company", "active", "learn", "give", "debt", "housing")
DAYS = ("MO", "TU", "WE", "TH", "FR")
OUTWARD = ("LE65", "LE67", "DE12")


def added(unit: UnitOfWork, details: ServiceDetails) -> int:
    return services.add_service(unit, details)


def directory(people: int, chance: random.Random) -> list[ServiceDetails]:
    """Some sixty invented services, or fewer for fewer people."""
    plain = ServiceDetails(
        name="",
        assured_on=BEGINS.date() - timedelta(days=1),
        contacts=(Contact("", "", "01632 960111"),),
    )
    return [
        replace(
            plain,
            name=f"Group {n}",
            wants=(chance.choice(WANTS), "company"),
            eases=("someone_along",) if chance.random() < 0.3 else (),
            joining=chance.choice(list(Joining)),
            free=chance.random() < 0.6,
            places_left=chance.choice([None, None, None, 0, 1, 4]),
            locations=(Location(f"Hall {n}", "", "Ashby", f"{chance.choice(OUTWARD)} 1AA"),),
            schedules=(Schedule(byday=chance.choice(DAYS), opens_at="10:00"),)
            if chance.random() < 0.7
            else (),
        )
        for n in range(1, max(20, people // 16) + 1)
    ]
