"""The stand-in for Telegram behaves as Telegram does, over real HTTP."""

from __future__ import annotations

import base64

import aiohttp
import pytest

from bot.practice.samples import Sample
from bot.practice.telegram_stand_in import TelegramStandIn
from tests.support.serving import serving

CHAT = 1111111


@pytest.fixture
async def telegram():
    stand_in = TelegramStandIn()
    async with serving(stand_in) as served:
        stand_in.url = served.url
        yield stand_in


async def test_an_update_is_brought_with_our_secret(telegram, webhooks):
    telegram.target, telegram.secret = f"{webhooks.url}/webhooks/telegram", "s3cret"
    assert await telegram.says(CHAT, "hello") == 200
    ((path, headers, body),) = webhooks.taken
    assert path == "/webhooks/telegram"
    assert headers["x-telegram-bot-api-secret-token"] == "s3cret"
    assert b'"text": "hello"' in body


async def test_an_update_that_is_not_answered_waits_and_is_brought_again(telegram, webhooks):
    telegram.target, webhooks.status = f"{webhooks.url}/webhooks/telegram", 503
    assert await telegram.says(CHAT, "hello") == 503
    assert len(telegram.waiting) == 1
    webhooks.status = 200
    await telegram.try_again()
    assert not telegram.waiting
    assert webhooks.taken[0][2] == webhooks.taken[1][2]


async def test_a_photo_comes_in_sizes_and_the_file_is_where_telegram_says(telegram):
    await telegram.sends(CHAT, "photo", file=Sample("image/jpeg", b"my leg"))
    small, large = telegram.waiting[-1]["message"]["photo"]
    async with aiohttp.ClientSession() as session:
        url = f"{telegram.url}/bot{telegram.token}/getFile"
        async with session.post(url, json={"file_id": large["file_id"]}) as answer:
            found = (await answer.json())["result"]
        assert found["file_size"] == 6
        async with session.get(f"{telegram.url}/file/bot{telegram.token}/{found['file_path']}") as answer:
            assert (answer.status, await answer.read()) == (200, b"my leg")
        async with session.get(f"{telegram.url}/file/bot1:wrong/{found['file_path']}") as answer:
            assert answer.status == 404
        async with session.post(url, json={"file_id": "no such file"}) as answer:
            said = (await answer.json())["description"]
        assert said == "Bad Request: wrong file_id or the file is temporarily unavailable"
    assert small["file_id"] != large["file_id"]


async def test_a_file_too_large_for_a_bot_is_refused_as_telegram_refuses_it(telegram):
    await telegram.sends(CHAT, "document", file=Sample("video/mp4", bytes(20 * 1024 * 1024 + 1)))
    asked = {"file_id": telegram.waiting[-1]["message"]["document"]["file_id"]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{telegram.url}/bot{telegram.token}/getFile", json=asked) as answer,
    ):
        assert (answer.status, (await answer.json())["description"]) == (400, "Bad Request: file is too big")


async def test_a_bot_of_another_token_is_not_known(telegram):
    async with aiohttp.ClientSession(telegram.url) as session:
        async with session.get("/bot123:other/getMe") as answer:
            assert answer.status == 401
        async with session.get(f"/bot{telegram.token}/noSuchMethod") as answer:
            assert answer.status == 404


async def test_another_process_can_ask_telegrams_stand_in(telegram):
    async with aiohttp.ClientSession(telegram.url) as session:
        async with session.post("/stand-in/says", json={"chat": CHAT, "text": "hello"}) as answer:
            assert answer.status == 200
        async with session.get("/stand-in/seen") as answer:
            seen = await answer.json()
        picture = {"chat": CHAT, "content": base64.b64encode(b"my leg").decode(), "type": "image/jpeg"}
        async with session.post("/stand-in/sends", json=picture) as answer:
            assert answer.status == 200
    assert [m["text"] for m in seen["messages"]] == ["hello"]
    assert len(seen["waiting"]) == 1
    photo = telegram.waiting[-1]["message"]["photo"][-1]
    assert telegram.chats.files[photo["file_id"]] == Sample("image/jpeg", b"my leg")
