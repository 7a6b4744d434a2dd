"""What becomes of appointments when two turn out to be one, when somebody is erased, and at night."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.appointments import booking
from bot.appointments.appointment import appointments_of, events_of, next_appointment
from bot.appointments.freed_time import wait_for_earlier
from bot.messages import ChannelName
from bot.people import joining
from bot.people.moving import OF_A_PERSON
from bot.records.retention import erase_unagreed
from bot.store.tables import (
    SessionStatus,
    appointment,
    appointment_event,
    freed_offer,
    freed_time,
    group_session,
    metadata,
    short_notice,
    trial_arm,
    written_reminder,
)
from bot.worker import nightly
from tests.support.appointments import books, holds, now_is, resident, slot, thursday, worker
from tests.support.people import RAY, comes, timers, writes

#: Who was asked, and who joined whom, stays written of them both.
OF_EACH_ALONE = {
    "person", "conversation", "join_code", "joining", "name_lookup",  # made anew, or of the joining itself
    "trial_arm",  # goes along trial by trial
}  # fmt: skip


@pytest.fixture
def amina(done):
    return worker(done)


@pytest.fixture
def texted(done):
    return resident(done)


@pytest.fixture
def on_telegram(done):
    return comes(done, "4200001", channel=ChannelName.TELEGRAM, name="Ray")


def test_whatever_is_kept_of_a_person_goes_along_when_two_are_one():
    of_people = {table.name for table in metadata.tables.values() if "person_id" in table.c}

    assert of_people - {table.name for table in OF_A_PERSON} <= OF_EACH_ALONE


def test_the_appointments_of_two_that_are_one_are_one_persons_and_part_again(
    store, done, amina, texted, on_telegram
):
    booked = books(done, on_telegram.person_id, amina, acting=f"staff:{amina}")
    before = everything(store)

    joined = done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id), acting="staff:1")

    with store.reading() as reading:
        assert next_appointment(reading, texted.person_id).id == booked.id
        (told,) = timers(reading, "appointment-told")
        assert told.conversation_id == texted.conversation_id  # they hear where they talk with us now
        assert timers(reading, "remind")
    done(lambda unit: joining.undo(unit, joined))
    assert everything(store) == before


def test_what_both_were_offered_is_offered_once_and_a_trials_arm_goes_along(
    store, done, clock, amina, texted, on_telegram
):
    booked = books(done, on_telegram.person_id, amina)

    def offered(unit):
        freed = unit.insert(
            freed_time, staff_id=amina, starts_at=thursday(15), ends_at=thursday(16), kind="review",
            meeting="phone", from_appointment_id=booked.id, status="offered", freed_at=unit.now,
        )  # fmt: skip
        for point in (texted, on_telegram):
            unit.insert(freed_offer, freed_id=freed, person_id=point.person_id, offered_at=unit.now)
            wait_for_earlier(unit, point.person_id, times="mornings")
        arms = ((texted, "both", "a"), (on_telegram, "both", "b"), (on_telegram, "theirs", "b"))
        for point, trial, arm in arms:
            unit.execute(
                trial_arm.insert().values(
                    person_id=point.person_id, trial=trial, arm=arm, at=unit.now, appointment_id=booked.id
                )
            )

    done(offered)
    before = everything(store)

    joined = done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))

    with store.reading() as reading:
        arms = select(trial_arm.c.trial, trial_arm.c.arm).where(trial_arm.c.person_id == texted.person_id)
        assert sorted(map(tuple, reading.execute(arms))) == [("both", "a"), ("theirs", "b")]
        theirs = (freed_offer.c.person_id == texted.person_id,)
        assert reading.execute(select(func.count()).select_from(freed_offer).where(*theirs)).scalar() == 1
    done(lambda unit: joining.undo(unit, joined))
    assert everything(store) == before


def test_who_is_erased_leaves_no_word_about_an_appointment(store, done, clock, amina):
    ray = comes(done, RAY, name="Ray")
    writes(done, ray, "hello")
    booked = books(
        done, ray.person_id, amina, meeting="home", where="2 Low Road", bring="the letter", note="a dog"
    )
    done(lambda unit: booking.said_needs(unit, booked.id, "a ramp"))
    done(lambda unit: booking.said_late(unit, booked.id, 5))

    def more(unit):
        wait_for_earlier(unit, ray.person_id, times="mornings, not Tuesdays")
        unit.insert(
            written_reminder, person_id=ray.person_id, staff_id=amina, words=unit.sealer.seal("choir at 7"),
            due_at=unit.now, useful_until=unit.now + timedelta(hours=1), created_at=unit.now,
        )  # fmt: skip

    done(more)
    clock.set(booked.ends_at + timedelta(days=29))
    assert erases(done, clock).people == 0  # what they have on is not yet so long ago
    clock.forward(days=2)

    assert erases(done, clock).people == 1

    after = now_is(store, booked.id)
    assert (after.where, after.bring, after.note, after.needs, after.late_minutes) == ("", "", "", "", None)
    with store.reading() as reading:
        for table in (short_notice, written_reminder):
            assert reading.execute(select(table)).all() == []


def test_at_night_slots_never_booked_are_forgotten_and_sessions_gone_by_are_over(
    store, done, clock, amina, texted
):
    lapsed = holds(done, texted.person_id, slot(amina, thursday(9)))
    let_go = holds(done, texted.person_id, slot(amina, thursday(11)))
    done(lambda unit: booking.let_go(unit, let_go.id))
    booked = books(done, texted.person_id, amina)
    off = books(done, texted.person_id, amina, thursday(14))
    done(lambda unit: booking.cancel(unit, off.id, why="cannot-come"))
    sessions = [session(done, amina, clock.now() + timedelta(hours=hours)) for hours in (1, 40)]

    assert asyncio.run(nightly.tidy_appointments(store)) == 0  # a button of today's may still be pressed
    clock.forward(hours=25)
    assert asyncio.run(nightly.tidy_appointments(store)) == 2

    with store.reading() as reading:
        left = set(reading.execute(select(appointment.c.id)).scalars())
        assert left == {booked.id, off.id} and lapsed.id not in left
        assert set(reading.execute(select(appointment_event.c.appointment_id)).scalars()) == left
        assert len(appointments_of(reading, texted.person_id)) == 2
        assert [event.what for event in events_of(reading, off.id)] == ["booked", "cancelled"]
        statuses = dict(map(tuple, reading.execute(select(group_session.c.id, group_session.c.status))))
        assert [statuses[one] for one in sessions] == [SessionStatus.OVER, SessionStatus.PLANNED]
    assert asyncio.run(nightly.tidy_appointments(store)) == 0


def erases(done, clock):
    return done(lambda unit: erase_unagreed(unit, clock.now() - timedelta(days=30)), acting="timer")


def session(done, staff_id, starts_at):
    return done(
        lambda unit: unit.insert(
            group_session,
            name="Walk",
            staff_id=staff_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            status=SessionStatus.PLANNED,
            created_at=unit.now,
        )
    )


def everything(store):
    """Whose everything about appointments is."""
    with store.reading() as reading:
        return {
            table.name: sorted(map(str, reading.execute(select(table))))
            for table in (appointment, short_notice, freed_offer, written_reminder, trial_arm)
        }
