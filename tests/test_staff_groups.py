"""Group sessions, as a link worker runs them: planned, people asked in, and called off with one action."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.appointments import groups
from bot.appointments.calendar import Hours, set_calendar
from bot.appointments.places import add_place
from bot.casework.rota import take_off
from bot.people import contact_points, persons
from bot.store.tables import AppointmentStatus, Safe, SessionStatus
from tests.support.stores import TUESDAY_10AM

THURSDAY = datetime(2026, 3, 12, 19, tzinfo=UTC)


@pytest.fixture
def hall(done, ashby) -> int:
    """A place; and Bea is there from nine to five, so not in the evening."""

    def work(unit):
        set_calendar(unit, ashby.bea, hours=[Hours(day, time(9), time(17)) for day in range(5)])
        return add_place(unit, "elsewhere", "The Old Hall", "Church Lane", "The side door")

    return done(work)


def choir(hall: int, **more) -> dict[str, object]:
    """The form, filled in."""
    return {
        "name": "Ashby Choir", "on": "2026-03-12", "time": "19:00", "minutes": "90", "place": str(hall),
        "most": "", "bring": "water", "weeks": "1", **more,
    }  # fmt: skip


@pytest.fixture
def planned(done, ashby, hall) -> int:
    """A choir on Thursday week, led by Bea, with room for two."""
    return done(
        lambda unit: groups.plan_session(
            unit, "Ashby Choir", ashby.bea, THURSDAY, minutes=90, place_id=hall, most=2, anyway=True
        )
    )


def sessions(done) -> list[groups.Session]:
    return done(lambda unit: groups.sessions(unit, TUESDAY_10AM, TUESDAY_10AM + timedelta(days=300)))


def coming(done, session_id: int) -> set[str]:
    """Who has a place, by name."""
    return done(
        lambda unit: {persons.person_of(unit, one.person_id).name for one in groups.members(unit, session_id)}
    )


def test_a_session_is_planned_outside_hours_once_the_worker_says_so(at_work, done, hall):
    bea = at_work("bea")
    bea.goes("/sessions")
    assert "No session is planned." in bea.text
    bea.goes("/sessions/new")
    answer = bea.presses("/sessions/new", **choir(hall, most="12"))
    assert answer.status_code == 409 and "That is outside your working hours." in bea.text
    assert "Plan it anyway" in bea.text and 'value="Ashby Choir"' in answer.text
    bea.presses("/sessions/new", **choir(hall, most="12", anyway="yes"))

    [one] = sessions(done)
    assert (one.name, one.starts_at, one.minutes, one.most, one.bring) == (
        "Ashby Choir",
        THURSDAY,
        90,
        12,
        "water",
    )
    assert bea.at == f"/sessions/{one.id}" and "Thursday 12 March at 7pm" in bea.text
    assert "Nobody has a place yet." in bea.text
    bea.goes("/sessions")
    assert "0 of 12 booked" in bea.text


def test_a_weekly_one_stays_at_seven_when_the_clocks_change_and_says_what_was_left_out(
    at_work, done, ashby, hall
):
    done(
        lambda unit: take_off(
            unit, ashby.bea, "leave", THURSDAY + timedelta(days=6), THURSDAY + timedelta(days=8)
        )
    )
    bea = at_work("bea")
    bea.goes("/sessions/new")
    bea.presses("/sessions/new", **choir(hall, weeks="5", anyway="yes"))

    assert "Planned 4 times. Not Thursday 19 March: You are on leave then." in bea.text
    starts = [one.starts_at for one in sessions(done)]
    assert [at.day for at in starts] == [12, 26, 2, 9]
    assert [at.hour for at in starts] == [19, 19, 18, 18]  # summer time begins on 29 March


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"name": ""}, "name", "Give the session a name"),
        ({"name": "x" * 100}, "name", "80 letters at most"),
        ({"on": ""}, "on", "Choose a day"),
        ({"time": ""}, "time", "Choose a time"),
        ({"on": "2026-03-29", "time": "01:30"}, "time", "There is no such time on that day"),
        ({"minutes": "2"}, "minutes", "from 5 to 480"),
        ({"most": "0"}, "most", "how many places"),
        ({"most": "lots"}, "most", "how many places"),
        ({"place": ""}, "place", "Choose where it is"),
        ({"place": "999"}, "place", "There is no such place"),
        ({"weeks": "99"}, "weeks", "from 1 to 52"),
        ({"bring": "x" * 200}, "bring", "160 letters at most"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(at_work, done, hall, typed, field, says):
    bea = at_work("bea")
    bea.goes("/sessions/new")
    answer = bea.presses("/sessions/new", **choir(hall, anyway="yes", **{}) | typed)

    assert answer.status_code == 422 and says in bea.text
    assert f'id="{field}-error"' in answer.text
    assert 'value="water"' in answer.text or "bring" in typed
    assert sessions(done) == []


def test_somebody_is_found_given_a_place_and_taken_off_with_undo(at_work, done, ashby, planned):
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}?q=Pryce")
    assert "Mrs Pryce" in bea.text and "Give a place" in bea.text
    token = ashby.people["pryce"].token
    bea.presses(f"/sessions/{planned}/invite", person=token)
    assert coming(done, planned) == {"Mrs Pryce"}
    assert "Mrs Pryce has a place." in bea.text and "Who comes: 1 of 2" in bea.text
    bea.presses(f"/sessions/{planned}/invite", person=token)
    assert len(done(lambda unit: groups.members(unit, planned))) == 1  # pressed twice, it is one
    bea.presses(f"/sessions/{planned}/leave", person=token)
    assert coming(done, planned) == set() and "Mrs Pryce does not come." in bea.text
    bea.presses(f"/sessions/{planned}/invite", person=token)
    assert coming(done, planned) == {"Mrs Pryce"}


def test_a_full_session_takes_nobody_more(at_work, done, ashby, planned):
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")
    for name in ("pryce", "ray", "dev"):
        bea.presses(f"/sessions/{planned}/invite", person=ashby.people[name].token)
    assert "All 2 places are taken." in bea.text
    assert len(coming(done, planned)) == 2
    bea.goes(f"/sessions/{planned}?q=Pryce")
    assert "has a place" in bea.text


def test_nobody_without_a_yes_is_found_or_given_a_place(at_work, done, ashby, planned):
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")
    assert bea.presses(f"/sessions/{planned}/invite", person=ashby.people["unsaid"].token).status_code == 404
    assert bea.presses(f"/sessions/{planned}/invite", person="nobody").status_code == 404
    assert coming(done, planned) == set()


def test_it_is_put_right_and_those_who_come_move_with_it(at_work, done, ashby, planned, hall):
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")
    bea.presses(f"/sessions/{planned}/invite", person=ashby.people["pryce"].token)
    page = bea.goes(f"/sessions/{planned}/correct").text
    assert 'value="2026-03-12"' in page and 'value="19:00"' in page and "1 person has a place." in bea.text
    clash = bea.presses(f"/sessions/{planned}/correct", **choir(hall, time="20:00", most="2"))
    assert clash.status_code == 409 and "Move it anyway" in bea.text
    bea.presses(f"/sessions/{planned}/correct", **choir(hall, time="20:00", most="2", anyway="yes"))
    assert "Put right. Everybody who comes is told." in bea.text
    [member] = done(lambda unit: groups.members(unit, planned))
    assert member.starts_at == THURSDAY + timedelta(hours=1)
    bea.presses(f"/sessions/{planned}/invite", person=ashby.people["ray"].token)
    few = bea.presses(f"/sessions/{planned}/correct", **choir(hall, time="20:00", most="1", anyway="yes"))
    assert few.status_code == 422 and "2 have a place already." in bea.text


def test_one_action_calls_it_off_tells_everybody_and_lists_who_could_not_be_reached(
    at_work, done, ashby, planned
):
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")
    for name in ("pryce", "ray"):
        bea.presses(f"/sessions/{planned}/invite", person=ashby.people[name].token)
    slip = bea.presses(f"/sessions/{planned}/cancel", why="The hall has flooded.")
    assert slip.status_code == 422 and "Tick the box" in bea.text and "The hall has flooded." in slip.text
    assert len(coming(done, planned)) == 2
    bea.presses(f"/sessions/{planned}/cancel", why="The hall has flooded.", sure="yes")

    assert "It is off. 2 people are told." in bea.text
    assert "Who knows that it is off" in bea.text and "They were told: “The hall has flooded.”" in bea.text
    assert bea.text.count("On its way") == 2
    assert "hx-trigger" in bea.page.text
    [one] = sessions(done)
    assert one.status is SessionStatus.CANCELLED
    bea.presses(f"/sessions/{planned}/cancel", sure="yes")
    assert "It was off already." in bea.text
    bea.goes("/sessions")
    assert "Off" in bea.text


def test_who_could_not_be_reached_stands_first_with_the_reason(at_work, done, ashby, planned, monkeypatch):
    ray, pryce = ashby.people["ray"], ashby.people["pryce"]

    def asked_in(unit):
        return [groups.invite(unit, planned, who.person_id) for who in (ray, pryce)]

    first, second = done(asked_in)
    done(lambda unit: groups.cancel_session(unit, planned))
    monkeypatch.setattr(
        groups, "told_of", lambda reading, session_id: [
            groups.Told(ray.person_id, "Ray", first.id, groups.Heard.NOT_REACHED, "opted out"),
            groups.Told(pryce.person_id, "Mrs Pryce", second.id, groups.Heard.TOLD),
        ],
    )  # fmt: skip
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")

    assert "1 could not be reached. A task is open for each" in bea.text
    assert re.search(r"Ray \w+ Could not be reached: opted out Mrs Pryce Told", bea.text)
    assert "hx-trigger" not in bea.page.text.split('id="told"')[1].split(">")[0]


def test_who_came_is_written_down_from_the_session(at_work, done, ashby, planned, clock):
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")
    bea.presses(f"/sessions/{planned}/invite", person=ashby.people["pryce"].token)
    clock.set(THURSDAY + timedelta(minutes=10))
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")
    assert "Give somebody a place" not in bea.text
    [member] = done(lambda unit: groups.members(unit, planned))
    bea.presses(f"/appointments/{member.id}/outcome", came="yes", back=f"/staff/sessions/{planned}#who")
    assert bea.at == f"/sessions/{planned}" and "Attended" in bea.text
    after = done(lambda unit: groups.in_session(unit, planned))
    assert [one.status for one in after] == [AppointmentStatus.ATTENDED]


def test_a_lead_plans_for_somebody_else_and_a_link_worker_does_not(at_work, done, ashby, hall):
    lou = at_work("lou")
    lou.goes("/sessions/new")
    lou.presses("/sessions/new", **choir(hall, anyway="yes", who=str(ashby.bea)))
    [one] = sessions(done)
    assert one.staff_id == ashby.bea
    bea = at_work("bea")
    bea.goes("/sessions/new")
    refused = bea.presses("/sessions/new", **choir(hall, anyway="yes", who=str(ashby.ali), on="2026-03-13"))
    assert refused.status_code == 403 and len(sessions(done)) == 1


@pytest.mark.parametrize("path", ["/sessions/999", "/sessions/x", "/sessions/999/correct"])
def test_a_session_that_is_not_there_is_not_here(at_work, path):
    assert at_work("bea").goes(path).status_code == 404


def test_the_words_somebody_else_may_read_are_not_on_the_page(at_work, done, ashby, planned):
    """Somebody who has no yes any more is nobody's name here."""
    ray = ashby.people["ray"]
    done(lambda unit: groups.invite(unit, planned, ray.person_id))
    done(lambda unit: persons.no_longer_agreed(unit, ray.person_id))
    [point, *_] = done(lambda unit: contact_points.of_person(unit, ray.person_id))
    assert point.safe is Safe.ONLY_ME
    bea = at_work("bea")
    bea.goes(f"/sessions/{planned}")

    assert "Ray" not in bea.text and "Someone" in bea.text
