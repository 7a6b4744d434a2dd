"""Shall we find a time to talk? Offered by a link worker."""

from __future__ import annotations

import pytest

from bot.flowkit import StartFlow
from bot.requests import AppointmentWish


@pytest.mark.parametrize("text", ["1", "yes", "yes please", "ok", "show me"])
def test_a_yes_shows_them_some(talk, text):
    talk.starts().hears("offer_appointment.shall_we").says(text).hears("offer_appointment.going_on")

    assert talk.requests == [StartFlow("appointment", found=(AppointmentWish(),))]


@pytest.mark.parametrize("text", ["Tuesday afternoons by phone", "after 2 most days"])
def test_whoever_says_when_they_can_is_offered_that(talk, text):
    talk.starts().says(text).hears("offer_appointment.going_on")

    assert talk.requests == [StartFlow("appointment", found=(AppointmentWish(words=text),))]


@pytest.mark.parametrize(
    ("text", "heard"),
    [("2", "another_day"), ("not today", "another_day"), ("3", "no_thanks"), ("no thanks", "no_thanks"),
     ("no thank you I am ok", "no_thanks")],
)  # fmt: skip
def test_they_need_not(talk, text, heard):
    talk.starts().says(text).hears(f"offer_appointment.{heard}")

    assert talk.requests == []
