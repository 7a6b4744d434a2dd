"""The practice phone: texts by the way real ones come, with what they cost; and never for outsiders."""

from __future__ import annotations

import asyncio
import html
import re

import httpx
import pytest

from bot.channels.twilio import TwilioChannel
from bot.messages import OutboundMessage
from bot.practice.twilio_stand_in import TwilioStandIn
from tests.support.serving import serving
from tests.support.web_site import Web, settings


@pytest.fixture
async def practising(web_on_sqlite: Web):
    """The site as `make run` starts it: the real Twilio client against the stand-in, over our own port."""
    web = web_on_sqlite
    web.parts.practice = stand_in = TwilioStandIn()
    async with serving(web.site) as served:
        stand_in.target = served.url
        channel = TwilioChannel(
            settings(
                public_url=served.url,
                twilio_api_url=f"{served.url}/practice/twilio",
                twilio_account_sid=stand_in.account_sid,
                twilio_auth_token=stand_in.auth_token,
                twilio_from=stand_in.carrier.number,
            )
        )
        loop = asyncio.get_running_loop()

        def turn(message, done):
            if not done.exception() and not done.result().duplicate:
                web.heard.append(message)
                reply = OutboundMessage(len(web.heard), message.channel, message.address, REPLY)
                asyncio.run_coroutine_threadsafe(channel.send(reply), loop)

        web._turn = turn
        async with httpx.AsyncClient(base_url=served.url, follow_redirects=True, timeout=20) as phone:
            yield web, phone
        await stand_in.settled()
        await channel.close()
        await stand_in.close()


REPLY = "Hello from Ashby Links. " + "a" * 150


def read(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))


async def test_a_text_goes_in_by_the_signed_webhook_and_the_answer_comes_with_its_cost(practising):
    web, phone = practising
    page = await phone.post("/phone", data={"number": "07700 900123", "text": "HELLO"})
    await web.parts.practice.settled()
    page = await phone.get("/phone")

    assert [(m.address, m.text) for m in web.heard] == [("+447700900123", "HELLO")]
    assert REPLY in read(page)
    assert "2 segments - arrived" in read(page)
    assert "This phone sent 1 segment We sent 2 segments" in read(page)
    assert [r.message_id for r in web.receipts] == [1, 1]  # sent, then delivered


async def test_the_phone_company_answers_stop_by_itself_and_lets_nothing_through(practising):
    web, phone = practising
    page = await phone.post("/phone", data={"number": "07700900123", "text": "stop"})
    thread = web.parts.practice.carrier.thread("+447700900123")

    assert "from the phone company" in read(page)
    assert "07700 900123 stopped" in read(page)
    assert [t.direction for t in thread] == ["inbound", "outbound-reply"]

    page = await phone.post("/phone", data={"number": "07700900123", "text": "START"})
    assert "07700 900123 stopped" not in read(page)


async def test_each_phone_has_its_own_texts(practising):
    _, phone = practising
    await phone.post("/phone", data={"number": "07700 900123", "text": "I am Ray"})
    page = await phone.post("/phone", data={"number": "07700 900456", "text": "I am Bo"})

    assert "I am Bo" in read(page) and "I am Ray" not in read(page)
    assert "07700 900123" in read(page) and "07700 900456" in read(page)


async def test_a_photo_can_be_sent(practising):
    web, phone = practising
    await phone.post("/phone", data={"number": "07700 900123", "text": "", "media": "photo"})

    assert web.heard[0].unreadable == "photo"


async def test_a_picture_of_ones_own_arrives_whole_and_can_be_fetched_as_from_twilio(practising):
    web, phone = practising
    files = [("file", ("me.png", b"\x89PNG mine", "image/png")), ("file", ("a.wav", b"RIFF", "audio/wav"))]
    page = await phone.post("/phone", data={"number": "07700 900123", "text": "look"}, files=files)

    (heard,) = web.heard
    assert (heard.unreadable, heard.text) == ("photo", "look")
    assert [m.type for m in heard.media] == ["image/png", "audio/wav"]
    s = web.parts.practice
    channel = TwilioChannel(
        settings(
            twilio_api_url=f"{s.target}/practice/twilio",
            twilio_account_sid=s.account_sid,
            twilio_auth_token=s.auth_token,
            twilio_from=s.carrier.number,
        )
    )
    fetched = await channel.fetch(heard.media[0])
    assert b"".join([piece async for piece in fetched.pieces]) == b"\x89PNG mine"
    await fetched.close()
    await channel.close()
    assert "Voice note" in read(page)
    (picture,) = re.findall(r'<img class="text__picture" src="([^"]+)"', page.text)
    assert (await phone.get(picture)).content == b"\x89PNG mine"
    assert (await phone.get(picture)).headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_a_picture_no_phone_company_takes_is_refused_kindly(practising):
    web, phone = practising
    files = {"file": ("big.png", b"x" * 5_100_000, "image/png")}
    page = await phone.post("/phone?number=07700+900123", data={"text": ""}, files=files)

    assert page.status_code == 413
    assert "That is more than 5 MB" in read(page)
    assert web.heard == []


async def test_only_pictures_are_shown_by_the_phone(practising):
    web, phone = practising
    files = {"file": ("x.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")}
    page = await phone.post("/phone", data={"number": "07700 900123", "text": ""}, files=files)
    (text,) = [t for t in web.parts.practice.carrier.thread("+447700900123") if t.media]
    (sid,) = text.media

    assert (await phone.get(f"/phone/pictures/{text.sid}/{sid}")).status_code == 404
    assert "<img" not in page.text


@pytest.mark.parametrize(
    ("number", "said"), [("01632 960001", "That is a landline."), ("<b>", "That is a name.")]
)
async def test_what_is_no_mobile_is_refused_kindly(practising, number, said):
    web, phone = practising
    answers = [
        await phone.post("/phone", data={"number": number, "text": "keep these words"}),
        await phone.get("/phone", params={"number": number}),
    ]

    assert [a.status_code for a in answers] == [400, 400]
    assert all(said in read(a) for a in answers)
    assert "keep these words</textarea>" in answers[0].text
    assert "<b>" not in answers[0].text
    assert web.heard == []


async def test_an_open_page_hears_that_something_changed(practising):
    _, phone = practising
    heard = []

    async def listen() -> None:
        async with phone.stream("GET", "/phone/events?number=07700900123") as answer:
            async for line in answer.aiter_lines():
                if line.startswith("event:"):
                    heard.append(line)

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(10):
        while len(heard) < 1:
            await asyncio.sleep(0.01)
        await phone.post("/phone", data={"number": "07700900123", "text": "HELLO"})
        while len(heard) < 2:
            await asyncio.sleep(0.01)
    listening.cancel()

    assert set(heard) == {"event: changed"}


LIVE = {"twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_from": "+447700900000"}


@pytest.mark.parametrize(
    "given",
    [{"host": "0.0.0.0"}, {"public_url": "https://links.example"}, LIVE],
    ids=["open to others", "behind a proxy", "with real texts"],
)
@pytest.mark.parametrize("path", ["/phone", "/phone/events", "/practice/twilio/stand-in/seen"])
async def test_there_is_no_practice_phone(web_on_sqlite: Web, given, path):
    web = web_on_sqlite
    web.parts.practice = TwilioStandIn()
    web.settings = web.parts.settings = settings(**given)
    async with web.client() as someone:
        answer = await someone.get(path)
        posted = await someone.post("/phone", data={"number": "07700900123", "text": "HELLO"})

    assert (answer.status_code, posted.status_code) == (404, 404)


@pytest.mark.parametrize("path", ["/phone", "/practice/twilio/stand-in/seen"])
async def test_nor_is_there_for_a_page_that_pretends_to_be_here(web_on_sqlite: Web, path):
    """A site elsewhere may give its own name our address: then the name asked for is not ours."""
    web_on_sqlite.parts.practice = TwilioStandIn()
    async with web_on_sqlite.client() as someone:
        here = await someone.get(path)
        rebound = await someone.get(path, headers={"Host": "elsewhere.example"})
        theirs = await someone.post(
            "/practice/twilio/stand-in/habits", content=b"{}", headers={"Origin": "https://elsewhere.example"}
        )

    assert (here.status_code, rebound.status_code, theirs.status_code) == (200, 404, 404)


async def test_without_practice_there_is_no_phone(web_on_sqlite: Web):
    async with web_on_sqlite.client() as someone:
        assert (await someone.get("/phone")).status_code == 404
