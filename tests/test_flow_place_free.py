"""A place has come up: what they may say to it, and what each hears."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.flowkit import StartFlow
from bot.messages import InboundMessage
from bot.requests import (
    LeavePlace,
    PlaceGone,
    PlaceOffered,
    PlaceTaken,
    RecordAnswer,
    TakePlace,
)
from bot.store.tables import Onward, service
from tests.support import near
from tests.support.near import GARDEN, TEA
from tests.support.scenes import says

CARD = {"id": 7, "name": "The Friday Garden", "direct": False, "reasons": []}


@pytest.fixture
def offered(talk):
    talk.starts().hears("place_free.offered")
    talk.frame.found["place_offered"] = PlaceOffered(3, CARD, "2026-03-05T10:00:00+00:00")
    return talk


@pytest.mark.parametrize("text", ["1", "yes", "yes please", "I'd like it", "ok"])
def test_a_yes_takes_it_and_is_written_down(offered, text):
    offered.finds(PlaceTaken(CARD)).says(text).hears("place_free.yours")

    assert offered.requests == [RecordAnswer("agreement", "tell-service:7", True), TakePlace(3)]


def test_where_they_get_in_touch_themselves_nobody_is_told(offered):
    offered.frame.found["place_offered"] = PlaceOffered(3, {**CARD, "direct": True}, "2026-03-05T10:00")
    offered.finds(PlaceTaken(CARD, themselves=True)).says("yes").hears("place_free.yours")

    assert offered.requests == [TakePlace(3)]


def test_somebody_else_was_first(offered):
    offered.finds(PlaceGone("The Friday Garden")).says("yes").hears("place_free.gone")


@pytest.mark.parametrize(
    ("text", "heard", "request_"),
    [
        ("no", "still_waiting", LeavePlace(3)),
        ("not this time", "still_waiting", LeavePlace(3)),
        ("take me off the list", "off_the_list", LeavePlace(3, for_good=True)),
    ],
)
def test_they_let_it_go(offered, text, heard, request_):
    offered.says(text).hears(f"place_free.{heard}")

    assert offered.requests == [request_]


def test_it_has_stopped(talk):
    talk.at("place_free.stopped").says("yes").hears("place_free.something_else")

    assert talk.requests == [StartFlow("find_support")]


# Whole conversations


@pytest.fixture
def garden(conversation):
    return near.add(conversation, GARDEN)[0]


@pytest.fixture
def waiting(conversation, sms, garden):
    """Ray waits for a place in the garden."""
    near.looks(sms, "LE65", "company", "1", "1").hears("find_support.listed")
    return sms


@pytest.fixture
def also_waiting(conversation, garden):
    """So does Mo, by another phone."""
    mo = conversation.phone("sms", "+447700900107")
    near.looks(mo, "LE65", "company", "1", "1").hears("find_support.listed")
    return mo


def test_they_are_told_when_a_place_comes_up_and_the_yes_leads_there(conversation, waiting, garden):
    conversation.forward(days=1)
    near.places(conversation, garden, 1)
    waiting.hears("place_free.offered").hears_words("The Friday Garden", "first yes")
    waiting.says("yes").hears("place_free.yours").hears_words("contact you in the way you chose")

    (going,) = near.going(waiting)
    assert going.kind is Onward.REFERRED and near.places_left(conversation, garden) == 0
    assert near.said_yes(waiting) == {f"tell-service:{garden}": True}
    assert ("tell-service", "The Friday Garden: 01632 960114") in near.tasks_of(waiting)


def test_the_first_yes_takes_it_and_the_other_hears_kindly(conversation, waiting, also_waiting, garden):
    conversation.forward(days=1)
    near.places(conversation, garden, 1)
    waiting.hears("place_free.offered")
    also_waiting.hears("place_free.offered").says("yes").hears("place_free.yours")

    waiting.hears("place_free.gone_first").hears_words("still on the list").hears_no_words("Mo")
    assert near.places_left(conversation, garden) == 0
    assert near.going(waiting) == []


def test_a_yes_just_too_late_is_answered_kindly(conversation, waiting, also_waiting, garden):
    conversation.forward(days=1)
    near.places(conversation, garden, 1)
    conversation.next_line()
    for n, phone in enumerate([also_waiting, waiting]):
        message = InboundMessage(phone.channel, f"both-{n}", phone.address, "yes")
        conversation.inbox.receive(message).result(timeout=30)
    for phone in (also_waiting, waiting):  # before anything set off by the first has happened
        conversation.turns.take(phone.conversation_id).result(timeout=30)
    conversation.run_timers()

    also_waiting.hears("place_free.yours")
    waiting.hears("place_free.gone").hears_words("still on the list")
    assert near.going(waiting) == [] and near.places_left(conversation, garden) == 0


def test_who_lets_it_go_leaves_it_to_the_others_and_waits_on(conversation, waiting, garden):
    conversation.forward(days=1)
    near.places(conversation, garden, 1)
    waiting.says("not this time").hears("place_free.still_waiting")
    conversation.forward(days=13)
    assert "place_free.offered" not in [m.prompt for m in waiting.heard]  # they are left in peace
    conversation.forward(days=2)

    waiting.hears("place_free.offered")  # it is free still, and nobody else waits


def test_nobody_is_told_at_night(conversation, waiting, garden):
    conversation.forward(hours=13)
    near.places(conversation, garden, 1)
    waiting.hears_nothing()
    conversation.forward(hours=12)

    waiting.hears("place_free.offered")


def test_on_a_shared_phone_a_link_worker_tells_them(conversation, sms, garden):
    says(sms, "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    near.looks(sms, "LE65", "company", "1", "1")
    conversation.forward(days=1)
    near.places(conversation, garden, 1)

    sms.hears_nothing()
    assert ("place-free", "The Friday Garden") in near.tasks_of(sms)


def test_who_waits_for_what_has_stopped_hears_so_and_something_else_is_found(conversation, waiting, garden):
    near.add(conversation, TEA)
    conversation.forward(days=1)
    near.pause(conversation, garden)
    waiting.hears("place_free.stopped").hears_words("The Friday Garden has stopped")
    waiting.says("yes please")

    assert waiting.asked == "find_support.one"
    waiting.hears_words(TEA.name)


def test_a_place_nobody_told_us_of_is_noticed_within_a_day(conversation, waiting, garden):
    """However the number changed: here beneath everything, as an import might."""
    near.run(conversation, lambda unit: unit.execute(update(service).values(places_left=2)))
    waiting.heard = []
    conversation.forward(days=1, hours=1)

    waiting.hears("place_free.offered")
