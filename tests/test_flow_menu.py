"""Menu: what somebody can do here."""

from __future__ import annotations

import pytest

from bot.flowkit import StartFlow


@pytest.mark.parametrize(
    ("text", "flow"),
    [("1", "talk_to_someone"), ("talk to a person", "talk_to_someone"), ("2", "what_matters"),
     ("what matters to me", "what_matters"), ("my plan", "what_matters"), ("3", "find_support"),
     ("things to do", "find_support"), ("4", "appointment"), ("my appointment", "appointment"),
     ("5", "needs"), ("6", "my_details"),
     ("see my details", "my_details"), ("7", "language"), ("another language", "language")],
)  # fmt: skip
def test_each_choice_begins_something(talk, text, flow):
    talk.starts().hears("menu.what")
    talk.says(text).hears("menu.going_on")

    (begun,) = talk.requests
    assert isinstance(begun, StartFlow) and begun.flow == flow


@pytest.mark.parametrize("text", ["8", "nothing, thanks"])
def test_nothing_for_now(talk, text):
    talk.starts().says(text).hears("menu.nothing")

    assert talk.requests == []
