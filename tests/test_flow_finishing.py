"""Finishing: was it any help?"""

from __future__ import annotations

import pytest

from bot.requests import RecordHelped


@pytest.mark.parametrize(
    ("text", "score"), [("9", 9), ("ten", 10), ("0", 0), ("about 7", 7), ("8/10", 8), ("nought", 0)]
)
def test_a_number_however_it_is_put(talk, text, score):
    talk.starts().hears("finishing.helped")
    talk.says(text).hears("finishing.thanks")

    assert talk.requests == [RecordHelped(score)]


@pytest.mark.parametrize("text", ["11", "yes it was", "100"])
def test_anything_else_is_no_number(talk, text):
    talk.starts().says(text).hears("finishing.helped again")
