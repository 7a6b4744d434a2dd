"""What a step expects, and understanding what somebody typed as an answer to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

#: Between a choice and what it is about: "interested@17".
ABOUT = "@"


@dataclass(frozen=True, slots=True)
class Expects:
    """What fits a step. Made by `one_of`, `yes_no`, `free_text` and `scale`."""

    choices: tuple[str, ...] = ()
    own_words: bool = False  # words that are no choice are an answer too
    max_length: int | None = None  # longer than this is no answer to it, though nothing said is lost
    may_skip: bool = False
    numbers: tuple[int, int] | None = None
    optional: bool = False  # nobody is nudged for it, and it is not asked again
    languages: bool = False  # the choices are the languages offered
    a_name: bool = False  # "my name is Ray" is Ray
    found: str | None = None  # the first choices are what this result found, by its `offers`
    about: str | None = None  # every choice is about this result's `about`, so an old button stays so
    several: bool = False  # any number of the choices; the answer is a list
    alone: str | None = None  # of several, the choice that stands with no other: "no one else"
    words_too: bool = False  # beside a number, the words that are a choice: "2", or "all right"

    @property
    def closed(self) -> bool:
        """Whether it offers choices, so that digits, yes and no may belong to it."""
        return bool(self.choices or self.found) or self.numbers is not None or self.languages

    def errand(self, value: object) -> bool:
        """Whether this sends them somewhere and says nothing: the number of a line to change."""
        return self.words_too and isinstance(value, int)

    def choice(self, value: object) -> str | None:
        """Which of this step's own choices `value` is, whatever it is about; None when it is none."""
        named = value.partition(ABOUT)[0] if isinstance(value, str) else None
        return named if named in self.choices else None


def one_of(
    *choices: str, or_own_words: bool = False, may_skip: bool = False, optional: bool = False
) -> Expects:
    """One of these choices; with `or_own_words`, anything else they say is kept as it is."""
    return Expects(choices, or_own_words, may_skip=may_skip, optional=optional)


def one_of_found(found: str, *choices: str, or_own_words: bool = False, may_skip: bool = False) -> Expects:
    """One of what the result named `found` offers, or one of these choices after them.

    `found` is a result's snake-case name ("services_found"), whose `offers` are [what the answer will
    be, label] pairs. They are stored with the question. With `or_own_words` anything else they say is
    kept as it is, and nothing is guessed to be one of those: "2.30pm" is not the second.
    """
    return Expects(choices, or_own_words, may_skip=may_skip, found=found)


def one_about(
    about: str,
    *choices: str,
    or_own_words: bool = False,
    may_skip: bool = False,
    optional: bool = False,
) -> Expects:
    """One of these choices about what the result named `about` found, by its `about`.

    The answer is "interested@17": a button pressed a week later still means the service it stood under.
    """
    return Expects(choices, or_own_words, may_skip=may_skip, optional=optional, about=about)


def about(answer: str) -> int:
    """What an answer to a question of `one_about` was about: 17 of "interested@17"."""
    return int(answer.partition(ABOUT)[2])


def several_of(
    *choices: str,
    or_own_words: bool = False,
    may_skip: bool = False,
    optional: bool = False,
    alone: str | None = None,
) -> Expects:
    """Any of these choices, in one message or by one button after another. The answer is a list.

    It holds the choices' keys in the order they were said; with `or_own_words`, whatever else they
    said stands last, as they wrote it. None of them is an empty list. `alone` names a choice that goes
    with no other ("no one else"): "all" is all but it, and "none" is it.
    """
    if alone is not None and alone not in choices:
        raise ValueError(f"{alone!r} is none of the choices")
    return Expects(choices, or_own_words, may_skip=may_skip, optional=optional, several=True, alone=alone)


def a_line(*choices: str, most: int = 40) -> Expects:
    """The number of a line shown to them, or one of these choices by its words.

    The choices have no number of their own: write their labels empty for a text (`on_sms__`), and
    let the prompt say which word to send.
    """
    return Expects(choices, numbers=(1, most), words_too=True)


def yes_no(*, optional: bool = False) -> Expects:
    """Yes or no, which are the triggers too."""
    return Expects(("yes", "no"), optional=optional)


def free_text(*, max_length: int | None = None, may_skip: bool = False, optional: bool = False) -> Expects:
    """Their own words, kept as they are."""
    return Expects(own_words=True, max_length=max_length, may_skip=may_skip, optional=optional)


def a_name(*, max_length: int = 60, may_skip: bool = False) -> Expects:
    """What somebody is called: the words people put before a name are left out."""
    return Expects(own_words=True, max_length=max_length, may_skip=may_skip, a_name=True)


def scale(low: int, high: int, *, may_skip: bool = False, optional: bool = False) -> Expects:
    """A whole number from `low` to `high`."""
    return Expects(numbers=(low, high), may_skip=may_skip, optional=optional)


def one_of_the_languages() -> Expects:
    """One of the languages offered."""
    return Expects(languages=True)


@dataclass(frozen=True, slots=True)
class Offered:
    """One choice as it was offered: its label in their language and the other words for it."""

    key: str
    label: str
    words: tuple[str, ...] = ()

    @property
    def plainly(self) -> tuple[str, ...]:
        """Its label and its words as `plain` has them, the label first."""
        return _plainly(self)


@lru_cache(maxsize=8192)
def _plainly(offered: Offered) -> tuple[str, ...]:
    return tuple(plain(w) for w in (offered.label, *offered.words))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that mean the same at every step, in their language and in English."""

    yes: frozenset[str]
    no: frozenset[str]
    skip: frozenset[str]
    numbers: dict[str, int]
    thanks: frozenset[str]
    before_a_name: frozenset[str] = frozenset()
    everything: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()
    enough: frozenset[str] = frozenset()
    ands: frozenset[str] = frozenset()
    # what opens a message that puts something right
    meant: frozenset[str] = frozenset()
    meant_otherwise: frozenset[str] = frozenset()
    oops: frozenset[str] = frozenset()
    actually: frozenset[str] = frozenset()


SKIPPED = object()

_EDGES = re.compile(r"^[\s\W_]+|[\s\W_]+$")
_SPACES = re.compile(r"[\s]+")
_DIGITS = re.compile(
    r"^(?:option|number|no\.?|answer|press|text)?\s*[\(\[]?\s*(\d{1,3})\s*[\)\].:,-]*\s*(.*)$", re.S
)
_THANKS = re.compile(r"[\s,]+(?:please|pls|plz|thanks|thank you|ta|plis|diolch|os gwelwch yn dda)$")
_OUT_OF = re.compile(r"^(\d{1,3})\s*(?:/|out of)\s*\d{1,3}$")
_ABOUT = re.compile(
    r"^(?:(?:about|around|maybe|probably|roughly|nearly|i'?d say|i would say|say|a|its|it'?s|it is|only|just"
    r"|no|sorry|oops|actually|i meant?|make (?:it|that)|change (?:it|that) to|tua)[\s,:.-]+)+(?=\S)"
)
#: A reason may follow a number.
_BECAUSE = re.compile(
    r"[\s,;:.-]+(?:because|bc|cos|coz|cuz|'cause|as|since|but|so|though|achos|oherwydd)\b.*$", re.S
)
_OF_TEN = re.compile(r"\s+(?:out of|of|allan o)\s+(?:10|ten|ddeg|\d{1,2})$")
POLITE = frozenset(
    [
        "please",
        "pls",
        "plz",
        "thanks",
        "thank",
        "you",
        "ta",
        "cheers",
        "ok",
        "okay",
        "i",
        "do",
        "am",
        "it",
        "is",
        "that",
        "thats",
        "that's",
        "fine",
        "the",
        "one",
        "then",
        "so",
        "yes",
        "no",
        "diolch",
        "plis",
        "os",
        "gwelwch",
        "yn",
        "dda",
        "thx",
        "and",
        "think",
        "choose",
        "pick",
        "want",
        "go",
        "with",
        "for",
        "of",
        "will",
        "would",
        "course",
        "love",
        "mate",
    ]
)


def plain(text: str) -> str:
    """Lower case, one space between words, no accents, no punctuation at the ends. Emoji are kept."""
    text = unicodedata.normalize(
        "NFKD", text.replace("\u2019", "'").replace("\ufe0f", "").replace("\u20e3", "")
    )
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    text = _SPACES.sub(" ", text).strip()
    return _EDGES.sub("", text) or text


def as_number(text: str, numbers: dict[str, int]) -> int | None:
    """A whole number, however it was put: "5", "five", "5/10", "about 7", "no, 6", "8 because I can"."""
    said = _BECAUSE.sub("", _ABOUT.sub("", plain(text)))
    said = _OF_TEN.sub("", said)
    if m := _OUT_OF.match(said):
        return int(m[1])
    if m := _DIGITS.match(said):
        rest = plain(m[2]).split()
        if all(word in POLITE or word in {"out", "of", "ten", "10"} for word in rest):
            return int(m[1])
        return None
    if said in numbers:
        return numbers[said]
    words = said.split()
    for n in (2, 1):
        head, rest = " ".join(words[:n]), words[n:]
        if head in numbers and rest and all(w in POLITE for w in rest):
            return numbers[head]
    return None


def name_in(text: str, vocabulary: Vocabulary) -> str:
    """The name in "my name is Ray", as they wrote it; all of it when nothing stands before the name."""
    words = text.strip().rstrip(".!").split()
    for n in range(min(4, len(words) - 1), 0, -1):
        if plain(" ".join(words[:n])) in vocabulary.before_a_name:
            return " ".join(words[n:])
    return " ".join(words)


def bare(text: str, vocabulary: Vocabulary) -> bool:
    """Only a digit, a yes or a no: words that belong to a closed question and to nothing else."""
    said = plain(text)
    return (said.isdigit() and len(said) <= 3) or said in vocabulary.yes or said in vocabulary.no


def whole_phrase(text: str, offered: Sequence[Offered]) -> str | None:
    """The choice whose label or word is exactly what they said."""
    said = plain(text)
    found = {o.key for o in offered if said in o.plainly}
    return found.pop() if len(found) == 1 and said else None


def choice_of(text: str, offered: Sequence[Offered], vocabulary: Vocabulary) -> str | None:
    """The choice they mean: its number, label, word, a part of one label, or nearly. None if unsure."""
    said = plain(text)
    if not said:
        return None
    if m := _DIGITS.match(said):
        number, rest = int(m[1]), plain(m[2])
        if not 1 <= number <= len(offered):
            return None
        chosen = offered[number - 1]
        if not rest or all(w in POLITE for w in rest.split()) or rest in chosen.plainly[0]:
            return chosen.key
        return None
    if found := whole_phrase(said, offered) or whole_phrase(_THANKS.sub("", said), offered):
        return found
    if said in vocabulary.numbers and 1 <= vocabulary.numbers[said] <= len(offered):
        return offered[vocabulary.numbers[said] - 1].key
    keys = {o.key.partition(ABOUT)[0]: o.key for o in offered}
    if "yes" in keys and "no" in keys and (meant := _yes_or_no(said, vocabulary)):
        return keys[meant]
    if len(said) >= 3:
        parts = {o.key for o in offered if f" {said} " in f" {o.plainly[0].replace(',', ' ')} "}
        if len(parts) == 1:
            return parts.pop()
    return _nearly(said, offered)


def one_named(text: str, offered: Sequence[Offered], vocabulary: Vocabulary) -> str | None:
    """The choice they name beyond doubt: its number alone, its label or word, or words of it alone.

    For choices that are much like each other and like what people say instead of one: times.
    """
    said = plain(text)
    words = said.split()
    while words and words[-1] in POLITE:
        words.pop()
    while words and words[0] in POLITE | {"number", "option"}:
        words.pop(0)
    bare_ = plain(" ".join(words))
    if bare_.isdecimal() and len(bare_) <= 2:
        number = int(bare_)
        return offered[number - 1].key if 1 <= number <= len(offered) else None
    if found := whole_phrase(said, offered) or whole_phrase(_THANKS.sub("", said), offered):
        return found
    if bare_ in vocabulary.numbers and 1 <= vocabulary.numbers[bare_] <= len(offered):
        return offered[vocabulary.numbers[bare_] - 1].key
    if len(bare_) < 3:
        return None
    within = {o.key for o in offered if f" {bare_} " in f" {o.plainly[0].replace(',', ' ')} "}
    return within.pop() if len(within) == 1 else None


def _yes_or_no(said: str, vocabulary: Vocabulary) -> str | None:
    """A yes or a no at the front, with nothing behind it but politeness: "yes but not here" is neither."""
    if said in vocabulary.yes:
        return "yes"
    if said in vocabulary.no:
        return "no"
    words = said.replace(",", " ").split()
    for n in (3, 2, 1):
        head, rest = " ".join(words[:n]), words[n:]
        if rest and len(rest) <= 4 and all(w in POLITE for w in rest):
            if head in vocabulary.yes and "no" not in rest:
                return "yes"
            if head in vocabulary.no and "yes" not in rest:
                return "no"
    if said and all(c in "\U0001f44d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff" for c in said):
        return "yes"
    if said and all(c in "\U0001f44e\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff" for c in said):
        return "no"
    if len(said) >= 3:
        for meaning, words_ in (("yes", vocabulary.yes), ("no", vocabulary.no)):
            if any(len(w) >= 3 and fuzz.ratio(said, w) >= 85 for w in words_):
                return meaning
    return None


def _nearly(said: str, offered: Sequence[Offered]) -> str | None:
    """The one label or word this is a slip of the thumb away from."""
    if len(said) < 4:
        return None
    scores: list[tuple[float, str]] = []
    for o in offered:
        best = max(fuzz.ratio(said, w) for w in o.plainly)
        scores.append((best, o.key))
    scores.sort(reverse=True)
    if scores and scores[0][0] >= 82 and (len(scores) == 1 or scores[0][0] - scores[1][0] >= 8):
        return scores[0][1]
    return None
