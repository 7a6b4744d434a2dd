"""Nudge: somebody stopped half-way."""

from __future__ import annotations

import pytest

from bot.requests import NoMoreNudges


@pytest.mark.parametrize(
    ("text", "ends"),
    [("1", "going_on"), ("yes", "going_on"), ("carry on", "going_on"), ("2", "another_day"),
     ("later", "another_day"), ("3", "no_more"), ("no", "no_more"), ("no thanks", "no_more")],
)  # fmt: skip
def test_three_answers(talk, text, ends):
    talk.starts().hears("nudge.carry_on")
    talk.says(text).hears(f"nudge.{ends}")

    assert talk.requests == ([NoMoreNudges()] if ends == "no_more" else [])
