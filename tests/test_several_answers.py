"""Several answers in one message, and several presses one after another."""

from __future__ import annotations

import pytest

from bot.flowkit import scale, several_of
from bot.flowkit.answers import SKIPPED, Offered
from bot.flowkit.reading import read
from bot.flowkit.several import only_numbers
from tests.support.talk import voice

LABELS = {
    "company": ("Company", ("friends", "people")),
    "money": ("Money", ("cash",)),
    "debt": ("Debt", ("what I owe",)),
    "food_energy": ("Food or energy", ("food and energy", "food", "gas")),
    "getting_around": ("Getting about", ("the bus", "lifts")),
    "nobody": ("No one else", ()),
}
WORRIES = tuple(key for key in LABELS if key != "nobody")


def heard(text, *, language="en", expects=None):
    expects = expects or several_of(*WORRIES, or_own_words=True, may_skip=True)
    offered = [Offered(key, *LABELS[key]) for key in expects.choices]
    return read(expects, text, offered, voice().vocabulary(language))


@pytest.mark.parametrize(
    "text",
    [
        "1 3 5", "1,3,5", "1, 3 and 5", "1,3 and 5", "1 & 3 & 5", "1+3+5", "1/3/5", "1-3-5", "1.3.5", "135",
        "1) 3) 5)", "(1) (3) (5)", "numbers 1, 3 and 5 please", "one, three and five", "1 3 5 thanks",
        "company, debt, getting about", "Company and debt and getting about", "1 and debt and the bus",
        "COMPANY\nDEBT\nGETTING ABOUT", "compny, debt and geting about", "friends; what I owe; lifts",
        "some company, help with debt and getting about", "1\ufe0f\u20e3 3\ufe0f\u20e3 5\ufe0f\u20e3",
    ],
)  # fmt: skip
def test_three_of_them(text):
    assert heard(text) == ["company", "debt", "getting_around"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2", ["money"]), ("money", ["money"]), ("mony", ["money"]), ("Money please", ["money"]),
        ("5 1", ["getting_around", "company"]), ("1 1 1", ["company"]), ("3, debt", ["debt"]),
        ("food and energy", ["food_energy"]), ("debt, food and energy", ["debt", "food_energy"]),
        ("food and money", ["food_energy", "money"]), ("gas and cash", ["food_energy", "money"]),
        ("I want more company", ["company"]), ("the bs and debt", ["getting_around", "debt"]),
        ("first and second", ["company", "money"]),
    ],
)  # fmt: skip
def test_some_of_them_in_the_order_they_were_said(text, found):
    assert heard(text) == found


@pytest.mark.parametrize("text", ["all", "All of them", "everything", "the lot"])
def test_all_of_them(text):
    assert heard(text) == list(WORRIES)


@pytest.mark.parametrize(
    "text", ["none of these", "none", "No", "nothing", "0", "no thanks", "nope", "that's all"]
)
def test_none_of_them_is_an_answer(text):
    assert heard(text) == []


def test_to_skip_is_another():
    assert heard("skip") is SKIPPED
    assert heard("skip", expects=several_of(*WORRIES)) is None


@pytest.mark.parametrize("text", ["9", "1 9", "1-3", "1 to 3", "07700 900333", "!!", "£50"])
def test_what_may_mean_two_things_is_asked_again(text):
    assert heard(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "someone to mend my bike", "not money", "no money worries, thank God", "I lost my dog and my garden",
        "I'd like to see my son, who is away and does not ring", "my wife and I split",
        "debt collectors came on Monday and took the television",
    ],
)  # fmt: skip
def test_their_own_words_are_kept_as_they_are_and_nothing_is_read_into_them(text):
    assert heard(text) == [text]
    assert heard(text, expects=several_of(*WORRIES)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("debt and someone to mend my bike", ["debt", "someone to mend my bike"]),
        ("1, 3 and my old dog", ["company", "debt", "my old dog"]),
        ("1 3 and my old dog", ["company", "debt", "my old dog"]),
        ("My dog, money and my garden", ["money", "My dog, money and my garden"]),
    ],
)
def test_a_choice_and_their_own_words_beside_it(text, found):
    assert heard(text) == found


@pytest.mark.parametrize("text", ["1 a 3", "1, 3", "cwmni a dyled", "1 ac 3"])
def test_in_welsh_and_is_a_or_ac(text):
    offered = [Offered("company", "Cwmni"), Offered("money", "Arian"), Offered("debt", "Dyled")]
    expects = several_of("company", "money", "debt", or_own_words=True)

    assert read(expects, text, offered, voice().vocabulary("cy")) == ["company", "debt"]


def test_a_choice_that_stands_alone():
    expects = several_of("company", "money", "nobody", alone="nobody")

    assert heard("all", expects=expects) == ["company", "money"]
    assert heard("none", expects=expects) == heard("no one else", expects=expects) == ["nobody"]
    assert heard("3", expects=expects) == ["nobody"]
    assert heard("1 and no one else", expects=expects) is None


def test_a_row_of_numbers_is_known_for_one():
    vocabulary = voice().vocabulary("en")

    assert all(only_numbers(text, vocabulary) for text in ("1 3", "1,3 and 5", "2"))
    assert not any(only_numbers(text, vocabulary) for text in ("1 for me, none for him", "company", ""))


# -- from nought to ten -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("seven", 7), ("5/10", 5), ("5 / 10", 5), ("about 7", 7), ("no, 6", 6), ("no 6", 6),
        ("sorry, 6", 6), ("6 out of 10", 6), ("six out of ten", 6), ("0", 0), ("nought", 0), ("10", 10),
        ("ten", 10), ("I'd say 4", 4), ("8 because my sister helps", 8), ("make it 9", 9), ("maybe a 3", 3),
        ("it's a 2", 2), ("7.", 7),
    ],
)  # fmt: skip
def test_a_number_however_it_is_put(text, number):
    assert heard(text, expects=scale(0, 10)) == number


@pytest.mark.parametrize("text", ["11", "7 or 8", "7.5", "no", "not sure", "a lot", "10 years ago I could"])
def test_what_is_no_number_is_asked_again(text):
    assert heard(text, expects=scale(0, 10)) is None


def test_a_number_may_be_skipped_where_the_flow_says_so():
    assert heard("skip", expects=scale(0, 10, may_skip=True)) is SKIPPED
    assert heard("skip", expects=scale(0, 10)) is None
