"""For someone else: three answers, and the least is asked."""

from __future__ import annotations

import pytest

from bot.flowkit import StartFlow
from bot.requests import OpenReferral, TalkToCarerFirst


def test_they_agreed(talk):
    talk.starts().hears("for_someone_else.agreed")
    talk.says("they said yes").hears("for_someone_else.their_name")
    talk.says("Her name is Joan").hears("for_someone_else.their_way")
    talk.says("07700 900555, mornings").hears("for_someone_else.who_asks")
    talk.says("Bob, her son").hears("for_someone_else.passed_on")
    talk.says("no").hears("for_someone_else.thanks")

    assert talk.requests == [
        OpenReferral(
            {"their_name": "Joan", "their_way": "07700 900555, mornings", "who_asks": "Bob, her son"},
            made_by="someone-else",
        )
    ]


def test_not_yet_keeps_nothing_about_them(talk):
    talk.starts().says("not yet").hears("for_someone_else.not_yet")
    talk.says("no thanks").hears("for_someone_else.thanks")

    assert talk.requests == []


def test_they_cannot_decide_so_a_person_talks_to_the_carer_first(talk):
    talk.starts().says("dementia").hears("for_someone_else.carer_name")
    talk.says("skip").hears("for_someone_else.carer_way")
    talk.says("07700 900556 after 6").hears("for_someone_else.carer_first")

    assert talk.requests == [TalkToCarerFirst({"carer_name": None, "carer_way": "07700 900556 after 6"})]


@pytest.mark.parametrize("step", ["not_yet", "passed_on", "carer_first"])
def test_the_one_who_asks_is_offered_help_too(talk, step):
    talk.at(f"for_someone_else.{step}").says("yes please").hears("for_someone_else.going_on")

    assert talk.requests == [StartFlow("intake")]


def test_who_asks_may_stay_unnamed(talk):
    talk.at("for_someone_else.who_asks", agreed="agreed", their_name="Joan", their_way="07700 900555")
    talk.says("skip").hears("for_someone_else.passed_on")
