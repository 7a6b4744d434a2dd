"""The directory held in memory: never half built, and never naming what has changed since."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bot.directory import search as searching
from bot.directory import services as directory
from bot.directory.details import ServiceDetails
from bot.directory.search import keep_fresh, search, snapshot_of
from bot.directory.services import add_service
from bot.store.engines import Store
from bot.store.unit_of_work import UnitOfWork


def names(found) -> list[str]:
    return [one.facts.name for one in found]


WALKS = ServiceDetails(name="Walks", wants=("active",))
TEA = ServiceDetails(name="Tea", wants=("company",))


def held(store) -> list[str]:
    with store.reading() as reading:
        return sorted(names(search(snapshot_of(reading))))


def test_it_is_built_at_first_use_and_held(store, done):
    done(lambda unit: add_service(unit, WALKS))
    with store.reading() as reading:
        first = snapshot_of(reading)
        assert names(search(first)) == ["Walks"]
        assert snapshot_of(reading) is first


def test_what_changed_is_seen_at_the_next_look(store, done):
    walks = done(lambda unit: add_service(unit, WALKS))
    assert held(store) == ["Walks"]
    done(lambda unit: add_service(unit, TEA))
    assert held(store) == ["Tea", "Walks"]
    done(lambda unit: directory.pause(unit, walks, 1, "no volunteers"))
    assert held(store) == ["Tea"]
    done(lambda unit: directory.correct(unit, walks, 1, name="Slow walks"))
    done(lambda unit: directory.reopen(unit, walks, 1))
    assert held(store) == ["Slow walks", "Tea"]


def test_a_turn_sees_it_too(store, done):
    done(lambda unit: add_service(unit, WALKS))

    def turn(unit: UnitOfWork) -> list[str]:
        return names(search(snapshot_of(unit)))

    assert done(turn) == ["Walks"]


def test_two_stores_hold_two_directories(store, done, tmp_path, migrated_sqlite):
    path = tmp_path / "other.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    other = Store(f"sqlite:///{path}", store.sealer, store.clock)
    try:
        done(lambda unit: add_service(unit, WALKS))
        assert held(store) == ["Walks"] and held(other) == []
    finally:
        other.close()


@pytest.fixture
def keeper(store):
    kept = keep_fresh(store)
    assert kept.wait(30)
    yield kept
    kept.close()


def _until(true) -> None:
    """Wait for what another thread does; a test that never sees it fails at the end of this."""
    pause = threading.Event()
    for _ in range(600):
        if true():
            return
        pause.wait(0.05)
    pytest.fail("it never came")


def test_it_is_kept_fresh_away_from_who_asks(store, done, keeper):
    with store.reading() as reading:
        first = snapshot_of(reading)
    done(lambda unit: add_service(unit, WALKS))
    _until(lambda: held(store) == ["Walks"])
    with store.reading() as reading:
        assert snapshot_of(reading) is not first


def test_a_service_just_closed_is_never_named_while_the_next_snapshot_is_built(store, done, monkeypatch):
    walks = done(lambda unit: add_service(unit, WALKS))
    done(lambda unit: add_service(unit, TEA))
    may_build = threading.Event()
    may_build.set()
    really = searching.built

    def slowly(reading):
        may_build.wait(30)
        return really(reading)

    monkeypatch.setattr(searching, "built", slowly)
    kept = keep_fresh(store)
    try:
        assert kept.wait(30)
        may_build.clear()
        done(lambda unit: directory.close(unit, walks, 1, "it ended"))
        done(lambda unit: directory.correct(unit, 2, 1, name="Tea for all"))
        assert held(store) == []  # the closed one is gone at once; the changed one waits for its new facts
        may_build.set()
        _until(lambda: held(store) == ["Tea for all"])
    finally:
        may_build.set()
        kept.close()


def test_changes_made_by_another_process_are_seen(store, store_url, done, keeper):
    assert held(store) == []
    other = Store(store_url, store.sealer, store.clock)  # it tells its own listeners, not ours
    try:
        other.run(lambda unit: add_service(unit, WALKS), acting="import").result(30)
    finally:
        other.close()
    _until(lambda: held(store) == ["Walks"])


def test_a_change_committed_late_under_an_earlier_number_is_seen(store, done):
    """On PostgreSQL a transaction may take its number first and commit second."""
    walks = done(lambda unit: add_service(unit, WALKS))
    done(lambda unit: add_service(unit, TEA))
    with store.reading() as reading:
        last = searching.built(reading)
        second = max(last.seen)
        without_the_first = replace(last, seen=frozenset({second}), until=second)
        assert searching._changed_since(reading, last) == set()
        assert searching._changed_since(reading, without_the_first) == {walks}


def test_a_snapshot_is_never_served_half_built(store, done, keeper):
    """Every answer seen while services are added, ten at a time, is one that was committed."""
    seen: list[int] = []
    ends = threading.Event()

    def look() -> None:
        while not ends.is_set():
            with store.reading() as reading:
                held_now = snapshot_of(reading)
                seen.append(len(search(held_now)))
                assert len(held_now.index.find("walks")) == len(held_now)

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(5):
        done(lambda unit: [add_service(unit, WALKS) for _ in range(10)])
    _until(lambda: seen and seen[-1] == 50)
    ends.set()
    looking.join()
    assert set(seen) <= {0, 10, 20, 30, 40, 50}


def test_a_store_that_cannot_be_read_is_tried_again(store, done, monkeypatch, caplog):
    monkeypatch.setattr(searching, "AGAIN_SECONDS", 0.01)
    really, tries = searching.built, []

    def failing(reading):
        tries.append(1)
        if len(tries) < 3:
            raise OSError("a name that no log may hold")
        return really(reading)

    monkeypatch.setattr(searching, "built", failing)
    kept = keep_fresh(store)
    try:
        assert kept.wait(30)
        assert len(tries) == 3
        assert "a name" not in caplog.text
    finally:
        kept.close()
