"""The languages we offer, and which of them someone means."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ENGLISH = "en"

# Left-to-right isolate and its end (Unicode Bidirectional Algorithm, UAX #9).
ISOLATE, END_ISOLATE = "\u2066", "\u2069"
_NUMBER = re.compile(r"\+?(?:\(\d+\) ?)?\d+(?:[ .:/,-]\d+)*")


@dataclass(frozen=True, slots=True)
class Language:
    """One language, as `locales/offered.toml` describes it."""

    code: str
    name: str
    direction: str
    also: tuple[str, ...]
    first_words: tuple[str, ...]
    reviewed: bool
    note: str


class Languages:
    """The languages offered, English first."""

    def __init__(self, languages: Iterable[Language]):
        self._by_code = {language.code: language for language in languages}
        self._named: dict[str, str] = {}
        self._first: dict[str, str] = {}
        for language in self._by_code.values():
            for word in (language.code, language.name, *language.also):
                self._learn(self._named, word, language.code)
            for word in language.first_words:
                self._learn(self._first, word, language.code)
        self._longest = max((len(w.split()) for w in self._first), default=1)

    @classmethod
    def load(cls, path: Path, only: Iterable[str] | None = None, incomplete: bool = False) -> Languages:
        """Read `offered.toml` (or the folder it is in); `only` keeps these codes, and English.

        A language whose words about safety are not complete is left out, except for those
        who translate (`incomplete`). Raises ValueError
        for a code in `only` that is not there, and for a word that means two languages.
        """
        path = Path(path)
        written = tomllib.loads((path / "offered.toml" if path.is_dir() else path).read_text("utf-8"))
        if unknown := set(only or ()) - set(written):
            raise ValueError(f"not in locales/offered.toml: {', '.join(sorted(unknown))}")
        return cls(
            Language(
                code=code,
                name=about["name"],
                direction=about["direction"],
                also=tuple(about["also"]),
                first_words=tuple(about["first_words"]),
                reviewed=about["reviewed"],
                note=about.get("note", ""),
            )
            for code, about in written.items()
            if (about["safety_words"] or incomplete) and (only is None or code == ENGLISH or code in only)
        )

    @property
    def offered(self) -> tuple[str, ...]:
        """The codes, in the order to list them."""
        return tuple(self._by_code)

    def __iter__(self):
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def name(self, code: str) -> str:
        """What its speakers call it."""
        return self._get(code).name

    def direction(self, code: str) -> str:
        """ "ltr" or "rtl"."""
        return self._get(code).direction

    def best(self, hint: str | None) -> str:
        """The offered language nearest to a hint; English when none is near.

        The hint is one BCP-47 tag (Telegram's "cy", "en-GB") or a whole Accept-Language
        header ("cy-GB,cy;q=0.9,en;q=0.8"). Anything that cannot be read is passed over.
        """
        wanted = []
        for position, part in enumerate((hint or "").split(",")):
            tag, _, weight = part.partition(";")
            try:
                q = float(weight.partition("=")[2]) if "=" in weight else 1.0
            except ValueError:
                continue
            if q > 0:
                wanted.append((-q, position, tag.strip().lower().replace("_", "-")))
        offered = {code.lower(): code for code in self._by_code}
        for _, _, tag in sorted(wanted):
            while tag:  # RFC 4647 lookup: pa-Guru-GB, then pa-Guru, then pa
                if tag in offered:
                    return offered[tag]
                tag = tag.rpartition("-")[0]
        return ENGLISH

    def by_first_word(self, text: str) -> str | None:
        """The language whose greeting this text begins with ("Shwmae!", "helo, fi sy yma")."""
        words = _plain(text).split()
        for length in range(min(self._longest, len(words)), 0, -1):
            if code := self._first.get(" ".join(words[:length])):
                return code
        return None

    def is_greeting(self, text: str) -> bool:
        """Whether this text is one of those greetings and nothing else."""
        return _plain(text) in self._first

    def named(self, text: str) -> str | None:
        """The language this text names and nothing else ("Cymraeg", "in Welsh please", "cy")."""
        words = [w for w in _plain(text).split() if w not in ("please", "plis")]
        return self._named.get(" ".join(words))

    def _get(self, code: str) -> Language:
        return self._by_code.get(code) or self._by_code[ENGLISH]

    @staticmethod
    def _learn(meanings: dict[str, str], word: str, code: str) -> None:
        if (known := meanings.setdefault(_plain(word), code)) != code:
            raise ValueError(f"{word!r} means both {known} and {code} in locales/offered.toml")


def isolate_numbers(text: str, direction: str) -> str:
    """Keep each number whole in right-to-left words, where its parts would change places."""
    if direction != "rtl":
        return text
    return _NUMBER.sub(lambda number: ISOLATE + number[0] + END_ISOLATE, text)


def unaccented(text: str) -> str:
    """Its letters without their marks: "nôl" is "nol"."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """As typed on any phone: no case, accents, apostrophes or other signs."""
    letters = unaccented(text[:200].replace("\u00b4", "'")).casefold()
    kept = "".join(c if c.isalnum() else "" if c in "'`\u2018\u2019\u02bc" else " " for c in letters)
    return " ".join(kept.split())
