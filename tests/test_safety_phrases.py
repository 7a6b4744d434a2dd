"""The small language the patterns are written in."""

from __future__ import annotations

import pytest

from bot.safety.phrases import BadPhrase, Lists, forms_of, read_phrase

LISTS = Lists(
    words={
        "want": ["want to", "hope~ to"],
        "die": ["die", "be <gone>"],
        "gone": ["(dead|gone)"],
        "loose": ["#"],
    },
    forms={"take": "took taken"},
    denying=["not", "never"],
)


def is_in(phrase: str, text: str) -> bool:
    return bool(read_phrase(phrase, LISTS).compiled.search(f" . {text} . "))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("kill myself", "i kill myself now", True),
        ("kill myself", "killing myself", False),
        ("kill myself", "kill , myself", False),
        ("suicid*", "feeling suicidal", True),
        ("pills?", "a pill", True),
        ("pills?", "the pills", True),
        ("take~ it", "he took it", True),
        ("take~ it", "taking it", True),
        ("<want> <die>", "i hoped to be gone", True),
        ("<want> <die>", "i want to live", False),
        ("(a|b c) d", "b c d", True),
        ("a (b)? c", "a c", True),
        ("a (b)? c", "a x c", False),
        ("a .. c", "a 1 2 3 c", True),
        ("a .. c", "a 1 2 3 4 c", False),
        ("a ..4 c", "a 1 2 3 4 c", True),
        ("a .. c", "a , c", False),
        ("a ... c", "a , c", True),
        ("a ... c", "a . c", False),
        ("he .. hit me", "he would hit me", True),
        ("he .. hit me", "he would never hit me", False),
        ("_ c", "anything c", True),
        ("took # pills", "took 20 pills", True),
        ("^ done", "done now", True),
        ("^ done", "i am done", False),
        ("done $", "i am done", True),
        ("done $", "done now", False),
    ],
)
def test_what_a_phrase_finds(phrase, text, found):
    assert is_in(phrase, text) is found


@pytest.mark.parametrize(
    "phrase",
    ["", "(a", "a)", "a | ", "(a|)", "<nothing-so-named>", "..", "# _", "A", "a & b", "<loose>", "ab*"],
)
def test_a_phrase_that_cannot_be_read_is_named(phrase):
    with pytest.raises(BadPhrase) as error:
        read_phrase(phrase, LISTS)
    assert phrase.strip() in str(error.value)


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("cut", "cutting"),
        ("take", "taking"),
        ("take", "took"),
        ("try", "tried"),
        ("die", "dying"),
        ("poison", "poisoning"),
    ],
)
def test_the_forms_of_a_verb(verb, form):
    assert form in forms_of(verb, LISTS.forms)


def test_a_text_without_the_words_is_never_searched():
    phrase = read_phrase("<want> <die>", LISTS)
    assert phrase.triggers <= {"want", "die", "dead", "gone", "hope", "hopes", "hoped", "hoping"}
    assert phrase.may_be_in({"want", "to", "die"})
    assert not phrase.may_be_in({"a", "song"})
