"""The whole service over real wires, by web chat: as the page itself talks to it, and as plain forms."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.town import PATIENCE, Town, WebVisitor, Worker, town, until

OWN_WORDS = "I moved here in spring and know nobody"


@pytest.fixture(scope="module")
def ashby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One service for everybody in this file."""
    with town(tmp_path_factory.mktemp("ashby")) as running:
        yield running


@pytest.fixture(scope="module")
def bea(ashby: Town) -> Worker:
    """A link worker, signed in."""
    return ashby.worker("Bea Marsh")


def refers_themselves(visitor: WebVisitor, name: str) -> WebVisitor:
    """The way in, with the choices as buttons."""
    visitor.says("hello").reads("Hello from Ashby Links", "Who is it for?")
    visitor.presses("Me, 18 or over").reads("Do you live in Ashby?")
    visitor.presses("Yes").reads("How")
    visitor.presses("Here, in this chat").reads("Is it safe for us to write to you here?")
    visitor.presses("Yes, only I see it").reads("What matters to you just now?")
    visitor.says(OWN_WORDS).reads("What name shall we call you?")
    visitor.says(name).reads(f"Thanks, {name}.", f'You said: "{OWN_WORDS}"')
    visitor.presses("Yes").reads(f"Done, {name}.", "A link worker will write to you within 5 working days")
    return visitor


def test_from_hello_to_the_closing_words(ashby: Town, bea: Worker):
    ray = refers_themselves(ashby.visitor(), "Ray Poole")

    bea.finds("Ray Poole").does("/pick-up")
    assert OWN_WORDS in bea.text
    bea.does("/reply", text="Hello Ray, there is a walk on Monday")
    ray.reads("Hello Ray, there is a walk on Monday")
    assert ray.messages()[-1]["from"] == "link worker"
    ray.says("I will come")
    bea.looks_until("I will come")
    assert ray.unread == []

    bea.does("/hand-back")
    ray.reads("You are back with me, the computer")
    ray.says("person").reads("a person will answer you here")
    bea.finds("Ray Poole").does("/pick-up")
    bea.does("/close", outcome="helped", note="")
    ray.reads("Ray Poole, we are finishing for now")
    ray.says("9").reads("Thank you. Take care of yourself.")


def test_someone_else_sees_nothing_of_it(ashby: Town):
    refers_themselves(ashby.visitor(), "Ivydene")

    assert ashby.visitor().messages() == []


def test_an_open_page_hears_at_once_what_a_link_worker_writes(ashby: Town, bea: Worker):
    ana = refers_themselves(ashby.visitor(), "Ana")
    bea.finds("Ana").does("/pick-up")

    with ana.client.stream("GET", "/chat/events", timeout=PATIENCE) as events:
        lines = events.iter_lines()
        bea.does("/reply", text="Hello Ana, this is Bea")
        heard = next(line for line in lines if "Hello Ana, this is Bea" in line)

    assert "link worker" in heard


def test_a_message_sent_twice_under_one_id_is_one_message(ashby: Town):
    lou = ashby.visitor()
    for _ in range(3):
        answer = lou.client.post("/chat/messages", json={"text": "hello", "id": "the-same"})
        assert answer.status_code == 202
    lou.reads("Who is it for?")

    assert [message["from"] for message in lou.messages()] == ["you", "us"]


def test_someone_in_danger_gets_the_numbers_at_once(ashby: Town, bea: Worker):
    kim = ashby.visitor()
    kim.says("hello").reads("Who is it for?")
    kim.says("I want to kill myself").reads("999", "116 123")

    until(lambda: bea.goes("/") and "ll-row--risk" in bea.page.text, lambda: bea.text)
    bea.goes(bea.links()["No name yet"])
    assert "I want to kill myself" in bea.text


def test_without_a_script_it_is_a_page_with_forms(ashby: Town):
    with httpx.Client(base_url=ashby.service.url, timeout=PATIENCE, follow_redirects=True) as browser:
        page = browser.get("/chat")
        for press in ({"start": "1"}, {"choice": "Me, 18 or over"}):
            label = press.get("choice")
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
            if label:
                press = {"choice": re.search(rf'value="([^"]+)"[^>]*>\s*{label}', page.text)[1]}
            page = browser.post("/chat", data=fields | press)
            assert page.status_code == 200

    assert "Do you live in Ashby?" in page.text


def test_someone_whose_browser_is_in_welsh_is_greeted_in_welsh(ashby: Town):
    nia = ashby.visitor(**{"Accept-Language": "cy"})
    nia.says("helo").reads("Ashby Links", "999")

    assert "Hello from" not in nia.received()[0]


def test_the_log_holds_nothing_that_was_said_and_no_visitors_cookie(ashby: Town):
    sal = refers_themselves(ashby.visitor(), "Sallow")

    for held in ("Sallow", "know nobody", "Traceback", *sal.client.cookies.values()):
        assert held not in ashby.service.log
