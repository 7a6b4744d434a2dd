"""People put right what they have just said, in their own words."""

from __future__ import annotations

import pytest

from bot.conversation.correcting import opening_of
from bot.people.access_needs import needs_of
from tests.support.talk import voice
from tests.test_conversation_answers import come_to

TO_SAFE = ("HELLO", "1", "1")


def left(text, language="en"):
    """How it opens and what is left; None when it opens no correction."""
    opening = opening_of(text, voice().vocabulary(language))
    return opening and (opening.surely, opening.rest)


@pytest.mark.parametrize(
    ("text", "surely", "rest"),
    [
        ("sorry, I meant my garden", True, "my garden"),
        ("Sorry i mean 2", True, "2"),
        ("no wait, I meant Company!", True, "Company!"),
        ("actually 3", False, "3"),
        ("oops 2", True, "2"),
        ("Oops... sorry - 2", True, "2"),
        ("I MEANT no", True, "no"),
        ("no, I meant yes", True, "yes"),
        ("correction: Roy", True, "Roy"),
        ("sorry I meant", True, ""),
        ("sorry", False, ""),
        ("sorry, no", False, "no"),
        ("I\u2019ve changed my mind", True, ""),
        ("actually I don't know", False, "I don't know"),
        ("my bad. it should be O'Brien \U0001f642", True, "O'Brien \U0001f642"),
    ],
)
def test_what_opens_a_correction_and_what_is_left(text, surely, rest):
    assert left(text) == (surely, rest)


@pytest.mark.parametrize(
    "text",
    [
        "no", "no, sorry", "no 2", "meaning well", "2 sorry", "", "\U0001f44d", "not really",
        "I meant to go", "sorry I meant to text sooner", "I meant well",
    ],
)  # fmt: skip
def test_what_opens_none(text):
    assert left(text) is None


@pytest.mark.parametrize(
    ("text", "surely"),
    [("sori, o'n i'n meddwl 2", True), ("Sori on in meddwl 2", True), ("wps 2", True), ("sori 2", False)],
)
def test_welsh_and_english_with_it(text, surely):
    assert left(text, "cy") == (surely, "2")
    assert left("sorry i meant 2", "cy") == (True, "2")


# The answer before


@pytest.mark.parametrize(
    "text", ["sorry I meant 2", "no wait, i meant 2", "I mean 2", "oops 2", "correction 2"]
)
def test_what_they_meant_takes_the_place_of_what_they_said(sms, text):
    come_to(sms, "HELLO", "1", "1", "1").hears("intake.times")

    sms.says(text).hears("intake.matters").hears_words("OK, I have changed that.")

    assert sms.answers["intake.safe"] == "text_only"


def test_where_the_way_stays_the_same_the_open_question_comes_again_shortened(sms):
    come_to(sms, *TO_SAFE, "1", "1").hears("intake.matters")

    sms.says("sorry I meant afternoons").hears("intake.matters")

    sms.hears_words("OK, I have changed that.", "Or send SKIP.").hears_no_words("What would help")
    assert sms.answers["intake.times"] == "afternoons"
    assert sms.person.contact_plan["times"] == "afternoons"
    assert sms.state.frame(sms.frame("intake").id).tries == 0


def test_their_own_words_are_replaced(sms):
    come_to(sms, *TO_SAFE, "2", "my graden").hears("intake.name")

    sms.says("sorry, I meant my Garden").hears("intake.name").hears_words("What name shall we call you?")

    assert sms.answers["intake.matters"] == "my Garden"
    sms.says("Ray").hears("intake.agree").hears_words('You said: "my Garden"')


def test_a_name_put_right_is_read_back(sms):
    come_to(sms, *TO_SAFE, "2", "rent", "Rya").hears("intake.agree")

    sms.says("I meant Ray").hears("intake.agree").hears_words("Thanks, Ray.")

    sms.says("1").hears("intake.referred")
    assert sms.person.name == "Ray"


def test_who_it_is_for_put_right_after_its_flow_has_ended(sms):
    come_to(sms, "HELLO", "1").hears("intake.area")

    sms.says("sorry i meant 3").hears("for_someone_else.agreed")

    assert sms.frame("intake") is None
    sms.says("oops, 1").hears("intake.area")


def test_it_can_be_put_right_twice(sms):
    come_to(sms, *TO_SAFE, "1", "1")

    come_to(sms, "sorry I meant 2", "no wait, I meant 3").hears("intake.matters")

    assert sms.answers["intake.times"] == "afternoons"


def test_the_same_again_changes_nothing(sms):
    come_to(sms, *TO_SAFE, "1", "2").hears("intake.matters")

    sms.says("sorry I meant 2").hears("intake.matters").hears_no_words("changed")


def test_actually_is_about_the_answer_before_when_only_that_can_take_it(sms):
    come_to(sms, *TO_SAFE, "1", "1").hears("intake.matters")

    sms.says("actually 3").hears("intake.matters")

    assert sms.answers["intake.times"] == "afternoons"


def test_actually_with_what_fits_both_answers_what_is_open(sms):
    come_to(sms, "HELLO", "1", "1").hears("intake.safe")

    sms.says("actually 2").hears("intake.matters")

    assert sms.answers["intake.area"] == "yes"


def test_actually_and_their_own_words_answer_what_is_open(sms):
    come_to(sms, *TO_SAFE, "1", "1").says("actually I would like some company").hears("intake.name")

    assert sms.answers["intake.matters"] == "actually I would like some company"


def test_i_mean_and_a_sentence_says_more_and_loses_nothing(sms):
    come_to(sms, *TO_SAFE, "2", "I am lonely").says("I mean it is the evenings that are hard")

    sms.hears("intake.name")
    assert sms.answers["intake.matters"] == "I am lonely\nI mean it is the evenings that are hard"


def test_i_mean_it_takes_nothing_back(sms):
    come_to(sms, *TO_SAFE, "2", "I am lonely").says("I mean it")

    assert sms.answers["intake.matters"] == "I am lonely"


def test_of_several_all_are_said_anew(sms):
    come_to(sms, *TO_SAFE, "2", "rent", "Ray", "1")
    sms.conversation.worker().offers(sms, "what_matters")
    come_to(sms, "1", "skip", "skip", "skip", "skip").hears("what_matters.five_ways")
    sms.says("1 3")

    sms.says("sorry I meant 1 and 4").hears("what_matters.practical")

    assert len(sms.answers["what_matters.five_ways"]) == 2


# What they had not seen, or tried already


def test_two_at_once(sms):
    come_to(sms, "HELLO", "1").says_at_once("1", "sorry i meant 2")

    assert sms.asked == "intake.outside"


def test_after_a_try_that_did_not_fit_it_is_about_the_open_question(sms):
    come_to(sms, "HELLO", "1", "1", "9").hears("intake.safe")

    sms.says("sorry I meant 2").hears("intake.matters")

    assert sms.answers["intake.area"] == "yes"


def test_after_going_back_it_is_about_the_open_question(sms):
    come_to(sms, *TO_SAFE, "1", "back").hears("intake.safe")

    sms.says("sorry, 3").hears("intake.times")

    assert sms.answers["intake.safe"] == "no_message"


def test_at_the_first_question_there_is_nothing_to_put_right(sms):
    sms.says("HELLO").says("sorry I meant hello").hears("welcome.who")
    sms.says("sorry I meant 3").hears("for_someone_else.agreed")


# Half said


def test_sorry_alone_asks_what_is_open_again_and_is_no_answer(sms):
    come_to(sms, *TO_SAFE, "2").says("sorry").hears("intake.matters").hears_words("Or send SKIP.")

    assert "intake.matters" not in sms.answers
    assert sms.frame("intake").tries == 0


def test_sorry_i_meant_alone_asks_what_they_meant(sms):
    come_to(sms, *TO_SAFE, "1").hears("intake.times")

    sms.says("sorry I meant").hears("intake.safe")

    sms.says("2").hears("intake.matters")
    assert sms.answers["intake.safe"] == "text_only"


def test_sorry_after_the_end_needs_no_answer(sms, conversation):
    come_to(sms, *TO_SAFE, "2", "rent", "Ray", "1").says("sorry").hears_nothing()

    with conversation.reading() as reading:
        assert needs_of(reading, sms.person.id) == []


# What it never does


def test_an_agreement_is_asked_for_again(sms):
    come_to(sms, *TO_SAFE, "2", "rent", "Ray", "1").hears("intake.referred")

    sms.says("sorry I meant no").hears("intake.agree")
    assert sms.person.agreed_at is not None

    sms.says("2").hears("intake.not_now")
    assert sms.person.agreed_at is None


def test_i_changed_my_mind_after_agreeing_is_heard(sms):
    come_to(sms, *TO_SAFE, "2", "rent", "Ray", "1").says("I've changed my mind").hears("intake.agree")


def test_what_they_meant_before_agrees_to_nothing(sms):
    come_to(sms, *TO_SAFE, "2", "rent", "Ray").hears("intake.agree")

    sms.says("sorry I meant 1").hears("intake.agree")

    assert sms.person.agreed_at is None
    assert sms.answers["intake.name"] == "Ray"
    sms.says("sorry, no").hears("intake.not_now")


def test_half_an_hour_later_it_is_an_answer_like_any_other(sms, conversation):
    come_to(sms, *TO_SAFE, "2", "rent").hears("intake.name")
    conversation.forward(minutes=31)

    sms.says("sorry I meant gas").hears("intake.agree")

    assert sms.answers["intake.matters"] == "rent"


def test_past_another_question_it_changes_nothing(sms):
    come_to(sms, *TO_SAFE, "1", "call").hears("call_back.promised")

    sms.says("sorry I meant 4").hears("intake.times")

    assert sms.answers["intake.safe"] == "only_me"


def test_after_a_concern_it_is_for_a_person(sms):
    come_to(sms, *TO_SAFE, "2", "I want to end my life")

    sms.says("sorry I meant I am just tired")

    assert "intake.matters" not in sms.answers
    assert sms.handoff is not None


def test_a_need_put_right_is_the_only_one_kept(sms, conversation):
    come_to(sms, *TO_SAFE, "2", "rent", "Ray", "1", "large print").hears("intake.need_noted")

    sms.says("sorry I meant braille").hears("intake.need_noted")

    with conversation.reading() as reading:
        assert [need.need for need in needs_of(reading, sms.person.id)] == ["braille"]


# On other channels


@pytest.mark.parametrize("channel", ["telegram", "web"])
def test_a_button_is_put_right_by_words(conversation, channel):
    phone = conversation.phone(channel).opens().presses("Me, 18 or over").presses("Yes").hears("intake.way")

    phone.says("sorry I meant not sure").hears("talk.put_right", "intake.where")

    assert phone.answers["intake.area"] == "not_sure"


def test_while_picking_several_it_adds_to_them(conversation):
    phone = conversation.phone("web").opens().presses("Me, 18 or over").presses("Yes")
    come_to(phone, "here", "only me", "rent", "Kit", "yes")
    conversation.worker().offers(phone, "what_matters")
    come_to(phone, "yes", "skip", "skip", "skip", "skip").hears("what_matters.five_ways")
    first, second = (c.label for c in phone.heard[-1].choices[:2])
    phone.presses(first)

    phone.says(f"oops {second}")

    assert len(phone.answers["what_matters.five_ways"]) == 2
