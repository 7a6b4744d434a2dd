"""Whole conversations, word for word. Each is a page in tests/transcripts, to be read as prose.

`pytest tests/test_transcripts.py --write-transcripts` writes the pages anew.
"""

from __future__ import annotations

import inspect

import pytest

from bot.people import joining
from tests.support import (  # noqa: F401 - they join the others
    scenes_appointments,
    scenes_freed,
    scenes_later,
    scenes_plans,
    scenes_reminders,
    scenes_support,
)
from tests.support.scenes import SCENES
from tests.support.transcripts import FOLDER, page


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the words do not know the store
@pytest.mark.parametrize("name", SCENES)
def test_what_is_said_is_what_was_read(name, conversation, request, monkeypatch):
    monkeypatch.setattr(joining.secrets, "randbelow", lambda below: 402_917)
    conversation.says_when()
    SCENES[name](conversation)
    title = name.replace("-", " ").capitalize()
    written = page(title, inspect.getdoc(SCENES[name]) or "", conversation)
    path = FOLDER / f"{name}.txt"
    if request.config.getoption("--write-transcripts"):
        path.write_text(written, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == written, "read it, then: pytest --write-transcripts"


def test_every_page_is_of_a_scene():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(SCENES)
