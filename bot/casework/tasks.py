"""Tasks: what a human is to do for someone, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.people.for_a_human import ask_a_human as open_task
from bot.store.sealed import maybe_open
from bot.store.tables import person, task
from bot.store.unit_of_work import Reading, UnitOfWork

__all__ = ["Task", "done", "done_about", "open_task", "open_tasks", "put_off"]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do. `name` is empty where staff may not know it. Instants are aware UTC."""

    id: int
    person_id: int
    person_token: str
    name: str
    case_id: int | None
    kind: str
    details: str
    created_at: datetime
    due_at: datetime
    owner_id: int | None

    def __repr__(self) -> str:
        return f"Task(id={self.id}, kind={self.kind})"


def done(unit: UnitOfWork, task_id: int, staff_id: int | None) -> bool:
    """It is done; False when it was already."""
    row = unit.execute(
        update(task)
        .where(task.c.id == task_id, task.c.done_at.is_(None))
        .values(done_at=unit.now, done_by=staff_id)
        .returning(task.c.kind)
    ).first()
    if row is None:
        return False
    unit.audit("task done", f"task:{task_id}", kind=row.kind)
    unit.tell("queue")
    return True


def done_about(unit: UnitOfWork, person_id: int, kind: str, details: str, staff_id: int | None) -> None:
    """Whatever of this kind was to be done about exactly this, is done."""
    rows = unit.execute(
        select(task.c.id, task.c.details).where(
            task.c.person_id == person_id, task.c.kind == kind, task.c.done_at.is_(None)
        )
    ).all()
    for row in rows:
        if maybe_open(unit.sealer, row.details) == details:
            done(unit, row.id, staff_id)


def put_off(unit: UnitOfWork, task_id: int, due_at: datetime) -> None:
    """It is due at another time (aware UTC)."""
    unit.execute(update(task).where(task.c.id == task_id, task.c.done_at.is_(None)).values(due_at=due_at))
    unit.audit("task put off", f"task:{task_id}", due_at=due_at.isoformat())
    unit.tell("queue")


def open_tasks(
    reading: Reading,
    *,
    person_id: int | None = None,
    owner_id: int | None = None,
    kind: str | None = None,
    most: int = 200,
) -> list[Task]:
    """What is still to be done, what is due soonest first."""
    query = (
        select(task, person.c.token, person.c.name, person.c.agreed_at)
        .join(person, person.c.id == task.c.person_id)
        .where(task.c.done_at.is_(None))
        .order_by(task.c.due_at, task.c.id)
        .limit(most)
    )
    for column, wanted in ((task.c.person_id, person_id), (task.c.owner_id, owner_id), (task.c.kind, kind)):
        if wanted is not None:
            query = query.where(column == wanted)
    return [
        Task(
            r.id,
            r.person_id,
            r.token,
            maybe_open(reading.sealer, r.name) if r.agreed_at else "",
            r.case_id,
            r.kind,
            maybe_open(reading.sealer, r.details),
            r.created_at,
            r.due_at,
            r.owner_id,
        )
        for r in reading.execute(query)
    ]
