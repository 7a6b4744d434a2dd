"""The message somebody corrected, when the channel lets people edit what they sent."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.store.tables import inbox
from bot.store.unit_of_work import Reading


def original_of(reading: Reading, inbox_id: int) -> int | None:
    """The inbox id of the message this one edits; None when we never had it.

    Telegram names an edit "bot:chat:message:edit_date" and the message itself without the date.
    """
    row = reading.execute(
        select(inbox.c.channel, inbox.c.provider_ref, inbox.c.conversation_id).where(inbox.c.id == inbox_id)
    ).one()
    if row.provider_ref is None:
        return None
    first = reading.sealer.open(row.provider_ref).rpartition(":")[0]
    digest = reading.sealer.lookup("inbound", f"{row.channel}\0{first}")
    return reading.execute(
        select(inbox.c.id).where(
            inbox.c.channel == row.channel,
            inbox.c.provider_digest == digest,
            inbox.c.conversation_id == row.conversation_id,
        )
    ).scalar_one_or_none()


def said_before(reading: Reading, conversation_id: int, inbox_id: int) -> int | None:
    """The inbox id of what came just before this in the conversation."""
    return reading.execute(
        select(func.max(inbox.c.id)).where(inbox.c.conversation_id == conversation_id, inbox.c.id < inbox_id)
    ).scalar_one_or_none()
