"""An empty store on each engine there is: SQLite always, PostgreSQL where it is installed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store import migrations
from bot.store.engines import make_engine
from tests.support.postgres import Postgres, programs


@contextmanager
def stores() -> Iterator[dict[str, Callable[[], str]]]:
    """For each engine there is, something that gives the URL of an empty store."""
    folder = Path(tempfile.mkdtemp(prefix="linkline-proof-"))
    server: Postgres | None = None
    try:
        template = folder / "template.db"
        _migrated(f"sqlite:///{template}")
        made = iter(range(10**6))

        def on_sqlite() -> str:
            path = folder / f"{next(made)}.db"
            path.write_bytes(template.read_bytes())
            return f"sqlite:///{path}"

        found: dict[str, Callable[[], str]] = {"SQLite": on_sqlite}
        if (where := programs()) is not None:
            server = Postgres(where)
            server.start()
            migrated = server.template("migrated", _migrated)
            found["PostgreSQL"] = lambda: server.fresh(migrated)  # type: ignore[union-attr]
        yield found
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _migrated(url: str) -> None:
    engine = make_engine(url)
    migrations.upgrade(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
