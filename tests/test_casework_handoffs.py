"""A person is put before the team, picked up by one, handed back, closed, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.casework import cases, concerns, handoffs, referrals
from bot.casework.handoff_events import events_of, handoff_of, holder
from bot.casework.handoffs import AlreadyPickedUp, PickedUp
from bot.people import persons
from bot.store.tables import HandoffStatus, handoff, referral
from tests.support.people import MAY, RAY, at_once, audited, comes, is_referred, timers, works_here, writes


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


def queue(store, **how):
    with store.reading() as reading:
        return [h.id for h in handoffs.waiting(reading, **how)]


# -- opening --------------------------------------------------------------------------------


def test_the_worst_is_first_then_whoever_has_waited_longest(store, done, clock, hours):
    opened = {}
    for n, (who, level, rank) in enumerate(
        [("first", None, 0), ("worried", "worry", 10), ("second", None, 0), ("in danger", "danger-now", 40)]
    ):
        point = comes(done, f"+4477009001{n:02d}")
        opened[who] = asks_for_a_person(done, point, level=level, rank=rank)
        clock.forward(minutes=1)

    assert queue(store) == [opened[w] for w in ("in danger", "worried", "first", "second")]


def test_a_second_reason_raises_the_one_handoff(store, done, hours, ray, clock):
    soon, sooner = clock.now() + timedelta(hours=2), clock.now() + timedelta(hours=1)
    first = asks_for_a_person(done, ray, due_at=soon, sees_from=7)

    again = done(
        lambda unit: handoffs.open_handoff(
            unit, ray.conversation_id, reason="concern", level="risk", rank=30, due_at=sooner, sees_from=9
        )
    )

    raised = one(store, first)
    assert again == first
    assert (raised.reason, raised.level, raised.rank) == ("concern", "risk", 30)
    assert (raised.due_at, raised.sees_from) == (sooner, 7)


def test_a_lesser_reason_lowers_nothing(store, done, hours, ray):
    first = asks_for_a_person(done, ray, level="risk", rank=30)

    asks_for_a_person(done, ray)

    assert (one(store, first).level, one(store, first).rank) == ("risk", 30)


def test_a_conversation_cannot_have_two_open_handoffs(store, done, ray):
    asks_for_a_person(done, ray)

    with pytest.raises(IntegrityError):
        done(
            lambda unit: unit.insert(
                handoff, conversation_id=ray.conversation_id, reason="person",
                status=HandoffStatus.WAITING, opened_at=unit.now, waiting_since=unit.now,
            )
        )  # fmt: skip


def test_reasons_that_come_at_once_open_one_handoff(store, ray):
    def asks(unit):
        return handoffs.open_handoff(unit, ray.conversation_id, reason="person")

    assert len(set(at_once(store, *[asks] * 4))) == 1


def test_the_queue_names_only_those_who_agreed(store, done, hours, ray):
    may = comes(done, MAY, name="May")
    asks_for_a_person(done, ray)
    is_referred(done, may, hours)

    with store.reading() as reading:
        names = {h.person_id: h.name for h in handoffs.waiting(reading)}

    assert names == {ray.person_id: "", may.person_id: "May"}


# -- picking up -----------------------------------------------------------------------------


def test_two_link_workers_press_at_once_and_one_gets_it(store, done, hours, ray, amina, bob):
    waiting = asks_for_a_person(done, ray)

    def press(staff_id):
        return lambda unit: handoffs.pick_up(unit, waiting, staff_id, until=hours.closing(unit.now))

    answers = at_once(store, press(amina), press(bob))

    (got,) = [a for a in answers if isinstance(a, PickedUp)]
    (late,) = [a for a in answers if isinstance(a, AlreadyPickedUp)]
    assert got.conversation_id == ray.conversation_id
    assert late.by_name in ("Amina Shah", "Bob Jones")
    assert late.by_id == one(store, waiting).picked_up_by
    assert late.at is not None
    with store.reading() as reading:
        assert [e.what for e in events_of(reading, waiting)] == ["opened: person", "picked up"]


def test_while_it_is_held_the_worker_speaks_until_they_go_home(store, done, hours, ray, amina, clock):
    picks_up(done, hours, asks_for_a_person(done, ray), amina)

    with store.reading() as reading:
        assert holder(reading, ray.conversation_id) == amina
    clock.set(hours.closing(clock.now()))
    with store.reading() as reading:
        assert holder(reading, ray.conversation_id) is None


def test_holding_can_be_made_longer_by_who_holds_it(store, done, hours, ray, amina, bob, clock):
    held = asks_for_a_person(done, ray)
    picks_up(done, hours, held, amina)
    later = hours.closing(clock.now()) + timedelta(hours=1)

    assert done(lambda unit: handoffs.extend_hold(unit, held, bob, until=later)) is False
    assert done(lambda unit: handoffs.extend_hold(unit, held, amina, until=later)) is True

    clock.set(hours.closing(clock.now()))
    with store.reading() as reading:
        assert holder(reading, ray.conversation_id) == amina


def test_pressing_twice_is_not_an_error(done, hours, ray, amina):
    waiting = asks_for_a_person(done, ray)

    assert isinstance(picks_up(done, hours, waiting, amina), PickedUp)
    assert isinstance(picks_up(done, hours, waiting, amina), PickedUp)


def test_picking_up_a_finished_one_says_so(done, hours, ray, amina, bob):
    waiting = asks_for_a_person(done, ray)
    picks_up(done, hours, waiting, amina)
    done(lambda unit: handoffs.hand_back(unit, waiting, amina))

    answer = picks_up(done, hours, waiting, bob)

    assert (answer.status, answer.by_name) == (HandoffStatus.HANDED_BACK, "Amina Shah")


def test_a_concern_counts_as_told_when_a_person_picks_up(store, done, hours, ray, amina):
    message = writes(done, ray, "I cannot go on")
    noticed = done(
        lambda unit: concerns.record_concern(
            unit, ray.conversation_id, message, level="risk", category="suicide", why=["a"], hours=hours
        )
    )
    with store.reading() as reading:
        assert concerns.concerns_of(reading, ray.conversation_id)[0].told_at is None

    picks_up(done, hours, noticed.handoff_id, amina)

    with store.reading() as reading:
        (told,) = concerns.concerns_of(reading, ray.conversation_id)
    assert (told.told_to, told.told_to_name) == (amina, "Amina Shah")


def test_a_referral_picked_up_is_accepted_and_the_case_is_theirs(store, done, hours, ray, amina):
    opened = is_referred(done, ray, hours)

    picks_up(done, hours, opened.handoff_id, amina)

    with store.reading() as reading:
        assert cases.case_by_id(reading, opened.case_id).owner_id == amina
        assert referrals.referrals_of(reading, ray.person_id)[0].status == "accepted"


def test_someone_keeps_their_link_worker_when_another_answers(store, done, hours, ray, amina, bob):
    opened = is_referred(done, ray, hours)
    done(lambda unit: cases.take(unit, opened.case_id, amina))

    picks_up(done, hours, opened.handoff_id, bob)

    with store.reading() as reading:
        assert cases.case_by_id(reading, opened.case_id).owner_id == amina


# -- ending ---------------------------------------------------------------------------------


def test_handed_back_the_questions_go_on_and_the_case_stays(store, done, hours, ray, amina):
    opened = is_referred(done, ray, hours)
    picks_up(done, hours, opened.handoff_id, amina)

    assert done(lambda unit: handoffs.hand_back(unit, opened.handoff_id, amina)) is True
    assert done(lambda unit: handoffs.hand_back(unit, opened.handoff_id, amina)) is False

    with store.reading() as reading:
        assert holder(reading, ray.conversation_id) is None
        assert handoffs.open_handoff_of(reading, ray.conversation_id) is None
        assert cases.case_by_id(reading, opened.case_id).status == "open"


def test_closing_closes_the_case_and_the_referral_with_a_note_only_staff_read(store, done, hours, ray, amina):
    opened = is_referred(done, ray, hours)
    picks_up(done, hours, opened.handoff_id, amina)

    done(
        lambda unit: handoffs.close_handoff(unit, opened.handoff_id, amina, "joined-a-group", "Doing well"),
        acting=f"staff:{amina}",
    )

    with store.reading() as reading:
        closed = cases.case_by_id(reading, opened.case_id)
        assert (closed.status, closed.outcome, closed.note) == ("closed", "joined-a-group", "Doing well")
        assert reading.execute(select(referral.c.status)).scalar_one() == "closed"
        assert timers(reading, "late") == []
        (row,) = audited(reading, "case closed")
        assert row.acting == f"staff:{amina}"
        assert "well" not in str(row.details)
    assert one(store, opened.handoff_id).status == "closed"
    assert queue(store, with_picked_up=True) == []


def test_a_closing_can_be_taken_back_within_the_hour(store, done, hours, ray, amina, clock):
    opened = is_referred(done, ray, hours)
    picks_up(done, hours, opened.handoff_id, amina)
    done(lambda unit: handoffs.close_handoff(unit, opened.handoff_id, amina, "helped", ""))
    clock.forward(minutes=59)

    assert done(
        lambda unit: handoffs.undo_close(
            unit, opened.handoff_id, amina, until=hours.closing(unit.now), hours=hours
        )
    )

    with store.reading() as reading:
        case = cases.case_by_id(reading, opened.case_id)
        assert (case.status, case.outcome, case.closed_at) == ("open", None, None)
        assert referrals.referrals_of(reading, ray.person_id)[0].status == "accepted"
        assert holder(reading, ray.conversation_id) == amina
        assert [t.version for t in timers(reading, "late")] == [case.version]


def test_later_than_that_it_stays_closed(store, done, hours, ray, amina, clock):
    opened = is_referred(done, ray, hours)
    done(lambda unit: handoffs.close_handoff(unit, opened.handoff_id, amina, "helped", ""))
    clock.forward(minutes=61)

    assert done(lambda unit: handoffs.undo_close(unit, opened.handoff_id, amina)) is False
    assert one(store, opened.handoff_id).status == "closed"


def test_a_closing_is_not_taken_back_over_something_new(done, hours, ray, amina):
    first = asks_for_a_person(done, ray)
    done(lambda unit: handoffs.close_handoff(unit, first, amina, "answered", ""))
    asks_for_a_person(done, ray)

    assert done(lambda unit: handoffs.undo_close(unit, first, amina)) is False


def test_everything_done_is_in_the_audit_without_a_name(store, done, hours, ray, amina):
    done(lambda unit: persons.agreed(unit, ray.person_id))
    waiting = asks_for_a_person(done, ray)
    picks_up(done, hours, waiting, amina)
    done(lambda unit: handoffs.back_to_queue(unit, waiting, waiting_for_reply=False, why="called away"))
    picks_up(done, hours, waiting, amina)
    done(lambda unit: handoffs.close_handoff(unit, waiting, amina, "answered", "Ray is fine"))

    with store.reading() as reading:
        for action in ("handoff opened", "picked up", "back in the queue", "closed"):
            for row in audited(reading, action):
                assert row.subject == f"handoff:{waiting}"
                assert not any(word in str(row.details) for word in ("Ray", "Amina", "called", "fine"))
        assert len(audited(reading, "picked up")) == 2
