"""Needs: what makes contact easier."""

from __future__ import annotations

from bot.requests import RecordAccessNeed


def test_it_is_noted_in_their_words(talk):
    talk.starts().hears("needs.what")
    talk.says("I lip-read, so please face me").hears("needs.noted")

    assert talk.requests == [RecordAccessNeed("I lip-read, so please face me")]


def test_nothing_to_note(talk):
    talk.starts().says("skip").hears("needs.nothing")

    assert talk.requests == []
