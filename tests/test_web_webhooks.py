"""Webhooks: signed and stored once, or refused in words that say nothing of what was sent."""

from __future__ import annotations

import asyncio
import json
import logging
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator

from bot import counts
from bot.messages import ChannelName, Kind, Status
from tests.support.web_site import Web, settings

TOKEN = "0123456789abcdef0123456789abcdef"
SECRET = "a-secret-of-the-tests"
WORDS = "I have nothing to eat"
MESSAGES, STATUS, TELEGRAM = "/webhooks/twilio/messages", "/webhooks/twilio/status", "/webhooks/telegram"


class Telegram:
    """The part of the Telegram channel the webhook needs."""

    bot_id, username = "42", "links_bot"

    def __init__(self) -> None:
        self.answered: list[str] = []

    async def answer_button(self, callback_query_id: str) -> bool:
        self.answered.append(callback_query_id)
        return True


@pytest.fixture
def live(web: Web) -> Web:
    """The site with Twilio and Telegram set up, behind a proxy."""
    web.settings = web.parts.settings = settings(
        public_url="https://links.example",
        twilio_account_sid="AC1",
        twilio_auth_token=TOKEN,
        twilio_from="+447700900000",
        telegram_token="42:abc",
        telegram_mode="webhook",
        telegram_secret=SECRET,
        max_body_bytes=20_000,
    )
    web.parts.telegram = Telegram()
    return web


def text(sid: str = "SM1", body: str = WORDS, **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": "+447700900123", "To": "+447700900000", "Body": body, **more}


async def from_twilio(
    web: Web, form: dict[str, str], path: str = MESSAGES, *, token: str = TOKEN, signed: str | None = None
) -> httpx.Response:
    url = "https://links.example" + path
    signature = signed if signed is not None else RequestValidator(token).compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    async with web.client() as twilio:
        return await twilio.post(path, content=urlencode(form), headers=headers)


def update(message_id: int = 7, **message) -> dict:
    chat = {"id": 5, "type": "private", "first_name": "Ray"}
    return {
        "update_id": message_id,
        "message": {
            "message_id": message_id,
            "date": 1772532000,
            "chat": chat,
            "from": {"id": 5, "is_bot": False, "first_name": "Ray", "language_code": "cy"},
            **(message or {"text": WORDS}),
        },
    }


async def from_telegram(web: Web, body, secret: str | None = SECRET) -> httpx.Response:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret is not None else {}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with web.client() as telegram:
        return await telegram.post(TELEGRAM, content=content, headers=headers)


async def test_a_text_is_stored_and_the_answer_says_nothing(live: Web):
    answer = await from_twilio(live, text())

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    (heard,) = live.heard
    assert (heard.channel, heard.address, heard.text) == (ChannelName.SMS, "+447700900123", WORDS)


async def test_a_copy_is_answered_and_stored_no_second_time(live: Web):
    answers = await asyncio.gather(*(from_twilio(live, text()) for _ in range(30)))

    assert {a.status_code for a in answers} == {200}
    assert len(live.heard) == 1


@pytest.mark.parametrize(
    "signed", ["", "wrong", RequestValidator("another token").compute_signature("x", {})]
)
async def test_a_wrong_signature_is_refused_and_logged_without_the_words(live: Web, signed, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = await from_twilio(live, text(), signed=signed)

    assert answer.status_code == 403
    assert live.heard == []
    assert "signature" in caplog.text
    assert WORDS not in caplog.text + answer.text and "900123" not in caplog.text + answer.text


async def test_a_changed_text_is_refused(live: Web):
    signature = RequestValidator(TOKEN).compute_signature("https://links.example" + MESSAGES, text())
    answer = await from_twilio(live, text(body="something else"), signed=signature)

    assert answer.status_code == 403


@pytest.mark.parametrize("form", [{}, {"MessageSid": "SM1"}, {"From": "+447700900123", "Body": WORDS}])
async def test_a_form_with_parts_missing_is_malformed(live: Web, form, caplog):
    answer = await from_twilio(live, form)

    assert answer.status_code == 400
    assert WORDS not in caplog.text + answer.text
    assert live.heard == []


async def test_what_is_no_form_is_malformed(live: Web):
    async with live.client() as twilio:
        answer = await twilio.post(MESSAGES, content=b"\xff\xfe", headers={"X-Twilio-Signature": "x"})

    assert answer.status_code == 400


@pytest.mark.parametrize("path", [MESSAGES, STATUS, TELEGRAM])
async def test_too_much_is_not_read(live: Web, path):
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1
            yield b"a" * 1000

    async with live.client() as someone:
        answer = await someone.post(path, content=endless())
        declared = await someone.post(path, content=b"a" * 20_001)

    assert (answer.status_code, declared.status_code) == (413, 413)
    assert read <= 25


async def test_a_full_disk_is_told_so_that_it_is_sent_again(live: Web):
    live.full = True
    answers = [
        await from_twilio(live, text()),
        await from_twilio(live, {"MessageSid": "SM1", "MessageStatus": "delivered"}, STATUS + "?m=3"),
        await from_telegram(live, update()),
    ]
    live.full = False
    again = await from_twilio(live, text())

    assert [a.status_code for a in answers] == [503, 503, 503]
    assert all(a.headers["retry-after"] for a in answers)
    assert again.status_code == 200
    assert len(live.heard) == 1


@pytest.mark.parametrize("sender", ["NHSNoReply", "60006", "unknown"])
async def test_a_companys_machine_is_answered_and_nothing_more(live: Web, sender):
    before = counts.NOT_FOR_US.labels("sms", "from-a-machine")._value.get()
    answer = await from_twilio(live, text(From=sender))

    assert answer.status_code == 200
    assert live.heard == []
    assert counts.NOT_FOR_US.labels("sms", "from-a-machine")._value.get() == before + 1


@pytest.mark.parametrize("sender", ["+441632960001", "+353851234567"])
async def test_someone_who_cannot_be_answered_by_text_is_still_heard(live: Web, sender):
    """A landline, or a phone from abroad: a human has to see it."""
    await from_twilio(live, text(From=sender))

    (heard,) = live.heard
    assert (heard.text, heard.can_be_answered) == (WORDS, False)


async def test_a_receipt_finds_its_message(live: Web):
    answer = await from_twilio(live, {"MessageSid": "SM9", "MessageStatus": "delivered"}, STATUS + "?m=12")

    assert answer.status_code == 200
    (receipt,) = live.receipts
    assert (receipt.status, receipt.message_id, receipt.provider_id) == (Status.DELIVERED, 12, "SM9")


async def test_a_receipt_for_another_message_than_was_signed_is_refused(live: Web):
    form = {"MessageSid": "SM9", "MessageStatus": "delivered"}
    signature = RequestValidator(TOKEN).compute_signature("https://links.example" + STATUS + "?m=12", form)
    answer = await from_twilio(live, form, STATUS + "?m=13", signed=signature)

    assert answer.status_code == 403
    assert live.receipts == []


async def test_a_status_we_have_no_use_for_is_answered(live: Web):
    answer = await from_twilio(live, {"MessageSid": "SM9", "MessageStatus": "receiving"}, STATUS + "?m=12")

    assert answer.status_code == 200
    assert live.receipts == []


async def test_telegram_is_heard(live: Web):
    answer = await from_telegram(live, update())

    assert (answer.status_code, answer.text) == (200, "")
    (heard,) = live.heard
    assert (heard.channel, heard.address, heard.text, heard.language) == (
        ChannelName.TELEGRAM,
        "5",
        WORDS,
        "cy",
    )


async def test_a_pressed_telegram_button_stops_its_clock(live: Web):
    message = update()["message"]
    pressed = {
        "update_id": 8,
        "callback_query": {
            "id": "77",
            "from": message["from"],
            "chat_instance": "1",
            "data": "need:me",
            "message": message,
        },
    }
    await from_telegram(live, pressed)
    await asyncio.sleep(0)

    assert (live.heard[0].kind, live.heard[0].choice) == (Kind.BUTTON, "need:me")
    assert live.parts.telegram.answered == ["77"]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "é"])
async def test_a_wrong_telegram_secret_is_refused(live: Web, secret, caplog):
    answer = await from_telegram(live, update(), secret.encode() if secret == "é" else secret)

    assert answer.status_code == 403
    assert live.heard == []
    assert WORDS not in caplog.text


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"update_id": 1, "message": 5}'])
async def test_a_malformed_update_is_refused(live: Web, body):
    answer = await from_telegram(live, body)

    assert answer.status_code == 400
    assert live.heard == []


async def test_an_update_with_nothing_for_us_is_answered(live: Web):
    answer = await from_telegram(live, {"update_id": 9, "poll": {}})
    in_a_group = await from_telegram(live, update(chat={"id": -5, "type": "group"}, text=WORDS))

    assert (answer.status_code, in_a_group.status_code) == (200, 200)
    assert live.heard == []


async def test_where_a_provider_is_not_set_up_there_is_nothing(web: Web):
    async with web.client() as someone:
        answers = [await someone.post(path, content=b"") for path in (MESSAGES, STATUS, TELEGRAM)]

    assert [a.status_code for a in answers] == [404, 404, 404]


@pytest.mark.parametrize("path", [MESSAGES, STATUS, TELEGRAM])
async def test_a_webhook_is_posted_to(live: Web, path):
    async with live.client() as someone:
        answer = await someone.get(path)

    assert answer.status_code == 405


async def test_a_webhook_comes_whatever_host_the_proxy_names(live: Web):
    form = text()
    signature = RequestValidator(TOKEN).compute_signature("https://links.example" + MESSAGES, form)
    headers = {"X-Twilio-Signature": signature, "Host": "inside:8000"}
    async with live.client() as twilio:
        answer = await twilio.post(MESSAGES, data=form, headers=headers)
        page = await twilio.get("/chat", headers={"Host": "inside:8000"})

    assert answer.status_code == 200
    assert page.status_code == 421
