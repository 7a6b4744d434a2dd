"""Finding services by words, as people type them: typos, endings, accents, Welsh mutations.

An inverted index held in memory. A word that is written nowhere is taken for the likest that is.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import snowballstemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.words.gsm import fold

WELSH = "cy"

#: How alike a mistyped word must be: one slip in a word of five, two in one of eight.
LIKE_ENOUGH = 0.75
#: Words shorter than this are too like too many others.
SHORTEST_MISTYPED = 4
#: Most words one mistyped word may mean.
MOST_MEANINGS = 4
#: Of a long message so many words are looked for, and of those written nowhere so many are guessed at.
MOST_WORDS, MOST_GUESSES = 40, 8
GUESSES_KEPT = 1000
#: A word in more services than this says little of any of them: one in ten, or twenty in a small town.
COMMON_SHARE, COMMON_FEWEST = 0.10, 20
COMMON_SAYS = 0.2
#: A word found by a changed first letter or a likeness says a little less than the word itself.
MUTATED_SAYS = 0.9

_STEM = snowballstemmer.stemmer("english").stemWord
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")

#: Words that say nothing of what somebody would like. English, then Welsh.
_EMPTY_ENGLISH = """
a about after again ago all also always am an and any anything are as at back be because been before being bit
but by can can't come could couldn't did didn't do does doesn't doing don't feel few find for from get
getting give go going got had has have haven't having he help her here him his how i i'd i'll i'm i've if
in into is it it's its just know less let like little long look lot lots love made make many maybe me mean
meet more most much my need new next no not nothing now of off old on once one only open or other our out over
people person please quite rather really right round said same say see she should since so some someone
something sometimes start still such take than that that's the their them then there these they thing
things think this those time to too try up us use used very want was wasn't way we well were what when
where which while who why will with without won't would you your
"""
_EMPTY_WELSH = """
ac ar arna'i bod bydd byddai chi chwilio da dim dw dwi ei eich ein eisiau ers eu fel fi fo fod fy gael gan
gyd gyda hefyd hi hoffi hoffwn hwn i'r i'w iawn licio mae mewn mi mwy na nac ni nid o'r oedd oes os pan
pawb pethau pobl rhai rhyw rhywbeth roedd rwy'n rwyf sy sydd ti trwy wedi wrth y yma yn yna ynghyd yr yw
"""
_EMPTY = frozenset((_EMPTY_ENGLISH + _EMPTY_WELSH).split())

#: What a Welsh word's first letters may have been before they changed (soft, nasal, aspirate; then "h").
_UNMUTATED = {
    "ngh": "c", "mh": "p", "nh": "t", "ch": "c", "ph": "p", "th": "t", "dd": "d", "ng": "g",
    "b": "p", "d": "t", "g": "c", "f": "bm", "l": ("ll",), "r": ("rh",), "m": "b", "n": "d", "h": ("",),
}  # fmt: skip
_SOFT_G = "aeilnorwy"  # "gardd" is also "ardd": a g falls away
#: And what they become.
_MUTATED = {
    "c": ("g", "ngh", "ch"), "p": ("b", "mh", "ph"), "t": ("d", "nh", "th"), "g": ("", "ng"),
    "b": ("f", "m"), "d": ("dd", "n"), "ll": ("l",), "rh": ("r",), "m": ("f",),
}  # fmt: skip


#: Stems a word may stand for, each with how sure that is (0 to 1).
Meanings = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """How much a service says of what was asked (0 to 1), and which of the words asked said most."""

    says: float
    word: str


def words_of(text: str) -> list[str]:
    """The words of a text, plainly spelt: no capitals, no accents, straight quotes."""
    return _WORD.findall(fold(text).casefold())


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """An English word without its ending: gardens, gardening: "garden". Others stay nearly as they are."""
    return _STEM(word)


class WordIndex:
    """Every word of every service, with how much it says of each. Built once, then only read."""

    def __init__(self, texts: Iterable[Iterable[tuple[str, int]]]):
        services: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        weights: defaultdict[str, array[int]] = defaultdict(lambda: array("B"))
        written: set[str] = set()
        self._size = 0
        for number, parts in enumerate(texts):
            self._size += 1
            best: dict[str, int] = {}
            for text, weight in parts:
                for word in set(words_of(text)) - _EMPTY:
                    written.add(word)
                    stemmed = stem(word)
                    if weight > best.get(stemmed, 0):
                        best[stemmed] = weight
            for stemmed, weight in best.items():
                services[stemmed].append(number)
                weights[stemmed].append(weight)
        self._postings = {one: (services[one], weights[one]) for one in services}
        self._by_shape: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(written):
            self._by_shape[word[0], len(word)].append(word)
        self._guesses: dict[str, Meanings] = {}

    def find(self, text: str, language: str = "en", *, at_least: float = 0.0) -> dict[int, Hit]:
        """The services that say something of `text`, by their number, with how much.

        A word that many services have says little; several words say more than one. It never
        depends on how much else a service writes, so a long description wins nothing. Words that
        could never say `at_least` so much are passed over.
        """
        asked = [word for word in dict.fromkeys(words_of(text)) if word not in _EMPTY and len(word) > 1]
        meant: dict[str, Meanings] = {}
        guesses = 0
        for word in asked[:MOST_WORDS]:
            meanings = self._written(word, language)
            if not meanings and guesses < MOST_GUESSES:
                meanings, guesses = self._guess(word), guesses + 1
            if meanings:
                meant[word] = meanings
        # What every second service says tells them apart only when nothing else was asked.
        rare = {word: some for word, some in meant.items() if not all(self._is_common(m) for m, _ in some)}
        left: dict[int, float] = {}
        most: dict[int, tuple[float, int, str]] = {}
        for word, meanings in (rare or meant).items():
            said: dict[int, float] = {}
            for stemmed, alike in meanings:
                services, weights = self._postings[stemmed]
                sure = alike * (COMMON_SAYS if self._is_common(stemmed) else 1.0) / 100
                if 100 * sure < at_least:
                    continue
                for number, weight in zip(services, weights, strict=True):
                    if (says := weight * sure) > said.get(number, 0.0):
                        said[number] = says
            for number, says in said.items():
                left[number] = left.get(number, 1.0) * (1 - says)
                this = (says, len(word), word)  # of words that say as much, the longest
                most[number] = max(most.get(number, this), this)
        return {number: Hit(1 - rest, most[number][2]) for number, rest in left.items()}

    def _is_common(self, stemmed: str) -> bool:
        return len(self._postings[stemmed][0]) > max(COMMON_FEWEST, COMMON_SHARE * self._size)

    def _written(self, asked: str, language: str) -> Meanings:
        """The stems that are this word, each with how sure that is.

        Welsh words are looked for in all their forms. Others are not: to a Welsh ear "class" is also
        "glass".
        """
        found = {stem(asked): 1.0} if stem(asked) in self._postings else {}
        if language == WELSH:
            found = {**self._in_other_forms(asked), **found}
        return tuple(found.items())

    def _guess(self, asked: str) -> Meanings:
        """What a word that is written nowhere may have been meant for; the last few are remembered."""
        if asked not in self._guesses:
            if len(self._guesses) >= GUESSES_KEPT:
                self._guesses.clear()
            self._guesses[asked] = tuple((self._likest(asked) or self._in_other_forms(asked)).items())
        return self._guesses[asked]

    def _in_other_forms(self, asked: str) -> dict[str, float]:
        forms = (stem(form) for form in mutations_of(asked))
        return {form: MUTATED_SAYS for form in forms if form in self._postings}

    def _likest(self, asked: str) -> dict[str, float]:
        if len(asked) < SHORTEST_MISTYPED or asked.isdigit():
            return {}
        # The first letter is seldom wrong, though it may have changed places with the second.
        shortest, longest = ceil(len(asked) * LIKE_ENOUGH), floor(len(asked) / LIKE_ENOUGH)
        alike = [
            (word, score)
            for first in dict.fromkeys(asked[:2])
            for length in range(shortest, longest + 1)
            for word, score, _ in process.extract(
                asked,
                self._by_shape.get((first, length), ()),
                scorer=OSA.normalized_similarity,
                score_cutoff=LIKE_ENOUGH,
                limit=MOST_MEANINGS,
            )
        ]
        alike = sorted(alike, key=lambda found: (-found[1], found[0]))[:MOST_MEANINGS]
        found: dict[str, float] = {}
        for word, score in alike:
            found[stem(word)] = max(score, found.get(stem(word), 0.0))
        return found


def mutations_of(word: str) -> Iterator[str]:
    """The other forms a Welsh word may have at its beginning: "ganu" for "canu", and back."""
    if len(word) < SHORTEST_MISTYPED or not word.isascii() or word[0].isdigit():
        return
    radicals = {word, *_unmutated(word)}
    if word[0] in _SOFT_G:
        radicals.add("g" + word)
    seen = {word}
    for radical in sorted(radicals):
        for form in (radical, *_mutated(radical)):
            if len(form) >= SHORTEST_MISTYPED - 1 and form not in seen:
                seen.add(form)
                yield form


def _unmutated(word: str) -> Iterator[str]:
    for begins, befores in _UNMUTATED.items():
        if word.startswith(begins):
            yield from (before + word[len(begins) :] for before in befores)


def _mutated(radical: str) -> Iterator[str]:
    for begins, afters in _MUTATED.items():
        if radical.startswith(begins):
            yield from (after + radical[len(begins) :] for after in afters)
