"""The worst would be to give someone a number that no longer works: what looks wrong is found and shown."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from bot.directory import checking
from bot.directory import services as directory
from bot.directory.checking import Checked, Finding, open_findings, stale, wrong_phone, wrong_postcode
from bot.directory.links import Answered, LinkLook
from bot.directory.services import Contact, Location, Service, ServiceDetails
from bot.practice.wire import reply
from bot.store.engines import Store
from tests.support.serving import Served, serving_in_thread
from tests.support.stores import Done

TODAY = date(2026, 3, 3)


#: What somebody's pages answer; any other is not there.
PAGES = {"/here": 200, "/gone": 410, "/broken": 500, "/guarded": 403}


@pytest.fixture
def site_of() -> dict[str, int]:
    """The pages of somebody's web site, to be changed."""
    return dict(PAGES)


@pytest.fixture
def site(site_of: dict[str, int]) -> Iterator[Served]:
    """Somebody's web site: a few pages, as they answer."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                event = (await receive())["type"]
                await send({"type": f"{event}.complete"})
                if event == "lifespan.shutdown":
                    return
        path, method = scope["path"], scope["method"]
        if path == "/moved":
            return await reply(send, 301, None, {"location": "/here"})
        if path == "/round":
            return await reply(send, 302, None, {"location": "/round"})
        if path == "/no-head":
            return await reply(send, 405 if method == "HEAD" else 200, None)
        await reply(send, site_of.get(path, 404), None)

    with serving_in_thread(app) as at:
        yield at


def look(*urls: str, **asked: Any) -> list[Answered]:
    async def all_of_them() -> list[Answered]:
        async with LinkLook(patience=5, own_network=True, **asked) as links:
            return list(await asyncio.gather(*(links.look(url) for url in urls)))

    return asyncio.run(all_of_them())


def check(store: Store, site: bool = False) -> Checked:
    async def it() -> Checked:
        if not site:
            return await checking.check(store, TODAY, 6, links=None)
        async with LinkLook(patience=5, own_network=True) as links:
            return await checking.check(store, TODAY, 6, links=links)

    return asyncio.run(it())


def findings(store: Store) -> list[tuple[str, str]]:
    with store.reading() as reading:
        return [(one.what, one.why) for one in open_findings(reading)]


def add(done: Done, **details: Any) -> int:
    details.setdefault("assured_on", TODAY)
    return done(lambda unit: directory.add_service(unit, ServiceDetails("Invented Tea", **details)))


@pytest.mark.parametrize(
    "phone",
    ["0161 496 0123", "+44 (0)20 7946 0018", "0300 123 4567", "0808 157 0123", "111", "116 123",
     "020 7946 0018 ext 4", "020 7946 0018 (mornings)", "Freephone 0808 157 0123", "07911 123456"],
)  # fmt: skip
def test_a_number_one_can_ring(phone: str) -> None:
    assert wrong_phone(phone) is None


@pytest.mark.parametrize(
    ("phone", "why"),
    [
        ("0161 496 012", "0161 496 012 is no number that is in use"),
        ("0161 496 01234567", "0161 496 01234567 is no number that is in use"),
        ("01632 960123", "01632 960123 is no number that is in use"),
        ("ask at the desk", "ask at the desk is not a phone number"),
        ("0000", "0000 is no number that is in use"),
    ],
)
def test_a_number_one_cannot_ring(phone: str, why: str) -> None:
    assert wrong_phone(phone) == why


def test_a_postcode_that_is_on_no_map() -> None:
    assert wrong_postcode("M1 1AE") is None
    assert wrong_postcode("M1") is None
    assert wrong_postcode("") is None
    assert wrong_postcode("ZZ9 9ZZ") == "ZZ9 9ZZ is not a postcode there is"


def test_a_check_shows_what_is_wrong_once_and_settles_it_when_it_is_right_again(
    store: Store, done: Done
) -> None:
    service_id = add(
        done,
        contacts=(Contact(phone="0161 496 012"),),
        locations=(Location(postcode="ZZ9 9ZZ"),),
        assured_on=date(2025, 8, 1),
    )

    assert check(store) == Checked(services=1, found=3, new=3)
    assert findings(store) == [
        ("phone", "0161 496 012 is no number that is in use"),
        ("postcode", "ZZ9 9ZZ is not a postcode there is"),
        ("assured", "last checked in August 2025"),
    ]
    assert check(store) == Checked(services=1, found=3), "nothing is said twice"

    done(lambda unit: directory.correct(unit, service_id, 3, contacts=(Contact(phone="0161 496 0123"),)))
    assert [what for what, _ in findings(store)] == ["postcode", "assured"], "put right, until the next look"
    done(lambda unit: directory.assure(unit, service_id, 3, TODAY))
    assert check(store) == Checked(services=1, found=1)
    assert findings(store) == [("postcode", "ZZ9 9ZZ is not a postcode there is")]


def test_what_staff_say_is_right_is_not_shown_again_until_it_changes(store: Store, done: Done) -> None:
    service_id = add(done, contacts=(Contact(phone="0161 496 012"),))
    check(store)
    with store.reading() as reading:
        (finding,) = open_findings(reading, service_id=service_id)
    assert isinstance(finding, Finding) and finding.service_name == "Invented Tea"

    assert done(lambda unit: checking.settle(unit, finding.id, 3))
    assert not done(lambda unit: checking.settle(unit, finding.id, 3))
    assert check(store) == Checked(services=1)

    done(lambda unit: directory.correct(unit, service_id, 3, contacts=(Contact(phone="0161"),)))
    assert check(store) == Checked(services=1, found=1, new=1)


def test_how_long_ago_is_too_long() -> None:
    def checked_on(day: date | None) -> bool:
        return stale(Service("Invented Tea", assured_on=day), TODAY, 6)

    assert [checked_on(day) for day in (None, date(2025, 9, 2), date(2025, 9, 3), TODAY)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert not stale(Service("Invented Tea", assured_on=date(2025, 2, 28)), date(2025, 8, 31), 6)


def test_closed_services_are_not_looked_at_and_of_examples_only_their_date(store: Store, done: Done) -> None:
    closed = add(done, contacts=(Contact(phone="0161"),))
    done(lambda unit: directory.close(unit, closed, 3))
    example = ServiceDetails("Invented", contacts=(Contact(phone="01632 960123"),), assured_on=TODAY)
    done(lambda unit: directory.add_service(unit, example, example=True))

    assert check(store) == Checked(services=1)


def test_links_that_lead_somewhere_and_links_that_do_not(site: Served) -> None:
    paths = ("/here", "/moved", "/no-head", "/gone", "/lost", "/round", "/broken", "/guarded")
    answered = dict(zip(paths, look(*(f"{site.url}{path}" for path in paths)), strict=True))

    assert [p for p, a in answered.items() if a == Answered()] == ["/here", "/moved", "/no-head"]
    assert answered["/gone"].why == "its page is gone (410)"
    assert answered["/lost"].why == "its page is gone (404)"
    assert answered["/round"].why == "it leads round in a circle"
    assert answered["/broken"].unsure and answered["/guarded"].unsure, "that may be about us, or about today"


def test_a_site_that_has_no_name_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = {"gone.example": socket.EAI_NONAME, "today.example": socket.EAI_AGAIN}

    async def no_address(self: LinkLook, host: str) -> list[str]:
        raise socket.gaierror(errors[host], "made up")

    monkeypatch.setattr(LinkLook, "_addresses", no_address)

    gone, today = look("https://gone.example/x", "https://today.example/")
    assert gone == Answered("there is no site called gone.example")
    assert today == Answered(unsure=True), "a name server that does not answer says nothing about the site"


def test_nothing_on_our_own_network_is_asked(site: Served) -> None:
    async def it() -> list[Answered]:
        async with LinkLook(patience=5) as links:
            return [
                await links.look(url) for url in (f"{site.url}/here", "http://10.0.0.1/", "http://[::1]/")
            ]

    assert {one.why for one in asyncio.run(it())} == {"it leads into a private network"}


def test_a_page_that_is_gone_is_shown_until_it_is_back(
    store: Store, done: Done, site: Served, site_of: dict[str, int]
) -> None:
    service_id = add(done, url=f"{site.url}/lost")

    assert check(store, site=True) == Checked(services=1, found=1, new=1)
    assert findings(store) == [("link", "its page is gone (404)")]
    assert check(store) == Checked(services=1, found=1), "who did not look does not say it is back"

    site_of["/lost"] = 500
    assert check(store, site=True) == Checked(services=1, found=1, unsure=1), "nor does an error"
    site_of["/lost"] = 200
    assert check(store, site=True) == Checked(services=1, settled=1)
    assert findings(store) == []

    done(lambda unit: directory.correct(unit, service_id, 3, url=f"{site.url}/gone"))
    check(store, site=True)
    done(lambda unit: directory.correct(unit, service_id, 3, url=f"{site.url}/here"))
    assert findings(store) == []


def test_nobody_is_told_a_number_or_a_page_that_does_not_work(store: Store, done: Done, site: Served) -> None:
    desk, leader = Contact("The desk", phone="0161 496 012"), Contact("Lea", phone="0161 496 0123")
    service_id = add(done, contacts=(desk, leader), url=f"{site.url}/gone")

    def told() -> Service:
        with store.reading() as reading:
            return checking.trusted(reading, directory.service_of(reading, service_id))

    assert (told().contacts, told().url) == ((desk, leader), f"{site.url}/gone")
    check(store, site=True)
    assert (told().contacts, told().url) == ((Contact("The desk"), leader), None)
    assert told().name == "Invented Tea"

    with store.reading() as reading:
        found = {one.what: one.id for one in open_findings(reading)}
    done(lambda unit: checking.settle(unit, found["phone"], 3))
    assert (told().contacts, told().url) == ((desk, leader), None), "the team says that it rings"
