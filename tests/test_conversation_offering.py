"""When we offer to talk about what matters: in time, once, and never where it is not safe."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.conversation import due_plans, offering
from bot.conversation.staff_turns import CannotReply, Replied
from bot.people.contact_points import set_safe
from bot.people.persons import no_longer_agreed, set_under_age
from bot.store.tables import Safe, timer
from tests.support.conversation import Conversation
from tests.support.scenes import refers_themselves, says

OFFER, SUPPORT = "offer_what_matters.shall_we", "offer_find_support.shall_we"


@pytest.fixture
def ray(sms):
    return refers_themselves(sms)


@pytest.fixture
def ann(conversation):
    return conversation.worker("Ann Lee")


@pytest.fixture
def done(conversation):
    def do(work):
        return conversation.store.run(work, acting="test").result(timeout=30)

    return do


def offers(phone):
    return [m.prompt for m in phone.everything].count(OFFER)


def begins(phone):
    return says(phone, "menu", "what matters to me")


# -- offered in time, once, and never where it is not safe ------------------------------------------


def test_it_is_offered_a_day_after_a_referral_and_only_once(conversation, ray):
    conversation.forward(hours=23)
    assert offers(ray) == 0
    conversation.forward(hours=2)
    ray.hears(OFFER)

    conversation.forward(weeks=6)
    assert offers(ray) == 1


def test_after_friday_comes_monday(conversation, sms):
    conversation.forward(days=3, hours=5)  # it is Friday afternoon
    ray = refers_themselves(sms)
    conversation.forward(days=2, hours=12)
    assert offers(ray) == 0
    conversation.forward(hours=8)
    assert offers(ray) == 1


def test_another_referral_offers_it_no_second_time(conversation, ray):
    conversation.forward(days=2)
    says(ray, "no thanks", "change", "if you may pass it on", "yes")
    conversation.forward(weeks=1)

    assert offers(ray) == 1


@pytest.mark.parametrize("answer", ["4", "3"])
def test_it_is_not_offered_where_others_may_read(conversation, sms, answer):
    says(sms, "HELLO", "1", "1", answer, *(["3", "skip"] if answer == "4" else ["1"]), "company", "Di", "1")
    assert sms.person.agreed_at is not None
    conversation.forward(weeks=2)

    assert offers(sms) == 0


def test_it_is_never_offered_after_a_concern(conversation, ray, ann):
    ray.says("I want to kill myself")
    ann.picks_up(ray).hands_back(ray)
    conversation.forward(weeks=2)

    assert offers(ray) == 0


def test_somebody_who_has_begun_by_themselves_is_not_asked_whether_they_wish_to(conversation, ray):
    begins(ray).says("skip").says("my garden")
    conversation.forward(weeks=2)

    assert offers(ray) == 0


def test_while_a_link_worker_holds_it_the_offer_waits(conversation, ray, ann):
    conversation.forward(hours=23)
    ann.picks_up(ray).writes(ray, "Hello Ray")
    conversation.forward(hours=2)
    assert offers(ray) == 0
    ann.hands_back(ray)
    conversation.forward(days=1)

    assert offers(ray) == 1


def test_it_does_not_wait_for_ever_for_a_quiet_moment(conversation, ray):
    ray.says("language")
    conversation.forward(weeks=3)
    assert offers(ray) == 0

    with conversation.reading() as reading:
        (row,) = reading.execute(select(timer).where(timer.c.kind == due_plans.OFFER)).all()
    assert row.result == "no quiet moment"


def test_not_without_agreement_nor_to_a_child_nor_when_it_is_closed(conversation, ray, done):
    done(lambda unit: no_longer_agreed(unit, ray.person.id))
    conversation.forward(weeks=1)

    assert offers(ray) == 0


def test_quiet_hours_hold(store, clock):
    early = Conversation(store, clock, opening_hours="Mon-Fri 06:00-17:00")
    early.forward(hours=21)  # seven in the morning
    ray = refers_themselves(early.phone())
    early.forward(hours=24, minutes=30)
    assert offers(ray) == 0
    early.forward(hours=3)

    assert offers(ray) == 1


# -- by a link worker's tap --------------------------------------------------------------------------


def tap(conversation, phone, worker, flow="what_matters"):
    return conversation.staff.offer(phone.conversation_id, flow, worker.id).result(timeout=30)


@pytest.mark.parametrize(("flow", "asked"), [("what_matters", OFFER), ("find_support", SUPPORT)])
def test_a_link_worker_offers_it_with_one_tap(conversation, ray, ann, flow, asked):
    conversation.next_line()
    assert tap(conversation, ray, ann, flow) == Replied("sms")

    ray.hears(asked)
    ray.says("yes")
    assert ray.asked.startswith(f"{flow}.")


def test_it_says_why_it_cannot_be_offered(conversation, ray, ann, done):
    def why(flow="what_matters"):
        return tap(conversation, ray, ann, flow).why

    ann.picks_up(ray)
    assert why() == offering.HELD
    ann.hands_back(ray)
    done(lambda unit: set_under_age(unit, ray.person.id))
    assert why() == offering.UNDER_AGE
    done(lambda unit: set_under_age(unit, ray.person.id, False))
    assert isinstance(tap(conversation, ray, ann), Replied)
    assert why() == offering.IN_THE_MIDDLE
    ray.says("yes")
    assert why() == offering.IN_THE_MIDDLE
    ray.says("he hits me")
    assert why("find_support") == offering.CONCERN_OPEN
    done(lambda unit: no_longer_agreed(unit, ray.person.id))
    assert why() == offering.NO_AGREEMENT
    with pytest.raises(KeyError):
        conversation.staff.offer(ray.conversation_id, "intake", ann.id)


def test_it_does_not_go_to_a_phone_that_others_read(conversation, ray, ann, done):
    point = ray.conversation_id  # the only one there is has the same id
    conversation.forward(hours=1)
    done(lambda unit: set_safe(unit, point, Safe.SHARED))
    conversation.next_line()

    made = tap(conversation, ray, ann)

    assert isinstance(made, CannotReply) and made.why == "others may see it"
    ray.hears_nothing()
