"""Nobody answers somebody who waits: they are told, and it comes back to the team."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.casework import handoffs, unanswered
from bot.casework.handoff_events import events_of, handoff_of, holder
from bot.casework.handoffs import PickedUp
from bot.store.tables import conversation
from bot.store.timers import done as timer_done
from tests.support.people import RAY, comes, timers, works_here


@pytest.fixture
def ray(done):
    return comes(done, RAY, name="Ray")


@pytest.fixture
def amina(done):
    return works_here(done, "Amina Shah")


@pytest.fixture
def bob(done):
    return works_here(done, "Bob Jones")


def asks_for_a_person(done, point, **more):
    return done(
        lambda unit: handoffs.open_handoff(unit, point.conversation_id, reason="person", **more),
        acting="person",
    )


def picks_up(done, hours, handoff_id, staff_id):
    return done(
        lambda unit: handoffs.pick_up(unit, handoff_id, staff_id, until=hours.closing(unit.now)),
        acting=f"staff:{staff_id}",
    )


def one(store, handoff_id):
    with store.reading() as reading:
        return handoff_of(reading, handoff_id)


def waits_for_an_answer(done, hours, point, minutes=30):
    return done(
        lambda unit: unanswered.note_unanswered(unit, point.conversation_id, hours, minutes), acting="person"
    )


def test_if_nobody_answers_they_are_told_in_thirty_minutes(store, done, hours, ray, clock):
    began = clock.now()
    due = waits_for_an_answer(done, hours, ray)
    clock.forward(minutes=10)

    assert due == began + timedelta(minutes=30)
    assert waits_for_an_answer(done, hours, ray) is None  # the first clock runs on
    with store.reading() as reading:
        assert [t.due_at for t in timers(reading, "unanswered")] == [due]


def test_in_closed_hours_they_are_told_at_once(done, hours, ray, clock):
    clock.set(hours.closing(clock.now()) + timedelta(minutes=5))

    assert waits_for_an_answer(done, hours, ray) == clock.now()


@pytest.mark.parametrize(("stays", "waits"), [(60, 30), (20, 20)])
def test_a_worker_who_stays_late_is_waited_for(done, hours, ray, amina, clock, stays, waits):
    clock.set(hours.closing(clock.now()) + timedelta(minutes=5))
    waiting, until = asks_for_a_person(done, ray), clock.now() + timedelta(minutes=stays)
    done(lambda unit: handoffs.pick_up(unit, waiting, amina, until=until))

    assert waits_for_an_answer(done, hours, ray) == clock.now() + timedelta(minutes=waits)


def test_just_before_closing_they_are_told_when_the_team_goes_home(done, hours, ray, clock):
    clock.set(hours.closing(clock.now()) - timedelta(minutes=10))

    assert waits_for_an_answer(done, hours, ray) == hours.closing(clock.now())


def test_someone_told_once_is_told_again_when_the_next_worker_does_not_answer_either(
    store, done, hours, ray, amina, bob, clock
):
    held = asks_for_a_person(done, ray)
    picks_up(done, hours, held, amina)
    waits_for_an_answer(done, hours, ray)
    clock.forward(minutes=30)
    with store.reading() as reading:
        (due,) = timers(reading, "unanswered")
    done(lambda unit: timer_done(unit, due.id, "told"))
    done(lambda unit: handoffs.back_to_queue(unit, held, waiting_for_reply=True, why="no answer"))
    picks_up(done, hours, held, bob)

    assert waits_for_an_answer(done, hours, ray) == clock.now() + timedelta(minutes=30)


def test_an_answer_ends_the_waiting(store, done, hours, ray, amina):
    waits_for_an_answer(done, hours, ray)

    done(lambda unit: unanswered.answered(unit, ray.conversation_id, amina))

    with store.reading() as reading:
        assert timers(reading, "unanswered") == []
        since = reading.execute(select(conversation.c.unanswered_since)).scalar_one()
    assert since is None
    assert waits_for_an_answer(done, hours, ray) is not None


def test_back_in_the_queue_they_have_waited_since_they_wrote(store, done, hours, ray, amina, bob, clock):
    held = asks_for_a_person(done, ray)
    picks_up(done, hours, held, amina)
    clock.forward(minutes=20)
    wrote = clock.now()
    waits_for_an_answer(done, hours, ray)
    clock.forward(minutes=30)

    assert done(lambda unit: handoffs.back_to_queue(unit, held, waiting_for_reply=True, why="no answer"))

    waiting = one(store, held)
    assert (waiting.status, waiting.waiting_since, waiting.waiting_for_reply) == ("waiting", wrote, True)
    with store.reading() as reading:
        assert holder(reading, ray.conversation_id) is None
        assert events_of(reading, held)[-1].note == "no answer"
    assert isinstance(picks_up(done, hours, held, bob), PickedUp)


def test_what_nobody_holds_cannot_come_back(done, ray):
    waiting = asks_for_a_person(done, ray)

    assert done(lambda unit: handoffs.back_to_queue(unit, waiting, waiting_for_reply=True, why="")) is False
