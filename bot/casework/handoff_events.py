"""A handoff as it stands, what is written down of it, and who holds the conversation meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update

from bot.people.for_a_human import STANDING
from bot.store.sealed import maybe_open
from bot.store.tables import HandoffStatus, concern, conversation, handoff, handoff_event, person
from bot.store.unit_of_work import Reading, UnitOfWork


class NoSuchHandoff(LookupError):
    """There is no handoff with this id."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """A person put before a link worker. Instants are aware UTC.

    `name` is empty where they have not agreed that staff see what they said. `level` is a
    concern's; `version` moves on with every change, so that a timer knows it is out of date.
    """

    id: int
    conversation_id: int
    person_id: int
    person_token: str
    name: str
    agreed: bool
    under_age: bool
    case_id: int | None
    reason: str
    level: str | None
    rank: int
    status: HandoffStatus
    opened_at: datetime
    waiting_since: datetime
    due_at: datetime | None
    waiting_for_reply: bool
    sees_from: int | None
    picked_up_by: int | None
    picked_up_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    version: int

    def __repr__(self) -> str:
        return f"Handoff(id={self.id}, status={self.status.value})"

    @property
    def standing(self) -> bool:
        """Whether nobody has finished with it."""
        return self.status in STANDING


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a handoff, by whom, and the note they left."""

    what: str
    acting: str
    at: datetime
    note: str


def handoffs() -> Select[Any]:
    """Every handoff with its person, to narrow down."""
    return (
        select(
            handoff,
            person.c.id.label("person_id"),
            person.c.token.label("person_token"),
            person.c.name.label("person_name"),
            person.c.agreed_at.label("person_agreed_at"),
            person.c.under_age.label("person_under_age"),
        )
        .join(conversation, conversation.c.id == handoff.c.conversation_id)
        .join(person, person.c.id == conversation.c.person_id)
    )


def opened(reading: Reading, row: Any) -> Handoff:
    """A row of `handoffs()`, with the name only where staff may see it."""
    agreed = row.person_agreed_at is not None
    return Handoff(
        id=row.id,
        conversation_id=row.conversation_id,
        person_id=row.person_id,
        person_token=row.person_token,
        name=maybe_open(reading.sealer, row.person_name) if agreed else "",
        agreed=agreed,
        under_age=row.person_under_age,
        case_id=row.case_id,
        reason=row.reason,
        level=row.level,
        rank=row.rank,
        status=row.status,
        opened_at=row.opened_at,
        waiting_since=row.waiting_since,
        due_at=row.due_at,
        waiting_for_reply=row.waiting_for_reply,
        sees_from=row.sees_from,
        picked_up_by=row.picked_up_by,
        picked_up_at=row.picked_up_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        version=row.version,
    )


def handoff_of(reading: Reading, handoff_id: int) -> Handoff:
    """This handoff. Raises NoSuchHandoff."""
    row = reading.execute(handoffs().where(handoff.c.id == handoff_id)).first()
    if row is None:
        raise NoSuchHandoff(handoff_id)
    return opened(reading, row)


def note_event(unit: UnitOfWork, handoff_id: int, what: str, note: str = "") -> None:
    """Write down what happened to it; the note is sealed."""
    unit.insert(
        handoff_event,
        handoff_id=handoff_id,
        what=what,
        acting=unit.acting,
        at=unit.now,
        note=unit.sealer.seal(note) if note else None,
    )


def events_of(reading: Reading, handoff_id: int) -> list[Event]:
    """Everything that happened to it, oldest first."""
    rows = reading.execute(
        select(handoff_event).where(handoff_event.c.handoff_id == handoff_id).order_by(handoff_event.c.id)
    )
    return [Event(r.what, r.acting, r.at, maybe_open(reading.sealer, r.note)) for r in rows]


def hold(unit: UnitOfWork, conversation_id: int, staff_id: int, until: datetime) -> None:
    """From now until `until` (aware UTC) this worker speaks and the questions are silent."""
    unit.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id)
        .values(held_by=staff_id, held_until=until)
    )
    unit.tell(f"conversation:{conversation_id}")


def let_go(unit: UnitOfWork, conversation_id: int) -> None:
    """Nobody holds it."""
    unit.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id)
        .values(held_by=None, held_until=None, unanswered_since=None)
    )
    unit.tell(f"conversation:{conversation_id}")


def holder(reading: Reading, conversation_id: int) -> int | None:
    """Which worker holds it now; a hold whose time is over is none."""
    return reading.execute(
        select(conversation.c.held_by).where(
            conversation.c.id == conversation_id, conversation.c.held_until > reading.now
        )
    ).scalar_one_or_none()


def mark_told(unit: UnitOfWork, conversation_id: int, staff_id: int) -> int:
    """A person, not an alert, knows of every concern noticed here; how many they were."""
    return unit.execute(
        update(concern)
        .where(concern.c.conversation_id == conversation_id, concern.c.told_at.is_(None))
        .values(told_at=unit.now, told_to=staff_id)
    ).rowcount


def end(
    unit: UnitOfWork, handoff_id: int, status: HandoffStatus, outcome: str | None, note: str = ""
) -> bool:
    """Finish with a handoff that stands; False when it was finished already. Lets the conversation go."""
    row = unit.execute(
        update(handoff)
        .where(handoff.c.id == handoff_id, handoff.c.status.in_(STANDING))
        .values(
            status=status,
            closed_at=unit.now,
            outcome=outcome,
            waiting_for_reply=False,
            version=handoff.c.version + 1,
        )
        .returning(handoff.c.conversation_id)
    ).first()
    if row is None:
        return False
    let_go(unit, row.conversation_id)
    note_event(unit, handoff_id, status.value, note)
    unit.audit(status.value, f"handoff:{handoff_id}", outcome=outcome)
    unit.tell("queue")
    return True
