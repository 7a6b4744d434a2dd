"""Waiting for a place: who is told, who gets it when two say yes at once, and who waits on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.directory import services, waiting
from bot.directory.services import ServiceDetails
from bot.directory.waiting import KEPT_FOR, LEFT_IN_PEACE, TOLD_AT_ONCE, Waiting
from bot.store.tables import service, timer
from tests.support.people import comes


@pytest.fixture
def garden(done):
    details = ServiceDetails(name="The Friday Garden", places_left=0)
    return done(lambda unit: services.add_service(unit, details), acting="staff:1")


def people(done, how_many):
    return [comes(done, f"+44770090{n:04d}", name="Ray").person_id for n in range(1, how_many + 1)]


def joins(done, clock, service_id, how_many):
    """So many are on the list, one a day."""
    waits = []
    for person_id in people(done, how_many):
        waits.append(done(lambda unit, who=person_id: waiting.join_list(unit, who, service_id)))
        clock.forward(days=1)
    return waits


def places(done, service_id, left):
    done(lambda unit: services.correct(unit, service_id, 1, places_left=left), acting="staff:1")


def offers(done, service_id):
    return done(lambda unit: waiting.offer_places(unit, service_id), acting="timer")


def takes(done, waited_id):
    return done(lambda unit: waiting.take_place(unit, waited_id), acting="person")


def left(store, service_id):
    with store.reading() as reading:
        return reading.execute(select(service.c.places_left).where(service.c.id == service_id)).scalar_one()


def told(store):
    """Who is to hear what, by their wait."""
    with store.reading() as reading:
        rows = reading.execute(
            select(timer).where(timer.c.done_at.is_(None), timer.c.subject.startswith("waited:"))
        )
        return {int(row.subject.partition(":")[2]): row.details["what"] for row in rows}


def test_asked_twice_it_is_one_wait_from_the_first_day(store, done, clock, garden):
    (who,) = people(done, 1)
    first = done(lambda unit: waiting.join_list(unit, who, garden))
    clock.forward(days=3)

    assert done(lambda unit: waiting.join_list(unit, who, garden)) == first
    with store.reading() as reading:
        (wait,) = waiting.waits_of(reading, who)
    assert wait.waits and wait.since < clock.now() - timedelta(days=2)


def test_those_who_waited_longest_are_told_and_not_everybody(store, done, clock, garden):
    waits = joins(done, clock, garden, 5)
    places(done, garden, 1)

    assert offers(done, garden) == waits[:TOLD_AT_ONCE]
    assert told(store) == dict.fromkeys(waits[:TOLD_AT_ONCE], "free")
    assert offers(done, garden) == []  # nobody hears of it twice


def test_no_place_and_nobody_is_told(store, done, clock, garden):
    joins(done, clock, garden, 2)

    assert offers(done, garden) == []
    assert told(store) == {}


def test_the_first_yes_takes_it_and_the_others_who_were_told_are_to_hear(store, done, clock, garden):
    waits = joins(done, clock, garden, 4)
    places(done, garden, 1)
    offers(done, garden)

    assert takes(done, waits[1])
    assert not takes(done, waits[0])
    assert left(store, garden) == 0
    assert told(store) == {waits[0]: "gone", waits[1]: "free", waits[2]: "gone"}


def test_a_yes_said_twice_is_one_place(store, done, clock, garden):
    (wait,) = joins(done, clock, garden, 1)
    places(done, garden, 2)
    offers(done, garden)

    assert takes(done, wait) and takes(done, wait)
    assert left(store, garden) == 1


def test_eight_say_yes_at_once_and_two_places_go_to_two(store, done, clock, garden):
    waits = joins(done, clock, garden, 8)
    places(done, garden, 2)
    offers(done, garden)

    def say_yes(wait):
        return store.run(lambda unit: waiting.take_place(unit, wait), acting="person").result(timeout=60)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(say_yes, waits))

    assert sum(got) == 2
    assert left(store, garden) == 0
    with store.reading() as reading:
        taken = [waiting.waited_by_id(reading, wait).taken_at is not None for wait in waits]
    assert taken == got


def test_who_does_not_answer_in_time_waits_on_behind_the_others(store, done, clock, garden):
    waits = joins(done, clock, garden, 5)
    places(done, garden, 1)
    offers(done, garden)
    clock.forward(seconds=KEPT_FOR.total_seconds())

    assert offers(done, garden) == waits[3:]
    clock.forward(seconds=LEFT_IN_PEACE.total_seconds())
    assert offers(done, garden) == waits[:3]


def test_one_who_lets_it_go_leaves_it_to_the_next(store, done, clock, garden):
    waits = joins(done, clock, garden, 4)
    places(done, garden, 1)
    offers(done, garden)
    done(lambda unit: waiting.not_this_time(unit, waits[0]))

    assert offers(done, garden) == [waits[3]]
    with store.reading() as reading:
        assert waiting.waited_by_id(reading, waits[0]).waits


def test_who_left_the_list_hears_no_more(store, done, clock, garden):
    waits = joins(done, clock, garden, 2)
    assert done(lambda unit: waiting.leave_list(unit, waits[0]))
    assert not done(lambda unit: waiting.leave_list(unit, waits[0]))
    places(done, garden, 1)

    assert offers(done, garden) == waits[1:]
    assert not takes(done, waits[0])


def test_a_place_at_a_service_that_was_paused_is_nobodys(store, done, clock, garden):
    (wait,) = joins(done, clock, garden, 1)
    places(done, garden, 1)
    offers(done, garden)
    done(lambda unit: services.pause(unit, garden, 1), acting="staff:1")

    assert not takes(done, wait)
    assert offers(done, garden) == []
    assert left(store, garden) == 1


def test_a_change_by_anyone_is_looked_at_only_where_somebody_waits(store, done, clock, garden):
    def looks():
        with store.reading() as reading:
            rows = reading.execute(select(timer.c.subject).where(timer.c.kind == "service-changed"))
            return list(rows.scalars())

    places(done, garden, 3)
    assert looks() == []
    places(done, garden, 0)
    joins(done, clock, garden, 1)
    places(done, garden, 1)

    assert looks() == [f"service:{garden}"]


def test_nowhere_is_there_a_position_on_a_list():
    assert not {"position", "place", "number", "rank"} & {field.name for field in fields(Waiting)}
