"""Change answer: on a phone that others see, the short word they chose comes first."""

from __future__ import annotations

from bot.requests import CheckWord, NotShown, OfferChanges, WordNeeded, WordRight


def test_the_right_word_opens_it(talk):
    talk.finds(WordNeeded(), WordRight())
    talk.starts().hears("change_answer.word")
    talk.says("tulip").hears("change_answer.choosing")

    assert talk.requests == [CheckWord(), CheckWord("tulip"), OfferChanges()]


def test_the_wrong_word_opens_nothing(talk):
    talk.finds(WordNeeded(), NotShown()).starts()
    talk.says("rose").hears("change_answer.not_changed")

    assert OfferChanges() not in talk.requests


def test_without_the_word_a_person_helps(talk):
    talk.finds(WordNeeded()).starts().says("skip").hears("change_answer.not_changed")
