"""Whoever reads a log learns which conversation and which step, never what was said or by whom."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import traceback

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from bot.conversation import turns
from bot.conversation.due import Due
from bot.delivery.deliver import Deliverer
from bot.delivery.throttle import Throttle
from bot.messages import ChannelName, InboundMessage, Kind
from bot.store.tables import channel_state
from bot.store.writer import StoreUnavailable
from bot.worker.loops import TimerLoop, TurnLoop, for_ever
from tests.support.sending import FakeChannel

NUMBER = "+447700900777"
PLANTED = [
    "7700900777", "07700 900778", "7700900778", "Zebediah", "Quillfeather", "marmalade", "lighthouse",
    "gooseberry", "Thomasina", "harmonica", "kill myself", "Oystercatcher", "Pemberton",
]  # fmt: skip
LINES = [
    "HELLO", "1", "1", "4", "1", "07700 900778", "after the harmonica lesson", "gooseberry",
    "marmalade under the lighthouse", "my name is Zebediah Quillfeather", "CHANGE", "gooseberry", "no",
    "my details", "gooseberry", "1", "a lipspeaker called Thomasina", "I want to kill myself marmalade",
    "carry on", "person", "marmalade?",
]  # fmt: skip
BREAKS = "marmalade breaks us, says Zebediah"


@pytest.fixture
def lines(caplog):
    """Everything any logger says, at its most talkative, from before the store is opened."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    return lambda: [caplog.handler.format(record) + _trace(record) for record in caplog.records]


def _trace(record):
    return "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""


class Broken(Exception):
    """Its own words hold what somebody said."""


async def test_a_whole_conversation_and_all_that_can_go_wrong_in_it(lines, conversation, monkeypatch):
    hear = turns.hear

    def hear_or_break(talk, heard):
        if heard.text == BREAKS:
            if heard.tries == 1:  # an error of the database's own, with its values
                twice = {"channel": "sms " + heard.text[:30], "tokens": 1.0, "filled_at": talk.now}
                talk.unit.execute(insert(channel_state), [twice, twice])
            raise Broken(heard.text)
        hear(talk, heard)

    monkeypatch.setattr(turns, "hear", hear_or_break)
    phone = conversation.phone("sms", NUMBER)
    loop = TurnLoop(conversation.store, conversation.inbox, conversation.turns)
    for text in LINES:
        await _heard(loop, conversation, phone, text)
    worker = conversation.worker("Oystercatcher Quillfeather")
    worker.picks_up(phone).writes(phone, "Pemberton will ring you")
    await _heard(loop, conversation, phone, "a photo of marmalade", Kind.UNREADABLE, "photo")
    worker.hands_back(phone)
    await _fails_three_times(loop, conversation, phone)
    await _is_delivered(conversation, phone)
    await _fails_as_a_timer(conversation, monkeypatch)
    await _fails_as_a_loop()
    _fails_as_a_store(conversation)

    said = lines()
    assert [line for line in said if "Broken" in line], "the failure itself is in the log"
    for line in said:
        there = [word for word in PLANTED if word.lower() in line.lower()]
        assert not there, f"{there} in: {line}"


async def _heard(loop, conversation, phone, text, kind=Kind.WORDS, unreadable=None):
    conversation.clock.forward(seconds=20)
    message = InboundMessage(
        phone.channel, phone._next(), phone.address, text, kind=kind, unreadable=unreadable
    )
    received = await asyncio.wrap_future(loop.receive(message))
    await asyncio.to_thread(conversation.take_turns, received.conversation_id)


async def _fails_three_times(loop, conversation, phone):
    message = InboundMessage(phone.channel, phone._next(), phone.address, BREAKS)
    received = await asyncio.wrap_future(loop.receive(message))
    async with asyncio.timeout(30):
        while "talk.sorry" not in [m.prompt for m in phone.everything]:
            conversation.clock.forward(seconds=61)
            loop.kick(received.conversation_id)
            await asyncio.sleep(0.05)
            phone.hear()


async def _is_delivered(conversation, phone):
    channels = {name: FakeChannel(name) for name in ChannelName}
    channels[ChannelName.SMS].answers.append(Broken(BREAKS))
    deliverer = Deliverer(
        conversation.store,
        channels,
        conversation.settings,
        conversation.clock,
        throttle=Throttle({}, lambda: 0.0),
    )
    await deliverer.deliver(phone.conversation_id)
    assert channels[ChannelName.SMS].carried


async def _fails_as_a_timer(conversation, monkeypatch):
    def breaks(self, unit, timer_id):
        raise Broken(BREAKS)

    monkeypatch.setattr(Due, "turn", breaks)
    conversation.clock.forward(days=10)
    timers = asyncio.create_task(TimerLoop(conversation.store, conversation.due).run())
    await asyncio.sleep(0.3)
    timers.cancel()


async def _fails_as_a_loop():
    async def breaks():
        raise Broken(BREAKS)

    task = asyncio.create_task(for_ever("delivery", breaks))
    await asyncio.sleep(0.05)
    task.cancel()


def _fails_as_a_store(conversation):
    def breaks(unit):
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = 13
        raise OperationalError("INSERT", {"words": BREAKS}, full)

    with pytest.raises(StoreUnavailable):
        conversation.store.run(breaks, acting="test").result(timeout=30)
