"""Understanding several answers in one message: "1 3 5", "company and debt", "all", "none of these"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from bot.flowkit.answers import POLITE, Expects, Offered, Vocabulary, choice_of, plain, whole_phrase

#: The button that ends a row of presses.
ENOUGH = "that_is_all"

#: Words around a choice that say nothing by themselves. No "not" and no "no": they say much.
_AROUND = frozenset(
    [
        "i", "i'd", "id", "we", "want", "would", "like", "love", "need", "some", "more", "a", "bit", "of",
        "the", "my", "please", "help", "with", "also", "maybe", "mostly", "really", "just", "think",
        "choose", "pick", "thanks", "for", "me",
    ]
)  # fmt: skip
#: What people put before a number in a row of them.
_BEFORE_A_NUMBER = frozenset(["option", "options", "number", "numbers", "nos", "answer", "answers", "press"])
_FROM_TO = re.compile(r"^\d{1,2}\s*(?:-|to|\u2013)\s*\d{1,2}$")
_MARKS = re.compile(r"[\s,;:/+&.()\[\]-]+")
#: The most choices for which digits may be run together: "135".
_RUN_TOGETHER = 9


def several_in(
    expects: Expects, text: str, offered: Sequence[Offered], vocabulary: Vocabulary
) -> list[str] | None:
    """Every choice in `text`, in the order said, and their own words last; None when it does not fit.

    None of them is an empty list. Where own words are an answer too, what is no choice is kept as it
    was written. Beside own words only what is exactly a choice counts as one: nothing is read into them.
    """
    said = plain(text)
    if not said:
        return None
    if _FROM_TO.match(said):
        return None
    found = _at_once(expects, said, offered, vocabulary)
    if found is None:
        found = _part_by_part(expects, text, offered, vocabulary)
    if found is None or (expects.alone in found and len(found) > 1):
        return None
    return found


def only_numbers(text: str, vocabulary: Vocabulary) -> bool:
    """Whether there is nothing in it but numbers: they belong to a closed question and to nothing else."""
    return _numbers(plain(text), vocabulary) is not None


def _at_once(
    expects: Expects, said: str, offered: Sequence[Offered], vocabulary: Vocabulary
) -> list[str] | None:
    """The whole of it is exactly one choice, all, none, or a row of numbers."""
    if exact := whole_phrase(said, offered):
        return [exact]
    if said in vocabulary.everything:
        return [o.key for o in offered if o.key not in (expects.alone, ENOUGH)]
    if said in vocabulary.none | vocabulary.no | vocabulary.enough or vocabulary.numbers.get(said) == 0:
        return [expects.alone] if expects.alone else []
    numbers = _numbers(said, vocabulary)
    if numbers is not None:
        return _numbered(numbers, expects, offered)
    return None


def _numbered(numbers: list[str], expects: Expects, offered: Sequence[Offered]) -> list[str] | None:
    if numbers == ["0"]:
        return [expects.alone] if expects.alone else []
    positions: list[int] = []
    for number in numbers:
        together = len(offered) <= _RUN_TOGETHER and int(number) > len(offered)
        positions += [int(digit) for digit in number] if together else [int(number)]
    if not all(1 <= n <= len(offered) for n in positions):
        return None
    return list(dict.fromkeys(offered[n - 1].key for n in positions))


def _numbers(said: str, vocabulary: Vocabulary) -> list[str] | None:
    """The numbers in it, as digits, where there is nothing else."""
    found: list[str] = []
    for word in _MARKS.split(said):
        if word.isascii() and word.isdigit() and len(word) <= _RUN_TOGETHER:
            found.append(word)
        elif word in vocabulary.numbers:
            found.append(str(vocabulary.numbers[word]))
        elif word and word not in POLITE | _BEFORE_A_NUMBER | vocabulary.ands | _AND:
            return None
    return found or None


def _part_by_part(
    expects: Expects, text: str, offered: Sequence[Offered], vocabulary: Vocabulary
) -> list[str] | None:
    parts = _parts(text, vocabulary.ands)
    exact = _exactly(expects, text, parts, offered, vocabulary)
    found = [key for _, _, keys in exact for key in keys]
    left = _left(parts, exact)
    if not left:
        return list(dict.fromkeys(found)) or None
    if (one := choice_of(text, offered, vocabulary)) is not None:
        return [one]
    pieces = [text[start:end] for start, end in left]
    nearly = [
        choice_of(piece, offered, vocabulary) or choice_of(_bared(piece), offered, vocabulary)
        for piece in pieces
    ]
    if all(nearly) and len(parts) > 1:  # each is a choice, though some with a slip of the thumb
        by_place = {(start, end): keys for start, end, keys in exact}
        by_place |= {place: [str(key)] for place, key in zip(left, nearly, strict=True)}
        return list(dict.fromkeys(key for place in sorted(by_place) for key in by_place[place]))
    if not expects.own_words or not any(c.isalpha() for c in text):
        return None
    return [*dict.fromkeys(found), text[left[0][0] : left[-1][1]] if found else text]


def _exactly(
    expects: Expects,
    text: str,
    parts: list[tuple[int, int]],
    offered: Sequence[Offered],
    vocabulary: Vocabulary,
) -> list[tuple[int, int, list[str]]]:
    """The stretches that are exactly a choice, the longest first: "food and energy" is one."""
    found: list[tuple[int, int, list[str]]] = []
    at = 0
    while at < len(parts):
        for end in range(min(len(parts), at + 3), at, -1):
            piece = text[parts[at][0] : parts[end - 1][1]]
            named, numbers = _named(piece, offered), _numbers(plain(piece), vocabulary)
            if keys := [named] if named else numbers and _numbered(numbers, expects, offered):
                found.append((parts[at][0], parts[end - 1][1], keys))
                at = end
                break
        else:
            at += 1
    return found


def _named(piece: str, offered: Sequence[Offered]) -> str | None:
    return whole_phrase(piece, offered) or whole_phrase(_bared(piece), offered)


def _left(parts: list[tuple[int, int]], taken: list[tuple[int, int, list[str]]]) -> list[tuple[int, int]]:
    return [part for part in parts if not any(start <= part[0] < end for start, end, _ in taken)]


def _bared(piece: str) -> str:
    """Without the words around it that say nothing by themselves."""
    words = plain(piece).split()
    while len(words) > 1 and words[0] in _AROUND:
        words.pop(0)
    while len(words) > 1 and words[-1] in _AROUND:
        words.pop()
    return " ".join(words)


#: "And" in English and in Welsh, between numbers: "1 a 3".
_AND = frozenset(["and", "a", "ac"])


def _parts(text: str, ands: frozenset[str]) -> list[tuple[int, int]]:
    """Where the pieces between commas and ands stand."""
    edges = [(0, 0), *((m.start(), m.end()) for m in _between(ands).finditer(text)), (len(text), len(text))]
    pieces = [(before[1], after[0]) for before, after in pairwise(edges)]
    return [(start, end) for start, end in pieces if text[start:end].strip()]


@lru_cache(maxsize=32)
def _between(ands: frozenset[str]) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(ands or {"and"}, key=len, reverse=True))
    return re.compile(rf"\s*(?:[,;/+&\n]|\.(?=\s|$)|\b(?:{words})\b(?!['\u2019]))+\s*", re.I)
