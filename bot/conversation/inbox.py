"""Everything that arrives is stored once, before it is thought about."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.messages import InboundMessage, Kind
from bot.people.contact_points import first_contact, known
from bot.safety.noticing import Noticed, notice
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.prepared import Prepared
from bot.store.tables import Handling, inbox
from bot.store.unit_of_work import UnitOfWork
from bot.words.languages import Languages

#: Longer than this is kept whole and thought about in part: safety reads every word of it.
LONGEST_HINT = 64

_COLUMNS = (
    "channel", "provider_digest", "conversation_id", "contact_point_id", "received_at", "kind", "unreadable",
    "body", "provider_ref", "level", "rank", "handling",
)  # fmt: skip
_ADD = {
    module.__name__.rsplit(".", 1)[-1]: Prepared(
        module.insert(inbox)
        .on_conflict_do_nothing(index_elements=["channel", "provider_digest"])
        .returning(inbox.c.id),
        _COLUMNS,
    )
    for module in (sqlite, postgresql)
}

_HERE = select(inbox.c.conversation_id).where(
    inbox.c.channel == bindparam("channel"), inbox.c.provider_digest == bindparam("digest")
)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it. A duplicate has no inbox id of its own."""

    inbox_id: int | None
    conversation_id: int
    duplicate: bool
    level: str | None = None


class Inbox:
    """Takes in what people send. The provider gets its 200 when the future resolves."""

    def __init__(self, store: Store, languages: Languages, settings: Settings):
        self._store, self._languages, self._settings = store, languages, settings

    def receive(self, message: InboundMessage) -> Future[Received]:
        """Store one message once. A copy, even a month later, is a duplicate and makes no turn.

        The future raises StoreUnavailable when it could not be kept: the provider should retry.
        """
        noticed = notice(message.text) if message.text else None
        return self._store.run(lambda unit: self._store_once(unit, message, noticed), acting="person")

    def _store_once(self, unit: UnitOfWork, message: InboundMessage, noticed: Noticed | None) -> Received:
        digest = unit.sealer.lookup("inbound", f"{message.channel}\0{message.provider_id}")
        point = known(unit, message.channel, message.address)
        if point is None:
            # A copy of what somebody erased once wrote: their number is not kept anew for it.
            copy_of = unit.execute(_HERE, {"channel": message.channel, "digest": digest}).scalar()
            if copy_of is not None:
                return Received(None, copy_of, duplicate=True)
            point = first_contact(
                unit,
                message.channel,
                message.address,
                language=self._first_language(message),
                zone=self._settings.zone,
                source=(message.source or "")[:LONGEST_HINT] or None,
            )
        body: dict[str, Any] = {"text": message.text}
        for name in ("choice", "source", "language"):
            if (value := getattr(message, name)) is not None:
                body[name] = value
        if message.media:
            body["media"] = [[one.ref, one.type, one.name] for one in message.media]
        if message.detail:
            body["detail"] = message.detail
        sealer = unit.sealer
        added = _ADD[unit.connection.dialect.name].first(
            unit.connection,
            {
                "channel": message.channel,
                "provider_digest": digest,
                "conversation_id": point.conversation_id,
                "contact_point_id": point.id,
                "received_at": unit.now,
                "kind": message.kind,
                "unreadable": message.unreadable,
                "body": sealer.seal_json(body),
                "provider_ref": sealer.seal(message.provider_id),
                "level": noticed.level.value if noticed else None,
                "rank": noticed.level.rank if noticed else 0,
                "handling": Handling.WAITING,
            },
        )
        if added is None:
            return Received(None, point.conversation_id, duplicate=True)
        unit.tell("inbox")
        unit.tell(f"conversation:{point.conversation_id}")  # a worker who looks sees it at once
        return Received(added.id, point.conversation_id, False, noticed.level.value if noticed else None)

    def _first_language(self, message: InboundMessage) -> str:
        """Greeted in their language: the word they came with, else the app's or the browser's."""
        if message.kind is Kind.WORDS and (code := self._languages.by_first_word(message.text)):
            return code
        return self._languages.best(message.language or "")
