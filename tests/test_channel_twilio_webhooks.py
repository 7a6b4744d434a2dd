"""What we understand of Twilio's webhooks."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.malformed import Malformed
from bot.channels.twilio_errors import MEANINGS
from bot.channels.twilio_webhooks import read_form, read_message, read_receipt
from bot.messages import ChannelName, Kind, Status
from bot.words import gsm
from tests.support.payloads import twilio


def test_a_text():
    message = read_message(twilio("text"))
    assert message.channel == ChannelName.SMS
    assert message.provider_id == "SM00000000000000000000000000000001"
    assert message.address == "+447700900123"
    assert (message.text, message.kind) == ("HELLO", Kind.WORDS)
    assert message.can_be_answered


def test_an_empty_text_is_a_text():
    message = read_message(twilio("text", Body=""))
    assert (message.text, message.kind) == ("", Kind.WORDS)


@given(st.text(max_size=200))
def test_words_arrive_as_they_were_sent(words):
    body = urlencode(twilio("text") | {"Body": words.encode("utf-8", "replace").decode()}).encode()
    assert read_message(read_form(body)).text == words.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop ", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
)
def test_a_word_the_carrier_has_stopped_us_for(word):
    assert read_message(twilio("text", Body=word)).kind == Kind.OPT_OUT


@pytest.mark.parametrize("word", ["START", "Unstop"])
def test_a_word_the_carrier_has_let_us_text_again_for(word):
    assert read_message(twilio("text", Body=word)).kind == Kind.OPT_IN


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_a_word_the_carrier_has_answered(word):
    assert read_message(twilio("text", Body=word)).kind == Kind.HELP


@pytest.mark.parametrize(
    "words", ["YES", "yes", "stop please", "I want to stop", "end it", "help me", "STOP."]
)
def test_words_that_are_ours_to_read(words):
    """Yes above all: an answer, never a wish to be texted again."""
    assert read_message(twilio("text", Body=words)).kind == Kind.WORDS


@pytest.mark.parametrize(
    ("opt_out_type", "kind"), [("STOP", Kind.OPT_OUT), ("START", Kind.OPT_IN), ("HELP", Kind.HELP)]
)
def test_what_advanced_opt_out_says_counts_whatever_the_word(opt_out_type, kind):
    assert read_message(twilio("text", Body="peidio", OptOutType=opt_out_type)).kind == kind


def test_on_whatsapp_the_carrier_acts_only_when_it_says_so():
    assert read_message(twilio("whatsapp", Body="STOP")).kind == Kind.WORDS
    assert read_message(twilio("whatsapp", Body="STOP", OptOutType="STOP")).kind == Kind.OPT_OUT


def test_whatsapp():
    message = read_message(twilio("whatsapp"))
    assert (message.channel, message.address) == (ChannelName.WHATSAPP, "+48500000123")
    assert message.can_be_answered, "WhatsApp goes over the internet: a number from abroad is answered"


def test_a_whatsapp_button():
    message = read_message(twilio("whatsapp_button"))
    assert (message.kind, message.choice, message.text) == (Kind.BUTTON, "carry_on", "Yes please")


def test_a_place_on_whatsapp():
    message = read_message(twilio("whatsapp", Body="", Latitude="52.7", Longitude="-1.5"))
    assert (message.kind, message.unreadable) == (Kind.UNREADABLE, "place")


@pytest.mark.parametrize(
    ("content_type", "called"),
    [
        ("image/jpeg", "photo"),
        ("image/webp", "sticker"),
        ("audio/ogg", "voice"),
        ("audio/amr", "voice"),
        ("video/3gpp", "video"),
        ("text/vcard", "contact"),
        ("text/x-vcard", "contact"),
        ("application/pdf", "file"),
        ("", "file"),
    ],
)
def test_what_we_cannot_read_is_named_and_its_words_kept(content_type, called):
    message = read_message(twilio("picture", MediaContentType0=content_type))
    assert (message.kind, message.unreadable, message.text) == (Kind.UNREADABLE, called, "my leg")


@pytest.mark.parametrize("sender", ["+441632960001", "60777", "RoyalMail", "+353871234567"])
def test_a_sender_we_cannot_answer(sender):
    message = read_message(twilio("text", From=sender))
    assert message.address == sender
    assert not message.can_be_answered


@pytest.mark.parametrize("form", [{}, {"From": "+447700900123"}, {"MessageSid": "SM1", "From": " "}])
def test_a_form_that_is_not_a_message(form):
    with pytest.raises(Malformed):
        read_message(form)


def test_what_is_wrong_is_said_without_what_was_in_it():
    with pytest.raises(Malformed) as told:
        read_message(twilio("text", MessageSid="I feel very low", SmsMessageSid=None))
    assert "low" not in str(told.value)


def test_a_body_that_is_not_a_form():
    for body in ("Body=£".encode("latin-1"), b"a=1&" * 1000):
        with pytest.raises(Malformed):
            read_form(body)


def test_a_receipt_is_found_by_our_own_id():
    receipt = read_receipt(twilio("delivered"), {"m": "17"})
    assert (receipt.status, receipt.message_id) == (Status.DELIVERED, 17)
    assert receipt.provider_id == "SM00000000000000000000000000000005"


@pytest.mark.parametrize("ours", ["", "x", "-1", "²", "9" * 40])
def test_a_receipt_without_our_id_is_found_by_twilios(ours):
    receipt = read_receipt(twilio("delivered"), {"m": ours} if ours else {})
    assert receipt.message_id is None
    assert receipt.provider_id == "SM00000000000000000000000000000005"


def test_a_receipt_for_nothing():
    with pytest.raises(Malformed):
        read_receipt({"MessageStatus": "sent"}, {})


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("accepted", Status.SENT),
        ("scheduled", Status.SENT),
        ("queued", Status.SENT),
        ("sending", Status.SENT),
        ("sent", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("read", Status.DELIVERED),
        ("canceled", Status.PERMANENT_FAILURE),
    ],
)
def test_every_status_twilio_tells(said, means):
    """Until it is delivered they all say that Twilio has it: so they settle an uncertain one."""
    assert read_receipt(twilio("delivered", MessageStatus=said), {}).status == means


@pytest.mark.parametrize("said", ["receiving", "received", "something new"])
def test_a_status_that_says_nothing_of_our_message(said):
    assert read_receipt(twilio("delivered", MessageStatus=said), {"m": "1"}) is None


@pytest.mark.parametrize(
    ("code", "status", "unreachable"),
    [
        ("30003", Status.TEMPORARY_FAILURE, False),
        ("30005", Status.PERMANENT_FAILURE, True),
        ("30006", Status.PERMANENT_FAILURE, True),
        ("30007", Status.PERMANENT_FAILURE, False),
        ("21610", Status.PERMANENT_FAILURE, True),
        ("63016", Status.PERMANENT_FAILURE, False),
        ("30002", Status.TECHNICAL_FAILURE, False),
        ("99999", Status.TECHNICAL_FAILURE, False),
        (None, Status.TECHNICAL_FAILURE, False),
    ],
)
def test_why_it_was_not_delivered(code, status, unreachable):
    receipt = read_receipt(twilio("undelivered", ErrorCode=code), {"m": "1"})
    assert (receipt.status, receipt.unreachable) == (status, unreachable)
    assert receipt.code == (code or "undelivered")


def test_every_reason_reads_as_part_of_a_sentence_in_plain_words():
    for code, meaning in MEANINGS.items():
        assert gsm.is_gsm(meaning.why), code
        assert not meaning.why.endswith("."), code
        assert 10 < len(meaning.why) <= 90, code
        assert not meaning.unreachable or meaning.status == Status.PERMANENT_FAILURE, code
