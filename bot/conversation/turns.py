"""A turn: lock the conversation, then load it; answer the oldest thing waiting there; commit once."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from bot.conversation import failures
from bot.conversation.heard import Heard, oldest_waiting
from bot.conversation.router import hear
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.people.contact_points import heard_from
from bot.people.conversations import hold
from bot.store.engines import Store
from bot.store.prepared import Prepared
from bot.store.tables import Handling, inbox
from bot.store.unit_of_work import UnitOfWork
from bot.store.writer import store_trouble

_handled = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("inbox"))
    .values(handling=Handling.HANDLED, handled_at=bindparam("now"), try_at=None)
)

#: A write saved is a write saved; but far below the five minutes in which somebody holds the phone
#: (safe contact, HOLDING), or a link worker's answer to what they just wrote would be held back.
HEARD_LATELY = timedelta(seconds=30)


class TurnFailed(Exception):
    """A turn raised; what it had done is rolled back. The cause says what went wrong."""

    def __init__(self, inbox_id: int, tries: int, conversation_id: int):
        super().__init__(f"turn for inbox {inbox_id} in conversation {conversation_id}, try {tries + 1}")
        self.inbox_id, self.tries, self.conversation_id = inbox_id, tries, conversation_id


@dataclass(frozen=True, slots=True)
class Took:
    """What a turn did: which message it handled, whether more waits, and when a failed one is tried again."""

    inbox_id: int | None
    more: bool = False
    try_at: datetime | None = None


class Turns:
    """Takes turns. Only a turn speaks to a person."""

    def __init__(self, store: Store, voice: Voice):
        self.store, self.voice = store, voice

    def take(self, conversation_id: int) -> Future[Took]:
        """One turn for the oldest thing waiting in this conversation. The future raises TurnFailed."""
        return self.store.run(lambda unit: self.turn(unit, conversation_id), acting="person")

    def turn(self, unit: UnitOfWork, conversation_id: int) -> Took:
        """The turn itself, inside its unit of work."""
        hold(unit, conversation_id)
        heard, try_at, more = oldest_waiting(unit, conversation_id)
        if heard is None:
            return Took(None)
        if try_at is not None and try_at > unit.now:
            # An earlier one failed and is tried again first; only safety waits for nothing.
            failures.safety_words(unit, self.voice, conversation_id)
            return Took(None, try_at=try_at)
        try:
            self._answer(unit, conversation_id, heard)
        except Exception as error:
            if store_trouble(error):
                raise  # no fault of the message's: the writer tries again, or the sweep does
            raise TurnFailed(heard.id, heard.tries, conversation_id) from error
        return Took(heard.id, more)

    def _answer(self, unit: UnitOfWork, conversation_id: int, heard: Heard) -> None:
        talk = Talk(unit, self.voice, conversation_id, heard.contact_point_id)
        talk.inbox_id = heard.id
        hear(talk, heard)
        talk.finish()
        _handled.do(unit.connection, {"inbox": heard.id, "now": unit.now})
        lately = talk.row.last_inbound_at
        if lately is None or talk.row.unreachable_at is not None or unit.now - lately > HEARD_LATELY:
            heard_from(unit, heard.contact_point_id)

    def failed(self, failure: TurnFailed) -> Future[datetime | None]:
        """Write a failure down in a unit of its own; when to try again (aware UTC), or None: set aside."""
        return self.store.run(lambda unit: failures.note(unit, self.voice, failure), acting="system")

    def waiting(self, most: int = 200) -> list[int]:
        """Conversations with something waiting that is due, the worst first."""
        with self.store.reading() as reading:
            rows = reading.execute(
                select(inbox.c.conversation_id)
                .where(
                    inbox.c.handling == Handling.WAITING,
                    inbox.c.try_at.is_(None) | (inbox.c.try_at <= reading.now),
                )
                .order_by(inbox.c.rank.desc(), inbox.c.id)
                .limit(most)
            )
            return list(dict.fromkeys(row.conversation_id for row in rows))
