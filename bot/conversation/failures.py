"""A turn that raised: tried again, then set aside for a human, with one plain sorry. Nothing is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.casework.handoffs import open_handoff
from bot.conversation.heard import Heard
from bot.conversation.lane import safety_first
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.people.conversations import lock
from bot.store.tables import Handling, concern, inbox
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
    if failure.tries == 0:
        _safety_words(unit, voice, failure)
    if tries <= len(AGAIN_AFTER):
        try_at = unit.now + AGAIN_AFTER[tries - 1]
        unit.execute(update(inbox).where(inbox.c.id == failure.inbox_id).values(tries=tries, try_at=try_at))
        return try_at
    unit.execute(
        update(inbox)
        .where(inbox.c.id == failure.inbox_id)
        .values(tries=tries, try_at=None, handling=Handling.SET_ASIDE, handled_at=unit.now)
    )
    hours = voice.settings.hours
    open_handoff(
        unit,
        failure.conversation_id,
        reason="unreadable-turn",
        due_at=hours.after(unit.now, voice.settings.answer_within_minutes),
        sees_from=failure.inbox_id,
        hours=hours,
    )
    talk = Talk(unit, voice, failure.conversation_id, _contact_point(unit, failure.inbox_id))
    talk.inbox_id = failure.inbox_id
    talk.say("talk.sorry")
    talk.finish_words()
    return None


def _safety_words(unit: UnitOfWork, voice: Voice, failure: TurnFailed) -> None:
    row = unit.execute(select(inbox).where(inbox.c.id == failure.inbox_id)).one()
    if row.level is None or row.body is None:
        return
    if unit.execute(select(concern.c.id).where(concern.c.inbox_id == failure.inbox_id)).first():
        return
    body = unit.sealer.open_json(row.body)
    heard = Heard(
        row.id, row.channel, row.contact_point_id, row.kind, body.get("text", ""), None, None,
        row.unreadable, row.level, row.received_at, row.tries,
    )  # fmt: skip
    talk = Talk(unit, voice, failure.conversation_id, row.contact_point_id)
    talk.inbox_id = failure.inbox_id
    safety_first(talk, heard)
    talk.finish_words()


def _contact_point(unit: UnitOfWork, inbox_id: int) -> int:
    return unit.execute(select(inbox.c.contact_point_id).where(inbox.c.id == inbox_id)).scalar_one()
