"""Worked examples of what is suggested and why, as pages to read: tests/data/suggestions.

`pytest tests/test_suggestion_examples.py --write-transcripts` writes them anew: read the difference as
prose before committing it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.directory.matching import REASONS, suggest
from bot.directory.reasons import REPEATS, chosen, in_words
from bot.words.prompts import Prompts
from tests.support.local_services import TODAY, snapshot
from tests.support.suggestion_scenes import FOLDER, SCENES, Scene, page

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return Prompts(ROOT / "templates" / "prompts", ROOT / "locales")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_it_is_suggested_as_the_page_says(scene: Scene, prompts, request):
    path, today = FOLDER / f"{scene.name}.txt", page(scene, prompts)
    if request.config.getoption("--write-transcripts"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(today, "utf-8")
    assert path.read_text("utf-8") == today


def test_every_page_has_its_scene():
    assert {path.stem for path in FOLDER.glob("*.txt")} == {scene.name for scene in SCENES}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_on_a_phone_that_others_read_nothing_they_said_is_repeated(scene: Scene, prompts):
    for match in suggest(snapshot(*scene.services), scene.wishes, today=TODAY):
        told = chosen(match.reasons, discreet=True)
        assert not {reason.code for reason in told} & REPEATS
        assert "You said" not in " ".join(in_words(prompts, told, "en"))


def test_the_examples_show_every_kind_of_reason():
    shown = {
        reason.code
        for scene in SCENES
        for match in suggest(snapshot(*scene.services), scene.wishes, today=TODAY, without=scene.without)
        for reason in match.reasons
    }
    assert shown == set(REASONS)
