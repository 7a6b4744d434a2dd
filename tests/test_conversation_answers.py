"""Whose answer is it? The question asked last, an older one by its whole phrase, a button's own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.messages import InboundMessage
from bot.store.tables import Handling, inbox
from bot.worker.loops import TurnLoop


def come_to(phone, *lines):
    for line in lines:
        phone.says(line)
    return phone


# Several at once


def test_two_messages_at_once_are_one_answer(sms):
    come_to(sms, "HELLO", "1", "1", "2").hears("intake.matters")

    sms.says_at_once("I am lonely", "since my wife died").hears("intake.name")

    assert sms.answers["intake.matters"] == "I am lonely\nsince my wife died"
    sms.says("Ray").hears("intake.agree").hears_words("I am lonely since my wife died")


def test_what_is_said_before_the_first_question_is_kept(sms):
    sms.says_at_once("HELLO", "I need help with my rent please").hears("welcome.who")

    come_to(sms, "1", "1").says("2").hears("intake.name")
    sms.says("Jo").hears_words("I need help with my rent please")


def test_two_numbers_at_once_are_two_answers(sms):
    come_to(sms, "HELLO").says_at_once("1", "1").hears("intake.area", "intake.safe")


def test_words_still_being_typed_that_set_something_set_it_whole(sms, conversation):
    come_to(sms, "HELLO", "1", "1", "4", "2").hears("intake.shared_times")

    sms.says_at_once("Monday 10 to 12", "or Friday after 3")

    assert sms.asked == "intake.word"
    assert sms.person.contact_plan["times"] == "Monday 10 to 12\nor Friday after 3"


def test_fifty_at_the_same_moment_are_each_handled_once_and_in_order(conversation, sms):
    sms.says("HELLO")
    loop = TurnLoop(conversation.store, conversation.inbox, conversation.turns)
    messages = [InboundMessage(sms.channel, f"at-once-{n}", sms.address, f"line {n}") for n in range(50)]

    with ThreadPoolExecutor(16) as pool:
        stored = [future.result(timeout=60) for future in pool.map(loop.receive, messages)]
    conversation.take_turns(sms.conversation_id)

    assert len({received.inbox_id for received in stored}) == 50
    with conversation.reading() as reading:
        rows = reading.execute(select(inbox).where(inbox.c.id > 1).order_by(inbox.c.id)).all()
    assert {row.handling for row in rows} == {Handling.HANDLED}
    handled = [row.handled_at for row in rows]
    assert handled == sorted(handled)
    assert sms.asked == "welcome.who"


def test_a_copy_of_a_message_has_no_second_turn(conversation, sms):
    sms.says("HELLO").says("1").hears("intake.area")
    copy = InboundMessage(sms.channel, sms.last_id, sms.address, "1")

    assert conversation.receive(copy).duplicate
    conversation.forward(days=30)
    assert conversation.receive(copy).duplicate
    assert sms.asked == "intake.area"


# Yes, no and digits


@pytest.mark.parametrize("text", ["yes", "no", "1", "ok", "👍"])
def test_a_bare_word_is_no_answer_to_a_question_for_their_own_words(sms, text):
    come_to(sms, "HELLO", "1", "1", "2").hears("intake.matters")

    sms.says(text).hears("intake.matters")

    assert "intake.matters" not in sms.answers


def test_digits_never_fall_through_to_an_older_question(sms):
    come_to(sms, "HELLO", "1", "CALL").hears("call_back.promised")
    sms.says("1").hears("call_back.fine")

    sms.says("1").hears("intake.area")

    assert "intake.area" not in sms.answers


def test_a_digit_belongs_to_the_reminder_asked_last(sms, conversation):
    come_to(sms, "HELLO", "1", "1", "1").hears("intake.times")
    conversation.forward(days=1)
    sms.hears("nudge.carry_on")

    sms.says("2").hears("nudge.another_day")

    assert "intake.times" not in sms.answers


def test_a_digit_after_the_reminder_has_passed_is_asked_back(sms, conversation):
    come_to(sms, "HELLO", "1", "1", "1").hears("intake.times")
    conversation.forward(days=4)

    sms.says("2").hears("intake.times")

    assert "intake.times" not in sms.answers
    sms.says("2").hears("intake.matters")


def test_an_older_question_hears_its_whole_phrase(sms, conversation):
    come_to(sms, "HELLO", "1", "1", "1").hears("intake.times")
    conversation.forward(days=1)

    sms.says("afternoons").hears("intake.matters")

    assert sms.answers["intake.times"] == "afternoons"


@pytest.mark.parametrize("nod", ["ok", "yes", "no", "fine"])
def test_a_nod_to_something_we_only_said_agrees_to_nothing(sms, nod):
    come_to(sms, "HELLO", "1", "1", "2", "rent", "Ray").hears("intake.agree")
    sms.says("pause").hears("talk.paused")

    sms.says(nod).hears("intake.agree")

    assert sms.person.agreed_at is None


def test_after_the_end_a_nod_needs_no_words(sms):
    come_to(sms, "HELLO", "1", "1", "2", "rent", "Ray", "1").hears("intake.referred")

    sms.says("no thanks").hears_nothing()
    sms.says("thank you").hears_nothing()
    sms.says("ok thanks").hears_nothing()
    sms.says("yes").hears("intake.referred").hears_words("What would help")
    sms.says("large print").hears("intake.need_noted")


# Their words


@pytest.mark.parametrize(("said", "called"), [("my name is Ray", "Ray"), ("Fy enw i yw Siân", "Siân")])
def test_what_stands_before_a_name_is_no_part_of_it(sms, said, called):
    sms.says("SHWMAE" if called == "Siân" else "HELLO")
    come_to(sms, "1", "1", "2", "rent", said, "1")

    assert sms.person.name == called


def test_a_story_told_at_the_wrong_question_is_kept_for_the_right_one(sms):
    come_to(sms, "HELLO", "1", "1").hears("intake.safe")

    sms.says("my landlord wants me out of here").hears("talk.kept", "intake.safe")
    sms.says("2").hears("intake.name")

    assert sms.answers["intake.matters"] == "my landlord wants me out of here"


def test_a_question_of_theirs_is_for_a_person(sms):
    come_to(sms, "HELLO", "1").says("who will see this?").hears_words("send PERSON", "Do you live in Ashby?")


def test_after_asking_for_a_person_their_words_are_for_that_person(sms):
    come_to(sms, "HELLO", "PERSON")

    sms.says("my husband died and I am lost").hears("talk.still_with_team")

    assert sms.asked == "welcome.who"
    assert sms.handoff.reason == "person"


def test_a_name_after_a_hello_is_a_name(sms):
    come_to(sms, "HELLO", "1", "1", "2", "rent").says("Hi Ray").hears("intake.agree")


# Buttons and corrections


def test_an_old_button_a_week_later_does_what_it_says(conversation, telegram):
    telegram.opens().presses("Me, 18 or over").presses("Yes").hears("intake.way")
    conversation.forward(weeks=1)

    telegram.presses("Not sure").hears("intake.where")
    telegram.says("Measham").hears("intake.way")

    assert telegram.answers["intake.area"] == "not_sure"


def test_a_button_whose_question_is_long_gone_says_so(telegram):
    telegram.opens()
    welcome = telegram.heard[0]
    telegram.presses("Me, 18 or over").hears("intake.area")
    for _ in range(2):  # other things since
        telegram.says("call").says("07700 900333").says("yes")

    telegram.presses("Someone else", of=welcome).hears("talk.old_button", "intake.area")


def test_a_button_pressed_twice_is_pressed_once(telegram):
    telegram.opens()
    button = telegram.heard[0].choices[0]

    telegram.presses_again(button).hears("intake.area")
    telegram.presses_again(button).hears_nothing()

    assert telegram.asked == "intake.area"


def test_pressing_the_other_button_afterwards_changes_the_answer(telegram):
    telegram.opens().presses("Me, under 18").hears("welcome.young")

    telegram.presses("Someone else").hears("for_someone_else.agreed")


def test_pressing_it_and_thinking_again_loses_nothing(telegram):
    telegram.opens()
    who = telegram.heard[0]
    telegram.presses("Me, 18 or over").presses("Yes").hears("intake.way")
    telegram.presses("Someone else", of=who).hears("for_someone_else.agreed")
    assert telegram.frame("intake") is None

    telegram.presses("Me, 18 or over", of=who).hears("intake.way")

    assert telegram.answers["intake.area"] == "yes"
    assert telegram.frame("for_someone_else") is None


def test_after_a_no_the_yes_beside_it_still_counts(telegram):
    telegram.opens().presses("Me, 18 or over").presses("Yes").presses("Here, in this chat")
    telegram.presses("Yes, only I see it").says("rent").says("Kit").presses("No").hears("intake.not_now")

    telegram.presses("Yes").hears("intake.referred")

    assert telegram.person.agreed_at is not None


def test_a_button_that_was_never_there_is_met_kindly(telegram):
    telegram.opens().says("me")
    telegram.says("", kind="button", choice="999.yes").hears("talk.old_button", "intake.area")
    telegram.says("", kind="button", choice="nonsense").hears("talk.old_button", "intake.area")


def test_an_edited_message_changes_its_answer(telegram):
    telegram.opens().says("me").says("yes").says("here").says("only me").says("I have no freinds")
    corrected = telegram.last_id
    telegram.says("Kit").hears("intake.agree")

    telegram.edits("I have no friends", of=corrected).hears("intake.agree")

    telegram.hears_words("I have no friends")
    assert telegram.answers["intake.matters"] == "I have no friends"


def test_an_edit_of_what_did_not_fit_is_heard_as_said_now(telegram):
    telegram.opens().says("mee").hears("welcome.who")

    telegram.edits("me").hears("intake.area")


def test_an_edit_of_something_long_past_is_no_answer_to_what_is_open(telegram):
    telegram.opens().says("hello there")
    hello = telegram.last_id
    telegram.says("me").says("yes").says("here").hears("intake.safe_here")

    telegram.edits("yes", of=hello).hears("intake.safe_here")

    assert "intake.safe_here" not in telegram.answers


# On another channel


def test_a_question_asked_by_text_is_answered_on_telegram(conversation, sms, telegram, monkeypatch):
    monkeypatch.setattr("bot.people.joining.secrets.randbelow", lambda below: 402_917)
    come_to(sms, "HELLO", "1", "1", "2").hears("intake.matters")
    telegram.opens().says("you know me").says("07700 900101").says("402917")

    telegram.says("I am on my own a lot").hears("intake.name")
    sms.says("Mo").hears("intake.agree")
    telegram.says("yes").hears("intake.referred")

    assert sms.person.id == telegram.person.id
    assert telegram.person.name == "Mo"
