"""A turn that raises: tried again, then set aside for a human with one plain sorry; nobody else notices."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot.conversation import lane, turns
from bot.conversation.turns import TurnFailed
from bot.messages import InboundMessage, Kind
from bot.store.tables import Handling, inbox
from bot.store.tables import conversation as conversation_table
from bot.store.writer import StoreUnavailable
from bot.worker.loops import TurnLoop
from tests.support.people import audited

BROKEN = "this one breaks us"


class Broken(Exception):
    """A fault of the program's, whose own words may hold what somebody said."""


@pytest.fixture(autouse=True)
def breaks(monkeypatch):
    """Every turn for a message with these words raises, until `mended`."""
    hear, mended = turns.hear, []

    def hear_or_break(talk, heard):
        if BROKEN in heard.text and not mended:
            talk.say("talk.paused")  # what it had begun is undone with it
            raise Broken(heard.text)
        hear(talk, heard)

    monkeypatch.setattr(turns, "hear", hear_or_break)
    return mended


def send(phone, text):
    """Store it without its turn."""
    message = InboundMessage(phone.channel, phone._next(), phone.address, text)
    return phone.conversation.inbox.receive(message).result(timeout=30)


def try_once(phone):
    """One turn as the worker takes it; when the next try is due, or "set aside"."""
    conversation = phone.conversation
    with pytest.raises(TurnFailed) as failed:
        conversation.turns.take(phone.conversation_id).result(timeout=30)
    try_at = conversation.turns.failed(failed.value).result(timeout=30)
    return (try_at - conversation.clock.now()).total_seconds() if try_at else "set aside"


def waits_until(phone):
    """How long the conversation waits before anything in it is tried."""
    took = phone.conversation.turns.take(phone.conversation_id).result(timeout=30)
    assert took.inbox_id is None
    return (took.try_at - phone.conversation.clock.now()).total_seconds()


def handling(conversation):
    with conversation.reading() as reading:
        return [row.handling for row in reading.execute(select(inbox).order_by(inbox.c.id))]


def test_three_tries_and_then_a_human_and_one_plain_sorry(conversation, sms):
    sms.says("HELLO")
    send(sms, BROKEN)

    assert try_once(sms) == 10
    assert waits_until(sms) == 10
    conversation.clock.forward(seconds=10)
    assert try_once(sms) == 60
    conversation.clock.forward(seconds=60)
    sms.heard = []
    assert try_once(sms) == "set aside"

    sms.hears("talk.sorry").hears_words("Sorry", "A person will look", "999")
    assert sms.handoff.reason == "unreadable-turn"
    assert handling(conversation) == [Handling.HANDLED, Handling.SET_ASIDE]
    assert sms.asked == "welcome.who"


def test_later_messages_wait_and_then_go_on(conversation, sms):
    sms.says("HELLO")
    send(sms, BROKEN)
    send(sms, "1")
    sms.heard = []
    try_once(sms)

    assert waits_until(sms) == 10
    sms.hears_nothing()
    conversation.take_turns_until_set_aside(sms.conversation_id)

    sms.hears("talk.sorry", "intake.area")


def test_what_mends_itself_is_answered_and_nobody_hears_of_it(conversation, sms, breaks):
    sms.says("HELLO")
    send(sms, f"1 {BROKEN}")
    sms.heard = []
    try_once(sms)
    breaks.append("mended")
    conversation.clock.forward(seconds=10)
    conversation.take_turns(sms.conversation_id)

    assert "talk.sorry" not in [m.prompt for m in sms.everything]
    assert handling(conversation) == [Handling.HANDLED] * 2


def test_nothing_a_failed_turn_had_begun_is_left(conversation, sms):
    sms.says("HELLO")
    before = sms.state.to_json()
    send(sms, BROKEN)
    sms.heard = []

    try_once(sms)

    sms.hears_nothing()
    assert sms.state.to_json() == before


def test_safety_words_go_out_at_the_first_failure_and_only_once(conversation, sms):
    sms.says("HELLO")
    send(sms, f"I want to kill myself {BROKEN}")
    sms.heard = []

    try_once(sms)

    sms.hears("safety.crisis_england_open")
    assert sms.handoff.level == "risk"
    conversation.take_turns_until_set_aside(sms.conversation_id)
    sms.hears("safety.crisis_england_open", "talk.sorry")


def test_safety_words_do_not_wait_behind_a_message_that_fails(conversation, sms, breaks):
    sms.says("HELLO")
    send(sms, BROKEN)
    try_once(sms)
    send(sms, "I want to kill myself")
    sms.heard = []

    assert waits_until(sms) == 10

    sms.hears("safety.crisis_england_open")
    conversation.take_turns_until_set_aside(sms.conversation_id)
    sms.hears("safety.crisis_england_open", "talk.sorry")


def test_if_even_the_safety_words_fail_a_human_is_asked_for_at_once(conversation, sms, monkeypatch):
    sms.says("HELLO")
    monkeypatch.setattr(lane, "card", lambda *a, **k: "safety.there_is_no_such_card")
    send(sms, f"I want to kill myself {BROKEN}")

    assert try_once(sms) == 10

    assert (sms.handoff.reason, sms.handoff.level) == ("concern", "risk")
    sms.heard = []
    conversation.take_turns_until_set_aside(sms.conversation_id)
    sms.hears("talk.sorry")


def test_a_state_that_cannot_be_read_is_begun_anew_and_nothing_said_is_lost(conversation, sms):
    sms.says("HELLO").says("1")
    spoilt = conversation.store.sealer.seal_json({"stack": "not what it was"})
    conversation.store.run(
        lambda unit: unit.execute(update(conversation_table).values(state=spoilt)), acting="test"
    ).result(timeout=30)
    send(sms, "1")
    sms.heard = []

    conversation.take_turns_until_set_aside(sms.conversation_id)

    sms.hears("talk.sorry")
    sms.says("hello").hears("welcome.who")
    assert len(handling(conversation)) == 4


def test_one_turn_that_raises_leaves_the_others_of_its_moment_alone(conversation, sms):
    others = [conversation.phone("sms", f"+4477009002{n:02}") for n in range(10)]
    sms.says("HELLO")
    send(sms, BROKEN)
    ids = [send(phone, "HELLO").conversation_id for phone in others]

    taking = [conversation.turns.take(id_) for id_ in (*ids[:5], sms.conversation_id, *ids[5:])]

    with pytest.raises(TurnFailed):
        taking[5].result(timeout=30)
    assert all(future.result(timeout=30).inbox_id for future in taking if future is not taking[5])
    for phone in others:
        phone.hear()
        phone.hears("welcome.who")


async def test_the_worker_tries_sets_aside_and_goes_on_by_itself(conversation, sms, monkeypatch):
    monkeypatch.setattr("bot.worker.loops.SWEEP_SECONDS", 0.01)
    loop = TurnLoop(conversation.store, conversation.inbox, conversation.turns)
    sms.says("HELLO")
    sms.heard = []
    sweeping = asyncio.create_task(loop.sweep())
    for text in (BROKEN, "1"):
        loop.receive(InboundMessage(sms.channel, sms._next(), sms.address, text))

    async with asyncio.timeout(30):
        while sms.asked != "intake.area":
            await asyncio.sleep(0.01)
            conversation.clock.forward(seconds=1)
    sweeping.cancel()

    sms.hears("talk.sorry", "intake.area")


def test_an_error_says_which_message_and_never_what_was_said(conversation, sms):
    sms.says("HELLO")
    send(sms, f"{BROKEN} Marmalade Lane")

    with pytest.raises(TurnFailed) as failed:
        conversation.turns.take(sms.conversation_id).result(timeout=30)
    conversation.turns.failed(failed.value).result(timeout=30)

    assert "Marmalade" not in str(failed.value)
    with conversation.reading() as reading:
        (row,) = audited(reading, "turn failed")
    assert row.details == {"tries": 1, "error": "Broken"}


def test_trouble_with_the_store_is_no_fault_of_the_message(conversation, sms, monkeypatch):
    sms.says("HELLO")
    send(sms, "1")
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = 13
    hear = turns.hear

    def hear_on_a_full_disk(talk, heard):
        raise OperationalError("INSERT", {}, full)

    monkeypatch.setattr(turns, "hear", hear_on_a_full_disk)
    with pytest.raises(StoreUnavailable):
        conversation.turns.take(sms.conversation_id).result(timeout=30)
    monkeypatch.setattr(turns, "hear", hear)

    assert conversation.turns.waiting() == [sms.conversation_id]
    sms.heard = []
    conversation.take_turns(sms.conversation_id)
    sms.hears("intake.area")


def test_a_carriers_word_that_fails_is_tried_like_any_other(conversation, sms):
    sms.says("HELLO")
    message = InboundMessage(sms.channel, sms._next(), sms.address, f"STOP {BROKEN}", kind=Kind.OPT_OUT)
    conversation.inbox.receive(message).result(timeout=30)

    assert try_once(sms) == 10
