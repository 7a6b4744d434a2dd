"""The whole service over real wires: someone refers themselves by text, and a link worker picks them up.

The service is its own process; Twilio's own client talks to a stand-in of Twilio over HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.practice.samples import sample
from tests.support.town import TEMPLATE, Mobile, Town, Worker, town, until

OWN_WORDS = "My wife died in May and the house is so quiet. I would like some company"


@pytest.fixture(scope="module")
def ashby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One service for everybody in this file."""
    with town(tmp_path_factory.mktemp("ashby"), safeguarding_lead="Ruth Okafor, 01632 960077") as running:
        yield running


@pytest.fixture(scope="module")
def bea(ashby: Town) -> Worker:
    """A link worker, signed in."""
    return ashby.worker("Bea Marsh")


def refers_themselves(phone: Mobile, name: str) -> Mobile:
    """The shortest way in, one text at a time."""
    phone.texts("HELLO").reads("Ashby Links", "1 Me, 18 or over", "In danger? Call 999")
    phone.texts("1").reads("Do you live in Ashby?")
    phone.texts("1").reads("Is it safe for us to use this phone?")
    phone.texts("1").reads("When is a good time to ring you?")
    phone.texts("1").reads("What matters to you just now?")
    phone.texts(OWN_WORDS).reads("What name shall we call you?")
    phone.texts(name).reads(f"Thanks, {name}.", "May I pass this to our link workers", 'You said: "My wife')
    phone.texts("1").reads(f"Done, {name}.", "A link worker will ring you within 5 working days")
    return phone


def statuses(phone: Mobile) -> set[str]:
    return {text.status for text in phone.ours}


def test_from_the_first_text_to_the_closing_words(ashby: Town, bea: Worker):
    ray = refers_themselves(ashby.mobile(), "Ray")

    assert len(ray.sent) == 8
    assert len(ray.ours) == 8
    assert sum(text.segments for text in ray.ours) <= 12
    until(lambda: statuses(ray) == {"delivered"}, lambda: str(statuses(ray)))

    bea.finds("Ray")
    assert "New referral" in bea.text and OWN_WORDS in bea.text
    bea.looks_until("by text, computer, delivered")  # Twilio's receipts came to our webhook
    assert "sent by text" not in bea.text
    bea.does("/pick-up")
    assert "With you until" in bea.text

    bea.does("/reply", text="Hello Ray, shall I ring at ten tomorrow?")
    assert "Sent." in bea.text
    ray.reads("Bea, link worker: Hello Ray, shall I ring at ten tomorrow?")
    ray.texts("Ten is good, thank you")
    bea.looks_until("Ten is good, thank you")
    assert ray.unread == []  # the computer is silent while a person has it

    bea.does("/hand-back")
    assert "Handed back. The computer carries on from where it was." in bea.text
    ray.reads("You are back with me, the computer. Send PERSON any time")

    ray.texts("PERSON").reads("I have asked our team, and a person will answer you here")
    bea.finds("Ray").does("/pick-up")
    bea.does("/close", outcome="helped", note="Joined the allotment group")
    assert "Closed." in bea.text and "Joined the allotment group" in bea.text
    ray.reads("Ray, we are finishing for now. You can come back any time: send HELLO")
    ray.texts("10").reads("Thank you. Take care of yourself.")

    ray.texts("HELLO")  # and they are known, not asked everything again
    assert "Who is it for?" not in ray.reads("?")


def test_a_program_with_the_token_sees_the_queue_without_names_or_words(ashby: Town, bea: Worker):
    before = {one["id"] for one in ashby.queue_json()}
    refers_themselves(ashby.mobile(), "Josie")

    (new,) = until(lambda: [one for one in ashby.queue_json() if one["id"] not in before], "nobody waits")
    assert set(new) == {"id", "level", "waiting_since", "status", "picked_up_by"}
    assert (new["status"], new["picked_up_by"], new["level"]) == ("waiting", None, None)

    bea.finds("Josie").does("/pick-up")
    assert {one["id"]: one["status"] for one in ashby.queue_json()}[new["id"]] == "picked-up"


def test_stop_is_written_down_and_nothing_more_is_sent(ashby: Town, bea: Worker):
    mo = refers_themselves(ashby.mobile(), "Mo")
    mo.texts("STOP").reads("You will get no more texts from this number")  # the carrier says it

    bea.finds("Mo").does("/pick-up")
    bea.looks_until("They said stop")
    assert "A message cannot go now" in bea.text
    bea.does("/reply", text="Hello Mo", **{"as": ""})
    assert "could not go" in bea.text
    mo.texts("START").reads("You will get texts from this number again")
    bea.looks_until("Goes by text")
    bea.does("/reply", text="Welcome back, Mo")
    mo.reads("Bea, link worker: Welcome back, Mo")

    assert len(mo.ours) == 9
    assert [to for to, _ in ashby.twilio.carrier.refused if to == mo.number] == []


def test_someone_in_danger_gets_the_numbers_at_once_and_stands_first_in_the_queue(ashby: Town, bea: Worker):
    refers_themselves(ashby.mobile(), "Patient One")
    kim = ashby.mobile()
    kim.texts("HELLO").reads("Who is it for?")
    kim.texts("1").reads("Do you live in Ashby?")

    kim.texts("I have the tablets here and I am going to end it tonight")
    card = kim.reads("Please call 999 now", "18000", "116 123 Samaritans")
    assert "Do you live" not in card

    bea.goes("/")
    first = until(lambda: bea.goes("/") and re.search(r'class="ll-row ll-row--([\w-]+)"', bea.page.text), "")
    assert first[1] == "danger-now"
    assert ashby.queue_json()[0]["level"] == "danger-now"
    bea.goes(bea.links()["No name yet"])
    assert "I have the tablets here" in bea.text and "They were told" in bea.text
    assert "Safeguarding lead Ruth Okafor, 01632 960077" in bea.text
    assert "HELLO" not in bea.text  # nothing from before it: they have not said yes to anything
    bea.does("/pick-up")
    bea.does("/reply", text="I am here. Can I ring you now?")
    kim.reads("Bea, link worker: I am here. Can I ring you now?")
    kim.texts("yes please")
    bea.looks_until("yes please")
    bea.does("/hand-back")
    kim.reads("You are back with me")
    kim.reads("Do you live in Ashby?")  # where they were, and nothing lost


def test_a_photo_is_said_to_be_unseen_and_a_person_is_asked_to_look(ashby: Town, bea: Worker):
    sal = refers_themselves(ashby.mobile(), "Sal")
    sal.texts("", media="photo").reads("I cannot hear or see that", "999", "116 123")

    bea.finds("Sal").looks_until("a photo")
    bea.looks_until("sent something to open")
    assert "I have looked at it" in bea.text
    photo = bea.asks("GET", re.search(r'href="/staff(/people/[^"]+/media/\d+/1)"', bea.page.text)[1])
    assert (photo.headers["Content-Type"], photo.content) == ("image/png", sample("photo").content)
    bea.looks_until("looked at")
    assert "I have looked at it" not in bea.text


def test_whatsapp_goes_the_same_way(ashby: Town, bea: Worker):
    ana = refers_themselves(ashby.whatsapp(), "Ana")
    assert all(text.from_.startswith("whatsapp:") for text in ana.ours)

    bea.finds("Ana").does("/pick-up")
    bea.does("/reply", text="Hello Ana, it is Bea")
    ana.reads("Bea, link worker: Hello Ana, it is Bea")
    assert all(text.content_sid is None for text in ana.ours)


def test_a_day_later_whatsapp_takes_only_its_template_until_they_answer(ashby: Town, bea: Worker):
    ana = refers_themselves(ashby.whatsapp(), "Anastasia")
    bea.finds("Anastasia").does("/pick-up")
    ashby.a_day_passes_since(ana)

    bea.looks_until("It is more than a day since they wrote by WhatsApp.")
    bea.does("/reply", text="There is a place for you on Monday")
    assert "[template" in ana.reads(TEMPLATE)
    assert (ana.ours[-1].content_sid, ana.ours[-1].error_code) == (TEMPLATE, None)
    bea.looks_until("We have news for you.")

    ana.texts("Oh, what is it?")
    bea.looks_until("Oh, what is it?")
    bea.does("/reply", text="There is a place for you on Monday, Anastasia")
    ana.reads("Bea, link worker: There is a place for you on Monday, Anastasia")


def test_a_text_told_twice_is_one_message(ashby: Town):
    lou = ashby.mobile()
    lou.texts("HELLO").reads("Who is it for?")
    (hello,) = lou.sent
    for _ in range(3):
        lou.texts("HELLO", sid=hello.sid)
    lou.texts("1").reads("Do you live in Ashby?")

    assert len(lou.ours) == 2


def test_the_log_holds_nothing_that_was_said_and_nobodys_number(ashby: Town, bea: Worker):
    ivy = refers_themselves(ashby.mobile(), "Ivydene")
    bea.finds("Ivydene").does("/pick-up")
    bea.does("/reply", text="Tomorrow at the allotment")
    ivy.reads("Tomorrow at the allotment")

    log = ashby.service.log
    for held in (ivy.number.removeprefix("+44"), "Ivydene", "allotment", "the house is so quiet"):
        assert held not in log
    assert "Traceback" not in log
