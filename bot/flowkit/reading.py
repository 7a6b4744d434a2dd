"""Reading what somebody typed as an answer to what a step expects."""

from __future__ import annotations

from collections.abc import Sequence

from bot.flowkit.answers import (
    SKIPPED,
    Expects,
    Offered,
    Vocabulary,
    as_number,
    bare,
    choice_of,
    name_in,
    one_named,
    plain,
)
from bot.flowkit.several import several_in


def read(expects: Expects, text: str, offered: Sequence[Offered], vocabulary: Vocabulary) -> object | None:
    """The answer in `text`: a choice's key, several in a list, a number, their words, or SKIPPED.

    None when it does not fit.
    """
    if not text.strip():
        return None
    said = plain(text)
    if expects.may_skip and said in vocabulary.skip:
        return SKIPPED
    if expects.numbers is not None:
        number = as_number(text, vocabulary.numbers)
        low, high = expects.numbers
        if number is not None and low <= number <= high:
            return number
        return choice_of(text, offered, vocabulary) if expects.words_too and number is None else None
    if expects.several:
        return several_in(expects, text, offered, vocabulary)
    if expects.choices or expects.found or expects.languages:
        named = one_named if expects.found and expects.own_words else choice_of
        found = named(text, offered, vocabulary)
        if found is not None or not expects.own_words:
            return found
        if bare(text, vocabulary):
            return None
    if expects.a_name:
        text = name_in(text, vocabulary)
    fits = expects.max_length is None or len(text) <= expects.max_length
    return text if expects.own_words and fits else None
