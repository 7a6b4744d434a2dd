"""The calendar as a link worker sees it: their day and week, what is free, and who may look."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from bot.appointments.calendar import set_calendar
from bot.casework.rota import take_off
from bot.staff.changes import marks
from bot.store.tables import audit, person
from tests.support.calendars import at, seed_hours
from tests.support.diary import appointment as put


@pytest.fixture
def bea(bea_at_work):
    return bea_at_work


def tiles(visitor):
    """What is in the calendar, in order, as words."""
    found = re.findall(r'(?s)<li class="ll-cal__(?:tile|now)[^>]*>(.*?)</li>', visitor.page.text)
    words = [re.sub(r"<[^>]+>", " ", tile) for tile in found]
    return [re.sub(r" ([.,:])", r"\1", " ".join(w.replace("&#39;", "'").split())) for w in words]


def days(visitor):
    """The heading of each column."""
    found = re.findall(r'(?s)<h2 class="ll-cal__head".*?</h2>', visitor.page.text)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


def seen(store, who):
    """How often somebody's appointments were seen."""
    with store.reading() as reading:
        rows = reading.execute(
            select(audit.c.acting, audit.c.details).where(
                audit.c.action == "appointment seen", audit.c.subject == f"person:{who.person_id}"
            )
        )
        return [(row.acting, row.details["where"]) for row in rows]


def test_a_day_says_who_how_and_what_was_said_and_where_it_is_now(bea):
    bea.goes("/calendar")

    assert "Tuesday 3 March" in bea.text
    assert tiles(bea) == [
        "9.15 to 9.45am Gwen Review By phone Attended: Gwen Did not attend: Gwen",
        "11 to 11.45am Ray First talk In a cafe: Corner Cafe Said they are coming "
        "Will need: a table near the door Reminded yesterday at 10am Attended: Ray Did not attend: Ray",
        "Now, 11.20am",
        "Free 11.55am to 12.30pm Book",
        "2 to 2.30pm Nina Review By phone Running late 10 min Said they are coming "
        "Reminded yesterday at 10am",
        "Free 2.40 to 4pm Book",
        "Free 4 to 4.30pm Book",
    ]
    assert days(bea) == ["Tuesday 3 March 3 booked 2 hours 25 minutes free"]


def test_a_week_has_its_working_days_and_a_weekend_only_where_something_is_on_it(bea, done, ashby):
    bea.goes("/calendar?view=week")
    assert [d.split(" ")[0] for d in days(bea)] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]

    done(lambda unit: put(unit, ashby.bea, ashby.ray.person_id, at(date(2026, 3, 7), 11)))
    bea.goes("/calendar?view=week&on=2026-03-07")
    assert days(bea)[1] == "Tuesday 3 Today 3 booked 2h 25m free"
    assert days(bea)[-1] == "Saturday 7 1 booked"


def test_what_is_held_off_done_and_away_each_says_so(bea):
    bea.goes("/calendar?view=week")
    words = tiles(bea)

    assert "10 to 10.45am Nina Attended First talk Phone" in words
    assert "2 to 2.30pm Omar Did not attend Review Phone" in words
    assert "2 to 2.45pm Dev Held until 11.28am: they are just choosing" in words
    assert "Training 3 to 4.30pm Safeguarding refresher" in words
    assert "10 to 11.30am Walk and talk Group 0 of 8 booked" in words
    assert "Leave from 1.30pm" in words
    (pryce,) = [w for w in words if "Mrs Pryce" in w]
    assert "Home visit Home Not reminded: they said stop" in pryce


def test_next_week_is_leave_and_the_week_after_is_free(bea):
    bea.goes("/calendar?view=week&on=2026-03-10")
    assert tiles(bea) == ["Leave All day"] * 4 + ["Leave until 5pm"]

    bea.goes("/calendar?view=week&on=2026-03-17")
    assert tiles(bea)[:2] == ["Free 9am to 12.30pm Book", "Free 1.30 to 4.30pm Book"]


def test_a_bank_holiday_says_which(bea):
    bea.goes("/calendar?on=2026-04-03")

    assert tiles(bea) == []
    assert "Good Friday, bank holiday." in bea.text


def test_a_free_time_leads_to_booking_it(bea):
    bea.goes("/calendar")
    (first, *_) = re.findall(r'href="/staff(/calendar/book[^"]+)"[^>]*data-free', bea.page.text)
    bea.goes(first)

    assert "Today at 11.55am" in bea.text
    assert "Your people Mrs Pryce" in bea.text


def test_before_after_today_and_a_date(bea):
    bea.goes("/calendar?on=2026-03-05&view=week")
    links = dict(re.findall(r'href="/staff(/calendar[^"]*)"[^>]*data-key-(\w+)', bea.page.text))

    assert {key: at.replace("&amp;", "&") for at, key in links.items()} == {
        "n": "/calendar/book?on=2026-03-05",
        "left": "/calendar?view=week&on=2026-02-26",
        "t": "/calendar?view=week",
        "right": "/calendar?view=week&on=2026-03-12",
        "d": "/calendar?on=2026-03-05",
        "w": "/calendar?view=week&on=2026-03-05",
    }
    bea.goes("/calendar?on=the+3rd")
    assert "That day is not a date." in bea.text
    bea.goes("/calendar?on=9999-12-31")
    assert "That day is too far away." in bea.text


def test_without_hours_it_says_where_to_set_them(bea, done, ashby):
    done(lambda unit: set_calendar(unit, ashby.bea, hours=()))
    bea.goes("/calendar")

    assert "You have set no working hours yet" in bea.text
    assert not [tile for tile in tiles(bea) if tile.startswith("Free")]


def test_a_link_worker_sees_their_own_and_a_lead_everyones(bea, at_work, ashby):
    assert bea.goes(f"/calendar?who={ashby.ali}").status_code == 403
    assert bea.goes("/calendar?view=team").status_code == 403
    assert bea.goes("/calendar/live").status_code == 200

    lou = at_work("lou")
    lou.goes(f"/calendar?who={ashby.ali}")
    assert "Ali Rahman" in lou.text
    assert tiles(lou)[0].startswith("10 to 10.45am Jo Review By phone")
    lou.goes("/calendar?view=team")
    assert [d.split(" booked")[0] for d in days(lou)] == ["Ali Rahman 1", "Bea Marsh 3"]


def test_who_saw_whose_is_written_down_once_in_a_while(bea, store, ashby, clock):
    bea.goes("/calendar")
    bea.goes("/calendar/live")
    bea.goes("/calendar?view=week")
    acting = f"staff:{ashby.bea}"
    assert seen(store, ashby.ray) == [(acting, "day")]
    assert seen(store, ashby.pryce) == [(acting, "week")]
    assert seen(store, ashby.josie) == []

    clock.forward(minutes=11)
    bea.goes("/calendar")
    assert seen(store, ashby.ray) == [(acting, "day"), (acting, "day")]


def test_who_no_longer_agrees_has_no_name_here(bea, done, ashby, booked):
    done(
        lambda unit: unit.execute(
            update(person).where(person.c.id == ashby.ray.person_id).values(agreed_at=None)
        )
    )
    bea.goes("/calendar")

    assert "Ray" not in bea.text
    assert "11 to 11.45am Someone First talk" in bea.text
    assert bea.goes(f"/appointments/{booked['ray']}").status_code == 404


def test_what_ended_and_nobody_wrote_down_is_asked_about(booked, at_work, clock):
    clock.forward(days=3)
    bea = at_work("bea")
    bea.goes("/calendar")

    assert "Did they come? These have not been written down." in bea.text
    assert re.findall(r"(\S+), (?:Tues|Wednes|yester)day", bea.text) == [
        "Gwen",
        "Ray",
        "Nina",
        "Pryce",
        "Omar",
    ]
    assert "And 1 more." in bea.text
    clock.forward(days=15)
    bea = at_work("bea")
    bea.goes("/calendar")
    assert "Did they come?" not in bea.text


def test_an_open_page_hears_that_a_calendar_changed(store, booked, done, ashby):
    def mark():
        with store.reading() as reading:
            return marks(reading, None)

    before = mark()
    done(lambda unit: seed_hours(unit, ashby.ali, gap_minutes=20))
    assert mark() == before  # hours are nobody's appointment

    done(lambda unit: take_off(unit, ashby.ali, "leave", unit.now, unit.now + timedelta(hours=1)))
    assert mark() != before
