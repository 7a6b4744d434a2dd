"""Join channels: a short code goes to the phone we know; whether we know it is never said."""

from __future__ import annotations

from bot.flowkit import StartFlow
from bot.requests import AskToJoin, Joined, NoMoreTries, TryCode, WrongCode


def test_the_code_joins_the_two(talk):
    talk.starts(channel="telegram").hears("join_channels.number")
    talk.says("07700 900101").hears("join_channels.code")
    talk.finds(Joined(conversation_id=7)).says("123456").hears("join_channels.joined")

    assert talk.requests == [AskToJoin("07700 900101"), TryCode("123456")]


def test_a_wrong_code_may_be_tried_again(talk):
    talk.at("join_channels.code", number="07700 900101").finds(WrongCode(), WrongCode())
    talk.says("111111").hears("join_channels.wrong_code")
    talk.says("222222").hears("join_channels.wrong_code")
    talk.finds(NoMoreTries()).says("333333").hears("join_channels.no_more_tries")


def test_no_code_came_and_we_start_afresh(talk):
    talk.at("join_channels.code", number="07700 900101").says("skip").hears("join_channels.start_afresh")

    assert talk.requests == [StartFlow("welcome")]


def test_starting_afresh_after_a_wrong_code(talk):
    talk.at("join_channels.wrong_code", code="1").says("skip").hears("join_channels.start_afresh")
