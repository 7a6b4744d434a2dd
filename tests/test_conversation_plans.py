"""What matters, as a whole conversation on every store: offered in time, kept line by line, and safe."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.casework.plans import GP, LINK_WORKER, history_of, plan_of
from bot.casework.tasks import open_tasks
from bot.conversation.written import PLAN_CHANGED
from bot.people.access_needs import REVIEW_AFTER, needs_of
from bot.people.consents import entries
from bot.people.contact_points import set_safe
from bot.store.tables import Heading, Safe, inbox
from tests.support.conversation import Conversation
from tests.support.scenes import refers_themselves, says
from tests.support.scenes_plans import refers_themselves_in_a_chat

OFFER, SUPPORT = "offer_what_matters.shall_we", "offer_find_support.shall_we"
TO_THE_SUMMARY = ["skip"] * 6 + ["1"] + ["skip"] * 5 + ["1", "skip", "skip"]


@pytest.fixture
def ray(sms):
    return refers_themselves(sms)


@pytest.fixture
def plan(conversation):
    def look(phone):
        with conversation.reading() as reading:
            return plan_of(reading, phone.person.id)

    return look


def begins(phone):
    return says(phone, "menu", "what matters to me")


def words_of(conversation, inbox_id):
    with conversation.reading() as reading:
        body = reading.execute(select(inbox.c.body).where(inbox.c.id == inbox_id)).scalar_one()
        return reading.sealer.open_json(body)


# -- kept as it is said ------------------------------------------------------------------------------


def test_somebody_who_stops_half_way_is_not_unheard(conversation, ray, plan):
    says(begins(ray), "my mum as well", "my garden")

    assert [(line.heading, line.words) for line in plan(ray).lines] == [
        (Heading.MATTERS, "some company"),
        (Heading.MATTERS, "my mum as well"),
        (Heading.GOING_WELL, "my garden"),
    ]
    assert plan(ray).agreed_at is None


def test_every_line_leads_to_the_message_it_came_in(conversation, ray, plan):
    says(begins(ray), "my mum", "my garden", "skip", "skip", "1 3 and a dog", "debt")

    assert [words_of(conversation, line.inbox_id)["text"] for line in plan(ray).lines] == [
        "some company", "my mum", "my garden", "1 3 and a dog", "1 3 and a dog", "1 3 and a dog", "debt",
    ]  # fmt: skip


def test_of_buttons_each_line_leads_to_its_own_press(conversation, telegram, plan):
    kit = refers_themselves_in_a_chat(telegram.opens())
    says(begins(kit), "skip", "skip", "skip", "skip")
    kit.presses("Company").presses("Being active").presses("That is all").presses("Helping others")

    wants = plan(kit).under(Heading.WANT)
    pressed = [words_of(conversation, line.inbox_id)["choice"].partition(".")[2] for line in wants]
    assert [line.code for line in wants] == pressed == ["company", "active", "give"]


def test_the_choice_that_was_pressed_twice_is_there_once(conversation, telegram, plan):
    kit = refers_themselves_in_a_chat(telegram.opens())
    says(begins(kit), "skip", "skip", "skip", "skip")
    kit.presses("Company")
    press = next(c for m in reversed(kit.everything) for c in m.choices if c.label == "Company")
    kit.presses_again(press).hears_nothing()
    kit.says("that's all").hears("what_matters.practical")
    kit.presses_again(press).hears_nothing()

    assert [line.code for line in plan(kit).lines if line.heading is Heading.WANT] == ["company"]


@pytest.mark.parametrize("enough", ["no", "that is all", "skip", "thanks", "nothing else"])
def test_enough_is_said_in_many_ways(conversation, telegram, plan, enough):
    kit = refers_themselves_in_a_chat(telegram.opens())
    says(begins(kit), "skip", "skip", "skip", "skip")
    kit.presses("Company").hears("talk.anything_else").hears_words("Company")
    kit.says(enough).hears("what_matters.practical")

    assert [line.code for line in plan(kit).under(Heading.WANT)] == ["company"]


def test_a_row_of_numbers_never_falls_through_to_an_older_question(conversation, ray, plan):
    says(begins(ray), "skip", "skip", "skip", "skip")
    ray.hears("what_matters.five_ways")
    before = plan(ray).lines
    says(ray, "menu", "1 3")  # that is no answer to the menu, and none to what was asked before it
    assert plan(ray).lines == before
    ray.hears("what_matters.five_ways").says("1 3").hears("what_matters.practical")

    assert [line.code for line in plan(ray).under(Heading.WANT)] == ["company", "notice"]


def test_what_is_put_right_is_not_lost(conversation, ray, plan):
    says(begins(ray), "skip", "my alotment", "back", "my allotment")

    with conversation.reading() as reading:
        lines = [line for line in history_of(reading, ray.person.id) if line.heading is Heading.GOING_WELL]
    assert [(line.words, line.ended_at is None) for line in lines] == [
        ("my alotment", False),
        ("my allotment", True),
    ]


def test_what_they_added_is_put_right_and_not_added_twice(conversation, ray, plan):
    says(begins(ray), "my mum", "back", "my mum and my dad")

    assert [line.words for line in plan(ray).lines] == ["some company", "my mum and my dad"]
    says(ray, "back", "skip")
    assert [line.words for line in plan(ray).lines] == ["some company"]


def test_an_edit_puts_the_line_right(conversation, telegram, plan):
    kit = refers_themselves_in_a_chat(telegram.opens())
    says(begins(kit), "skip", "my alotment")
    kit.edits("my allotment")

    (line,) = plan(kit).under(Heading.GOING_WELL)
    assert line.words == "my allotment"


def test_weeks_later_any_line_can_be_changed_by_its_number(conversation, ray, plan):
    says(begins(ray), "skip", "my dog", "walks", "Jo", "1", "2", "1", "3", "1", "1", "mornings", "Jo", "1",
         "ring Jo", "8", "she is kind", "4", "she is far", "1", "3", "18 point", "ok", "3", "2")  # fmt: skip
    conversation.forward(weeks=5)
    for number in range(1, 18):
        begins(ray)
        ray.says("1").says(str(number))
        assert ray.asked.startswith("what_matters."), number
        ray.says("skip")
        if ray.asked != "what_matters.summary":
            ray.says("skip")
        ray.says("ok").hears("what_matters.left")
        if not plan(ray).lines:
            break

    assert {line.heading for line in plan(ray).lines} <= set(Heading)
    assert len(plan(ray).lines) < 10


# -- access needs --------------------------------------------------------------------------------


def needs(conversation, phone):
    with conversation.reading() as reading:
        return needs_of(reading, phone.person.id)


def test_each_part_of_an_access_need_is_written_down(conversation, ray):
    says(begins(ray), *TO_THE_SUMMARY[:-1], "1 and 3", "Polish, and 18 point print")

    found = needs(conversation, ray)
    assert [(n.kind, n.need) for n in found] == [
        ("professional", "Polish, and 18 point print"),
        ("format", "Polish, and 18 point print"),
    ]
    assert all(n.review_at - n.recorded_at == REVIEW_AFTER and n.inbox_id for n in found)


def test_another_answer_takes_its_place(conversation, ray):
    says(begins(ray), *TO_THE_SUMMARY[:-1], "3", "18 point")
    says(ray, "back", "20 point")

    assert [(n.kind, n.need) for n in needs(conversation, ray)] == [("format", "20 point")]


def test_what_they_told_us_before_about_it_is_not_asked_again(conversation, ray):
    ray.says("I use a hearing aid")
    says(begins(ray), *TO_THE_SUMMARY[:-1]).hears("what_matters.access")
    ray.hears_words('you told us: "I use a hearing aid"').says("skip")

    assert [n.need for n in needs(conversation, ray)] == ["I use a hearing aid"]


# -- theirs ----------------------------------------------------------------------------------------


def test_once_it_is_right_a_link_worker_is_asked_to_read_it(conversation, ray, plan):
    says(begins(ray), *TO_THE_SUMMARY, "OK")

    assert plan(ray).agreed_at is not None
    with conversation.reading() as reading:
        assert [t.kind for t in open_tasks(reading, person_id=ray.person.id)] == [PLAN_CHANGED]


def test_who_may_see_it_is_in_the_plan_and_in_the_ledger(conversation, ray, plan):
    says(begins(ray), *TO_THE_SUMMARY, "ok", "1")
    assert plan(ray).may_see == (LINK_WORKER, GP)
    says(ray, "2", "menu", "2", "who may see it", "no one else")

    assert plan(ray).may_see == (LINK_WORKER,)
    with conversation.reading() as reading:
        found = [e for e in entries(reading, ray.person.id) if e.purpose == "see-plan:gp"]
    assert [e.given for e in sorted(found, key=lambda e: e.id)] == [True, False]
    assert all(e.wording and e.inbox_id for e in found)


@pytest.mark.parametrize("safe", [Safe.ONLY_ME, Safe.SHARED])
def test_the_link_goes_only_where_nobody_else_reads(store, clock, safe):
    service = Conversation(store, clock, public_url="https://ashby.example")
    ray = refers_themselves(service.phone())
    point = ray.conversation_id
    service.store.run(lambda unit: set_safe(unit, point, safe), acting="test").result(timeout=30)
    says(begins(ray), *TO_THE_SUMMARY, "ok")

    said = "https://ashby.example/mine/" in ray.words
    assert said is (safe is Safe.ONLY_ME)


def test_on_a_shared_phone_nothing_of_theirs_is_said(conversation, sms):
    says(sms, "HELLO", "1", "1", "4", "3", "tulip", "QUOKKA one", "Di", "1", "menu", "2")
    for n, line in enumerate(
        ["QUOKKA", "QUOKKA", "QUOKKA", "QUOKKA", "1 and QUOKKA", "2 and QUOKKA", "1", "QUOKKA", "QUOKKA",
         "QUOKKA", "QUOKKA", "QUOKKA", "1", "QUOKKA", "7", "QUOKKA", "7", "QUOKKA", "1", "QUOKKA", "again",
         "read", "menu", "8", "ok", "3", "2"]
    ):  # fmt: skip
        sms.says(line)
        assert not any("QUOKKA" in m.text.upper() for m in sms.everything), n
    assert sms.frame("what_matters") is None, "they came to the end of it"


def test_before_a_referral_there_is_no_plan(conversation, sms, plan):
    says(sms, "HELLO", "1", "1", "1", "menu", "2")

    sms.hears_words("once you are on our list")
    assert sms.asked == "intake.times" and plan(sms) is None


def test_a_crisis_comes_first_and_nothing_is_pressed_on_them(conversation, ray, plan):
    says(begins(ray), "skip").hears("what_matters.going_well")
    ray.says("nothing. I want to kill myself")
    assert [m.purpose for m in ray.heard] == ["card"]
    ray.says("my cat")
    assert plan(ray).under(Heading.GOING_WELL) == (), "what they say now is for a person"
    ray.says("carry on").hears("what_matters.going_well")


def test_thanks_after_a_rest_are_only_thanks(conversation, ray):
    says(begins(ray), "skip", "skip", "skip", "skip", "skip", "skip", "later").hears("talk.paused")
    ray.says("thank you").hears_nothing()
    conversation.forward(days=9)
    ray.says("go on").hears("what_matters.barriers")
