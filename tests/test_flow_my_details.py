"""My details: what do you hold about me?"""

from __future__ import annotations

from bot.requests import DetailsFound, FindMyDetails, NotShown, WordNeeded


def test_a_phone_only_they_see(talk):
    talk.starts().hears("my_details.shown")

    assert talk.requests == [FindMyDetails()]


def test_a_shared_phone_asks_for_the_word(talk):
    talk.finds(WordNeeded(), DetailsFound("Sue", agreed=True, waiting=False))
    talk.starts().hears("my_details.word")
    talk.says("tulip").hears("my_details.shown")

    assert talk.requests == [FindMyDetails(), FindMyDetails("tulip")]


def test_a_wrong_word_shows_nothing(talk):
    talk.finds(WordNeeded(), NotShown()).starts().says("rose").hears("my_details.not_shown")


def test_without_the_word_a_person_can_say(talk):
    talk.finds(WordNeeded()).starts().says("skip").hears("my_details.not_shown")


def test_where_no_word_was_chosen_nothing_is_shown(talk):
    talk.finds(NotShown()).starts().hears("my_details.not_shown")
