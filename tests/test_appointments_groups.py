"""Group sessions: planned, weekly, full, joined and left; and called off so that everybody hears."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.appointments import booking, groups
from bot.appointments.appointment import next_appointment
from bot.appointments.booking import Clash
from bot.appointments.groups import Full, Heard
from bot.casework.rota import take_off
from tests.support.appointments import at, books, resident, residents, surgery, worker
from tests.support.freed import freed
from tests.support.people import at_once, timers

FRIDAY = at(2026, 3, 6, 10)

#: Where only rules are asked, one store is as good as the other.
on_one_store = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def amina(done):
    return worker(done)


def plans(done, staff_id, starts_at=FRIDAY, **details):
    details = {"minutes": 60} | details
    return done(
        lambda unit: groups.plan_session(unit, "Walk and Talk", staff_id, starts_at, **details),
        acting=f"staff:{staff_id}",
    )


def invites(done, session_id, point, acting="staff:1", **more):
    return done(lambda unit: groups.invite(unit, session_id, point.person_id, **more), acting=acting)


def the(store, session_id):
    with store.reading() as reading:
        return groups.session_of(reading, session_id)


# Planned


@on_one_store
def test_a_session_takes_the_workers_time(store, done, amina):
    plans(done, amina)

    ray = resident(done)
    found = done(
        lambda unit: booking.book(
            unit, ray.person_id, amina, FRIDAY, minutes=30, kind="review", meeting="phone"
        )
    )
    assert found == Clash("booked")
    assert plans(done, amina, FRIDAY + timedelta(minutes=30)) == Clash("booked")


@on_one_store
def test_every_week_at_the_same_hour_also_when_the_clocks_change(store, done, amina):
    details = {"minutes": 60, "most": 8}
    planned = done(
        lambda unit: groups.plan_weekly(
            unit, "Choir", amina, at(2026, 3, 20, 14), weeks=4, nation="england", **details
        )
    )

    with store.reading() as reading:
        days = [groups.session_of(reading, one).starts_at for one in planned.ids]
    assert days == [at(2026, 3, 20, 14), at(2026, 3, 27, 14), at(2026, 4, 10, 14)]  # 3 April is Good Friday
    assert [(when, why.reason) for when, why in planned.not_planned] == [(at(2026, 4, 3, 14), "holiday")]
    assert days[2] - days[1] == timedelta(weeks=2) - timedelta(hours=1)


@on_one_store
@pytest.mark.parametrize("wrong", [{"most": 0}, {"minutes": 0}, {"place_id": 99}, {"bring": "x" * 200}])
def test_wrong_details_are_refused_in_plain_words(done, amina, wrong):
    with pytest.raises(ValueError):
        plans(done, amina, **wrong)


# Who comes


def test_a_place_is_an_appointment_with_its_reminders(store, done, amina):
    place = surgery(done)
    session_id = plans(done, amina, place_id=place, bring="Good shoes")
    ray = resident(done)
    booked = invites(done, session_id, ray)

    assert (booked.kind, booked.session_id, booked.starts_at) == ("group", session_id, FRIDAY)
    assert (booked.place.name, booked.bring, booked.minutes) == ("Ashby Surgery", "Good shoes", 60)
    assert invites(done, session_id, ray).id == booked.id  # asked twice, it is one place
    assert the(store, session_id).coming == 1
    with store.reading() as reading:
        assert {one.subject for one in timers(reading, "remind")} == {f"appointment:{booked.id}"}


def test_a_full_session_is_full_until_somebody_leaves(store, done, amina):
    session_id = plans(done, amina, most=2)
    ray, may, jo = residents(done, 3)
    invites(done, session_id, ray), invites(done, session_id, may)

    assert the(store, session_id).full
    assert invites(done, session_id, jo) == Full(2)
    assert done(lambda unit: groups.leave(unit, session_id, ray.person_id))
    assert not done(lambda unit: groups.leave(unit, session_id, ray.person_id))
    assert invites(done, session_id, jo).stands
    assert freed(store) == []  # a place in a group is no hour of a link worker's


def test_of_eight_at_once_as_many_come_as_there_are_places(store, done, amina):
    session_id = plans(done, amina, most=3)
    people = residents(done, 8)

    def comes(point):
        return lambda unit: groups.invite(unit, session_id, point.person_id)

    said = at_once(store, *map(comes, people))

    assert sum(isinstance(one, Full) for one in said) == 5
    assert the(store, session_id).coming == 3


@on_one_store
def test_who_has_something_else_then_is_asked_about_it(done, amina):
    session_id = plans(done, amina)
    tom = worker(done, "Tom Lee")
    ray = resident(done)
    own = books(done, ray.person_id, tom, FRIDAY)

    assert invites(done, session_id, ray) == Clash("theirs", own.id)
    assert invites(done, session_id, ray, anyway=True).stands


def test_moved_everybody_moves_with_it(store, done, amina):
    session_id = plans(done, amina)
    people = residents(done, 2)
    for point in people:
        invites(done, session_id, point, acting="person")
    later = FRIDAY + timedelta(hours=1)
    moved = done(
        lambda unit: groups.correct_session(unit, session_id, starts_at=later, name="Slow walk", most=5),
        acting=f"staff:{amina}",
    )

    assert (moved.name, moved.starts_at, moved.most) == ("Slow walk", later, 5)
    with store.reading() as reading:
        assert {next_appointment(reading, p.person_id).starts_at for p in people} == {later}
        assert {one.details["what"] for one in timers(reading, "appointment-told")} == {"moved"}


@on_one_store
def test_it_cannot_move_to_where_the_worker_is_away(store, done, amina):
    session_id = plans(done, amina)
    away = FRIDAY + timedelta(days=3)
    done(lambda unit: take_off(unit, amina, "leave", away, away + timedelta(hours=8)))

    clash = done(lambda unit: groups.correct_session(unit, session_id, starts_at=away))
    assert clash == Clash("leave") and the(store, session_id).starts_at == FRIDAY
    with pytest.raises(ValueError):
        done(lambda unit: groups.correct_session(unit, session_id, name=" "))


@on_one_store
def test_fewer_places_than_there_are_people_is_refused(done, amina):
    session_id = plans(done, amina)
    for point in residents(done, 2):
        invites(done, session_id, point)

    with pytest.raises(ValueError, match="2 have a place already"):
        done(lambda unit: groups.correct_session(unit, session_id, most=1))


# Called off


def test_called_off_the_reminders_are_taken_back_and_the_others_stand(store, done, amina):
    planned = done(lambda unit: groups.plan_weekly(unit, "Choir", amina, FRIDAY, weeks=2, minutes=60))
    first, second = planned.ids
    ray = resident(done)
    invites(done, first, ray), invites(done, second, ray)
    told = done(
        lambda unit: groups.cancel_session(unit, first, "The hall is closed"), acting=f"staff:{amina}"
    )

    assert [(one.name, one.heard) for one in told] == [("Ray", Heard.WAITING)]
    assert not the(store, first).stands and the(store, second).stands
    with store.reading() as reading:
        assert {one.subject for one in timers(reading, "remind")} == {"appointment:2"}
        assert next_appointment(reading, ray.person_id).session_id == second
        assert {one.subject for one in timers(reading, "appointment-told")} == {"appointment:2"}
    again = done(lambda unit: groups.cancel_session(unit, first), acting=f"staff:{amina}")
    assert [one.appointment_id for one in again] == [1]
    assert invites(done, first, ray) == Clash("off")
