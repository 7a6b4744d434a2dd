"""One piece of work: what it reads, writes and wakes, committed together or not at all."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Table, bindparam, insert, update
from sqlalchemy.orm import Session

from bot.store.prepared import Prepared
from bot.store.sealed import Sealer
from bot.store.tables import audit


class Reading:
    """A look at the store: reads only, one instant throughout."""

    def __init__(self, connection: Connection, sealer: Sealer, now: datetime):
        self.connection = connection
        self.sealer = sealer
        self.now = now
        self._session: Session | None = None

    def execute(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Run one Core statement."""
        return self.connection.execute(statement, values)

    @property
    def session(self) -> Session:
        """An ORM session on the same connection, for the unhurried parts. Flush it; never commit it."""
        if self._session is None:
            self._session = Session(bind=self.connection, join_transaction_mode="rollback_only")
        return self._session


class UnitOfWork(Reading):
    """One transaction's work. `acting` says on whose account: "person", "timer", "staff:3", "system"."""

    def __init__(self, connection: Connection, sealer: Sealer, now: datetime, acting: str):
        if not acting:
            raise ValueError("a unit of work must say who acts")
        super().__init__(connection, sealer, now)
        self.acting = acting
        self.told: set[str] = set()

    def tell(self, topic: str) -> None:
        """Wake whoever listens for `topic` once this is on disk, and never otherwise.

        Topics: "inbox", "outbox", "timers", "notices", "queue" (what staff see waiting changed),
        "conversation:12" (something was said or done there).
        """
        self.told.add(topic)

    def insert(self, table: Table, **values: Any) -> int:
        """Add one row; its id. Raises IntegrityError like any other statement."""
        return _adding(table, tuple(values)).first(self.connection, values)[0]

    def change(self, table: Table, row_id: int, **values: Any) -> int:
        """Change one row by its id; how many there were."""
        return _changing(table, tuple(values)).do(self.connection, {**values, "the_id": row_id})

    def audit(self, action: str, subject: str, **details: Any) -> None:
        """Write down what was done or seen: ids and codes, never names or words."""
        self.insert(audit, at=self.now, acting=self.acting, action=action, subject=subject, details=details)

    def finish(self) -> None:
        """Send what the ORM still holds. The writer calls this before it commits."""
        if self._session is not None:
            self._session.flush()


@lru_cache(maxsize=512)
def _changing(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(update(table).where(table.c.id == bindparam("the_id")), (*columns,))


@lru_cache(maxsize=512)
def _adding(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table).returning(*table.primary_key.columns), columns)
