"""What is put right about an appointment: nothing is given up, nor taken, in passing."""

from __future__ import annotations

import pytest

from bot.store.tables import AppointmentStatus
from tests.support.reminded import Reminded


@pytest.fixture
def ray(conversation) -> Reminded:
    """Ray, asked a week before whether he will be there on Wednesday at 2pm."""
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00")
    ray.books("Wed 11 Mar 2026 14:00")
    return ray.until("Wed 4 Mar 2026 10:05")


def stands(ray: Reminded) -> bool:
    return ray.appointment.status is AppointmentStatus.BOOKED


def test_i_can_come_after_all_takes_the_time_back(ray):
    ray.sms.says("I can't make it").hears("reminder.freed")

    ray.sms.says("sorry I meant I can come").hears("reminder.kept")

    assert stands(ray)


def test_a_number_put_right_after_giving_it_up_is_asked_back(ray):
    ray.sms.says("2").hears("reminder.freed")

    ray.sms.says("oops, 1")

    assert not stands(ray)
    assert ray.sms.asked.startswith("reminder.")


def test_i_meant_i_cannot_is_understood_or_asked_back(ray):
    ray.sms.says("1").hears("reminder.noted")

    ray.sms.says("sorry I meant 2").hears("reminder.coming")
    assert stands(ray)

    ray.sms.says("2").hears("reminder.freed")


@pytest.mark.parametrize("text", ["sorry can make it", "sorry I can make it", "actually i can"])
def test_a_word_short_of_giving_it_up_gives_nothing_up(ray, text):
    ray.sms.says(text)

    assert stands(ray)


def test_sorry_alone_gives_nothing_up_and_needs_no_answer(ray):
    ray.sms.says("sorry").hears_nothing()

    assert stands(ray)
