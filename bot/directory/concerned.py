"""Who is touched when a service changes: people on the way to it, and people waiting for a place."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from bot.store.tables import onward_referral, place_waited_for
from bot.store.timers import set_timer
from bot.store.unit_of_work import UnitOfWork

#: Changes of these that somebody must hear of.
MATTERS = frozenset({"status", "places_left", "schedules"})


def service_changed(unit: UnitOfWork, service_id: int, fields: Iterable[str]) -> bool:
    """Have a turn look at it if anybody is on the way there or waits for it; whether somebody is.

    However it changed: by staff, by a feed, by a file.
    """
    if MATTERS.isdisjoint(fields):
        return False
    on_the_way = select(onward_referral.c.id).where(
        onward_referral.c.service_id == service_id, onward_referral.c.outcome.is_(None)
    )
    wait = select(place_waited_for.c.id).where(
        place_waited_for.c.service_id == service_id,
        place_waited_for.c.taken_at.is_(None),
        place_waited_for.c.left_at.is_(None),
    )
    if not any(unit.execute(query.limit(1)).first() for query in (on_the_way, wait)):
        return False
    set_timer(unit, "service-changed", unit.now, subject=f"service:{service_id}")
    unit.tell("timers")
    return True
