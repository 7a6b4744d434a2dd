"""Booking a time by text, from the first word to the calendar: what is heard, and what then stands."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import select

from bot.appointments.appointment import Appointment, appointments_of
from bot.appointments.calendar import Hours, set_calendar
from bot.casework import cases
from bot.casework.tasks import open_tasks
from bot.messages import InboundMessage
from bot.outbox.queue import file_of
from bot.people.persons import plan_contact
from bot.store.tables import Meeting, outbox, short_notice
from bot.words import gsm
from tests.support.appointments import nine_to_five, surgery, worker
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


def booked(phone) -> list[Appointment]:
    """What stands for them, the next first."""
    with phone.conversation.reading() as reading:
        found = appointments_of(reading, phone.person.id)
        return [one for one in reversed(found) if one.stands]


def tasks_of(phone) -> set[str]:
    with phone.conversation.reading() as reading:
        return {task.kind for task in open_tasks(reading, person_id=phone.person.id)}


def hours_of(conversation, staff_id: int, *hours: Hours, **more) -> None:
    """These are their hours from now on."""
    more = {"open_to_people": True, "gap_minutes": 0, **more}
    conversation.store.run(
        lambda unit: set_calendar(unit, staff_id, hours=hours, **more), acting="test"
    ).result(30)  # fmt: skip


def one_slot(conversation, staff_id: int) -> None:
    """All that is free in the next days is Thursday at ten."""
    hours_of(conversation, staff_id, Hours(3, time(10), time(10, 45)), ahead_days=6)


def plan(phone, **wishes) -> None:
    phone.conversation.store.run(
        lambda unit: plan_contact(unit, phone.person.id, **wishes), acting="test"
    ).result(30)  # fmt: skip


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
    from bot.appointments.places import correct_place

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
    for phone in (ray, mo):
        conversation.turns.take(phone.conversation_id).result(timeout=30)
    conversation.hear()

    ray.hears("appointment.confirm")
    mo.hears("appointment.passed_on").hears_words("that time has gone", "in touch by")
    ray.says("yes")
    assert len(booked(ray)) == 1 and booked(mo) == []
    assert "book-appointment" in tasks_of(mo)


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
    from bot.appointments.booking import book

    at = datetime(2026, 3, 9, 10, tzinfo=UTC)
    staff = booked(phone)[0].staff_id
    phone.conversation.store.run(
        lambda unit: book(unit, phone.person.id, staff, at, minutes=30, kind="review", meeting="phone"),
        acting="person",
    ).result(30)


# -- one more thing ----------------------------------------------------------------------------


def test_two_hours_before_is_asked_once_in_their_life(conversation, ray):
    says(ray, "appointment", "Thursday at 2", "1").hears("appointment.confirmed", "appointment.two_hours")
    ray.says("yes").hears("appointment.noted")
    assert ray.person.contact_plan["two_hours"] is True
    says(ray, "appointment", "another time", "Friday at 3", "yes").hears("appointment.confirmed")


def test_who_books_far_off_may_come_sooner(conversation, ray):
    says(ray, "appointment", "20 March at 2", "1").hears("appointment.confirmed", "appointment.extras")
    ray.says("both")

    with conversation.reading() as reading:
        (wait,) = reading.execute(select(short_notice)).all()
    assert wait.person_id == ray.person.id and wait.left_at is None
    assert ray.person.contact_plan["two_hours"] is True


def test_nobody_need_answer_and_nothing_is_pressed(conversation, ray):
    says(ray, "appointment", "Thursday at 2", "1").hears("appointment.confirmed", "appointment.two_hours")
    ray.heard = []
    conversation.forward(hours=5)

    ray.hears_nothing()
    assert len(booked(ray)) == 1


# -- a phone that others read ------------------------------------------------------------------


def test_on_a_shared_phone_no_text_names_anybody(conversation, sam):
    di = says(conversation.phone(), "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    before = len(di.everything)
    says(di, "appointment", "2", "1").hears("appointment.discreet__confirmed", "appointment.shared_phone")
    di.says("yes").hears("appointment.noted")
    says(di, "appointment", "where").says("appointment").says("2")

    said = " ".join(m.text for m in di.everything[before:])
    assert "Sam" not in said and "Linkline" not in said and "Di" not in said.split()
    assert di.person.contact_plan["reminders"] == "discreet"


def test_who_wants_no_word_on_a_shared_phone_gets_none(conversation, sam):
    di = says(conversation.phone(), "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    says(di, "appointment", "2", "1", "no")

    assert di.person.contact_plan["reminders"] == "none"


# -- channels and languages --------------------------------------------------------------------


def files_of(conversation) -> list:
    with conversation.reading() as reading:
        rows = reading.execute(select(outbox.c.file).where(outbox.c.prompt == "appointment.confirmed"))
        return [file_of(reading.sealer, sealed) for (sealed,) in rows]


def in_a_chat(conversation, channel: str):
    kit = conversation.phone(channel)
    kit = kit.opens() if channel == "telegram" else kit.says("hello")
    kit.presses("Me, 18 or over").presses("Yes").presses("Here, in this chat").presses("Yes, only I see it")
    return kit.says("company").says("Kit").presses("Yes")


@pytest.mark.parametrize("channel", ["telegram", "web"])
def test_in_a_chat_it_comes_with_a_file_for_their_own_calendar(conversation, sam, channel):
    kit = in_a_chat(conversation, channel)
    kit.says("appointment").presses("Wednesday 4 March, 9am, by phone").presses("Yes")

    (file,) = files_of(conversation)
    assert file.name == "appointment.ics" and b"DTSTART;TZID=Europe/London:20260304T090000" in file.content


def test_by_text_the_words_are_enough(ray, conversation):
    says(ray, "appointment", "2", "1")

    assert files_of(conversation) == [None]


def test_a_button_pressed_long_after_says_that_it_has_gone(conversation, sam):
    kit = in_a_chat(conversation, "telegram")
    kit.says("appointment")
    conversation.forward(weeks=3)
    kit.presses("Wednesday 4 March, 9am, by phone").hears("appointment.slots").hears_words("has gone")

    kit.hears_words("free")


def test_weeks_later_a_number_is_met_with_what_is_free_now(conversation, ray):
    says(ray, "appointment")
    conversation.forward(weeks=3)
    ray.says("1").hears("appointment.slots").hears_words("has gone", "March")
    ray.says("1").says("yes")

    assert booked(ray)[0].ahead(conversation.clock.now())


def test_in_welsh(conversation, sam):
    sian = says(
        conversation.phone(), "SHWMAE", "1", "ydw", "1", "bore", "Dw i'n unig", "Fy enw i yw Siân", "ie"
    )
    says(sian, "apwyntiad").hears("appointment.slots").hears_words("Dydd Mercher 4 Mawrth, 9yb, dros y")
    says(sian, "dydd Iau am 2").hears("appointment.confirm").says("ydw")

    sian.hears_words("Mae wedi'i drefnu. Dydd Iau 5 Mawrth am 2yp, gyda Sam")
    assert len(booked(sian)) == 1


def test_the_times_are_said_in_the_language_they_change_to(ray):
    says(ray, "appointment", "language", "2").hears_words("Dydd Mercher 4 Mawrth")


def test_somebody_abroad_hears_of_a_call_by_their_own_clock(conversation, ray):
    conversation.store.run(lambda unit: _lives_in(unit, ray.person.id, "Asia/Karachi"), acting="test").result(
        30
    )
    says(ray, "appointment", "tomorrow at 3")

    ray.hears_words("Wednesday 4 March at 3pm")
    ray.says("yes")
    assert booked(ray)[0].starts_at == datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def _lives_in(unit, person_id: int, zone: str) -> None:
    from bot.store.tables import person

    unit.change(person, person_id, zone=zone)


# -- by a link worker, and what comes in between -----------------------------------------------


def test_a_link_worker_offers_it(conversation, ray):
    ann = conversation.worker("Ann Lee")
    ann.offers(ray, "appointment")
    ray.hears("offer_appointment.shall_we").says("Thursday afternoon, by phone").hears("appointment.slots")
    ray.hears_words("Thursday 5 March, midday").says("1").says("1")

    assert len(booked(ray)) == 1


def test_while_staff_talk_with_them_nothing_is_booked(conversation, ray):
    says(ray, "appointment", "2", "person")
    ann = conversation.worker("Ann Lee").picks_up(ray)
    ray.says("1")
    assert booked(ray) == []
    conversation.forward(minutes=20)
    ann.hands_back(ray)
    ray.says("yes").hears("appointment.confirmed", "appointment.two_hours")


def test_a_concern_in_the_middle_loses_nothing(conversation, ray):
    says(ray, "appointment", "2", "I want to kill myself")
    assert ray.heard[0].purpose == "card" and booked(ray) == []
    conversation.forward(minutes=15)
    says(ray, "carry on").hears_words("Wednesday 4 March at 9am").says("yes")

    assert len(booked(ray)) == 1


def test_sorry_i_meant_another(ray):
    says(ray, "appointment", "1", "sorry I meant 2").hears("appointment.confirm")
    ray.hears_words("Wednesday 4 March at 9am").says("yes")

    assert [one.local().day for one in booked(ray)] == [4]


def test_every_text_fits(conversation, done, ray, sam):
    """The longest place, name and words to bring."""
    place = surgery(done, "Measham and Coalville Community Health and Wellbeing Centre")
    hours_of(conversation, sam, *nine_to_five(place))
    says(ray, "appointment", "other times", "2", "another time", "1", "yes", "appointment", "where")

    assert all(m.segments <= 2 and gsm.is_gsm(m.text) for m in ray.everything), ray.words
