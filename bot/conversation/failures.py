"""A turn that raised: tried again, then set aside for a human, with one plain sorry. Nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select, update

from bot.casework.escalation import Alarm
from bot.casework.handoffs import open_handoff
from bot.conversation.heard import Heard
from bot.conversation.lane import safety_first
from bot.conversation.state import State
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.people.conversations import lock
from bot.safety.noticing import Level
from bot.store.tables import Handling, concern, conversation, inbox
from bot.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.conversation.turns import TurnFailed

#: Tried at once, after 10 seconds, after 60; then a human reads it (design, section 2).
AGAIN_AFTER = (timedelta(seconds=10), timedelta(seconds=60))


def note(unit: UnitOfWork, voice: Voice, failure: TurnFailed) -> datetime | None:
    """Write the failure down. Gives when to try again (aware UTC), or None when it is set aside.

    Safety words noticed in it go out at the first failure, whatever else is broken.
    """
    lock(unit, failure.conversation_id)
    tries = failure.tries + 1
    unit.audit(
        "turn failed", f"inbox:{failure.inbox_id}", tries=tries, error=type(failure.__cause__).__name__
    )
    safety_words(unit, voice, failure.conversation_id)
    if tries <= len(AGAIN_AFTER):
        try_at = unit.now + AGAIN_AFTER[tries - 1]
        unit.execute(update(inbox).where(inbox.c.id == failure.inbox_id).values(tries=tries, try_at=try_at))
        return try_at
    unit.execute(
        update(inbox)
        .where(inbox.c.id == failure.inbox_id)
        .values(tries=tries, try_at=None, handling=Handling.SET_ASIDE, handled_at=unit.now)
    )
    _ask_a_human(unit, voice, failure.conversation_id, failure.inbox_id, "unreadable-turn", None)
    _begin_anew_if_unreadable(unit, failure.conversation_id)
    _whatever_happens(unit, failure.inbox_id, lambda: _sorry(unit, voice, failure))
    return None


def safety_words(unit: UnitOfWork, voice: Voice, conversation_id: int) -> None:
    """The card for whatever waits here with something noticed in it and no answer to it yet.

    It waits for nothing: neither for the message itself to be understood, nor for one before it.
    If even this fails, a human is asked for at once.
    """
    answered = exists().where(concern.c.inbox_id == inbox.c.id)
    rows = unit.execute(
        select(inbox)
        .where(
            inbox.c.conversation_id == conversation_id,
            inbox.c.handling == Handling.WAITING,
            inbox.c.level.is_not(None),
            ~answered,
        )
        .order_by(inbox.c.id)
    )
    for row in rows.all():
        said = _whatever_happens(unit, row.id, lambda row=row: _card(unit, voice, row))
        if not said:
            _ask_a_human(unit, voice, conversation_id, row.id, "concern", Level(row.level))


def _card(unit: UnitOfWork, voice: Voice, row: Any) -> None:
    body = unit.sealer.open_json(row.body) if row.body is not None else {}
    heard = Heard(
        row.id, row.channel, row.contact_point_id, row.kind, body.get("text", ""), None, None,
        row.unreadable, row.level, row.received_at, row.tries,
    )  # fmt: skip
    talk = Talk(unit, voice, row.conversation_id, row.contact_point_id, with_state=False)
    talk.inbox_id = row.id
    safety_first(talk, heard)
    talk.finish_words()


def _sorry(unit: UnitOfWork, voice: Voice, failure: TurnFailed) -> None:
    point = unit.execute(select(inbox.c.contact_point_id).where(inbox.c.id == failure.inbox_id)).scalar_one()
    talk = Talk(unit, voice, failure.conversation_id, point, with_state=False)
    talk.inbox_id = failure.inbox_id
    talk.say("talk.sorry")
    talk.finish_words()


def _ask_a_human(
    unit: UnitOfWork, voice: Voice, conversation_id: int, inbox_id: int, reason: str, level: Level | None
) -> None:
    hours = voice.settings.hours
    open_handoff(
        unit,
        conversation_id,
        reason=reason,
        level=level.value if level else None,
        rank=level.rank if level else 0,
        due_at=hours.after(unit.now, voice.settings.answer_within_minutes),
        sees_from=inbox_id,
        hours=hours,
        staffed=voice.settings.out_of_hours == "staffed",
        alarm=Alarm.of(voice.settings),
    )


def _begin_anew_if_unreadable(unit: UnitOfWork, conversation_id: int) -> None:
    """Where we had got to cannot be read any more: what they said is kept, and we ask from the beginning."""
    sealed = unit.execute(
        select(conversation.c.state).where(conversation.c.id == conversation_id)
    ).scalar_one()
    try:
        State.from_json(unit.sealer.open_json(sealed) if sealed is not None else None)
    except Exception:
        unit.execute(update(conversation).where(conversation.c.id == conversation_id).values(state=None))
        unit.audit("state could not be read", f"conversation:{conversation_id}")


def _whatever_happens(unit: UnitOfWork, inbox_id: int, work: Callable[[], None]) -> bool:
    """Do this so that its failing undoes nothing else. False when it failed."""
    nested = unit.connection.begin_nested()
    try:
        work()
    except Exception as error:
        nested.rollback()
        unit.audit("failed again", f"inbox:{inbox_id}", error=type(error).__name__)
        return False
    nested.commit()
    return True
