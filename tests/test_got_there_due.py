"""Did you get there, when it falls due: asked, asked once more, then a person; or left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.directory import onward, services
from bot.directory.onward import provider_says
from bot.directory.services import Schedule
from bot.people.safe_contact import Purpose
from bot.store.tables import Outcome
from tests.support import near
from tests.support.near import CHOIR, TEA, WALK
from tests.support.scenes import refers_themselves, says

#: Tea and Chat is on Wednesday at ten; the tests begin on Tuesday at ten.
DAY_AFTER = {"days": 2, "minutes": 5}


@pytest.fixture
def tea(conversation):
    return near.add(conversation, TEA)[0]


@pytest.fixture
def going(conversation, sms, tea):
    """Ray will go to Tea and Chat, and a link worker has been in touch with him."""
    refers_themselves(sms)
    worker = conversation.worker()
    worker.picks_up(sms).writes(sms, "Hello Ray.").hands_back(sms)
    near.looks(sms, "LE65", "company", "1").hears("find_support.signposted")
    return sms


def outcome(phone):
    (one, *_) = near.going(phone)
    return one.outcome


def test_asked_the_day_after_the_first_session(conversation, going):
    conversation.forward(days=1)
    going.hears_nothing()
    conversation.forward(days=1)

    going.hears("got_there.asked").hears_words("Tea and Chat", "fine if not")
    assert going.heard[0].purpose == Purpose.SUPPORT


def test_once_again_and_then_a_person(conversation, going):
    conversation.forward(days=3)
    going.hears("got_there.asked")
    conversation.forward(days=7)
    going.hears("got_there.asked").hears_words("just once more")
    conversation.forward(days=21)

    going.hears_nothing()
    assert outcome(going) is Outcome.TASK
    assert ("got-there", TEA.name) in near.tasks_of(going)
    assert going.frame("got_there") is None


def test_they_went(conversation, going):
    conversation.forward(**DAY_AFTER)
    going.says("yes").hears("got_there.how").says("lovely people").hears("got_there.thanks")
    conversation.forward(days=60)

    going.hears_nothing()
    (one,) = near.going(going)
    assert (one.outcome, one.outcome_by, one.words) == (Outcome.ATTENDED, "person", "lovely people")


def test_another_time_is_the_next_session_and_is_asked_after(conversation, going):
    conversation.forward(**DAY_AFTER)
    says(going, "not yet", "nerves", "another time").hears("got_there.again_later")
    going.hears_words("Wednesday")
    conversation.forward(days=7)

    going.hears("got_there.asked")
    (one,) = near.going(going)
    assert one.outcome is None and one.why == "nerves"


def test_it_is_not_tried_for_ever(conversation, going):
    conversation.forward(**DAY_AFTER)
    for _ in range(12):
        says(going, "not yet", "skip", "another time")
        if outcome(going) is not None:
            break
        conversation.forward(days=8)

    assert outcome(going) is Outcome.TASK
    assert "talk-it-over" in dict(near.tasks_of(going))


@pytest.mark.parametrize(
    ("lines", "ends", "why", "task"),
    [
        (("no", "cost", "leave it"), Outcome.NOT_ATTENDED, "cost", None),
        (("no", "my sister came", "leave it"), Outcome.NOT_ATTENDED, "other", None),
        (("no", "skip", "leave it"), Outcome.TASK, None, "got-there"),
        (("no", "nerves", "talk to a person"), Outcome.TASK, "nerves", "talk-it-over"),
        (("it is not for me", "the day or time", "leave it"), Outcome.NOT_ATTENDED, "time", None),
        (("no", "nerves", "something different"), Outcome.NOT_ATTENDED, "nerves", "find-something"),
    ],
)
def test_not_yet_ends_somewhere(conversation, going, lines, ends, why, task):
    conversation.forward(**DAY_AFTER)
    says(going, *lines)

    (one,) = near.going(going)
    assert (one.outcome, one.why) == (ends, why)
    if task is not None:
        assert task in dict(near.tasks_of(going))


def test_someone_to_come_along_is_looked_for_by_a_person(conversation, going):
    conversation.forward(**DAY_AFTER)
    says(going, "no", "nerves", "someone to come with me").hears("got_there.along_asked")
    going.hears_words("cannot promise")

    (one,) = near.going(going)
    assert (one.someone_along, one.outcome) == ("wished", None)
    assert ("someone-along", TEA.name) in near.tasks_of(going)


# When it must wait, or go to a person


def test_nobody_is_asked_at_night(conversation, going):
    conversation.next_line()
    conversation.clock.forward(hours=61)  # the worker's machine was off until eleven at night
    conversation.run_timers()
    going.hears_nothing()
    conversation.forward(hours=12)

    going.hears("got_there.asked")


def test_while_a_link_worker_holds_it_nothing_is_asked(conversation, going):
    going.says("person")
    worker = conversation.worker("Bo Day")
    worker.picks_up(going)
    conversation.clock.forward(days=2)
    conversation.next_line()
    held = conversation.due.waiting()
    assert [one.kind for one in held if one.kind == "got-there"] == ["got-there"]
    for one in held:
        if one.kind == "got-there":
            assert conversation.due.take(one).result(timeout=30) == "put off"

    going.hears_nothing()
    assert outcome(going) is None


def test_with_an_open_concern_it_goes_to_a_person(conversation, going):
    going.says("I want to kill myself")
    conversation.forward(days=3)

    assert "got_there.asked" not in [m.prompt for m in going.everything]
    assert outcome(going) is Outcome.TASK and "got-there" in dict(near.tasks_of(going))


def test_who_said_stop_is_not_asked_and_a_person_finds_out(conversation, going):
    going.says("please stop")
    conversation.forward(days=3)

    assert "got_there.asked" not in [m.prompt for m in going.everything]
    assert outcome(going) is Outcome.TASK


def test_on_a_shared_phone_nothing_is_sent_and_a_person_finds_out(conversation, sms, tea):
    says(sms, "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    near.looks(sms, "LE65", "company", "1")
    conversation.forward(days=3)

    sms.hears_nothing()
    assert outcome(sms) is Outcome.TASK


def test_where_nobody_asked_whether_it_is_safe_nothing_is_named(conversation, web_chat, tea):
    web_chat.opens().presses("Me, 18 or over").presses("Yes").presses("By phone").says("07700 900333")
    web_chat.presses("Yes, ring or text, only I see it").presses("Afternoons").says("company")
    web_chat.says("Sue").presses("Yes")
    near.looks(web_chat, "LE65").presses("Company").presses("Interested")
    conversation.forward(days=3)

    web_chat.hears("got_there.discreet__asked").hears_no_words("Tea and Chat")


def test_two_are_not_asked_about_on_the_same_day(conversation, going):
    near.add(conversation, replace(TEA, name="Second Tea"))
    near.begins(going)
    going.says("1")
    assert len(near.going(going)) == 2
    conversation.forward(**DAY_AFTER)
    assert [m.prompt for m in going.heard] == ["got_there.asked"]
    conversation.forward(days=1)

    going.hears("got_there.asked")


# What changes meanwhile


def test_a_session_that_moved_is_asked_about_after_it_was(conversation, going, tea):
    moved = (Schedule(byday="FR", opens_at="14:00"),)
    near.run(conversation, lambda unit: services.correct(unit, tea, 1, schedules=moved), "staff:1")
    conversation.forward(days=3)
    going.hears_nothing()  # Thursday, and it is on Friday now
    conversation.forward(days=2)

    going.hears("got_there.asked")


def test_what_has_stopped_is_told_kindly_and_something_else_is_found(conversation, going, tea):
    near.add(conversation, WALK)
    conversation.forward(hours=2)
    near.pause(conversation, tea)
    going.hears("got_there.stopped").hears_words("Tea and Chat has stopped for now")
    (one,) = near.going(going)
    assert (one.outcome, one.why, one.outcome_by) == (Outcome.NOT_ATTENDED, "service_closed", "timer")
    going.says("yes please")

    assert going.asked == "find_support.one"
    going.hears_words(WALK.name)


def test_they_had_been_there_before_it_stopped(conversation, going, tea):
    conversation.forward(hours=2)
    near.pause(conversation, tea)
    going.says("I did go there").hears("got_there.how")

    assert outcome(going) is Outcome.ATTENDED


def test_the_service_says_they_came_and_nobody_asks(conversation, sms):
    near.add(conversation, CHOIR)
    refers_themselves(sms)
    conversation.worker().picks_up(sms).writes(sms, "Hello Ray.").hands_back(sms)
    near.looks(sms, "LE65", "company", "1", "yes").hears("find_support.told")
    (one,) = near.going(sms)
    token = near.run(conversation, lambda unit: onward.new_link(unit, one.id))
    conversation.forward(days=5)
    assert near.run(conversation, lambda unit: provider_says(unit, token, "came"), "provider")
    conversation.forward(days=30)

    sms.hears_nothing()
    assert outcome(sms) is Outcome.ATTENDED


@pytest.mark.parametrize(
    ("what", "task"), [("not-reached", "service-could-not-reach"), ("no-place", "service-is-full")]
)
def test_what_a_service_could_not_do_is_for_a_person(conversation, sms, what, task):
    near.add(conversation, CHOIR)
    near.looks(sms, "LE65", "company", "1", "yes")
    (one,) = near.going(sms)
    token = near.run(conversation, lambda unit: onward.new_link(unit, one.id))
    near.run(conversation, lambda unit: provider_says(unit, token, what), "provider")

    assert outcome(sms) is Outcome.TASK
    assert task in dict(near.tasks_of(sms))


def test_that_they_did_not_come_is_asked_of_them_and_never_held_against_them(conversation, sms):
    near.add(conversation, CHOIR)
    near.looks(sms, "LE65", "company", "1", "yes")
    (one,) = near.going(sms)
    token = near.run(conversation, lambda unit: onward.new_link(unit, one.id))
    conversation.forward(days=2)
    near.run(conversation, lambda unit: provider_says(unit, token, "did-not-come"), "provider")

    sms.hears("got_there.asked").hears_words("It is fine if not")
    assert outcome(sms) is None


# A link worker's idea


def test_a_link_workers_idea_is_told_with_their_name_and_answered_like_any_other(conversation, going):
    walk = near.add(conversation, WALK)[0]
    ann = conversation.worker("Ann Lee")
    conversation.forward(hours=1)
    work = (going.person.id, walk, ann.id)
    near.run(conversation, lambda unit: onward.suggest_by_hand(unit, *work), f"staff:{ann.id}")

    going.hears("find_support.one").hears_words("Ann thought of this for you", WALK.name)
    going.says("interested").hears("find_support.tell_or_go").says("you tell them").hears("find_support.told")
    assert near.suggested(going)[WALK.name] == "accepted"


def test_an_idea_waits_until_they_have_finished_talking_and_the_night_is_over(conversation, going):
    walk = near.add(conversation, WALK)[0]
    conversation.forward(hours=12)
    near.run(conversation, lambda unit: onward.suggest_by_hand(unit, going.person.id, walk, 1), "staff:1")
    going.hears_nothing()
    conversation.forward(hours=12)

    assert "find_support.one" in [m.prompt for m in going.heard]
