"""A store for one test, on each engine, with a clock that the test moves and keys that are always the same.

`store` runs the test once on SQLite and once on a real PostgreSQL. `done` does a piece of work
and gives what came of it:

    person_id = done(lambda unit: first_contact(unit, ...).person_id)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from bot.clock import OpeningHours, SetClock
from bot.store import migrations
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from bot.store.unit_of_work import UnitOfWork

T = TypeVar("T")

#: Keys for tests only: anyone may read them.
KEYS = ("dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",)
LOOKUP_KEY = "tests only"

#: A Tuesday at ten in the morning, with the team there.
TUESDAY_10AM = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)

HOURS = OpeningHours.parse("Mon-Fri 09:00-17:00")


class Done(Protocol):
    """Does a piece of work in one transaction, on somebody's account; gives its result or raises."""

    def __call__(self, work: Callable[[UnitOfWork], T], acting: str = "test") -> T: ...


def _migrated(url: str) -> None:
    engine = make_engine(url)
    migrations.upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file in the newest shape, to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "template.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty store's URL, on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        yield f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.fresh(server.template("migrated", _migrated))
        yield url
        server.drop(url)


@pytest.fixture
def clock() -> SetClock:
    """Tuesday 3 March 2026, 10 in the morning, until the test moves it."""
    return SetClock(TUESDAY_10AM)


@pytest.fixture
def store(store_url: str, clock: SetClock) -> Iterator[Store]:
    """The store, open, on each engine."""
    opened = Store(store_url, Sealer(KEYS, LOOKUP_KEY), clock)
    yield opened
    opened.close()


@pytest.fixture
def hours() -> OpeningHours:
    """The team is there Monday to Friday, nine to five, London time."""
    return HOURS


@pytest.fixture
def done(store: Store) -> Done:
    """Do some work and wait until it is on disk."""

    def do(work: Callable[[UnitOfWork], Any], acting: str = "test") -> Any:
        return store.run(work, acting=acting).result(timeout=30)

    return do
