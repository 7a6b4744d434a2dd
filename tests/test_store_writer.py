"""The one way to write: all of a piece of work or none of it, on both engines, whatever goes wrong."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import CancelledError
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError

from bot.store import engines
from bot.store.engines import Store
from bot.store.sealed import Sealer
from bot.store.tables import audit, channel_state, timer
from bot.store.timers import set_timer
from bot.store.writer import StoreUnavailable, store_trouble
from tests.support.stores import KEYS, LOOKUP_KEY, TUESDAY_10AM

only_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
only_postgres = pytest.mark.parametrize("store_url", ["postgres"], indirect=True)


def note(subject):
    """A piece of work that leaves one audit row."""
    return lambda unit: unit.audit("noted", subject)


def noted(store):
    with store.reading() as reading:
        rows = reading.execute(select(audit.c.subject).where(audit.c.action == "noted").order_by(audit.c.id))
        return list(rows.scalars())


def together(store, *works):
    """Hand these in so that they wait at the same moment; their futures."""
    begun, go_on = threading.Event(), threading.Event()

    def holds_up(unit):
        begun.set()
        go_on.wait(timeout=30)

    first = store.run(holds_up, acting="test")
    begun.wait(timeout=30)
    futures = [store.run(work, acting="test") for work in works]
    go_on.set()
    first.result(timeout=30)
    return futures


def raises_after(work, error):
    def do(unit):
        work(unit)
        raise error

    return do


# All or nothing


def test_when_the_future_resolves_it_is_on_disk(store):
    assert store.run(lambda unit: (note("a")(unit), 7)[1], acting="test").result(timeout=30) == 7

    assert noted(store) == ["a"]


def test_what_raises_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError):
        store.run(raises_after(note("a"), ZeroDivisionError()), acting="test").result(timeout=30)

    assert noted(store) == []


def test_one_that_raises_leaves_the_others_of_its_moment(store):
    one, two, three = together(store, note("a"), raises_after(note("b"), KeyError("b")), note("c"))

    one.result(timeout=30)
    three.result(timeout=30)
    with pytest.raises(KeyError):
        two.result(timeout=30)
    assert sorted(noted(store)) == ["a", "c"]


def test_a_broken_constraint_leaves_the_others_of_its_moment(store):
    row = {"channel": "sms", "tokens": 1.0, "filled_at": TUESDAY_10AM}
    store.run(lambda unit: unit.execute(insert(channel_state), row), acting="test").result(timeout=30)

    def twice(unit):
        note("b")(unit)
        unit.execute(insert(channel_state), row)

    one, two, three = together(store, note("a"), twice, note("c"))

    assert [one.result(timeout=30), three.result(timeout=30)] == [None, None]
    with pytest.raises(IntegrityError):
        two.result(timeout=30)
    assert sorted(noted(store)) == ["a", "c"]


def test_nobody_is_woken_for_what_did_not_happen(store):
    heard = []
    store.listen(heard.append)

    store.run(lambda unit: unit.tell("inbox"), acting="test").result(timeout=30)
    with pytest.raises(ZeroDivisionError):
        work = raises_after(lambda unit: unit.tell("outbox"), ZeroDivisionError())
        store.run(work, acting="test").result(timeout=30)

    assert heard == [{"inbox"}]


def test_a_listener_that_fails_stops_nobody(store):
    def fails(topics):
        raise RuntimeError("not my day")

    heard = []
    store.listen(fails)
    store.listen(heard.append)

    store.run(lambda unit: unit.tell("inbox"), acting="test").result(timeout=30)
    store.run(note("after"), acting="test").result(timeout=30)

    assert heard == [{"inbox"}]
    assert noted(store) == ["after"]


def test_someone_must_act(store):
    with pytest.raises(ValueError, match="who acts"):
        store.run(note("a"), acting="")


def test_a_closed_store_takes_nothing_more(store):
    store.close()

    with pytest.raises((StoreUnavailable, RuntimeError)):
        store.run(note("a"), acting="test")


def test_who_gives_up_waiting_changes_nothing(store):
    (future,) = together(store, note("a"))
    future.cancel()
    store.run(note("b"), acting="test").result(timeout=30)

    try:
        future.result(timeout=30)
    except CancelledError:
        assert noted(store) == ["b"]
    else:
        assert sorted(noted(store)) == ["a", "b"]


# Instants


def test_an_instant_without_a_zone_is_refused(store):
    naive = datetime(2026, 3, 3, 10, 0)

    with pytest.raises((ValueError, StatementError), match="time zone"):
        store.run(lambda unit: set_timer(unit, "nudge", naive), acting="test").result(timeout=30)


def test_an_instant_comes_back_as_aware_utc(store):
    in_delhi = datetime(2026, 3, 3, 15, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    store.run(lambda unit: set_timer(unit, "nudge", in_delhi), acting="test").result(timeout=30)

    with store.reading() as reading:
        due = reading.execute(select(timer.c.due_at)).scalar_one()

    assert due == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    assert due.utcoffset() == timedelta(0)


# A store in trouble: SQLite


class Unreliable:
    """A connection whose next COMMITs fail."""

    def __init__(self, raw, fails):
        self._raw, self.fails, self.commits = raw, fails, 0

    def __getattr__(self, name):
        return getattr(self._raw, name)

    def execute(self, sql, *more):
        if sql == "COMMIT":
            self.commits += 1
            if self.fails:
                self.fails -= 1
                raise sqlite3.OperationalError("disk I/O error")
        return self._raw.execute(sql, *more)


def unreliable(store, fails):
    store.run(lambda unit: None, acting="test").result(timeout=30)  # it has its connection now
    store.writer._raw = Unreliable(store.writer._raw, fails)
    return store.writer._raw


@only_sqlite
def test_a_commit_that_fails_is_done_again_each_alone(store):
    raw = unreliable(store, fails=0)
    begun, go_on = threading.Event(), threading.Event()

    def holds_up(unit):
        begun.set()
        go_on.wait(timeout=30)
        raw.fails = 1

    futures = [store.run(holds_up, acting="test")]
    begun.wait(timeout=30)
    futures += [store.run(note(n), acting="test") for n in "abc"]
    raw.commits, raw.fails = 0, 1
    go_on.set()
    # holds_up is done again alone too, and sets `fails` once more: its own second COMMIT fails
    with pytest.raises(StoreUnavailable):
        futures[0].result(timeout=30)
    for future in futures[1:]:
        future.result(timeout=30)

    assert noted(store) == ["a", "b", "c"]
    assert raw.commits == 5  # one for all, then four alone


@only_sqlite
def test_a_commit_that_fails_twice_is_refused_and_nothing_is_half_done(store):
    unreliable(store, fails=2)
    heard = []
    store.listen(heard.append)

    def work(unit):
        note("a")(unit)
        unit.tell("inbox")

    with pytest.raises(StoreUnavailable):
        store.run(work, acting="test").result(timeout=30)

    assert noted(store) == []
    assert heard == []
    store.run(note("b"), acting="test").result(timeout=30)
    assert noted(store) == ["b"]


@only_sqlite
def test_a_full_disk_refuses_and_leaves_nothing_half_done(store):
    def full(unit):
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")

    def large(unit):
        note("before")(unit)
        unit.audit("noted", "large", words="x" * 200_000)

    store.run(full, acting="test").result(timeout=30)
    one, two = together(store, note("small"), large)

    with pytest.raises(StoreUnavailable):
        two.result(timeout=30)
    one.result(timeout=30)
    assert noted(store) == ["small"]

    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    more = lambda unit: unit.connection.exec_driver_sql("PRAGMA max_page_count=1000000")  # noqa: E731
    store.run(more, acting="test").result(timeout=30)
    store.run(large, acting="test").result(timeout=30)
    assert noted(store) == ["small", "before", "large"]


@pytest.fixture
def impatient(monkeypatch, store_url):
    """A store that does not wait long for a lock."""
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.1)
    store = Store(store_url, Sealer(KEYS, LOOKUP_KEY))
    yield store
    store.close()


@only_sqlite
def test_a_locked_file_refuses_and_works_again_when_it_is_free(impatient, store_url):
    other = sqlite3.connect(store_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable):
        impatient.run(note("a"), acting="test").result(timeout=30)
    other.execute("ROLLBACK")
    other.close()
    impatient.run(note("b"), acting="test").result(timeout=30)

    assert noted(impatient) == ["b"]


@only_sqlite
def test_a_connection_that_breaks_in_the_middle_of_it_all_ends_nothing(store):
    """Even undoing fails: whoever waited hears so, and the next piece of work has a new connection."""
    store.run(lambda unit: None, acting="test").result(timeout=30)
    raw = store.writer._raw

    def breaks(unit):
        note("a")(unit)
        raw.close()
        raise ZeroDivisionError

    with pytest.raises((StoreUnavailable, ZeroDivisionError)):
        store.run(breaks, acting="test").result(timeout=30)

    store.run(note("b"), acting="test").result(timeout=30)
    assert noted(store) == ["b"]


# A store in trouble: PostgreSQL


@only_postgres
def test_a_lost_connection_is_tried_again_once(store):
    tries = []

    def work(unit):
        tries.append(1)
        note("a")(unit)
        if len(tries) == 1:
            unit.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    store.run(work, acting="test").result(timeout=30)

    assert len(tries) == 2
    assert noted(store) == ["a"]


@only_postgres
def test_a_connection_lost_twice_is_refused_and_nothing_is_half_done(store):
    def work(unit):
        note("a")(unit)
        unit.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailable):
        store.run(work, acting="test").result(timeout=30)

    store.run(note("b"), acting="test").result(timeout=30)
    assert noted(store) == ["b"]


# Whose trouble it is


def test_a_fault_in_the_work_is_not_the_stores_trouble(store):
    with pytest.raises((OperationalError, ProgrammingError, StoreUnavailable)) as raised:
        store.run(lambda unit: unit.execute(text("SELECT * FROM nowhere")), acting="test").result(timeout=30)
    error = raised.value.__cause__ if isinstance(raised.value, StoreUnavailable) else raised.value

    assert not store_trouble(error)
    with store.reading() as reading:
        assert reading.execute(select(func.count()).select_from(audit)).scalar() == 0
