"""Who is away, and when: leave, sickness, training, an hour kept free for something else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.store.sealed import maybe_open
from bot.store.tables import Away, time_off
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class TimeOff:
    """Nobody can be booked in with this worker from `starts_at` to `ends_at` (aware UTC)."""

    id: int
    staff_id: int
    kind: Away
    starts_at: datetime
    ends_at: datetime
    note: str

    def __repr__(self) -> str:
        return f"TimeOff(id={self.id}, kind={self.kind.value})"


def take_off(
    unit: UnitOfWork, staff_id: int, kind: Away | str, starts_at: datetime, ends_at: datetime, note: str = ""
) -> int:
    """They are away from `starts_at` to `ends_at` (aware UTC); its id. The note is sealed.

    What is booked with them already stands: look at `appointments.appointment.booked_between` and say
    so. Raises ValueError where it would end before it begins.
    """
    if ends_at <= starts_at:
        raise ValueError("time off must end after it begins")
    made = unit.insert(
        time_off,
        staff_id=staff_id,
        kind=Away(kind),
        starts_at=starts_at,
        ends_at=ends_at,
        note=unit.sealer.seal(note.strip()) if note.strip() else None,
    )
    unit.audit("time off taken", f"staff:{staff_id}", time_off=made, kind=Away(kind).value)
    unit.tell("calendar")
    return made


def take_back(unit: UnitOfWork, time_off_id: int) -> bool:
    """They are there after all; False when it was taken back already."""
    row = unit.execute(
        update(time_off)
        .where(time_off.c.id == time_off_id, time_off.c.ended_at.is_(None))
        .values(ended_at=unit.now)
        .returning(time_off.c.staff_id)
    ).first()
    if row is None:
        return False
    unit.audit("time off taken back", f"staff:{row.staff_id}", time_off=time_off_id)
    unit.tell("calendar")
    return True


def time_off_of(
    reading: Reading, staff_ids: Collection[int], from_: datetime, until: datetime
) -> list[TimeOff]:
    """When these are away between two aware instants, soonest first; what was taken back is left out."""
    rows = reading.execute(
        select(time_off)
        .where(
            time_off.c.staff_id.in_(staff_ids),
            time_off.c.ends_at > from_,
            time_off.c.starts_at < until,
            time_off.c.ended_at.is_(None),
        )
        .order_by(time_off.c.starts_at, time_off.c.id)
    )
    return [
        TimeOff(r.id, r.staff_id, r.kind, r.starts_at, r.ends_at, maybe_open(reading.sealer, r.note))
        for r in rows
    ]
