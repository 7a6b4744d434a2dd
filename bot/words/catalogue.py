"""The translations: gathered from the templates into `locales/`, and read back from there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message, pofile
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.support import Translations
from jinja2.ext import Extension, extract_from_ast
from jinja2.lexer import Token, TokenStream
from jinja2.nodes import Node

from bot.words.languages import ENGLISH, Languages

PATTERNS = [("**.txt", "jinja2"), ("**.html", "jinja2")]
FOLDERS = ("prompts", "staff", "chat", "mine", "providers", "calendar")
OPTIONS = {"trimmed": "true", "silent": "false"}

_HEADER = (
    "# {name} words of Linkline.\n"
    "# Made by `make words` from templates/; only msgstr lines are written by hand.\n"
)
_UNREVIEWED = (
    "#\n# UNREVIEWED MACHINE TRANSLATION. No fluent speaker has read this. Set `reviewed = true`\n"
    "# in locales/offered.toml when one has.\n"
)
#: Header lines that change at every run, or name a tool's version. Everyone's changes would clash on them.
_CHURN = re.compile(
    rb'^"(?:Project-Id-Version|POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team'
    rb"|Report-Msgid-Bugs-To):.*\n",
    re.M,
)


class WrittenLines(Extension):
    """Makes a line's end in a template's own text an ordinary space, so that sentences may be wrapped."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, token.type, re.sub(r"\s*\n\s*", " ", token.value))
            else:
                yield token


def messages_in(node: Node) -> set[tuple[str | None, str]]:
    """Every (context, sentence) to translate in a parsed template or block."""
    found: set[tuple[str | None, str]] = set()
    for _, function, message in extract_from_ast(node):
        parts = message if isinstance(message, tuple) else (message,)
        context = parts[0] if "pgettext" in function else None
        found.add((context, parts[1] if "pgettext" in function else parts[0]))
    return found


def po_path(locales: Path, language: str) -> Path:
    """Where a language's sentences are."""
    return locales / language / "LC_MESSAGES" / "messages.po"


def read(locales: Path, language: str) -> Catalog:
    """A language's catalogue; an empty one when it has no file yet."""
    path = po_path(locales, language)
    if not path.exists():
        return Catalog(locale=language.replace("-", "_"))
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language.replace("-", "_"))


def translations(catalog: Catalog) -> Translations:
    """A catalogue ready to be asked; sentences not translated, or marked fuzzy, are not in it."""
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled)


def is_translated(message: Message | None) -> bool:
    """Whether all of it is translated, and not only guessed."""
    if message is None or message.fuzzy:
        return False
    return all(message.string if isinstance(message.string, tuple) else (message.string,))


def extract(templates: Path) -> Catalog:
    """Every sentence of the templates, in the order of the files."""
    catalog = Catalog(project="Linkline", header_comment=_HEADER.format(name="The"), charset="utf-8")
    for folder in FOLDERS:
        if not (templates / folder).is_dir():
            continue
        for path, _, message, comments, context in extract_from_dir(
            templates / folder,
            method_map=PATTERNS,
            options_map={"**.txt": OPTIONS, "**.html": OPTIONS},
            comment_tags=("Translators:",),
            strip_comment_tags=False,
        ):
            # No line numbers: they would change with every line added above.
            where = (f"templates/{folder}/{path}", None)
            catalog.add(message, locations=[where], auto_comments=comments, context=context)
    return catalog


def extract_and_update(root: Path) -> dict[str, Any]:
    """Write `locales/messages.pot` and bring every language's file up to date.

    Nothing translated is lost: a sentence that has gone is kept at the end as obsolete and
    comes back with its sentence. A changed sentence is a new one, never a guess from an old.
    Gives, for each language, how many sentences are still to be translated.
    """
    locales = root / "locales"
    template = extract(root / "templates")
    template.fuzzy = False
    write(locales / "messages.pot", template)
    missing = {}
    for language in Languages.load(locales, incomplete=True):
        if language.code == ENGLISH:
            continue
        catalog = read(locales, language.code)
        for message in list(catalog.obsolete.values()):
            catalog[message.id] = message
        catalog.obsolete.clear()
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
        notice = "" if language.reviewed else _UNREVIEWED
        catalog.header_comment = _HEADER.format(name=language.name) + notice
        catalog.fuzzy = False
        write(po_path(locales, language.code), catalog)
        missing[language.code] = sum(not is_translated(message) for message in catalog if message.id)
    return missing


def write(path: Path, catalog: Catalog) -> None:
    """Write a catalogue so that it changes only where its sentences did."""
    written = io.BytesIO()
    pofile.write_po(written, catalog, width=100, include_lineno=False, include_previous=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_CHURN.sub(b"", written.getvalue()))


def main() -> None:
    """`make words`."""
    for language, missing in extract_and_update(Path(__file__).parents[2]).items():
        print(f"{language}: {missing} to translate" if missing else f"{language}: complete")


if __name__ == "__main__":
    main()
