"""What people answer to a reminder, or say of it unasked; and CANCEL, which the carrier takes."""

from __future__ import annotations

import pytest

from bot.messages import Kind
from bot.store.tables import AppointmentStatus, Safe
from tests.support.reminded import Reminded

#: What is said and meant is the same on every engine: what is booked and freed is tried on both elsewhere.
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def ray(conversation) -> Reminded:
    """Ray, asked a week before whether he will be there on Wednesday at 2pm."""
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00")
    ray.books("Wed 11 Mar 2026 14:00")
    ray.until("Wed 4 Mar 2026 10:05")
    assert ray.heard == ["Wed 4 Mar 10:00 coming"]
    return ray


def prompts(phone) -> list[str]:
    return [message.prompt for message in phone.heard]


def stands(ray: Reminded) -> bool:
    return ray.appointment.status is AppointmentStatus.BOOKED


# To "will you be there?"


def test_a_yes_is_kept(ray):
    ray.sms.says("yea il b there").hears("reminder.noted")

    assert ray.appointment.coming_at is not None
    ray.sms.says("ok thanks").hears_nothing()


def test_cannot_frees_the_time_and_another_is_offered(ray):
    ray.sms.says("cnt mk it sorry").hears("reminder.freed")

    assert ray.appointment.status is AppointmentStatus.CANCELLED


def test_what_may_mean_two_things_is_asked_back(ray):
    ray.sms.says("yes I can't come").hears("reminder.sure")
    assert stands(ray)

    ray.sms.says("sorry, I'll be there").hears("reminder.noted")
    assert ray.appointment.coming_at is not None


def test_asked_back_once_then_a_person_reads_it(ray):
    ray.sms.says("not sure").hears("reminder.sure")
    ray.sms.says("depends on my son").hears("reminder.question_passed")

    assert stands(ray)


def test_another_day_than_the_appointments_is_asked_back(ray):
    """He cannot on Friday, and the appointment is on Wednesday."""
    ray.sms.says("I can't come Friday").hears("reminder.sure")
    assert stands(ray)


def test_its_own_day_is_no_reason_to_ask(ray):
    ray.sms.says("can't come Wednesday").hears("reminder.freed")


def test_running_late_is_noted_with_the_minutes(ray):
    ray.until("Wed 11 Mar 2026 13:40")
    ray.sms.says("rning 10 l8").hears("reminder.late_noted")

    assert ray.appointment.late_minutes == 10


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("wheres it at", "where_told"),
        ("what time is it", "where_told"),
        ("who is it with", "who_told"),
        ("is there parking?", "question_passed"),
    ],
)
def test_a_question_is_answered_and_a_yes_after_it_counts(ray, text, step):
    ray.sms.says(text).hears(f"reminder.{step}")
    ray.sms.says("ok yes").hears("reminder.noted")

    assert ray.appointment.coming_at is not None


def test_a_bare_no_after_it_was_told_where_is_asked_back(ray):
    ray.sms.says("where is it").hears("reminder.where_told")
    ray.sms.says("no").hears("reminder.sure")

    assert stands(ray)


def test_a_yes_with_a_question_is_kept_and_answered(ray):
    ray.sms.says("yes, where is it?")

    assert [p.rpartition(".")[2] for p in prompts(ray.sms)][-1] == "where_told"
    assert ray.appointment.coming_at is not None


def test_do_not_forget_and_a_no(ray):
    """ "Do not forget." "No, I won't." """
    ray.until("Tue 10 Mar 2026 10:05")
    ray.sms.says("no").hears("reminder.sure")

    assert stands(ray)


def test_what_they_need_is_kept_however_it_begins(ray):
    ray.until("Mon 9 Mar 2026 10:05")
    ray.sms.says("I can't manage the stairs").hears("reminder.needs_noted")

    assert ray.appointment.needs == "I can't manage the stairs"
    assert stands(ray)


def test_a_number_is_the_choice_under_it(ray):
    ray.sms.says("2").hears("reminder.freed")


def test_a_near_miss_of_a_choice_gives_nothing_up(ray):
    ray.sms.says("can't mk out it").hears("reminder.sure")

    assert stands(ray)


def test_in_any_language(ray):
    ray.sms.says("nie dam rady przyjsc").hears("reminder.freed")


# Said unasked


def test_running_late_is_understood_when_nothing_waits(ray):
    ray.sms.says("yes").hears("reminder.noted")
    ray.until("Wed 11 Mar 2026 13:45")
    ray.sms.says("running late for my appointment").hears("reminder.late_noted")


def test_a_whole_phrase_that_names_it_is_heard_over_another_question(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00").books("Wed 11 Mar 2026 14:00")
    ray.sms.says("MENU")
    ray.sms.says("I can't make my appointment").hears("reminder.freed")

    assert not stands(ray)


def test_where_times_are_offered_a_question_about_the_one_they_have_is_answered(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00").books("Wed 11 Mar 2026 14:00")
    ray.sms.says("APPOINTMENT")
    ray.sms.says("another time").hears("appointment.slots")

    ray.sms.says("can you remind me where it is").hears("appointment.slots")
    assert ray.sms.heard[-1].text.startswith(
        "It is Wednesday 11 March at 2pm. Amina rings you.\nWhich of these"
    )
    ray.sms.says("and who is it with?").hears("appointment.slots")
    assert ray.sms.heard[-1].text.startswith("It is with Amina")
    assert stands(ray)


def test_an_ordinary_message_is_none_of_ours(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00").books("Wed 11 Mar 2026 14:00")
    ray.sms.says("I can't pay my gas bill and it is cold").hears("talk.passed_on")

    assert stands(ray)


def test_unasked_a_cannot_that_names_neither_it_nor_its_day_is_asked_back(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00").books("Wed 11 Mar 2026 14:00")
    ray.sms.says("I can't come").hears("reminder.sure")

    assert stands(ray)


def test_with_no_appointment_ahead_it_is_not_ours(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00")

    ray.sms.says("running late for my appointment")
    assert not any(prompt.startswith("reminder.") for prompt in prompts(ray.sms))


# What the carrier did


@pytest.mark.parametrize("word", ["CANCEL", "End", "QUIT"])
def test_a_word_the_carrier_takes_gives_nothing_up_and_a_person_rings(ray, word):
    ray.sms.carrier(Kind.OPT_OUT, word).hears_nothing()

    assert stands(ray)
    assert ray.staff == ["ring-about-appointment by Wed 4 Mar 17:00"]


def test_stop_closes_nothing_and_a_person_rings(ray):
    ray.sms.carrier(Kind.OPT_OUT, "STOP").hears_nothing()

    assert stands(ray)
    assert ray.staff == ["ring-after-stop by Wed 4 Mar 17:00"]


def test_at_night_the_ring_waits_for_the_morning(ray):
    ray.until("Wed 4 Mar 2026 22:00")
    ray.sms.carrier(Kind.OPT_OUT, "CANCEL")

    assert ray.staff == ["ring-about-appointment by Thu 5 Mar 09:00"]


def test_the_next_message_by_another_way_is_answered_with_why(ray):
    ray.also_has("telegram")
    telegram = ray.phones["telegram"]
    ray.sms.carrier(Kind.OPT_OUT, "CANCEL")
    telegram.says("hello")

    assert telegram.heard[0].prompt == "reminder.texts_stopped"
    assert "Wednesday 11 March" in telegram.heard[0].text
    assert "reminder.texts_stopped" not in prompts(telegram.says("hello"))


def test_where_others_read_along_it_says_no_more_than_it_must(ray):
    ray.also_has("telegram", safe=Safe.NOT_ASKED)
    ray.sms.carrier(Kind.OPT_OUT, "CANCEL")

    assert prompts(ray.phones["telegram"].says("hello"))[0] == "reminder.discreet__texts_stopped"


def test_after_stop_nothing_needs_explaining(ray):
    ray.also_has("telegram")
    ray.sms.carrier(Kind.OPT_OUT, "STOP")

    assert "reminder.texts_stopped" not in prompts(ray.phones["telegram"].says("hello"))


def test_texts_that_go_again_need_no_explaining(ray):
    ray.also_has("telegram")
    ray.sms.carrier(Kind.OPT_OUT, "CANCEL")
    ray.sms.carrier(Kind.OPT_IN, "START")

    assert "reminder.texts_stopped" not in prompts(ray.phones["telegram"].says("hello"))


def test_with_nothing_ahead_no_person_is_asked_to_ring(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00")
    ray.sms.carrier(Kind.OPT_OUT, "CANCEL")

    assert ray.staff == []


def test_cancel_in_a_chat_is_asked_about(ray):
    ray.also_has("telegram")
    ray.phones["telegram"].says("cancel").hears("reminder.sure")

    assert stands(ray)
