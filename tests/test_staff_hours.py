"""Somebody's own hours, the places to meet, and their private feed, as a link worker sets them."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from bot.appointments.calendar import Hours, calendar_of, feed_of, set_calendar
from bot.appointments.places import add_place, places
from bot.casework.rota import take_off
from bot.store.tables import Meeting, audit

NUMBERS = {"gap_minutes": "10", "notice_minutes": "120", "ahead_days": "42", "open_to_people": "yes"}


def calendar(done, ashby):
    return done(lambda unit: calendar_of(unit, ashby.bea))


def cafe(done) -> int:
    return done(lambda unit: add_place(unit, "cafe", "The Corner Cafe", "1 High Street", "Bus 9"))


def monday(**more) -> dict[str, object]:
    """Nine to five on Mondays, and the rest of the form."""
    return {"d0-0-opens": "09:00", "d0-0-closes": "17:00", "d0-0-way": "phone", **NUMBERS, **more}


def test_a_worker_says_when_where_and_how_people_can_book(at_work, done, ashby):
    there = cafe(done)
    bea = at_work("bea")
    bea.goes("/hours")
    assert "You have set no hours yet." in bea.text and "The Corner Cafe" in bea.text
    bea.presses(
        "/hours",
        **monday(
            **{
                "d0-1-opens": "18:00", "d0-1-closes": "20:30", "d0-1-way": ["home", str(there)],
                "d2-0-opens": "9.30am", "d2-0-closes": "1pm",
                "most_a_day": "4", "most_a_week": "", "length-first": "60", "length-review": "30",
                "gap_minutes": "15", "notice_minutes": "1440", "ahead_days": "28",
            }
        ),
    )  # fmt: skip

    assert "Saved. What is booked already stays as it is." in bea.text
    kept = calendar(done, ashby)
    named = {one.id: (one.meeting, one.name) for one in done(places)}
    hours = [(h.weekday, h.opens, h.closes, {named[n][0] for n in h.places}) for h in kept.hours]
    assert hours == [
        (0, time(9), time(17), {Meeting.PHONE}),
        (0, time(18), time(20, 30), {Meeting.HOME, Meeting.CAFE}),
        (2, time(9, 30), time(13), {Meeting.PHONE}),
    ]
    assert (kept.gap_minutes, kept.notice_minutes, kept.ahead_days) == (15, 1440, 28)
    assert (kept.most_a_day, kept.most_a_week, kept.open_to_people) == (4, None, True)
    assert kept.lengths == {"first": 60}  # thirty for a review is what it takes anyway
    bea.goes("/hours")
    page = bea.page.text
    assert 'value="18:00"' in page and re.search(rf'id="d0-1-way-{there}"[^>]*checked', page)
    assert not re.search(rf'id="d0-0-way-{there}"[^>]*checked', page)
    assert [row for row in done(actions) if row[0] == "calendar set"]


def actions(unit) -> list[tuple]:
    return [tuple(row) for row in unit.execute(select(audit.c.action, audit.c.acting))]


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"d0-0-closes": ""}, "d0-0-closes", "Monday: until when?"),
        ({"d0-0-opens": "", "d0-0-closes": "17:00"}, "d0-0-opens", "Monday: from when?"),
        ({"d0-0-opens": "25:00"}, "d0-0-opens", "Monday: from when?"),
        ({"d0-0-opens": "soon"}, "d0-0-opens", "Write a time such as 9am"),
        ({"d0-0-opens": "17:30"}, "d0-0-closes", "Monday: that ends before it begins."),
        ({"d0-1-opens": "16:00", "d0-1-closes": "18:00"}, "d0-1-opens", "this overlaps the hours before it"),
        ({"gap_minutes": "x"}, "gap_minutes", "Choose how long you need between two."),
        ({"ahead_days": "0"}, "ahead_days", "Choose how far ahead"),
        ({"notice_minutes": "-5"}, "notice_minutes", "Choose how soon"),
        ({"most_a_day": "0"}, "most_a_day", "Write a whole number"),
        ({"most_a_week": "many"}, "most_a_week", "Write a whole number"),
        ({"length-first": "900"}, "length-first", "from 5 to 480"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    at_work, done, ashby, typed, field, says
):
    bea = at_work("bea")
    bea.goes("/hours")
    answer = bea.presses("/hours", **monday(**{"d4-0-opens": "10:00", "d4-0-closes": "11:00"} | typed))

    assert answer.status_code == 422
    assert "Please check this" in bea.text and says in bea.text
    assert f'href="#{field}"' in answer.text and f'id="{field}-error"' in answer.text
    assert 'id="d4-0-opens" name="d4-0-opens" type="time" value="10:00"' in answer.text
    assert calendar(done, ashby) is None


def test_midnight_is_an_end_of_a_day(at_work, done, ashby):
    bea = at_work("bea")
    bea.goes("/hours")
    bea.presses("/hours", **monday(**{"d0-0-opens": "20:00", "d0-0-closes": "00:00"}))

    [only] = calendar(done, ashby).hours
    assert (only.opens, only.closes) == (time(20), time(0))


def test_one_days_hours_are_set_for_the_whole_week_with_one_press(at_work, done, ashby):
    bea = at_work("bea")
    bea.goes("/hours")
    bea.presses("/hours", **monday(copy="0", **{"d5-0-opens": "10:00", "d5-0-closes": "12:00"}))
    assert "Monday’s hours now stand on every day" in bea.text
    assert calendar(done, ashby) is None  # not before Save
    page = bea.page.text
    nine = [page.count(f'name="d{day}-0-opens" type="time" value="09:00"') for day in range(7)]
    assert nine == [1, 1, 1, 1, 1, 0, 0]
    assert 'name="d5-0-opens" type="time" value="10:00"' in page


def test_enter_saves_and_does_not_copy(at_work):
    bea = at_work("bea")
    page = bea.goes("/hours").text
    form = page[page.index('id="hours"') :]

    assert form.index("Save</button>") < form.index('type="time"')


def test_undo_puts_the_hours_back_as_they_were(at_work, done, ashby):
    there = cafe(done)
    bea = at_work("bea")
    bea.goes("/hours")
    bea.presses("/hours", **monday(**{"d0-0-way": ["phone", str(there)], "length-first": "50"}))
    before = calendar(done, ashby)
    bea.presses("/hours", **{**monday(), "d0-0-opens": "", "d0-0-closes": "", "gap_minutes": "0"})
    assert "nobody can book a time with you" in bea.text and calendar(done, ashby).hours == ()
    undo = {
        name: value
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', bea.page.text)
        if name != "csrf"
    }
    bea.presses("/hours", **undo)

    assert "Undone. Your hours are as they were." in bea.text
    after = calendar(done, ashby)
    assert (after.hours, after.lengths, after.gap_minutes) == (
        before.hours,
        before.lengths,
        before.gap_minutes,
    )


def test_a_place_that_is_not_there_is_not_kept(at_work, done, ashby):
    bea = at_work("bea")
    bea.goes("/hours")
    bea.presses("/hours", **monday(**{"d0-0-way": ["999", "nonsense"]}))

    [only] = calendar(done, ashby).hours
    assert [one.meeting for one in done(places) if one.id in only.places] == [Meeting.PHONE]


def test_leave_that_is_coming_is_listed(at_work, done, ashby):
    done(
        lambda unit: take_off(
            unit, ashby.bea, "leave", unit.now + timedelta(days=3), unit.now + timedelta(days=5)
        )
    )
    bea = at_work("bea")
    bea.goes("/hours")

    assert "Leave: Friday 6 March" in bea.text
    assert "/staff/calendar/time-off" in bea.page.text


# -- the feed --------------------------------------------------------------------------------------


def test_the_feeds_address_is_shown_once_made_anew_and_ended(at_work, done, ashby):
    bea = at_work("bea")
    bea.goes("/hours")
    bea.presses("/hours/feed")
    first = re.search(r"http://127.0.0.1:8000/calendar/([\w-]+)\.ics", bea.page.text)[1]
    assert done(lambda unit: feed_of(unit, first)) == ashby.bea
    bea.goes("/hours")
    assert first not in bea.page.text and "It is on." in bea.text
    bea.presses("/hours/feed")
    second = re.search(r"/calendar/([\w-]+)\.ics", bea.page.text)[1]
    assert second != first and done(lambda unit: feed_of(unit, first)) is None
    bea.presses("/hours/feed/end")
    assert "Ended. The address shows nothing from now on." in bea.text
    assert done(lambda unit: feed_of(unit, second)) is None
    acts = [action for action, acting in done(actions) if acting == f"staff:{ashby.bea}"]
    assert acts.count("feed opened") == 2 and acts.count("feed ended") == 1


# -- places ----------------------------------------------------------------------------------------


def test_a_place_is_added_put_right_retired_and_brought_back(at_work, done):
    bea = at_work("bea")
    bea.goes("/places")
    assert "There is no place yet." in bea.text
    bea.goes("/places/new")
    bea.presses(
        "/places/new", meeting="cafe", name="The Corner Cafe", address="1 High Street", how_to_get_there=""
    )
    assert bea.at == "/places" and "The Corner Cafe is a place now." in bea.text
    [one] = done(places)
    bea.goes(f"/places/{one.id}")
    bea.presses(
        f"/places/{one.id}",
        meeting="cafe",
        name="Corner Cafe",
        address="2 High Street",
        how_to_get_there="Bus 9",
    )
    [now] = done(places)
    assert (now.name, now.address, now.how_to_get_there) == ("Corner Cafe", "2 High Street", "Bus 9")
    assert "Undo" in bea.text
    bea.presses(f"/places/{one.id}/retire")
    assert done(places) == [] and "Corner Cafe is not offered any more." in bea.text
    assert "No longer offered (1)" in bea.text
    bea.presses(f"/places/{one.id}/bring-back")
    assert len(done(places)) == 1 and "is offered again" in bea.text


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"name": ""}, "name", "Give the place a name"),
        ({"address": ""}, "address", "Give the address"),
        ({"meeting": "video", "link": ""}, "link", "Give the address of the video room"),
        ({"meeting": "video", "link": "video.example/room"}, "link", "A link begins with https://"),
        ({"meeting": "seance"}, "meeting", "Choose how people meet there."),
        ({"name": "x" * 90}, "name", "80 letters at most"),
        ({"how_to_get_there": "x" * 350}, "how_to_get_there", "300 letters at most"),
    ],
)
def test_a_place_with_something_wrong_says_so_beside_it(at_work, done, typed, field, says):
    bea = at_work("bea")
    bea.goes("/places/new")
    fine = {
        "meeting": "cafe",
        "name": "Cafe",
        "address": "1 High Street",
        "how_to_get_there": "Bus 9",
        "link": "",
    }
    answer = bea.presses("/places/new", **fine | typed)

    assert answer.status_code == 422 and says in bea.text
    assert f'id="{field}-error"' in answer.text
    assert done(places) == []


@pytest.mark.parametrize("path", ["/places/999", "/places/x", "/places/" + "9" * 40])
def test_a_place_that_is_not_there_is_not_here(at_work, path):
    assert at_work("bea").goes(path).status_code == 404


def test_by_phone_is_no_place_to_put_right(at_work, done):
    bare = done(lambda unit: add_place(unit, "phone", "By phone"))
    bea = at_work("bea")
    bea.goes("/places")

    assert "By phone" not in bea.page.text.split("Places to meet")[1].split("<section")[-1][:200]
    assert bea.goes(f"/places/{bare}").status_code == 404


def test_hours_that_named_no_place_are_by_phone(at_work, done, ashby):
    done(lambda unit: set_calendar(unit, ashby.bea, hours=[Hours(1, time(9), time(12))]))
    page = at_work("bea").goes("/hours").text

    assert re.search(r'id="d1-0-way-phone"[^>]*checked', page)
