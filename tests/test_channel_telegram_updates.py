"""What we understand of Telegram's updates."""

from __future__ import annotations

import json

import pytest

from bot.channels.malformed import Malformed
from bot.channels.telegram_updates import is_from_telegram, read_update
from bot.messages import ChannelName, Kind
from bot.practice.telegram_chats import HOLDINGS
from tests.support.payloads import telegram

BOT = "42"


def read(update):
    return read_update(update, BOT)


def test_words():
    message = read(telegram("text"))
    assert message.channel == ChannelName.TELEGRAM
    assert (message.kind, message.text) == (Kind.WORDS, "I could do with some company")
    assert (message.address, message.provider_id) == ("1111111", "42:1111111:1365")
    assert message.language == "cy"


def test_as_the_webhooks_body():
    assert read(json.dumps(telegram("text")).encode()) == read(telegram("text"))


def test_someone_who_came_by_a_link():
    message = read(telegram("start"))
    assert (message.kind, message.source) == (Kind.START, "ashby-library")


@pytest.mark.parametrize("text", ["/start", "/start@linkline_bot"])
def test_someone_who_came_by_themselves(text):
    message = read(telegram("start", text=text))
    assert (message.kind, message.source) == (Kind.START, None)


def test_words_typed_after_start_are_kept_for_safety_to_read():
    message = read(telegram("start", text="/start I want to die"))
    assert (message.kind, message.source) == (Kind.START, None)
    assert "I want to die" in message.text


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("/help", "help"),
        ("/menu@linkline_bot", "menu"),
        ("/help I fell", "help I fell"),
        ("/starting again", "starting again"),
        ("either/or", "either/or"),
        ("/", "/"),
        ("/ etc/passwd", "/ etc/passwd"),
    ],
)
def test_other_commands_are_words(typed, read_as):
    message = read(telegram("text", text=typed))
    assert (message.kind, message.text) == (Kind.WORDS, read_as)


def test_a_corrected_message_is_another_one_each_time():
    first, second = (read(telegram("edited", edit_date=at)) for at in (1772618460, 1772618461))
    assert (first.kind, first.text) == (Kind.EDIT, "I could do with more company")
    assert first.provider_id == "42:1111111:1365:1772618460"
    assert first.provider_id != second.provider_id


def test_a_corrected_caption_keeps_that_there_is_a_photo():
    message = read(telegram("edited", text=None, caption="my leg", **HOLDINGS["photo"]))
    assert (message.kind, message.text, message.unreadable) == (Kind.EDIT, "my leg", "photo")


def test_a_live_location_that_moves_is_not_said_again_and_again():
    assert read(telegram("edited", text=None, **HOLDINGS["location"])) is None


def test_a_button():
    message = read(telegram("button"))
    assert (message.kind, message.choice) == (Kind.BUTTON, "need:company")
    assert (message.address, message.provider_id) == ("1111111", "4382bfdwdsb323b2d9")


def test_a_button_under_a_message_telegram_no_longer_shows():
    under = {"message_id": 1, "date": 0, "chat": {"id": 1111111, "type": "private"}}
    assert read(telegram("button", message=under)).choice == "need:company"


@pytest.mark.parametrize("missing", ["message", "data"])
def test_a_button_without_what_we_need(missing):
    assert read(telegram("button", **{missing: None})) is None


@pytest.mark.parametrize(
    ("what", "called"),
    [
        ("voice", "voice"),
        ("audio", "voice"),
        ("photo", "photo"),
        ("video", "video"),
        ("video_note", "video"),
        ("animation", "video"),
        ("sticker", "sticker"),
        ("document", "file"),
        ("location", "place"),
        ("contact", "contact"),
    ],
)
def test_what_we_cannot_read_is_named_and_its_words_kept(what, called):
    message = read(telegram("holding", caption="look", **HOLDINGS[what]))
    assert (message.kind, message.unreadable, message.text) == (Kind.UNREADABLE, called, "look")


def test_what_nobody_has_heard_of_yet_is_looked_at_by_a_human():
    message = read(telegram("holding", hologram={"file_id": "x"}))
    assert (message.kind, message.unreadable) == (Kind.UNREADABLE, "file")


def test_a_note_telegram_made_itself_is_nobodys_message():
    assert read(telegram("holding", **HOLDINGS["pinned_message"])) is None


def test_blocking_and_unblocking():
    blocked, unblocked = read(telegram("blocked")), read(telegram("unblocked"))
    assert (blocked.kind, unblocked.kind) == (Kind.OPT_OUT, Kind.OPT_IN)
    assert blocked.provider_id != unblocked.provider_id
    assert blocked.address == unblocked.address == "1111111"


@pytest.mark.parametrize("name", ["group", "channel_post"])
def test_groups_and_channels_are_not_for_us(name):
    assert read(telegram(name)) is None


def test_a_button_and_a_block_in_a_group_are_not_for_us():
    group = {"id": -1, "title": "Ashby allotments", "type": "group"}
    assert read(telegram("button", message={"message_id": 1, "date": 1, "chat": group})) is None
    assert read(telegram("blocked", chat=group)) is None
    assert read(telegram("edited", chat=group)) is None


def test_half_a_character_does_not_break_the_store():
    message = read(b'{"update_id": 1, "message": ' + _with_text("low \\ud83d").encode() + b"}")
    assert message.text.encode().decode() == message.text
    assert message.text.startswith("low ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b"{}",
        b'{"update_id": "1"}',
        b'{"update_id": 1, "message": {"text": "I feel low"}}',
        b'{"update_id": 1, "message": "I feel low"}',
        json.dumps(telegram("text", date="I feel low")).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_not_an_update_is_said_without_what_was_in_it(body):
    with pytest.raises(Malformed) as told:
        read(body)
    assert "low" not in str(told.value)


def test_an_update_of_a_kind_we_did_not_ask_for():
    assert read({"update_id": 1, "poll_answer": {"poll_id": "1", "option_ids": []}}) is None


def test_only_our_secret_is_believed():
    assert is_from_telegram({"x-telegram-bot-api-secret-token": "s3cret"}, "s3cret")
    assert is_from_telegram({"X-Telegram-Bot-Api-Secret-Token": "s3cret"}, "s3cret")
    assert not is_from_telegram({"x-telegram-bot-api-secret-token": "s3cre"}, "s3cret")
    assert not is_from_telegram({"x-telegram-bot-api-secret-token": "\udcff"}, "s3cret")
    assert not is_from_telegram({}, "s3cret")
    assert not is_from_telegram({"x-telegram-bot-api-secret-token": ""}, "")


def _with_text(text):
    message = telegram("text")["message"]
    return json.dumps(message | {"text": "TEXT"}).replace("TEXT", text)
