"""Booking a time by text, from the first word to the calendar: what is heard, and what then stands."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from bot.appointments.booking import book
from bot.appointments.calendar import Hours
from bot.appointments.places import correct_place
from bot.casework import cases
from bot.messages import InboundMessage
from bot.store.tables import Meeting
from tests.support.appointments import nine_to_five, surgery, worker
from tests.support.booking import booked, hours_of, one_slot, plan, tasks_of
from tests.support.scenes import refers_themselves, says
from tests.support.scenes_support import known

#: The tests begin on Tuesday 3 March 2026 at ten.


@pytest.fixture
def sam(done):
    """A link worker people may book, by phone."""
    return worker(done, "Sam Lee")


@pytest.fixture
def ray(conversation, sam):
    return known(conversation)


@pytest.fixture
def mo(conversation, ray):
    mo = refers_themselves(conversation.phone("sms", "+447700900107"))
    ray.heard, mo.heard = [], []
    return mo


# -- the shortest way --------------------------------------------------------------------------


def test_three_texts_book_it(ray):
    ray.says("appointment").hears("appointment.slots").hears_words("Sam is free at these times")
    ray.says("2").hears("appointment.confirm").hears_words("Wednesday 4 March at 9am, with Sam, by phone")
    ray.says("1").hears("appointment.confirmed", "appointment.two_hours")

    (one,) = booked(ray)
    assert one.starts_at == datetime(2026, 3, 4, 9, 0, tzinfo=UTC) and one.kind == "first"
    assert sum(m.segments for m in ray.everything[1:]) <= 5
    ray.hears_words("It is booked. Wednesday 4 March at 9am, with Sam, by phone, 45 minutes. Sam rings you.")


def test_their_own_words_book_it_in_two(ray):
    says(ray, "appointment", "Thursday at 2")
    ray.hears("appointment.confirm").hears_words("Thursday 5 March at 2pm")
    ray.says("yes")

    assert [one.local().hour for one in booked(ray)] == [14]


def test_where_it_is_at_a_place_all_of_it_is_told(conversation, done, ray, sam):
    place = surgery(done)
    hours_of(conversation, sam, *nine_to_five(place))
    says(ray, "appointment", "1", "yes")

    ray.hears_words("at Ashby Surgery", "1 High Street, Ashby.", "Bus 5 stops outside.", "45 minutes")
    assert booked(ray)[0].meeting is Meeting.SURGERY


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Thursday after 2", "Thursday 5 March, 2pm"),
        ("next week some time", "Monday 9 March, 9am"),
        ("afternoons, by phone", "Tuesday 3 March, 12"),
        ("not before school run", "Tuesday 3 March, 12"),
        ("tomorrow or friday morning", "Wednesday 4 March, 9am"),
    ],
)
def test_when_they_can_is_understood(ray, text, first):
    says(ray, "appointment", text)

    assert ray.asked == "appointment.slots" and f"1 {first}" in ray.words


def test_what_may_mean_two_days_is_asked_back_and_the_hour_stands(ray):
    says(ray, "appointment", "Tues after 2").hears("appointment.which_time")
    ray.hears_words("Tuesday 3 March", "Tuesday 10 March").says("2").hears("appointment.slots")

    ray.hears_words("Tuesday 10 March, 2pm").hears_no_words("Tuesday 10 March, 9am", "Tuesday 3 March")


def test_an_hour_without_a_day_and_then_the_day(ray):
    says(ray, "appointment", "at 3").hears("appointment.which_time")
    ray.says("Friday").hears("appointment.confirm").hears_words("Friday 6 March at 3pm")


def test_what_is_not_free_is_said_and_the_nearest_are_offered(conversation, mo, ray):
    says(mo, "appointment", "Thursday at 2", "yes")
    says(ray, "appointment", "Thursday at 2").hears("appointment.slots")

    ray.hears_words("nothing like that, sorry", "Thursday 5 March, 1pm", "Thursday 5 March, 3pm")


def test_further_ahead_than_anybody_books_is_said(ray):
    says(ray, "appointment", "in september").hears("appointment.slots").hears_words(
        "as far ahead as that yet"
    )


def test_none_of_these_shows_others_and_in_the_end_there_is_a_person(conversation, ray, sam):
    hours_of(conversation, sam, Hours(3, time(10), time(12)), ahead_days=6)
    says(ray, "appointment")
    seen = {ray.words}
    while ray.asked == "appointment.slots":
        ray.says("none of these")
        assert ray.words not in seen
        seen.add(ray.words)

    ray.hears("appointment.no_more").says("ask a link worker").hears("appointment.passed_on")
    assert "book-appointment" in tasks_of(ray)


def test_only_the_way_they_wish_and_the_time_stands(conversation, done, ray, sam):
    cafe, phone = surgery(done, "Corner Cafe"), surgery(done, "By phone")
    conversation.store.run(lambda unit: _phone(unit, phone), acting="test").result(30)
    hours_of(conversation, sam, *nine_to_five(cafe, phone))
    says(ray, "appointment", "Thursday at 2").hears_words("at Corner Cafe")
    ray.says("can it be by phone").hears("appointment.confirm")

    ray.hears_words("Thursday 5 March at 2pm, with Sam, by phone")


def _phone(unit, place_id: int) -> None:
    correct_place(unit, place_id, meeting=Meeting.PHONE)


# -- with whom, and when they are best reached -------------------------------------------------


def test_their_own_link_worker_comes_first(conversation, done, ray, sam):
    ali = worker(done, "Ali Khan")
    case = _case(ray)
    conversation.store.run(lambda unit: cases.take(unit, case, ali), acting="test").result(30)
    says(ray, "appointment", "1", "1")

    assert booked(ray)[0].staff_id == ali


def test_where_theirs_takes_no_bookings_any_other_does(conversation, done, ray, sam):
    ali = worker(done, "Ali Khan", open_to_people=False)
    case = _case(ray)
    conversation.store.run(lambda unit: cases.take(unit, case, ali), acting="test").result(30)
    says(ray, "appointment", "1", "1")

    assert booked(ray)[0].staff_id == sam


def _case(phone) -> int:
    with phone.conversation.reading() as reading:
        return cases.case_of(reading, phone.person.id).id


def test_the_times_of_their_contact_plan_are_offered_first(ray):
    plan(ray, times="afternoons")
    says(ray, "appointment").hears_words("12.").hears_no_words("9am", "10am", "11am")
    ray.says("Thursday morning")

    assert "Thursday 5 March, 9am" in ray.words  # what they say now comes before what they said then


def test_nobody_takes_bookings_and_nothing_is_lost(conversation):
    ray = known(conversation)
    says(ray, "appointment").hears("appointment.passed_on").hears_words("in touch by")

    assert "book-appointment" in tasks_of(ray)


def test_without_a_yes_to_be_passed_on_nobody_books(conversation, sam):
    eli = says(conversation.phone(), "HELLO", "1", "1", "appointment")
    eli.hears_words("once you are on our list")

    assert eli.asked == "intake.safe"


# -- two want the same -------------------------------------------------------------------------


def test_the_last_one_goes_to_one_and_the_other_hears_kindly(conversation, ray, mo, sam):
    one_slot(conversation, sam)
    for phone in (ray, mo):
        phone.says("appointment").hears("appointment.slots")
    conversation.next_line()
    for n, phone in enumerate((ray, mo)):
        message = InboundMessage(phone.channel, f"both-{n}", phone.address, "1")
        conversation.inbox.receive(message).result(timeout=30)
    for turn in [conversation.turns.take(phone.conversation_id) for phone in (ray, mo)]:
        turn.result(timeout=30)
    conversation.hear()

    first, second = (ray, mo) if ray.asked == "appointment.confirm" else (mo, ray)
    first.hears("appointment.confirm")
    second.hears("appointment.passed_on").hears_words("that time has gone", "in touch by")
    first.says("yes")
    assert len(booked(first)) == 1 and booked(second) == []
    assert "book-appointment" in tasks_of(second)


def test_who_was_too_late_is_offered_the_next(conversation, ray, mo, sam):
    for phone in (ray, mo):
        phone.says("appointment").hears("appointment.slots")
    ray.says("2").says("yes")
    mo.says("2").hears("appointment.slots").hears_words("that time has gone", "Wednesday 4 March, 10")
    mo.says("2").says("yes")

    assert len(booked(mo)) == 1 and booked(mo)[0].starts_at != booked(ray)[0].starts_at


def test_a_yes_after_the_hold_has_ended_books_what_is_free_still(conversation, ray):
    says(ray, "appointment", "2")
    conversation.forward(minutes=30)
    ray.says("yes").hears("appointment.confirmed", "appointment.two_hours")

    assert len(booked(ray)) == 1


def test_a_yes_after_somebody_else_had_it_offers_the_next(conversation, ray, mo):
    says(ray, "appointment", "Thursday at 2")
    conversation.forward(minutes=30)
    says(mo, "appointment", "Thursday at 2", "yes")
    ray.says("yes").hears("appointment.slots").hears_words("that time has gone")

    assert booked(ray) == [] and len(booked(mo)) == 1


def test_what_is_held_for_one_is_not_offered_to_another(conversation, ray, mo, sam):
    one_slot(conversation, sam)
    says(ray, "appointment", "1").hears("appointment.confirm")
    mo.says("appointment").hears("appointment.passed_on")


# -- what they have ----------------------------------------------------------------------------


@pytest.fixture
def has(ray):
    """Thursday at two."""
    says(ray, "appointment", "Thursday at 2", "yes", "no")
    return ray


def test_what_they_have_is_shown_first(has):
    has.says("appointment").hears("appointment.have").hears_words("Thursday 5 March at 2pm, with Sam")


def test_moving_keeps_the_old_until_the_new_is_theirs(has):
    says(has, "appointment", "another time").hears("appointment.slots").hears_words(
        "You keep the one you have"
    )
    has.says("Friday at 3").hears("appointment.confirm").hears_words("instead of Thursday 5 March at 2pm")
    assert [one.local().day for one in booked(has)] == [5]
    has.says("yes").hears("appointment.confirmed").hears_words("It is moved. Friday 6 March at 3pm")

    assert [(one.local().day, one.minutes) for one in booked(has)] == [(6, 45)]


def test_who_changes_nothing_keeps_it(conversation, has):
    says(has, "appointment", "Friday at 3", "another time", "leave it").hears("appointment.left")
    conversation.forward(days=1)

    assert [one.local().day for one in booked(has)] == [5]


def test_it_is_off_at_once_and_nobody_is_blamed(has):
    says(has, "appointment", "2").hears("appointment.another").hears_words("Thank you", "that is fine")
    assert booked(has) == []
    has.says("Friday at 3").says("1").hears("appointment.confirmed")

    assert [one.local().day for one in booked(has)] == [6]


def test_a_time_that_is_off_may_be_taken_by_another(has, mo):
    says(has, "appointment", "can't make it")
    says(mo, "appointment", "Thursday at 2", "yes")

    assert [one.local().hour for one in booked(mo)] == [14]


def test_where_it_is_and_that_they_come(has):
    says(has, "appointment", "where is it").hears("appointment.told_where").hears_words("Sam rings you.")
    says(has, "appointment", "I will come").hears("appointment.kept")

    assert booked(has)[0].coming_at is not None


def test_of_two_appointments_they_say_which(has):
    says(has, "appointment", "keep it")
    _another(has)
    says(has, "appointment").hears("appointment.which").says("2").hears("appointment.have")
    has.hears_words("Monday 9 March at 10am").says("2")

    assert [one.local().day for one in booked(has)] == [5]


def _another(phone) -> None:
    at = datetime(2026, 3, 9, 10, tzinfo=UTC)
    staff = booked(phone)[0].staff_id
    phone.conversation.store.run(
        lambda unit: book(unit, phone.person.id, staff, at, minutes=30, kind="review", meeting="phone"),
        acting="person",
    ).result(30)
