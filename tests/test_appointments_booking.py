"""Booking: held for ten minutes, booked, moved, called off, and how it went; who is told and what follows."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import select

from bot.appointments import booking
from bot.appointments.appointment import (
    Appointment,
    appointments_of,
    booked_between,
    by_file_token,
    events_of,
    file_token,
    held_by,
    next_appointment,
)
from bot.appointments.booking import HELD_FOR, Clash, SlotGone
from bot.appointments.windows import Window
from bot.appointments.wishes import Slot, Wishes
from bot.casework import cases, rota
from bot.messages import RANK, Status
from bot.store.tables import (
    AppointmentStatus,
    Meeting,
    appointment,
    freed_time,
    group_session,
    outbox,
    outbox_event,
    worker_calendar,
)
from tests.support.appointments import (
    books,
    calls_off,
    free,
    holds,
    nine_to_five,
    now_is,
    reminders_set,
    resident,
    slot,
    surgery,
    thursday,
    worker,
)
from tests.support.people import MAY, at_once, audited, timers


@pytest.fixture
def amina(done):
    return worker(done)


@pytest.fixture
def ray(done):
    return resident(done)


@pytest.fixture
def may(done):
    return resident(done, MAY, name="May")


def confirms(done, appointment_id):
    return done(lambda unit: booking.confirm(unit, appointment_id), acting="person")


def test_a_slot_is_held_for_ten_minutes_and_then_anybodys(store, done, clock, amina, ray, may):
    held = holds(done, ray.person_id, slot(amina, thursday(10)))
    assert held.status is AppointmentStatus.HELD and held.held_until == clock.now() + HELD_FOR

    assert holds(done, may.person_id, slot(amina, thursday(10))) == Clash("held", held.id)
    clock.forward(minutes=10)
    theirs = holds(done, may.person_id, slot(amina, thursday(10)))

    assert isinstance(theirs, Appointment)
    assert confirms(done, held.id) == SlotGone("held")
    assert confirms(done, theirs.id).stands


def test_a_yes_after_the_ten_minutes_still_books_what_nobody_took(store, done, clock, amina, ray):
    held = holds(done, ray.person_id, slot(amina, thursday(10)))
    clock.forward(hours=1)

    assert confirms(done, held.id).stands
    assert confirms(done, held.id).version == now_is(store, held.id).version  # said twice, booked once


def test_two_hold_the_last_slot_at_once_and_one_is_told_it_is_taken(store, done, amina, ray, may):
    def wants(person_id):
        return lambda unit: booking.hold(unit, person_id, slot(amina, thursday(10)), "review")

    found = at_once(store, wants(ray.person_id), wants(may.person_id), acting="person")

    held = [one for one in found if isinstance(one, Appointment)]
    assert len(held) == 1
    assert [one for one in found if one not in held] == [Clash("held", held[0].id)]


def test_nobody_has_more_than_one_slot_held(store, done, amina, ray):
    first = holds(done, ray.person_id, slot(amina, thursday(10)))
    second = holds(done, ray.person_id, slot(amina, thursday(10, 15)))  # their own hold is not in the way

    assert now_is(store, first.id).status is AppointmentStatus.CANCELLED
    with store.reading() as reading:
        assert held_by(reading, ray.person_id) == second
        assert appointments_of(reading, ray.person_id) == []  # a slot held is no appointment
    done(lambda unit: booking.let_go(unit, second.id), acting="person")
    with store.reading() as reading:
        assert held_by(reading, ray.person_id) is None


def test_two_holds_of_one_person_at_once_leave_one(store, done, amina, ray):
    bob = worker(done, "Bob Jones")

    def wants(staff_id):
        return lambda unit: booking.hold(unit, ray.person_id, slot(staff_id, thursday(10)), "review")

    at_once(store, wants(amina), wants(bob), acting="person")

    with store.reading() as reading:
        statuses = select(appointment.c.status).order_by(appointment.c.status)
        assert reading.execute(statuses).scalars().all() == ["cancelled", "held"]


def test_a_confirmed_slot_is_an_appointment_with_everything_written_down(store, done, clock, ray):
    place = surgery(done)
    amina = worker(done, hours=nine_to_five(place))
    held = holds(
        done, ray.person_id, Slot(amina, thursday(10), thursday(10, 45), Meeting.SURGERY, place), "first"
    )

    booked = confirms(done, held.id)

    assert (booked.status, booked.minutes, booked.staff_name, booked.plan) == (
        AppointmentStatus.BOOKED, 45, "Amina", "first_talk",
    )  # fmt: skip
    assert (booked.place.name, booked.booked_by, booked.held_until) == ("Ashby Surgery", "person", None)
    assert booked.case_id is not None
    with store.reading() as reading:
        assert next_appointment(reading, ray.person_id) == booked
        assert appointments_of(reading, ray.person_id) == [booked]
        assert [event.what for event in events_of(reading, held.id)] == ["held", "booked"]
        assert [row.subject for row in audited(reading, "appointment booked")] == [f"person:{ray.person_id}"]
        assert reminders_set(reading, booked) == {booked.version}
        assert timers(reading, "appointment-told") == []  # they said yes themselves


def test_a_yes_to_what_was_tidied_away_long_ago_is_told_so(store, done):
    assert confirms(done, 12345) == SlotGone("off")


def test_an_old_button_does_not_bring_back_what_was_called_off(done, amina, ray):
    held = holds(done, ray.person_id, slot(amina, thursday(10)))
    confirms(done, held.id)
    calls_off(done, held.id)

    assert confirms(done, held.id) == SlotGone("off")


def test_what_a_link_worker_books_is_told_by_a_turn(store, done, amina, ray):
    booked = books(
        done, ray.person_id, amina, acting=f"staff:{amina}", meeting=Meeting.HOME, kind="visit",
        where="2 Low Road", bring="the letter", note="dog in the yard",
    )  # fmt: skip

    with store.reading() as reading:
        (told,) = timers(reading, "appointment-told")
    assert (told.subject, told.version, told.details) == (
        f"appointment:{booked.id}", booked.version, {"what": "booked"},
    )  # fmt: skip
    assert told.conversation_id == ray.conversation_id
    assert (booked.where, booked.bring, booked.note) == ("2 Low Road", "the letter", "dog in the yard")


def test_booked_and_moved_before_it_was_told_is_told_once_as_it_is_now(store, done, amina, ray):
    booked = books(done, ray.person_id, amina, acting=f"staff:{amina}")
    moves(done, booked.id, thursday(11), acting=f"staff:{amina}")
    with store.reading() as reading:
        (told,) = timers(reading, "appointment-told")
    assert told.details == {"what": "booked"} and told.version == now_is(store, booked.id).version

    calls_off(done, booked.id, acting=f"staff:{amina}")

    with store.reading() as reading:
        assert timers(reading, "appointment-told") == []  # they never heard of it


def test_moved_it_keeps_nothing_of_the_old_time(store, done, clock, amina, ray):
    booked = books(done, ray.person_id, amina)
    done(lambda unit: booking.said_coming(unit, booked.id), acting="person")
    unsent = told_about(done, ray, booked.id)

    moved = moves(done, booked.id, thursday(14))

    assert (moved.starts_at, moved.minutes) == (thursday(14), 30)
    assert moved.version == booked.version + 1 and moved.coming_at is None
    with store.reading() as reading:
        assert reminders_set(reading, moved) == {moved.version}
        assert [event.what for event in events_of(reading, booked.id)] == ["booked", "coming", "moved"]
        row = reading.execute(select(outbox).where(outbox.c.id == unsent)).one()
        assert (row.status, row.reason) == (Status.NOT_SENT, "superseded")
        codes = select(outbox_event.c.code).where(outbox_event.c.outbox_id == unsent)
        assert reading.execute(codes).scalars().all() == ["superseded"]
        (time_free,) = reading.execute(select(freed_time)).all()
        assert time_free.starts_at == thursday(10)
    assert moves(done, booked.id, thursday(14)) == moved  # asked twice, moved once


def test_moved_to_another_worker_both_calendars_change(store, done, amina, ray):
    bob = worker(done, "Bob Jones")
    booked = books(done, ray.person_id, amina)
    before = calendar_versions(store)

    moved = moves(done, booked.id, thursday(10), staff_id=bob)

    assert moved.staff_name == "Bob"
    after = calendar_versions(store)
    assert after[amina] > before[amina] and after[bob] > before[bob]


def test_moved_to_another_way_of_meeting_the_old_place_is_forgotten(store, done, ray):
    place = surgery(done)
    amina = worker(done, hours=nine_to_five(place))
    booked = books(done, ray.person_id, amina, meeting=Meeting.SURGERY, place_id=place)

    by_phone = moves(done, booked.id, thursday(10), meeting=Meeting.PHONE)
    assert (by_phone.meeting, by_phone.place, by_phone.starts_at) == (Meeting.PHONE, None, thursday(10))

    back = moves(done, booked.id, thursday(10), place_id=place)
    assert (back.meeting, back.place.name) == (Meeting.SURGERY, "Ashby Surgery")
    with store.reading() as reading:
        assert reading.execute(select(freed_time)).all() == []  # the time itself never came free


def test_moved_by_a_quarter_of_an_hour_it_is_not_in_its_own_way(done, amina, ray):
    booked = books(done, ray.person_id, amina)

    assert moves(done, booked.id, thursday(10, 15)).starts_at == thursday(10, 15)


def test_a_slot_held_to_move_to_is_beside_the_one_moved_from(done, amina, ray):
    booked = books(done, ray.person_id, amina)
    beside = slot(amina, thursday(10, 15))

    assert holds(done, ray.person_id, beside) == Clash("booked", booked.id)
    held = holds(done, ray.person_id, beside, moving=booked.id)

    assert isinstance(held, Appointment)
    assert moves(done, booked.id, held.starts_at).starts_at == thursday(10, 15)


def test_a_slot_held_to_move_to_is_no_second_appointment(done, amina, ray):
    booked = books(done, ray.person_id, amina)
    held = holds(done, ray.person_id, slot(amina, thursday(10, 15)), moving=booked.id)

    assert confirms(done, held.id) == SlotGone("booked")


def test_a_worker_who_goes_off_sick_within_the_ten_minutes_is_not_booked(done, amina, ray):
    held = holds(done, ray.person_id, slot(amina, thursday(10)))
    done(lambda unit: rota.take_off(unit, amina, "sickness", thursday(0), thursday(23)))

    assert confirms(done, held.id) == SlotGone("leave")


def test_what_is_off_or_over_cannot_be_moved(store, done, amina, ray):
    booked = books(done, ray.person_id, amina)
    calls_off(done, booked.id)

    assert moves(done, booked.id, thursday(11)) == Clash("off", booked.id)


def test_called_off_its_time_is_anybodys_at_once(store, done, amina, ray, may):
    booked = books(done, ray.person_id, amina)
    unsent = told_about(done, ray, booked.id)

    off = calls_off(done, booked.id)

    assert (off.status, off.why, off.cancelled_by) == (AppointmentStatus.CANCELLED, "cannot-come", "person")
    with store.reading() as reading:
        assert next_appointment(reading, ray.person_id) is None
        assert timers(reading, "remind") == []
        assert reading.execute(select(outbox.c.reason).where(outbox.c.id == unsent)).scalar() == "superseded"
        assert len(reading.execute(select(freed_time)).all()) == 1
    assert calls_off(done, booked.id) == off  # said twice, called off once
    assert isinstance(holds(done, may.person_id, slot(amina, thursday(10))), Appointment)


def test_a_time_the_worker_is_away_is_offered_to_nobody(store, done, amina, ray):
    booked = books(done, ray.person_id, amina)
    done(lambda unit: rota.take_off(unit, amina, "leave", thursday(0), thursday(23)))

    calls_off(done, booked.id)

    with store.reading() as reading:
        assert reading.execute(select(freed_time)).all() == []


def test_a_calendar_files_link_leads_to_its_appointment_alone(store, done, amina, ray):
    booked = books(done, ray.person_id, amina)
    with store.reading() as reading:
        token = file_token(reading, booked.id)
        assert by_file_token(reading, token) == booked
        assert by_file_token(reading, token[:-1] + "x") is None
        kept = reading.execute(select(appointment.c.token)).scalar_one()
    assert len(token) == 32 and token not in kept


# -- the case's next step -------------------------------------------------------------------


def test_a_booked_appointment_is_the_cases_next_step(store, done, amina, ray):
    booked = books(done, ray.person_id, amina)
    assert case(store, ray).next_step_by == thursday(10)
    moves(done, booked.id, thursday(11))
    assert case(store, ray).next_step_by == thursday(11)
    books(done, ray.person_id, amina, thursday(15))
    assert case(store, ray).next_step_by == thursday(11)
    calls_off(done, booked.id)
    assert case(store, ray).next_step_by == thursday(15)


def test_a_link_workers_own_next_step_is_not_overwritten(store, done, amina, ray):
    mine = case(store, ray).id
    done(lambda unit: cases.set_next_step(unit, mine, amina, "Ask the council", thursday(9)))

    booked = books(done, ray.person_id, amina)
    calls_off(done, booked.id)

    assert (case(store, ray).next_step, case(store, ray).next_step_by) == ("Ask the council", thursday(9))


def test_a_workers_week_shows_what_takes_their_time(store, done, clock, amina, ray, may):
    first = books(done, ray.person_id, amina)
    off = books(done, may.person_id, amina, thursday(11))
    calls_off(done, off.id)
    held = holds(done, may.person_id, slot(amina, thursday(14)))

    with store.reading() as reading:
        whole_day = ([amina], thursday(0), thursday(23))
        assert booked_between(reading, *whole_day) == [first]
        assert booked_between(reading, *whole_day, held=True) == [first, held]
        assert booked_between(reading, [amina], thursday(10, 30), thursday(23)) == []  # over by then


@pytest.mark.parametrize("minutes", [0, 4, 13 * 60])
def test_a_length_that_is_none_is_refused(done, amina, ray, minutes):
    with pytest.raises(ValueError):
        books(done, ray.person_id, amina, minutes=minutes)


def test_moved_away_from_its_group_session_it_takes_time_of_its_own(store, done, amina, ray, may):
    def plan(unit):
        return unit.insert(
            group_session, name="Walk", staff_id=amina, starts_at=thursday(10), ends_at=thursday(11),
            status="planned", created_at=unit.now,
        )  # fmt: skip

    session = done(plan)
    there = books(done, ray.person_id, amina, minutes=60, kind="group", session_id=session)

    alone = moves(done, there.id, thursday(14))

    assert alone.session_id is None
    found = free(
        store, Wishes((Window(thursday(0).date(), thursday(0).date(), time(13)),), kind="review"), most=20
    )
    assert thursday(14) not in {one.starts_at for one in found}
    assert holds(done, may.person_id, slot(amina, thursday(14))) == Clash("booked", there.id)


# -- behind them ----------------------------------------------------------------------------


def moves(done, appointment_id, starts_at, *, acting="person", **to):
    return done(lambda unit: booking.move(unit, appointment_id, starts_at, **to), acting=acting)


def told_about(done, point, appointment_id):
    """A message about it that has not left yet; its id."""

    def work(unit):
        return unit.insert(
            outbox, conversation_id=point.conversation_id, contact_point_id=point.id, channel=point.channel,
            purpose="reply", priority=10, language="en", text=unit.sealer.seal("Booked."),
            status=Status.QUEUED, rank=RANK[Status.QUEUED], created_at=unit.now, due_at=unit.now,
            about=f"appointment:{appointment_id}",
        )  # fmt: skip

    return done(work)


def calendar_versions(store):
    with store.reading() as reading:
        rows = reading.execute(select(worker_calendar.c.staff_id, worker_calendar.c.version))
        return {row.staff_id: row.version for row in rows}


def case(store, point):
    with store.reading() as reading:
        return cases.case_of(reading, point.person_id)
