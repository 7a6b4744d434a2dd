"""A time came free: what they may say to it, and what each asks for."""

from __future__ import annotations

import pytest

from bot.requests import LetFreedTimeGo, TakeFreedTime, TimeFreed, TimeGone, TimeLetGo, TimeYours

TIME = {
    "id": 0, "starts_at": "2026-03-05T10:00:00+00:00", "minutes": 30, "zone": "Europe/London",
    "meeting": "phone", "who": "Amina", "where": "", "bring": "", "group": False, "place": None,
}  # fmt: skip


@pytest.fixture
def offered(talk):
    talk.starts().hears("freed_time.offered")
    talk.frame.found["time_freed"] = TimeFreed(7, TIME)
    return talk


@pytest.mark.parametrize(
    "text", ["1", "yes", "yes please!", "I'll take it", "i can come", "OK", "Yes, pleese"]
)
def test_a_yes_asks_for_it(offered, text):
    offered.finds(TimeYours(TIME)).says(text).hears("freed_time.yours")

    assert offered.requests == [TakeFreedTime(7)]


def test_somebody_else_was_first(offered):
    offered.finds(TimeGone()).says("yes").hears("freed_time.gone")


@pytest.mark.parametrize(
    "text", ["2", "no", "No thanks", "not this time", "can't", "can't make it", "too soon"]
)
def test_a_no_lets_this_one_go(offered, text):
    offered.finds(TimeLetGo()).says(text).hears("freed_time.still_waiting")

    assert offered.requests == [LetFreedTimeGo(7)]


@pytest.mark.parametrize("text", ["3", "do not ask me again", "take me off the list", "stop asking"])
def test_off_the_list(offered, text):
    offered.finds(TimeLetGo()).says(text).hears("freed_time.off_the_list")

    assert offered.requests == [LetFreedTimeGo(7, for_good=True)]


@pytest.mark.parametrize("text", ["2", "3"])
def test_what_is_theirs_already_stays_theirs(offered, text):
    offered.finds(TimeYours(TIME)).says(text).hears("freed_time.stays_yours")


@pytest.mark.parametrize("text", ["can I bring my dog?", "what about Friday", "4", "my sister is ill"])
def test_anything_else_asks_for_nothing(offered, text):
    offered.says(text).hears("freed_time.offered again")

    assert offered.requests == []
