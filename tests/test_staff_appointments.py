"""Booking, moving, calling off, writing down who came: what a link worker presses and reads."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from bot.appointments.appointment import appointment_of, appointments_of
from bot.appointments.booking import hold
from bot.appointments.slots import Slot
from bot.people import contact_points
from bot.store.tables import AppointmentStatus, Meeting, audit, timer
from tests.support.calendars import ON_ONE_ENGINE, at, seed_hours
from tests.test_staff_calendar import tiles
from tests.test_staff_undo import undo

WEDNESDAY, THURSDAY = date(2026, 3, 4), date(2026, 3, 5)


pytestmark = ON_ONE_ENGINE


@pytest.fixture
def bea(bea_at_work):
    return bea_at_work


@pytest.fixture
def now_of(store):
    """An appointment as it is now."""

    def of(appointment_id):
        with store.reading() as reading:
            return appointment_of(reading, appointment_id)

    return of


@pytest.fixture
def theirs(store):
    """Somebody's appointments that stand."""

    def of(who):
        with store.reading() as reading:
            return [one for one in appointments_of(reading, who.person_id) if one.stands]

    return of


def told(store, appointment_id):
    """What a turn will tell the person, and has not yet."""
    with store.reading() as reading:
        rows = reading.execute(
            select(timer.c.details).where(
                timer.c.subject == f"appointment:{appointment_id}",
                timer.c.kind == "appointment-told",
                timer.c.done_at.is_(None),
            )
        )
        return [row.details["what"] for row in rows]


def books(visitor, somebody, when, **more):
    """Fill in the form and press Book it."""
    visitor.goes(f"/calendar/book?for={somebody.token}")
    day, _, hour = when.partition("T")
    fields = {"for": somebody.token, "kind": "review", "way": "phone", "on": day, "time": hour, "at": "other"}
    visitor.presses("/calendar/book", **{**fields, **more})


# -- booking ---------------------------------------------------------------------------------


def test_a_free_time_and_a_name_is_all_it_takes(bea, ashby, store, theirs):
    bea.goes("/calendar/book?at=2026-03-05T11:00")
    assert "Thursday 5 March at 11am" in bea.text
    bea.goes("/calendar/book?at=2026-03-05T11:00&q=josie")
    (link,) = re.findall(r'href="/staff(/calendar/book\?for=[^"]+)" data-open', bea.page.text)
    bea.goes(link.replace("&amp;", "&"))
    assert "For Josie, Thursday 5 March at 11am" in bea.text
    assert "They are told by text" in bea.text
    bea.presses("/calendar/book", **{"for": ashby.josie.token, "kind": "first", "way": "phone",
                                     "on": "2026-03-05", "time": "11:00"})  # fmt: skip

    assert "Booked: Josie, Thursday 5 March at 11am. Josie is told by text." in bea.text
    assert bea.at == "/calendar"
    (one,) = theirs(ashby.josie)
    assert (one.starts_at, one.minutes, one.staff_id, one.kind) == (at(THURSDAY, 11), 45, ashby.bea, "first")
    assert told(store, one.id) == ["booked"]


def test_times_that_are_free_can_be_picked(bea, ashby, theirs):
    bea.goes(f"/calendar/book?for={ashby.josie.token}&kind=review")
    offered = re.findall(r'name="at" id="at-[^"]+" value="([^"]+)"', bea.page.text)

    assert offered[:3] == ["2026-03-03T12:00", "2026-03-03T14:45", "2026-03-03T15:00"]
    assert offered[-1] == "other"
    books(bea, ashby.josie, "", at=offered[2])
    assert [one.starts_at for one in theirs(ashby.josie)] == [at(date(2026, 3, 3), 15)]


def test_whose_booking_was_opened_is_written_down(bea, ashby, store):
    bea.goes(f"/calendar/book?for={ashby.josie.token}")
    with store.reading() as reading:
        rows = reading.execute(
            select(audit.c.acting, audit.c.subject).where(audit.c.action == "booking opened")
        )
        assert [tuple(row) for row in rows] == [(f"staff:{ashby.bea}", f"person:{ashby.josie.person_id}")]


def test_pressed_twice_it_is_booked_once(bea, ashby, theirs):
    books(bea, ashby.josie, "2026-03-05T11:00")
    books(bea, ashby.josie, "2026-03-05T11:00")

    assert "Booked: Josie" in bea.text
    assert len(theirs(ashby.josie)) == 1


def test_a_booking_that_was_a_slip_is_taken_back(bea, ashby, store, theirs):
    books(bea, ashby.josie, "2026-03-05T11:00")
    assert len(theirs(ashby.josie)) == 1
    undo(bea)

    assert theirs(ashby.josie) == []
    assert "Cancelled: Josie" in bea.text


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("2026-03-05T10:15", "You have something else then: Jo, 10 to 10.30am. Choose another time."),
        ("2026-03-05T14:15", "That time is kept for somebody who is choosing it just now, until 11.28am."),
        ("2026-03-04T15:30", "You are in training then."),
        ("2026-03-09T10:00", "You are on leave then."),
        ("2026-03-03T09:00", "That time has passed."),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason_and_nothing_is_lost(bea, ashby, theirs, when, why):
    books(bea, ashby.josie, when, bring="The letter", note="Rang first")

    assert bea.page.status_code == 409
    assert f"Not booked. {why}" in bea.text
    assert "Book anyway" not in bea.text
    assert 'value="The letter"' in bea.page.text
    assert "Rang first" in bea.text
    assert theirs(ashby.josie) == []


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("2026-03-05T10:35", "That leaves less than the 10 minutes you keep between two."),
        ("2026-03-05T08:00", "That is outside your working hours."),
        ("2026-04-03T10:00", "That is a bank holiday: Good Friday."),
    ],
)
def test_what_may_be_set_aside_is_booked_anyway(bea, ashby, theirs, when, why):
    books(bea, ashby.josie, when)
    assert f"Not booked. {why} Book anyway" in bea.text
    assert theirs(ashby.josie) == []

    day, _, hour = when.partition("T")
    bea.presses("/calendar/book", **{"for": ashby.josie.token, "kind": "review", "way": "phone", "on": day,
                                     "time": hour, "at": "other", "anyway": "yes"})  # fmt: skip
    assert "Booked: Josie" in bea.text
    assert len(theirs(ashby.josie)) == 1


def test_a_limit_says_what_it_is(bea, ashby, done):
    done(lambda unit: seed_hours(unit, ashby.bea, most_a_day=1))
    books(bea, ashby.josie, "2026-03-05T11:30")

    assert "You have the 1 a day already that you set as your most." in bea.text


def test_someone_who_has_something_else_then(bea, ashby, booked):
    books(bea, ashby.pryce, "2026-03-04T10:00", who=str(ashby.ali))

    assert bea.page.status_code == 409
    assert "They have something else with us then: 9.30 to 10.30am. Book anyway" in bea.text


def test_a_colleagues_people_are_not_named(bea, ashby, booked):
    books(bea, ashby.josie, "2026-03-10T10:00", who=str(ashby.ali))
    assert "Booked: Josie" in bea.text
    assert bea.at.startswith("/appointments/")

    books(bea, ashby.ray, "2026-03-10T10:15", who=str(ashby.ali))
    assert "Ali has something else then: 10 to 10.30am." in bea.text
    assert "Josie" not in bea.text


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"on": ""}, "Choose a day, such as 12 March 2026."),
        ({"time": ""}, "Choose a time, such as 10.30am."),
        ({"on": "2026-03-29", "time": "01:30"}, "There is no such time on that day"),
        ({"minutes": "3"}, "Write how many minutes it takes"),
        ({"way": "elsewhere"}, "Write where, so that they find it."),
        ({"way": "place:99"}, "Choose how you meet."),
    ],
)
def test_what_is_missing_is_said_beside_the_field(bea, ashby, theirs, given, why):
    books(bea, ashby.josie, "2026-03-05T11:00", **given)

    assert bea.page.status_code == 422
    assert why in bea.text
    assert theirs(ashby.josie) == []


def test_who_has_not_said_yes_cannot_be_booked(bea, ashby):
    bea.goes(f"/calendar/book?for={ashby.amina.token}")
    assert "They have not said yes to our link workers yet." in bea.text


def test_who_cannot_be_told_is_told_by_the_worker(bea, ashby, done):
    done(lambda unit: contact_points.opt_out(unit, ashby.josie.point_id, "carrier"))
    books(bea, ashby.josie, "2026-03-05T11:00")

    assert "A message cannot go to Josie now: tell them yourself." in bea.text


def test_a_slot_somebody_is_choosing_is_kept_for_them(bea, ashby, done, theirs):
    slot = Slot(ashby.bea, at(WEDNESDAY, 11), at(WEDNESDAY, 11, 30), Meeting.PHONE)
    done(lambda unit: hold(unit, ashby.dev.person_id, slot, "review"), acting="person")
    books(bea, ashby.josie, "2026-03-04T11:00")

    assert "That time is kept for somebody who is choosing it just now, until 11.30am." in bea.text


# -- moving ------------------------------------------------------------------------------------


def test_moved_in_one_tap_and_back_with_one_more(bea, ashby, booked, store, now_of):
    bea.goes(f"/appointments/{booked['video']}/move")
    assert "Jo Best, now Thursday 5 March at 10am, 30 minutes" in bea.text
    assert "2026-03-04T10:45" in re.findall(r'<button name="at" value="([^"]+)"', bea.page.text)
    bea.presses(f"/appointments/{booked['video']}/move", at="2026-03-04T10:45")

    assert "Moved to tomorrow at 10.45am. Jo is told by text." in bea.text
    assert now_of(booked["video"]).starts_at == at(WEDNESDAY, 10, 45)
    assert told(store, booked["video"]) == ["moved"]
    undo(bea)
    moved = now_of(booked["video"])
    assert (moved.starts_at, moved.meeting) == (at(THURSDAY, 10), Meeting.VIDEO)


def test_moved_to_a_day_a_time_another_worker_and_another_way(bea, ashby, booked, now_of):
    bea.goes(f"/appointments/{booked['video']}/move")
    bea.presses(
        f"/appointments/{booked['video']}/move", on="2026-03-10", time="14:00", who=str(ashby.ali),
        way="phone", minutes="45",
    )  # fmt: skip

    moved = now_of(booked["video"])
    assert (moved.starts_at, moved.staff_id, moved.meeting, moved.minutes) == (
        at(date(2026, 3, 10), 14), ashby.ali, Meeting.PHONE, 45
    )  # fmt: skip


def test_a_move_that_clashes_says_why_and_may_be_made_anyway(bea, booked, now_of):
    bea.goes(f"/appointments/{booked['video']}/move")
    bea.presses(f"/appointments/{booked['video']}/move", on="2026-03-05", time="08:30")
    assert "Not moved. That is outside your working hours. Move it anyway" in bea.text

    bea.presses(f"/appointments/{booked['video']}/move", on="2026-03-05", time="08:30", anyway="yes")
    assert now_of(booked["video"]).starts_at == at(THURSDAY, 8, 30)


# -- off, came, did not come ----------------------------------------------------------------------


def test_called_off_with_a_reason_and_put_back(bea, booked, store, now_of):
    bea.goes(f"/appointments/{booked['video']}")
    bea.presses(f"/appointments/{booked['video']}/cancel")
    assert "Choose why it is off." in bea.text
    assert now_of(booked["video"]).stands

    bea.presses(f"/appointments/{booked['video']}/cancel", why="cannot-come")
    assert "Cancelled: Jo, Thursday 5 March at 10am. Jo is told by text." in bea.text
    assert "They cannot come" in bea.text
    assert now_of(booked["video"]).status is AppointmentStatus.CANCELLED
    assert told(store, booked["video"]) == ["cancelled"]
    undo(bea)
    assert now_of(booked["video"]).stands


def test_they_came_in_one_tap_and_one_takes_it_back(bea, booked, now_of):
    bea.goes("/calendar")
    bea.presses(f"/appointments/{booked['early']}/outcome", came="yes", back="/staff/calendar")
    assert "Written down: Gwen came." in bea.text
    assert bea.at == "/calendar"
    assert "9.15 to 9.45am Gwen Attended Review By phone" in tiles(bea)
    undo(bea)
    assert "Taken back. It is booked as it was." in bea.text
    assert now_of(booked["early"]).stands


def test_they_did_not_come(bea, booked, now_of):
    bea.goes(f"/appointments/{booked['early']}")
    bea.presses(f"/appointments/{booked['early']}/outcome", came="no")

    assert "Written down: Gwen did not come." in bea.text
    assert now_of(booked["early"]).status is AppointmentStatus.DID_NOT_ATTEND
    bea.presses(f"/appointments/{booked['early']}/outcome", came="yes")
    assert "Somebody wrote down already what became of this." in bea.text


def test_what_has_not_begun_cannot_have_been_missed(bea, booked, now_of):
    bea.goes(f"/appointments/{booked['video']}")
    assert "Did not attend" not in bea.text
    bea.presses(f"/appointments/{booked['video']}/outcome", came="no")

    assert "It has not begun yet." in bea.text
    assert now_of(booked["video"]).stands


def test_its_page_says_everything(bea, booked):
    bea.goes(f"/appointments/{booked['ray']}")
    for words in (
        "Ray Poole Today, 11 to 11.45am Booked",
        "Said they are coming Will need: a table near the door",
        "In a cafe Where Corner Cafe 1 Market Place, Ashby By the clock tower.",
        "The day before: sent yesterday at 10am",
    ):
        assert words in bea.text
    bea.goes(f"/appointments/{booked['home']}")
    assert "Address 12 Invented Row, Ashby" in bea.text
    assert "The day before: not sent (they said stop)" in bea.text
    assert bea.goes("/appointments/999").status_code == 404


def test_closing_says_what_is_booked_still(bea, ashby, booked):
    """Mrs Pryce's case, with a visit tomorrow."""
    bea.goes(f"/people/{ashby.pryce.token}?do=close")

    assert "Still booked: tomorrow at 9.30am. Closing does not call it off." in bea.text
    assert f"/appointments/{booked['home']}#off" in bea.page.text
