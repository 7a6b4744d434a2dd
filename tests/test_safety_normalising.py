"""Reading what was typed: the same words, however they come."""

from __future__ import annotations

import pytest

from bot.safety.normalising import LONGEST, Reader, fold
from bot.safety.noticing import languages

ENGLISH, WELSH = languages()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("I can't, I'm gonna", "i can not , i am going to"),
        ("I\u2019ll be there!", "i will be there ."),
        ("ill be there", "i will be there"),
        ("I feel ill", "i feel ill"),
        ("u r gr8 m8", "you are gr 8 mate"),
        ("dnt wnt 2 b here nemore", "do not want to be here anymore"),
        ("took 2 tablets at 2", "took 2 tablets at 2"),
        ("k1ll", "kill"),
        ("sui cide", "suicide"),
        ("self-harm", "selfharm"),
        ("my self", "myself"),
        ("diiiie", "die"),
        ("sooo tired", "tired"),
        ("wait... what", "wait , what"),
        ("one\ntwo", "one . two"),
        ("\U0001f48a \U0001f48a", "pills pills"),
        ("\u0440ills", "pills"),
        ("k i l l  m y s e l f", "kill myself"),
        ("p q z", "p q z"),
        ("07700 900123", "07700 900123"),
        ("", ""),
        ("\u200b\u200d", ""),
    ],
)
def test_english_is_read_as_it_was_meant(typed, read):
    assert " ".join(ENGLISH.reader.read(typed)) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Dw i'n teimlo", "dwi yn teimlo"),
        ("dwi'n", "dwi yn"),
        ("gwên tŷ dŵr", "gwen ty dwr"),
        ("rwan", "nawr"),
        ("lladd fy hunan", "lladd fy hun"),
    ],
)
def test_welsh_is_read_with_or_without_its_marks(typed, read):
    assert " ".join(WELSH.reader.read(typed)) == read


@pytest.mark.parametrize("word", ["sucidal", "suicidle", "overdosse", "tablts", "strangeld", "threatend"])
def test_a_slip_in_a_key_word_is_mended(word):
    assert ENGLISH.reader.read(word)[0] in ENGLISH.reader.keys | {"suicidal", "tablets"}


@pytest.mark.parametrize(
    "word", ["willing", "healing", "bride", "races", "meditation", "kicker", "education"]
)
def test_a_word_that_is_near_one_is_left_alone(word):
    assert ENGLISH.reader.read(word) == [word]


def test_words_run_together_are_parted():
    assert ENGLISH.reader.read("iwanttodie")[-1] == "die"
    assert ENGLISH.reader.read("killmyself") == ["kill", "myself"]


def test_a_masked_word_is_the_one_it_can_be():
    assert ENGLISH.reader.read("su*cide") == ["suicide"]


def test_only_so_much_is_read():
    assert len(fold("a" * 10 * LONGEST)) == LONGEST


def test_a_reader_without_a_list_changes_nothing():
    assert Reader({"one"}).read("one TWO, three.") == ["one", "two", ",", "three", "."]
