"""A link worker and the person, on every store: picked up, silent, told honestly, handed back, closed."""

from __future__ import annotations

import pytest

from bot.casework.handoffs import AlreadyPickedUp
from bot.conversation.staff_turns import CannotReply
from bot.messages import Kind
from bot.people.safe_contact import OTHERS_SEE_IT
from bot.store.tables import HandoffStatus
from tests.support.people import at_once, tasks_to_do


def come_to(phone, *lines):
    for line in lines:
        phone.says(line)
    return phone


@pytest.fixture
def ray(sms):
    return come_to(sms, "HELLO", "1", "1", "1", "1", "some company", "Ray", "1")


@pytest.fixture
def ann(conversation):
    return conversation.worker("Ann Lee")


def test_while_a_link_worker_holds_it_the_questions_are_silent(ray, ann):
    ann.picks_up(ray).writes(ray, "Hello Ray. Shall I ring at 2?")
    ray.hears("talk.from_link_worker").hears_words("Ann, link worker: Hello Ray. Shall I ring at 2?")

    for line in ("yes please", "1", "menu", "hello", "Cymraeg"):
        ray.says(line).hears_nothing()


def test_of_two_at_once_one_gets_it_and_the_other_hears_who(conversation, ray, ann):
    bob = conversation.worker("Bob Day")
    handoff = ray.handoff.id

    taken = at_once(
        conversation.store,
        lambda unit: conversation.staff._pick_up(unit, handoff, ann.id),
        lambda unit: conversation.staff._pick_up(unit, handoff, bob.id),
    )

    (late,) = [one for one in taken if isinstance(one, AlreadyPickedUp)]
    assert late.by_name in ("Ann Lee", "Bob Day")
    loser = bob if late.by_name == "Ann Lee" else ann
    refused = conversation.staff.reply(ray.conversation_id, loser.id, "Hello").result(timeout=30)
    assert refused == CannotReply("held by somebody else")


def test_when_nobody_answers_they_are_told_and_it_is_anyones_again(conversation, ray, ann):
    ann.picks_up(ray)
    ray.says("are you there?").hears_nothing()

    conversation.forward(minutes=29)
    ray.hears_nothing()
    conversation.forward(minutes=2)

    ray.hears("talk.nobody_yet").hears_words("999", "116 123")
    assert ray.handoff.status is HandoffStatus.WAITING
    assert ray.handoff.waiting_for_reply
    ray.says("never mind").hears("talk.still_with_team")
    ann.picks_up(ray).writes(ray, "Sorry Ray.")
    assert not ray.handoff.waiting_for_reply


def test_a_photo_while_held_waits_for_an_answer_like_words_do(conversation, ray, ann):
    ann.picks_up(ray)
    ray.sends("photo").hears_nothing()

    conversation.forward(minutes=31)

    ray.hears("talk.nobody_yet")


def test_carrying_on_while_nobody_answers_their_own_words_are_taken_too(conversation, telegram, ann):
    telegram.says("HELLO").says("1").says("1").says("1").hears("intake.number")
    telegram.sends("photo")
    ann.picks_up(telegram)
    telegram.says("is anyone there?")
    conversation.forward(minutes=31)
    assert telegram.handoff.waiting_for_reply

    telegram.says("carry on").hears("intake.number")
    telegram.says("07700 900456").hears("intake.safe")


def test_after_the_workers_hours_an_answer_to_them_is_for_the_team(conversation, ray, ann):
    ann.picks_up(ray).writes(ray, "I will ring tomorrow. Is 10 good, or 2?")
    conversation.forward(hours=8)

    ray.says("2").hears("talk.still_with_team").hears_words("9am tomorrow")
    ray.says("yes").hears_nothing()

    assert "intake.referred" not in ray.answers
    ray.says("carry on").hears("menu.what")


def test_handed_back_the_questions_go_on_from_where_they_were(sms, ann):
    come_to(sms, "HELLO", "1", "1", "person")
    ann.picks_up(sms).writes(sms, "How can I help?").hands_back(sms)

    sms.hears("talk.handed_back", "intake.safe")
    sms.says("1").hears("intake.times")


def test_closed_is_told_kindly_and_coming_back_is_easy(conversation, ray, ann):
    ann.picks_up(ray).closes(ray)
    ray.hears("finishing.helped").hears_words("You can come back any time")
    ray.says("9").hears("finishing.thanks")
    conversation.forward(weeks=8)

    ray.says("HELLO").hears("menu.what").hears_words("Hello Ray")
    ray.says("1").hears("talk_to_someone.told_open")


@pytest.mark.parametrize("text", ["stop", "please stop", "leave me alone"])
def test_a_stop_is_obeyed_while_held(conversation, telegram, ann, text):
    telegram.opens().says("person")
    ann.picks_up(telegram)

    telegram.says(text).hears("talk.stopped_here")

    refused = conversation.staff.reply(telegram.conversation_id, ann.id, "Hello").result(timeout=30)
    assert refused == CannotReply("opted out")


def test_on_a_shared_phone_a_worker_answers_only_while_it_is_in_their_hand(conversation, sms, ann):
    come_to(sms, "HELLO", "1", "1", "4", "3", "tulip", "rent", "Di", "1")
    ann.picks_up(sms).writes(sms, "Hello, it is Ann.")
    sms.says("can you talk now?")
    ann.writes(sms, "Yes.")

    conversation.forward(minutes=10)

    refused = conversation.staff.reply(sms.conversation_id, ann.id, "Are you there?").result(timeout=30)
    assert refused == CannotReply(OTHERS_SEE_IT)


# Stopping


def test_after_the_carriers_stop_we_say_nothing_and_a_human_still_reads(conversation, ray):
    ray.carrier(Kind.OPT_OUT, "STOP").hears_nothing()
    ray.says("hello?").hears_nothing()
    assert ray.handoff is not None

    ray.carrier(Kind.OPT_IN, "START").hears_nothing()
    ray.says("hello").hears("menu.what")


def test_in_a_chat_start_opens_it_again_where_it_was(telegram):
    telegram.opens().says("me").says("stop").hears("talk.stopped_here")
    telegram.says("hello?").hears_nothing()

    telegram.says("START").hears("talk.hello_again", "intake.area")


def test_crisis_words_after_a_stop_make_a_call_for_a_human(conversation, ray):
    ray.carrier(Kind.OPT_OUT, "STOP")

    ray.says("I want to kill myself").hears_nothing()

    assert ray.handoff.level == "risk"
    assert [m.reason for m in ray.everything if m.purpose == "card"] == ["opted out"]


# Agreement and calls


def test_a_yes_taken_back_closes_the_case_and_hides_what_was_said(conversation, ray):
    ray.says("change").says("if you may pass it on").says("no").hears("intake.not_now")

    assert ray.person.agreed_at is None
    assert ray.handoff is None
    conversation.forward(weeks=4)
    ray.hears_nothing()  # nobody tells them that they are still on the list


def test_not_safe_to_ring_and_nobody_is_asked_to(conversation, sms):
    sms.says("CALL").hears("call_back.promised")
    with conversation.reading() as reading:
        assert tasks_to_do(reading, sms.person.id) == ["ring"]

    sms.says("2").hears("call_back.not_rung")

    with conversation.reading() as reading:
        assert tasks_to_do(reading, sms.person.id) == []
    assert sms.person.contact_plan["how"] == "do-not-ring"


def test_safe_to_ring_after_all(conversation, telegram):
    telegram.opens().says("call").says("it's 07700 900333").presses("Not safe to ring")

    telegram.presses("Yes").hears("call_back.fine")

    with conversation.reading() as reading:
        assert tasks_to_do(reading, telegram.person.id) == ["ring"]
    assert "how" not in telegram.person.contact_plan


def test_a_phone_that_is_safe_after_all_undoes_what_followed_from_its_not_being(sms):
    come_to(sms, "HELLO", "1", "1", "4", "1", "07700 900777", "Mondays", "tulip", "rent", "Di")
    sms.says("change").says("tulip").says("if this phone is safe").says("1").hears("intake.times")
    sms.says("mornings").hears("intake.agree").says("1")

    assert sms.person.contact_plan == {"safe": "only-me", "times": "mornings"}
