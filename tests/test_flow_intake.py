"""Intake: someone tells us what matters to them, and we open a referral."""

from __future__ import annotations

import pytest

from bot.requests import (
    NotANumber,
    NoteNumber,
    OpenHandoff,
    OpenReferral,
    RecordAccessNeed,
    RecordAnswer,
    RecordContactPlan,
    RecordName,
    RecordSafeContact,
)


def test_the_shortest_way(talk):
    talk.starts().hears("intake.area")
    talk.says("1").hears("intake.safe")
    talk.says("1").hears("intake.times")
    talk.says("1").hears("intake.matters")
    talk.says("I would like some company").hears("intake.name")
    talk.says("Ray").hears("intake.agree")
    talk.says("1").hears("intake.referred")

    assert talk.requests == [
        RecordSafeContact("only_me"),
        RecordContactPlan(times="any"),
        RecordName("Ray"),
        RecordAnswer("agreement", "pass-on", given=True),
        OpenReferral(
            {
                "area": "yes", "safe": "only_me", "times": "any", "matters": "I would like some company",
                "name": "Ray", "agree": "yes",
            }
        ),
    ]  # fmt: skip


def test_a_no_passes_nothing_on(talk):
    talk.at("intake.agree", area="yes", safe="only_me", matters="rent")
    talk.says("no").hears("intake.not_now")

    assert talk.ended == "no referral"
    assert talk.requests == [RecordAnswer("agreement", "pass-on", given=False)]


def test_words_and_name_may_be_left_out(talk):
    talk.at("intake.matters", area="yes", safe="only_me", times="any")
    talk.says("skip").hears("intake.name")
    talk.says("rather not say").hears("intake.agree")
    talk.says("yes please").hears("intake.referred")

    assert OpenReferral(
        {"area": "yes", "safe": "only_me", "times": "any", "matters": None, "name": None, "agree": "yes"}
    ) in talk.requests  # fmt: skip
    assert not any(isinstance(request, RecordName) for request in talk.requests)


@pytest.mark.parametrize("text", ["My name is Ray", "im Ray", "It's Ray.", "call me Ray", "  Ray  "])
def test_a_name_is_the_name_alone(talk, text):
    talk.at("intake.name", area="yes", safe="text_only").says(text).hears("intake.agree")

    assert talk.answers["name"] == "Ray"


def test_something_too_long_to_be_a_name_is_none(talk):
    talk.at("intake.name").says("well " * 20).hears("intake.name again")


def test_a_text_only_phone_is_not_asked_when_to_ring(talk):
    talk.at("intake.safe", area="yes").says("text me").hears("intake.matters")

    assert talk.requests == [RecordSafeContact("text_only")]


def test_a_time_in_their_own_words(talk):
    talk.at("intake.times", safe="no_message").says("after my shift, about 6").hears("intake.matters")

    assert talk.requests == [RecordContactPlan(times="after my shift, about 6")]


# Outside the area, or not sure


def test_outside_the_area_a_person_helps_find_the_right_place(talk):
    talk.starts().says("no").hears("intake.outside")
    talk.says("ask a person").hears("intake.handed_over")

    assert talk.requests == [OpenHandoff("outside-area")]


def test_outside_the_area_one_may_carry_on(talk):
    talk.starts().says("2").hears("intake.outside")
    talk.says("2").hears("intake.where")
    talk.says("LE67 1AB").hears("intake.safe")


def test_not_sure_is_no_closed_door(talk):
    talk.starts().says("dunno").hears("intake.where")
    talk.says("skip").hears("intake.safe")


# A phone that others see


def test_a_shared_phone_and_another_number(talk):
    talk.at("intake.safe", area="yes").says("4").hears("intake.shared_how")
    talk.says("another number").hears("intake.shared_number")
    talk.says("07700 900555").hears("intake.shared_times")
    talk.says("Monday 10 to 12").hears("intake.word")
    talk.says("tulip").hears("intake.matters")

    assert talk.requests == [
        RecordSafeContact("others_see"),
        NoteNumber("07700 900555"),
        RecordContactPlan(how="other_number", times="Monday 10 to 12"),
        RecordContactPlan(word="tulip"),
    ]


def test_a_number_that_is_none_is_asked_for_once_more(talk):
    talk.at("intake.shared_number", safe="others_see", shared_how="other_number").finds(NotANumber())
    talk.says("my sister's").hears("intake.shared_number_again")
    talk.says("skip").hears("intake.shared_times")


@pytest.mark.parametrize("how", ["3", "I will text you", "through my daughter, she knows"])
def test_a_shared_phone_and_no_ringing(talk, how):
    talk.at("intake.shared_how", safe="others_see").says(how).hears("intake.word")
    talk.says("skip").hears("intake.matters")


def test_set_times_on_a_shared_phone(talk):
    talk.at("intake.shared_how", safe="others_see").says("2").hears("intake.shared_times")
    talk.says("Tuesday mornings").hears("intake.word")

    assert RecordContactPlan(how="set_times", times="Tuesday mornings") in talk.requests


# In a chat there is no phone to ring yet


@pytest.mark.parametrize("channel", ["web", "telegram"])
def test_in_a_chat_we_ask_how_to_be_in_touch(talk, channel):
    talk.starts(channel=channel).says("Yes").hears("intake.way")
    talk.says("By phone").hears("intake.number")
    talk.says("07700 900555").hears("intake.safe")
    talk.says("1").hears("intake.times")


def test_in_a_chat_it_may_stay_in_the_chat(talk):
    talk.at("intake.way", "web", area="yes").says("here").hears("intake.safe_here")
    talk.says("1").hears("intake.matters")

    assert talk.requests == [RecordSafeContact("only_me")]


def test_a_chat_that_others_see(talk):
    talk.at("intake.safe_here", "web", way="here").says("no").hears("intake.shared_how")


def test_a_chat_and_no_number_after_all(talk):
    talk.at("intake.number", "web", way="phone").finds(NotANumber())
    talk.says("it is on the back of my phone").hears("intake.number_again")
    talk.says("skip").hears("intake.safe_here")


# Afterwards


def test_what_makes_contact_easier_is_noted_as_they_say_it(talk):
    talk.at("intake.referred", agree="yes")
    talk.says("I use a hearing aid").hears("intake.need_noted")
    talk.says("and large print").hears("intake.need_noted")

    assert talk.requests == [RecordAccessNeed("I use a hearing aid"), RecordAccessNeed("and large print")]


@pytest.mark.parametrize(
    ("question", "text"),
    [("area", "what is this"), ("safe", "yes and no"), ("agree", "who are you"), ("outside", "hm"),
     ("area", ""), ("safe", "🙂"), ("safe", "7")],
)  # fmt: skip
def test_what_does_not_fit_leaves_the_question_open(talk, question, text):
    talk.at(f"intake.{question}", area="yes").says(text).hears(f"intake.{question} again")

    assert talk.requests == []
