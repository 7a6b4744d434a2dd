"""Menu: what somebody can do here."""

from __future__ import annotations

import pytest

from bot.flowkit import StartFlow


@pytest.mark.parametrize(
    ("text", "flow"),
    [("1", "talk_to_someone"), ("talk to a person", "talk_to_someone"), ("2", "needs"), ("3", "my_details"),
     ("see my details", "my_details"), ("4", "language"), ("another language", "language")],
)  # fmt: skip
def test_each_choice_begins_something(talk, text, flow):
    talk.starts().hears("menu.what")
    talk.says(text).hears("menu.going_on")

    assert talk.requests == [StartFlow(flow)]


def test_nothing_for_now(talk):
    talk.starts().says("nothing, thanks").hears("menu.nothing")

    assert talk.requests == []
