"""Opening the store: SQLite in one file, or PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from bot.clock import Clock, SystemClock
from bot.settings import Settings
from bot.store.sealed import Sealer
from bot.store.unit_of_work import Reading
from bot.store.writer import Announce, PostgresWriter, SqliteWriter, T, Work, Writer

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0

#: JSON columns (ids and codes) are written and read by the library that seals the rest.
_JSON: dict[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}


def make_engine(url: str) -> Engine:
    """An engine for `url` with what this store relies on switched on."""
    if not url.startswith("sqlite"):
        return create_engine(
            url, pool_size=10, max_overflow=4, pool_pre_ping=True, hide_parameters=True, **_JSON
        )
    path = make_url(url).database
    if path and path != ":memory:" and not path.startswith("file:"):
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not Path(path).exists():
            Path(path).touch(mode=0o600)  # SQLite gives the files beside it the same rights
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=6,
        hide_parameters=True,  # neither a log nor an error's words may hold what somebody said
        **_JSON,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA temp_store=MEMORY")

    return engine


class Store:
    """The store, open: `run` to write, `reading` to look."""

    def __init__(self, url: str, sealer: Sealer, clock: Clock | None = None):
        self.url = url
        self.sealer = sealer
        self.clock = clock or SystemClock()
        self.engine = make_engine(url)
        make = SqliteWriter if url.startswith("sqlite") else PostgresWriter
        self._listeners: list[Announce] = []
        self.writer: Writer = make(self.engine, sealer, self.clock, self._announce)

    @classmethod
    def from_settings(cls, settings: Settings, clock: Clock | None = None) -> Store:
        """Open what the operator set. Raises ValueError when a key is missing."""
        keys = [k.get_secret_value() for k in settings.keys]
        return cls(settings.database_url, Sealer(keys, settings.lookup_key.get_secret_value()), clock)

    def run(self, work: Work[T], *, acting: str) -> Future[T]:
        """Do `work(unit)` in one transaction; the future resolves after COMMIT."""
        return self.writer.run(work, acting=acting)

    def listen(self, hears: Announce) -> None:
        """Have `hears` called with the topics of every commit. It runs on a writer's thread: be quick."""
        self._listeners.append(hears)

    def _announce(self, topics: set[str]) -> None:
        for hears in self._listeners:
            try:
                hears(topics)
            except Exception as error:  # it is on disk all the same, and the others want to hear of it
                log.error("a listener failed: %s", type(error).__name__)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A look at what is committed. Use it as a context manager; it writes nothing."""
        with self.engine.connect() as connection:
            yield Reading(connection, self.sealer, self.clock.now())

    def close(self) -> None:
        """Finish what was handed in, then close."""
        self.writer.close()
        self.engine.dispose()
