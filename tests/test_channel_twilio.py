"""Texts and WhatsApp through Twilio's own client, to a stand-in over real HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.twilio import TwilioChannel
from bot.clock import SetClock
from bot.messages import CannotLook, ChannelName, OutboundMessage, Refused, Sent, Status, Uncertain
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.settings import Settings
from tests.support.serving import free_address, serving

RAY = "+447700900123"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
async def twilio():
    stand_in = TwilioStandIn()
    stand_in.habits.receipts = ()
    async with serving(stand_in) as served:
        stand_in.url = served.url
        yield stand_in


def settings_for(stand_in, **changes):
    known = {
        "twilio_account_sid": stand_in.account_sid,
        "twilio_auth_token": stand_in.auth_token,
        "twilio_from": stand_in.carrier.number,
        "twilio_whatsapp_from": stand_in.carrier.number,
        "twilio_api_url": getattr(stand_in, "url", ""),
        "public_url": "https://linkline.example",
    }
    return Settings.load(_env_file=None, **known | changes)


@pytest.fixture
async def sms(twilio):
    channel = TwilioChannel(settings_for(twilio), clock=SetClock(NOON), answer_seconds=0.5)
    yield channel
    await channel.close()


@pytest.fixture
async def whatsapp(twilio):
    channel = TwilioChannel(settings_for(twilio), ChannelName.WHATSAPP, clock=SetClock(NOON))
    yield channel
    await channel.close()


def message(text="Hello Ray.", address=RAY, number=17, **more):
    return OutboundMessage(number, ChannelName.SMS, address, text, **more)


async def test_a_text_goes_out_and_carries_its_own_status_callback(twilio, sms):
    outcome = await sms.send(message())
    (text,) = twilio.carrier.thread(RAY)
    assert outcome == Sent(text.sid)
    assert (text.body, text.from_, text.to) == ("Hello Ray.", "+447700900000", RAY)
    assert text.status_callback == "https://linkline.example/webhooks/twilio/status?m=17"
    assert text.validity_period is None


async def test_it_may_not_wait_longer_than_it_is_useful(twilio, sms):
    await sms.send(message(useful_until=NOON + timedelta(minutes=5, seconds=0.5)))
    await sms.send(message(useful_until=NOON + timedelta(days=3)))
    assert [t.validity_period for t in twilio.carrier.thread(RAY)] == [300, 36_000]


async def test_what_is_no_longer_useful_is_not_sent(twilio, sms):
    outcome = await sms.send(message(useful_until=NOON - timedelta(seconds=1)))
    assert outcome == Refused("too-late", Status.PERMANENT_FAILURE)
    assert twilio.carrier.thread(RAY) == []


async def test_through_a_messaging_service(twilio):
    service = "MG00000000000000000000000000000001"
    channel = TwilioChannel(settings_for(twilio, twilio_from="", twilio_messaging_service_sid=service))
    await channel.send(message())
    await channel.close()
    assert twilio.carrier.thread(RAY)[0].service_sid == service


@pytest.mark.parametrize("address", ["+441632960001", "NHSNoReply", "60777", "+353871234567"])
async def test_what_is_not_a_mobile_is_never_texted(twilio, sms, address):
    outcome = await sms.send(message(address=address))
    assert outcome == Refused("not-a-mobile", Status.PERMANENT_FAILURE, unreachable=True)
    assert twilio.carrier.texts == {}


async def test_whatsapp_goes_to_any_country(twilio, whatsapp):
    assert isinstance(await whatsapp.send(message(address="+48500000123")), Sent)
    (text,) = twilio.carrier.thread("whatsapp:+48500000123")
    assert text.from_ == "whatsapp:+447700900000"


async def test_a_whatsapp_template(twilio, whatsapp):
    await whatsapp.send(message(template="HX1", template_values={"1": "Ray"}))
    (text,) = twilio.carrier.thread(f"whatsapp:{RAY}")
    assert text.content_sid == "HX1"
    assert text.body == '[template HX1 with {"1": "Ray"}]'


async def test_whatsapp_takes_only_a_template_a_day_after_they_last_wrote(twilio, whatsapp):
    twilio.habits.receipts = ("sent", "delivered")
    twilio.carrier.clock = SetClock(NOON)
    await twilio.text(f"whatsapp:{RAY}", "hello")
    twilio.carrier.clock.forward(hours=24, seconds=1)
    await whatsapp.send(message())
    await whatsapp.send(message(template="HX1"))
    await twilio.settled()
    _, words, template = twilio.carrier.thread(f"whatsapp:{RAY}")
    assert (words.status, words.error_code) == ("failed", 63016)
    assert template.status == "delivered"


@pytest.mark.parametrize(
    ("code", "status", "unreachable"),
    [
        (21211, Status.PERMANENT_FAILURE, True),
        (21408, Status.TECHNICAL_FAILURE, False),
        (21610, Status.PERMANENT_FAILURE, True),
        (21611, Status.TEMPORARY_FAILURE, False),
        (21612, Status.PERMANENT_FAILURE, True),
        (21614, Status.PERMANENT_FAILURE, True),
        (29999, Status.TECHNICAL_FAILURE, False),
    ],
)
async def test_what_twilio_refuses(twilio, sms, code, status, unreachable):
    twilio.carrier.trouble_for[RAY] = str(code)
    assert await sms.send(message()) == Refused(str(code), status, unreachable=unreachable)


async def test_someone_who_stopped_cannot_be_texted_until_they_start(twilio, sms):
    await twilio.text(RAY, "STOP")
    assert await sms.send(message()) == Refused("21610", Status.PERMANENT_FAILURE, unreachable=True)
    await twilio.text(RAY, "START")
    assert isinstance(await sms.send(message()), Sent)


async def test_too_much_at_once_says_how_long_to_wait(twilio, sms):
    twilio.carrier.troubles.extend(["429:7", "429"])
    assert await sms.send(message()) == Refused("20429", Status.TEMPORARY_FAILURE, retry_after=7.0)
    assert await sms.send(message()) == Refused("20429", Status.TEMPORARY_FAILURE)


@pytest.mark.parametrize("trouble", ["500", "503"])
async def test_twilio_in_trouble_is_for_later(twilio, sms, trouble):
    twilio.carrier.troubles.append(trouble)
    outcome = await sms.send(message())
    assert isinstance(outcome, Refused)
    assert outcome.status == Status.TEMPORARY_FAILURE


@pytest.mark.parametrize("change", [{"twilio_auth_token": "wrong"}, {"twilio_account_sid": "AC1"}])
async def test_a_wrong_account_is_ours_to_put_right(twilio, change):
    channel = TwilioChannel(settings_for(twilio, **change))
    assert await channel.send(message()) == Refused("20003", Status.TECHNICAL_FAILURE)
    await channel.close()


async def test_no_connection_means_it_has_not_gone(twilio):
    channel = TwilioChannel(settings_for(twilio, twilio_api_url=free_address()))
    assert await channel.send(message()) == Refused("not-connected", Status.TEMPORARY_FAILURE)
    await channel.close()


@pytest.mark.parametrize("trouble", ["hang", "drop"])
async def test_no_answer_leaves_us_uncertain_and_looking_finds_it(twilio, sms, trouble):
    twilio.carrier.troubles.append(trouble)
    began = datetime.now(UTC)
    assert isinstance(await sms.send(message()), Uncertain)
    (text,) = twilio.carrier.thread(RAY)
    assert await sms.look_for(message(), began) == Sent(text.sid)


@pytest.mark.parametrize("trouble", ["lost", "502"])
async def test_no_answer_leaves_us_uncertain_and_looking_finds_nothing(twilio, sms, trouble):
    twilio.carrier.troubles.append(trouble)
    began = datetime.now(UTC)
    assert isinstance(await sms.send(message()), Uncertain)
    assert await sms.look_for(message(), began) is None


async def test_looking_takes_nothing_else_for_it(twilio, sms):
    now = datetime.now(UTC)
    await sms.send(message("Something else."))
    await sms.send(message("Hello Ray.", address="+447700900124"))
    await twilio.text(RAY, "Hello Ray.")
    assert await sms.look_for(message(), now) is None
    await sms.send(message())
    assert await sms.look_for(message(), now + timedelta(minutes=1)) is None, "an older one is not it"


async def test_looking_finds_one_that_still_waits_at_twilio(twilio, sms):
    """Nothing has a time of sending yet."""
    began = datetime.now(UTC)
    outcome = await sms.send(message())
    assert twilio.carrier.thread(RAY)[0].sent is None
    assert await sms.look_for(message(), began) == outcome


async def test_when_twilio_cannot_be_asked_we_do_not_say_it_has_nothing(twilio):
    channel = TwilioChannel(settings_for(twilio, twilio_api_url=free_address()))
    with pytest.raises(CannotLook):
        await channel.look_for(message(), NOON)
    await channel.close()
    channel = TwilioChannel(settings_for(twilio, twilio_auth_token="wrong"))
    with pytest.raises(CannotLook):
        await channel.look_for(message(), NOON)
    await channel.close()


async def test_a_long_message_goes_in_parts_between_words(twilio, sms):
    words = " ".join(f"word{n}" for n in range(600))
    outcome = await sms.send(message(words))
    texts = twilio.carrier.thread(RAY)
    assert len(texts) > 1
    assert all(len(t.body) <= 1600 for t in texts)
    assert " ".join(t.body for t in texts) == words
    assert outcome == Sent(texts[-1].sid)
    assert [bool(t.status_callback) for t in texts] == [False] * (len(texts) - 1) + [True]


async def test_a_second_try_of_a_long_message_goes_on_where_the_first_ended(twilio, sms):
    words = " ".join(f"word{n}" for n in range(600))
    twilio.carrier.troubles.extend(["", "500"])
    assert isinstance(await sms.send(message(words)), Refused)
    began = datetime.now(UTC)
    assert isinstance(await sms.send(message(words)), Sent)
    texts = twilio.carrier.thread(RAY)
    assert " ".join(t.body for t in texts) == words
    assert await sms.look_for(message(words), began) == Sent(texts[-1].sid)


async def test_emoji_are_never_parted(twilio, sms):
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    await sms.send(message(family * 400))
    texts = twilio.carrier.thread(RAY)
    assert "".join(t.body for t in texts) == family * 400
    assert all(t.body == family * (len(t.body) // len(family)) for t in texts)


async def test_erasing_takes_twilios_copy_too(twilio, sms):
    sent = await sms.send(message())
    sid, _ = await twilio.text(RAY, "I feel low")
    assert await sms.erase(RAY, sent.provider_id)
    assert await sms.erase(RAY, sid)
    assert twilio.carrier.texts == {}
    assert await sms.erase(RAY, sid), "gone already is gone"


async def test_erasing_says_when_it_could_not(twilio):
    channel = TwilioChannel(settings_for(twilio, twilio_api_url=free_address()))
    assert not await channel.erase(RAY, "SM1")
    await channel.close()


async def test_nothing_said_and_no_number_is_logged(twilio, sms, caplog):
    caplog.set_level(logging.DEBUG)
    twilio.carrier.troubles.extend(["", "500", "drop", "21610"])
    for _ in range(4):
        await sms.send(message("I feel very low"))
    await sms.look_for(message("I feel very low"), NOON)
    assert "900123" not in caplog.text
    assert "very low" not in caplog.text
    assert twilio.auth_token not in caplog.text


async def test_an_edge_set_for_other_programs_does_not_move_our_address(twilio, monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    channel = TwilioChannel(settings_for(twilio))
    assert isinstance(await channel.send(message()), Sent)
    await channel.close()
