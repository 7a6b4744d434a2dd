"""What a directory's own words say a service is good for, in our codes: read from `wants_of.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from babel import Locale

from bot.directory.details import EASES
from bot.flowkit.lists import WANTS

_FILE = Path(__file__).parent / "wants_of.toml"
_NOT = re.compile(
    r"\b(no|not|never|closed|except|without|isn't|aren't|cannot|can't|unfortunately)\b[^.;:!?]{0,25}$", re.I
)
_TERM_ONLY = frozenset({"someone_along"})


def wants_of(terms: Iterable[str], name: str, description: str = "") -> tuple[str, ...]:
    """The codes of WANTS that a service's categories (`terms`) and name say; else its description."""
    for words in ("\n".join([*terms, name]), description):
        if found := tuple(code for code in WANTS if _says(_patterns()["wants"].get(code), words)):
            return found
    return ()


def eases_of(
    terms: Iterable[str], *words: str, free: bool | None = None, online: bool = False
) -> tuple[str, ...]:
    """The codes of EASES that a service's categories and `words` say.

    What is `free` eases cost, and what is `online` getting there.
    """
    categories = "\n".join(terms)
    everything = "\n".join([categories, *words])
    found = {
        code
        for code, pattern in _patterns()["eases"].items()
        if _says(pattern, categories if code in _TERM_ONLY else everything)
    }
    if free is not None:
        found = found - {"cost"} | ({"cost"} if free else set())
    if online:
        found.add("getting_there")
    return tuple(code for code in EASES if code in found)


def language_of(words: str) -> str | None:
    """The code of a language named in English, or already a code: "Welsh" and "cy" give "cy"."""
    squeezed = " ".join(words.split())
    names, codes = _languages()
    return names.get(squeezed.casefold()) or (squeezed if squeezed in codes else None)


def codes_in(words: str, codes: tuple[str, ...], kind: str) -> tuple[list[str], list[str]]:
    """The codes in "company; benefits advice" as somebody fills in a form, and what is none of ours.

    `kind` is "wants" or "eases". A code may be written with spaces: "food energy".
    """
    found: list[str] = []
    unknown: list[str] = []
    for part in re.split(r"[;,|\n]", words):
        if not (said := part.strip()):
            continue
        as_code = re.sub(r"[\s-]+", "_", said.casefold())
        said_so = [code for code in codes if _says(_patterns()[kind].get(code), said)]
        if as_code in codes:
            found.append(as_code)
        elif said_so:
            found += said_so
        else:
            unknown.append(said)
    return list(dict.fromkeys(found)), unknown


def _says(pattern: re.Pattern[str] | None, words: str) -> bool:
    if pattern is None:
        return False
    return any(not _NOT.search(words[max(0, at.start() - 40) : at.start()]) for at in pattern.finditer(words))


@lru_cache(maxsize=1)
def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    allowed = {"wants": WANTS, "eases": EASES}
    for kind, codes in allowed.items():
        if unknown := set(data[kind]) - set(codes):
            raise ValueError(f"wants_of.toml: not in our lists: {', '.join(sorted(unknown))}")
    return {kind: {code: _pattern(words) for code, words in data[kind].items() if words} for kind in allowed}


def _pattern(words: list[str]) -> re.Pattern[str]:
    each = sorted(words, key=len, reverse=True)
    whole = (rf"^{re.escape(word[1:])}$" for word in each if word.startswith("="))
    said = (re.escape(word.rstrip("*")) + r"\w*" * word.endswith("*") for word in each if word[0] != "=")
    return re.compile(rf"(?<!\w)(?:{'|'.join([*whole, *said])})(?!\w)", re.I | re.M)


@lru_cache(maxsize=1)
def _languages() -> tuple[dict[str, str], frozenset[str]]:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))["languages"]
    plain = {code: name for code, name in Locale("en").languages.items() if "_" not in code}
    names = {name.casefold(): code for code, name in plain.items()}
    return names | data, frozenset(plain) | frozenset(data.values())
