"""Once a night: slots that were only ever held are forgotten, and group sessions gone by are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, or_, select, update

from bot.store.tables import (
    SessionStatus,
    appointment,
    appointment_event,
    freed_time,
    group_session,
    trial_arm,
)
from bot.store.unit_of_work import UnitOfWork

#: A slot somebody did not say yes to is kept so long, for a late press of its button.
KEPT = timedelta(days=1)
#: At a time: the writer is nobody's for more than about 20 ms.
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many held slots were forgotten, how many sessions are over, and whether there is more to do."""

    slots: int
    sessions: int
    more: bool


def tidy(unit: UnitOfWork, most: int = CHUNK) -> Tidied:
    """Forget slots that lapsed or were let go a day ago and never booked, and end sessions gone by.

    Call it in a unit of its own until `more` is False.
    """
    refers = or_(
        exists().where(freed_time.c.taken_by == appointment.c.id),
        exists().where(freed_time.c.from_appointment_id == appointment.c.id),
        exists().where(trial_arm.c.appointment_id == appointment.c.id),
    )
    old = unit.now - KEPT
    ids = list(
        unit.execute(
            select(appointment.c.id)
            .where(
                appointment.c.booked_at.is_(None),
                appointment.c.held_until < old,
                ~refers,
            )
            .order_by(appointment.c.id)
            .limit(most)
        ).scalars()
    )
    if ids:
        unit.execute(delete(appointment_event).where(appointment_event.c.appointment_id.in_(ids)))
        unit.execute(delete(appointment).where(appointment.c.id.in_(ids)))
    over = unit.execute(
        update(group_session)
        .where(group_session.c.status == SessionStatus.PLANNED, group_session.c.ends_at <= unit.now)
        .values(status=SessionStatus.OVER)
    ).rowcount
    if ids or over:
        unit.audit("appointments tidied", "system", slots=len(ids), sessions=over)
        unit.tell("calendar")
    return Tidied(len(ids), over, len(ids) == most)
