"""What falls due about appointments: reminders, changes told, a kind word, a link worker's own words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.appointments import written
from bot.appointments.appointment import events_of
from bot.appointments.reminders import REMINDED, set_all_again
from bot.appointments.written import NotWritten
from bot.messages import Kind
from bot.people.persons import plan_contact
from bot.people.safe_contact import Purpose
from bot.store.tables import AppointmentStatus, Safe
from tests.support.reminded import Reminded, instant

TUESDAY = "Tue 3 Mar 2026 09:00"


@pytest.fixture
def ray(conversation):
    """Ray, who meets Amina on Wednesday week at two."""
    return Reminded(conversation, TUESDAY).books("Wed 11 Mar 2026 14:00")


# What a reminder is


def test_it_is_written_down_with_how_it_went(ray):
    ray.until("Wed 4 Mar 2026 11:00")

    with ray.conversation.reading() as reading:
        (event,) = [e for e in events_of(reading, ray.appointment_id) if e.what == REMINDED]
    assert event.step == "week"
    assert event.details == {"version": ray.appointment.version, "channel": "sms", "wording": "plain"}


def test_it_is_personal_and_specific_and_easy_to_change(ray):
    ray.until("Wed 4 Mar 2026 11:00")
    ray.sms.hears_words("Hello Ray.", "Wednesday 11 March at 2pm", "with Amina", "easy to change")

    assert ray.sms.heard[0].purpose == Purpose.APPOINTMENT


def test_the_day_before_says_where_and_how_to_get_there(conversation):
    ray = Reminded(conversation, TUESDAY)
    cafe = ray.place("cafe", "Corner Cafe", "1 Market Place, Ashby", "By the clock tower.")
    ray.books("Wed 11 Mar 2026 14:00", meeting="cafe", place_id=cafe)
    ray.until("Tue 10 Mar 2026 09:00").until("Tue 10 Mar 2026 11:00")

    ray.sms.hears("reminder.day_before")
    ray.sms.hears_words("Corner Cafe", "1 Market Place, Ashby.", "By the clock tower.")


def test_for_a_call_the_time_is_theirs_and_for_a_visit_the_places(conversation):
    ray = Reminded(conversation, TUESDAY, zone="America/Toronto")
    ray.books("Wed 11 Mar 2026 14:00").until("Wed 4 Mar 2026 18:00")
    ray.sms.hears_words("Wednesday 11 March at 10am", "by phone")


def test_nothing_of_it_is_left_unsent_when_it_is_moved(ray):
    ray.until("Wed 4 Mar 2026 10:00")
    ray.moved("Fri 13 Mar 2026 14:00")

    assert ray.heard == ["Wed 4 Mar 10:00 coming (taken back)", "Wed 4 Mar 10:00 told_moved"]
    assert ray.waits == [
        "Fri 6 Mar 10:00 week",
        "Wed 11 Mar 10:00 two_days",
        "Thu 12 Mar 10:00 day_before",
    ]


def test_wishing_for_the_last_one_later_sets_it_and_repeats_none(ray):
    ray.until("Wed 4 Mar 2026 11:00")
    ray.wishes(two_hours=True)
    ray.until("Thu 12 Mar 2026 09:00")

    steps = [line.split()[-1] for line in ray.heard]
    assert steps == ["coming", "needs", "day_before", "today"]


def test_wishing_for_none_takes_them_all_back(ray):
    ray.wishes(reminders="none")

    assert ray.waits == []


# Nothing is pressed on anyone


def test_with_a_link_worker_it_is_said_and_nothing_asked(ray):
    ray.until("Wed 4 Mar 2026 09:50").sms.says("person")
    ray.conversation.worker("Bo Day").picks_up(ray.sms)
    ray.until("Wed 4 Mar 2026 11:00")

    assert ray.heard == ["Wed 4 Mar 10:00 day_before"]
    assert ray.sms.words.endswith("Amina rings you.")  # and nothing to press


def test_with_a_concern_open_it_is_said_and_nothing_asked(ray):
    ray.sms.says("I want to kill myself")
    ray.until("Wed 4 Mar 2026 11:00")

    assert ray.heard == ["Wed 4 Mar 10:00 day_before"]


# A link worker changed it


def test_booked_by_a_link_worker_they_are_asked_whether_it_suits(conversation):
    ray = Reminded(conversation, TUESDAY).books("Wed 11 Mar 2026 14:00", by="staff")
    ray.sms.hears("reminder.told_booked").hears_words("Amina has booked a time with you")
    ray.sms.says("yes").hears("reminder.noted")

    assert ray.appointment.coming_at is not None


def test_what_they_booked_themselves_they_are_not_told_again(ray):
    assert ray.heard == []


def test_of_two_changes_at_once_they_hear_of_the_last(ray):
    ray.until("Tue 3 Mar 2026 23:00")
    ray.moved("Thu 12 Mar 2026 14:00").moved("Fri 13 Mar 2026 14:00").until("Wed 4 Mar 2026 12:00")

    assert ray.heard == ["Wed 4 Mar 09:00 told_moved"]
    assert "Friday 13 March" in ray.words


def test_where_no_message_may_go_a_person_rings(conversation):
    ray = Reminded(conversation, TUESDAY, safe=Safe.SHARED).until("Tue 3 Mar 2026 10:00")
    ray.books("Wed 11 Mar 2026 14:00", by="staff").cancelled()

    assert ray.heard == []
    assert ray.staff == ["tell-booked by Tue 10 Mar 17:00", "tell-cancelled by Tue 10 Mar 17:00"]


# They did not come


@pytest.fixture
def missed(ray):
    """It is Wednesday, a quarter to three, and Ray has not come."""
    return ray.until("Wed 11 Mar 2026 14:45")


def test_a_kind_word_the_same_day(missed):
    missed.did_not_come().until("Wed 11 Mar 2026 15:30")

    missed.sms.hears("reminder.missed").hears_words("It happens to all of us", "Amina")
    missed.sms.hears_no_words("missed", "fail", "must", "policy")
    assert missed.heard[-1] == "Wed 11 Mar 15:05 missed"
    assert missed.staff == []


@pytest.mark.parametrize(
    ("says", "flow"), [("1", "appointment"), ("another time", "appointment"), ("2", "talk_to_someone")]
)
def test_an_easy_way_back(missed, says, flow):
    missed.did_not_come().until("Wed 11 Mar 2026 15:30")
    missed.sms.says(says)

    assert missed.sms.asked.startswith(flow) or missed.sms.heard[-1].prompt.startswith(flow)


def test_or_they_leave_it(missed):
    missed.did_not_come().until("Wed 11 Mar 2026 15:30")

    missed.sms.says("3").hears("reminder.left")


def test_a_slip_of_the_link_worker_is_put_right_before_anything_is_said(missed):
    missed.did_not_come().put_back().until("Thu 12 Mar 2026 12:00")

    assert missed.appointment.status is AppointmentStatus.BOOKED
    assert "missed" not in " ".join(missed.heard)


def test_in_the_evening_it_waits_for_the_morning(conversation):
    ray = Reminded(conversation, TUESDAY).books("Wed 11 Mar 2026 19:00")
    ray.until("Wed 11 Mar 2026 19:50").did_not_come().until("Thu 12 Mar 2026 12:00")

    assert ray.heard[-1] == "Thu 12 Mar 09:00 missed"


def test_written_down_days_later_nothing_is_said_and_a_link_worker_rings(missed):
    missed.until("Mon 16 Mar 2026 11:00").did_not_come().until("Tue 17 Mar 2026 12:00")

    assert "missed" not in " ".join(missed.heard)
    assert missed.staff == ["missed by Mon 16 Mar 17:00"]


def test_after_the_second_a_link_worker_and_no_text(missed):
    missed.did_not_come().until("Thu 12 Mar 2026 09:00")
    missed.books("Thu 19 Mar 2026 14:00").until("Thu 19 Mar 2026 15:00").did_not_come()
    missed.until("Fri 20 Mar 2026 12:00")

    assert "missed" not in " ".join(missed.heard)
    assert missed.staff == ["missed-again by Thu 19 Mar 17:00"]


def test_with_a_concern_open_a_link_worker_and_no_text(missed):
    missed.sms.says("I want to kill myself")
    missed.did_not_come().until("Wed 11 Mar 2026 16:00")

    assert "missed" not in " ".join(missed.heard)
    assert "missed by Wed 11 Mar 17:00" in missed.staff


def test_on_a_phone_others_see_a_link_worker_and_no_text(conversation):
    ray = Reminded(conversation, TUESDAY, safe=Safe.SHARED).books("Wed 11 Mar 2026 14:00")
    ray.until("Wed 11 Mar 2026 14:45").did_not_come().until("Wed 11 Mar 2026 16:00")

    assert ray.heard == []
    assert "missed by Wed 11 Mar 17:00" in ray.staff


# A link worker's own words

CHOIR = "Choir starts Thursday 7pm, meet at the side door."


def writes(ray, due, until, words=CHOIR):
    """Amina sets it; its id, or why not."""
    return ray.does(
        lambda unit: written.write_reminder(
            unit, ray.person_id, ray.staff_id, words, instant(due), instant(until)
        ),
        f"staff:{ray.staff_id}",
    )


def the_one(ray):
    with ray.conversation.reading() as reading:
        (one,) = written.written_of(reading, ray.person_id)
    return one


def test_it_goes_at_its_time_in_their_words(ray):
    writes(ray, "Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 19:00")
    ray.until("Thu 5 Mar 2026 11:00").until("Thu 5 Mar 2026 12:30")

    ray.sms.hears("reminder.written").hears_words(f"A reminder from Amina, link worker: {CHOIR}")
    one = the_one(ray)
    assert (one.result, one.sent_at, one.waits) == ("sent", instant("Thu 5 Mar 2026 12:00"), False)


def test_it_is_taken_back(ray):
    made = writes(ray, "Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 19:00")
    assert ray.does(lambda unit: written.take_back(unit, made)) is True
    assert ray.does(lambda unit: written.take_back(unit, made)) is False
    ray.until("Thu 5 Mar 2026 18:00")

    assert ray.sms.everything[-1].prompt != "reminder.written"
    assert the_one(ray).taken_back_at is not None


@pytest.mark.parametrize(
    ("due", "until", "words", "why"),
    [
        ("Thu 5 Mar 2026 21:00", "Fri 6 Mar 2026 09:00", CHOIR, "at night"),
        ("Thu 5 Mar 2026 08:30", "Thu 5 Mar 2026 19:00", CHOIR, "at night"),
        ("Tue 3 Mar 2026 08:30", "Thu 5 Mar 2026 19:00", CHOIR, "has passed"),
        ("Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 12:00", CHOIR, "of no use any more"),
        ("Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 19:00", "  ", "no words"),
        ("Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 19:00", CHOIR * 6, "too long"),
    ],
)
def test_it_is_refused_with_a_plain_reason(ray, due, until, words, why):
    refused = writes(ray, due, until, words)

    assert isinstance(refused, NotWritten)
    assert why in refused.why


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"times": "mornings"}, "outside the times"),
        ({"reminders": "none"}, "asked for no reminders"),
        ({"safe": Safe.SHARED}, "Ring them instead"),
    ],
)
def test_it_is_refused_for_what_they_wish(conversation, plan, why):
    ray = Reminded(conversation, TUESDAY, **plan)
    ray.clock.forward(minutes=10)  # nobody holds the phone any more
    refused = writes(ray, "Thu 5 Mar 2026 14:00", "Thu 5 Mar 2026 19:00")

    assert isinstance(refused, NotWritten) and why in refused.why


def test_one_that_would_be_too_late_goes_back_to_who_wrote_it(ray):
    writes(ray, "Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 13:00")
    ray.down_until("Thu 5 Mar 2026 13:10")

    assert the_one(ray).result == "too late"
    assert "written-not-sent by Thu 5 Mar 17:00" in ray.staff


def test_a_phone_lost_since_sends_it_back_to_who_wrote_it(ray):
    writes(ray, "Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 19:00")
    ray.phone_is_dead().until("Thu 5 Mar 2026 12:30")

    assert the_one(ray).result == "unreachable"
    assert "written-not-sent by Thu 5 Mar 17:00" in ray.staff


def test_who_asked_for_discreet_words_hears_nobody_named(conversation):
    ray = Reminded(conversation, TUESDAY, reminders="discreet")
    writes(ray, "Thu 5 Mar 2026 12:00", "Thu 5 Mar 2026 19:00")
    ray.until("Thu 5 Mar 2026 12:30")

    ray.sms.hears("reminder.discreet__written").hears_no_words("link worker", "Amina")


def test_a_reminder_of_ours_is_never_sent_after_what_it_reminds_of(ray):
    ray.until("Wed 4 Mar 2026 11:00")
    (first,) = ray.rows()

    assert first.useful_until == ray.appointment.starts_at - timedelta(hours=72)


# Their wishes change


def test_their_times_written_down_by_a_link_worker_move_what_is_set(ray):
    def work(unit):
        plan_contact(unit, ray.person_id, times="afternoons")
        set_all_again(unit, ray.person_id)

    ray.does(work)

    assert ray.waits == ["Wed 4 Mar 12:00 week", "Mon 9 Mar 12:00 two_days", "Tue 10 Mar 12:00 day_before"]


def test_one_call_is_asked_for_and_not_a_second_for_each_reminder(ray):
    ray.until("Thu 5 Mar 2026 12:00")
    ray.sms.carrier(Kind.OPT_OUT, "CANCEL")
    ray.until("Wed 11 Mar 2026 15:00")

    assert ray.staff == ["ring-about-appointment by Thu 5 Mar 17:00"]
    assert ray.appointment.stands
