"""Noticing, in what someone says, that they or someone near them may be in danger.

Pure: no file, clock or network after import. `notice` looks at one message;
`notice_together` at the last few, for words split over them. The words themselves
never leave here: `why` names patterns, and `reason` says in plain words what a
pattern means. Recall first: a false alarm costs one kind message.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from bot.safety.normalising import Reader, fold
from bot.safety.phrases import Phrase, read_phrase


class Level(StrEnum):
    """How soon a person must look. The values are stored: never rename one."""

    DANGER_NOW = "danger-now"
    RISK = "risk"
    ABUSE = "abuse"
    WORRY = "worry"

    @property
    def rank(self) -> int:
        """Its place in the queue: the higher is seen to first."""
        return _RANK[self]

    @property
    def pages(self) -> bool:
        """Whether people are called at once; worry only moves the place in the queue."""
        return self is not Level.WORRY


_RANK = {Level.DANGER_NOW: 40, Level.RISK: 30, Level.ABUSE: 20, Level.WORRY: 10}


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was noticed in a message.

    `category`: suicide, self-harm, means, emergency, abuse, harm-to-others, neglect or worry.
    `about_self` is False when it is someone else who may be in danger. `why` holds the ids of
    the patterns, the weightiest first, never words.
    """

    level: Level
    category: str
    about_self: bool
    why: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether they only spoke of danger to say that it is past, or is not so."""
        return set(self.why) <= _SOFTENED.keys()


@dataclass(frozen=True, slots=True)
class _Pattern:
    id: str
    category: str
    level: Level
    now: Level | None
    certain: bool
    about: bool | None
    order: int


@dataclass(slots=True)
class _Index:
    """Phrases by a word that must be there, so that only a few are tried on each message."""

    by_word: dict[str, list[tuple[Phrase, _Pattern | None]]] = field(default_factory=dict)
    by_start: dict[str, list[tuple[Phrase, _Pattern | None]]] = field(default_factory=dict)

    def add(self, phrase: Phrase, pattern: _Pattern | None) -> None:
        for word in phrase.triggers:
            book, key = (self.by_start, word[:-1]) if word.endswith("*") else (self.by_word, word)
            book.setdefault(key, []).append((phrase, pattern))

    def worth_trying(self, words: Sequence[str]) -> Iterator[tuple[Phrase, _Pattern | None]]:
        seen: set[int] = set()
        for word in set(words):
            for entry in self.by_word.get(word, ()):
                if id(entry[0]) not in seen:
                    seen.add(id(entry[0]))
                    yield entry
            for start, entries in self.by_start.items():
                if word.startswith(start):
                    for entry in entries:
                        if id(entry[0]) not in seen:
                            seen.add(id(entry[0]))
                            yield entry


@dataclass(slots=True)
class _Hit:
    pattern: _Pattern
    level: Level
    about_self: bool
    softened: str | None  # "denied" or "past": then it is a worry at most


#: Said to be someone else's, or the person's own: whose word stands nearest decides.
_WINDOW, _STEP = 70, 35


class Language:
    """One language's patterns, read from its file and ready."""

    def __init__(self, data: dict[str, Any]):
        lists: dict[str, list[str]] = data.get("words", {})
        cache_: dict = {}
        self.reasons: dict[str, str] = {}
        self.patterns, self.aside = _Index(), _Index()
        vocabulary: set[str] = set()

        def phrase(source: str) -> Phrase:
            read = read_phrase(source, lists, data.get("forms", {}), cache_)
            vocabulary.update(w for w in read.words if not w.endswith("*"))
            return read

        for order, entry in enumerate(data["pattern"]):
            self.reasons[entry["id"]] = entry["why"]
            pattern = _Pattern(
                id=entry["id"],
                category=entry["id"].split(".")[0],
                level=Level(entry["level"]),
                now=Level(entry["now"]) if "now" in entry else None,
                certain=entry.get("certain", False),
                about={"self": True, "someone": False}.get(entry.get("about")),
                order=order,
            )
            for source in entry["says"]:
                self.patterns.add(phrase(source), pattern)
        for entry in data.get("set_aside", ()):
            for source in entry["says"]:
                self.aside.add(phrase(source), None)

        def any_of(sources: list[str]) -> re.Pattern[str]:
            return re.compile("|".join(phrase(s).regex for s in sources) or r"(?!)")

        denied = data.get("denied", {})
        self.now = any_of(lists.get("now", []))
        self.past, self.again = any_of(denied.get("past", [])), any_of(denied.get("again", []))
        self.denying = frozenset(denied.get("not", "").split())
        self.between = frozenset(denied.get("between", "").split())
        self.denied_after = any_of(denied.get("after", []))
        people = data.get("people", {})
        self.own = frozenset(people.get("own", "").split())
        self.others = frozenset(people.get("others", "").split())
        self.elsewhere = any_of(data.get("elsewhere", {}).get("says", []))
        vocabulary |= self.denying | self.between | self.own | self.others
        spelling = data.get("spelling", {})
        self.reader = Reader(
            vocabulary | set(spelling.get("not_keys", "").split()),
            data.get("shortenings", {}),
            spelling.get("keys", "").split(),
            data.get("fillers", "").split(),
            spelling.get("keep_apostrophes", False),
        )

    def look(self, folded: str) -> list[_Hit]:
        """Every pattern that a folded text holds."""
        words = self.reader.read_folded(folded)
        hits: list[_Hit] = []
        for window in _windows(words):
            hits.extend(self._look(window))
        return hits

    def _look(self, words: Sequence[str]) -> Iterator[_Hit]:
        candidates = list(self.patterns.worth_trying(words))
        if not candidates:
            return
        line = " . " + " ".join(words) + " . "
        for phrase, _ in self.aside.worth_trying(words):
            line = phrase.compiled.sub(" aside", line)
        for phrase, pattern in candidates:
            assert pattern is not None
            for m in phrase.compiled.finditer(line):
                yield self._weigh(pattern, line, m.start(), m.end())

    def _weigh(self, pattern: _Pattern, line: str, start: int, end: int) -> _Hit:
        about_self = self._about_self(line, start, end) if pattern.about is None else pattern.about
        softened = None
        if not pattern.certain:
            if self._denied(line, start) or self.denied_after.match(line, end):
                softened = "denied"
            else:
                first, last = line.rfind(" .", 0, start) + 1, line.find(" .", end)
                sentence = line[first : last + 2]
                if self.past.search(sentence) and not self.again.search(sentence):
                    softened = "past"
        level = pattern.level
        if softened:
            level = Level.WORRY
        elif pattern.now is not None and self.now.search(line):
            level = pattern.now
        return _Hit(pattern, level, about_self, softened)

    def _denied(self, line: str, start: int) -> bool:
        """Whether a "not" stands before the words, with nothing between but what carries it."""
        for word in reversed(line[:start].split()):
            if word in self.denying:
                return True
            if word not in self.between:
                return False
        return False

    def _about_self(self, line: str, start: int, end: int) -> bool:
        own = other = False
        for word in line[start:end].split():
            own, other = own or word in self.own, other or word in self.others
        if own or other:
            return own
        for word in reversed(line[:start].split()[-10:]):
            if word == ".":
                break
            if word in self.own:
                return True
            if word in self.others:
                return False
        return True


def _windows(words: list[str]) -> Iterator[Sequence[str]]:
    """A long message in overlapping pieces, so that the work grows with its length and no faster."""
    if len(words) <= _WINDOW:
        yield words
        return
    for at in range(0, len(words) - _WINDOW + _STEP, _STEP):
        yield words[at : at + _WINDOW]


#: Said of patterns that were softened; staff read these like any other reason.
_SOFTENED = {
    "worry.denied": "They say it is not so: look at what else they said",
    "worry.past": "They speak of a time that is over, or of getting better",
}


@cache
def languages() -> tuple[Language, ...]:
    """Every language there is a pattern file for, English first."""
    folder = files("bot.safety") / "patterns"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: (f.name != "en.toml", f.name))
    return tuple(Language(tomllib.loads(f.read_text(encoding="utf-8"))) for f in found)


def reason(pattern_id: str) -> str:
    """What a pattern means, in plain words for staff. Raises KeyError for an id there is none of."""
    if pattern_id in _SOFTENED:
        return _SOFTENED[pattern_id]
    for language in languages():
        if pattern_id in language.reasons:
            return language.reasons[pattern_id]
    raise KeyError(pattern_id)


def _found(text: str) -> list[_Hit]:
    folded = fold(text)
    return [hit for language in languages() for hit in language.look(folded)]


def _worst(hits: list[_Hit]) -> Noticed | None:
    if not hits:
        return None
    hits = sorted(hits, key=lambda h: (-h.level.rank, h.softened is not None, h.pattern.order))
    first = hits[0]
    why = [hit.pattern.id for hit in hits if not hit.softened]
    why += [f"worry.{hit.softened}" for hit in hits if hit.softened]
    about_self = any(h.about_self for h in hits if h.level is first.level)
    category = "worry" if first.softened else first.pattern.category
    return Noticed(first.level, category, about_self, tuple(dict.fromkeys(why)))


def notice(text: str) -> Noticed | None:
    """What one message gives reason to notice, or None. Any length, any characters; never raises."""
    return _worst(_found(text))


def notice_together(texts: Sequence[str]) -> Noticed | None:
    """The same for someone's last messages, oldest first, read as if they were one.

    Only what the last message says or completes counts: what an earlier one said by itself
    was noticed when it came.
    """
    if not texts:
        return None
    before = {(h.pattern.id, h.level) for h in _found(" ".join(texts[:-1]))} if len(texts) > 1 else set()
    whole = [h for h in _found(" ".join(texts)) if (h.pattern.id, h.level) not in before]
    return _worst([*_found(texts[-1]), *whole])


languages()
