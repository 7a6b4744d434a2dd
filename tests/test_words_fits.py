"""A service whose own name or numbers make a text too long is told so before anyone hears it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.words.fits import check_fits
from bot.words.prompts import Prompts

ROOT = Path(__file__).parents[1]
PROMPTS = Prompts(ROOT / "templates" / "prompts", ROOT / "locales")

SERVICE = {
    "name": "Ashby Links", "area": "Ashby", "phone": "01632 960001", "caller_name": "Sam",
    "minimum_age": 18, "contact_within_days": 5, "keep_days": 30, "more_weeks": 2, "neighbour_name": "",
    "neighbour_phone": "", "controller": "Ashby Links", "privacy_url": "https://ashby.example/privacy",
    "nation": "england", "text_number": "", "privacy_contact": "01632 960001", "urgent_food": "",
    "homelessness": "",
}  # fmt: skip


def test_an_ordinary_service_fits():
    assert check_fits(PROMPTS, SERVICE) == []


@pytest.mark.parametrize("nation", ["england", "wales", "scotland", "northern-ireland"])
def test_the_longest_an_operator_is_likely_to_set_fits(nation):
    longest = {
        "name": "Ashby Community Connectors", "area": "Ashby-de-la-Zouch and Measham", "nation": nation,
        "caller_name": "Anne-Marie", "contact_within_days": 10, "text_number": "+447700900000",
        "neighbour_name": "Measham and Coalville Links", "neighbour_phone": "01632 960002",
        "controller": "Ashby Community Connectors CIC", "privacy_contact": "privacy@ashby-connectors.example",
        "privacy_url": "https://links.ashby-connectors.example/privacy",
        "urgent_food": "Ashby Food Bank 01632 960003", "homelessness": "Ashby Council 01632 960004",
    }  # fmt: skip
    assert check_fits(PROMPTS, SERVICE | longest) == []


def test_a_name_too_long_for_the_greeting_is_named():
    (wrong,) = (
        line
        for line in check_fits(PROMPTS, SERVICE | {"name": "The Ashby Community Connectors"})
        if "English" in line
    )
    assert wrong == (
        "welcome.who in English takes 3 texts where 2 fit: shorten LINKLINE_SERVICE_NAME (30 characters)"
    )


def test_the_settings_to_shorten_are_listed_longest_first():
    wrong = check_fits(PROMPTS, SERVICE | {"controller": "A" * 90, "privacy_contact": "b" * 80})
    privacy = next(line for line in wrong if line.startswith("talk.privacy in English"))
    first, second, *_ = privacy.partition("shorten ")[2].split(" or ")
    assert first == "LINKLINE_CONTROLLER (90 characters)"
    assert second == "LINKLINE_PRIVACY_CONTACT (80 characters)"


def test_a_circumflex_in_the_name_costs_no_text():
    assert check_fits(PROMPTS, SERVICE | {"name": "Cyswllt Llanŵyddan", "area": "Tŷ Croes"}) == []
