"""Timers: rows that fall due and become a turn. A million waiting ones cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, text, update

from bot.store.prepared import Prepared
from bot.store.tables import timer
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Timer:
    """Something due: "remind about case 7, as it was at version 3"."""

    id: int
    kind: str
    conversation_id: int | None
    subject: str
    version: int
    due_at: datetime
    details: dict[str, Any]
    tries: int


#: Of these a hundred thousand may be due in one minute; nothing else waits behind them.
BULK = "remind"

_columns = (
    timer.c.id, timer.c.kind, timer.c.conversation_id, timer.c.subject,
    timer.c.version, timer.c.due_at, timer.c.details, timer.c.tries,
)  # fmt: skip
_due = (
    select(*_columns)
    .where(timer.c.done_at.is_(None), timer.c.due_at <= bindparam("now"))
    .order_by(timer.c.due_at)
    .limit(bindparam("most"))
)
# Written out, not bound, so that each is looked up in its own index.
_first, _bulk = (_due.where(text(f"kind {is_} '{BULK}'")) for is_ in ("!=", "="))


_clear = {
    column: Prepared(
        update(timer)
        .where(
            timer.c.kind == bindparam("kind"),
            timer.c[column] == bindparam("about"),
            timer.c.done_at.is_(None),
        )
        .values(done_at=bindparam("now"), result="cleared")
    )
    for column in ("conversation_id", "subject")
}


def set_timer(
    unit: UnitOfWork,
    kind: str,
    due_at: datetime,
    *,
    conversation_id: int | None = None,
    subject: str = "",
    version: int = 0,
    **details: Any,
) -> None:
    """Set a timer for `due_at` (aware UTC). `details` hold ids and codes, never words."""
    unit.insert(
        timer, kind=kind, due_at=due_at, conversation_id=conversation_id, subject=subject,
        version=version, details=details,
    )  # fmt: skip


def due(reading: Reading, most: int = 100) -> list[Timer]:
    """What is due now, oldest first, and reminders after everything else."""
    found = reading.execute(_first, {"now": reading.now, "most": most}).all()
    if len(found) < most:
        found += reading.execute(_bulk, {"now": reading.now, "most": most - len(found)}).all()
    return [Timer(*row) for row in found]


def still_due(unit: UnitOfWork, timer_id: int) -> Timer | None:
    """The timer, locked for this turn, if nobody has handled it meanwhile."""
    row = unit.execute(
        select(*_columns)
        .where(timer.c.id == timer_id, timer.c.done_at.is_(None), timer.c.due_at <= unit.now)
        .with_for_update(skip_locked=True)
    ).first()
    return Timer(*row) if row else None


def done(unit: UnitOfWork, timer_id: int, result: str) -> None:
    """It has had its turn; `result` says what came of it, in a word."""
    unit.execute(update(timer).where(timer.c.id == timer_id).values(done_at=unit.now, result=result))


def put_off(unit: UnitOfWork, timer_id: int, until: datetime) -> None:
    """Look again at `until` (aware UTC)."""
    unit.execute(update(timer).where(timer.c.id == timer_id).values(due_at=until, tries=timer.c.tries + 1))


def clear(
    unit: UnitOfWork, kind: str, *, conversation_id: int | None = None, subject: str | None = None
) -> None:
    """Take back the waiting timers of this kind in a conversation or about a subject; each says so."""
    for column, about in (("conversation_id", conversation_id), ("subject", subject)):
        if about is not None:
            _clear[column].do(unit.connection, {"kind": kind, "about": about, "now": unit.now})


def in_(unit: UnitOfWork, **duration: float) -> datetime:
    """This unit's instant and `timedelta(**duration)`."""
    return unit.now + timedelta(**duration)
