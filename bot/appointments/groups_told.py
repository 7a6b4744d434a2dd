"""Who knows that a group session is off, and who could not be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from bot.appointments.appointment import Appointment, in_session, subject
from bot.appointments.booking import SESSION_CANCELLED
from bot.messages import Status
from bot.people import persons
from bot.store.tables import outbox, timer
from bot.store.unit_of_work import Reading

#: The timer by which each person hears that it is off.
CANCELLED = "session-cancelled"

#: What comes of it where words cannot go; the reason stands behind it.
FOR_A_HUMAN = "for a human: "

#: Whatever was said of it begins with this.
SAID = "session."

_ON_THEIR_PHONE = (Status.SENT, Status.DELIVERED)
_ON_ITS_WAY = (Status.QUEUED, Status.SENDING, Status.TEMPORARY_FAILURE)


class Heard(StrEnum):
    """Whether somebody knows that it is off."""

    WAITING = "waiting"  # for a time that is safe for them
    ON_ITS_WAY = "on its way"
    TOLD = "told"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Told:
    """One person's knowing that a session is off; a task for a link worker is open for each not reached.

    `reason` is why they were not reached, `at` when they are told at the earliest while they wait.
    """

    person_id: int
    name: str
    appointment_id: int
    heard: Heard
    reason: str = ""
    at: datetime | None = None

    def __repr__(self) -> str:
        return f"Told(appointment_id={self.appointment_id}, heard={self.heard.value})"


def told_of(reading: Reading, session_id: int) -> list[Told]:
    """Who knows that it is off, and who could not be reached and why; those first, then by name."""
    found = [_told(reading, one) for one in in_session(reading, session_id) if one.why == SESSION_CANCELLED]
    order = (Heard.NOT_REACHED, Heard.WAITING, Heard.ON_ITS_WAY, Heard.TOLD)
    return sorted(found, key=lambda one: (order.index(one.heard), one.name.casefold(), one.appointment_id))


def _told(reading: Reading, one: Appointment) -> Told:
    def heard(what: Heard, reason: str = "", at: datetime | None = None) -> Told:
        name = persons.person_of(reading, one.person_id).name
        return Told(one.person_id, name, one.id, what, reason, at)

    about = subject(one.id)
    turn = reading.execute(
        select(timer.c.done_at, timer.c.due_at, timer.c.result)
        .where(timer.c.kind == CANCELLED, timer.c.subject == about)
        .order_by(timer.c.id.desc())
        .limit(1)
    ).first()
    if turn is None or turn.done_at is None:
        return heard(Heard.WAITING, at=turn.due_at if turn is not None else None)
    if str(turn.result).startswith(FOR_A_HUMAN):
        return heard(Heard.NOT_REACHED, str(turn.result).removeprefix(FOR_A_HUMAN))
    # What fell to another channel is a later row.
    said = reading.execute(
        select(outbox.c.status, outbox.c.reason)
        .where(outbox.c.about == about, outbox.c.prompt.startswith(SAID))
        .order_by(outbox.c.id.desc())
        .limit(1)
    ).first()
    if said is None or said.status in _ON_THEIR_PHONE:
        return heard(Heard.TOLD)
    if said.status in _ON_ITS_WAY:
        return heard(Heard.ON_ITS_WAY)
    return heard(Heard.NOT_REACHED, said.reason or said.status.value)
