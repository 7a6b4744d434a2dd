"""The directory held in memory, and searching it. Nothing here asks the store for a service.

A snapshot is built whole and only then put in the place of the last one, so nobody is ever served
half of it. What changed since it was built is left out of answers until the next one is there:
better to say nothing of a service for a second than to name one that was just closed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from bot.directory.facts import Facts, facts_of, texts_of
from bot.directory.finding_words import Hit, WordIndex
from bot.directory.places import Where, spot_of
from bot.directory.services import Joining, Service, ServiceStatus, ids_of, services
from bot.directory.times import is_at
from bot.store.engines import Store
from bot.store.tables.directory import service_event
from bot.store.unit_of_work import Reading

log = logging.getLogger(__name__)

#: The topic that says that the directory changed.
TOPIC = "directory"
#: An import tells of its changes one by one: they are gathered for this long.
GATHER_SECONDS = 0.3
#: Who asks before the first one is built waits so long, and then builds it.
FIRST_SECONDS = 5.0
#: How long between two tries when the store cannot be read.
AGAIN_SECONDS = 5.0
#: Services read between two breaths, so that a turn never waits for a whole rebuild.
A_PIECE = 100
BREATH_SECONDS = 0.002
THREAD = "directory"
#: On PostgreSQL an earlier number may be committed after a later one: so many are looked at again.
LOOK_BACK = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A service that was searched for. `says` is how much it says of the words (0 to 1)."""

    facts: Facts
    says: float
    miles: float | None


@dataclass(frozen=True)
class Snapshot:
    """Every active service at one instant. `left_out` are those that changed since."""

    services: tuple[Facts, ...]
    index: WordIndex
    seen: frozenset[int] = frozenset()  # the last events it knows of
    until: int = 0  # the last event of them
    left_out: frozenset[int] = frozenset()
    by_want: dict[str, tuple[int, ...]] = field(default_factory=dict)
    by_id: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, all_services: Iterable[Service], events: Iterable[int] = ()) -> Snapshot:
        """A snapshot of those of `all_services` that may be suggested, in any order; read once."""
        facts: list[Facts] = []
        wants: dict[str, list[int]] = {}

        def texts() -> Iterator[Iterable[tuple[str, int]]]:
            for one in all_services:
                if one.may_be_suggested:
                    for want in one.wants:
                        wants.setdefault(want, []).append(len(facts))
                    facts.append(facts_of(one))
                    yield texts_of(one)

        index = WordIndex(texts())
        seen = frozenset(events)
        return cls(
            services=tuple(facts),
            index=index,
            seen=seen,
            until=max(seen, default=0),
            by_want={want: tuple(numbers) for want, numbers in wants.items()},
            by_id={one.id: number for number, one in enumerate(facts)},
        )

    def get(self, service_id: int) -> Facts | None:
        """One service, if it may be suggested."""
        number = self.by_id.get(service_id)
        return None if number is None or service_id in self.left_out else self.services[number]

    def __len__(self) -> int:
        return len(self.services)


def search(
    snapshot: Snapshot,
    words: str = "",
    *,
    language: str = "en",
    want: str | None = None,
    near: Where | None = None,
    within: float | None = None,
    time_of: str | None = None,
    free: bool = False,
    speaks: str | None = None,
    self_joining: bool = False,
    most: int | None = None,
) -> list[Found]:
    """Services that say something of `words`, the most telling first; then the nearest, then by name.

    Without words every service that passes. `want` is a code of flows/lists.toml; `near` measures
    from a place, `within` miles of it (those that meet online, or whose place nobody said, are
    nowhere near); `time_of` is one of `times.TIMES`, and a service of unknown times passes; `free`
    keeps what is known to cost nothing; `speaks` a language's code; `self_joining` what people may
    join without being referred.
    """
    here = spot_of(near) if near is not None else None
    hits: dict[int, Hit | None]
    if words.strip():
        hits = dict(snapshot.index.find(words, language))
    else:
        hits = dict.fromkeys(snapshot.by_want.get(want, ()) if want else range(len(snapshot)))
    found: list[Found] = []
    for number, hit in hits.items():
        one = snapshot.services[number]
        if one.id in snapshot.left_out or (want is not None and want not in one.wants):
            continue
        if (free and one.free is not True) or (speaks and speaks not in one.languages):
            continue
        if self_joining and one.joining is Joining.REFERRAL:
            continue
        if time_of and not _may_be_then(one, time_of):
            continue
        away = one.miles_from(here)
        if near is not None and within is not None and (away is None or away > within):
            continue
        found.append(Found(one, hit.says if hit else 0.0, away))
    found.sort(key=_telling)
    return found[:most]


def snapshot_of(reading: Reading) -> Snapshot:
    """The directory of this store: the last snapshot built, without what changed since.

    Where nobody keeps it fresh (a command, a test) it is built now, again when anything changed.
    """
    kept = _kept_for(reading.connection.engine)
    if kept.keeper is not None:
        kept.keeper.wait(FIRST_SECONDS)
    last = kept.snapshot
    if last is not None:
        changed = _changed_since(reading, last)
        if not changed:
            return last
        if kept.keeper is not None:
            kept.keeper.wake()
            return replace(last, left_out=frozenset(changed))
    kept.snapshot = built(reading)
    return kept.snapshot


def keep_fresh(store: Store) -> Keeper:
    """Build this store's snapshot now and whenever the directory changes, in a thread of its own.

    Close what comes back before the store.
    """
    return Keeper(store)


class Keeper:
    """Builds a new snapshot whenever one is wanted, away from the writer and from those who wait."""

    def __init__(self, store: Store):
        self._store = store
        self._wanted, self._ready, self._ends = threading.Event(), threading.Event(), threading.Event()
        self._kept = _kept_for(store.engine)
        self._kept.keeper = self
        self._wanted.set()
        store.listen(self._hears)
        self._thread = threading.Thread(target=self._work, name=THREAD, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Have a new one built. Costs nothing; may be called from any thread."""
        self._wanted.set()

    def wait(self, seconds: float) -> bool:
        """Wait until the first snapshot is there; whether it is."""
        return self._ready.wait(seconds)

    def close(self) -> None:
        """Build no more."""
        self._ends.set()
        self._wanted.set()
        self._thread.join()
        self._kept.keeper = None

    def _hears(self, topics: set[str]) -> None:
        if TOPIC in topics:
            self.wake()

    def _work(self) -> None:
        took = 0.0
        while True:
            self._wanted.wait()
            if self._ready.is_set():
                # While a whole feed comes in, half of the time at most goes into this.
                self._ends.wait(max(GATHER_SECONDS, took))
            if self._ends.is_set():
                return
            self._wanted.clear()  # before reading: what changes meanwhile is wanted again
            began = time.monotonic()
            try:
                with self._store.reading() as reading:
                    self._kept.snapshot = built(reading)
                took = time.monotonic() - began
                self._ready.set()
            except Exception as error:  # the old one is served on, without what changed
                log.error("the directory could not be read: %s", type(error).__name__)
                self._wanted.set()
                self._ends.wait(AGAIN_SECONDS)


@dataclass
class _Kept:
    """What is held for one store."""

    snapshot: Snapshot | None = None
    keeper: Keeper | None = None


_stores: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()
_stores_lock = threading.Lock()


def _kept_for(engine: Engine) -> _Kept:
    with _stores_lock:
        return _stores.setdefault(engine, _Kept())


def built(reading: Reading) -> Snapshot:
    """A snapshot of what is in the store now."""
    # The events first: what is written while the services are read counts as changed since.
    latest = select(service_event.c.id).order_by(service_event.c.id.desc()).limit(LOOK_BACK)
    events = list(reading.execute(latest).scalars())
    return Snapshot.of(_in_pieces(reading), events)


def _changed_since(reading: Reading, last: Snapshot) -> set[int]:
    rows = reading.execute(
        select(service_event.c.id, service_event.c.service_id).where(
            service_event.c.id > last.until - LOOK_BACK
        )
    )
    oldest = min(last.seen) if len(last.seen) == LOOK_BACK else 0
    return {row.service_id for row in rows if row.id not in last.seen and row.id >= oldest}


def _may_be_then(one: Facts, time_of: str) -> bool:
    said = [fits for session in one.sessions if (fits := is_at(session.moment, time_of)) is not None]
    return not said or any(said)


def _telling(found: Found) -> tuple[float, float, str, int]:
    away = found.miles if found.miles is not None else float("inf")
    return (-round(found.says, 2), away, found.facts.name.casefold(), found.facts.id)


def _in_pieces(reading: Reading) -> Iterator[Service]:
    """Every service that may be suggested, some at a time: neither memory nor other threads wait for all."""
    ids = sorted(ids_of(reading, status=ServiceStatus.ACTIVE, gone=False))
    for start in range(0, len(ids), A_PIECE):
        yield from services(reading, ids=ids[start : start + A_PIECE])
        if threading.current_thread().name == THREAD:
            time.sleep(BREATH_SECONDS)
