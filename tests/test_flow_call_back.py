"""Call back: they text one word, and a person rings."""

from __future__ import annotations

import pytest

from bot.requests import AskForCallBack, NotANumber, SetCallBack


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_two_texts_are_enough(talk, channel):
    talk.starts(channel=channel).hears("call_back.promised")

    assert talk.requests == [AskForCallBack()]


@pytest.mark.parametrize("text", ["2", "no", "not safe", "don't ring"])
def test_not_safe_to_ring_and_nobody_rings(talk, text):
    talk.starts().says(text).hears("call_back.not_rung")

    assert talk.requests == [AskForCallBack(), SetCallBack(wanted=False)]


def test_safe_to_ring(talk):
    talk.starts().says("yes").hears("call_back.fine")

    assert talk.requests == [AskForCallBack(), SetCallBack(wanted=True)]


@pytest.mark.parametrize("channel", ["web", "telegram"])
def test_from_a_chat_we_need_a_number(talk, channel):
    talk.starts(channel=channel).hears("call_back.number")
    talk.finds(NotANumber())
    talk.says("my mum's").hears("call_back.number_again")
    talk.says("07700 900555").hears("call_back.promised")

    assert talk.requests == [AskForCallBack("my mum's"), AskForCallBack("07700 900555")]
