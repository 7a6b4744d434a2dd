"""Someone wrote while a worker holds the conversation: if nobody answers, they are told so, honestly."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.casework.cases import in_touch
from bot.casework.handoff_events import mark_told
from bot.clock import OpeningHours
from bot.people.conversations import person_in
from bot.people.for_a_human import open_case_id
from bot.store.tables import conversation, handoff, timer
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import UnitOfWork


def note_unanswered(
    unit: UnitOfWork, conversation_id: int, hours: OpeningHours, minutes: float
) -> datetime | None:
    """They wrote and wait for a worker's answer; when they will be told if none comes (aware UTC).

    The timer "unanswered" falls due after `minutes` while somebody is there: the team in its open
    hours, or a worker who holds this conversation past them. With nobody there it is due at once.
    None while a clock runs already: the first runs on.
    """
    unit.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id, conversation.c.unanswered_since.is_(None))
        .values(unanswered_since=unit.now)
    )
    running = select(timer.c.id).where(
        timer.c.conversation_id == conversation_id, timer.c.kind == "unanswered", timer.c.done_at.is_(None)
    )
    if unit.execute(running.limit(1)).first():
        return None
    held_until = unit.execute(
        select(conversation.c.held_until).where(conversation.c.id == conversation_id)
    ).scalar_one()
    team_until = hours.closing(unit.now) if hours.is_open(unit.now) else unit.now
    there_until = max(team_until, held_until or unit.now)
    due = min(unit.now + timedelta(minutes=minutes), there_until)
    set_timer(unit, "unanswered", due, conversation_id=conversation_id)
    unit.tell("timers")
    unit.tell("queue")
    return due


def answered(unit: UnitOfWork, conversation_id: int, staff_id: int | None = None) -> None:
    """A worker answered. With `staff_id` it was in words to the person.

    Whoever answers has read: concerns noticed so far count as told to them. And the person has
    heard from us: a promise to be in touch is kept.
    """
    unit.execute(
        update(conversation).where(conversation.c.id == conversation_id).values(unanswered_since=None)
    )
    unit.execute(
        update(handoff)
        .where(handoff.c.conversation_id == conversation_id, handoff.c.waiting_for_reply)
        .values(waiting_for_reply=False)
    )
    clear(unit, "unanswered", conversation_id=conversation_id)
    if staff_id is not None:
        mark_told(unit, conversation_id, staff_id)
        case_id = open_case_id(unit, person_in(unit, conversation_id))
        if case_id is not None:
            in_touch(unit, case_id)
    unit.tell("queue")
