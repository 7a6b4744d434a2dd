"""What the program cannot read is opened by a human, in the set time: a photo, a voice note, a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.casework import tasks
from bot.messages import ChannelName, Media
from bot.store.tables import audit, inbox
from bot.store.unit_of_work import Reading, UnitOfWork

OPENED = "opened what they sent"
LOOKED_AT = "looked at what could not be read"
NOT_LOOKED_AT = "not looked at after all"


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that holds what the program cannot read. `what` is photo, voice, video, file, …"""

    inbox_id: int
    channel: ChannelName
    what: str
    media: tuple[Media, ...]
    received_at: datetime
    looked_at: datetime | None


def sent(reading: Reading, conversation_id: int, inbox_id: int) -> Sent | None:
    """What this message of this conversation holds; None when it holds nothing, or was erased."""
    row = reading.execute(
        select(
            inbox.c.channel, inbox.c.unreadable, inbox.c.body, inbox.c.received_at, inbox.c.looked_at
        ).where(
            inbox.c.id == inbox_id,
            inbox.c.conversation_id == conversation_id,
            inbox.c.unreadable.is_not(None),
        )
    ).first()
    if row is None or row.body is None:
        return None
    media = media_in(reading.sealer.open_json(row.body))
    return Sent(inbox_id, row.channel, row.unreadable, media, row.received_at, row.looked_at)


def media_in(body: dict) -> tuple[Media, ...]:
    """The media of a stored message's opened body."""
    return tuple(Media(*one) for one in body.get("media", ()))


def opened(
    unit: UnitOfWork, person_id: int, one: Sent, nth: int, staff_id: int, conversation_id: int, reason: str
) -> None:
    """Somebody opened the `nth` thing (from 0) of a message. Once all are open, it counts as looked at.

    `reason` is the ground on which they may see it.
    """
    unit.audit(OPENED, f"inbox:{one.inbox_id}", person=person_id, nth=nth + 1, reason=reason)
    if set(range(1, len(one.media) + 1)) <= _opened_before(unit, one.inbox_id):
        look_at(unit, person_id, conversation_id, one.inbox_id, staff_id)


def look_at(unit: UnitOfWork, person_id: int, conversation_id: int, inbox_id: int, staff_id: int) -> bool:
    """A human has looked at it; with nothing else left, the task to look is done. False if one had before."""
    first = unit.execute(
        update(inbox)
        .where(
            inbox.c.id == inbox_id,
            inbox.c.conversation_id == conversation_id,
            inbox.c.unreadable.is_not(None),
            inbox.c.looked_at.is_(None),
        )
        .values(looked_at=unit.now)
    ).rowcount
    if not first:
        return False
    unit.audit(LOOKED_AT, f"inbox:{inbox_id}", person=person_id)
    left = unit.execute(
        select(inbox.c.id)
        .where(
            inbox.c.conversation_id == conversation_id,
            inbox.c.unreadable.is_not(None),
            inbox.c.looked_at.is_(None),
        )
        .limit(1)
    ).first()
    if left is None:
        for task in tasks.open_tasks(unit, person_id=person_id, kind="look"):
            tasks.done(unit, task.id, staff_id)
    _tell(unit, conversation_id)
    return True


def undo_look(unit: UnitOfWork, person_id: int, conversation_id: int, inbox_id: int) -> bool:
    """It was said by mistake: nobody has looked at it yet. False when nobody had said so."""
    undone = unit.execute(
        update(inbox)
        .where(
            inbox.c.id == inbox_id,
            inbox.c.conversation_id == conversation_id,
            inbox.c.unreadable.is_not(None),
            inbox.c.looked_at.is_not(None),
        )
        .values(looked_at=None)
    ).rowcount
    if undone:
        unit.audit(NOT_LOOKED_AT, f"inbox:{inbox_id}", person=person_id)
        _tell(unit, conversation_id)
    return bool(undone)


def _tell(unit: UnitOfWork, conversation_id: int) -> None:
    unit.tell(f"conversation:{conversation_id}")
    unit.tell("queue")


def _opened_before(reading: Reading, inbox_id: int) -> set[int]:
    rows = reading.execute(
        select(audit.c.details).where(audit.c.subject == f"inbox:{inbox_id}", audit.c.action == OPENED)
    ).scalars()
    return {details["nth"] for details in rows}
