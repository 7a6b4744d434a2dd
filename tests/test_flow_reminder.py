"""What somebody says to a reminder, and what they hear: each answer leads somewhere, and none to blame."""

from __future__ import annotations

import pytest

from bot.messages import Status
from bot.store.tables import AppointmentStatus, Safe
from tests.support.reminded import Reminded


@pytest.fixture
def asked(conversation):
    """Ray has just been asked, a week before, whether he will come."""
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00")
    ray.books("Wed 11 Mar 2026 14:00").until("Wed 4 Mar 2026 11:00")
    return ray


@pytest.mark.parametrize("says", ["1", "yes", "Yes I will be there", "ok", "see you then"])
def test_they_will_come_and_their_link_worker_sees_it(asked, says):
    asked.sms.says(says).hears("reminder.noted").hears_words("Wednesday 11 March at 2pm")

    assert asked.appointment.coming_at is not None
    assert asked.appointment.stands


@pytest.mark.parametrize("says", ["2", "I can't make it", "sorry can't come"])
def test_they_cannot_and_the_time_is_free_at_once(asked, says):
    asked.sms.says(says).hears("reminder.freed").hears_words("That is fine")

    assert asked.appointment.status is AppointmentStatus.CANCELLED
    assert asked.waits == []


def test_having_said_no_they_need_say_no_more(asked):
    asked.sms.says("2").hears("reminder.freed")
    asked.sms.says("not now").hears("reminder.left")


def test_another_time_is_looked_for(asked):
    asked.sms.says("2").hears("reminder.freed")
    asked.sms.says("1")

    assert asked.sms.frame("appointment") is not None


def test_another_time_instead_keeps_the_one_they_have_until_then(asked):
    asked.sms.says("3")

    assert asked.sms.frame("appointment") is not None
    assert asked.appointment.stands


def test_a_slip_is_put_right_and_it_is_theirs_again(asked):
    asked.sms.says("2").hears("reminder.freed")
    asked.sms.says("3").hears("reminder.kept").hears_words("Wednesday 11 March at 2pm")

    assert asked.appointment.stands
    assert asked.waits == ["Mon 9 Mar 10:00 two_days", "Tue 10 Mar 10:00 day_before"]


def test_a_slip_is_put_right_too_late(asked):
    asked.sms.says("2").hears("reminder.freed")
    first = asked.appointment_id
    asked.books("Wed 11 Mar 2026 14:00", person=asked.somebody_else())
    asked.appointment_id = first

    asked.sms.says("I can come after all").hears("reminder.taken")
    assert asked.appointment.status is AppointmentStatus.CANCELLED


def test_what_they_need_is_kept_for_their_link_worker(asked):
    asked.until("Mon 9 Mar 2026 11:00")
    asked.sms.says("I do not hear well, please sit on my left").hears("reminder.needs_noted")

    assert asked.appointment.needs == "I do not hear well, please sit on my left"


def test_what_they_remember_later_is_kept_with_it(asked):
    asked.until("Mon 9 Mar 2026 11:00")
    asked.sms.says("large print please").says("and a taxi home")

    assert asked.appointment.needs.startswith("large print please")


@pytest.mark.parametrize("says", ["1", "nothing", "no thanks", "skip"])
def test_they_need_nothing(asked, says):
    asked.until("Mon 9 Mar 2026 11:00")
    asked.sms.says(says).hears("reminder.nothing_needed")

    assert asked.appointment.needs == ""


def test_asked_what_they_need_they_say_that_they_cannot_come(asked):
    asked.until("Mon 9 Mar 2026 11:00")
    asked.sms.says("I can't make it").hears("reminder.freed")

    assert asked.appointment.status is AppointmentStatus.CANCELLED


@pytest.mark.parametrize(
    ("says", "hears"),
    [
        ("where is it?", "reminder.where_told"),
        ("what time is it again?", "reminder.where_told"),
        ("who is it with?", "reminder.who_told"),
        ("is there parking?", "reminder.question_passed"),
        ("can my sister come too?", "reminder.question_passed"),
    ],
)
def test_a_question_is_answered_or_passed_on(asked, says, hears):
    asked.sms.says(says).hears(hears)

    assert asked.appointment.stands


def test_whoever_asked_something_may_still_answer(asked):
    asked.sms.says("who is it with?").hears("reminder.who_told").hears_words("Amina")
    asked.sms.says("ok yes i'll come").hears("reminder.noted")

    assert asked.appointment.coming_at is not None


def test_the_day_before_asks_nothing_and_hears_all_the_same(asked):
    asked.until("Tue 10 Mar 2026 18:00")
    asked.sms.says("sorry I can't come tomorrow").hears("reminder.freed")

    assert asked.appointment.status is AppointmentStatus.CANCELLED


def test_they_run_late(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00", two_hours=True)
    ray.books("Wed 11 Mar 2026 14:00").until("Wed 11 Mar 2026 13:50")
    ray.sms.says("running 20 mins late").hears("reminder.late_noted").hears_words("Amina")

    assert ray.appointment.late_minutes == 20
    assert ray.staff == ["runs-late by Wed 11 Mar 14:00"]


def test_a_number_means_the_same_in_each_of_them(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00", two_hours=True)
    ray.books("Wed 11 Mar 2026 14:00").until("Tue 10 Mar 2026 11:00")
    ray.sms.says("1").hears("reminder.noted")
    ray.until("Wed 11 Mar 2026 12:30")
    ray.sms.says("4").hears("reminder.late_noted")

    assert ray.appointment.stands


def test_a_button_from_days_ago_still_means_what_it_says(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00")
    ray.also_has("telegram").says_stop().books("Wed 11 Mar 2026 14:00").until("Wed 4 Mar 2026 11:00")
    kit = ray.phones["telegram"]
    kit.presses("Yes, I will be there").hears("reminder.noted")
    kit.presses("I can't make it").hears("reminder.freed")

    assert ray.appointment.status is AppointmentStatus.CANCELLED


def test_when_it_is_over_no_answer_changes_it(asked):
    asked.until("Wed 11 Mar 2026 15:00")
    asked.sms.says("2")

    assert asked.appointment.stands


def test_an_answer_to_what_is_off_says_so(asked):
    asked.cancelled()
    asked.sms.hears("reminder.told_cancelled").hears_words("It is nothing you did")
    asked.sms.says("yes")

    assert asked.sms.frame("appointment") is not None


# In the middle of something else


def test_the_question_they_were_at_comes_back(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00")
    ray.books("Wed 11 Mar 2026 14:00").until("Wed 4 Mar 2026 09:58")
    ray.sms.says("menu").says("what matters to me")
    question = ray.sms.asked
    assert question.startswith("what_matters.")
    ray.until("Wed 4 Mar 2026 10:01")

    assert ray.sms.asked == "reminder.coming"
    ray.sms.says("1").hears_words("Wednesday 11 March at 2pm it is")
    assert ray.sms.asked == question


def test_on_a_shared_phone_the_answers_name_nobody(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00", safe=Safe.SHARED, reminders="discreet")
    ray.books("Wed 11 Mar 2026 14:00").until("Wed 4 Mar 2026 11:00")
    named = ("Amina", "Ashby", "Ray", "link worker", "phone")
    ray.sms.hears_no_words(*named)
    for says in ("who is it with?", "where is it?", "yes", "is there parking?"):
        ray.sms.says(says).hears_no_words(*named)
    ray.until("Mon 9 Mar 2026 11:00")
    ray.sms.hears_no_words(*named).says("large print").hears_no_words(*named)
    ray.until("Tue 10 Mar 2026 11:00")
    ray.sms.hears_no_words(*named)
    ray.cancelled()
    ray.sms.hears("reminder.discreet__told_cancelled").hears_no_words(*named)


def test_every_text_fits(conversation):
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00", two_hours=True)
    ray.books("Wed 11 Mar 2026 14:00", by="staff").until("Thu 12 Mar 2026 09:00")

    assert len(ray.sms.everything) == 5
    assert all(m.segments <= 2 and m.status is not Status.NOT_SENT for m in ray.sms.everything)
