"""Reading a reply as it was typed: accents, texting, slips of the thumb, thumbs up, two alphabets.

`tokens` parts a message into words that know where they stand in it. `Language.found` gives the phrases of
one language in them. What is made here is never shown and never stored.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rapidfuzz.distance import OSA

from bot.safety.phrases import BadPhrase, Lists, Phrase, read_phrase

#: Longer than this is a story, and no answer about an appointment.
LONGEST = 600

#: From this many letters on, one slip is mended; from the second, two.
ONE_SLIP, TWO_SLIPS = 5, 9

_THUMBS = dict.fromkeys("\U0001f44d✅✔☑\U0001f44c\U0001f197", "thumbup")
_THUMBS |= dict.fromkeys("\U0001f44e❌✖\U0001f6ab\U0001f645", "thumbdown")

#: Urdu letters by a Latin one each, letters that sound alike by the same: the phrases are read so too.
_URDU = {
    ord(letter): latin
    for latin, letters in {
        "a": "اآأإٱع", "b": "ب", "p": "پ", "t": "تطٹة", "s": "سصثش", "j": "ج", "c": "چ", "h": "ہھحهۃ",
        "x": "خ", "d": "دڈ", "z": "زذضظژ", "r": "رڑ", "f": "ف", "k": "کقك", "g": "گغ", "l": "ل", "m": "م",
        "n": "نں", "w": "وؤ", "y": "یےيىئۓ", "": "ءـ\u200c\u200d\u200e\u200f",
    }.items()
    for letter in letters
}  # fmt: skip
_OTHERS = str.maketrans("łıđ’‘ʼ`´؟۔،", "lid'''''?.,")
_PIECE = re.compile(
    r"[0-9]{1,2}[.:][0-9]{2}(?![0-9])|[0-9]+"  # a time, a number
    r"|[^\W\d_]+(?:'[^\W\d_]+)*[0-9]?(?:[^\W\d_]+)?"  # a word, "l8" too
    r"|[?.!\n…;]+|[,:()/\"–—]| - "  # a stop
)
_RUN = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the message, or a stop; where it begins and ends there."""

    word: str
    start: int
    end: int
    stop: bool

    @property
    def asks(self) -> bool:
        return "?" in self.word


def fold(text: str) -> tuple[str, list[int] | None]:
    """Lower case, no accents, Urdu in Latin letters; and which character each came from, if any moved."""
    if text.isascii():
        return text.casefold(), None
    out: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(text):
        if char.isascii():
            made = char.casefold()
        elif char in _THUMBS:
            made = f" {_THUMBS[char]} "
        else:
            parts = unicodedata.normalize("NFKD", char.casefold())
            made = (
                "".join(c for c in parts if not unicodedata.combining(c)).translate(_OTHERS).translate(_URDU)
            )
        out.append(made)
        origin.extend([at] * len(made))
    return "".join(out), origin


def tokens(text: str) -> list[Token]:
    """The words and stops of a message, in order."""
    folded, origin = fold(text[:LONGEST])
    found = []
    for m in _PIECE.finditer(folded):
        start, end = m.start(), m.end()
        if origin is not None:
            start, end = origin[start], origin[end - 1] + 1
        word = m[0]
        if word[0].isdigit():
            word = word.replace(".", "").replace(":", "")
        found.append(Token(word, start, end, not word[0].isalnum()))
    return found


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: its kind, when it counts (clear, asked, own), and its first and last token."""

    kind: str
    when: str
    first: int
    last: int
    words: int
    exact: bool  # without a gap and without "any word"
    language: str


#: A phrase, its kind, when it counts, and whether it has no gap.
_Entry = tuple[Phrase, str, str, bool]


@dataclass(slots=True)
class Line:
    """A message as one language reads it. `at` gives for each word its first and last token."""

    words: list[str]
    at: list[tuple[int, int]]

    def text(self) -> tuple[str, dict[int, int]]:
        """ " . can not come . " and at which character each word begins."""
        starts, pieces, place = {}, [" ."], 3
        for n, word in enumerate(self.words):
            starts[place] = n
            pieces.append(word)
            place += 1 + len(word)
        return " ".join(pieces) + " . ", starts


class Language:
    """One language's phrases, read from its file. Raises BadPhrase for one that cannot be."""

    def __init__(self, code: str, data: dict[str, Any]):
        self.code = code
        self.fillers = _words(data.get("fillers", ""))
        self.beside = _words(data.get("beside", ""))
        self.undo = _words(data.get("undo", ""))
        self.determiners = _words(data.get("determiners", ""))
        self.takes = _words(data.get("takes", ""))
        self.breaks = _words(data.get("breaks", ""))
        self.leads = _words(data.get("leads", ""))
        self.times = _words(data.get("times", ""))
        self.but = _words(data.get("but", ""))
        self.negations = _words(data.get("not", ""))
        self.nods = _words(data.get("nods", ""))
        self.appointment = _words(data.get("appointment", ""))
        self.numbers: dict[str, int] = data.get("numbers", {})
        self.typed, self._starts = _typed(data.get("typed", {}))
        lists = Lists({name: [_plainly(s) for s in says] for name, says in data.get("words", {}).items()})
        self._by_word: dict[str, list[_Entry]] = {}
        self._by_start: dict[str, list[_Entry]] = {}  # by the first three letters
        vocabulary: set[str] = set()
        for kind in KINDS:
            for when in ("clear", "asked", "own"):
                for source in data.get(kind, {}).get(when, ()):
                    phrase = read_phrase(_plainly(source), lists)
                    if unheard := phrase.words & self.fillers:
                        raise BadPhrase(
                            f"{code}: {source!r}: {', '.join(unheard)} is a filler and never there"
                        )
                    vocabulary |= phrase.words
                    exact = ".." not in source and "_" not in source
                    for word in phrase.triggers:
                        index, key = (self._by_start, word[:3]) if "*" in word else (self._by_word, word)
                        index.setdefault(key, []).append((phrase, kind, when, exact))
        self.lengths = [
            (read_phrase(_plainly(source), lists), int(minutes))
            for minutes, says in data.get("lengths", {}).items()
            for source in says
        ]
        self.late_words = _words(data.get("late_words", ""))
        self.minute = _words(data.get("minute", "minutes"))
        of_length = frozenset().union(*(phrase.words for phrase, _ in self.lengths))
        self.times |= self.minute | set(self.numbers) | of_length
        vocabulary |= self.beside | self.times | self.but | self.negations | set(self.numbers)
        for phrase, _ in self.lengths:
            vocabulary |= phrase.words
        self.vocabulary = frozenset(w for w in vocabulary if not w.endswith("*")) | self.fillers | self.minute
        self._slips: dict[str, list[str]] = {}
        for word in self.vocabulary:
            if len(word) >= ONE_SLIP and word.isalpha():
                for less in {word, *_one_less(word)}:
                    self._slips.setdefault(less, []).append(word)
        self._long = [w for w in self.vocabulary if len(w) >= TWO_SLIPS]

    def line(self, said: list[Token]) -> Line:
        """The message in this language's words: opened, mended, without fillers."""
        words: list[str] = []
        at: list[tuple[int, int]] = []
        i, n = 0, len(said)
        while i < n:
            token = said[i]
            if token.stop:
                words.append("," if token.word[0] in ',:()/"–—- ' else ".")
                at.append((i, i))
                i += 1
                continue
            opened, size = self._opened(said, i)
            for word in opened:
                if word not in self.fillers:
                    words.append(word)
                    at.append((i, i + size - 1))
            i += size
        return Line(words, at)

    def _opened(self, said: list[Token], i: int) -> tuple[tuple[str, ...], int]:
        """What the token at `i` stands for, with those behind it where they are said as one."""
        word = said[i].word
        plain = word.replace("'", "")
        if word in self._starts or plain in self._starts:
            for size in (4, 3, 2):
                together = said[i : i + size]
                if len(together) == size and not any(t.stop for t in together):
                    joined = " ".join(t.word.replace("'", "") for t in together)
                    if meant := self.typed.get(joined):
                        return meant, size
        if meant := self.typed.get(word) or self.typed.get(plain):
            return meant, 1
        if plain in self.vocabulary or plain.isdigit():
            return (plain,), 1
        mended = self._mended(plain)
        return self.typed.get(mended, (mended,)), 1

    def _mended(self, word: str) -> str:
        if len(word) < 3:
            return word
        short = _RUN.sub(r"\1", word)
        if short != word:
            for less in (_RUN.sub(r"\1\1", word), short):
                if less in self.vocabulary or less in self.typed:
                    return less
        if len(word) < ONE_SLIP - 1 or not word.isalpha() or word in meaningful():
            return word
        near = {w for less in (word, *_one_less(word)) for w in self._slips.get(less, ()) if w[0] == word[0]}
        near = {w for w in near if OSA.distance(word, w, score_cutoff=1) <= 1}
        if len(near) == 1:
            return near.pop()
        if not near and len(word) >= TWO_SLIPS - 1:
            near = {w for w in self._long if w[0] == word[0] and OSA.distance(word, w, score_cutoff=2) <= 2}
            if len(near) == 1:
                return near.pop()
        return word

    def found(self, line: Line) -> Iterator[Hit]:
        """Every phrase in a line."""
        text, starts = line.text()
        there = set(line.words)
        tried: set[int] = set()
        for word in there:
            for entries in (self._by_word.get(word, ()), self._by_start.get(word[:3], ())):
                for phrase, kind, when, exact in entries:
                    if id(phrase) in tried or not phrase.may_be_in(there):
                        continue
                    tried.add(id(phrase))
                    for m in phrase.compiled.finditer(text):
                        first = starts.get(m.start() + 1)
                        last = first + m[0].count(" ") - 1 if first is not None and m[0] else None
                        if first is not None and last is not None and last >= first:
                            a, b = line.at[first][0], line.at[last][1]
                            yield Hit(kind, when, a, b, last - first + 1, exact, self.code)

    def minutes(self, line: Line) -> int | None:
        """How many minutes are said in it; the most where a range is."""
        text, _ = line.text()
        for phrase, minutes in self.lengths:
            if phrase.compiled.search(text):
                return minutes
        for n, word in enumerate(line.words):
            if word in self.late_words:  # "10 late", "late 10"
                for beside in (*line.words[max(0, n - 1) : n], *line.words[n + 1 : n + 2]):
                    if beside.isdigit() and 5 <= int(beside) <= 90:
                        return int(beside)
            if word in self.minute:
                for before in reversed(line.words[max(0, n - 2) : n]):
                    if before.isdigit() and 0 < int(before) <= 240:
                        return int(before)
                    if before in self.numbers:
                        return self.numbers[before]
        return None


#: What a phrase may be; the first wins where two are as long.
KINDS = (
    "partly", "someone", "hedge", "cannot", "another", "late", "then", "question", "where", "when", "who",
    "coming", "elsewhere", "aside", "reason", "cancel", "yes", "no", "ok", "suppose",
)  # fmt: skip


@cache
def languages() -> dict[str, Language]:
    """Every language there is a file for, by its code."""
    folder = files("bot.appointments") / "reply_words"
    return {
        f.name.removesuffix(".toml"): Language(
            f.name.removesuffix(".toml"), tomllib.loads(f.read_text("utf-8"))
        )
        for f in sorted(folder.iterdir(), key=lambda f: f.name)
        if f.name.endswith(".toml")
    }


@cache
def meaningful() -> frozenset[str]:
    """Every word that means something as it is, in any language: it is no slip in another."""
    known = (one.vocabulary | one.typed.keys() for one in languages().values())
    return everyday().union(*known)


@cache
def everyday() -> frozenset[str]:
    """Everyday words that must not be taken for a slip in another."""
    text = (files("bot.appointments") / "reply_words" / "everyday.txt").read_text("utf-8")
    return frozenset(text.split())


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text)[0].split())


def _plainly(source: str) -> str:
    return fold(source)[0]


def _typed(table: dict[str, str]) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    typed: dict[str, tuple[str, ...]] = {}
    for meant, ways in table.items():
        words = tuple(fold(meant)[0].split())
        if len(words) > 1:
            typed[" ".join(words)] = words  # as it should be: before one of its words is opened by itself
        for way in fold(ways)[0].split(","):
            several = len(way.split()) > 1
            typed[" ".join(way.replace("'", "").split()) if several else way.strip()] = words
    return typed, frozenset(k.split()[0] for k in typed if " " in k)


def _one_less(word: str) -> Iterable[str]:
    return [word[:i] + word[i + 1 :] for i in range(len(word))]
