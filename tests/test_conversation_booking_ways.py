"""Booking a time on every channel, on a phone others read, in Welsh, abroad; and what comes in between."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.outbox.queue import file_of
from bot.store.tables import outbox, person, short_notice
from bot.words import gsm
from tests.support.appointments import nine_to_five, surgery, worker
from tests.support.booking import booked, hours_of
from tests.support.scenes import says
from tests.support.scenes_support import known

#: The tests begin on Tuesday 3 March 2026 at ten.


@pytest.fixture
def sam(done):
    """A link worker people may book, by phone."""
    return worker(done, "Sam Lee")


@pytest.fixture
def ray(conversation, sam):
    return known(conversation)


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
