"""One thing that came in, opened for its turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, literal_column, select

from bot.messages import ChannelName, Kind
from bot.store.prepared import Prepared
from bot.store.tables import Handling, inbox
from bot.store.unit_of_work import Reading

#: Words split over messages this close together are looked at as one.
TOGETHER = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody sent. `text` may be empty; `choice` is what a button carried."""

    id: int
    channel: ChannelName
    contact_point_id: int
    kind: Kind
    text: str
    choice: str | None
    source: str | None
    unreadable: str | None
    level: str | None
    received_at: datetime
    tries: int

    def __repr__(self) -> str:
        return f"Heard(id={self.id}, kind={self.kind.value})"


#: Written out, because a bound value would keep the partial index from being used.
_WAITING = inbox.c.handling == literal_column(f"'{Handling.WAITING.value}'")

_columns = (
    inbox.c.id, inbox.c.channel, inbox.c.contact_point_id, inbox.c.kind, inbox.c.body, inbox.c.unreadable,
    inbox.c.level, inbox.c.received_at, inbox.c.tries, inbox.c.try_at,
)  # fmt: skip
_oldest = Prepared(
    select(*_columns)
    .where(inbox.c.conversation_id == bindparam("conversation"), _WAITING)
    .order_by(inbox.c.id)
    .limit(2)
)
_before = Prepared(
    select(inbox.c.body, inbox.c.received_at)
    .where(inbox.c.conversation_id == bindparam("conversation"), inbox.c.id < bindparam("id"))
    .order_by(inbox.c.id.desc())
    .limit(TOGETHER)
)


def oldest_waiting(reading: Reading, conversation_id: int) -> tuple[Heard | None, datetime | None, bool]:
    """The oldest thing waiting here, when it may next be tried, and whether more waits behind it."""
    rows = _oldest.all(reading.connection, {"conversation": conversation_id})
    if not rows:
        return None, None, False
    row = rows[0]
    body = reading.sealer.open_json(row.body) if row.body is not None else {}
    heard = Heard(
        row.id, row.channel, row.contact_point_id, row.kind, body.get("text", ""), body.get("choice"),
        body.get("source"), row.unreadable, row.level, row.received_at, row.tries,
    )  # fmt: skip
    return heard, row.try_at, len(rows) > 1


def words_before(
    reading: Reading, conversation_id: int, heard: Heard, within_seconds: float = 600
) -> list[str]:
    """What they sent just before this, oldest first: something said in two messages is one thing."""
    found = []
    for body, at in _before.all(reading.connection, {"conversation": conversation_id, "id": heard.id}):
        if body is None or (heard.received_at - at).total_seconds() > within_seconds:
            break
        found.append(reading.sealer.open_json(body).get("text", ""))
    return [text for text in reversed(found) if text]
