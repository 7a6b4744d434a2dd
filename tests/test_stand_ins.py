"""The stand-ins behave as Twilio and Telegram do: to the real clients, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import sys

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.practice.carrier import HELP_WORDS, START_WORDS, STOP_WORDS
from bot.practice.samples import Sample, sample
from bot.practice.twilio_stand_in import TwilioStandIn
from tests.support.serving import free_address, serving, serving_in_thread

RAY = "+447700900123"
CHAT = 1111111


@pytest.fixture
async def twilio(webhooks):
    stand_in = TwilioStandIn(webhooks.url)
    async with serving(stand_in) as served:
        stand_in.url = served.url
        yield stand_in


async def test_the_whole_of_twilios_protocol_with_its_own_blocking_client():
    stand_in = TwilioStandIn()

    class Here(TwilioHttpClient):
        def request(self, method, url, *args, **kwargs):
            return super().request(method, url.replace("https://api.twilio.com", served.url), *args, **kwargs)

    def talk():
        client = Client(stand_in.account_sid, stand_in.auth_token, http_client=Here())
        made = [
            client.messages.create(to=RAY, from_=stand_in.carrier.number, body=f"Hello {n}") for n in range(3)
        ]
        assert made[0].status == "queued"
        assert made[0].num_segments == "1"
        assert made[0].date_created is not None
        assert client.messages(made[0].sid).fetch().body == "Hello 0"
        listed = client.messages.list(to=RAY, page_size=2)
        assert [m.sid for m in listed] == [m.sid for m in reversed(made)], "newest first, over two pages"
        assert client.messages.list(to="+447700900124") == []
        assert client.messages(made[0].sid).delete()
        with pytest.raises(TwilioRestException) as told:
            client.messages(made[0].sid).fetch()
        assert (told.value.status, told.value.code) == (404, 20404)
        with pytest.raises(TwilioRestException) as told:
            client.messages.create(to=RAY, from_="+447700900999", body="x")
        assert told.value.code == 21659

    with serving_in_thread(stand_in) as served:
        await asyncio.to_thread(talk)
        served.call(stand_in.settled())


async def test_a_text_is_brought_as_a_signed_webhook(twilio, webhooks):
    sid, answered = await twilio.text(RAY, "Hello & good day")
    ((path, headers, _),), (form,) = webhooks.taken, webhooks.forms()
    assert (path, answered) == ("/webhooks/twilio/messages", 200)
    assert (form["MessageSid"], form["From"], form["Body"]) == (sid, RAY, "Hello & good day")
    url = webhooks.url + path
    assert RequestValidator(twilio.auth_token).validate(url, form, headers["x-twilio-signature"])


async def test_the_newer_signature(twilio, webhooks):
    twilio.habits.signs_sha256 = True
    await twilio.text(RAY, "Hello")
    ((path, headers, _),), (form,) = webhooks.taken, webhooks.forms()
    assert headers["x-twilio-webhooks-signature-settings"].endswith("algorithm=HMAC_SHA256")
    signature = headers["x-twilio-signature"]
    validator = RequestValidator(twilio.auth_token)
    assert validator.validate(webhooks.url + path, form, signature, "HMAC_SHA256")


async def test_signed_for_the_address_outside_a_proxy(twilio, webhooks):
    twilio.signed_as = "https://linkline.example"
    await twilio.text(RAY, "Hello")
    ((path, headers, _),), (form,) = webhooks.taken, webhooks.forms()
    url = "https://linkline.example" + path
    assert RequestValidator(twilio.auth_token).validate(url, form, headers["x-twilio-signature"])


async def test_the_same_text_brought_twice_is_one_text(twilio, webhooks):
    sid, _ = await twilio.text(RAY, "Hello")
    await twilio.text(RAY, "Hello", sid=sid)
    first, second = webhooks.forms()
    assert first == second
    assert len(twilio.carrier.thread(RAY)) == 1


async def test_a_picture_says_that_it_is_one(twilio, webhooks):
    await twilio.text(RAY, "my leg", media="photo")
    (form,) = webhooks.forms()
    assert (form["NumMedia"], form["MediaContentType0"]) == ("1", "image/png")


async def test_several_pictures_are_numbered_and_each_has_an_address_of_its_own(twilio, webhooks):
    await twilio.text(RAY, media=[Sample("image/jpeg", b"one"), Sample("audio/amr", b"two")])
    (form,) = webhooks.forms()
    assert (form["NumMedia"], form["MediaContentType0"], form["MediaContentType1"]) == (
        "2",
        "image/jpeg",
        "audio/amr",
    )
    account = f"https://api.twilio.com/2010-04-01/Accounts/{twilio.account_sid}"
    assert form["MediaUrl0"].startswith(f"{account}/Messages/{form['MessageSid']}/Media/ME")
    assert form["MediaUrl0"] != form["MediaUrl1"]


async def test_a_picture_is_given_to_its_account_alone_by_way_of_a_store_that_wants_no_credentials(twilio):
    sid, _ = await twilio.text(RAY, media=[Sample("image/jpeg", b"my leg")])
    (media,) = twilio.carrier.texts[sid].media
    path = f"/2010-04-01/Accounts/{twilio.account_sid}/Messages/{sid}/Media/{media}"
    known = base64.b64encode(f"{twilio.account_sid}:{twilio.auth_token}".encode()).decode()
    key = {"Authorization": f"Basic {known}"}
    async with aiohttp.ClientSession() as session:
        async with session.get(twilio.url + path) as answer:
            assert answer.status == 401
        async with session.get(twilio.url + path, headers=key, allow_redirects=False) as answer:
            assert answer.status == 307
            store = answer.headers["Location"]
        assert "localhost" in store, "another host, as Twilio's is"
        async with session.get(store, headers=key) as answer:
            assert (answer.status, await answer.text()) == (
                400,
                '{"Message": "Only one auth mechanism allowed"}',
            )
        async with session.get(store) as answer:
            assert (answer.status, answer.content_type, await answer.read()) == (200, "image/jpeg", b"my leg")
        async with session.get(store, headers={"Range": "bytes=3-"}) as answer:
            assert (answer.status, await answer.read()) == (206, b"leg")
        async with session.get(store[:-1] + ("0" if store[-1] != "0" else "1")) as answer:
            assert answer.status == 403


async def test_twilios_own_client_lists_and_deletes_what_came_with_a_text(twilio):
    sid, _ = await twilio.text(RAY, media=[Sample("image/jpeg", b"one"), Sample("image/png", b"two")])

    class Here(TwilioHttpClient):
        def request(self, method, url, *args, **kwargs):
            return super().request(method, url.replace("https://api.twilio.com", twilio.url), *args, **kwargs)

    def talk():
        client = Client(twilio.account_sid, twilio.auth_token, http_client=Here())
        listed = client.messages(sid).media.list()
        assert [(m.parent_sid, m.content_type) for m in listed] == [(sid, "image/jpeg"), (sid, "image/png")]
        assert client.messages(sid).media(listed[0].sid).fetch().content_type == "image/jpeg"
        assert client.messages(sid).fetch().num_media == "2"
        assert client.messages(sid).media(listed[0].sid).delete()
        assert [m.sid for m in client.messages(sid).media.list()] == [listed[1].sid]
        client.messages(sid).delete()
        with pytest.raises(TwilioRestException) as told:
            client.messages(sid).media(listed[1].sid).fetch()
        assert told.value.status == 404

    await asyncio.to_thread(talk)


@pytest.mark.parametrize("what", ["photo", "voice", "file"])
def test_what_is_sent_for_practice_is_what_it_says_it_is(what):
    made = sample(what)
    begins = {"photo": b"\x89PNG\r\n\x1a\n", "voice": b"RIFF", "file": b"%PDF-1.4"}[what]
    assert made.content.startswith(begins)
    assert len(made.content) > 500


async def post(stand_in, seconds=5.0, **fields):
    form = {"To": RAY, "From": stand_in.carrier.number, "Body": "Hello"} | fields
    url = f"{stand_in.url}/2010-04-01/Accounts/{stand_in.account_sid}/Messages.json"
    key = base64.b64encode(f"{stand_in.account_sid}:{stand_in.auth_token}".encode()).decode()
    wait = aiohttp.ClientTimeout(total=seconds)
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Basic {key}"}, timeout=wait) as session,
        session.post(url, data=form) as answer,
    ):
        return answer.status, await answer.json()


async def test_receipts_are_told_to_each_messages_own_address(twilio, webhooks):
    twilio.habits.receipts = ("queued", "sent", "delivered")
    _, made = await post(twilio, StatusCallback=f"{webhooks.url}/webhooks/twilio/status?m=17")
    await twilio.settled()
    assert [form["MessageStatus"] for form in webhooks.forms()] == ["queued", "sent", "delivered"]
    for (path, headers, _), form in zip(webhooks.taken, webhooks.forms(), strict=True):
        assert (path, form["MessageSid"]) == ("/webhooks/twilio/status?m=17", made["sid"])
        signature = headers["x-twilio-signature"]
        assert RequestValidator(twilio.auth_token).validate(webhooks.url + path, form, signature)
    assert [call.answered for call in twilio.calls] == [200, 200, 200]


async def test_receipts_may_come_twice_and_in_any_order(twilio, webhooks):
    twilio.habits.receipts_each, twilio.habits.receipts_in_order = 2, False
    await post(twilio, StatusCallback=f"{webhooks.url}/webhooks/twilio/status?m=17")
    await twilio.settled()
    assert sorted(f["MessageStatus"] for f in webhooks.forms()) == ["delivered"] * 2 + ["sent"] * 2


async def test_a_text_that_does_not_arrive(twilio, webhooks):
    twilio.carrier.trouble_for[RAY] = "30003"
    status, _ = await post(twilio, StatusCallback=f"{webhooks.url}/webhooks/twilio/status?m=17")
    await twilio.settled()
    assert status == 201, "Twilio takes it, and says only later that it did not arrive"
    last = webhooks.forms()[-1]
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", "30003")
    assert "delivered" not in [f["MessageStatus"] for f in webhooks.forms()]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "nobody"}, 21211),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 20422),
        ({"ValidityPeriod": "36001"}, 20422),
    ],
)
async def test_what_twilio_would_not_take(twilio, fields, code):
    status, said = await post(twilio, **fields)
    assert (status, said["code"]) == (400, code)
    assert twilio.carrier.texts == {}


async def test_trouble_comes_as_asked(twilio):
    twilio.carrier.troubles.extend(["21610", "429", "503", "drop", "lost", "hang"])
    assert (await post(twilio))[1]["code"] == 21610
    assert (await post(twilio))[0] == 429
    assert (await post(twilio))[0] == 503
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await post(twilio)
    with pytest.raises(TimeoutError):
        await post(twilio, seconds=0.2)
    assert [t.told for t in twilio.carrier.thread(RAY)] == [False, False], "dropped and hung were taken"
    assert [code.code for _, code in twilio.carrier.refused] == [21610, 20429, 20503, 0]
    assert (await post(twilio))[0] == 201


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
async def test_after_stop_nothing_can_be_sent(twilio, webhooks, word):
    await twilio.text(RAY, f" {word.lower()} ")
    assert webhooks.forms()[-1]["OptOutType"] == "STOP"
    assert twilio.carrier.thread(RAY)[-1].body.startswith("You will get no more texts")
    status, said = await post(twilio)
    assert (status, said["code"]) == (400, 21610)


@pytest.mark.parametrize("word", sorted(START_WORDS))
async def test_after_start_it_can_again(twilio, webhooks, word):
    await twilio.text(RAY, "STOP")
    await twilio.text(RAY, word)
    assert webhooks.forms()[-1]["OptOutType"] == "START"
    assert (await post(twilio))[0] == 201


@pytest.mark.parametrize("word", sorted(HELP_WORDS))
async def test_the_carrier_answers_help(twilio, webhooks, word):
    await twilio.text(RAY, word)
    assert webhooks.forms()[-1]["OptOutType"] == "HELP"
    assert "999" in twilio.carrier.thread(RAY)[-1].body


async def test_without_advanced_opt_out_nobody_says_what_the_word_was(twilio, webhooks):
    twilio.habits.tells_opt_out_type = False
    await twilio.text(RAY, "STOP")
    assert "OptOutType" not in webhooks.forms()[-1]
    assert (await post(twilio))[1]["code"] == 21610


async def test_yes_is_only_a_word_to_someone_who_did_not_stop(twilio, webhooks):
    await twilio.text(RAY, "YES")
    assert "OptOutType" not in webhooks.forms()[-1]
    assert len(twilio.carrier.thread(RAY)) == 1


async def test_segments_are_counted(twilio):
    assert (await post(twilio, Body="x" * 161))[1]["num_segments"] == "2"
    assert (await post(twilio, Body="ŵ" * 71))[1]["num_segments"] == "2"


async def test_a_webhook_that_is_not_answered_is_brought_again(twilio, webhooks):
    webhooks.status, twilio.habits.webhook_tries = 503, 2
    _, answered = await twilio.text(RAY, "Hello")
    assert answered == 503
    assert [call.answered for call in twilio.calls] == [503, 503]


async def test_another_process_can_ask_the_stand_in(twilio, webhooks):
    async with aiohttp.ClientSession(twilio.url) as session:
        async with session.post("/stand-in/texts", json={"from": RAY, "body": "Hello"}) as answer:
            assert (await answer.json())["answered"] == 200
        async with session.post("/stand-in/habits", json={"receipts": ["sent"], "troubles": ["500"]}):
            assert (await post(twilio))[0] == 500
        picture = ["image/jpeg", base64.b64encode(b"my leg").decode()]
        async with session.post("/stand-in/texts", json={"from": RAY, "files": [picture]}) as answer:
            sid = (await answer.json())["sid"]
        async with session.get("/stand-in/seen") as answer:
            seen = await answer.json()
    assert [(t["body"], t["num_media"]) for t in seen["texts"]] == [("Hello", "0"), ("", "1")]
    assert list(twilio.carrier.texts[sid].media.values()) == [Sample("image/jpeg", b"my leg")]
    assert [r["code"] for r in seen["refused"]] == [20500]
    assert twilio.habits.receipts == ["sent"]


@pytest.mark.parametrize("name", ["twilio_stand_in", "telegram_stand_in"])
async def test_a_stand_in_runs_by_itself_and_says_how_it_is_reached(name):
    port = free_address().rpartition(":")[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"bot.practice.{name}", "--port", port, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(20), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            first = (await process.stdout.readline()).decode().strip()
            assert first.endswith(f"_API_URL=http://127.0.0.1:{port}")
            while True:
                try:
                    async with session.get("/stand-in/seen") as answer:
                        assert answer.status == 200
                        break
                except aiohttp.ClientConnectorError:
                    await asyncio.sleep(0.05)
    finally:
        process.terminate()
        await process.wait()
