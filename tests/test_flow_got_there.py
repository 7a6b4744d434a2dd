"""Did you get there? What they may say, and what each answer leads to. Nobody is blamed."""

from __future__ import annotations

import pytest

from bot.flowkit import StartFlow
from bot.requests import (
    AnotherTime,
    AskCompanion,
    AskLinkWorker,
    CompanionAsked,
    ForAPerson,
    OnTheWay,
    RecordGotThere,
    RecordNotThere,
    TryAnotherTime,
)

GOING = OnTheWay(5, "Tea and Chat")


@pytest.fixture
def asked(talk):
    talk.starts().hears("got_there.asked")
    talk.frame.found["on_the_way"] = GOING
    return talk


@pytest.mark.parametrize("text", ["1", "yes", "Yes I went", "i did", "been", "yep", "yes thanks"])
def test_they_were_there(asked, text):
    asked.says(text).hears("got_there.how")

    assert asked.requests == [RecordGotThere(5)]


def test_and_may_say_how_it_was(asked):
    asked.says("yes").says("lovely people, I go again on Wednesday").hears("got_there.thanks")

    assert asked.requests[-1] == RecordGotThere(5, "lovely people, I go again on Wednesday")


@pytest.mark.parametrize("text", ["2", "no", "not yet", "didn't go", "I forgot", "couldn't"])
def test_not_yet_asks_what_got_in_the_way(asked, text):
    asked.says(text).hears("got_there.barrier")

    assert asked.requests == []


@pytest.mark.parametrize(
    ("text", "found", "heard", "request_"),
    [
        ("another time", AnotherTime("2026-03-11"), "again_later", TryAnotherTime(5, "nerves")),
        ("1", ForAPerson(), "with_person", TryAnotherTime(5, "nerves")),
        ("someone to come with me", CompanionAsked(True), "along_promised", AskCompanion(5, "nerves")),
        ("2", CompanionAsked(False), "along_asked", AskCompanion(5, "nerves")),
        ("talk to a person", ForAPerson(), "with_person", AskLinkWorker(5, "nerves")),
        ("leave it", None, "left", RecordNotThere(5, "nerves")),
    ],
)
def test_what_would_mend_it(asked, text, found, heard, request_):
    asked.says("not yet").says("nerves").hears("got_there.mend")
    if found:
        asked.finds(found)
    asked.says(text).hears(f"got_there.{heard}")

    assert asked.requests == [request_]


def test_something_different_is_looked_for(asked):
    asked.says("2").says("1").says("something different").hears("got_there.something_else")

    assert asked.requests == [RecordNotThere(5, "cost"), StartFlow("find_support")]


def test_what_got_in_the_way_in_their_own_words(asked):
    asked.says("no").says("my sister came to stay").says("leave it there").hears("got_there.left")

    assert asked.requests == [RecordNotThere(5, "other", "my sister came to stay")]


def test_they_need_not_say_what_got_in_the_way(asked):
    asked.says("no").says("skip").hears("got_there.mend").says("leave it there")

    assert asked.requests == [RecordNotThere(5, None)]


def test_it_is_not_for_them(asked):
    asked.says("it is not for me").says("the day or time").hears("got_there.instead")
    asked.says("leave it").hears("got_there.left")

    assert asked.requests == [RecordNotThere(5, "time")]


@pytest.mark.parametrize(
    ("text", "heard", "requests"),
    [
        ("yes please", "something_else", [StartFlow("find_support")]),
        ("I did go there", "how", [RecordGotThere(5)]),
        ("no", "left", []),
    ],
)
def test_it_has_stopped(talk, text, heard, requests):
    talk.at("got_there.stopped")
    talk.frame.found["on_the_way"] = OnTheWay(5, "Tea and Chat", stopped=True)
    talk.says(text).hears(f"got_there.{heard}")

    assert talk.requests == requests


def test_no_prompt_blames_anyone():
    from tests.support.talk import ROOT

    words = (ROOT / "templates" / "prompts" / "got_there.txt").read_text("utf-8").casefold()

    for blame in ("missed", "failed", "should have", "wasted", "let down", "why not", "did not attend"):
        assert blame not in words
