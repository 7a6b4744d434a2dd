"""Concerns: something noticed about someone's safety, who knows of it, and when it was none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.casework import staffing, tasks
from bot.casework.escalation import AS_USUAL, Alarm
from bot.casework.handoff_events import end, events_of, mark_told, note_event
from bot.casework.handoffs import open_handoff, open_handoff_of
from bot.clock import OpeningHours
from bot.people.conversations import lock, person_in
from bot.people.moving import JOINED
from bot.safety.noticing import Level
from bot.store.sealed import maybe_open
from bot.store.tables import HandoffStatus, concern, conversation, handoff
from bot.store.unit_of_work import Reading, UnitOfWork

#: For these a second person confirms "not a concern", within a working day (practice, section 4).
CONFIRMED_BY_TWO = (Level.DANGER_NOW, Level.RISK)

#: How long after a concern what they say stays with a person.
STAYS_WITH_A_PERSON = timedelta(hours=24)


class SamePerson(ValueError):
    """Whoever said it was no concern cannot be the one who confirms it."""


class NoSuchConcern(LookupError):
    """There is no concern with this id, or it does not wait to be confirmed."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something noticed. `why` holds pattern ids, never words. Instants are aware UTC.

    `told_at` is when a person acknowledged it, not when an alert went.
    """

    id: int
    conversation_id: int
    inbox_id: int
    handoff_id: int | None
    level: Level
    category: str
    why: list[str]
    about_self: bool
    noticed_at: datetime
    card_outbox_id: int | None
    told_at: datetime | None
    told_to: int | None
    told_to_name: str
    not_a_concern_at: datetime | None
    not_a_concern_by: int | None
    not_a_concern_why: str
    confirmed_at: datetime | None
    confirmed_by: int | None

    def __repr__(self) -> str:
        return f"Concern(id={self.id}, level={self.level.value})"


@dataclass(frozen=True, slots=True)
class ConcernRecorded:
    """It is written down, and the conversation is before the team."""

    concern_id: int
    handoff_id: int


def record_concern(
    unit: UnitOfWork,
    conversation_id: int,
    inbox_id: int,
    *,
    level: Level | str,
    category: str,
    why: Sequence[str],
    about_self: bool = True,
    due_at: datetime | None = None,
    case_id: int | None = None,
    card_outbox_id: int | None = None,
    stays: timedelta = STAYS_WITH_A_PERSON,
    hours: OpeningHours | None = None,
    staffed: bool = False,
    alarm: Alarm = AS_USUAL,
) -> ConcernRecorded:
    """Write down what was noticed in this message and put the conversation before the team.

    Noticed again in the same message (a turn looks again with the last messages together), the
    worse of the two stands. Staff may read from this message on, agreed or not. Except for a
    worry, what they say in the next while (`stays`) is for a person, not for the questions.
    `due_at` (aware UTC) is when a human should have looked.
    """
    level = Level(level)
    lock(unit, conversation_id)
    before = unit.execute(
        select(concern.c.id, concern.c.level).where(
            concern.c.conversation_id == conversation_id, concern.c.inbox_id == inbox_id
        )
    ).first()
    handoff_id = open_handoff(
        unit,
        conversation_id,
        reason="concern",
        level=level.value,
        rank=level.rank,
        case_id=case_id,
        due_at=due_at,
        sees_from=inbox_id,
        hours=hours,
        staffed=staffed,
        alarm=alarm,
    )
    noticed = {"category": category, "why": list(why), "about_self": about_self, "handoff_id": handoff_id}
    if card_outbox_id is not None:
        noticed["card_outbox_id"] = card_outbox_id
    if before is None:
        made = unit.insert(
            concern,
            conversation_id=conversation_id,
            inbox_id=inbox_id,
            level=level.value,
            noticed_at=unit.now,
            **noticed,
        )
    else:
        made = before.id
        if level.rank >= Level(before.level).rank:
            unit.execute(update(concern).where(concern.c.id == made).values(level=level.value, **noticed))
    if level.pages:
        until = unit.now + stays
        unit.execute(
            update(conversation)
            .where(
                conversation.c.id == conversation_id,
                conversation.c.concern_until.is_(None) | (conversation.c.concern_until < until),
            )
            .values(concern_until=until)
        )
    unit.audit("concern noticed", f"concern:{made}", level=level.value, category=category, why=list(why))
    return ConcernRecorded(made, handoff_id)


def card_sent(unit: UnitOfWork, concern_id: int, outbox_id: int) -> None:
    """Which message answered it."""
    unit.execute(update(concern).where(concern.c.id == concern_id).values(card_outbox_id=outbox_id))


def acknowledge(unit: UnitOfWork, conversation_id: int, staff_id: int) -> int:
    """This worker knows of every concern noticed here so far; how many were new to everyone."""
    told = mark_told(unit, conversation_id, staff_id)
    if told:
        unit.audit("concern acknowledged", f"conversation:{conversation_id}", staff=staff_id, concerns=told)
        if standing := open_handoff_of(unit, conversation_id):
            note_event(unit, standing.id, "concern acknowledged")
        unit.tell("queue")
    return told


def not_a_concern(unit: UnitOfWork, concern_id: int, staff_id: int, why: str, *, hours: OpeningHours) -> bool:
    """It was none: the alarm and the marking end, with the reason sealed. False when it was said already.

    For danger now and risk a second person is asked to confirm by the end of the next working
    day. Raises ValueError without a reason.
    """
    if not why.strip():
        raise ValueError("say why it is not a concern")
    row = unit.execute(
        update(concern)
        .where(concern.c.id == concern_id, concern.c.not_a_concern_at.is_(None))
        .values(
            not_a_concern_at=unit.now,
            not_a_concern_by=staff_id,
            not_a_concern_why=unit.sealer.seal(why),
            confirmed_at=None,
            confirmed_by=None,
        )
        .returning(concern.c.conversation_id, concern.c.level)
    ).first()
    if row is None:
        return False
    mark_told(unit, row.conversation_id, staff_id)
    unit.audit("not a concern", f"concern:{concern_id}", level=row.level, staff=staff_id)
    if row.level in CONFIRMED_BY_TWO:
        tasks.open_task(
            unit,
            person_in(unit, row.conversation_id),
            "confirm",
            hours.working_days_after(unit.now, 1),
            details=f"concern:{concern_id}",
        )
    _mark_again(unit, row.conversation_id)
    return True


def confirm(
    unit: UnitOfWork,
    concern_id: int,
    staff_id: int,
    *,
    agrees: bool = True,
    hours: OpeningHours | None = None,
) -> None:
    """A second person looked: they agree it was none, or the alarm is raised again.

    Raises SamePerson, and NoSuchConcern when nothing waits to be confirmed.
    """
    row = unit.execute(
        select(concern).where(
            concern.c.id == concern_id,
            concern.c.not_a_concern_at.is_not(None),
            concern.c.confirmed_at.is_(None),
        )
    ).first()
    if row is None:
        raise NoSuchConcern(concern_id)
    if row.not_a_concern_by == staff_id:
        raise SamePerson("somebody else confirms it")
    if agrees:
        values = {"confirmed_at": unit.now, "confirmed_by": staff_id}
    else:
        values = {"not_a_concern_at": None, "not_a_concern_by": None, "not_a_concern_why": None}
    unit.execute(update(concern).where(concern.c.id == concern_id).values(**values))
    what = "not a concern confirmed" if agrees else "is a concern after all"
    unit.audit(what, f"concern:{concern_id}", staff=staff_id)
    tasks.done_about(unit, person_in(unit, row.conversation_id), "confirm", f"concern:{concern_id}", staff_id)
    if not agrees:
        level = Level(row.level)
        handoff_id = open_handoff(
            unit,
            row.conversation_id,
            reason="concern",
            level=level.value,
            rank=level.rank,
            sees_from=row.inbox_id,
            hours=hours,
        )
        unit.execute(update(concern).where(concern.c.id == concern_id).values(handoff_id=handoff_id))


def _mark_again(unit: UnitOfWork, conversation_id: int) -> None:
    """The marking is that of the worst concern that still stands; with none, there is no alarm."""
    waiting = open_handoff_of(unit, conversation_id)
    worst = _worst_standing(unit, conversation_id, waiting.id if waiting else None)
    if worst is None or not worst.pages:
        unit.execute(
            update(conversation).where(conversation.c.id == conversation_id).values(concern_until=None)
        )
    if waiting is None or waiting.level is None:
        return
    marking: dict[str, Any] = {"level": worst, "rank": worst.rank if worst else 0}
    if worst is None and waiting.reason == "concern":
        why_else = _why_else(unit, waiting.id)
        if why_else is None:
            end(unit, waiting.id, HandoffStatus.CLOSED, "not a concern")
            return
        marking["reason"] = why_else
    unit.execute(
        update(handoff).where(handoff.c.id == waiting.id).values(version=handoff.c.version + 1, **marking)
    )
    note_event(unit, waiting.id, "not a concern")
    unit.tell("queue")


def _worst_standing(unit: UnitOfWork, conversation_id: int, handoff_id: int | None) -> Level | None:
    levels = unit.execute(
        select(concern.c.level)
        .outerjoin(handoff, handoff.c.id == concern.c.handoff_id)
        .where(
            concern.c.conversation_id == conversation_id,
            concern.c.not_a_concern_at.is_(None),
            (handoff.c.id == handoff_id) | (handoff.c.outcome == JOINED),
        )
    ).scalars()
    return max((Level(level) for level in levels), key=lambda level: level.rank, default=None)


def _why_else(unit: UnitOfWork, handoff_id: int) -> str | None:
    """What else the conversation was put before us for, besides a concern."""
    for event in reversed(events_of(unit, handoff_id)):
        what, _, reason = event.what.partition(": ")
        if what in ("opened", "raised") and reason and reason != "concern":
            return reason
    return None


def concerns_of(reading: Reading, conversation_id: int, *, with_none: bool = False) -> list[Concern]:
    """What was noticed here, newest first. What turned out to be none only `with_none`."""
    query = select(concern).where(concern.c.conversation_id == conversation_id)
    if not with_none:
        query = query.where(concern.c.not_a_concern_at.is_(None))
    return [_opened(reading, row) for row in reading.execute(query.order_by(concern.c.id.desc()))]


def to_confirm(reading: Reading) -> list[Concern]:
    """Said to be none, and waiting for a second person, oldest first."""
    rows = reading.execute(
        select(concern)
        .where(
            concern.c.not_a_concern_at.is_not(None),
            concern.c.confirmed_at.is_(None),
            concern.c.level.in_([level.value for level in CONFIRMED_BY_TWO]),
        )
        .order_by(concern.c.not_a_concern_at)
    )
    return [_opened(reading, row) for row in rows]


def _opened(reading: Reading, row) -> Concern:  # type: ignore[no-untyped-def]
    return Concern(
        row.id,
        row.conversation_id,
        row.inbox_id,
        row.handoff_id,
        Level(row.level),
        row.category,
        row.why,
        row.about_self,
        row.noticed_at,
        row.card_outbox_id,
        row.told_at,
        row.told_to,
        staffing.name_of(reading, row.told_to),
        row.not_a_concern_at,
        row.not_a_concern_by,
        maybe_open(reading.sealer, row.not_a_concern_why),
        row.confirmed_at,
        row.confirmed_by,
    )
