"""Who would come sooner: the list, and who is left in peace: at night, in trouble, busy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.appointments import freed_time
from bot.appointments.short_notice import MOST_A_DAY
from bot.casework.tasks import open_tasks
from bot.store.tables import Safe, concern, conversation
from tests.support.appointments import books, resident, thursday, worker
from tests.support.freed import (
    answers,
    can_be_asked,
    cannot_come,
    freed,
    has_a_time,
    lives_abroad,
    looks,
    says_no,
    waits,
)
from tests.support.people import writes

#: Where only rules are asked, one store is as good as the other.
on_one_store = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def amina(done):
    return worker(done)


@pytest.fixture
def ten(done, amina):
    """Ray's time: Thursday at ten, for half an hour, by phone."""
    return has_a_time(done, amina)


def comes_free(done, store, appointment):
    cannot_come(done, appointment)
    return freed(store)[-1]


def asked(done, store, appointment, **more):
    """It is called off, and it is looked whom to ask."""
    return looks(done, comes_free(done, store, appointment).id, **more)


# Who cannot be asked now


@on_one_store
def test_at_night_nobody_is_asked_and_in_the_morning_they_are(store, done, clock, amina, ten):
    one = waits(done, 1, amina)
    clock.forward(hours=11)  # nine in the evening
    time = comes_free(done, store, ten)

    assert looks(done, time.id) == []
    assert freed(store)[-1].offered
    clock.forward(hours=12)
    assert looks(done, time.id) == [one.person_id]


@on_one_store
def test_outside_the_times_they_called_safe_another_is_asked(store, done, amina, ten):
    afternoons, here = waits(done, 1, amina), waits(done, 2, amina)
    can_be_asked(done, afternoons, times="afternoons")

    assert asked(done, store, ten) == [here.person_id]
    assert afternoons.person_id not in answers(store)  # passed over: at another look they may be


@on_one_store
def test_night_is_by_the_clock_on_their_own_wall(store, done, amina, ten):
    abroad, here = waits(done, 1, amina), waits(done, 2, amina)
    lives_abroad(done, abroad, "America/New_York")  # five in the morning there

    assert asked(done, store, ten) == [here.person_id]


@on_one_store
@pytest.mark.parametrize(
    ("safe", "plan", "may"),
    [
        (Safe.SHARED, {}, False),
        (Safe.SHARED, {"reminders": "discreet"}, True),
        (Safe.NO_MESSAGE, {"reminders": "discreet"}, False),
        (Safe.NOT_NOW, {}, False),
        (Safe.TEXT_ONLY, {}, True),
    ],
)
def test_only_where_it_is_safe(store, done, amina, ten, safe, plan, may):
    one = waits(done, 1, amina)
    can_be_asked(done, one, safe=safe, **plan)

    assert asked(done, store, ten) == [one.person_id] * may


def test_who_talks_with_a_link_worker_or_just_wrote_is_passed_over(store, done, clock, amina, ten):
    held, wrote, free = waits(done, 1, amina), waits(done, 2, amina), waits(done, 3, amina)
    done(
        lambda unit: [
            unit.change(conversation, held.conversation_id, held_by=amina),
            unit.change(conversation, wrote.conversation_id, last_inbound_at=unit.now),
        ]
    )

    assert asked(done, store, ten) == [free.person_id]
    clock.forward(minutes=16)
    assert looks(done, freed(store)[-1].id) == [wrote.person_id]


def test_with_a_concern_open_a_link_worker_has_it(store, done, amina, ten):
    troubled, free = waits(done, 1, amina), waits(done, 2, amina)
    about = {"conversation_id": troubled.conversation_id, "inbox_id": writes(done, troubled, "I give up")}
    done(
        lambda unit: unit.insert(
            concern, level="risk", category="self-harm", why=[], noticed_at=unit.now, **about
        )
    )

    assert asked(done, store, ten) == [free.person_id]
    assert answers(store)[troubled.person_id] == "concern"
    with store.reading() as reading:
        (task,) = open_tasks(reading, person_id=troubled.person_id)
    assert (task.kind, task.details) == ("time-free", "10:00 on Thursday 5 March")


def test_nobody_is_asked_about_two_at_once(store, done, clock, amina, ten):
    one = waits(done, 1, amina)
    eleven = books(done, resident(done, "+447700900700").person_id, amina, thursday(11))

    assert asked(done, store, ten) == [one.person_id]
    assert asked(done, store, eleven) == []
    says_no(done, store, one)
    assert looks(done, freed(store)[-1].id) == []  # an "ok" now may mean anything
    clock.forward(minutes=16)
    assert looks(done, freed(store)[-1].id) == [one.person_id]


@on_one_store
def test_nobody_is_asked_all_day_long(store, done, clock, amina):
    one = waits(done, 1, amina)
    for n in range(MOST_A_DAY + 1):
        time = books(done, resident(done, f"+4477009007{n:02}").person_id, amina, thursday(10 + n))
        assert asked(done, store, time) == ([one.person_id] if n < MOST_A_DAY else [])
        if n < MOST_A_DAY:
            says_no(done, store, one)
            clock.forward(minutes=16)
    clock.forward(days=1, minutes=1)

    assert looks(done, freed(store)[-1].id) == [one.person_id]


# The list


def test_asked_twice_it_is_one_wait_with_the_new_wishes(store, done):
    one = resident(done)
    first = done(lambda unit: freed_time.wait_for_earlier(unit, one.person_id, times="mornings"))
    again = done(lambda unit: freed_time.wait_for_earlier(unit, one.person_id, times="afternoons"))

    with store.reading() as reading:
        (wait,) = freed_time.waiting(reading)
    assert first == again and wait.times == "afternoons"
    assert done(lambda unit: freed_time.wait_no_longer(unit, one.person_id))
    assert not done(lambda unit: freed_time.wait_no_longer(unit, one.person_id))


def test_the_wait_is_over_once_what_they_waited_for_has_been(store, done, clock, amina):
    one = waits(done, 1, amina, later=thursday(15))
    with store.reading() as reading:
        assert freed_time.wait_of(reading, one.person_id)
    clock.set(thursday(15))

    with store.reading() as reading:
        assert freed_time.waiting(reading) == []
    assert asked(done, store, has_a_time(done, amina, thursday(16) + timedelta(days=1))) == []
