"""What people say of an appointment, how it went, and putting right a slip of the thumb."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.appointments import booking
from bot.appointments.appointment import missed
from bot.appointments.booking import Clash
from bot.casework import cases
from bot.store.tables import AppointmentStatus, Meeting, freed_time
from tests.support.appointments import (
    books,
    calls_off,
    holds,
    now_is,
    reminders_set,
    resident,
    slot,
    thursday,
    worker,
)
from tests.support.people import MAY, timers


@pytest.fixture
def amina(done):
    return worker(done)


@pytest.fixture
def ray(done):
    return resident(done)


@pytest.fixture
def may(done):
    return resident(done, MAY, name="May")


def test_coming_late_and_what_they_need_are_kept_and_change_no_reminder(store, done, clock, amina, ray):
    booked = books(done, ray.person_id, amina)
    for said in (
        lambda unit: booking.said_coming(unit, booked.id),
        lambda unit: booking.said_late(unit, booked.id, 10),
        lambda unit: booking.said_needs(unit, booked.id, " a chair with arms "),
    ):
        done(said, acting="person")

    after = now_is(store, booked.id)
    assert (after.coming_at, after.late_minutes, after.needs) == (clock.now(), 10, "a chair with arms")
    assert after.version == booked.version
    done(lambda unit: booking.said_late(unit, booked.id, None), acting="person")
    assert now_is(store, booked.id).late_minutes == 0


def test_who_came_has_a_contact_logged_and_a_promise_kept(store, done, clock, amina, ray):
    booked = books(done, ray.person_id, amina, meeting=Meeting.VIDEO)
    clock.set(thursday(10, 20))

    came = done(lambda unit: booking.attended(unit, booked.id), acting=f"staff:{amina}")

    assert (came.status, came.outcome_by, came.outcome_at) == (
        AppointmentStatus.ATTENDED, f"staff:{amina}", clock.now(),
    )  # fmt: skip
    with store.reading() as reading:
        (contact,) = cases.contacts_of(reading, ray.person_id)
        assert (contact.kind, contact.staff_id, contact.undone_at) == ("met", amina, None)
        assert cases.case_of(reading, ray.person_id).first_contact_at == clock.now()
        assert timers(reading, "remind") == []


def test_a_call_that_was_kept_is_logged_as_rung(store, done, clock, amina, ray):
    booked = books(done, ray.person_id, amina)
    clock.set(thursday(10, 20))
    done(lambda unit: booking.attended(unit, booked.id), acting=f"staff:{amina}")

    with store.reading() as reading:
        assert [contact.kind for contact in cases.contacts_of(reading, ray.person_id)] == ["rang"]


def test_a_slip_of_the_thumb_is_undone_with_its_contact(store, done, clock, hours, amina, ray):
    booked = books(done, ray.person_id, amina)
    clock.set(thursday(10, 20))
    done(lambda unit: booking.attended(unit, booked.id), acting=f"staff:{amina}")

    back = done(lambda unit: booking.outcome_back(unit, booked.id, hours=hours), acting=f"staff:{amina}")

    assert back.stands and back.outcome_at is None
    with store.reading() as reading:
        (contact,) = cases.contacts_of(reading, ray.person_id)
        assert contact.undone_at == clock.now()
        assert cases.case_of(reading, ray.person_id).first_contact_at is None
        assert timers(reading, "appointment-told") == []  # nothing was told, so nothing is


def test_who_did_not_come_hears_a_little_later_unless_it_was_a_slip(store, done, clock, amina, ray):
    booked = books(done, ray.person_id, amina)
    assert (
        done(lambda unit: booking.did_not_attend(unit, booked.id), acting=f"staff:{amina}") is None
    )  # ahead
    clock.set(thursday(10, 20))

    done(lambda unit: booking.did_not_attend(unit, booked.id), acting=f"staff:{amina}")

    with store.reading() as reading:
        (told,) = timers(reading, "missed")
        assert told.due_at > clock.now() and told.subject == f"appointment:{booked.id}"
        assert told.version == now_is(store, booked.id).version
        assert missed(reading, ray.person_id) == 1
        assert cases.contacts_of(reading, ray.person_id) == []
    done(lambda unit: booking.outcome_back(unit, booked.id), acting=f"staff:{amina}")
    with store.reading() as reading:
        assert timers(reading, "missed") == []
        assert missed(reading, ray.person_id) == 0


def test_what_was_missed_half_a_year_ago_was_not_lately(store, done, clock, amina, ray):
    booked = books(done, ray.person_id, amina)
    clock.set(thursday(10, 20))
    done(lambda unit: booking.did_not_attend(unit, booked.id), acting=f"staff:{amina}")
    clock.forward(days=181)

    with store.reading() as reading:
        assert missed(reading, ray.person_id) == 0


def test_early_is_come_but_two_hours_before_is_not(done, clock, amina, ray):
    booked = books(done, ray.person_id, amina)
    clock.set(thursday(8))
    assert done(lambda unit: booking.attended(unit, booked.id), acting=f"staff:{amina}") is None
    clock.set(thursday(9, 30))
    assert done(lambda unit: booking.attended(unit, booked.id), acting=f"staff:{amina}") is not None


def test_a_cancellation_is_undone_where_the_time_is_free_still(store, done, amina, ray):
    booked = books(done, ray.person_id, amina)
    calls_off(done, booked.id, acting=f"staff:{amina}", why="cannot-come")

    back = done(lambda unit: booking.outcome_back(unit, booked.id), acting=f"staff:{amina}")

    assert back.stands and (back.why, back.cancelled_at) == (None, None)
    with store.reading() as reading:
        (told,) = timers(reading, "appointment-told")
        assert told.details == {"what": "booked"}
        assert reminders_set(reading, back) == {back.version}
        (time_free,) = reading.execute(select(freed_time)).all()
        assert time_free.taken_by == booked.id  # nobody else is offered it any more


def test_a_cancellation_is_not_undone_where_somebody_has_the_time(done, amina, ray, may):
    booked = books(done, ray.person_id, amina)
    calls_off(done, booked.id)
    theirs = books(done, may.person_id, amina)

    undone = done(lambda unit: booking.outcome_back(unit, booked.id), acting=f"staff:{amina}")

    assert undone == Clash("booked", theirs.id)


def test_a_cancellation_is_not_undone_into_what_the_person_has_on_by_now(done, amina, ray):
    bob = worker(done, "Bob Jones")
    booked = books(done, ray.person_id, amina)
    calls_off(done, booked.id)
    other = books(done, ray.person_id, bob)

    undone = done(lambda unit: booking.outcome_back(unit, booked.id), acting=f"staff:{amina}")

    assert undone == Clash("theirs", other.id)


def test_put_back_it_lets_go_of_what_was_held_for_them_meanwhile(store, done, amina, ray):
    booked = books(done, ray.person_id, amina)
    calls_off(done, booked.id)
    held = holds(done, ray.person_id, slot(worker(done, "Bob Jones"), thursday(10)))

    assert done(lambda unit: booking.outcome_back(unit, booked.id), acting=f"staff:{amina}").stands
    assert now_is(store, held.id).status is AppointmentStatus.CANCELLED
