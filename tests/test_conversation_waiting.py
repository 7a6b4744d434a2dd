"""What falls due on every store: nudges, a promise that passes, a code to join by."""

from __future__ import annotations

import pytest

from bot.clock import LONDON
from bot.conversation.quiet import QUIET_BEFORE, QUIET_FROM


def come_to(phone, *lines):
    for line in lines:
        phone.says(line)
    return phone


@pytest.fixture
def half_way(sms):
    return come_to(sms, "HELLO", "1", "1", "1").hears("intake.times")


# Somebody stopped half-way


def test_a_day_later_a_week_later_then_silence(conversation, half_way):
    conversation.forward(days=1)
    half_way.hears("nudge.carry_on").hears_no_words("Ashby Links", "link worker")
    conversation.forward(days=6)
    half_way.hears_nothing()
    conversation.forward(days=2)
    half_way.hears("nudge.carry_on")
    conversation.forward(weeks=6)
    half_way.hears_nothing()


def test_carrying_on_after_a_nudge(conversation, half_way):
    conversation.forward(days=1)

    half_way.says("yes").hears("intake.times")


@pytest.mark.parametrize("text", ["3", "no thanks"])
def test_who_wants_no_more_hears_no_more(conversation, half_way, text):
    conversation.forward(days=1)
    half_way.says(text).hears("nudge.no_more")

    conversation.forward(weeks=4)

    half_way.hears_nothing()


def test_a_pause_is_a_pause(conversation, half_way):
    half_way.says("pause")

    conversation.forward(weeks=3)

    half_way.hears_nothing()
    half_way.says("1").hears("intake.matters")


@pytest.mark.parametrize("lines", [("HELLO",), ("HELLO", "1", "1"), ("HELLO", "1", "1", "4"), ("HELLO", "3")])
def test_nobody_is_nudged_where_others_may_read_it(conversation, sms, lines):
    come_to(sms, *lines)

    conversation.forward(weeks=3)

    sms.hears_nothing()


def test_nobody_is_nudged_after_a_concern(conversation, half_way):
    half_way.says("I want to kill myself")

    conversation.forward(weeks=3)

    half_way.hears_nothing()


def test_who_has_finished_is_not_nudged(conversation, half_way):
    come_to(half_way, "1", "rent", "Ray", "1")

    conversation.forward(days=2)

    half_way.hears("offer_what_matters.shall_we")
    conversation.forward(days=2)
    half_way.hears_nothing()


def test_nobody_is_nudged_in_the_evening_or_at_night(conversation, sms):
    conversation.forward(hours=11)
    come_to(sms, "HELLO", "1", "1", "1")

    conversation.forward(days=1)
    sms.hears_nothing()
    conversation.forward(hours=13)

    sms.hears("nudge.carry_on")
    (asked,) = [q for q in sms.state.questions if q.flow == "nudge"]
    assert QUIET_BEFORE <= asked.at.astimezone(LONDON).hour < QUIET_FROM


def test_who_comes_back_later_and_stops_again_is_nudged_again(conversation, sms):
    come_to(sms, "HELLO", "1", "1", "1", "1", "rent", "Jo", "no").hears("intake.not_now")
    conversation.forward(days=20)
    come_to(sms, "HELLO", "1").hears("intake.agree")

    conversation.forward(days=1)

    sms.hears("nudge.carry_on")


# They wait for a link worker


@pytest.fixture
def waiting(sms):
    return come_to(sms, "HELLO", "1", "1", "1", "1", "some company", "Ray", "1")


def test_they_are_told_before_the_promised_day_passes_and_again(conversation, waiting):
    conversation.forward(days=6)
    waiting.hears("offer_what_matters.shall_we")
    conversation.forward(days=1)
    waiting.hears("waiting.late").hears_words("Hello Ray", "2 more weeks", "Sorry")
    conversation.forward(days=14)

    waiting.hears("waiting.late")


def test_things_are_worse_and_a_person_sees_it_today(conversation, waiting):
    conversation.forward(days=7)

    waiting.says("3").hears("waiting.told").hears_words("same working day", "999")

    assert waiting.handoff.level == "worry"


def test_other_words_are_for_a_person_and_the_question_stays(conversation, waiting):
    conversation.forward(days=7)

    waiting.says("who is going to ring me").hears("talk.passed_on")
    waiting.says("1").hears("waiting.still_listed")


def test_on_a_shared_phone_a_human_tells_them(conversation, sms):
    come_to(sms, "HELLO", "1", "1", "4", "3", "tulip", "rent", "Di", "1")

    conversation.forward(days=7)

    sms.hears_nothing()


def test_who_was_in_touch_is_not_told_that_it_is_late(conversation, waiting):
    worker = conversation.worker("Ann Lee")
    worker.picks_up(waiting).writes(waiting, "Hello Ray, shall we talk on Friday?")

    conversation.forward(days=8)

    assert "waiting.late" not in [m.prompt for m in waiting.everything]


# A code to join by


def test_a_code_goes_only_to_a_phone_where_only_they_see_it(conversation, sms, telegram):
    come_to(sms, "HELLO", "1", "1", "4", "3")
    sms.heard = []

    telegram.opens().says("you know me").says("07700 900101").hears("join_channels.code")

    assert "join_channels.your_code" not in [m.prompt for m in sms.everything]


def test_a_wrong_code_is_answered_alike_for_every_number(conversation, sms):
    come_to(sms, "HELLO", "1", "1", "1")
    heard = []
    for n, number in enumerate(["07700 900101", "07700 900999", "not a number at all"]):
        chat = conversation.phone("telegram", f"90020{n}").opens().says("you know me").says(number)
        for _ in range(5):
            chat.says("111111")
        heard.append([m.text for m in chat.everything])

    assert heard[0] == heard[1] == heard[2]
