"""Waiting for a place somewhere: on the list, told when one comes up, the first yes takes it.

Never a position, which moves backwards: that they are on it, and how long the service says it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.people.conversations import conversation_of
from bot.store.tables import ServiceStatus, place_waited_for, service
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

#: So many are told of one free place: few enough that most who say yes get it.
TOLD_AT_ONCE = 3

#: A place is kept this long for those who were told; then the next are.
KEPT_FOR = timedelta(days=2)

#: Who let a place go, or did not answer, is not told of another before this has passed.
LEFT_IN_PEACE = timedelta(days=14)

#: However a place comes to be free, it is noticed within a day.
LOOK_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody's wait for a place at a service. Instants are aware UTC.

    While a place is offered, `offered_until` is how long it is kept for their answer; when none is, it
    is how long they are left in peace after they let one go.
    """

    id: int
    service_id: int
    service_name: str
    person_id: int
    suggestion_id: int | None
    since: datetime
    offered_at: datetime | None
    offered_until: datetime | None
    taken_at: datetime | None
    left_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether they are on the list still."""
        return self.taken_at is None and self.left_at is None

    def may_be_told(self, now: datetime) -> bool:
        """Whether a free place may be offered to them now."""
        return self.offered_at is None and (self.offered_until is None or self.offered_until <= now)


_columns = (
    place_waited_for.c.id, place_waited_for.c.service_id, service.c.name, place_waited_for.c.person_id,
    place_waited_for.c.suggestion_id, place_waited_for.c.since, place_waited_for.c.offered_at,
    place_waited_for.c.offered_until, place_waited_for.c.taken_at, place_waited_for.c.left_at,
)  # fmt: skip
_all = select(*_columns).join(service, service.c.id == place_waited_for.c.service_id)
_ON_THE_LIST = (place_waited_for.c.taken_at.is_(None), place_waited_for.c.left_at.is_(None))


def join_list(unit: UnitOfWork, person_id: int, service_id: int, suggestion_id: int | None = None) -> int:
    """Put them on the list; their wait's id. Asked twice, it is one wait, from the first day."""
    there = unit.execute(
        select(place_waited_for.c.id).where(
            place_waited_for.c.person_id == person_id,
            place_waited_for.c.service_id == service_id,
            *_ON_THE_LIST,
        )
    ).scalar()
    if there is not None:
        return there
    made = unit.insert(
        place_waited_for,
        service_id=service_id,
        person_id=person_id,
        suggestion_id=suggestion_id,
        since=unit.now,
    )
    unit.audit("waits for a place", f"person:{person_id}", service=service_id, waited=made)
    look_again(unit, service_id, unit.now + LOOK_EVERY)
    return made


def leave_list(unit: UnitOfWork, waited_id: int) -> bool:
    """They no longer wait; False when they did not."""
    left = unit.execute(
        update(place_waited_for)
        .where(place_waited_for.c.id == waited_id, *_ON_THE_LIST)
        .values(left_at=unit.now)
        .returning(place_waited_for.c.service_id)
    ).first()
    if left is None:
        return False
    unit.audit("waits no longer", f"waited:{waited_id}")
    _offer_on(unit, left.service_id)
    return True


def not_this_time(unit: UnitOfWork, waited_id: int) -> None:
    """They let this place go and stay on the list, behind those who wait already."""
    row = unit.execute(
        update(place_waited_for)
        .where(place_waited_for.c.id == waited_id, *_ON_THE_LIST)
        .values(since=unit.now, offered_at=None, offered_until=unit.now + LEFT_IN_PEACE)
        .returning(place_waited_for.c.service_id)
    ).first()
    if row is not None:
        unit.audit("let a place go", f"waited:{waited_id}")
        _offer_on(unit, row.service_id)


def offer_places(unit: UnitOfWork, service_id: int) -> list[int]:
    """Tell those who have waited longest of each place that is free; the waits it is offered to.

    Each hears in a turn of their own conversation, and the place goes to the first yes. Those whose
    time to answer has passed stay on the list behind the others. While anybody waits, it is looked
    at again.
    """
    row = unit.execute(
        select(service.c.places_left, service.c.status).where(service.c.id == service_id)
    ).first()
    if row is None:
        return []
    _let_lapse(unit, service_id)
    there = waiting_for(unit, service_id)
    if not there:
        clear(unit, "place-free", subject=f"service:{service_id}")
        return []
    look_again(unit, service_id, unit.now + LOOK_EVERY)
    free = row.places_left or 0
    if row.status is not ServiceStatus.ACTIVE or free <= 0:
        return []
    told = sum(one.offered_at is not None for one in there)
    next_ = [one for one in there if one.may_be_told(unit.now)][: max(0, free * TOLD_AT_ONCE - told)]
    for one in next_:
        unit.change(place_waited_for, one.id, offered_at=unit.now, offered_until=unit.now + KEPT_FOR)
        tell(unit, one, "free")
        unit.audit("place offered", f"waited:{one.id}", service=service_id)
    return [one.id for one in next_]


def take_place(unit: UnitOfWork, waited_id: int) -> bool:
    """Yes to a place. True for the first; False when it has gone, and then they are on the list still.

    One UPDATE decides, so that of two at once one gets it on either store. The others who were told
    hear kindly, each in a turn of their own.
    """
    mine = waited_by_id(unit, waited_id)
    if mine is None or not mine.waits:
        return mine is not None and mine.taken_at is not None
    taken = unit.execute(
        update(service)
        .where(
            service.c.id == mine.service_id,
            service.c.status == ServiceStatus.ACTIVE,
            service.c.places_left > 0,
        )
        .values(places_left=service.c.places_left - 1)
        .returning(service.c.places_left)
    ).first()
    if taken is None:
        unit.change(place_waited_for, waited_id, offered_at=None, offered_until=None)
        return False
    unit.change(place_waited_for, waited_id, taken_at=unit.now)
    unit.audit("place taken", f"waited:{waited_id}", service=mine.service_id)
    unit.tell("directory")
    if taken.places_left == 0:
        for one in waiting_for(unit, mine.service_id):
            if one.offered_at is not None:
                unit.change(place_waited_for, one.id, offered_at=None, offered_until=None)
                tell(unit, one, "gone")
    return True


def look_again(unit: UnitOfWork, service_id: int, at: datetime) -> None:
    """Look at `at` (aware UTC) whether a place is free there; what was set before is taken back."""
    clear(unit, "place-free", subject=f"service:{service_id}")
    set_timer(unit, "place-free", at, subject=f"service:{service_id}")
    unit.tell("timers")


def waited_by_id(reading: Reading, waited_id: int) -> Waiting | None:
    """One wait."""
    row = reading.execute(_all.where(place_waited_for.c.id == waited_id)).first()
    return Waiting(*row) if row else None


def waiting_for(reading: Reading, service_id: int) -> list[Waiting]:
    """Who waits for a place there, the longest first."""
    rows = reading.execute(
        _all.where(place_waited_for.c.service_id == service_id, *_ON_THE_LIST).order_by(
            place_waited_for.c.since, place_waited_for.c.id
        )
    )
    return [Waiting(*row) for row in rows]


def waits_of(reading: Reading, person_id: int) -> list[Waiting]:
    """Every wait of theirs, newest first: standing, ended in a place, or left."""
    rows = reading.execute(
        _all.where(place_waited_for.c.person_id == person_id).order_by(place_waited_for.c.id.desc())
    )
    return [Waiting(*row) for row in rows]


def _let_lapse(unit: UnitOfWork, service_id: int) -> None:
    """Who was told and did not answer in time waits on, behind the others."""
    unit.execute(
        update(place_waited_for)
        .where(
            place_waited_for.c.service_id == service_id,
            *_ON_THE_LIST,
            place_waited_for.c.offered_at.is_not(None),
            place_waited_for.c.offered_until <= unit.now,
        )
        .values(since=unit.now, offered_at=None, offered_until=unit.now + LEFT_IN_PEACE)
    )


def _offer_on(unit: UnitOfWork, service_id: int) -> None:
    """Somebody let it go: the next may have it."""
    look_again(unit, service_id, unit.now)


def tell(unit: UnitOfWork, one: Waiting, what: str) -> None:
    """Have a turn of theirs tell them: a place is "free", it has "gone", or the service has "stopped"."""
    subject = f"waited:{one.id}"
    clear(unit, "place-free", subject=subject)
    set_timer(
        unit, "place-free", unit.now, conversation_id=conversation_of(unit, one.person_id),
        subject=subject, what=what,
    )  # fmt: skip
    unit.tell("timers")
