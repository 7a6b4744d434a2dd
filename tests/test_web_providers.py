"""A service's link: a first name and the safe way, once, in one browser; and nothing to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import SetClock
from bot.directory import onward, services
from bot.directory.onward import TELL, TELL_NEEDS
from bot.directory.services import ServiceDetails
from bot.people import access_needs, consents, persons
from bot.store.engines import Store
from bot.store.sealed import Sealer
from bot.store.tables import (
    Ledger,
    Onward,
    Outcome,
    Safe,
    audit,
    onward_referral,
    service_event,
    suggestion,
    timer,
)
from bot.store.unit_of_work import UnitOfWork
from bot.web import providers
from bot.web.guard import Limiter
from tests.support.own_plan import SAID, PlainBrowser, has_plan
from tests.support.stores import KEYS, LOOKUP_KEY, TUESDAY_10AM
from tests.support.web_site import Web, settings

NEED = "I lip-read, please face me"


@dataclass(frozen=True, slots=True)
class Sent:
    """A link a service was sent."""

    token: str
    onward_id: int
    person_id: int
    service_id: int

    @property
    def at(self) -> str:
        return f"/services/{self.token}"


def is_referred(web: Web, *, safe: Safe = Safe.ONLY_ME, share_needs: bool = False) -> Sent:
    """Ray said yes to the choir, and yes to it being told of him."""
    theirs = has_plan(web.store, name="Ray Smith", safe=safe)

    def work(unit: UnitOfWork) -> Sent:
        choir = services.add_service(unit, ServiceDetails(name="Ashby Choir", places_left=3))
        who = theirs.person_id
        access_needs.record_need(unit, who, NEED)
        persons.plan_contact(unit, who, times="mornings")
        consents.record(unit, who, Ledger.AGREEMENT, f"{TELL}:{choir}", True)
        if share_needs:
            consents.record(unit, who, Ledger.AGREEMENT, f"{TELL_NEEDS}:{choir}", True)
        made = onward.refer(unit, who, choir, Onward.REFERRED)
        return Sent(made.link_token, made.onward_id, who, choir)

    return web.store.run(work, acting="person").result(20)


def as_it_is(web: Web, sent: Sent):
    with web.store.reading() as reading:
        return onward.onward_by_id(reading, sent.onward_id)


def everything(web: Web) -> list[list[tuple]]:
    """All that is written down of who was told what."""
    with web.store.reading() as reading:
        tables = (onward_referral, suggestion, service_event, audit, timer)
        return [[tuple(row) for row in reading.execute(select(table))] for table in tables]


@pytest.fixture
async def browser(web: Web):
    async with web.client() as client:
        yield PlainBrowser(client)


@pytest.fixture
def on_a_tuesday(tmp_path: Path, migrated_sqlite: Path) -> Iterator[tuple[Web, SetClock]]:
    """The site on a Tuesday morning that moves only when told."""
    path = tmp_path / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    clock = SetClock(TUESDAY_10AM)
    store = Store(f"sqlite:///{path}", Sealer(KEYS, LOOKUP_KEY), clock)
    yield Web(store, settings()), clock
    store.close()


async def test_looking_shows_nothing_and_changes_nothing(web: Web, browser: PlainBrowser):
    sent = is_referred(web)
    before = everything(web)
    for _ in range(3):
        answer = await browser.opens(sent.at)
    assert answer.status_code == 200
    assert "Someone would like to come to you" in browser.text
    assert "Ray" not in answer.text and "07700" not in answer.text and "Choir" not in answer.text
    assert (await browser.client.head(sent.at)).status_code == 200
    assert everything(web) == before


async def test_a_service_sees_a_first_name_the_safe_way_and_nothing_else(web: Web, browser: PlainBrowser):
    sent = is_referred(web)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    page = browser.page.text
    assert "Ray would like to come to Ashby Choir" in browser.text
    assert "Ring or text 07700 900171." in browser.text and "Mornings" in browser.text
    assert "If someone else answers, do not say what it is about." in browser.text
    for never in ("Smith", SAID, NEED, "library", "8 out of 10", "company"):
        assert never not in page
    assert browser.page.headers["cache-control"] == "no-store"
    assert browser.page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in browser.page.headers["x-robots-tag"]


async def test_needs_are_there_only_where_they_agreed_to_share_them(web: Web, browser: PlainBrowser):
    sent = is_referred(web, share_needs=True)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    assert NEED in browser.text


@pytest.mark.parametrize(
    ("safe", "way"),
    [
        (Safe.TEXT_ONLY, "Text 07700 900171. Do not ring."),
        (Safe.NO_MESSAGE, "Ring 07700 900171. Do not text. Leave no message."),
        (Safe.SHARED, "Only through us: ring"),
        (Safe.NOT_NOW, "Only through us: ring"),
        (Safe.NOT_ASKED, "Only through us: ring"),
    ],
)
async def test_the_way_is_the_one_they_called_safe(web_on_sqlite: Web, safe: Safe, way: str):
    sent = is_referred(web_on_sqlite, safe=safe)
    async with web_on_sqlite.client() as client:
        browser = PlainBrowser(client)
        await browser.opens(sent.at)
        await browser.presses("Show it here")
        assert way in browser.text.replace("  ", " ")
        if "Only through us" in way:
            assert "900171" not in browser.page.text


async def test_a_link_sent_on_shows_nothing(web: Web, browser: PlainBrowser):
    sent = is_referred(web)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    async with web.client() as someone_elses:
        other = PlainBrowser(someone_elses)
        answer = await other.opens(sent.at)
        assert answer.status_code == 403
        assert "open on another phone or computer" in other.text
        for path in ("open", "answer", "session"):
            answer = await someone_elses.post(f"{sent.at}/{path}", data={"says": "came"})
            assert answer.status_code == 403
            assert "Ray" not in answer.text and "07700" not in answer.text
        # A browser with a mark it made up, or with another link's, is another browser.
        for mark in ("x", "A" * 22, "²"):
            headers = {"Cookie": f"opened={mark}".encode()}
            assert "Ray" not in (await someone_elses.get(sent.at, headers=headers)).text
    assert as_it_is(web, sent).outcome is None
    await browser.opens(sent.at)
    assert "Ray would like to come" in browser.text


async def test_they_came_once(web: Web, browser: PlainBrowser):
    sent = is_referred(web)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    await browser.presses("Send", says="came")
    assert "Thank you" in browser.text and "Ray" not in browser.page.text
    now = as_it_is(web, sent)
    assert (now.outcome, now.outcome_by) == (Outcome.ATTENDED, "provider")

    answer = await browser.opens(sent.at)
    assert answer.status_code == 404
    assert "This link shows nothing" in browser.text and "Ray" not in answer.text
    answer = await browser.client.post(f"{sent.at}/answer", data={"says": "did-not-come"})
    assert answer.status_code == 404
    assert as_it_is(web, sent).outcome is Outcome.ATTENDED


async def test_that_they_did_not_come_is_not_the_end_of_it(web: Web, browser: PlainBrowser):
    """What got in the way is theirs to say: the person is asked next."""
    sent = is_referred(web)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    await browser.presses("Send", says="did-not-come")
    assert as_it_is(web, sent).outcome is None
    with web.store.reading() as reading:
        waiting = reading.execute(
            select(timer.c.id).where(timer.c.kind == "got-there", timer.c.done_at.is_(None))
        ).all()
    assert len(waiting) == 1


async def test_the_first_session_is_told_and_told_again(on_a_tuesday: tuple[Web, SetClock]):
    web, _ = on_a_tuesday
    sent = is_referred(web)
    async with web.client() as client:
        browser = PlainBrowser(client)
        await browser.opens(sent.at)
        await browser.presses("Show it here")
        for given, instant in (
            (("2026-07-08", "10:30"), datetime(2026, 7, 8, 9, 30, tzinfo=UTC)),  # British summer time
            (("12/03/2026", "14.00"), datetime(2026, 3, 12, 14, 0, tzinfo=UTC)),
        ):
            await browser.presses("Save", day=given[0], time=given[1])
            assert "Saved. You can still change it here." in browser.text
            assert as_it_is(web, sent).first_session_at == instant
        assert "2pm Thursday 12 March" in browser.text
        for day_, time_, why in (
            ("", "10:00", "Give the day and the time"),
            ("2026-03-12", "25:00", "Give the day and the time"),
            ("2026-03-02", "10:00", "has gone by"),
            ("2028-03-02", "10:00", "more than a year"),
        ):
            answer = await browser.presses("Save", day=day_, time=time_)
            assert answer.status_code == 400 and why in browser.text
        assert as_it_is(web, sent).first_session_at == datetime(2026, 3, 12, 14, 0, tzinfo=UTC)


async def test_they_are_full_and_say_how_long_the_wait_is(web: Web, browser: PlainBrowser):
    sent = is_referred(web)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    await browser.presses("Send", says="no-place", places="", weeks="6")
    assert "Thank you" in browser.text
    with web.store.reading() as reading:
        now = services.service_of(reading, sent.service_id)
        (event,) = [e for e in services.history_of(reading, sent.service_id) if e.what == "corrected"]
    assert (now.places_left, now.waiting_weeks) == (0, 6)
    assert event.acting == "provider"


async def test_places_left_are_told_beside_an_answer_and_a_slip_is_caught(web: Web, browser: PlainBrowser):
    sent = is_referred(web)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    for places, weeks, why in (("lots", "", "places you have left"), ("3", "9999", "whole weeks")):
        answer = await browser.presses("Send", says="came", places=places, weeks=weeks)
        assert answer.status_code == 400 and why in browser.text
    answer = await browser.presses("Send", says=None, places="2", weeks="")
    assert answer.status_code == 400 and "Choose one answer first." in browser.text
    assert as_it_is(web, sent).outcome is None
    await browser.presses("Send", says="came", places="2")
    with web.store.reading() as reading:
        assert services.service_of(reading, sent.service_id).places_left == 2


async def test_it_ends_in_fourteen_days_or_when_they_say_no(on_a_tuesday: tuple[Web, SetClock]):
    web, clock = on_a_tuesday
    sent = is_referred(web)
    async with web.client() as client:
        browser = PlainBrowser(client)
        await browser.opens(sent.at)
        await browser.presses("Show it here")
        assert "Ray" in browser.text
        web.store.run(
            lambda u: consents.record(
                u, sent.person_id, Ledger.AGREEMENT, f"{TELL}:{sent.service_id}", False
            ),
            acting="person",
        ).result(20)
        assert (await browser.opens(sent.at)).status_code == 404
        web.store.run(
            lambda u: consents.record(u, sent.person_id, Ledger.AGREEMENT, f"{TELL}:{sent.service_id}", True),
            acting="person",
        ).result(20)
        clock.forward(days=13, hours=23)
        assert "Ray" in (await browser.opens(sent.at)).text
        clock.forward(hours=2)
        answer = await browser.opens(sent.at)
        assert answer.status_code == 404 and "Ray" not in answer.text


async def test_a_new_link_opens_again_and_the_old_one_does_not(web: Web, browser: PlainBrowser):
    sent = is_referred(web)
    await browser.opens(sent.at)
    await browser.presses("Show it here")
    again = web.store.run(lambda u: onward.new_link(u, sent.onward_id), acting="staff:1").result(20)
    assert (await browser.opens(sent.at)).status_code == 404
    async with web.client() as client:
        other = PlainBrowser(client)
        await other.opens(f"/services/{again}")
        await other.presses("Show it here")
        assert "Ray would like to come" in other.text


async def test_another_site_cannot_answer_for_them(web_on_sqlite: Web):
    sent = is_referred(web_on_sqlite)
    async with web_on_sqlite.client() as client:
        browser = PlainBrowser(client)
        await browser.opens(sent.at)
        await browser.presses("Show it here")
        answer = await client.post(
            f"{sent.at}/answer", data={"says": "came"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403
    assert as_it_is(web_on_sqlite, sent).outcome is None


async def test_someone_who_asks_too_often_waits(web_on_sqlite: Web, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(providers, "caller", lambda scope: "203.0.113.7")
    monkeypatch.setattr(providers, "Limiter", lambda **_: Limiter(at_once=2, a_second=0))
    async with web_on_sqlite.client() as client:
        seen = [(await client.get("/services/nothing")).status_code for _ in range(3)]
    assert seen == [404, 404, 429]


async def test_a_service_in_wales_reads_it_in_welsh(web_on_sqlite: Web):
    sent = is_referred(web_on_sqlite)
    async with web_on_sqlite.client(headers={"Accept-Language": "cy-GB,cy"}) as client:
        browser = PlainBrowser(client)
        await browser.opens(sent.at)
        assert "Hoffai rhywun ddod atoch chi" in browser.text
        await browser.presses("Dangos yma")
        assert "Hoffai Ray ddod i Ashby Choir" in browser.text
