"""A person's one conversation: finding it, and locking it before it is changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from bot.store.prepared import Prepared
from bot.store.tables import conversation
from bot.store.unit_of_work import Reading, UnitOfWork


class NoSuchConversation(LookupError):
    """There is no conversation with this id."""


# Locks here are FOR NO KEY UPDATE: others may set a timer for a conversation while it is held (a row that
# refers to it wants a key share), so who tells several people something waits for nobody's turn.
_theirs = Prepared(select(conversation.c.id).where(conversation.c.person_id == bindparam("person")))
_one = Prepared(
    select(conversation).where(conversation.c.id == bindparam("conversation")).with_for_update(key_share=True)
)


def conversation_of(reading: Reading, person_id: int) -> int | None:
    """The id of this person's conversation."""
    row = _theirs.first(reading.connection, {"person": person_id})
    return row.id if row else None


def person_in(reading: Reading, conversation_id: int) -> int:
    """Whose conversation it is. Raises NoSuchConversation."""
    found = reading.execute(
        select(conversation.c.person_id).where(conversation.c.id == conversation_id)
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchConversation(conversation_id)
    return found


_hold = Prepared(
    select(conversation.c.id)
    .where(conversation.c.id == bindparam("conversation"))
    .with_for_update(key_share=True)
)


def hold(unit: UnitOfWork, conversation_id: int) -> None:
    """Hold one conversation until the unit commits. On SQLite the one writer is the lock already."""
    if unit.connection.dialect.name != "sqlite":
        _hold.first(unit.connection, {"conversation": conversation_id})


def lock(unit: UnitOfWork, *conversation_ids: int) -> list[Any]:
    """Hold these conversations until the unit commits; their rows, in id order.

    Always in id order, so that two units wanting the same two cannot wait for each other. On
    SQLite the one writer is the lock. Raises NoSuchConversation.
    """
    if len(conversation_ids) == 1:
        rows = _one.all(unit.connection, {"conversation": conversation_ids[0]})
    else:
        both = select(conversation).where(conversation.c.id.in_(conversation_ids))
        rows = unit.execute(both.order_by(conversation.c.id).with_for_update(key_share=True)).all()
    if len(rows) != len(set(conversation_ids)):
        raise NoSuchConversation(*conversation_ids)
    return list(rows)
