"""A time with a link worker: what they may say at each question, and what is asked for because of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.appointments.slots import Slot
from bot.conversation.appointment_words import key_of
from bot.requests import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentsFound,
    AppointmentWish,
    AskToBook,
    BookAppointment,
    BookedByAPerson,
    CancelAppointment,
    FindSlots,
    HaveAppointment,
    HoldSlot,
    KeepAppointment,
    LetSlotGo,
    NoAppointment,
    NoMoreSlots,
    NotATime,
    NoTimes,
    SayWhere,
    ShowAppointment,
    SlotChosen,
    SlotHeld,
    SlotsFound,
    SlotTaken,
    TimeUnclear,
    WishEarlier,
    WishReminders,
)
from bot.store.tables import Meeting

TUESDAY = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


def told(id_: int = 7, **more):
    return {
        "id": id_, "starts_at": TUESDAY.isoformat(), "minutes": 30, "zone": "Europe/London",
        "meeting": "phone", "who": "Sam", "where": "", "bring": "", "group": False, "place": None,
    } | more  # fmt: skip


def offer(hour: int):
    slot = Slot(3, TUESDAY.replace(hour=hour), TUESDAY.replace(hour=hour, minute=30), Meeting.PHONE)
    return {
        "key": key_of(slot), "starts_at": slot.starts_at.isoformat(), "zone": "Europe/London",
        "meeting": "phone", "place": None,
    }  # fmt: skip


OFFERS = [offer(10), offer(12), offer(14)]
KEYS = [one["key"] for one in OFFERS]
FOUND = SlotsFound(OFFERS, who="Sam")


@pytest.fixture
def offered(talk):
    """Three times were found, and stand before them."""
    talk.finds(NoAppointment(), FOUND).starts().hears("appointment.slots")
    talk.requests.clear()
    return talk


@pytest.fixture
def held(offered):
    """They chose the second, and it is held for them."""
    offered.finds(SlotHeld(told(9))).says("2").hears("appointment.confirm")
    offered.requests.clear()
    return offered


@pytest.fixture
def has(talk):
    """They have an appointment, and are told of it."""
    talk.finds(HaveAppointment(told())).starts().hears("appointment.have")
    talk.requests.clear()
    return talk


# -- a time that suits -------------------------------------------------------------------------


def test_whoever_has_none_is_offered_some_at_once(talk):
    talk.finds(NoAppointment(), FOUND).starts().hears("appointment.slots")

    assert talk.requests == [ShowAppointment(), FindSlots()]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("1", 0), ("2", 1), ("3", 2), ("2 please", 1), ("number 3", 2), ("two", 1), ("ok 1", 0),
     ("midday", 1), ("2pm", 2), ("Tuesday 10 March, 10am, by phone", 0)],
)  # fmt: skip
def test_a_number_or_words_of_one_alone_choose_it(offered, text, chosen):
    offered.finds(SlotHeld(told(9))).says(text).hears("appointment.confirm")

    assert offered.requests == [HoldSlot(KEYS[chosen])]


@pytest.mark.parametrize(
    "text",
    ["Tues after 2", "not before school run", "next week some time", "the 3rd", "2.30pm", "3pm", "10 March",
     "1 o'clock", "afternoons, by phone", "Thursday 12 March, 10am, by phone", "can it be by video"],
)  # fmt: skip
def test_a_time_in_their_own_words_is_never_taken_for_a_number(offered, text):
    offered.finds(FOUND).says(text).hears("appointment.slots")

    assert offered.requests == [FindSlots(words=text)]


@pytest.mark.parametrize("text", ["4", "more", "none of these", "other times", "no", "no good"])
def test_none_of_these_shows_the_next_ones(offered, text):
    offered.finds(FOUND).says(text).hears("appointment.slots")

    assert offered.requests == [FindSlots(more=True)]


@pytest.mark.parametrize("text", ["5", "leave it", "not now", "no thanks"])
def test_they_may_leave_it(offered, text):
    offered.says(text).hears("appointment.left")

    assert offered.requests == []


@pytest.mark.parametrize("text", ["9", "yes", "0"])
def test_what_is_neither_a_choice_nor_a_time_is_asked_again(offered, text):
    offered.says(text).hears("appointment.slots again")


def test_what_is_no_time_is_met_gently_and_the_times_stand(offered):
    offered.finds(NotATime()).says("I am not sure about any of it").hears("appointment.slots_again")
    offered.finds(SlotHeld(told(9))).says("2").hears("appointment.confirm")


def test_before_any_was_offered_they_are_asked_when_they_can(talk):
    talk.finds(NoAppointment(), NotATime()).starts().hears("appointment.when")
    talk.finds(FOUND).says("whenever").hears("appointment.slots")


def test_a_time_with_two_meanings_is_asked_back(offered):
    readings = [
        {"key": "means.0", "zone": "Europe/London", "at": "2026-03-06T09:00:00+00:00"},
        {"key": "means.1", "zone": "Europe/London", "at": "2026-03-13T09:00:00+00:00"},
    ]
    offered.finds(TimeUnclear("which-day", readings, "next friday at 9")).says("next friday at 9")
    offered.hears("appointment.which_time").finds(SlotChosen(KEYS[0]), SlotHeld(told(9)))
    offered.says("2").hears("appointment.confirm")

    assert offered.requests[1:] == [FindSlots(reading="means.1"), HoldSlot(KEYS[0])]


def test_they_may_answer_that_in_their_own_words(offered):
    offered.finds(TimeUnclear("no-day", [])).says("at 5").hears("appointment.which_time")
    offered.finds(FOUND).says("Friday").hears("appointment.slots")

    assert offered.requests[-1] == FindSlots(words="Friday")


def test_the_very_time_they_asked_for_is_held_at_once(offered):
    offered.finds(SlotChosen(KEYS[2]), SlotHeld(told(9))).says("Tuesday at 2pm").hears("appointment.confirm")

    assert offered.requests == [FindSlots(words="Tuesday at 2pm"), HoldSlot(KEYS[2])]


def test_when_all_was_shown_there_is_still_a_way(offered):
    offered.finds(NoMoreSlots()).says("more").hears("appointment.no_more")
    offered.finds(NoTimes(TUESDAY, asked=True)).says("ask a link worker").hears("appointment.passed_on")

    assert offered.requests[-1] == AskToBook()


def test_where_nothing_is_free_a_link_worker_finds_one(talk):
    talk.finds(NoAppointment(), NoTimes(TUESDAY)).starts().hears("appointment.passed_on")


def test_whoever_may_not_book_alone_is_told_how_they_can(talk):
    talk.finds(BookedByAPerson()).starts().hears("appointment.by_a_person")


# -- a yes to it -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "yes", "yes please", "book it", "ok", "that suits", "perfect"])
def test_one_yes_books_it(held, text):
    held.finds(AppointmentBooked(told(9))).says(text).hears("appointment.booked")

    assert held.requests == [BookAppointment(9)]


@pytest.mark.parametrize("text", ["2", "no", "another time", "not that"])
def test_another_time(held, text):
    held.finds(FOUND).says(text).hears("appointment.slots")

    assert held.requests == [FindSlots(more=True)]


@pytest.mark.parametrize("text", ["can we do 3pm", "2pm", "Wednesday instead", "by video please"])
def test_another_time_in_their_own_words(held, text):
    held.finds(FOUND).says(text).hears("appointment.slots")

    assert held.requests == [FindSlots(words=text)]


def test_what_is_no_time_asks_the_same_again_and_it_stays_held(held):
    held.finds(NotATime(held=True)).says("lovely weather").hears("appointment.confirm_again")
    held.finds(AppointmentBooked(told(9))).says("1").hears("appointment.booked")

    assert held.requests[-1] == BookAppointment(9)


def test_the_last_one_just_went_and_the_next_are_offered(held):
    held.finds(SlotTaken(), FOUND).says("yes").hears("appointment.slots")

    assert held.requests == [BookAppointment(9), FindSlots(gone=True)]


def test_it_went_while_they_chose(offered):
    offered.finds(SlotTaken(), FOUND).says("1").hears("appointment.slots")

    assert offered.requests == [HoldSlot(KEYS[0]), FindSlots(gone=True)]


def test_what_was_held_is_let_go_where_they_leave_it(held):
    held.finds(FOUND).says("no").says("leave it").hears("appointment.left")

    assert held.requests[-1] == LetSlotGo(9)


@pytest.mark.parametrize(
    ("asks", "step", "text", "requests"),
    [
        ("discreet", "shared_phone", "yes", [WishReminders(discreet=True)]),
        ("discreet", "shared_phone", "no", [WishReminders(discreet=False)]),
        ("two_hours", "two_hours", "1", [WishReminders(two_hours=True)]),
        ("two_hours", "two_hours", "2", [WishReminders(two_hours=False)]),
        ("sooner", "earlier", "yes", [WishEarlier(9)]),
        ("sooner", "earlier", "no", [WishEarlier(9, wished=False)]),
        ("both", "extras", "1", [WishReminders(two_hours=True), WishEarlier(9, wished=False)]),
        ("both", "extras", "2", [WishReminders(two_hours=False), WishEarlier(9)]),
        ("both", "extras", "both please", [WishReminders(two_hours=True), WishEarlier(9)]),
        ("both", "extras", "no", [WishReminders(two_hours=False), WishEarlier(9, wished=False)]),
    ],
)
def test_one_more_thing(held, asks, step, text, requests):
    held.finds(AppointmentBooked(told(9), asks)).says("yes").hears(f"appointment.{step}")
    held.requests.clear()
    held.says(text)

    assert held.requests == requests and held.ended


# -- what they have ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "I will come", "keep it", "yes"])
def test_they_will_come(has, text):
    has.finds(HaveAppointment(told())).says(text).hears("appointment.kept")

    assert has.requests == [KeepAppointment(7)]


@pytest.mark.parametrize("text", ["2", "can't make it", "I cannot come"])
def test_it_is_off_at_once_and_another_is_offered(has, text):
    has.finds(AppointmentCancelled(told())).says(text).hears("appointment.another")
    has.finds(FOUND).says("yes").hears("appointment.slots")

    assert has.requests == [CancelAppointment(7), FindSlots()]


def test_whoever_wants_no_other_is_left_in_peace(has):
    has.finds(AppointmentCancelled(told())).says("2").says("not now").hears("appointment.left")


def test_another_time_keeps_the_old_until_the_new_is_booked(has):
    has.finds(FOUND).says("another time").hears("appointment.slots")
    has.finds(SlotHeld(told(9), told())).says("1").hears("appointment.confirm")
    has.finds(AppointmentBooked(told())).says("yes").hears("appointment.booked")

    assert has.requests == [
        FindSlots(moving=7), HoldSlot(KEYS[0], moving=7), BookAppointment(9, moving=7)
    ]  # fmt: skip


def test_they_say_when_instead(has):
    has.finds(FOUND).says("can we make it Thursday").hears("appointment.slots")

    assert has.requests == [FindSlots(words="can we make it Thursday", moving=7)]


def test_what_is_no_time_is_asked_again_about_what_they_have(has):
    has.finds(NotATime()).says("what was it for again").hears("appointment.have_again")
    has.finds(FOUND).says("another time").hears("appointment.slots")

    assert has.requests[-1] == FindSlots(moving=7)


@pytest.mark.parametrize("text", ["4", "where is it", "who with"])
def test_where_it_is(has, text):
    has.finds(HaveAppointment(told())).says(text).hears("appointment.told_where")

    assert has.requests == [SayWhere(7)]


@pytest.mark.parametrize("text", ["5", "sooner", "any cancellations"])
def test_they_would_come_sooner(has, text):
    has.says(text).hears("appointment.earlier_noted")

    assert has.requests == [WishEarlier(7)]


@pytest.mark.parametrize("text", ["1", "2", "4"])
def test_what_is_off_meanwhile_says_so(has, text):
    has.finds(NoAppointment()).says(text).hears("appointment.none")


def test_of_several_they_say_which(talk):
    talk.finds(AppointmentsFound([told(7), told(8)])).starts().hears("appointment.which")
    talk.finds(HaveAppointment(told(8))).says("2").hears("appointment.have")

    assert talk.requests[-1] == ShowAppointment(8)


def test_a_group_is_not_moved_for_one(talk):
    talk.finds(HaveAppointment(told(group=True))).starts().hears("appointment.have_group")
    talk.finds(AppointmentCancelled(told())).says("can't come").hears("appointment.another")


def test_a_reminder_may_ask_for_another_time_straight_away(talk):
    talk.at("appointment.start")
    talk.frame.found["appointment_wish"] = AppointmentWish(move=7, words="Thursday")
    talk.finds(HaveAppointment(told()), FOUND)._move("start")
    talk.hears("appointment.start", "appointment.slots")

    assert talk.requests == [ShowAppointment(7), FindSlots(words="Thursday", moving=7)]


def test_once_it_is_off_another_is_no_move(talk):
    talk.finds(HaveAppointment(told()), AppointmentCancelled(told())).starts().says("2")
    talk.finds(FOUND).says("Tuesday").hears("appointment.slots")

    assert talk.requests[-1] == FindSlots(words="Tuesday")


def test_after_booking_another_time_moves_what_was_booked(held):
    held.finds(AppointmentBooked(told(9), "two_hours")).says("yes").hears("appointment.two_hours")
    held.at("appointment.slots")
    held.frame.found |= {"slots_found": FOUND, "appointment_booked": AppointmentBooked(told(9))}
    held.finds(SlotHeld(told(11), told(9))).says("3")

    assert held.requests[-1] == HoldSlot(KEYS[2], moving=9)
