"""Who may open a person's own plan, in which language, and what nobody else can do with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import SetClock
from bot.store.tables import (
    Heading,
    Safe,
    audit,
    plan,
    plan_line,
)
from bot.web import mine
from bot.web.guard import ELSEWHERE, Limiter
from tests.support.own_plan import SAID, PlainBrowser, has_plan, plan_now, said
from tests.support.stores import TUESDAY_10AM
from tests.support.web_site import Web


@pytest.fixture
async def browser(web: Web):
    async with web.client() as client:
        yield PlainBrowser(client)


async def test_a_link_that_leads_nowhere_says_so_kindly_and_no_more(web: Web, browser: PlainBrowser):
    theirs = has_plan(web.store)
    answer = await browser.opens(f"/mine/{theirs.token[:-1]}")
    assert answer.status_code == 404
    assert "There is nothing at this link" in browser.text
    never = await browser.opens("/mine/" + "x" * 300)

    def erased(unit):
        unit.execute(plan_line.delete())
        unit.execute(plan.delete())

    web.store.run(erased, acting="system").result(20)
    gone = await browser.opens(f"/mine/{theirs.token}")
    assert (never.status_code, never.text) == (gone.status_code, gone.text) == (404, answer.text)
    assert "Ray" not in gone.text
    change = await browser.client.post(f"/mine/{theirs.token}/lines", data={"about": "matters", "words": "x"})
    assert change.status_code == 404


@pytest.mark.parametrize("safe", [Safe.SHARED, Safe.NO_MESSAGE, Safe.NOT_NOW, Safe.NOT_ASKED])
async def test_where_others_may_hold_the_phone_their_short_word_comes_first(web_on_sqlite: Web, safe: Safe):
    theirs = has_plan(web_on_sqlite.store, safe=safe, word="Robin")
    async with web_on_sqlite.client() as client:
        browser = PlainBrowser(client)
        answer = await browser.opens(f"/mine/{theirs.token}")
        assert "Is it you?" in browser.text
        assert "Ray" not in answer.text and SAID not in answer.text and "matters" not in browser.text
        # Nothing can be done without it either.
        change = await client.post(f"/mine/{theirs.token}/lines", data={"about": "matters", "words": "x"})
        assert "Is it you?" in change.text
        assert said(web_on_sqlite.store, theirs, Heading.MATTERS) == [SAID]

        answer = await browser.presses("Go on", word="Blackbird")
        assert answer.status_code == 403
        assert "That is not the word" in browser.text
        await browser.presses("Go on", word=" robin")
        assert SAID in browser.text
        await browser.presses("Add it", about="enjoys", words="Singing")
        assert "Singing" in browser.text

        # Leaving shuts it again.
        await browser.presses("Leave now")
        assert browser.page.headers["location"] == ELSEWHERE
        await browser.opens(f"/mine/{theirs.token}")
        assert "Is it you?" in browser.text


async def test_without_a_word_nothing_is_shown_on_a_shared_phone(web_on_sqlite: Web):
    theirs = has_plan(web_on_sqlite.store, safe=Safe.SHARED)
    async with web_on_sqlite.client() as client:
        browser = PlainBrowser(client)
        answer = await browser.opens(f"/mine/{theirs.token}")
        assert "we do not show anything here" in browser.text and SAID not in answer.text
        answer = await client.post(f"/mine/{theirs.token}/word", data={"word": ""})
        assert answer.status_code == 403 and SAID not in answer.text


async def test_the_word_cannot_be_guessed_and_opens_for_half_an_hour(web_on_sqlite: Web):
    clock = SetClock(TUESDAY_10AM)
    web_on_sqlite.store.clock = web_on_sqlite.parts.clock = clock
    theirs = has_plan(web_on_sqlite.store, safe=Safe.SHARED, word="Robin")
    async with web_on_sqlite.client() as client:
        browser = PlainBrowser(client)
        await browser.opens(f"/mine/{theirs.token}")
        await browser.presses("Go on", word="robin")
        assert SAID in browser.text
        clock.set(TUESDAY_10AM + timedelta(minutes=31))
        await browser.opens(f"/mine/{theirs.token}")
        assert "Is it you?" in browser.text
        for _ in range(4):
            await browser.presses("Go on", word="thrush")
        answer = await browser.presses("Go on", word="robin")
        assert answer.status_code == 429
        assert "Wait ten minutes" in browser.text
    web_on_sqlite.store.run(lambda unit: None, acting="test").result(20)
    with web_on_sqlite.store.reading() as reading:
        tried = reading.execute(select(audit.c.id).where(audit.c.action == "plan not opened")).all()
    assert len(tried) == 5


async def test_a_pass_made_up_or_of_another_plan_opens_nothing(web_on_sqlite: Web):
    one = has_plan(web_on_sqlite.store, safe=Safe.SHARED, word="Robin")
    other = has_plan(web_on_sqlite.store, name="Una", number="+447700900172", safe=Safe.SHARED, word="Wren")
    async with web_on_sqlite.client() as client:
        answer = await client.post(f"/mine/{other.token}/word", data={"word": "wren"})
        theirs = answer.cookies["plan"]
    async with web_on_sqlite.client() as client:
        for kept in (theirs, "9999999999." + "0" * 64, "x", "²." + "0" * 64):
            answer = await client.get(f"/mine/{one.token}", headers={"Cookie": f"plan={kept}".encode()})
            assert SAID not in answer.text


async def test_another_site_cannot_change_it(web_on_sqlite: Web):
    theirs = has_plan(web_on_sqlite.store)
    async with web_on_sqlite.client(headers={"Sec-Fetch-Site": "cross-site"}) as client:
        answer = await client.post(
            f"/mine/{theirs.token}/lines", data={"about": "matters", "words": "Not theirs"}
        )
    assert answer.status_code == 403
    assert said(web_on_sqlite.store, theirs, Heading.MATTERS) == [SAID]


async def test_ticks_that_could_not_be_read_untick_nothing(web_on_sqlite: Web):
    theirs = has_plan(web_on_sqlite.store)
    async with web_on_sqlite.client() as client:
        answer = await client.post(f"/mine/{theirs.token}/lists/want", content=b"\xff\xfe")
        assert answer.status_code == 400
        answer = await client.post(f"/mine/{theirs.token}/lists/step", data={"code": "company"})
        assert answer.status_code == 400
    assert said(web_on_sqlite.store, theirs, Heading.WANT) == ["company"]


async def test_someone_who_asks_too_often_waits(web_on_sqlite: Web, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mine, "caller", lambda scope: "203.0.113.7")
    monkeypatch.setattr(mine, "Limiter", lambda **_: Limiter(at_once=2, a_second=0))
    theirs = has_plan(web_on_sqlite.store)
    async with web_on_sqlite.client() as client:
        seen = [(await client.get(f"/mine/{theirs.token}")).status_code for _ in range(3)]
    assert seen == [200, 200, 429]


# Languages, sizes, other people


async def test_it_is_in_their_language_and_can_be_read_in_another(web_on_sqlite: Web):
    theirs = has_plan(web_on_sqlite.store, language="cy")
    async with web_on_sqlite.client() as client:
        browser = PlainBrowser(client)
        answer = await browser.opens(f"/mine/{theirs.token}")
        assert 'lang="cy"' in answer.text and "Ray: beth sy'n bwysig i mi" in browser.text
        assert SAID in browser.text  # their own words stay as they are
        answer = await browser.opens(f"/mine/{theirs.token}?lang=en&size=large")
        assert "what matters to me" in browser.text
        await browser.presses("Add it", about="enjoys", words="Singing")
        assert '<html lang="en" dir="ltr" class="large">' in browser.page.text  # as they were looking at it


async def test_an_address_that_only_takes_leads_back_to_the_plan(web_on_sqlite: Web):
    theirs = has_plan(web_on_sqlite.store)
    async with web_on_sqlite.client() as client:
        browser = PlainBrowser(client)
        await browser.opens(f"/mine/{theirs.token}/lines/3")
        assert SAID in browser.text


async def test_one_persons_link_changes_no_other_plan(web_on_sqlite: Web):
    one = has_plan(web_on_sqlite.store)
    other = has_plan(web_on_sqlite.store, name="Una", number="+447700900172")
    line = plan_now(web_on_sqlite.store, other).lines[0]
    async with web_on_sqlite.client() as client:
        for what in ("", "/back"):
            answer = await client.post(
                f"/mine/{one.token}/lines/{line.id}{what}", data={"do": "end", "words": "x"}
            )
            assert answer.status_code == 409
    assert said(web_on_sqlite.store, other, Heading.MATTERS) == [SAID]
    assert len(plan_now(web_on_sqlite.store, one).lines) == 5


async def test_who_looked_is_in_the_audit_without_a_word(web_on_sqlite: Web):
    theirs = has_plan(web_on_sqlite.store)
    async with web_on_sqlite.client() as client:
        await client.get(f"/mine/{theirs.token}")
    web_on_sqlite.store.run(lambda unit: None, acting="test").result(20)
    with web_on_sqlite.store.reading() as reading:
        (seen,) = reading.execute(select(audit).where(audit.c.action == "plan seen")).all()
    assert (seen.acting, seen.subject.partition(":")[0], seen.details) == ("link", "plan", {})
