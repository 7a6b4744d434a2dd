"""One language's patterns, read from its file, and looking for them in a text.

The file says in plain words what danger sounds like; how it is laid out is at the top of
`patterns/en.toml`, how a phrase is written at the top of `phrases.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.safety.levels import Level
from bot.safety.normalising import Reader
from bot.safety.phrases import BadPhrase, Lists, Phrase, read_phrase


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a file says of one pattern; `order` is its place there."""

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
        self._by_start: dict[str, list[tuple[str, _Entry]]] = {}  # by the first three letters

    def add(self, phrase: Phrase, meaning: Any = None) -> None:
        for word in phrase.triggers:
            if word.endswith("*"):
                self._by_start.setdefault(word[:3], []).append((word[:-1], (phrase, meaning)))
            else:
                self._by_word.setdefault(word, []).append((phrase, meaning))

    def worth_trying(self, words: set[str]) -> list[_Entry]:
        """The phrases that may be in a text of these words, each once, and what each means."""
        found: dict[int, _Entry] = {}
        for word in words:
            for entry in self._by_word.get(word, ()):
                found[id(entry[0])] = entry
            for start, entry in self._by_start.get(word[:3], ()):
                if word.startswith(start):
                    found[id(entry[0])] = entry
        return [entry for entry in found.values() if entry[0].may_be_in(words)]

    def compile(self) -> None:
        started = [entry for entries in self._by_start.values() for _, entry in entries]
        for entries in (*self._by_word.values(), started):
            for phrase, _ in entries:
                _ = phrase.compiled


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


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found in a text, and what it comes to there."""

    pattern: Pattern
    level: Level
    about_self: bool
    softened: str | None  # "denied" or "past": then it is a worry at most

    @property
    def plainness(self) -> tuple[bool, int, bool]:
        """Which of several places to go by: not taken back, then the gravest, then the writer's own."""
        return self.softened is None, self.level.rank, self.about_self

    @property
    def is_plainest(self) -> bool:
        """Whether no other place can say more."""
        gravest = max(self.pattern.level.rank, self.pattern.now.rank)
        return self.plainness == (True, gravest, True)


#: A long sentence is looked at in pieces of so many words, which share so many.
_LONGEST_PIECE, _OVERLAP = 60, 25

#: How many words away a sign that it is over still counts, and one that it is a story.
_NEAR, _CLOSE = 14, 6

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
            pattern = Pattern(
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
            typed={
                way.strip(): meant for meant, ways in data.get("typed", {}).items() for way in ways.split(",")
            },
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

    def compile(self) -> None:
        """Make every phrase's regex now rather than when it is first worth trying."""
        for index in (self._patterns, self._aside):
            index.compile()

    def look(self, folded: str) -> list[Hit]:
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
        if plain != line:  # ways of speaking hide what they hold: "this bus is killing me"
            found = [(p, m) for p, m in found if p.always] + self._found(plain, pieces)
        hits: dict[str, Hit] = {}
        for pattern, m in found:
            before = hits.get(pattern.id)
            if before is None or not before.is_plainest:
                hit = self._weigh(pattern, plain, m.start(), m.end())
                if hit and (before is None or hit.plainness > before.plainness):
                    hits[pattern.id] = hit
        return list(hits.values())

    def _found(self, line: str, pieces: list[_Piece]) -> list[tuple[Pattern, re.Match[str]]]:
        return [
            (pattern, m)
            for start, end, words in pieces
            for phrase, pattern in self._patterns.worth_trying(words)
            for m in phrase.compiled.finditer(line, start, end)
        ]

    def _weigh(self, pattern: Pattern, line: str, start: int, end: int) -> Hit | None:
        """What it comes to that the line says this from `start` to `end`: None in a book or a song."""
        first, last = line.rfind(" .", 0, start) + 1, line.find(" .", end) + 2
        said = line[start:end]
        if not self._own.intersection(said.split()) and self._is_elsewhere(line, first, start, end, last):
            return None
        softened = None
        if not pattern.certain:
            if self._is_denied(line, first, start, end):
                softened = "denied"
            elif self._is_past(pattern, line, _back(line, first, start, _NEAR), _on(line, end, last, _NEAR)):
                softened = "past"
        level = pattern.level
        if softened:
            level = Level.WORRY
        elif pattern.now is not level and self._now.are_in(line, 0, len(line)):
            level = pattern.now
        return Hit(pattern, level, self._about_self(line[first:start], said), softened)

    def _is_past(self, pattern: Pattern, line: str, first: int, last: int) -> bool:
        past = self._past.are_in(line, first, last) or (
            pattern.category not in ("abuse", "emergency") and self._young.are_in(line, first, last)
        )
        return past and not self._again.are_in(line, first, last)

    def _is_elsewhere(self, line: str, first: int, start: int, end: int, last: int) -> bool:
        """Whether a book, a lesson or the news stands close by, and nearer than anybody's own "I"."""
        before = line[first : start + 1]
        nearest = first + max((before.rfind(f" {word} ") for word in self._own), default=-1)
        close = max(nearest, _back(line, first, start, _CLOSE))
        if self._elsewhere.are_in(line, close, start + 1):
            return True
        beside = min(
            (m.start() for m in self._elsewhere.all_in(line, end, _on(line, end, last, _CLOSE))), default=None
        )
        return beside is not None and (nearest < first or line.count(" ", end, beside) < 2)

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


def _back(line: str, first: int, at: int, words: int) -> int:
    """Where so many words before `at` begin, not before `first`."""
    for _ in range(words):
        at = line.rfind(" ", first, at)
        if at < 0:
            return first
    return at


def _on(line: str, at: int, last: int, words: int) -> int:
    """Where so many words after `at` end, not after `last`."""
    for _ in range(words + 1):
        at = line.find(" ", at + 1, last)
        if at < 0:
            return last
    return at + 1


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
