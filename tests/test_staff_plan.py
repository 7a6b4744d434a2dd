"""What matters to somebody on their page, and what became of the services suggested to them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.casework import plans
from bot.casework.plans import GP, SERVICES
from bot.casework.referrals import referrals_of
from bot.directory import services, suggestions
from bot.store.tables import Heading, SuggestionStatus, outbox, timer
from tests.test_staff_case import section


@pytest.fixture
def ray(bea, ashby, planned):
    """Bea at Ray's page, who has told what matters."""
    bea.goes(f"/people/{ashby.ray.token}")
    return bea


# -- reading ---------------------------------------------------------------------------------------


def test_what_matters_is_there_by_heading_in_their_words(ray):
    words = section(ray, "What matters, in their words")

    assert "What matters “Being with people again, and growing things”" in words
    assert "Going well “My garden. And my sister rings on Sundays”" in words
    assert "Would like more of, or help with Company their message Being active" in words
    assert "“my knees, sorting out”" in words
    assert "Gets in the way Nerves about going alone" in words
    assert "Would help Someone to come along the first time" in words
    assert "said that it is right" in words


def test_every_line_leads_to_the_message_it_came_in(ray):
    matters = ray.page.text.split('id="matters-h"')[1].split("</section>")[0]
    lines = re.findall(r"<dd dir=\"auto\">(.*?)</dd>", matters, re.S)
    assert len(lines) == 7
    for line in lines:
        message = re.search(r'href="#(m-\d+)"', line)[1]
        assert f'id="{message}"' in ray.page.text
    nerves = next(line for line in lines if "Nerves" in line)
    message = ray.page.text.split(f'id="{re.search("#(m-[0-9]+)", nerves)[1]}"')[1].split("</li>")[0]
    assert "nerves" in message


def test_what_they_said_when_they_were_referred_stays_and_stands_once(ray, ashby, done, store):
    assert "I used to go to the allotment with Joan." in section(ray, "What matters, in their words")

    def said_when_referred(unit):
        told = referrals_of(unit, ashby.ray.person_id)[0].content["matters"]
        plan_id = plans.plan_of(unit, ashby.ray.person_id).id
        plans.add_line(unit, plan_id, Heading.MATTERS, **told)

    done(said_when_referred, "person")
    ray.goes(f"/people/{ashby.ray.token}")
    assert section(ray, "What matters, in their words").count("allotment with Joan") == 1


def test_what_they_want_first_how_they_like_to_meet_and_who_may_see_it(ray, ashby, done):
    first = section(ray, "What they want first")
    assert "One small step “go to the allotment once”" in first
    assert "How much it matters, 0 to 10 9" in first and "How sure they are, 0 to 10 4" in first
    assert "“it was our place, mine and Joan's”" in first
    meeting = section(ray, "How they like to meet, who may see their plan")
    assert "Where and how In a cafe" in meeting and "When “mornings”" in meeting and "“my sister”" in meeting
    assert "Their plan may be seen by our link workers." in meeting

    done(lambda unit: plans.set_may_see(unit, plans.plan_of(unit, ashby.ray.person_id).id, [GP, SERVICES]))
    ray.goes(f"/people/{ashby.ray.token}")

    assert "by our link workers, their GP surgery and the services they go to." in ray.text


def test_what_was_put_right_is_gone_from_the_page(ray, ashby, done):
    def puts_right(unit):
        plan = plans.plan_of(unit, ashby.ray.person_id)
        plans.correct_line(unit, plan.under(Heading.WHEN)[0].id, words="only afternoons")

    done(puts_right, "person")
    ray.goes(f"/people/{ashby.ray.token}")

    assert "“only afternoons”" in ray.text and "“mornings”" not in ray.text
    assert "They have not read it through yet." in ray.text


def test_what_a_worker_wrote_down_says_so(ray, ashby, done):
    def writes(unit):
        plan = plans.plan_of(unit, ashby.ray.person_id)
        plans.add_line(unit, plan.id, Heading.ENJOYS, words="Dominoes")

    done(writes, f"staff:{ashby.ali}")
    ray.goes(f"/people/{ashby.ray.token}")

    assert "“Dominoes” (Ali Rahman wrote it down)" in ray.text


def test_suggestions_say_why_and_what_became_of_each(ray):
    words = section(ray, "Local support, and what became of it")

    assert "Thursday Lunch Club They said yes." in words
    assert "We tell the service. The service does not know yet." in words
    assert "First session Thursday 5 March at midday" in words
    assert "Money Advice Drop-in Waits for their answer." in words and "by Bea Marsh." in words
    assert "Evening Telephone Circle Not for them: nerves about going alone." in words
    assert "Holywell Allotment Mornings They went They said yes." in words
    assert "Suggested yesterday by the computer: they said company; about 1 mile away." in words
    assert "“I dug two rows. Nia was kind.” They say so, today" in words
    assert words.index("Lunch Club") < words.index("Money Advice")  # where they are on the way to comes first


def test_who_agreed_to_what_names_the_service(ray):
    words = section(ray, "Who agreed to what")

    assert "said yes to telling Thursday Lunch Club their first name and how to reach them safely" in words
    assert "tell-service" not in ray.text


def test_a_service_that_closed_meanwhile_says_so(ray, ashby, planned, done):
    done(lambda unit: services.close(unit, planned.lunch.id, ashby.bea, "ended"))
    ray.goes(f"/people/{ashby.ray.token}")

    assert "Thursday Lunch Club Closed now" in section(ray, "Local support, and what became of it")


def test_someone_who_has_told_nothing_yet(bea, ashby):
    bea.goes(f"/people/{ashby.dev.token}")

    assert "Nothing has been suggested yet." in bea.text
    assert "Offer a talk about what matters" in bea.text


def test_without_a_yes_nothing_of_it_is_shown_or_can_be_done(bea, ashby, planned, done):
    def tells(unit):
        plan_id = plans.start_plan(unit, ashby.unsaid.person_id)
        plans.add_line(unit, plan_id, Heading.MATTERS, words="a quiet room")
        return suggestions.offer(unit, ashby.unsaid.person_id, planned.debt.id)

    done(tells)
    url = f"/people/{ashby.unsaid.token}"
    bea.goes(url)

    assert "a quiet room" not in bea.page.text and "Money Advice" not in bea.page.text
    assert "Offer local support" not in bea.text and "Look in the directory" not in bea.text
    bea.presses(f"{url}/offer", flow="what_matters")
    assert "They have not said yes to our link workers yet." in bea.text


# -- offering --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ("what_matters", "Offered: a talk about what matters to them."),
        ("find_support", "Offered: to look for local support."),
    ],
)
def test_one_tap_offers_it_and_they_are_asked_in_their_own_conversation(bea, ashby, near, store, flow, said):
    url = f"/people/{ashby.ray.token}"
    bea.goes(url)
    before = len(what_we_said(store, ashby.ray))

    bea.presses(f"{url}/offer", flow=flow)

    assert said in bea.text
    assert len(what_we_said(store, ashby.ray)) == before + 1
    bea.presses(f"{url}/offer", flow=flow)
    assert "They are in the middle of it already." in bea.text
    assert len(what_we_said(store, ashby.ray)) == before + 1


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("pryce", "Hand back to the computer first"),
        ("dev", "Somebody is talking with them now."),
        ("josie", "A concern about them is open."),
    ],
)
def test_it_is_not_offered_at_the_wrong_moment_and_the_page_says_why(bea, ashby, near, store, who, why):
    person = ashby.people[who]
    bea.goes(f"/people/{person.token}")
    before = what_we_said(store, person)

    bea.presses(f"/people/{person.token}/offer", flow="what_matters")

    assert why in bea.text
    assert what_we_said(store, person) == before


def test_nothing_else_can_be_offered(bea, ashby, near):
    bea.goes(f"/people/{ashby.ray.token}")
    assert bea.presses(f"/people/{ashby.ray.token}/offer", flow="intake").status_code == 404


def what_we_said(store, person):
    with store.reading() as reading:
        return list(
            reading.execute(
                select(outbox.c.id).where(outbox.c.conversation_id == person.conversation_id)
            ).scalars()
        )


# -- suggesting ------------------------------------------------------------------------------------


def test_a_service_is_suggested_from_the_directory_for_somebody_in_hand(bea, ashby, near, store, done):
    bea.goes(f"/people/{ashby.ray.token}")
    assert f'href="/staff/directory?for={ashby.ray.token}"' in bea.page.text
    bea.goes(f"/directory?for={ashby.ray.token}")
    assert "Looking for Ray Poole." in bea.text
    bea.goes(f"/directory/{near.allotment.token}?for={ashby.ray.token}")

    bea.presses(f"/directory/{near.allotment.token}/suggest", person=ashby.ray.token)

    assert "Ray Poole will be told of it" in bea.text
    with store.reading() as reading:
        (made,) = suggestions.suggestions_of(reading, ashby.ray.person_id)
        due = (
            reading.execute(select(timer.c.conversation_id).where(timer.c.kind == "suggest")).scalars().all()
        )
    assert (made.service_id, made.offered_by) == (near.allotment.id, f"staff:{ashby.bea}")
    assert made.status is SuggestionStatus.OFFERED
    assert due == [ashby.ray.conversation_id]
    assert "Suggest it again to Ray Poole" in bea.text
    assert "suggested once, 0 yes, 0 got there." in bea.text


def test_what_they_said_yes_to_is_not_suggested_again(ray, ashby, planned, store):
    ray.goes(f"/directory/{planned.lunch.token}?for={ashby.ray.token}")
    assert "Ray Poole said yes to it already." in ray.text and "Suggest it" not in ray.text

    ray.presses(f"/directory/{planned.lunch.token}/suggest", person=ashby.ray.token)

    assert "They said yes to it already." in ray.text
    with store.reading() as reading:
        assert len(suggestions.suggestions_of(reading, ashby.ray.person_id)) == 4


@pytest.mark.parametrize("which", ["walks", "choir"])
def test_what_is_paused_or_gone_cannot_be_suggested(bea, ashby, near, store, which):
    one = getattr(near, which)
    bea.goes(f"/directory/{one.token}?for={ashby.ray.token}")
    assert "It cannot be suggested" in bea.text and "Suggest it to" not in bea.text

    bea.presses(f"/directory/{one.token}/suggest", person=ashby.ray.token)

    with store.reading() as reading:
        assert suggestions.suggestions_of(reading, ashby.ray.person_id) == []


def test_nobody_without_a_yes_can_be_in_hand(bea, ashby, near, store):
    bea.goes(f"/directory/{near.debt.token}?for={ashby.unsaid.token}")
    assert "Suggest it to" not in bea.text

    bea.presses(f"/directory/{near.debt.token}/suggest", person=ashby.unsaid.token)

    assert bea.page.status_code == 404
    with store.reading() as reading:
        assert suggestions.suggestions_of(reading, ashby.unsaid.person_id) == []
