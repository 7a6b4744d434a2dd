"""A person's own plan on its page: read, corrected, shown, and kept from everybody else."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from sqlalchemy import select

from bot.casework import plans
from bot.casework.concerns import concerns_of
from bot.casework.handoffs import handoffs_of
from bot.conversation.written import PLAN_CHANGED
from bot.messages import ChannelName
from bot.people import consents, persons
from bot.people.contact_points import first_contact
from bot.store.tables import (
    Heading,
    Ledger,
    contact_point,
    conversation,
    inbox,
    outbox,
)
from bot.store.writer import StoreUnavailable
from bot.web import chat_messages
from bot.web.guard import ELSEWHERE
from tests.support.own_plan import SAID, PlainBrowser, has_plan, plan_now, said
from tests.support.people import tasks_to_do
from tests.support.web_site import Web


@pytest.fixture
async def browser(web: Web):
    async with web.client() as client:
        yield PlainBrowser(client)


async def test_it_begins_with_their_own_words(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    answer = await browser.opens(f"/mine/{theirs.token}")

    assert answer.status_code == 200
    assert "Ray: what matters to me" in browser.text
    first, second = browser.text.index(SAID), browser.text.index("Walk to the library on Thursday")
    assert first < second
    assert "How much it matters: 8 out of 10" in browser.text
    assert "My link worker" in browser.text


async def test_nothing_of_it_is_kept_listed_or_told(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    for path in (f"/mine/{theirs.token}", "/mine/nothing-here"):
        headers = (await browser.opens(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "noindex" in headers["x-robots-tag"]
    page = (await browser.opens(f"/mine/{theirs.token}")).text
    assert 'content="noindex' in page and "http" not in page.replace(ELSEWHERE, "")


async def test_a_line_is_put_right_and_what_it_said_is_kept(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    line = plan_now(web.store, theirs).under(Heading.MATTERS)[0]
    await browser.presses("Save", f"/lines/{line.id}", words="The house is quiet. I miss singing.")

    assert "Saved. Your link worker sees it too." in browser.text
    assert said(web.store, theirs, Heading.MATTERS) == ["The house is quiet. I miss singing."]
    with web.store.reading() as reading:
        before, now = [
            one for one in plans.history_of(reading, theirs.person_id) if one.heading is Heading.MATTERS
        ]
        assert (before.words, before.ended_at is not None) == (SAID, True)
        assert now.said_by == "person"
        # It is a message of theirs like any other, read where link workers read the rest.
        kept = reading.execute(select(inbox).where(inbox.c.id == now.inbox_id)).one()
        assert reading.sealer.open_json(kept.body)["text"] == "The house is quiet. I miss singing."
        assert kept.conversation_id == theirs.conversation_id
        assert PLAN_CHANGED in tasks_to_do(reading, theirs.person_id)


async def test_one_change_after_another_is_one_thing_to_read(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    for words in ("Singing", "My dog Bess"):
        await browser.presses("Add it", about="enjoys", words=words)
    assert said(web.store, theirs, Heading.ENJOYS) == ["Singing", "My dog Bess"]
    with web.store.reading() as reading:
        assert tasks_to_do(reading, theirs.person_id).count(PLAN_CHANGED) == 1


async def test_the_link_workers_open_page_hears_of_it(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    told: set[str] = set()
    web.store.listen(told.update)
    await browser.opens(f"/mine/{theirs.token}")
    await browser.presses("Add it", about="matters", words="Getting out more")
    assert {"queue", f"conversation:{theirs.conversation_id}"} <= told


async def test_pressed_twice_it_is_there_once(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    for _ in range(2):
        await browser.opens(f"/mine/{theirs.token}")
        await browser.presses("Add it", about="around", words="My sister in Hull")
    assert said(web.store, theirs, Heading.AROUND) == ["My sister in Hull"]


async def test_a_line_is_taken_out_and_put_back(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    line = plan_now(web.store, theirs).under(Heading.STEP)[0]
    await browser.presses("Take it out", f"/lines/{line.id}")

    assert "That line is taken out." in browser.text
    assert said(web.store, theirs, Heading.STEP) == []
    await browser.presses("Put it back")
    assert said(web.store, theirs, Heading.STEP) == ["Walk to the library on Thursday"]


async def test_a_number_is_changed(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    line = plan_now(web.store, theirs).under(Heading.IMPORTANCE)[0]
    await browser.presses("Save", f"/lines/{line.id}", number="10")
    assert said(web.store, theirs, Heading.IMPORTANCE) == [10]

    line = plan_now(web.store, theirs).under(Heading.IMPORTANCE)[0]
    answer = await browser.presses("Save", f"/lines/{line.id}", number="11")
    assert answer.status_code == 400
    assert "Choose a number from 0 to 10." in browser.text
    assert said(web.store, theirs, Heading.IMPORTANCE) == [10]


async def test_what_they_tick_on_a_list_is_what_is_there_beside_their_own_words(
    web: Web, browser: PlainBrowser
):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    await browser.presses("Add it", about="want", words="A bench by the river")
    await browser.presses("Save", "/lists/want", code=["learn", "debt", "no-such-thing"])
    assert said(web.store, theirs, Heading.WANT) == ["A bench by the river", "learn", "debt"]


async def test_who_may_see_it_is_theirs_to_change_and_is_written_down(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    await browser.presses("Save", "/who", who=["gp"])
    assert plan_now(web.store, theirs).may_see == ("link-worker", "gp")
    assert "My GP" in browser.text and "This is who may see your plan now" in browser.text
    await browser.presses("Save", "/who", who=[])
    assert plan_now(web.store, theirs).may_see == ("link-worker",)
    with web.store.reading() as reading:
        ledger = [
            (e.kind, e.purpose, e.given)
            for e in consents.entries(reading, theirs.person_id)
            if e.purpose.startswith("see-plan")
        ]
    assert ledger == [
        (Ledger.AGREEMENT, "see-plan:gp", True),
        (Ledger.AGREEMENT, "see-plan:gp", False),
    ]


async def test_they_say_it_is_right_until_it_changes(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    await browser.presses("Yes, I have read it and it is right")
    assert plan_now(web.store, theirs).agreed_at is not None
    assert "You read it and said it is right: today." in browser.text
    await browser.presses("Add it", about="matters", words="And my garden")
    assert plan_now(web.store, theirs).agreed_at is None


async def test_nobody_says_right_to_what_they_have_not_read(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    web.store.run(
        lambda unit: plans.add_line(unit, plan_now(web.store, theirs).id, Heading.MATTERS, words="New"),
        acting="staff:1",
    ).result(20)
    answer = await browser.presses("Yes, I have read it and it is right")
    assert answer.status_code == 409
    assert "Read it once more" in browser.text
    assert plan_now(web.store, theirs).agreed_at is None


async def test_a_line_changed_elsewhere_meanwhile_is_shown_again_and_not_lost(
    web: Web, browser: PlainBrowser
):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    line = plan_now(web.store, theirs).under(Heading.MATTERS)[0]
    web.store.run(
        lambda unit: plans.correct_line(unit, line.id, words="Said by text"), acting="person"
    ).result(20)
    answer = await browser.presses("Save", f"/lines/{line.id}", words="Said on the page")
    assert answer.status_code == 409
    assert "This line was changed on another page" in browser.text
    assert said(web.store, theirs, Heading.MATTERS) == ["Said by text"]


async def test_what_cannot_be_taken_says_why_and_keeps_what_they_wrote(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    answer = await browser.presses("Add it", about="matters", words="  ")
    assert (answer.status_code, "Write something first." in browser.text) == (400, True)
    answer = await browser.presses("Add it", about="matters", words="w" * 2001)
    assert answer.status_code == 413
    assert "w" * 2001 in answer.text

    web.store.run = _full  # type: ignore[method-assign]
    answer = await browser.presses("Add it", about="matters", words="Something new")
    assert answer.status_code == 503
    assert "we could not take that just now" in browser.text and "Something new" in answer.text


def _full(*_args, **_kwargs):
    refused: Future = Future()
    refused.set_exception(StoreUnavailable("the disk is full"))
    return refused


# Safety comes first on a page too


async def test_danger_written_on_the_page_is_answered_on_it_and_the_team_is_told(
    web: Web, browser: PlainBrowser
):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    await browser.presses("Add it", about="matters", words="I want to kill myself")

    assert browser.text.index("999 if you are in danger") < browser.text.index("what matters to me")
    assert said(web.store, theirs, Heading.MATTERS) == [SAID, "I want to kill myself"]
    with web.store.reading() as reading:
        (concern,) = concerns_of(reading, theirs.conversation_id)
        assert concern.level.pages and concern.handoff_id
        card = reading.execute(select(outbox).where(outbox.c.id == concern.card_outbox_id)).one()
        assert "999" in reading.sealer.open(card.text)
        # The page was the answer: nothing is left to go to a phone.
        assert card.status == "sent"
        waiting = reading.execute(select(outbox.c.id).where(outbox.c.status == "queued")).all()
        assert waiting == []


async def test_danger_split_over_two_lines_is_noticed_too(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    await browser.opens(f"/mine/{theirs.token}")
    await browser.presses("Add it", about="matters", words="I want to kill")
    await browser.presses("Add it", about="matters", words="myself")
    assert "999 if you are in danger" in browser.text


async def test_someone_we_only_know_from_a_desk_is_not_missed(web: Web, browser: PlainBrowser):
    """Their page was printed for them: there is no message to point to, and the team is told all the same."""
    theirs = has_plan(web.store, word="robin")

    def no_way_to_reach_them(unit):
        unit.execute(conversation.update().values(contact_point_id=None))
        unit.execute(contact_point.delete())

    web.store.run(no_way_to_reach_them, acting="test").result(20)
    await browser.opens(f"/mine/{theirs.token}")
    await browser.presses("Go on", word="robin")
    await browser.presses("Add it", about="matters", words="I want to kill myself")
    assert "999 if you are in danger" in browser.text
    with web.store.reading() as reading:
        assert any(h.level for h in handoffs_of(reading, theirs.conversation_id))


async def test_what_is_written_on_the_page_is_not_shown_in_a_chat(web: Web, browser: PlainBrowser):
    """Their only way may be a browser others sit at: their plan asked for their word, the chat did not."""

    def web_only(unit):
        point = first_contact(
            unit, ChannelName.WEB, "a-visitor-0123456789", language="en", zone="Europe/London"
        )
        persons.plan_contact(unit, point.person_id, word="robin")
        made = plans.start_plan(unit, point.person_id)
        plans.add_line(unit, made, Heading.MATTERS, words="Quiet")
        return plans.plan_of(unit, point.person_id).token

    token = web.store.run(web_only, acting="person").result(20)
    await browser.opens(f"/mine/{token}")
    await browser.presses("Go on", word="Robin ")
    await browser.presses("Add it", about="matters", words="I want to kill myself")
    assert "999 if you are in danger" in browser.text
    with web.store.reading() as reading:
        who = chat_messages.known(reading, "a-visitor-0123456789")
        assert chat_messages.messages(reading, who) == []
