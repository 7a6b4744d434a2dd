"""The chat page without JavaScript: a form, a reload, and nothing lost. And the page's own safety."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from bot.messages import Choice, Kind
from tests.support.web_site import Answer, Web, settings

ME = Choice("need:me", "Me, 18 or over")


class Browser:
    """Someone with a plain browser: keeps cookies, presses what is on the page."""

    def __init__(self, client: httpx.AsyncClient):
        self.client = client
        self.page: httpx.Response

    async def opens(self, path: str = "/chat", **headers: str) -> httpx.Response:
        self.page = await self.client.get(path, headers=headers)
        return self.page

    async def sends(self, **fields: str) -> httpx.Response:
        """The page's form, with the fields it carries and the button that was pressed."""
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page.text)
        form = {name: html.unescape(value) for name, value in hidden} | fields
        self.page = await self.client.post("/chat", data=form)
        if self.page.is_redirect:
            self.page = await self.client.get(self.page.headers["location"])
        return self.page

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.page.text)))

    @property
    def buttons(self) -> list[str]:
        return re.findall(r'<button [^>]*name="choice" value="([^"]*)"', self.page.text)


@pytest.fixture
async def browser_of(web_on_sqlite: Web):
    clients = []

    def make(**more) -> Browser:
        clients.append(web_on_sqlite.client(**more))
        return Browser(clients[-1])

    yield make
    for client in clients:
        await client.aclose()


def asks(message) -> list[Answer]:
    if message.choice:
        return [Answer("Do you live in Ashby?", (Choice("area:yes", "Yes"), Choice("area:no", "No")))]
    return [Answer("Who is it for?", (ME,))]


async def test_opening_the_page_sends_nothing(web_on_sqlite: Web, browser_of):
    ann = browser_of()
    await ann.opens()

    assert ann.page.status_code == 200
    assert "Start" in ann.text
    assert web_on_sqlite.heard == []


async def test_start_then_a_button_then_words(web_on_sqlite: Web, browser_of):
    web_on_sqlite.answers = asks
    ann = browser_of()
    await ann.opens("/chat?source=library")
    await ann.sends(start="1")
    assert "Who is it for?" in ann.text and ann.buttons == ["need:me"]

    await ann.sends(choice="need:me")
    assert "Me, 18 or over" in ann.text
    assert ann.buttons == ["area:yes", "area:no"]

    await ann.sends(text="yes", send="1")

    assert [(m.kind, m.text, m.choice) for m in web_on_sqlite.heard] == [
        (Kind.START, "", None),
        (Kind.BUTTON, "", "need:me"),
        (Kind.WORDS, "yes", None),
    ]
    assert web_on_sqlite.heard[0].source == "library"


async def test_the_page_sent_twice_is_one_message(web_on_sqlite: Web, browser_of):
    ann = browser_of()
    page = await ann.opens()
    await ann.sends(text="hello")
    ann.page = page  # they went back, and pressed again
    await ann.sends(text="hello")

    assert [m.text for m in web_on_sqlite.heard] == ["hello"]


async def test_an_empty_box_is_said_kindly_and_sends_nothing(web_on_sqlite: Web, browser_of):
    ann = browser_of()
    await ann.opens()
    await ann.sends(text="  ", send="1")

    assert ann.page.status_code == 400
    assert "Write something first" in ann.text
    assert web_on_sqlite.heard == []


async def test_when_it_cannot_be_stored_their_words_are_still_there(web_on_sqlite: Web, browser_of):
    web_on_sqlite.full = True
    ann = browser_of()
    await ann.opens()
    await ann.sends(text="I have <lost> my home")
    assert ann.page.status_code == 503
    assert "I have &lt;lost&gt; my home</textarea>" in ann.page.text

    web_on_sqlite.full = False
    await ann.sends(text="I have <lost> my home")

    assert [m.text for m in web_on_sqlite.heard] == ["I have <lost> my home"]


async def test_another_sites_form_is_refused(web_on_sqlite: Web, browser_of):
    ann = browser_of()
    await ann.opens()

    without = await ann.client.post("/chat", data={"text": "hello"})
    await ann.opens()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', ann.page.text))
    from_elsewhere = await ann.client.post(
        "/chat", data={**fields, "text": "hello"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (without.status_code, from_elsewhere.status_code) == (403, 403)
    assert web_on_sqlite.heard == []


async def test_a_page_open_so_long_that_it_was_forgotten_keeps_what_was_written(
    web_on_sqlite: Web, browser_of
):
    ann = browser_of()
    await ann.opens()
    ann.client.cookies.clear()
    await ann.sends(text="I took my time")
    assert ann.page.status_code == 403
    assert "I took my time</textarea>" in ann.page.text

    await ann.sends(text="I took my time")

    assert [m.text for m in web_on_sqlite.heard] == ["I took my time"]


async def test_words_are_shown_as_words(web_on_sqlite: Web, browser_of):
    """Nothing someone writes becomes part of the page."""
    web_on_sqlite.answers = lambda message: [Answer("<b>bold</b>", (Choice('"><i>', "<i>label</i>"),))]
    ann = browser_of()
    await ann.opens()
    await ann.sends(text="<script>alert(1)</script>")

    assert "<script>alert" not in ann.page.text
    assert "<b>bold" not in ann.page.text and "<i>" not in ann.page.text
    assert "<script>alert(1)</script>" in html.unescape(ann.page.text)


async def test_the_browser_keeps_them_an_hour_unless_only_they_use_it(browser_of):
    ann, bob = browser_of(), browser_of()
    page = await ann.opens()
    cookie = page.headers["set-cookie"]
    assert "Max-Age=3600" in cookie
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/chat"))
    assert "Secure" not in cookie  # on this machine there is no https

    await bob.opens()
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', bob.page.text))
    started = await bob.client.post("/chat", data={**form, "start": "1", "remember": "1"})
    later = await bob.opens()

    assert "Max-Age=2592000" in started.headers["set-cookie"]
    assert "Max-Age=2592000" in later.headers["set-cookie"]


async def test_over_https_the_cookie_never_travels_open(web_on_sqlite: Web, browser_of):
    web_on_sqlite.settings = web_on_sqlite.parts.settings = settings(public_url="https://links.example")
    ann = browser_of()
    page = await ann.opens()

    assert "Secure" in page.headers["set-cookie"]
    assert "max-age=" in page.headers["strict-transport-security"]


async def test_leave_now_goes_to_the_weather_and_forgets_them(web_on_sqlite: Web, browser_of):
    web_on_sqlite.answers = asks
    ann = browser_of()
    await ann.opens()
    await ann.sends(text="private words")
    left = await ann.client.post("/chat/leave")
    await ann.opens()

    assert (left.status_code, left.headers["location"]) == (303, "https://www.bbc.co.uk/weather")
    assert "private words" not in ann.page.text
    assert "Who is it for?" not in ann.page.text


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("/chat", {}, "en"),
        ("/chat", {"accept-language": "cy-GB,en;q=0.5"}, "cy"),
        ("/chat?lang=cy", {}, "cy"),
        ("/chat?lang=xx", {}, "en"),
    ],
)
async def test_the_page_is_in_their_language_from_the_start(
    web_on_sqlite: Web, browser_of, path, headers, language
):
    ann = browser_of()
    await ann.opens(path, **headers)
    assert f'<html lang="{language}"' in ann.page.text

    await ann.sends(start="1")

    assert web_on_sqlite.heard[0].language == language
    assert f'<html lang="{language}"' in ann.page.text


async def test_another_language_in_the_middle_is_asked_for_in_words(web_on_sqlite: Web, browser_of):
    ann = browser_of()
    await ann.opens()
    await ann.sends(text="hello")
    token = re.search(r'name="token" value="(\w+)"', ann.page.text)[1]
    await ann.client.post("/chat/language", data={"token": token, "language": "cy"})

    assert (web_on_sqlite.heard[-1].text, web_on_sqlite.heard[-1].language) == ("Cymraeg", "cy")


@pytest.mark.parametrize(
    ("nation", "number"),
    [
        ("england", "Call 111, then press 2"),
        ("wales", "Call 111, then press 2"),
        ("scotland", "Call 111, ask for mental health"),
        ("northern-ireland", "Lifeline 0808 808 8000"),
    ],
)
@pytest.mark.parametrize("path", ["/chat", "/", "/privacy", "/nowhere"])
async def test_help_now_is_on_every_page_with_the_nations_own_number(
    web_on_sqlite: Web, browser_of, nation, number, path
):
    web_on_sqlite.settings = web_on_sqlite.parts.settings = settings(nation=nation)
    ann = browser_of()
    await ann.opens(path)

    assert "Call 999" in ann.text
    assert "Samaritans 116 123" in ann.text
    assert number in ann.text
    assert ("Call 111" in ann.text) == (nation != "northern-ireland")
