"""What is gathered for translators, and what they have translated."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.words import catalogue

ROOT = Path(__file__).parents[1]


@pytest.fixture
def tree(tmp_path) -> Path:
    for folder in ("templates/prompts", "templates/staff", "locales"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "locales" / "offered.toml").write_bytes((ROOT / "locales" / "offered.toml").read_bytes())
    return tmp_path


def sentences(tree: Path, language: str = "cy") -> dict[str, str]:
    return {m.id: m.string for m in catalogue.read(tree / "locales", language) if m.id}


def test_translations_are_kept_when_sentences_come_and_go(tree):
    prompts = tree / "templates" / "prompts" / "a.txt"
    prompts.write_text(
        "{# Translators: a greeting #}{% trans %}Hello{% endtrans %}\n{% trans %}Bye{% endtrans %}"
    )
    (tree / "templates" / "staff" / "page.html").write_text("<p>{% trans %}\n Pick\n up\n{% endtrans %}</p>")
    assert catalogue.extract_and_update(tree)["cy"] == 3

    written = catalogue.read(tree / "locales", "cy")
    written["Hello"].string, written["Bye"].string = "Helo", "Hwyl"
    catalogue.write(catalogue.po_path(tree / "locales", "cy"), written)

    prompts.write_text("{% trans %}Hello{% endtrans %} {% trans %}Hello you{% endtrans %}")
    assert catalogue.extract_and_update(tree)["cy"] == 2
    assert sentences(tree) == {"Hello": "Helo", "Hello you": "", "Pick up": ""}

    prompts.write_text("{% trans %}Hello{% endtrans %} {% trans %}Bye{% endtrans %}")
    catalogue.extract_and_update(tree)
    assert sentences(tree) == {"Hello": "Helo", "Bye": "Hwyl", "Pick up": ""}


def test_gathering_twice_changes_nothing_and_names_no_day_and_no_place(tree):
    (tree / "templates" / "prompts" / "a.txt").write_text("{% trans 'x' %}Hello{% endtrans %}")
    catalogue.extract_and_update(tree)
    files = [tree / "locales" / "messages.pot", catalogue.po_path(tree / "locales", "cy")]
    before = [file.read_bytes() for file in files]
    catalogue.extract_and_update(tree)

    assert [file.read_bytes() for file in files] == before
    for content in before:
        assert b"Date" not in content and str(tree).encode() not in content
    assert b"UNREVIEWED MACHINE TRANSLATION" in before[1]
