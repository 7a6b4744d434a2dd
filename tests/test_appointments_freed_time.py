"""A time that came free: who is asked, how many at a time, who has it, and who is left in peace."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.appointments import booking, freed_answers, freed_time
from bot.appointments.appointment import next_appointment
from bot.appointments.booking import Clash
from bot.appointments.freed_answers import Taken, TooLate
from bot.appointments.freed_time import NEXT_AFTER, TOLD_AT_ONCE
from bot.casework.rota import take_off
from bot.store.tables import FreedStatus, Meeting, short_notice, timer
from bot.store.timers import due, set_timer
from tests.support.appointments import books, now_is, resident, surgery, thursday, worker
from tests.support.freed import (
    answers,
    can_be_asked,
    cannot_come,
    freed,
    has_a_time,
    looks,
    offers,
    says_no,
    takes,
    to_be_told,
    waits,
)
from tests.support.people import at_once

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


def ids(points):
    return [point.person_id for point in points]


# It comes free


def test_cannot_come_and_it_is_looked_at_at_once(store, done, clock, amina, ten):
    cannot_come(done, ten)

    (time,) = freed(store)
    assert (time.starts_at, time.minutes, time.staff_id) == (ten.starts_at, 30, amina) and time.offered
    with store.reading() as reading:
        look = reading.execute(select(timer).where(timer.c.kind == freed_time.LOOK)).one()
    assert (look.subject, look.done_at) == (f"freed:{time.id}", None)
    done(lambda unit: set_timer(unit, "remind", unit.now - timedelta(minutes=1), subject="appointment:99"))
    with store.reading() as reading:
        assert due(reading)[0].id == look.id  # also when a thousand reminders fell due before it


def test_moved_it_leaves_its_old_time(store, done, ten):
    done(lambda unit: booking.move(unit, ten.id, ten.starts_at + timedelta(days=1)), acting="person")

    assert [time.starts_at for time in freed(store)] == [ten.starts_at]


@on_one_store
@pytest.mark.parametrize(("why", "offered"), [("cannot-come", True), ("staff-away", False)])
def test_a_link_worker_who_is_not_there_leaves_no_time(store, done, amina, ten, why, offered):
    cannot_come(done, ten, acting=f"staff:{amina}", why=why)

    assert bool(freed(store)) is offered


@on_one_store
def test_a_time_that_has_begun_is_nobodys(store, done, clock, ten):
    clock.set(ten.starts_at + timedelta(minutes=1))
    cannot_come(done, ten)

    assert freed(store) == []


# Who is asked


def test_a_few_at_a_time_those_who_wait_longest_first(store, done, clock, amina, ten):
    people = [waits(done, n, amina) for n in range(5)]
    time = comes_free(done, store, ten)

    assert looks(done, time.id) == ids(people[:TOLD_AT_ONCE])
    assert to_be_told(store) == dict.fromkeys(ids(people[:TOLD_AT_ONCE]), "free")
    assert looks(done, time.id) == []  # nobody is asked twice, and three have it to answer
    clock.forward(seconds=NEXT_AFTER.total_seconds())
    assert looks(done, time.id) == ids(people[TOLD_AT_ONCE:])


def test_one_who_says_no_leaves_it_to_the_next_at_once(store, done, amina, ten):
    people = [waits(done, n, amina) for n in range(4)]
    time = comes_free(done, store, ten)
    looks(done, time.id)
    says_no(done, store, people[0])

    assert looks(done, time.id) == [people[3].person_id]
    assert answers(store)[people[0].person_id] == "no"


@on_one_store
def test_it_is_not_offered_to_whose_time_it_was(store, done, amina, ten):
    done(lambda unit: freed_time.wait_for_earlier(unit, ten.person_id))

    assert asked(done, store, ten) == []
    assert freed(store)[-1].status is FreedStatus.PASSED


@on_one_store
@pytest.mark.parametrize(
    ("wishes", "suits"),
    [
        ({"times": "mornings"}, True),
        ({"times": "afternoons"}, False),
        ({"times": "not Thursdays"}, False),
        ({"times": "the little one has swimming"}, True),  # no time in it: they can say no
        ({"meetings": [Meeting.PHONE]}, True),
        ({"meetings": [Meeting.CAFE, Meeting.HOME]}, False),
        ({"notice_minutes": 47 * 60}, True),
        ({"notice_minutes": 49 * 60}, False),
        ({"until": thursday(9)}, False),
        ({"until": thursday(11)}, True),
    ],
)
def test_only_who_said_they_could_come_then_is_asked(store, done, amina, ten, wishes, suits):
    one = waits(done, 1, amina, **wishes)

    assert asked(done, store, ten) == [one.person_id] * suits


def test_whose_own_time_is_sooner_or_clashes_is_not_asked(store, done, amina, ten):
    other = worker(done, "Tom Lee")
    waits(done, 1, amina, later=thursday(9))  # sooner
    waits(done, 2, amina, later=thursday(15))  # hardly later
    elsewhere = waits(done, 3, amina)
    books(done, elsewhere.person_id, other, thursday(10), session_id=None, acting="person")
    waits(done, 4, other)  # keeps their own link worker
    free = waits(done, 5, amina)

    assert asked(done, store, ten) == [free.person_id]


def test_somebody_with_no_time_yet_is_asked_where_people_may_book(store, done, amina, ten):
    one = waits(done, 1)
    assert asked(done, store, ten, most=9) == []  # a first talk takes 45 minutes, and this is half an hour

    longer = has_a_time_again(done, ten, amina, minutes=45)
    assert asked(done, store, longer) == [one.person_id]
    assert isinstance(takes(done, store, one), Taken)


def has_a_time_again(done, before, amina, **more):
    return books(done, before.person_id, amina, thursday(11), **more)


@on_one_store
def test_a_place_of_their_own_is_told_to_nobody_else(store, done, amina):
    home = has_a_time(done, amina, meeting=Meeting.HOME, where="12 Invented Row", kind="visit", minutes=60)
    waits(done, 1, amina)
    visited = resident(done, "+447700900222", name="Di")
    can_be_asked(done, visited)
    later = thursday(14) + timedelta(days=14)
    theirs = books(
        done, visited.person_id, amina, later, meeting=Meeting.HOME, where="3 Other Street", kind="visit",
        minutes=60,
    )  # fmt: skip
    done(lambda unit: freed_time.wait_for_earlier(unit, visited.person_id))

    assert asked(done, store, home) == [visited.person_id]
    takes(done, store, visited)
    moved = now_is(store, theirs.id)
    assert (moved.starts_at, moved.where) == (home.starts_at, "3 Other Street")


@on_one_store
def test_a_time_at_the_surgery_is_at_the_surgery_for_the_next(store, done):
    place = surgery(done)
    amina = worker(done, "Tess Moor")
    there = has_a_time(done, amina, meeting=Meeting.SURGERY, place_id=place)
    one = waits(done, 1, amina)
    asked(done, store, there)

    took = takes(done, store, one)
    assert (took.appointment.meeting, took.appointment.place.name) == (Meeting.SURGERY, "Ashby Surgery")


# Who has it


def test_the_first_yes_has_it_and_the_others_are_to_hear(store, done, amina, ten):
    people = [waits(done, n, amina) for n in range(3)]
    asked(done, store, ten)
    took = takes(done, store, people[1])

    assert took.appointment.starts_at == ten.starts_at
    assert took.before.starts_at > ten.starts_at
    first, second = freed(store)
    assert (first.status, first.taken_by) == (FreedStatus.TAKEN, took.appointment.id)
    assert second.starts_at == took.before.starts_at and second.offered  # what they had is free in turn
    done(lambda unit: freed_time.tell_it_has_gone(unit, first.id), acting="timer")
    hear = to_be_told(store)
    assert {who for who, what in hear.items() if what == "gone"} == set(ids(people)) - {people[1].person_id}
    late = takes(done, store, people[0])
    assert isinstance(late, TooLate) and late.own.starts_at > ten.starts_at


def test_yes_said_twice_is_one(store, done, amina, ten):
    one = waits(done, 1, amina)
    asked(done, store, ten)

    assert takes(done, store, one).appointment == takes(done, store, one).appointment
    with store.reading() as reading:
        assert reading.execute(select(short_notice.c.left_at)).scalar_one() is not None  # waits no longer


def test_eight_say_yes_at_once_and_one_has_it(store, done, amina, ten):
    people = [waits(done, n, amina) for n in range(8)]
    asked(done, store, ten, most=8)
    was = offers(store)

    def yes(point):
        return lambda unit: freed_answers.take(unit, was[point.person_id].id)

    said = at_once(store, *map(yes, people), acting="person")

    assert sum(isinstance(one, Taken) for one in said) == 1
    (took,) = [one for one in said if isinstance(one, Taken)]
    moved = [now_is(store, one.own.id).starts_at for one in said if isinstance(one, TooLate)]
    assert ten.starts_at not in moved and took.appointment.starts_at == ten.starts_at


def test_anybody_may_book_it_meanwhile_and_those_asked_are_to_hear(store, done, amina, ten):
    one = waits(done, 1, amina)
    asked(done, store, ten)
    someone = resident(done, "+447700900555", name="Jo")
    booked = books(done, someone.person_id, amina, ten.starts_at)

    (time,) = freed(store)
    assert (time.status, time.taken_by) == (FreedStatus.TAKEN, booked.id)
    done(lambda unit: freed_time.tell_it_has_gone(unit, time.id), acting="timer")
    assert to_be_told(store) == {one.person_id: "gone"}
    assert isinstance(takes(done, store, one), TooLate)


def test_while_it_is_held_for_somebody_a_yes_is_too_late_and_it_is_still_offered(store, done, amina, ten):
    one = waits(done, 1, amina)
    asked(done, store, ten)
    someone = resident(done, "+447700900555", name="Jo")
    held = done(
        lambda unit: booking.hold(
            unit, someone.person_id, booking.Slot(amina, ten.starts_at, ten.ends_at, Meeting.PHONE), "review"
        )
    )

    assert not isinstance(held, Clash)
    assert isinstance(takes(done, store, one), TooLate)
    assert freed(store)[-1].offered


def test_they_book_it_themselves_another_way(store, done, amina, ten):
    one = waits(done, 1, amina)
    asked(done, store, ten)
    with store.reading() as reading:
        mine = next_appointment(reading, one.person_id)
    done(lambda unit: booking.move(unit, mine.id, ten.starts_at), acting="person")

    took = takes(done, store, one)
    assert isinstance(took, Taken) and took.appointment.id == mine.id


# It passes


@on_one_store
def test_nobody_waits_and_it_has_passed(store, done, ten):
    assert asked(done, store, ten) == []
    assert freed(store)[-1].status is FreedStatus.PASSED


def test_all_were_asked_and_may_still_say_yes_until_it_begins(store, done, clock, amina, ten):
    one = waits(done, 1, amina)
    time = comes_free(done, store, ten)
    looks(done, time.id)
    clock.forward(hours=20)
    looks(done, time.id)
    assert freed(store)[-1].offered
    clock.set(ten.starts_at)
    looks(done, time.id)

    assert freed(store)[-1].status is FreedStatus.PASSED
    assert isinstance(takes(done, store, one), TooLate)


def test_the_worker_goes_on_leave_and_those_asked_are_to_hear(store, done, amina, ten):
    one = waits(done, 1, amina)
    time = comes_free(done, store, ten)
    looks(done, time.id)
    done(lambda unit: take_off(unit, amina, "sickness", ten.starts_at, ten.ends_at))
    assert isinstance(takes(done, store, one), TooLate)

    assert freed(store)[-1].status is FreedStatus.PASSED
    two = waits(done, 2, amina)
    assert looks(done, time.id) == [] and two.person_id not in answers(store)
