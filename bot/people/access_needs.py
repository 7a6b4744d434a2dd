"""What makes contact easier for someone: hearing, sight, reading, an interpreter, in their own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.store.tables import access_need
from bot.store.unit_of_work import Reading, UnitOfWork

#: The standard's groups (DAPB1605), and those not yet put into one.
KINDS = ("professional", "contact", "format", "support", "other")

#: The standard's sixth step is to review. A year is ours: the standard names no span.
REVIEW_AFTER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class AccessNeed:
    """One need, in their words. Instants are aware UTC."""

    id: int
    need: str
    kind: str
    recorded_at: datetime
    review_at: datetime | None
    said_by: str
    inbox_id: int | None

    def __repr__(self) -> str:
        return f"AccessNeed(id={self.id}, kind={self.kind})"


def record_need(
    unit: UnitOfWork,
    person_id: int,
    need: str,
    kind: str = "other",
    *,
    inbox_id: int | None = None,
    review_at: datetime | None = None,
) -> int:
    """Keep a need; its id. Raises ValueError for a kind the standard does not have."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
    made = unit.insert(
        access_need,
        person_id=person_id,
        need=unit.sealer.seal(need),
        kind=kind,
        recorded_at=unit.now,
        review_at=review_at or unit.now + REVIEW_AFTER,
        said_by=unit.acting[:40],
        inbox_id=inbox_id,
    )
    unit.audit("access need recorded", f"person:{person_id}", kind=kind)
    return made


def needs_of(reading: Reading, person_id: int) -> list[AccessNeed]:
    """What they need now, oldest first."""
    rows = reading.execute(
        select(access_need)
        .where(access_need.c.person_id == person_id, access_need.c.ended_at.is_(None))
        .order_by(access_need.c.id)
    )
    return [
        AccessNeed(
            row.id,
            reading.sealer.open(row.need),
            row.kind,
            row.recorded_at,
            row.review_at,
            row.said_by,
            row.inbox_id,
        )
        for row in rows
    ]


def end_need(unit: UnitOfWork, need_id: int) -> None:
    """They no longer need it."""
    unit.execute(
        update(access_need)
        .where(access_need.c.id == need_id, access_need.c.ended_at.is_(None))
        .values(ended_at=unit.now)
    )
    unit.audit("access need ended", f"access-need:{need_id}")


def end_what_was_said(unit: UnitOfWork, person_id: int, inbox_id: int) -> None:
    """They put right the message by which they told us: what it said is not what they need."""
    for need in needs_of(unit, person_id):
        if need.inbox_id == inbox_id:
            end_need(unit, need.id)


def undo_end(unit: UnitOfWork, person_id: int, need_id: int) -> bool:
    """It was ended by mistake. False when there is no such need of theirs."""
    back = unit.execute(
        update(access_need)
        .where(access_need.c.id == need_id, access_need.c.person_id == person_id)
        .values(ended_at=None)
    ).rowcount
    if back:
        unit.audit("access need not ended after all", f"access-need:{need_id}")
    return bool(back)
