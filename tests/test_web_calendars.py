"""Calendars by their address: a worker's feed and one appointment's file, and nothing for a wrong token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.appointments.appointment import file_token
from bot.appointments.calendar import end_feed, lock_calendar, new_feed_token
from bot.casework import staffing
from bot.store.engines import Store
from bot.store.tables import Safe, appointment, person
from bot.web import calendars
from bot.web.guard import Limiter
from tests.support import diary
from tests.support.stores import TUESDAY_10AM
from tests.support.web_site import Web, settings

TOMORROW = TUESDAY_10AM + timedelta(days=1)


@pytest.fixture
def web(store: Store) -> Web:
    """The site on each engine, at the time the test says it is."""
    return Web(store, settings())


def does(web: Web, work):
    return web.store.run(work, acting="staff:1").result(20)


def has_feed(web: Web) -> tuple[int, str]:
    """Bea, with one appointment and a feed: (her id, the token)."""

    def work(unit):
        bea = diary.worker(unit)
        diary.appointment(unit, bea, diary.somebody(unit), TOMORROW)
        lock_calendar(unit, bea)
        return bea, new_feed_token(unit, bea)

    return does(web, work)


def has_file(web: Web, safe: Safe = Safe.ONLY_ME, language: str = "en", **more) -> tuple[int, str]:
    """Ray's appointment with Bea: (its id, the token of its file)."""

    def work(unit):
        ray = diary.somebody(unit, safe=safe, language=language)
        made = diary.appointment(unit, diary.worker(unit), ray, TOMORROW, **more)
        return made, file_token(unit, made)

    return does(web, work)


async def test_a_calendar_program_reads_the_feed_and_is_told_when_nothing_changed(web: Web, clock):
    bea, token = has_feed(web)
    async with web.client() as client:
        first = await client.get(f"/calendar/{token}.ics")
        clock.forward(hours=1)
        same = await client.get(f"/calendar/{token}.ics", headers={"If-None-Match": first.headers["etag"]})
        also = await client.get(
            f"/calendar/{token}.ics", headers={"If-None-Match": f'"x", {first.headers["etag"][2:]}'}
        )
        does(web, lambda unit: diary.appointment(unit, bea, diary.somebody(unit, nth=3), TOMORROW))
        other = await client.get(f"/calendar/{token}.ics", headers={"If-None-Match": first.headers["etag"]})

    assert first.status_code == 200
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "Appointment\\, R." in first.text and "Poole" not in first.text
    assert (same.status_code, same.content) == (also.status_code, also.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert other.status_code == 200 and other.headers["etag"] != first.headers["etag"]
    assert "no-store" not in first.headers["cache-control"] and "private" in first.headers["cache-control"]
    assert "noindex" in first.headers["x-robots-tag"]


async def test_a_feed_ends_when_it_is_ended_made_anew_or_its_worker_leaves(web: Web):
    bea, token = has_feed(web)
    anew = does(web, lambda unit: new_feed_token(unit, bea))
    async with web.client() as client:
        assert (await client.get(f"/calendar/{token}.ics")).status_code == 404
        assert (await client.get(f"/calendar/{anew}.ics")).status_code == 200
        does(web, lambda unit: staffing.set_active(unit, bea, False))
        assert (await client.get(f"/calendar/{anew}.ics")).status_code == 404
        does(web, lambda unit: staffing.set_active(unit, bea, True))
        does(web, lambda unit: end_feed(unit, bea))
        assert (await client.get(f"/calendar/{anew}.ics")).status_code == 404


@pytest.mark.parametrize("token", ["wrong", "a" * 32, "%20", "é", "x" * 500, "..", "'; drop"])
async def test_a_wrong_token_opens_nothing_and_says_nothing(web: Web, token):
    has_feed(web)
    async with web.client() as client:
        answer = await client.get(f"/calendar/{token}.ics")

    assert answer.status_code == 404
    assert "VCALENDAR" not in answer.text


async def test_wrong_tokens_cost_the_same_look_ups_as_a_right_one(web: Web, monkeypatch):
    """How long it takes must not tell whether the start of a token, or its kind, was right."""
    _, token = has_feed(web)
    asked: list[str] = []
    for name in ("feed_of", "by_file_token"):
        real = getattr(calendars, name)

        def looked(reading, token, real=real, name=name):
            asked.append(name)
            return real(reading, token)

        monkeypatch.setattr(calendars, name, looked)
    async with web.client() as client:
        await client.get(f"/calendar/{token}.ics")
        right, asked[:] = asked[:], []
        await client.get(f"/calendar/{token[:-1]}0.ics")

    assert asked == right == ["feed_of", "by_file_token"]


async def test_someone_opens_the_file_of_their_appointment(web: Web):
    _, token = has_file(web, meeting="cafe", bring="letters")
    async with web.client() as client:
        answer = await client.get(f"/calendar/{token}.ics")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
    assert "SUMMARY:Appointment with Bea" in answer.text and "letters" in answer.text


async def test_the_file_is_in_their_language_and_discreet_where_others_read(web: Web):
    _, token = has_file(web, safe=Safe.SHARED, language="cy", bring="llythyrau")
    async with web.client() as client:
        answer = await client.get(f"/calendar/{token}.ics")

    assert "SUMMARY:Apwyntiad\r\n" in answer.text
    assert "Bea" not in answer.text and "llythyrau" not in answer.text


async def test_the_file_says_that_it_was_moved_and_that_it_is_off(web: Web):
    made, token = has_file(web)
    async with web.client() as client:
        first = await client.get(f"/calendar/{token}.ics")
        does(web, lambda unit: unit.change(appointment, made, status="cancelled", version=2))
        off = await client.get(f"/calendar/{token}.ics", headers={"If-None-Match": first.headers["etag"]})

    assert "SEQUENCE:1" in first.text and "STATUS:CONFIRMED" in first.text
    assert off.status_code == 200 and "SEQUENCE:2" in off.text and "STATUS:CANCELLED" in off.text


async def test_a_held_slot_one_long_past_and_one_of_somebody_erased_have_no_file(web: Web, clock):
    made, token = has_file(web, status="held")
    async with web.client() as client:
        assert (await client.get(f"/calendar/{token}.ics")).status_code == 404
        does(web, lambda unit: unit.change(appointment, made, status="attended"))
        assert (await client.get(f"/calendar/{token}.ics")).status_code == 200
        clock.forward(days=32)
        assert (await client.get(f"/calendar/{token}.ics")).status_code == 404
        clock.forward(days=-31)
        assert (await client.get(f"/calendar/{token}.ics")).status_code == 200
        does(web, lambda unit: unit.execute(update(person).values(erased_at=unit.now)))
        assert (await client.get(f"/calendar/{token}.ics")).status_code == 404


async def test_who_asks_too_often_is_asked_to_wait(web: Web, monkeypatch):
    _, token = has_feed(web)
    monkeypatch.setattr(calendars, "Limiter", lambda **_: Limiter(at_once=2, a_second=0.001))
    monkeypatch.setattr(calendars, "caller", lambda scope: "192.0.2.7")
    async with web.client() as client:
        statuses = [(await client.get(f"/calendar/{token}.ics")).status_code for _ in range(4)]

    assert statuses == [200, 200, 429, 429]
