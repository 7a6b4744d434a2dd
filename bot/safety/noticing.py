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
from bot.safety.phrases import BadPhrase, Lists, Phrase, read_phrase


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
    now: Level
    certain: bool
    always: bool
    order: int


_Entry = tuple[Phrase, Any]


class _Index:
    """Phrases by a word that must be there, so that only a few are tried on each message."""

    def __init__(self) -> None:
        self._by_word: dict[str, list[_Entry]] = {}
        self._by_start: dict[str, list[_Entry]] = {}
        self._sizes: list[int] = []

    def add(self, phrase: Phrase, meaning: Any = None) -> None:
        for word in phrase.triggers:
            book, key = (self._by_start, word[:-1]) if word.endswith("*") else (self._by_word, word)
            book.setdefault(key, []).append((phrase, meaning))
        self._sizes = sorted({len(start) for start in self._by_start})

    def worth_trying(self, words: set[str]) -> list[_Entry]:
        """The phrases that may be in a text of these words, each once, and what each means."""
        found: dict[int, _Entry] = {}
        for word in words:
            if entries := self._by_word.get(word):
                for entry in entries:
                    found[id(entry[0])] = entry
            for size in self._sizes:
                if entries := self._by_start.get(word[:size]):
                    for entry in entries:
                        found[id(entry[0])] = entry
        return [entry for entry in found.values() if entry[0].may_be_in(words)]


class _Signs:
    """Phrases that mean one thing together ("it is over"), looked for only where one may be."""

    def __init__(self, phrases: Iterable[Phrase]):
        self._index = _Index()
        for phrase in phrases:
            self._index.add(phrase)

    def all_in(self, line: str, start: int, end: int) -> Iterator[re.Match[str]]:
        """Where they stand in this part of a line, phrase by phrase."""
        part = line[start:end]
        for phrase, _ in self._index.worth_trying(set(part.split())):
            yield from phrase.compiled.finditer(line, start, end)

    def are_in(self, line: str, start: int, end: int) -> bool:
        """Whether one of them stands in this part of a line."""
        return next(self.all_in(line, start, end), None) is not None


@dataclass(slots=True)
class _Hit:
    pattern: _Pattern
    level: Level
    about_self: bool
    softened: str | None  # "denied" or "past": then it is a worry at most


#: A long sentence is looked at in pieces of so many words, which share so many.
_LONGEST_PIECE, _OVERLAP = 60, 25

_Piece = tuple[int, int, set[str]]


class Language:
    """One language's patterns, read from its file and ready. Raises BadPhrase for one that cannot be."""

    def __init__(self, data: dict[str, Any]):
        denied, people = data.get("denied", {}), data.get("people", {})
        self._denying = frozenset(denied.get("not", "").split())
        self._lists = Lists(data.get("words", {}), data.get("forms", {}), sorted(self._denying))
        self._fillers = frozenset(data.get("fillers", "").split())
        self._vocabulary: set[str] = set()
        self.reasons: dict[str, str] = {}
        self._patterns, self._aside = _Index(), _Index()
        for order, entry in enumerate(data["pattern"]):
            self.reasons[entry["id"]] = entry["why"]
            pattern = _Pattern(
                id=entry["id"],
                category=entry["id"].split(".")[0],
                level=Level(entry["level"]),
                now=Level(entry.get("now", entry["level"])),
                certain=entry.get("certain", False),
                always=entry.get("always", False),
                order=order,
            )
            for source in entry["says"]:
                self._patterns.add(self._phrase(source), pattern)
        for entry in data.get("set_aside", ()):
            for source in entry["says"]:
                self._aside.add(self._phrase(source))
        self._now = self._signs(self._lists.words.get("now", []))
        self._past, self._young = self._signs(denied.get("past", [])), self._signs(denied.get("young", []))
        self._again, self._but = self._signs(denied.get("again", [])), self._signs(denied.get("but", []))
        self._doubled = self._signs(denied.get("doubled", []))
        self._denied_after = self._signs(denied.get("after", []))
        self._elsewhere = self._signs(data.get("elsewhere", {}).get("says", []))
        self._answering = frozenset(denied.get("no", "").split())
        self._between = frozenset(denied.get("between", "").split())
        self._own = frozenset(people.get("own", "").split())
        self._others = frozenset(people.get("others", "").split())
        spelling = data.get("spelling", {})
        self.reader = Reader(
            self._vocabulary
            | self._denying | self._between | self._own | self._others
            | set(spelling.get("not_keys", "").split()),
            keys=spelling.get("keys", "").split(),
            inside=spelling.get("inside", "").split(),
            typed={t.strip(): meant for meant, all_ in data.get("typed", {}).items() for t in all_.split(",")},
            endings=data.get("endings"),
            fillers=self._fillers,
        )  # fmt: skip

    def _phrase(self, source: str) -> Phrase:
        read = read_phrase(source, self._lists)
        if unheard := read.words & self._fillers:
            raise BadPhrase(f"{source!r}: {', '.join(unheard)} is a filler and never there")
        self._vocabulary.update(w for w in read.words if not w.endswith("*"))
        return read

    def _signs(self, sources: Iterable[str]) -> _Signs:
        return _Signs(self._phrase(s) for s in sources)

    def look(self, folded: str) -> list[_Hit]:
        """Every pattern that a folded text holds."""
        words = self.reader.read_folded(folded)
        line = f" . {' '.join(words)} . "
        pieces = list(_pieces(words))
        found = self._found(line, pieces)
        if not found:
            return []
        plain = line
        for start, end, piece in pieces:
            for phrase, _ in self._aside.worth_trying(piece):
                for m in phrase.compiled.finditer(line, start, end):
                    plain = plain[: m.start()] + re.sub("[^ .,]", "_", m[0]) + plain[m.end() :]
        if plain != line:
            found = [(p, m) for p, m in found if p.always] + self._found(plain, pieces)
        hits: dict[str, _Hit] = {}
        for pattern, m in found:
            before = hits.get(pattern.id)
            if before is None or before.softened or not before.about_self:
                hit = self._weigh(pattern, plain, m.start(), m.end())
                if hit and (before is None or not hit.softened):
                    hits[pattern.id] = hit
        return list(hits.values())

    def _found(self, line: str, pieces: list[_Piece]) -> list[tuple[_Pattern, re.Match[str]]]:
        return [
            (pattern, m)
            for start, end, words in pieces
            for phrase, pattern in self._patterns.worth_trying(words)
            for m in phrase.compiled.finditer(line, start, end)
        ]

    def _weigh(self, pattern: _Pattern, line: str, start: int, end: int) -> _Hit | None:
        """What it comes to that the line says this from `start` to `end`: None in a book or a song."""
        first, last = line.rfind(" .", 0, start) + 1, line.find(" .", end) + 2
        said = line[start:end]
        if not self._own.intersection(said.split()) and self._is_elsewhere(line, first, start, end, last):
            return None
        softened = None
        if not pattern.certain:
            if self._is_denied(line, first, start, end):
                softened = "denied"
            elif self._is_past(pattern, line, first, last):
                softened = "past"
        level = pattern.level
        if softened:
            level = Level.WORRY
        elif pattern.now is not level and self._now.are_in(line, 0, len(line)):
            level = pattern.now
        return _Hit(pattern, level, self._about_self(line[first:start], said), softened)

    def _is_past(self, pattern: _Pattern, line: str, first: int, last: int) -> bool:
        past = self._past.are_in(line, first, last) or (
            pattern.category not in ("abuse", "emergency") and self._young.are_in(line, first, last)
        )
        return past and not self._again.are_in(line, first, last)

    def _is_elsewhere(self, line: str, first: int, start: int, end: int, last: int) -> bool:
        """Whether a book, a lesson or the news stands nearer than anybody's own "I"."""
        before = line[first : start + 1]
        nearest = max((before.rfind(f" {word} ") for word in self._own), default=-1)
        if any(m.start() - first >= nearest for m in self._elsewhere.all_in(line, first, start + 1)):
            return True
        beside = min((m.start() for m in self._elsewhere.all_in(line, end, last)), default=None)
        return beside is not None and (nearest < 0 or line.count(" ", end, beside) < 2)

    def _is_denied(self, line: str, first: int, start: int, end: int) -> bool:
        denied = self._not_before(line[first:start]) or self._denied_after.are_in(line, end, end + 40)
        return (
            denied
            and not self._doubled.are_in(line, first, end)
            and not self._but.are_in(line, end, len(line))
        )

    def _not_before(self, before: str) -> bool:
        """Whether a "not" stands there, with nothing between but what carries it."""
        after = ""
        for word in reversed(before.split()):
            if word in self._denying or (word in self._answering and after not in self._own | self._others):
                return True
            if word not in self._between:
                return False
            after = word
        return False

    def _about_self(self, before: str, said: str) -> bool:
        """Whether it is said of the writer: the words themselves decide, else the nearest person before."""
        words = said.split()
        own = any(w in self._own for w in words)
        if own or any(w in self._others for w in words):
            return own
        for word in reversed(before.split()[-10:]):
            if word in self._own:
                return True
            if word in self._others:
                return False
        return True


def _pieces(words: list[str]) -> Iterator[_Piece]:
    """Each sentence, a long one in overlapping pieces: where it is in the line, and its words.

    No phrase reaches past a full stop, and the work grows with the length and no faster.
    """
    at, begun, sentence = 2, 2, []
    for word in [*words, "."]:
        at += 1 + len(word)
        if word != "." and len(sentence) < _LONGEST_PIECE:
            sentence.append((at - len(word), word))
            continue
        if sentence:
            yield begun - 2, at + 1, {w for _, w in sentence}
        if word == ".":
            begun, sentence = at, []
        else:
            sentence = [*sentence[-_OVERLAP:], (at - len(word), word)]
            begun = sentence[0][0] - 1


#: Said of patterns that were softened; staff read these like any other reason.
_SOFTENED = {
    "worry.denied": "They say it is not so: look at what else they said",
    "worry.past": "They speak of a time that is over, or of getting better",
}


@cache
def languages() -> tuple[Language, ...]:
    """Every language there is a pattern file for, English first."""
    folder = files("bot.safety") / "patterns"
    found = sorted(
        (f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: (f.name != "en.toml", f.name)
    )
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
