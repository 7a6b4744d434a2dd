"""What waiting reminders cost: looking at what is due, moving an appointment's, and taking them back.

    python -m benchmarks.timers [--waiting 1000000] [--beside 10000] [--asked 2000] [--seed 1] [--keep]

The reminders are rows as bookings set them, four an appointment, spread over a year, in a real store on
disk: SQLite, and PostgreSQL where it is installed. The cost must be flat: beside a hundred times as many
it is the same. Each piece of work is its own transaction; its statements are timed apart from its commit.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from benchmarks import readme
from benchmarks.figures import RESULTS, at, machine, table, today
from bot.clock import SetClock
from bot.messages import ChannelName
from bot.people.contact_points import first_contact
from bot.store import migrations, timers
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from bot.store.tables import timer
from bot.store.unit_of_work import UnitOfWork
from tests.support.postgres import Postgres, programs

#: For this only: anyone may read it.
KEY = "YmVuY2htYXJrcy1vbmx5LWJlbmNobWFya3Mtb25seS0="
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
#: How long before an appointment its reminders are due.
BEFORE = {
    "week": timedelta(days=7), "two_days": timedelta(days=2), "day_before": timedelta(days=1),
    "two_hours": timedelta(hours=2),
}  # fmt: skip
#: How many are due at the moment we look, as on a busy minute.
DUE = 100
APPOINTMENTS_EACH = 10
A_PIECE = 2_000
#: Flat is: a hundred times as many cost at most so many times as much.
FLAT = 1.5
_AHEAD = timedelta(days=8)


class Waiting:
    """A store with so many reminders waiting, of which `DUE` are due."""

    def __init__(self, url: str, many: int, chance: random.Random):
        engine = make_engine(url)
        migrations.upgrade(engine)
        engine.dispose()
        self.store = Store(url, Sealer([KEY], "bench"), SetClock(NOW))
        self.chance, self.appointments = chance, many // len(BEFORE)
        self.conversations = self._people()
        for start in range(0, self.appointments, A_PIECE):
            last = min(start + A_PIECE, self.appointments)
            rows = [row for n in range(start, last) for row in self._reminders(n)]
            self._do(lambda unit, rows=rows: unit.connection.execute(insert(timer), rows))
        if url.startswith("postgresql"):
            with self.store.engine.connect() as connection:
                connection.exec_driver_sql("ANALYZE timer")

    def _people(self) -> list[int]:
        """Who has them: ten appointments each."""
        many, found = max(1, self.appointments // APPOINTMENTS_EACH), []
        for start in range(0, many, A_PIECE):
            some = range(start, min(start + A_PIECE, many))
            found += self._do(lambda unit, some=some: [_comes(unit, n) for n in some])
        return found

    def _starts(self) -> datetime:
        return NOW + _AHEAD + timedelta(minutes=self.chance.randrange(365 * 24 * 60))

    def _reminders(self, n: int) -> list[dict[str, object]]:
        starts = self._starts()
        rows: list[dict[str, object]] = [
            {
                "kind": "remind", "subject": f"appointment:{n}", "version": 1, "tries": 0,
                "conversation_id": self.conversations[n % len(self.conversations)],
                "due_at": starts - before, "details": {"step": step},
            }
            for step, before in BEFORE.items()
        ]  # fmt: skip
        if n < DUE:
            rows[0]["due_at"] = NOW - timedelta(seconds=n)
        return rows

    def _do(self, work):  # type: ignore[no-untyped-def]
        return self.store.run(work, acting="bench").result()

    # -- what is timed --------------------------------------------------------------------------

    def look(self) -> tuple[float, float]:
        """A look at what is due, as the loop takes it."""
        began = time.perf_counter()
        with self.store.reading() as reading:
            assert len(timers.due(reading, 200)) == DUE
        took = time.perf_counter() - began
        return took, took

    def move(self) -> tuple[float, float]:
        """An appointment is moved: its reminders are taken back, and set for another day."""
        n = self._one()

        def work(unit: UnitOfWork) -> None:
            timers.clear(unit, "remind", subject=f"appointment:{n}")
            starts = self._starts()
            for step, before in BEFORE.items():
                timers.set_timer(
                    unit, "remind", starts - before, subject=f"appointment:{n}", version=2, step=step,
                    conversation_id=self.conversations[n % len(self.conversations)],
                )  # fmt: skip

        return self._timed(work)

    def cancel(self) -> tuple[float, float]:
        """An appointment is off: its reminders are taken back."""
        n = self._one()
        return self._timed(lambda unit: timers.clear(unit, "remind", subject=f"appointment:{n}"))

    def _one(self) -> int:
        return self.chance.randrange(DUE, self.appointments)

    def _timed(self, work: Callable[[UnitOfWork], None]) -> tuple[float, float]:
        """Seconds for its statements, and for all of it with its commit."""

        def statements(unit: UnitOfWork) -> float:
            began = time.perf_counter()
            work(unit)
            return time.perf_counter() - began

        began = time.perf_counter()
        inside = self._do(statements)
        return inside, time.perf_counter() - began


def _comes(unit: UnitOfWork, n: int) -> int:
    return first_contact(
        unit, ChannelName.WEB, f"visitor-{n}", language="en", zone="Europe/London"
    ).conversation_id


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"


@contextmanager
def stores(folder: Path) -> Iterator[dict[str, Callable[[], str]]]:
    """A fresh place for a store on each engine there is."""
    places: dict[str, Callable[[], str]] = {
        "SQLite": lambda: f"sqlite:///{tempfile.mkdtemp(dir=folder)}/timers.db"
    }
    found = programs()
    server = Postgres(found) if found else None
    try:
        if server is not None:
            server.start()
            places["PostgreSQL"] = server.fresh
        yield places
    finally:
        if server is not None:
            server.stop()


def compared(both: list[Waiting], asked: int) -> dict[str, tuple[str, ...]]:
    """Each kind of work beside few and beside many, turn by turn, so that whatever else runs slows both."""
    kinds = {
        f"look at what is due ({DUE} are)": Waiting.look,
        "move one appointment (4 back, 4 set)": Waiting.move,
        "cancel one (4 back)": Waiting.cancel,
    }
    found = {}
    for what, does in kinds.items():
        took = [[does(one) for one in both] for _ in range(asked)]
        little, much = ([pair[n][0] for pair in took] for n in (0, 1))
        middle = at(little, 0.5), at(much, 0.5)
        found[what] = (
            ms(middle[0]), ms(middle[1]), f"{middle[1] / middle[0]:.2f}",
            ms(at(much, 0.99)), ms(at([pair[1][1] for pair in took], 0.5)),
        )  # fmt: skip
    return found


def measure(many: int, few: int, asked: int, seed: int) -> str:
    """Everything, as a page."""
    on = machine()
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as folder, stores(Path(folder)) as places:
        for engine, place in places.items():
            both = [Waiting(place(), waiting, random.Random(seed)) for waiting in (few, many)]
            try:
                rows += [(f"{engine}: {what}", *one) for what, one in compared(both, asked).items()]
            finally:
                for one in both:
                    one.store.close()
    flat = all(float(row[3]) <= FLAT for row in rows)
    heading = (
        "", f"beside {few:,}", f"beside {many:,}", "times", f"p99, {many:,}", "median with its commit",
    )  # fmt: skip
    return (
        f"# {many:,} reminders waiting, {today()}\n\n"
        f"{on}; seed {seed}; each done {asked:,} times, turn by turn. Medians of the statements. "
        f"Aim: flat, at most {FLAT} times beside {few:,}; {'met' if flat else 'not met'}. "
        f"PostgreSQL is on a socket, without waiting for its disk.\n\n{table(heading, rows)}\n"
    )


def main() -> None:
    """Measure, print, and with --keep write it where the others are."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--waiting", type=int, default=1_000_000)
    asked.add_argument("--beside", type=int, default=10_000)
    asked.add_argument("--asked", type=int, default=2_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--keep", action="store_true", help="write the figures into benchmarks/results")
    options = asked.parse_args()
    page = measure(options.waiting, options.beside, options.asked, options.seed)
    print(page)
    if options.keep:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"timers-{today()}.md").write_text(page)
        readme.write()


if __name__ == "__main__":
    main()
