"""Language: each is named by its own name."""

from __future__ import annotations

import pytest

from bot.requests import SetLanguage


@pytest.mark.parametrize(
    ("text", "code"), [("Cymraeg", "cy"), ("2", "cy"), ("welsh", "cy"), ("1", "en"), ("English please", "en")]
)
def test_a_language_by_name_or_number(talk, text, code):
    talk.starts().hears("language.which")
    talk.says(text).hears("language.changed")

    assert talk.requests == [SetLanguage(code)]


def test_a_language_we_do_not_have(talk):
    talk.starts().says("Klingon").hears("language.which again")
