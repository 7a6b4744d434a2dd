"""The whole service over real wires, by Telegram: polled for, and called with the secret.

python-telegram-bot's own Bot talks to a stand-in of Telegram over HTTP; the service is its own process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from bot.practice.samples import sample
from tests.support.town import Chat, Town, Worker, town, until

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
OWN_WORDS = "I would like to grow things again"


@pytest.fixture(scope="module", params=["polling", "webhook"])
def ashby(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One service for everybody in this file, for each way Telegram brings updates."""
    with town(tmp_path_factory.mktemp("ashby"), telegram_mode=request.param) as running:
        if request.param == "webhook":
            until(lambda: running.telegram.target, "the webhook was not set")
        yield running


@pytest.fixture(scope="module")
def bea(ashby: Town) -> Worker:
    """A link worker, signed in."""
    return ashby.worker("Bea Marsh")


def refers_themselves(chat: Chat, name: str, start: str = "/start library-poster") -> Chat:
    """The way in by buttons, from a link on a poster."""
    chat.says(start).reads("Hello from Ashby Links", "Who is it for?")
    assert chat.buttons() == [
        "Me, 18 or over",
        "Me, under 18",
        "Someone else",
        "We have talked before, by text",
    ]
    chat.presses("Me, 18 or over").reads("Do you live in Ashby?")
    chat.presses("Yes").reads("contact you")
    chat.presses("Here, in this chat").reads("Is it safe for us to write to you here?")
    chat.presses("Yes, only I see it").reads("What matters to you just now?")
    chat.says(OWN_WORDS).reads("What name shall we call you?")
    chat.says(name).reads(f"Thanks, {name}.", f'You said: "{OWN_WORDS}"')
    chat.presses("Yes").reads(f"Done, {name}.", "A link worker will write to you within 5 working days")
    return chat


def test_from_the_link_on_a_poster_to_the_closing_words(ashby: Town, bea: Worker):
    ray = refers_themselves(ashby.chat(), "Ray Poole")
    # Each press stops the little clock on its button, but no reply waits for that.
    until(lambda: len(ashby.telegram.chats.answered_buttons) >= 5, "the buttons were not answered")

    bea.finds("Ray Poole").does("/pick-up")
    assert "They came by: library poster" in bea.text and OWN_WORDS in bea.text
    bea.does("/reply", text="Hello Ray, the allotment has a plot for you")
    ray.reads("Bea, link worker: Hello Ray, the allotment has a plot for you")
    ray.says("That is wonderful")
    bea.looks_until("That is wonderful")
    assert ray.unread == []

    bea.does("/hand-back")
    ray.reads("You are back with me, the computer")
    ray.says("person").reads("a person will answer you here")
    bea.finds("Ray Poole").does("/pick-up")
    bea.does("/close", outcome="helped", note="")
    ray.reads("Ray Poole, we are finishing for now")


def test_a_voice_note_is_opened_from_telegram(ashby: Town, bea: Worker):
    jo = refers_themselves(ashby.chat(), "Jo")
    jo.sends("voice").reads("I cannot hear or see that", "999")

    bea.finds("Jo").looks_until("They sent a voice message.")
    voice = bea.asks("GET", re.search(r'href="/staff(/people/[^"]+/media/\d+/1)"', bea.page.text)[1])

    assert (voice.headers["Content-Type"], voice.content) == ("audio/wav", sample("voice").content)
    bea.looks_until("looked at")
    assert "Nobody has looked at it" not in bea.text


def test_someone_we_know_by_text_goes_on_here_with_a_code(ashby: Town, bea: Worker):
    phone = ashby.mobile()
    for words, hears in (
        ("HELLO", "Who is it for?"),
        ("1", "Do you live in Ashby?"),
        ("1", "Is it safe for us to use this phone?"),
        ("1", "When is a good time to ring you?"),
    ):
        phone.texts(words).reads(hears)

    chat = ashby.chat()
    chat.says("/start").reads("Who is it for?")
    chat.presses("We have talked before, by text").reads("What mobile number did you text us from?")
    chat.says(phone.number).reads("we have sent it a code of 6 digits")
    code = phone.reads("Your code is").split("Your code is ")[1][:6]
    chat.says("000000" if code != "000000" else "111111").reads("That is not the code")
    chat.says(code).reads("We know you now, and go on from where you were")
    chat.reads("When is a good time to ring you?")  # asked here, and nothing before it again

    chat.presses("Mornings").reads("What matters to you just now?")
    chat.says(OWN_WORDS).reads("What name shall we call you?")
    # Nobody has said that only they see this chat, so their words are not said back here.
    assert OWN_WORDS not in chat.says("Josie").reads("Thanks, Josie. I have saved what you said.")
    chat.presses("Yes").reads("Done, Josie.")
    bea.finds("Josie")
    assert bea.text.count("No name yet") == 0
    assert "07700 900" in bea.text and "Telegram" in bea.text


def test_someone_in_danger_a_voice_note_and_a_stop(ashby: Town, bea: Worker):
    kim = refers_themselves(ashby.chat(), "Kim")
    kim.says("I want to die").reads("999", "116 123")
    until(
        lambda: [one["level"] for one in ashby.queue_json()][:1] in (["danger-now"], ["risk"]),
        "nobody is told",
    )

    kim.sends("voice").reads("I cannot hear or see that", "116 123")
    bea.finds("Kim").looks_until("a voice message")

    kim.says("stop").reads("You will get no more messages from us here", "START")
    bea.does("/pick-up")
    bea.looks_until("They said stop")
    assert "A message cannot go now" in bea.text
    kim.says("START")
    bea.looks_until("Goes by Telegram")


def test_someone_who_blocks_the_bot_is_shown_as_stopped(ashby: Town, bea: Worker):
    mo = refers_themselves(ashby.chat(), "Mo")
    assert ashby.at_telegram.call(ashby.telegram.blocks(mo.chat)) in (0, 200)

    bea.finds("Mo").looks_until("They said stop")


def test_someone_whose_telegram_is_in_welsh_is_greeted_in_welsh(ashby: Town):
    nia = ashby.chat(language="cy")
    nia.says("/start").reads("Ashby Links", "999")

    assert "Hello from" not in nia.received()[0]
    nia.says("English").reads("Who is it for?")


def test_a_forged_update_is_turned_away_and_leaves_nothing_behind(ashby: Town):
    chat = ashby.chat()
    update = {"update_id": 1, "message": ashby.telegram.chats.message(chat.chat, text="a forged word")}
    for headers in ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: "wrong"}):
        answer = httpx.post(
            f"{ashby.service.url}/webhooks/telegram", json=update, headers=headers, timeout=60
        )
        assert answer.status_code == 403
    chat.says("/start").reads("Who is it for?")

    assert len(chat.received()) == 1
    assert "forged" not in ashby.service.log


def test_the_log_holds_nothing_that_was_said(ashby: Town):
    refers_themselves(ashby.chat(), "Ivydene")

    for held in ("Ivydene", "grow things", ashby.telegram.token, "Traceback"):
        assert held not in ashby.service.log
