"""`python -m bot talk`: a flow tried in the terminal."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.__main__ import app


def tried(*words: str, says: str) -> str:
    result = CliRunner().invoke(app, ["talk", *words], input=says)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_flow_by_text_says_what_each_text_costs():
    heard = tried("intake", says="1\n1\n\n")

    assert "Do you live in Ashby?" in heard
    assert "Is it safe for us to use this phone?" in heard
    assert "(2 segments)" in heard


def test_in_a_chat_there_are_buttons_and_their_labels_are_heard():
    heard = tried("welcome", "--channel", "web", says="Me, 18 or over\n\n")

    assert "[Me, 18 or over]  [Me, under 18]  [Someone else]" in heard
    assert "Do you live in Ashby?" in heard
    assert "segment" not in heard


def test_in_welsh():
    assert "Helo, " in tried("--language", "cy", says="\n")


@pytest.mark.parametrize("words", [["no_such_flow"], ["intake", "--language", "tlh"]])
def test_what_there_is_none_of_is_said(words):
    result = CliRunner().invoke(app, ["talk", *words])

    assert result.exit_code == 2
    assert "welcome" in result.output or "cy" in result.output


def test_nothing_is_left_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    tried("welcome", says="hello\n1\n\n")

    assert list(tmp_path.iterdir()) == []
