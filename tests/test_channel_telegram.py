"""Telegram through python-telegram-bot's own Bot, to a stand-in over real HTTP."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.channels.telegram import TelegramAway, TelegramChannel, WrongToken
from bot.messages import ChannelName, Choice, Kind, OutboundMessage, Refused, Sent, Status, Uncertain
from bot.practice.telegram_stand_in import TelegramStandIn
from bot.settings import Settings
from tests.support.serving import free_address, serving

RAY = 1111111


@pytest.fixture
async def telegram():
    stand_in = TelegramStandIn()
    stand_in.chats.known.add(RAY)
    async with serving(stand_in) as served:
        stand_in.url = served.url
        yield stand_in


def settings_for(stand_in, **changes):
    known = {
        "telegram_token": stand_in.token,
        "telegram_api_url": getattr(stand_in, "url", ""),
        "telegram_secret": "s3cret",
        "public_url": "https://linkline.example",
    }
    return Settings.load(_env_file=None, **known | changes)


@pytest.fixture
async def channel(telegram):
    channel = TelegramChannel(settings_for(telegram), answer_seconds=0.5)
    yield channel
    await channel.close()


def message(text="Hello Ray.", address=str(RAY), number=17, **more):
    return OutboundMessage(number, ChannelName.TELEGRAM, address, text, **more)


def choices(*labels):
    return tuple(Choice(f"q:{n}", label) for n, label in enumerate(labels, start=1))


async def test_a_message_goes_out_as_plain_words(telegram, channel):
    outcome = await channel.send(message("*Hello* <b>Ray</b>_"))
    said = telegram.chats.last(RAY)
    assert outcome == Sent(str(said.message_id))
    assert said.text == "*Hello* <b>Ray</b>_"
    assert said.buttons == []
    _, asked = telegram.asked[-1]
    assert "parse_mode" not in asked


async def test_choices_are_buttons_one_a_row(telegram, channel):
    await channel.send(message(choices=choices("Yes, ring or text, only I see it", "No")))
    assert telegram.chats.last(RAY).buttons == [
        [("Yes, ring or text, only I see it", "q:1")],
        [("No", "q:2")],
    ]


@pytest.mark.parametrize(
    ("labels", "across"), [(("Yes", "No"), [2]), (("1", "2", "3", "4"), [3, 1]), (("Mornings",) * 2, [2])]
)
async def test_short_choices_stand_beside_each_other(telegram, channel, labels, across):
    await channel.send(message(choices=choices(*labels)))
    assert [len(row) for row in telegram.chats.last(RAY).buttons] == across


async def test_a_choice_too_long_for_a_button_is_our_mistake(telegram, channel):
    outcome = await channel.send(message(choices=(Choice("é" * 33, "Yes"),)))
    assert outcome == Refused("choice-too-long", Status.TECHNICAL_FAILURE)
    assert telegram.chats.last(RAY) is None


async def test_a_long_message_goes_in_parts_with_its_buttons_under_the_last(telegram, channel):
    words = " ".join(f"word{n}" for n in range(1500))
    outcome = await channel.send(message(words, choices=choices("Yes", "No")))
    said = telegram.chats.messages
    assert len(said) > 1
    assert " ".join(s.text for s in said) == words
    assert [bool(s.buttons) for s in said] == [False] * (len(said) - 1) + [True]
    assert outcome == Sent(str(said[-1].message_id))


async def test_someone_who_blocked_us_cannot_be_reached(telegram, channel):
    telegram.chats.blocked.add(RAY)
    assert await channel.send(message()) == Refused("403", Status.PERMANENT_FAILURE, unreachable=True)


@pytest.mark.parametrize("address", ["999", "+447700900123"])
async def test_a_chat_that_is_not_there_cannot_be_reached(channel, address):
    outcome = await channel.send(message(address=address))
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.unreachable) == (Status.PERMANENT_FAILURE, True)


async def test_too_much_at_once_says_how_long_to_wait(telegram, channel):
    telegram.chats.troubles.append("429:7")
    assert await channel.send(message()) == Refused("429", Status.TEMPORARY_FAILURE, retry_after=7.0)


async def test_telegram_in_trouble_is_for_later(telegram, channel):
    telegram.chats.troubles.append("500")
    assert await channel.send(message()) == Refused("500", Status.TEMPORARY_FAILURE)


async def test_a_message_telegram_will_not_take_is_ours_to_put_right(telegram, channel):
    telegram.chats.troubles.append("400")
    assert await channel.send(message()) == Refused("400", Status.TECHNICAL_FAILURE)


@pytest.mark.parametrize("trouble", ["hang", "drop", "lost", "502"])
async def test_no_answer_leaves_us_uncertain(telegram, channel, trouble):
    telegram.chats.troubles.append(trouble)
    assert isinstance(await channel.send(message()), Uncertain)
    assert await channel.look_for(message(), None) is None, "Telegram shows a bot nothing it sent"


async def test_no_connection_means_it_has_not_gone(telegram):
    channel = TelegramChannel(settings_for(telegram, telegram_api_url=free_address()))
    assert await channel.send(message()) == Refused("not-connected", Status.TEMPORARY_FAILURE)
    with pytest.raises(TelegramAway):
        await channel.start()
    await channel.close()


async def test_at_the_start_we_learn_our_own_name(telegram, channel):
    assert channel.bot_id == telegram.token.split(":")[0]
    await channel.start()
    assert channel.username == "linkline_bot"


async def test_a_wrong_token_is_named_and_not_shown(telegram):
    channel = TelegramChannel(settings_for(telegram, telegram_token="123:wrong"))
    for asking in (channel.start(), channel.set_webhook(), channel.poll(None)):
        with pytest.raises(WrongToken) as told:
            await asking
        assert "LINKLINE_TELEGRAM_TOKEN" in str(told.value)
        assert "123:wrong" not in str(told.value)
        assert told.value.__cause__ is None
    assert await channel.send(message()) == Refused("401", Status.TECHNICAL_FAILURE)
    await channel.close()


@pytest.mark.parametrize("token", ["", "token", "12 3:x"])
def test_what_is_not_a_token_is_refused_before_telegram_is_asked(token):
    with pytest.raises(WrongToken):
        TelegramChannel(Settings.load(_env_file=None, telegram_token=token))


async def test_the_webhook_is_set_with_our_secret(telegram, channel):
    await channel.set_webhook()
    assert telegram.target == "https://linkline.example/webhooks/telegram"
    assert telegram.secret == "s3cret"
    await channel.delete_webhook()
    assert telegram.target == ""


async def test_a_pressed_button_is_answered_once(telegram, channel):
    await channel.send(message(choices=choices("Yes", "No")))
    await telegram.presses(RAY, "q:1")
    pressed = telegram.waiting[0]["callback_query"]["id"]
    assert await channel.answer_button(pressed)
    assert telegram.chats.answered_buttons == [pressed]
    assert not await channel.answer_button(pressed)


async def test_erasing_takes_both_sides_messages(telegram, channel):
    sent = await channel.send(message())
    await telegram.says(RAY, "I feel low")
    theirs = f"{channel.bot_id}:{RAY}:{telegram.chats.messages[-1].message_id}"
    assert await channel.erase(str(RAY), sent.provider_id)
    assert await channel.erase(str(RAY), theirs)
    assert telegram.chats.messages == []
    assert await channel.erase(str(RAY), theirs), "gone already is gone"
    assert await channel.erase(str(RAY), f"{channel.bot_id}:{RAY}:kicked:1772618400")


class Listening:
    """Someone who polls, keeping what was heard; `fails` is how many times storing goes wrong."""

    def __init__(self, channel, fails=0):
        self.heard, self.fails = [], fails
        self._more = asyncio.Event()
        self._task = asyncio.create_task(channel.poll(self._take, wait_seconds=5))

    async def _take(self, message):
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        self.heard.append(message)
        self._more.set()

    async def until(self, count):
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                await self._more.wait()
                self._more.clear()
        return self.heard

    async def stop(self):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_polling_hears_everyone_in_order(telegram, channel):
    await telegram.says(RAY, "one")
    listening = Listening(channel)
    await listening.until(1)
    await telegram.says(RAY, "two")
    await telegram.sends(RAY, "voice")
    await telegram.blocks(RAY)
    heard = await listening.until(4)
    await listening.stop()
    assert [m.kind for m in heard] == [Kind.WORDS, Kind.WORDS, Kind.UNREADABLE, Kind.OPT_OUT]
    assert [m.text for m in heard[:2]] == ["one", "two"]


async def test_polling_does_not_let_go_of_what_could_not_be_stored(telegram, channel):
    await telegram.says(RAY, "one")
    await telegram.says(RAY, "two")
    listening = Listening(channel, fails=1)
    heard = await listening.until(2)
    await listening.stop()
    assert [m.text for m in heard] == ["one", "two"]


async def test_polling_passes_over_what_cannot_be_read(telegram, channel, caplog):
    await telegram.push({"message": {"text": "I feel low"}})
    await telegram.says(RAY, "hello")
    listening = Listening(channel)
    heard = await listening.until(1)
    await listening.stop()
    assert [m.text for m in heard] == ["hello"]
    assert "passed over" in caplog.text
    assert "low" not in caplog.text


async def test_polling_goes_on_after_telegram_was_away(telegram, channel):
    telegram.target = "https://someone.else.example"  # another program listens: 409
    listening = Listening(channel)
    await asyncio.sleep(0.2)
    telegram.target = ""
    await telegram.says(RAY, "hello")
    heard = await listening.until(1)
    await listening.stop()
    assert [m.text for m in heard] == ["hello"]


async def test_nothing_said_and_no_token_is_logged(telegram, channel, caplog):
    logging.getLogger().setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    try:
        telegram.chats.troubles.extend(["", "500", "drop", "403"])
        for _ in range(4):
            await channel.send(message("I feel very low"))
        await telegram.says(RAY, "so very low")
        listening = Listening(channel)
        await listening.until(1)
        await listening.stop()
    finally:
        logging.getLogger().setLevel(logging.WARNING)
    assert "very low" not in caplog.text
    assert telegram.token not in caplog.text
