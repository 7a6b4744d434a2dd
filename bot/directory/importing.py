"""Filling the directory from a feed or a file: good entries load, refused ones are told, nothing is deleted.

A second run updates. What it changes is kept field by field in each service's history; what staff
put right is left as they have it, and shown; what a whole feed no longer has is marked, shown to
staff and no longer suggested. Nothing is fetched inside a transaction, and writes come in chunks
short enough that nobody's message waits for them.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import orjson
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.directory.details import Problem, ServiceDetails, as_json
from bot.directory.entries import Entry
from bot.directory.feeds import FeedFailed
from bot.directory.keeping import GONE, change, details_of, differences, put_in, remember, write
from bot.directory.reports import Changed, Refused, Report
from bot.directory.services import service_of
from bot.store.engines import Store
from bot.store.tables.directory import ServiceStatus, import_run, service
from bot.store.unit_of_work import Reading, UnitOfWork

log = logging.getLogger(__name__)

#: The examples' own source; they are paused once there are services of one's own.
EXAMPLE = "example"
#: A chunk holds the writer no longer than this (design, section 4).
CHUNK_SECONDS = 0.020
#: Entries handed over at once: several chunks' worth.
_AT_ONCE = 100
#: More than this share of a directory does not end on one day; and of a small one, more than so many.
GONE_SHARE, GONE_FEW = 0.25, 5
#: How many refused rows a run keeps in the store, and changes a report; the counts are always whole.
_KEPT = 500

#: Hears how many entries were read, and how many the feed says there are (None: it does not say).
Progress = Callable[[int, int | None], None]


class Source(Protocol):
    """Where entries come from. `form` and `total` are right once the first entry came; `incomplete`
    says, at the end, why this was not a whole look at it."""

    address: str
    form: str
    total: int | None
    incomplete: list[str]

    def entries(self) -> AsyncIterator[Entry]:
        """Every entry. Raises FeedFailed when it cannot be read on."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    service_id: int
    digest: str | None
    gone: bool
    kept: bool  # staff say it goes on although the feed does not have it


async def import_from(
    store: Store,
    source: Source,
    name: str,
    *,
    dry_run: bool = False,
    whole: bool = True,
    accept_gone: bool = False,
    example: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Load everything `source` has under the name `name`; what came of it.

    `dry_run` writes nothing. `whole` is False for a file with only some of the services: then
    nothing is taken for gone. `accept_gone` marks what is gone however much it is. A feed that breaks
    off leaves what it gave; the report says so.
    """
    importing = _Importing(store, source, name, dry_run, example)
    report = importing.report
    await importing.begin()
    try:
        async for entry in source.entries():
            await importing.take(entry)
            if progress is not None:
                progress(report.counts["read"], source.total)
        await importing.flush()
        if whole:
            await importing.mark_gone(accept_gone)
    except FeedFailed as error:
        await importing.flush()
        report.failed_why = str(error)
    except BaseException:  # stopped by hand, or a fault of ours: the run must not look under way
        report.failed_why = "it was stopped"
        await asyncio.shield(importing.end())
        raise
    await importing.end()
    return report


class _Importing:
    """One run: what is known, what was seen, and what is waiting to be written."""

    def __init__(self, store: Store, source: Source, name: str, dry_run: bool, example: bool):
        self._store, self._source, self._name = store, source, name
        self._dry, self._example = dry_run, example
        self._acting = f"import:{name}"[:80]
        self.report = Report(name)
        self._known: dict[str, _Known] = {}
        self._seen: set[str] = set()  # in the feed, loaded or refused
        self._loaded: set[str] = set()
        self._waiting: list[Entry] = []
        self._nameless = False

    async def begin(self) -> None:
        self._known = await asyncio.to_thread(self._look)
        if not self._dry:
            self.report.run_id = await self._do(self._started)

    async def take(self, entry: Entry) -> None:
        """Note one entry; it is written with others."""
        counts = self.report.counts
        counts["read"] += 1
        if entry.details is None:
            self._refuse(entry)
            return
        if entry.source_id in self._loaded:
            self._refuse(replace(entry, details=None, why="the same id came before; the first is kept"))
            return
        entry = self._dated(entry)
        self._seen.add(entry.source_id)
        self._loaded.add(entry.source_id)
        for note in entry.notes:
            counts["notes"] += 1
            self.report.notes.append(Refused(entry.row, entry.source_id, f"{note.field}: {note.why}"))
        known = self._known.get(entry.source_id)
        if known and known.digest == digest_of(entry.details) and not known.gone and not known.kept:
            counts["same"] += 1
            return
        self._waiting.append(entry)
        if len(self._waiting) >= _AT_ONCE:
            await self.flush()

    async def flush(self) -> None:
        """Write what is waiting, a chunk at a time."""
        while self._waiting:
            chunk = tuple(self._waiting)
            if self._dry:
                done = await asyncio.to_thread(self._compare, chunk)
            else:
                work = partial(_write, source=self._name, entries=chunk, example=self._example)
                try:
                    done = await self._do(work)
                except IntegrityError:  # another import of the same feed put one in just now
                    done = await self._do(work)
            del self._waiting[: len(done)]
            for one in done:
                self._count(one)

    async def mark_gone(self, accept: bool) -> None:
        """What a whole feed no longer has is marked; when the feed cannot be trusted, nothing is."""
        there = {id_: known for id_, known in self._known.items() if not known.gone}
        gone = [known.service_id for id_, known in there.items() if id_ not in self._seen and not known.kept]
        if not gone:
            return
        doubts = list(self._source.incomplete) + ["some entries have no id"] * self._nameless
        if doubts:
            self.report.not_marked = "; ".join(dict.fromkeys(doubts))
        elif len(gone) > max(GONE_FEW, GONE_SHARE * len(there)) and not accept:
            self.report.not_marked = f"{len(gone)} of {len(there)} services would be gone at once"
        else:
            await self._mark(gone)

    async def end(self) -> None:
        """Write down what came of it, and have the directory looked at anew."""
        self.report.form = self._source.form
        if self._dry:
            return
        if self.report.counts["added"] and not self._example:
            await self._do(_pause_examples)
        await self._do(self._ended)
        log.info("directory import %s: %s", self.report.run_id, dict(self.report.counts))

    # -- parts -----------------------------------------------------------------------------------

    def _look(self) -> dict[str, _Known]:
        c = service.c
        query = select(c.source_id, c.id, c.source_digest, c.gone_from_source_at, c.corrected)
        with self._store.reading() as reading:
            rows = reading.execute(query.where(c.source == self._name)).all()
        return {
            r.source_id: _Known(r.id, r.source_digest, r.gone_from_source_at is not None, GONE in r.corrected)
            for r in rows
        }

    def _dated(self, entry: Entry) -> Entry:
        """The entry, without a check on a day to come: a slip would keep it fresh for years."""
        assert entry.details is not None
        # Here it may be tomorrow already where the clock of the world says today.
        tomorrow = self._store.clock.now().date() + timedelta(days=1)
        if entry.details.assured_on is None or entry.details.assured_on <= tomorrow:
            return entry
        note = Problem("assured_on", f"{entry.details.assured_on.isoformat()} is a day to come")
        details = replace(entry.details, assured_on=None)
        return replace(entry, details=details, notes=(*entry.notes, note))

    def _refuse(self, entry: Entry) -> None:
        # It is there, however badly written: what it was before is neither changed nor gone.
        self._seen.add(entry.source_id)
        self._nameless |= not entry.source_id
        self.report.counts["refused"] += 1
        self.report.refused.append(Refused(entry.row, entry.source_id, entry.why))

    def _count(self, one: Changed) -> None:
        self.report.counts[one.what] += 1
        if one.left:
            self.report.counts["left"] += 1
        if one.what != "same" or one.left:
            if len(self.report.changes) < _KEPT:
                self.report.changes.append(one)

    async def _mark(self, gone: list[int]) -> None:
        if self._dry:
            with self._store.reading() as reading:
                names = [Changed("gone", one, service_of(reading, one).name) for one in gone]
        else:
            names = []
            while len(names) < len(gone):
                names += await self._do(partial(_mark_gone, gone=tuple(gone[len(names) :])))
        for one in names:
            self._count(one)

    def _compare(self, entries: tuple[Entry, ...]) -> list[Changed]:
        with self._store.reading() as reading:
            return [_compared(reading, self._name, entry)[0] for entry in entries]

    def _started(self, unit: UnitOfWork) -> int:
        return unit.insert(
            import_run,
            source=self._name,
            form=self._source.form,
            address=self._source.address[:500],
            started_at=unit.now,
        )

    def _ended(self, unit: UnitOfWork) -> None:
        report = self.report
        refused = [{"row": one.row, "id": one.id, "why": one.why} for one in report.refused[:_KEPT]]
        told = report.failed_why or (report.not_marked and f"nothing marked as gone: {report.not_marked}")
        unit.execute(
            update(import_run)
            .where(import_run.c.id == report.run_id)
            .values(
                form=report.form, ended_at=unit.now, counts=dict(report.counts), refused=refused,
                failed_why=told[:300] or None,
            )
        )  # fmt: skip
        unit.audit("directory imported", f"import:{report.run_id}", **report.counts)
        unit.tell("directory")

    async def _do(self, work: Callable[[UnitOfWork], Any]) -> Any:
        return await asyncio.wrap_future(self._store.run(work, acting=self._acting))


def digest_of(details: ServiceDetails) -> str:
    """The same for the same details, whatever else a feed says: it counts its visitors, and dates itself."""
    return hashlib.sha256(orjson.dumps(details)).hexdigest()


# -- inside a transaction ----------------------------------------------------------------------


def _write(unit: UnitOfWork, *, source: str, entries: tuple[Entry, ...], example: bool) -> list[Changed]:
    """Write entries until the chunk's time is over; what was done, in their order."""
    until = time.monotonic() + CHUNK_SECONDS
    done: list[Changed] = []
    for entry in entries:
        done.append(_write_one(unit, source, entry, example))
        if time.monotonic() > until:
            break
    return done


def _write_one(unit: UnitOfWork, source: str, entry: Entry, example: bool) -> Changed:
    assert entry.details is not None
    one, merged, marks = _compared(unit, source, entry)
    digest = digest_of(entry.details)
    if one.what == "added":
        service_id = put_in(
            unit, merged, source=source, source_id=entry.source_id, source_digest=digest, example=example
        )
        remember(unit, service_id, "added")
        return replace(one, service_id=service_id)
    write(
        unit, one.service_id, merged, one.changed, source=source, source_digest=digest,
        gone_from_source_at=None, corrected=marks,
    )  # fmt: skip
    if one.what == "back":
        remember(unit, one.service_id, "back", changed=one.changed, left=one.left)
    elif one.changed or one.left:
        remember(unit, one.service_id, "updated", changed=one.changed, left=one.left)
    return one


def _compared(reading: Reading, source: str, entry: Entry) -> tuple[Changed, ServiceDetails, list[str]]:
    """What an entry would change: the change, the details as they would be, and what staff put right."""
    new = entry.details
    assert new is not None
    found = reading.execute(
        select(service.c.id).where(service.c.source == source, service.c.source_id == entry.source_id)
    ).scalar()
    if found is None:
        return Changed("added", 0, new.name), new, []
    before = service_of(reading, found)
    was = details_of(before)
    marks = [name for name in before.corrected if name != GONE]
    # Whoever looked last is right about when it was looked at.
    days = [on for on in (was.assured_on, new.assured_on) if on is not None]
    new = replace(new, assured_on=max(days, default=None))
    theirs = {name: getattr(new, name) for name in marks}
    merged = replace(new, **{name: getattr(was, name) for name in marks})
    left = {
        name: [as_json(getattr(was, name)), as_json(value)]
        for name, value in theirs.items()
        if as_json(value) != as_json(getattr(was, name))
    }
    changed = differences(was, merged)
    what = "back" if before.gone_from_source_at else "changed" if changed else "same"
    return Changed(what, found, before.name, changed, left), merged, marks


def _mark_gone(unit: UnitOfWork, *, gone: tuple[int, ...]) -> list[Changed]:
    until = time.monotonic() + CHUNK_SECONDS
    done: list[Changed] = []
    for service_id in gone:
        change(unit, service_id, gone_from_source_at=unit.now)
        remember(unit, service_id, "gone")
        done.append(Changed("gone", service_id, service_of(unit, service_id).name))
        if time.monotonic() > until:
            break
    return done


def _pause_examples(unit: UnitOfWork) -> None:
    """Nobody is sent to an invented service once there are real ones."""
    rows = unit.execute(
        select(service.c.id).where(service.c.example.is_(True), service.c.status == ServiceStatus.ACTIVE)
    )
    for service_id in rows.scalars().all():
        change(
            unit, service_id, status=ServiceStatus.PAUSED, status_why="An example; real services are here now"
        )
        remember(unit, service_id, "paused", changed={"status": ["active", "paused"]})
