"""The one way to write: work goes in, and its future resolves once it is on disk.

SQLite has a single committing thread. Work that is waiting at the same moment is committed
together, a savepoint each, because one sync of the disk costs more than a turn. PostgreSQL has
a small pool and a transaction each.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.clock import Clock
from bot.store.sealed import Sealer
from bot.store.unit_of_work import UnitOfWork

T = TypeVar("T")
Work = Callable[[UnitOfWork], T]

log = logging.getLogger(__name__)

GROUP_MOST = 64
GROUP_SECONDS = 0.020


class StoreUnavailable(Exception):
    """The store cannot be written to just now (full, locked, gone). Nothing was half done."""


#: What SQLite calls a store that cannot be used just now: busy, locked, no memory, read-only,
#: input and output, full, cannot open (sqlite.org/rescode.html). Its other errors are a program's faults.
_TROUBLE = frozenset({5, 6, 7, 8, 10, 13, 14})


def store_trouble(error: BaseException) -> bool:
    """Whether this is the store's trouble and not the work's: full, locked, gone."""
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _TROUBLE


#: Hears the topics of what was just committed, on the writer's thread.
Announce = Callable[[set[str]], None]


class Writer(Protocol):
    """What both engines offer."""

    def run(self, work: Work[T], *, acting: str) -> Future[T]:
        """Do `work` in a transaction; the future resolves after COMMIT, or raises what it raised."""
        ...

    def close(self) -> None:
        """Finish what was handed in, then let go."""
        ...


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    acting: str
    future: Future[Any]
    result: Any = None
    error: BaseException | None = None
    told: set[str] | None = None


class SqliteWriter:
    """One thread, one connection, group commit."""

    def __init__(self, engine: Engine, sealer: Sealer, clock: Clock, announce: Announce):
        self._engine, self._sealer, self._clock, self._announce = engine, sealer, clock, announce
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def run(self, work: Work[T], *, acting: str) -> Future[T]:
        if not acting:
            raise ValueError("a unit of work must say who acts")
        if self._closed:
            raise StoreUnavailable("the store is closed")
        job = _Job(work, acting, Future())
        job.future.set_running_or_notify_cancel()  # whoever waits may go away; the work is done all the same
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join()

    # -- the writer's own thread ------------------------------------------------------------

    def _work(self) -> None:
        # AUTOCOMMIT leaves BEGIN and COMMIT to us: the driver would begin late, and we
        # want BEGIN IMMEDIATE, so that a busy file is found before any work is done.
        self._connection = None
        self._in_hand: list[_Job] = []
        open_ = True
        while open_:
            job = self._jobs.get()
            if job is None:
                break
            try:
                open_ = self._group(job)
            except (
                Exception
            ) as error:  # whatever broke, whoever waits must hear of it, and the next be served
                self._refuse([job for job in self._in_hand if not job.future.done()], error)
                self._let_go()
        self._let_go()

    def _let_go(self) -> None:
        """Close this thread's connection; what it had not committed is undone."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()
            with suppress(Exception):
                connection.close()

    def _connect(self) -> None:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._raw: sqlite3.Connection = self._connection.connection.driver_connection

    def _group(self, first: _Job) -> bool:
        """Commit `first` and whatever else is waiting. False when told to close."""
        jobs = self._in_hand = [first]
        open_ = True
        try:
            self._connect()
            self._raw.execute("BEGIN IMMEDIATE")
        except (sqlite3.Error, DBAPIError) as error:
            return self._refuse([first], error)
        until = time.monotonic() + GROUP_SECONDS
        job: _Job | None = first
        while True:
            self._attempt(job)
            if not self._raw.in_transaction:  # a full disk rolls back everything
                return self._alone(jobs)
            if len(jobs) >= GROUP_MOST or time.monotonic() > until:
                break
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                open_ = False
                break
            jobs.append(job)
        try:
            self._raw.execute("COMMIT")
        except sqlite3.Error:
            self._roll_back()
            return self._alone(jobs) and open_
        self._resolve(jobs)
        return open_

    def _attempt(self, job: _Job) -> None:
        """Do one job inside its savepoint, noting its result or its error."""
        unit = UnitOfWork(self._connection, self._sealer, self._clock.now(), job.acting)
        raw = self._raw
        job.error = None
        try:
            raw.execute("SAVEPOINT job")
            job.result = job.work(unit)
            unit.finish()
            raw.execute("RELEASE job")
            job.told = unit.told
        except BaseException as error:
            job.error = error
            if raw.in_transaction:
                raw.execute("ROLLBACK TO job")
                raw.execute("RELEASE job")

    def _alone(self, jobs: list[_Job]) -> bool:
        """The whole group failed: each runs again alone, once."""
        for job in jobs:
            try:
                self._raw.execute("BEGIN IMMEDIATE")
                self._attempt(job)
                if self._raw.in_transaction:
                    self._raw.execute("COMMIT")
                elif job.error is None or isinstance(job.error, (sqlite3.Error, DBAPIError)):
                    raise StoreUnavailable("the store could not be written to")
                self._resolve([job])
            except (sqlite3.Error, StoreUnavailable) as error:
                self._roll_back()
                self._refuse([job], error)
        return True

    def _roll_back(self) -> None:
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")

    def _refuse(self, jobs: list[_Job], error: BaseException) -> bool:
        log.error("store unavailable: %s", type(error).__name__)
        for job in jobs:
            refused = StoreUnavailable("the store could not be written to")
            refused.__cause__ = error
            job.future.set_exception(refused)
        return True

    def _resolve(self, jobs: list[_Job]) -> None:
        if told := set().union(*(job.told or () for job in jobs if job.error is None)):
            self._announce(told)
        for job in jobs:
            if job.error is None:
                job.future.set_result(job.result)
            elif isinstance(job.error, OperationalError):
                self._refuse([job], job.error)
            else:
                job.future.set_exception(job.error)


class PostgresWriter:
    """A small pool of threads, a transaction each; a deadlock or a lost connection is tried again once."""

    def __init__(self, engine: Engine, sealer: Sealer, clock: Clock, announce: Announce, threads: int = 8):
        self._engine, self._sealer, self._clock, self._announce = engine, sealer, clock, announce
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="writer")

    def run(self, work: Work[T], *, acting: str) -> Future[T]:
        if not acting:
            raise ValueError("a unit of work must say who acts")
        return self._pool.submit(self._run, work, acting)

    def _run(self, work: Work[T], acting: str) -> T:
        for last in (False, True):
            try:
                with self._engine.begin() as connection:
                    unit = UnitOfWork(connection, self._sealer, self._clock.now(), acting)
                    result = work(unit)
                    unit.finish()
            except OperationalError as error:
                if last:
                    log.error("store unavailable: %s", type(error.orig).__name__)
                    raise StoreUnavailable("the store could not be written to") from error
                continue
            if unit.told:
                self._announce(unit.told)
            return result
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._pool.shutdown(wait=True)
