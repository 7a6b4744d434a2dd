"""Welcome: who it is for comes before anything else."""

from __future__ import annotations

import pytest

from bot.flowkit import StartFlow
from bot.requests import RecordUnderAge


@pytest.mark.parametrize("text", ["1", "me", "Me, 18 or over", "for myself", "one"])
def test_for_oneself(talk, text):
    talk.starts().hears("welcome.who")
    talk.says(text).hears("welcome.going_on")

    assert talk.requests == [StartFlow("intake")]


@pytest.mark.parametrize("text", ["2", "i'm 16", "under 18", "Me, under 18"])
def test_under_the_services_age_is_told_kindly_where_to_go(talk, text):
    talk.starts().says(text).hears("welcome.young")

    assert talk.requests == [RecordUnderAge()]


@pytest.mark.parametrize("text", ["3", "someone else", "my mum", "for a friend"])
def test_for_someone_else(talk, text):
    talk.starts().says(text)

    assert talk.requests == [StartFlow("for_someone_else")]


@pytest.mark.parametrize("text", ["4", "you know me", "I have texted before"])
def test_someone_we_talked_with_before_another_way(talk, text):
    talk.starts(channel="telegram").says(text)

    assert talk.requests == [StartFlow("join_channels")]


@pytest.mark.parametrize("text", ["", "what is this?", "5", "yes", "👍"])
def test_anything_else_is_asked_again(talk, text):
    talk.starts().says(text).hears("welcome.who again")

    assert talk.requests == []
