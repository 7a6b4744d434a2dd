"""Concerns: noticed, told to a person, found to be none by two, and who may read because of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.casework import concerns, handoffs, staffing, tasks
from bot.casework.access import may_open, record_view
from bot.people import joining, persons
from bot.store.tables import conversation
from tests.support.people import MAY, RAY, audited, comes, is_referred, tasks_to_do, works_here, writes


@pytest.fixture
def ray(done):
    return comes(done, RAY, name="Ray")


@pytest.fixture
def amina(done):
    return works_here(done, "Amina Shah")


@pytest.fixture
def bob(done):
    return works_here(done, "Bob Jones")


def noticed(done, hours, point, message, level="risk", category="suicide", why=("suicide-plan",)):
    return done(
        lambda unit: concerns.record_concern(
            unit, point.conversation_id, message, level=level, category=category, why=why, hours=hours
        ),
        acting="person",
    )


def is_none(done, hours, concern_id, staff_id, why="a song he quoted"):
    return done(
        lambda unit: concerns.not_a_concern(unit, concern_id, staff_id, why, hours=hours),
        acting=f"staff:{staff_id}",
    )


def confirms(done, hours, concern_id, staff_id, **more):
    return done(
        lambda unit: concerns.confirm(unit, concern_id, staff_id, hours=hours, **more),
        acting=f"staff:{staff_id}",
    )


def standing(store, point):
    with store.reading() as reading:
        return concerns.concerns_of(reading, point.conversation_id)


def open_handoff(store, point):
    with store.reading() as reading:
        return handoffs.open_handoff_of(reading, point.conversation_id)


def stays_until(store, point):
    with store.reading() as reading:
        return reading.execute(
            select(conversation.c.concern_until).where(conversation.c.id == point.conversation_id)
        ).scalar_one()


def test_a_concern_is_before_the_team_and_what_they_say_next_stays_with_a_person(
    store, done, hours, ray, clock
):
    message = writes(done, ray, "I cannot go on")

    recorded = noticed(done, hours, ray, message)

    (kept,) = standing(store, ray)
    assert (kept.id, kept.level, kept.why) == (recorded.concern_id, "risk", ["suicide-plan"])
    waiting = open_handoff(store, ray)
    assert (waiting.id, waiting.rank, waiting.sees_from) == (recorded.handoff_id, 30, message)
    assert stays_until(store, ray) == clock.now() + timedelta(hours=24)


def test_a_worry_leaves_the_questions_to_go_on(store, done, hours, ray):
    noticed(done, hours, ray, writes(done, ray, "I feel low"), level="worry", category="worry")

    assert open_handoff(store, ray).rank == 10
    assert stays_until(store, ray) is None


def test_the_same_message_looked_at_again_is_one_concern_and_the_worse_stands(store, done, hours, ray):
    message = writes(done, ray, "I cannot go on")
    first = noticed(done, hours, ray, message, level="worry", category="worry", why=["low"])

    again = noticed(done, hours, ray, message, level="danger-now", why=["suicide-now"])
    noticed(done, hours, ray, message, level="worry", category="worry", why=["low"])

    assert again.concern_id == first.concern_id
    (kept,) = standing(store, ray)
    assert (kept.level, kept.category, kept.why) == ("danger-now", "suicide", ["suicide-now"])
    assert open_handoff(store, ray).level == "danger-now"


def test_told_is_when_a_person_says_so(store, done, hours, ray, amina):
    noticed(done, hours, ray, writes(done, ray, "I cannot go on"))

    assert done(lambda unit: concerns.acknowledge(unit, ray.conversation_id, amina)) == 1
    assert done(lambda unit: concerns.acknowledge(unit, ray.conversation_id, amina)) == 0

    (kept,) = standing(store, ray)
    assert (kept.told_to, kept.told_to_name) == (amina, "Amina Shah")


def test_not_a_concern_ends_the_alarm_and_asks_a_second_person(store, done, hours, ray, amina, clock):
    recorded = noticed(done, hours, ray, writes(done, ray, "suicide is painless, that song"))

    assert is_none(done, hours, recorded.concern_id, amina) is True
    assert is_none(done, hours, recorded.concern_id, amina) is False

    assert standing(store, ray) == []
    assert open_handoff(store, ray) is None
    assert stays_until(store, ray) is None
    with store.reading() as reading:
        (task,) = tasks.open_tasks(reading, kind="confirm")
        assert task.due_at == hours.working_days_after(clock.now(), 1)
        (waits,) = concerns.to_confirm(reading)
        assert (waits.id, waits.not_a_concern_why) == (recorded.concern_id, "a song he quoted")
        assert "song" not in str([row.details for row in audited(reading, "not a concern")])


def test_a_reason_must_be_given(done, hours, ray, amina):
    recorded = noticed(done, hours, ray, writes(done, ray, "I cannot go on"))

    with pytest.raises(ValueError, match="why"):
        is_none(done, hours, recorded.concern_id, amina, why="  ")


def test_whoever_said_it_was_none_cannot_confirm_it(store, done, hours, ray, amina, bob):
    recorded = noticed(done, hours, ray, writes(done, ray, "that song"))
    is_none(done, hours, recorded.concern_id, amina)

    with pytest.raises(concerns.SamePerson):
        confirms(done, hours, recorded.concern_id, amina)
    confirms(done, hours, recorded.concern_id, bob)

    with store.reading() as reading:
        assert concerns.to_confirm(reading) == []
        assert tasks_to_do(reading, ray.person_id) == []
        (kept,) = concerns.concerns_of(reading, ray.conversation_id, with_none=True)
        assert (kept.not_a_concern_by, kept.confirmed_by) == (amina, bob)
    with pytest.raises(concerns.NoSuchConcern):
        confirms(done, hours, recorded.concern_id, bob)


def test_a_second_person_who_disagrees_raises_the_alarm_again(store, done, hours, ray, amina, bob):
    message = writes(done, ray, "that song")
    recorded = noticed(done, hours, ray, message)
    is_none(done, hours, recorded.concern_id, amina)

    confirms(done, hours, recorded.concern_id, bob, agrees=False)

    (kept,) = standing(store, ray)
    waiting = open_handoff(store, ray)
    assert (waiting.level, waiting.sees_from, kept.handoff_id) == ("risk", message, waiting.id)
    with store.reading() as reading:
        assert tasks_to_do(reading, ray.person_id) == []


@pytest.mark.parametrize("level", ["worry", "abuse"])
def test_for_the_others_one_person_is_enough(store, done, hours, ray, amina, level):
    recorded = noticed(done, hours, ray, writes(done, ray, "I feel low"), level=level)

    is_none(done, hours, recorded.concern_id, amina)

    with store.reading() as reading:
        assert concerns.to_confirm(reading) == []
        assert tasks_to_do(reading, ray.person_id) == []


def test_the_worst_that_still_stands_keeps_its_marking(store, done, hours, ray, amina):
    noticed(done, hours, ray, writes(done, ray, "I feel low"), level="worry", category="worry")
    worse = noticed(done, hours, ray, writes(done, ray, "that song"))

    is_none(done, hours, worse.concern_id, amina)

    waiting = open_handoff(store, ray)
    assert (waiting.level, waiting.rank) == ("worry", 10)


def test_what_else_they_wait_for_goes_on_without_the_marking(store, done, hours, ray, amina):
    opened = is_referred(done, ray, hours)
    recorded = noticed(done, hours, ray, writes(done, ray, "that song"))

    is_none(done, hours, recorded.concern_id, amina)

    waiting = open_handoff(store, ray)
    assert (waiting.id, waiting.reason, waiting.level, waiting.rank) == (
        opened.handoff_id,
        "referral",
        None,
        0,
    )


# -- who may read ---------------------------------------------------------------------------


def access(store, staff_id, point):
    with store.reading() as reading:
        got = may_open(reading, staff_id, point.person_id)
    return got.all, got.from_inbox_id, got.reason


def test_nobody_opens_an_unfinished_intake(store, done, ray, amina):
    writes(done, ray, "I would like company")

    assert access(store, amina, ray) == (False, None, "no agreement")


def test_with_a_yes_everything_may_be_opened(store, done, ray, amina):
    done(lambda unit: persons.agreed(unit, ray.person_id))

    assert access(store, amina, ray) == (True, None, "agreed")


def test_someone_who_asked_for_a_person_is_read_from_there_on_while_they_wait(store, done, ray, amina):
    writes(done, ray, "private")
    asked = writes(done, ray, "PERSON")
    waiting = done(
        lambda unit: handoffs.open_handoff(unit, ray.conversation_id, reason="person", sees_from=asked)
    )

    assert access(store, amina, ray) == (False, asked, "person")

    done(lambda unit: handoffs.close_handoff(unit, waiting, amina, "answered"))
    assert access(store, amina, ray) == (False, None, "no agreement")


def test_a_concern_is_read_from_its_message_on_and_its_record_stays(store, done, hours, ray, amina):
    writes(done, ray, "private")
    message = writes(done, ray, "I cannot go on")
    recorded = noticed(done, hours, ray, message)
    assert access(store, amina, ray) == (False, message, "concern")

    done(lambda unit: handoffs.close_handoff(unit, recorded.handoff_id, amina, "safe"))

    assert access(store, amina, ray) == (False, message, "concern")


def test_what_was_no_concern_opens_nothing(store, done, hours, ray, amina):
    recorded = noticed(done, hours, ray, writes(done, ray, "that song"))
    is_none(done, hours, recorded.concern_id, amina)

    assert access(store, amina, ray) == (False, None, "no agreement")


def test_whoever_has_left_opens_nothing(store, done, ray, amina):
    done(lambda unit: persons.agreed(unit, ray.person_id))
    done(lambda unit: staffing.set_active(unit, amina, False))

    assert access(store, amina, ray) == (False, None, "not on the team")
    with store.reading() as reading:
        assert may_open(reading, amina, ray.person_id).none


def test_looking_is_audited_with_its_reason(store, done, hours, ray, amina):
    message = writes(done, ray, "I cannot go on")
    noticed(done, hours, ray, message)

    def looks(unit):
        record_view(unit, ray.person_id, may_open(unit, amina, ray.person_id))

    done(looks, acting=f"staff:{amina}")

    with store.reading() as reading:
        (row,) = audited(reading, "case seen")
    assert (row.acting, row.subject) == (f"staff:{amina}", f"person:{ray.person_id}")
    assert row.details == {"reason": "concern", "all": False, "from_inbox_id": message}


def test_a_concern_goes_along_when_two_are_joined_and_what_else_they_wait_for_stays(
    store, done, hours, ray, amina
):
    may = comes(done, MAY)
    recorded = noticed(done, hours, may, writes(done, may, "that song"))
    done(lambda unit: handoffs.open_handoff(unit, ray.conversation_id, reason="person"))

    done(lambda unit: joining.join(unit, ray.person_id, may.person_id))

    (kept,) = standing(store, ray)
    assert kept.id == recorded.concern_id
    assert open_handoff(store, ray).level == "risk"
    is_none(done, hours, kept.id, amina)
    waiting = open_handoff(store, ray)
    assert (waiting.reason, waiting.level, waiting.rank) == ("person", None, 0)
