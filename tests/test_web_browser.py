"""The pages in a real browser: by keyboard, on a small phone, when the line breaks, and left in a hurry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.messages import Choice, Kind
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.store.tables import contact_point
from tests.support.browser import NewPage, axe
from tests.support.serving import serving_in_thread
from tests.support.web_site import Answer, Web

pytestmark = pytest.mark.browser

WEATHER = "https://www.bbc.co.uk/weather"
WHO = (Choice("who:me", "Me, 18 or over"), Choice("who:other", "Someone else"))
AREA = (Choice("area:yes", "Yes"), Choice("area:no", "No"))


def asks(message) -> list[Answer]:
    if message.kind == Kind.START:
        return [Answer("Hello. I am a computer. Who is it for?", WHO)]
    if message.choice:
        return [Answer("Do you live in Ashby?", AREA)]
    return [Answer("What matters to you just now?")]


@pytest.fixture
def at(web_on_sqlite: Web) -> Iterator[str]:
    """Where the site is."""
    web_on_sqlite.answers = asks
    web_on_sqlite.parts.practice = stand_in = TwilioStandIn()
    with serving_in_thread(web_on_sqlite.site) as served:
        stand_in.target = served.url
        yield served.url
        served.call(stand_in.close())


def start(page: Page, at: str) -> None:
    page.goto(f"{at}/chat")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Me, 18 or over")).to_be_visible()
    page.wait_for_load_state()  # its script too


def write(page: Page, words: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def visitor_of(web: Web) -> str:
    """The one visitor there is."""
    with web.store.reading() as reading:
        return reading.sealer.open(reading.execute(select(contact_point.c.address)).scalar_one())


def test_someone_answers_and_reads_without_the_page_loading_again(web_on_sqlite: Web, page: Page, at: str):
    start(page, at)
    page.evaluate("window.stillTheSame = true")
    page.get_by_role("button", name="Me, 18 or over").click()
    expect(page.get_by_text("Do you live in Ashby?")).to_be_visible()
    expect(page.get_by_role("button", name="Someone else")).to_have_count(0)  # answered
    write(page, "I moved here last week")
    expect(page.get_by_text("What matters to you just now?")).to_be_visible()

    assert page.evaluate("window.stillTheSame") is True
    said = [text.strip() for text in page.locator(".said__text").all_inner_texts()]
    assert said == [
        "Hello. I am a computer. Who is it for?",
        "Me, 18 or over",
        "Do you live in Ashby?",
        "I moved here last week",
        "What matters to you just now?",
    ]

    page.reload()
    assert page.locator(".said__text").all_inner_texts() == said


def test_someone_who_types_before_pressing_start_is_heard_at_once(web_on_sqlite: Web, page: Page, at: str):
    page.goto(f"{at}/chat?source=library")
    write(page, "I cannot go on")

    expect(page.get_by_text("What matters to you just now?")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
    (heard,) = web_on_sqlite.heard
    assert (heard.text, heard.source) == ("I cannot go on", "library")


def test_all_of_it_by_keyboard(web_on_sqlite: Web, page: Page, at: str):
    page.goto(f"{at}/chat")
    page.get_by_role("button", name="Start").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Me, 18 or over")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_role("button", name="Me, 18 or over").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes")).to_be_visible()

    # The button that was pressed is gone: the next one is the next stop, not the top of the page.
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type("two lines")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("of it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("What matters to you just now?")).to_be_visible()

    assert web_on_sqlite.heard[-1].text == "two lines\nof it"


def test_what_a_link_worker_writes_appears_by_itself_on_every_open_page(
    web_on_sqlite: Web, page: Page, at: str
):
    start(page, at)
    other = page.context.new_page()
    other.goto(f"{at}/chat")
    web_on_sqlite.says(Answer("It is Bea. I read what you wrote."), visitor_of(web_on_sqlite))

    for one in (page, other):
        expect(one.get_by_text("It is Bea. I read what you wrote.")).to_be_visible()


def test_what_could_not_be_sent_waits_in_order_and_is_sent_once(web_on_sqlite: Web, page: Page, at: str):
    start(page, at)
    web_on_sqlite.full = True
    write(page, "first")
    expect(page.get_by_text("Not sent")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Please send it again")
    write(page, "second")
    web_on_sqlite.full = False
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("What matters to you just now?")).to_have_count(2)
    expect(page.get_by_text("Not sent")).to_have_count(0)
    assert [m.text for m in web_on_sqlite.heard[1:]] == ["first", "second"]
    expect(page.locator(".said__text").filter(has_text="first")).to_have_count(1)


def test_without_a_connection_it_says_so_and_sends_later_by_itself(web_on_sqlite: Web, page: Page, at: str):
    start(page, at)
    page.context.set_offline(True)
    write(page, "on the bus")
    expect(page.get_by_role("status")).to_contain_text("You are not connected")
    page.context.set_offline(False)

    expect(page.get_by_text("What matters to you just now?")).to_be_visible()
    assert [m.text for m in web_on_sqlite.heard[1:]] == ["on the bus"]


def test_an_answer_lost_on_the_way_back_makes_no_second_message(web_on_sqlite: Web, page: Page, at: str):
    start(page, at)
    lost = []

    def lose_the_first(route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())  # it reached us; the page never hears that it did
        route.abort()

    page.route("**/chat/messages", lose_the_first)
    write(page, "only once")
    expect(page.get_by_text("What matters to you just now?")).to_be_visible()

    expect(page.get_by_text("Not sent")).to_have_count(0)  # the page heard by itself that it was stored
    assert [m.text for m in web_on_sqlite.heard[1:]] == ["only once"]
    expect(page.locator(".said__text").filter(has_text="only once")).to_have_count(1)


def test_a_pasted_picture_is_answered_kindly(web_on_sqlite: Web, page: Page, at: str):
    start(page, at)
    page.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(["x"], "me.png", {type: "image/png"}));
          document.getElementById("box").dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true}));
        }"""
    )

    expect(page.get_by_role("status")).to_contain_text("we cannot see pictures")


def test_an_empty_box_says_what_to_do(web_on_sqlite: Web, page: Page, at: str):
    start(page, at)
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("Write something first")
    assert len(web_on_sqlite.heard) == 1


@pytest.mark.parametrize("way", ["button", "escape", "without JavaScript"])
def test_whoever_leaves_in_a_hurry_leaves_nothing_behind(
    web_on_sqlite: Web, new_page: NewPage, at: str, way: str
):
    page = new_page(java_script_enabled=way != "without JavaScript")
    page.route(f"{WEATHER}**", lambda route: route.fulfill(body="Cloudy", content_type="text/plain"))
    page.goto(f"{at}/")
    start(page, at)
    if way == "escape":
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Leave now").click()
    page.wait_for_url(f"{WEATHER}**")
    expect(page.locator("body")).to_have_text("Cloudy")

    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Who is it for?")
    page.goto(f"{at}/chat")
    expect(page.locator("body")).not_to_contain_text("Who is it for?")
    expect(page.get_by_role("button", name="Start")).to_be_visible()


def test_one_escape_is_not_leaving(web_on_sqlite: Web, page: Page, at: str):
    start(page, at)
    page.keyboard.press("Escape")
    page.get_by_label("Your message").fill("still here")

    expect(page.get_by_label("Your message")).to_have_value("still here")


def test_someone_without_javascript_walks_the_same_way(web_on_sqlite: Web, new_page: NewPage, at: str):
    page = new_page(java_script_enabled=False)
    start(page, at)
    page.get_by_role("button", name="Me, 18 or over").click()
    expect(page.get_by_text("Do you live in Ashby?")).to_be_visible()
    write(page, "I moved here last week")
    expect(page.get_by_text("What matters to you just now?")).to_be_visible()
    expect(page.get_by_text("What matters to you just now?")).to_be_in_viewport()
    page.get_by_role("link", name="Look for new messages").click()

    assert [m.kind for m in web_on_sqlite.heard] == [Kind.START, Kind.BUTTON, Kind.WORDS]


def test_the_practice_phone_shows_what_comes(web_on_sqlite: Web, page: Page, at: str):
    page.goto(f"{at}/phone")
    page.get_by_label("Text to send").fill("STOP")
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.get_by_role("log")).to_contain_text("You will get no more texts")
    expect(page.get_by_role("heading", name=re.compile("07700 900123"))).to_contain_text("stopped")
    assert axe(page) == []


def test_a_text_from_another_page_appears_on_an_open_practice_phone(web_on_sqlite: Web, page: Page, at: str):
    page.goto(f"{at}/phone?number=07700900456")
    other = page.context.new_page()
    other.goto(f"{at}/phone?number=07700900456")
    other.get_by_label("Text to send").fill("HELLO")
    other.keyboard.press("Enter")

    expect(page.get_by_role("log")).to_contain_text("HELLO")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "small phone"])
@pytest.mark.parametrize("language", ["en", "cy"])
def test_nothing_stands_in_anyones_way(
    web_on_sqlite: Web, new_page: NewPage, at: str, tmp_path: Path, phone: bool, language: str
):
    page = new_page(phone=phone)

    def look(name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png")
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"

    for path in ("/", "/privacy", "/nowhere", "/phone", "/chat"):
        page.goto(f"{at}{path}?lang={language}")
        look(path.strip("/") or "front")
    page.locator("details").first.evaluate("it => it.open = true")
    look("details")
    page.locator("button[name=start]").click()
    page.locator("button[name=choice]").first.wait_for()
    look("a question")
    web_on_sqlite.says(Answer("A long word: " + "w" * 300), visitor_of(web_on_sqlite))
    page.get_by_text("A long word").wait_for()
    look("a long word")
    web_on_sqlite.full = True
    page.locator("#box").fill("hello")
    page.locator("button[name=send]").click()
    page.locator(".said__retry").wait_for()
    look("not sent")


def test_on_a_small_phone_the_start_begins_at_its_beginning(web_on_sqlite: Web, new_page: NewPage, at: str):
    page = new_page(viewport={"width": 320, "height": 568})
    page.goto(f"{at}/chat?lang=cy")

    expect(page.get_by_role("heading", name="Helo")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Ffoniwch 999")).to_be_in_viewport()


def test_on_a_small_phone_the_last_words_the_box_and_help_are_all_in_sight(
    web_on_sqlite: Web, new_page: NewPage, at: str
):
    page = new_page(phone=True)
    start(page, at)
    for n in range(12):
        web_on_sqlite.says(Answer(f"Message {n} " + "and some more words " * 6), visitor_of(web_on_sqlite))

    expect(page.get_by_text("Message 11 ")).to_be_in_viewport()
    expect(page.get_by_label("Your message")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Call 999")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Leave now")).to_be_in_viewport()
    for link in page.get_by_role("contentinfo").get_by_role("link").all():
        assert link.bounding_box()["height"] >= 24  # WCAG 2.5.8


def test_much_enlarged_the_whole_page_moves(web_on_sqlite: Web, new_page: NewPage, at: str):
    """400% on a desk screen (WCAG 1.4.10): nothing is squeezed out between the top and the foot."""
    page = new_page(viewport={"width": 320, "height": 256})
    start(page, at)
    page.get_by_role("button", name="Me, 18 or over").click()
    expect(page.get_by_text("Do you live in Ashby?")).to_be_visible()

    page.get_by_label("Your message").scroll_into_view_if_needed()
    expect(page.get_by_label("Your message")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
