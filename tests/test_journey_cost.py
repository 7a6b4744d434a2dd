"""What the shortest way costs by text: eight texts from them, at most twelve segments from us."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.messages import ChannelName
from bot.words import fits, gsm
from bot.words.prompts import Prompts
from flows.intake import Intake
from flows.welcome import Welcome

ROOT = Path(__file__).parents[1]
PROMPTS = Prompts(ROOT / "templates" / "prompts", ROOT / "locales")

#: As in practice section 1.
SERVICE = {
    "name": "Ashby Links",
    "area": "Ashby",
    "phone": "01632 960001",
    "nation": "england",
    "minimum_age": 18,
    "contact_within_days": 5,
    "keep_days": 30,
}
OWN_WORDS = "My wife died in May and the house is so quiet. I would like some company and to get out"

#: What they text, what that answers, and what they hear then.
WAY = [
    ("HELLO", None, "welcome.who"),
    ("1", "me", "intake.area"),
    ("1", "yes", "intake.safe"),
    ("1", "only_me", "intake.times"),
    ("1", "any", "intake.matters"),
    (OWN_WORDS, OWN_WORDS, "intake.name"),
    ("Ray", "Ray", "intake.agree"),
    ("1", "yes", "intake.referred"),
]
ENGLISH = [2, 2, 1, 1, 1, 1, 2, 2]
#: The greeting is longer in Welsh; nothing else costs more than in English.
WELSH = [3, 2, 1, 1, 1, 1, 2, 2]


def said(language: str) -> list[str]:
    """Our side of it, message by message."""
    answers: dict[str, str] = {}
    texts = []
    for step, (_, meant, key) in enumerate(WAY):
        if step > 1:
            answers[WAY[step - 1][2].partition(".")[2]] = meant
        values = {
            "answers": answers,
            "found": {},
            "person": {"name": answers.get("name", "")},
            "service": SERVICE,
        }
        texts.append(fits.whole(PROMPTS, key, language, ChannelName.SMS, None, values))
    return texts


def test_the_flows_go_this_way():
    welcome = Welcome("who", channel=ChannelName.SMS)
    assert welcome.fire("me")
    assert [request.flow for request in welcome.requests] == ["intake"]

    intake = Intake(Intake.starts_at, channel=ChannelName.SMS)
    for _, meant, key in WAY[2:]:
        asked = intake.state
        intake.answers[asked] = meant
        intake.fire(meant if intake.can(meant) else "answer")
        if intake.step(intake.state).awaits:
            intake.found["referral_opened"] = SimpleNamespace(by=None)
            intake.fire("referral_opened")
        assert f"intake.{intake.state}" == key, f"after {asked}"


def test_they_send_eight_texts():
    assert len(WAY) == 8
    assert [gsm.segments(theirs) for theirs, _, _ in WAY] == [1] * 8


@pytest.mark.parametrize(("language", "held"), [("en", ENGLISH), ("cy", WELSH)])
def test_what_we_say_costs_no_more_than_this(language, held, record_property):
    used = [gsm.segments(text) for text in said(language)]
    record_property(f"segments out, {language}", sum(used))
    print(f"{language}: {len(WAY)} in, {sum(used)} out {used}")
    assert used == held, "\n\n".join(f"{n}: {text}" for n, text in zip(used, said(language), strict=True))


def test_in_english_that_is_twelve_segments():
    assert sum(ENGLISH) <= 12


def test_their_own_words_are_heard_back():
    read_back = said("en")[6]
    assert "Thanks, Ray." in read_back and 'You said: "My wife died in May' in read_back
