"""What matters: strengths first, everything may be skipped, a rest in time, and a plan that is theirs."""

from __future__ import annotations

import pytest

from bot.flowkit import StartFlow
from bot.flowkit.lists import BARRIERS, FIVE_WAYS, HELPS, MEETING, PRACTICAL
from bot.requests import (
    AgreePlan,
    KeepLines,
    KeepNeeds,
    NeedsFound,
    NotReferred,
    OpenPlan,
    PlanBegun,
    PlanEmpty,
    PlanHeld,
    ReadPlan,
    RecordAnswer,
    RestHere,
    SharePlan,
)
from flows.what_matters import CHANGED_AT, WhatMatters

#: The whole way in a chat, where nobody pays by the message.
QUESTIONS = [
    "more", "going_well", "enjoys", "around", "five_ways", "practical", "barriers", "helps", "meeting",
    "when", "with_whom", "small_step", "importance", "why_importance", "confidence", "why_confidence",
    "access", "access_words", "summary", "may_see", "support",
]  # fmt: skip
#: The lines of a plan, as they are numbered.
LINES = [*CHANGED_AT, "access"]
#: What fits each.
FITS = {
    "five_ways": "1", "practical": "1", "barriers": "1", "helps": "1", "meeting": "1", "importance": "7",
    "confidence": "4", "access": "1", "rest_1": "1", "rest_2": "1", "rest_3": "1", "summary": "ok",
    "may_see": "1", "support": "2",
}  # fmt: skip


def kept(talk):
    return {r.step: r.said for r in talk.requests if isinstance(r, KeepLines)}


def goes_on(talk, *, skipping=False):
    """They answer, or skip, everything; what they were asked, in order."""
    asked = []
    while talk.ended is None:
        step = talk.heard[-1].partition(".")[2]
        asked.append(step)
        may_skip = WhatMatters.step(step).expects.may_skip
        talk.says("skip" if skipping and may_skip else FITS.get(step, f"about {step}"))
    return asked


def test_in_a_chat_everything_is_asked_once_and_nothing_in_between(talk):
    assert goes_on(talk.starts(channel="telegram")) == QUESTIONS


def test_by_text_there_is_a_rest_after_six_questions_at_most(talk):
    asked = goes_on(talk.starts())

    runs, run = [], 0
    for step in asked:
        run = 0 if step.startswith("rest_") else run + 1
        runs.append(run)
    assert max(runs) <= 6
    assert [step for step in asked if not step.startswith("rest_")] == QUESTIONS


def test_what_is_good_is_asked_before_what_is_hard(talk):
    asked = goes_on(talk.starts(channel="telegram"))

    assert asked.index("going_well") < asked.index("enjoys") < asked.index("practical")
    assert asked.index("practical") < asked.index("barriers")


def test_what_they_told_us_when_they_were_referred_is_not_asked_again(talk):
    talk.starts().hears("what_matters.more")
    talk.says("my mum too").hears("what_matters.going_well")

    assert talk.requests == [OpenPlan(), KeepLines("matters", "more", "my mum too", asked="more")]


def test_who_told_us_nothing_is_asked(talk):
    talk.finds(PlanBegun()).starts().hears("what_matters.matters")
    talk.says("my mum").hears("what_matters.going_well")

    assert kept(talk) == {"matters": "my mum"}


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_everything_may_be_skipped(talk, channel):
    talk.finds(PlanEmpty())
    asked = goes_on(talk.starts(channel=channel), skipping=True)

    assert talk.ended == "they skipped it all"
    assert set(kept(talk).values()) == {None}
    assert "importance" not in asked, "there is no step to ask about"


def test_a_skipped_number_is_no_nought(talk):
    talk.at("what_matters.importance", small_step="ring Jo").says("skip").hears("what_matters.confidence")
    talk.says("0").hears("what_matters.rest_3")

    assert kept(talk) == {"importance": None, "confidence": 0}


def test_nought_is_not_asked_why_it_is_not_lower(talk):
    talk.at("what_matters.importance", small_step="ring Jo").says("0").hears("what_matters.confidence")


def test_the_choices_are_those_of_the_lists(talk):
    steps = {"five_ways": FIVE_WAYS, "practical": PRACTICAL, "barriers": BARRIERS, "helps": HELPS,
             "meeting": MEETING}  # fmt: skip
    for step, choices in steps.items():
        assert WhatMatters.step(step).expects.choices == choices


def test_several_and_their_own_words_are_kept_as_they_said_them(talk):
    talk.at("what_matters.practical").says("debt, 1 and someone to mend my bike")

    (keep,) = talk.requests
    assert keep.said == ["debt", "money", "someone to mend my bike"]
    assert (keep.heading, keep.asked, keep.codes) == ("want", "practical", PRACTICAL)


def test_the_two_questions_about_wants_do_not_overwrite_each_other(talk):
    talk.at("what_matters.five_ways", channel="telegram").says("company").says("debt")

    assert [(r.heading, r.asked) for r in talk.requests] == [("want", "five_ways"), ("want", "practical")]


# -- resting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["rest_1", "rest_2", "rest_3"])
@pytest.mark.parametrize("text", ["2", "later", "not now", "rest", "tomorrow"])
def test_they_may_rest_and_the_question_waits(talk, rest, text):
    talk.at(f"what_matters.{rest}").says(text).hears(f"what_matters.{rest}")

    assert talk.requests == [RestHere()]


@pytest.mark.parametrize(
    ("rest", "then"), [("rest_1", "barriers"), ("rest_2", "small_step"), ("rest_3", "access")]
)
def test_or_go_on(talk, rest, then):
    talk.at(f"what_matters.{rest}").says("go on").hears(f"what_matters.{then}")


# -- what makes it easier to talk ------------------------------------------------------------------


def test_an_access_need_is_kept_by_its_kind_in_their_own_words(talk):
    talk.at("what_matters.access").says("1 and 3").hears("what_matters.access_words")
    talk.says("Polish, and 18 point print").hears("what_matters.summary")

    assert KeepNeeds(("professional", "format"), "Polish, and 18 point print", "access") in talk.requests


def test_own_words_are_put_into_no_kind(talk):
    talk.at("what_matters.access").says("please speak slowly to me").hears("what_matters.summary")

    assert KeepNeeds(("other",), "please speak slowly to me", "access") in talk.requests


@pytest.mark.parametrize("text", ["skip", "none", "no"])
def test_no_needs_are_no_needs(talk, text):
    talk.at("what_matters.access").says(text).hears("what_matters.summary")

    assert KeepNeeds((), None, "access") in talk.requests


def test_what_we_know_of_their_needs_is_found_before_we_ask(talk):
    talk.finds(NeedsFound(words="I use a hearing aid"))
    talk.at("what_matters.rest_3").says("1").hears("what_matters.access")


# -- read back and put right -----------------------------------------------------------------------


@pytest.mark.parametrize(("question", "step"), [*CHANGED_AT.items(), ("access", "access")])
def test_the_number_of_a_line_asks_its_question_once_more_and_then_reads_it_back(talk, question, step):
    talk.at("what_matters.access", channel="telegram").says("skip").hears("what_matters.summary")
    number = LINES.index(question) + 1
    talk.says(str(number)).hears(f"what_matters.{step}")
    talk.says(FITS.get(step, "something else"))
    if step in ("importance", "confidence", "access"):
        talk.says("for another reason")

    talk.hears("what_matters.summary")
    assert talk.requests[-1] == ReadPlan(changed=question)
    if step != "access":
        assert kept(talk)[step] is not None
    talk.says("ok").hears("what_matters.may_see")


@pytest.mark.parametrize(("line", "step"), CHANGED_AT.items())
def test_a_line_is_taken_out_by_skipping_its_question(talk, line, step):
    talk.at("what_matters.access", channel="telegram").says("skip")
    talk.says(str(LINES.index(line) + 1)).says("skip").hears("what_matters.summary")

    assert kept(talk)[step] is None


def test_without_a_step_nothing_is_left_that_was_about_it(talk):
    talk.at("what_matters.access", channel="telegram").says("skip")
    talk.says(str(LINES.index("step") + 1)).says("skip").hears("what_matters.summary")

    about_it = ("small_step", "importance", "why_importance", "confidence", "why_confidence")
    assert kept(talk) == dict.fromkeys(about_it)


def test_a_number_that_is_no_line_says_so(talk):
    talk.at("what_matters.access").says("skip").says("38").hears("what_matters.no_such_line")
    talk.says("2").hears("what_matters.going_well")
    talk.says("my sister").hears("what_matters.summary")
    talk.says("all right").hears("what_matters.may_see")

    assert AgreePlan() in talk.requests


def test_it_can_be_read_once_more(talk):
    talk.at("what_matters.access").says("skip").says("1").says("my sister").says("read")

    talk.hears("what_matters.summary")
    assert talk.requests[-1] == ReadPlan()


# -- whose it is -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "who"),
    [("1", ("gp",)), ("my GP", ("gp",)), ("1 2", ("gp", "services")), ("all", ("gp", "services")),
     ("groups I join", ("services",)), ("3", ()), ("no one else", ()), ("none", ()), ("no", ())],
)  # fmt: skip
def test_who_may_see_it_is_theirs_to_say(talk, text, who):
    talk.at("what_matters.may_see").says(text).hears("what_matters.support")

    assert talk.requests == [
        RecordAnswer("agreement", "see-plan:gp", given="gp" in who),
        RecordAnswer("agreement", "see-plan:services", given="services" in who),
        SharePlan(who),
    ]


def test_who_may_see_it_stays_as_it_is_when_they_skip_that(talk):
    talk.at("what_matters.may_see").says("skip").hears("what_matters.support")

    assert talk.requests == []


def test_everyone_and_no_one_is_asked_again(talk):
    talk.at("what_matters.may_see").says("1 and no one else").hears("what_matters.may_see again")


def test_it_ends_with_an_offer_of_what_is_near(talk):
    talk.at("what_matters.support").says("1").hears("what_matters.looking")

    assert talk.requests == [StartFlow("find_support")]
    talk.at("what_matters.support").says("not now").hears("what_matters.kept")


# -- a plan they have --------------------------------------------------------------------------------


def test_somebody_who_has_a_plan_may_read_add_share_or_leave_it(talk):
    talk.finds(PlanHeld()).starts().hears("what_matters.held")
    talk.says("read it").hears("what_matters.summary")
    talk.at("what_matters.held").says("who may see it").hears("what_matters.may_see")
    talk.at("what_matters.held").says("4").hears("what_matters.left")
    talk.at("what_matters.held").says("add").hears("what_matters.add")
    talk.says("I have a new dog").hears("what_matters.summary")

    assert KeepLines("matters", "add", "I have a new dog", adds=True) in talk.requests


def test_who_may_see_it_is_asked_once_and_then_when_they_wish(talk):
    talk.finds(PlanHeld(agreed=True)).starts().says("read it").says("ok").hears("what_matters.left")
    talk.finds(PlanHeld(agreed=False)).starts().says("read it").says("ok").hears("what_matters.may_see")


def test_before_a_referral_there_is_none(talk):
    talk.finds(NotReferred()).starts().hears("what_matters.not_yet")


# -- offered ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", ["what_matters", "find_support"])
def test_an_offer_asks_first(talk, flow):
    talk.starts(f"offer_{flow}").says("yes").hears(f"offer_{flow}.going_on")

    assert talk.requests == [StartFlow(flow)]
    for text, end in (("2", "another_day"), ("no thanks", "no_thanks"), ("later", "another_day")):
        talk.starts(f"offer_{flow}").says(text).hears(f"offer_{flow}.{end}")
