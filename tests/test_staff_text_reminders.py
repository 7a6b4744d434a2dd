"""Appointments on a person's page, and text reminders in a link worker's own words."""

from __future__ import annotations

import pytest

from tests.support.calendars import ON_ONE_ENGINE
from tests.test_staff_undo import undo

pytestmark = ON_ONE_ENGINE


@pytest.fixture
def bea(bea_at_work):
    return bea_at_work


def test_a_persons_page_has_what_is_ahead_and_what_was_before(bea, ashby, booked, clock):
    bea.goes(f"/people/{ashby.ray.token}")
    words = bea.text.split("Appointments and reminders")[1].split("Local support")[0]
    assert "Today at 11am First talk In a cafe : Corner Cafe" in words
    assert "Book an appointment Offer an appointment" in words

    bea.presses(f"/appointments/{booked['ray']}/outcome", came="yes")
    bea.goes(f"/people/{ashby.ray.token}")
    words = bea.text.split("Appointments and reminders")[1].split("Local support")[0]
    assert "Nothing is booked." in words
    assert "Before: 1 Today at 11am Attended" in words


def test_an_appointment_is_offered_and_they_choose_themselves(bea, ashby):
    bea.goes(f"/people/{ashby.ray.token}")
    bea.presses(f"/people/{ashby.ray.token}/offer", flow="appointment")

    assert "Offered: an appointment. They choose a time that suits them." in bea.text


def test_a_text_reminder_is_written_shown_as_it_goes_and_taken_back(bea, ashby, booked):
    url = f"/people/{ashby.ray.token}/reminders"
    bea.goes(f"/people/{ashby.ray.token}")
    words = "Choir starts Thursday 7pm. Meet at the side door."
    counted = bea.asks("POST", f"{url}/count", data={"csrf": bea.hidden("csrf"), "words": words}).text
    assert f"A reminder from Bea, link worker: {words}" in counted
    assert "1 text" in counted
    bea.presses(url, words=words, day="2026-03-05", time="16:00", until="19:00")

    assert "It goes Thursday 5 March at 4pm." in bea.text
    assert f"“{words}” Goes Thursday 5 March at 4pm , Bea Marsh" in bea.text.replace(" ,", " ,").replace(
        "4pm,", "4pm ,"
    )
    undo(bea)
    assert f"“{words}” Taken back, Bea Marsh" in bea.text


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"words": ""}, "There are no words in it."),
        ({"day": ""}, "Choose a day, such as 12 March 2026."),
        ({"time": "23:30"}, "That is at night where they are."),
        ({"day": "2026-03-03", "time": "09:00"}, "That time has passed."),
        ({"words": "La " * 130}, "It is too long for two texts."),
    ],
)
def test_a_text_reminder_that_cannot_go_keeps_its_words(bea, ashby, given, why):
    bea.goes(f"/people/{ashby.ray.token}")
    fields = {"words": "Choir on Thursday", "day": "2026-03-05", "time": "16:00", **given}
    bea.presses(f"/people/{ashby.ray.token}/reminders", **fields)

    assert bea.page.status_code == 422
    assert why in bea.text
    assert fields["words"].strip() in bea.page.text
