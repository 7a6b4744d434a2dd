"""A person's own plan: every line from a message, history kept, and theirs to change, share and take back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.casework.plans import (
    GP,
    LINK_WORKER,
    REVIEW_AFTER,
    SERVICES,
    NoSuchPlan,
    Said,
    add_line,
    agree,
    correct_line,
    end_line,
    history_of,
    plan_by_token,
    plan_of,
    set_lines,
    set_may_see,
    start_plan,
)
from bot.people import joining
from bot.records.retention import erase_unagreed
from bot.store.tables import Heading, plan, plan_line
from tests.support.people import MAY, RAY, audited, comes, writes

MATTERS, WANT, STEP = Heading.MATTERS, Heading.WANT, Heading.STEP


@pytest.fixture
def ray(done):
    return comes(done, RAY, name="Ray", agrees=True)


@pytest.fixture
def his(done, ray):
    """Ray's plan: what he said matters, and that he wants company."""
    message = writes(done, ray, "I know nobody here")

    def work(unit):
        made = start_plan(unit, ray.person_id)
        add_line(unit, made, MATTERS, words="I know nobody here", inbox_id=message)
        add_line(unit, made, WANT, code="company", inbox_id=message)
        return made

    return done(work)


def looks(store, person_id):
    with store.reading() as reading:
        return plan_of(reading, person_id)


def told(lines):
    return [(line.heading.value, line.code or line.words or line.number) for line in lines]


def test_nobody_has_a_plan_before_they_begin_one(store, ray):
    assert looks(store, ray.person_id) is None


def test_beginning_again_goes_on_with_the_same_plan(done, ray, his):
    assert done(lambda unit: start_plan(unit, ray.person_id)) == his


def test_each_line_says_what_they_said_and_in_which_message(store, done, ray, his):
    found = looks(store, ray.person_id)

    assert told(found.lines) == [("matters", "I know nobody here"), ("want", "company")]
    assert all(line.inbox_id and line.said_by == "test" for line in found.lines)
    assert found.may_see == (LINK_WORKER,)
    assert found.agreed_at is None


def test_nothing_said_is_in_what_a_log_would_show(store, ray, his):
    shown = repr(looks(store, ray.person_id)) + repr(looks(store, ray.person_id).lines) + repr(Said("debt"))

    assert "nobody" not in shown and "company" not in shown and "debt" not in shown


@pytest.mark.parametrize("nothing", [{}, {"words": "a", "code": "company"}, {"words": "a", "number": 3}])
def test_a_line_says_one_thing(done, his, nothing):
    with pytest.raises(ValueError, match="one thing"):
        done(lambda unit: add_line(unit, his, WANT, **nothing))


def test_a_line_put_right_keeps_what_it_said_before(store, done, clock, ray, his):
    first = looks(store, ray.person_id).lines[0]
    clock.forward(days=2)
    again = writes(done, ray, "I know nobody in this street")

    done(lambda unit: correct_line(unit, first.id, words="I know nobody in this street", inbox_id=again))

    (now,) = looks(store, ray.person_id).under(MATTERS)
    assert (now.words, now.inbox_id) == ("I know nobody in this street", again)
    with store.reading() as reading:
        before = history_of(reading, ray.person_id)[0]
    assert (before.words, before.ended_at - before.said_at) == ("I know nobody here", timedelta(days=2))


def test_a_line_put_right_to_what_it_says_stays_as_it_is(store, done, ray, his):
    before = looks(store, ray.person_id)
    done(lambda unit: correct_line(unit, before.lines[1].id, code="company"))

    assert looks(store, ray.person_id) == before


def test_a_line_taken_out_is_out_once(store, done, ray, his):
    line = looks(store, ray.person_id).lines[1]

    assert [done(lambda unit: end_line(unit, line.id)) for _ in range(2)] == [True, False]
    assert told(looks(store, ray.person_id).lines) == [("matters", "I know nobody here")]
    with pytest.raises(NoSuchPlan):
        done(lambda unit: end_line(unit, 999))


def test_going_over_the_same_answer_again_changes_nothing(store, done, ray, his):
    both = [Said(code="company"), Said(code="debt")]
    done(lambda unit: set_lines(unit, his, WANT, both))
    before = looks(store, ray.person_id)

    changed = done(lambda unit: set_lines(unit, his, WANT, both))

    assert not changed
    assert looks(store, ray.person_id) == before
    assert told(before.under(WANT)) == [("want", "company"), ("want", "debt")]


def test_another_answer_takes_the_place_of_the_first(store, done, ray, his):
    done(lambda unit: set_lines(unit, his, WANT, [Said(words="a dog to walk", inbox_id=1)]))

    assert told(looks(store, ray.person_id).lines) == [
        ("matters", "I know nobody here"),
        ("want", "a dog to walk"),
    ]
    done(lambda unit: set_lines(unit, his, WANT, []))
    assert told(looks(store, ray.person_id).lines) == [("matters", "I know nobody here")]


def test_each_of_the_two_questions_about_wants_has_its_own_lines(store, done, ray, his):
    done(lambda unit: set_lines(unit, his, WANT, [Said(code="debt"), Said(words="a bed")], asked="practical"))
    done(lambda unit: set_lines(unit, his, WANT, [Said(words="a choir")], asked="five_ways"))

    wants = looks(store, ray.person_id).under(WANT)
    assert [(line.asked, line.code or line.words) for line in wants] == [
        ("practical", "debt"), ("practical", "a bed"), ("five_ways", "a choir"),
    ]  # fmt: skip
    bed = done(lambda unit: correct_line(unit, wants[1].id, words="a warm bed"))
    done(lambda unit: set_lines(unit, his, WANT, [], asked="five_ways"))
    left = looks(store, ray.person_id).under(WANT)
    assert [(line.id, line.asked) for line in left] == [(wants[0].id, "practical"), (bed, "practical")]


def test_their_yes_is_to_what_was_read_and_a_change_asks_for_another(store, done, clock, ray, his):
    done(lambda unit: agree(unit, his))
    agreed = looks(store, ray.person_id)
    assert (agreed.agreed_at, agreed.review_at) == (clock.now(), clock.now() + REVIEW_AFTER)

    done(lambda unit: add_line(unit, his, STEP, words="ring my sister"))

    assert looks(store, ray.person_id).agreed_at is None


def test_who_may_see_it_is_theirs_to_choose_and_to_take_back(store, done, ray, his):
    done(lambda unit: agree(unit, his))
    done(lambda unit: set_may_see(unit, his, [SERVICES, GP]))
    assert looks(store, ray.person_id).may_see == (LINK_WORKER, GP, SERVICES)

    done(lambda unit: set_may_see(unit, his, []))
    assert looks(store, ray.person_id).may_see == (LINK_WORKER,)
    assert looks(store, ray.person_id).agreed_at is not None, "that is no change of what it says"
    with pytest.raises(ValueError, match="landlord"):
        done(lambda unit: set_may_see(unit, his, ["landlord"]))


def test_what_was_done_is_in_the_audit_without_a_word_of_it(store, done, ray, his):
    done(lambda unit: set_may_see(unit, his, [GP]))

    with store.reading() as reading:
        written = [audited(reading, f"plan {what}") for what in ("started", "line added", "shared")]
    assert [len(rows) for rows in written] == [1, 2, 1]
    assert {row.subject for rows in written for row in rows} == {f"plan:{his}"}
    assert "nobody" not in str([row.details for rows in written for row in rows])


def test_a_link_leads_to_the_plan(store, ray, his):
    token = looks(store, ray.person_id).token
    with store.reading() as reading:
        assert plan_by_token(reading, token).id == his
        assert plan_by_token(reading, "somebody else's") is None


# -- two that are one person -----------------------------------------------------------------------


@pytest.fixture
def may(done):
    """The same person by another way, with a plan of their own."""
    point = comes(done, MAY, agrees=True)

    def work(unit):
        made = start_plan(unit, point.person_id)
        add_line(unit, made, STEP, words="ring my sister")
        set_may_see(unit, made, [GP])
        agree(unit, made)

    done(work)
    return point


def test_two_plans_of_one_person_are_read_as_one(store, done, ray, his, may):
    links = [looks(store, person_id).token for person_id in (ray.person_id, may.person_id)]
    done(lambda unit: joining.join(unit, ray.person_id, may.person_id))

    both = looks(store, ray.person_id)
    assert told(both.lines) == [
        ("matters", "I know nobody here"), ("want", "company"), ("step", "ring my sister"),
    ]  # fmt: skip
    assert both.agreed_at is None, "he has not read his own yet"
    assert both.may_see == (LINK_WORKER,), "what either kept to the link worker stays there"
    with store.reading() as reading:
        assert [plan_by_token(reading, token).lines for token in links] == [both.lines, both.lines]


def test_what_is_said_after_joining_puts_right_what_either_said(store, done, ray, his, may):
    done(lambda unit: joining.join(unit, ray.person_id, may.person_id))
    done(lambda unit: set_lines(unit, his, STEP, [Said(words="write to my sister")]))
    done(lambda unit: set_may_see(unit, his, [GP]))
    done(lambda unit: agree(unit, his))

    both = looks(store, ray.person_id)
    assert told(both.under(STEP)) == [("step", "write to my sister")]
    assert both.may_see == (LINK_WORKER, GP)
    assert both.agreed_at is not None


def test_parted_again_each_has_their_own_plan(store, done, ray, his, may):
    before = [looks(store, person_id) for person_id in (ray.person_id, may.person_id)]
    made = done(lambda unit: joining.join(unit, ray.person_id, may.person_id))
    done(lambda unit: joining.undo(unit, made))

    assert [looks(store, person_id) for person_id in (ray.person_id, may.person_id)] == before


# -- erased ------------------------------------------------------------------------------------------


def test_without_an_agreement_a_plan_goes_with_everything_else(store, done, clock):
    point = comes(done, RAY)

    def work(unit):
        made = start_plan(unit, point.person_id)
        line = add_line(unit, made, MATTERS, words="I know nobody here")
        correct_line(unit, line, words="I know nobody")

    done(work)
    clock.forward(days=365)
    done(lambda unit: erase_unagreed(unit, clock.now() - timedelta(days=30)), acting="timer")

    with store.reading() as reading:
        assert reading.execute(select(plan)).all() == reading.execute(select(plan_line)).all() == []
