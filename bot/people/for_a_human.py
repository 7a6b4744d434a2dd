"""Asking a human to do something: a task for the team, with a time it is due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from bot.store.prepared import Prepared
from bot.store.tables import CaseStatus, HandoffStatus, cases, concern, conversation, handoff, task
from bot.store.unit_of_work import Reading, UnitOfWork

#: A handoff that nobody has finished with.
STANDING = (HandoffStatus.WAITING, HandoffStatus.PICKED_UP)


_open_case = Prepared(
    select(cases.c.id)
    .where(cases.c.person_id == bindparam("person"), cases.c.status == CaseStatus.OPEN)
    .order_by(cases.c.id.desc())
    .limit(1)
)


def ask_a_human(
    unit: UnitOfWork,
    person_id: int,
    kind: str,
    due_at: datetime,
    details: str = "",
    case_id: int | None = None,
) -> int:
    """Open a task about this person; its id. `kind` is a short word: ring, look, cannot-reach.

    `due_at` is aware UTC; `details` are sealed. The same kind still to be done for them is not
    asked twice: it is wanted by the earlier of the two times.
    """
    open_already = unit.execute(
        select(task.c.id, task.c.due_at)
        .where(task.c.person_id == person_id, task.c.kind == kind, task.c.done_at.is_(None))
        .order_by(task.c.id)
        .limit(1)
    ).first()
    if open_already and not details:
        if due_at < open_already.due_at:
            unit.execute(task.update().where(task.c.id == open_already.id).values(due_at=due_at))
        return open_already.id
    made = unit.insert(
        task,
        person_id=person_id,
        case_id=case_id,
        kind=kind,
        details=unit.sealer.seal(details) if details else None,
        created_at=unit.now,
        due_at=due_at,
    )
    unit.tell("queue")
    return made


def has_open_concern(reading: Reading, person_id: int) -> bool:
    """Whether something noticed about their safety is still being looked after."""
    return bool(
        reading.execute(
            select(concern.c.id)
            .join(conversation, conversation.c.id == concern.c.conversation_id)
            .outerjoin(handoff, handoff.c.id == concern.c.handoff_id)
            .where(
                conversation.c.person_id == person_id,
                concern.c.not_a_concern_at.is_(None),
                concern.c.told_at.is_(None) | handoff.c.status.in_(STANDING),
            )
            .limit(1)
        ).first()
    )


def open_case_id(reading: Reading, person_id: int) -> int | None:
    """The id of their open case."""
    row = _open_case.first(reading.connection, {"person": person_id})
    return row.id if row else None
