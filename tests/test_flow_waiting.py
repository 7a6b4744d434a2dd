"""Waiting: the day we promised will pass unmet, and they are told first."""

from __future__ import annotations

import pytest

from bot.requests import CloseAsNotNeeded, OpenHandoff


@pytest.mark.parametrize(
    ("text", "heard", "requests"),
    [
        ("1", "still_listed", []),
        ("I can wait", "still_listed", []),
        ("no longer need it", "not_needed", [CloseAsNotNeeded()]),
        ("sorted", "not_needed", [CloseAsNotNeeded()]),
        ("3", "told", [OpenHandoff("worse", worse=True)]),
        ("it is getting worse", "late again", []),
        ("getting worse", "told", [OpenHandoff("worse", worse=True)]),
        ("no", "told", [OpenHandoff("worse", worse=True)]),
    ],
)
def test_what_they_may_say(talk, text, heard, requests):
    talk.starts().hears("waiting.late")
    talk.says(text).hears(f"waiting.{heard}")

    assert talk.requests == requests
