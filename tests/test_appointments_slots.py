"""Free times: what suits what somebody said, and what is in the way; over both clock changes."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.appointments import booking, places
from bot.appointments.calendar import Hours
from bot.appointments.diary import Clash
from bot.appointments.slots import Wishes, why_not
from bot.appointments.windows import Window
from bot.casework import rota
from bot.store.tables import Meeting, SessionStatus, group_session
from tests.support.appointments import (
    at,
    books,
    free,
    holds,
    nine_to_five,
    resident,
    residents,
    slot,
    surgery,
    thursday,
    times,
    worker,
)
from tests.support.people import MAY

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in (3, 4, 5, 6))
MORNINGS = Window(TUESDAY, date(2026, 6, 1), closes=time(12))


@pytest.fixture
def amina(done):
    return worker(done)


@pytest.fixture
def ray(done):
    return resident(done)


def only(day, opens=None, closes=None, **more):
    return Wishes(windows=(Window(day, day, opens, closes),), kind="review", **more)


def why(store, staff_id, starts_at, minutes=30, **more):
    with store.reading() as reading:
        found = why_not(reading, staff_id, starts_at, starts_at + timedelta(minutes=minutes), **more)
    return found and found.reason


# -- what suits -----------------------------------------------------------------------------


def test_the_soonest_with_notice_and_then_other_days_and_halves(store, amina):
    assert times(free(store)) == ["Tue 03 Mar 12:00", "Wed 04 Mar 09:00", "Thu 05 Mar 09:00"]


def test_what_suits_what_they_said(store, amina):
    afternoons = Wishes(windows=(Window(TUESDAY, date(2026, 6, 1), time(13), time(16)),), kind="review")
    after_two = only(THURSDAY, time(14))
    exactly = Wishes(windows=(Window(FRIDAY, FRIDAY, time(11, 30), starts_by=time(11, 30)),), kind="review")

    assert times(free(store, afternoons)) == ["Tue 03 Mar 13:00", "Wed 04 Mar 13:00", "Thu 05 Mar 13:00"]
    assert times(free(store, after_two)) == ["Thu 05 Mar 14:00", "Thu 05 Mar 15:00", "Thu 05 Mar 16:00"]
    assert times(free(store, exactly)) == ["Fri 06 Mar 11:30"]


def test_on_a_short_afternoon_they_are_as_far_apart_as_they_can_be(store, amina):
    afternoon = only(THURSDAY, time(14), time(16))

    assert times(free(store, afternoon)) == ["Thu 05 Mar 14:00", "Thu 05 Mar 14:30", "Thu 05 Mar 15:00"]


def test_what_they_said_would_not_do_is_left_out(store, amina):
    school_run = Window(THURSDAY, THURSDAY, time(14, 45), time(15, 45))
    wishes = Wishes(windows=(Window(THURSDAY, THURSDAY, time(14)),), excluded=(school_run,), kind="review")

    assert times(free(store, wishes, most=9, spread=False)) == [
        f"Thu 05 Mar {hour}" for hour in ("14:00", "14:15", "15:45", "16:00", "16:15", "16:30")
    ]


def test_nothing_suits_and_nothing_is_offered(store, amina):
    assert free(store, Wishes(windows=(Window(TUESDAY, date(2026, 6, 1), time(18)),))) == []
    assert free(store, only(date(2026, 3, 7))) == []  # a Saturday
    assert free(store, Wishes(windows=())) == []


def test_three_on_one_morning_only_where_nothing_else_is_left(store, amina):
    one_morning = only(THURSDAY, closes=time(12))
    short = only(THURSDAY, time(9), time(10))

    assert times(free(store, one_morning)) == ["Thu 05 Mar 09:00", "Thu 05 Mar 10:00", "Thu 05 Mar 11:00"]
    assert times(free(store, short)) == ["Thu 05 Mar 09:00", "Thu 05 Mar 09:15", "Thu 05 Mar 09:30"]
    assert times(free(store, only(THURSDAY))) == ["Thu 05 Mar 09:00", "Thu 05 Mar 10:00", "Thu 05 Mar 12:00"]


def test_more_and_none_of_these(store, amina):
    first = free(store)
    assert times(free(store, without=first)) == ["Tue 03 Mar 12:15", "Wed 04 Mar 09:15", "Thu 05 Mar 09:15"]
    later = free(store, after=thursday(12))
    assert all(one.starts_at >= thursday(12) for one in later) and times(later)[0] == "Thu 05 Mar 12:00"


def test_by_the_way_they_wish_to_meet_where_the_worker_is(store, done):
    phone = done(lambda unit: places.add_place(unit, Meeting.PHONE, "By phone"))
    there = surgery(done)
    amina = worker(
        done, hours=[Hours(3, time(9), time(12), (phone, there)), Hours(4, time(9), time(12), (phone,))]
    )

    (first, *_) = free(store, Wishes(kind="review", meetings=(Meeting.SURGERY,)))
    assert (first.starts_at, first.meeting, first.place_id) == (thursday(9), Meeting.SURGERY, there)
    days = {one.starts_at.date() for one in free(store, Wishes(kind="review", meetings=(Meeting.SURGERY,)))}
    assert FRIDAY not in days
    wished = Wishes(kind="review", meetings=(Meeting.SURGERY, Meeting.PHONE))
    assert {one.meeting for one in free(store, wished)} == {Meeting.SURGERY, Meeting.PHONE}
    assert free(store, Wishes(kind="visit")) == []  # at home, where she is not to be met
    done(lambda unit: places.retire_place(unit, there))
    assert free(store, Wishes(kind="review", meetings=(Meeting.SURGERY,))) == []
    assert amina


def test_the_length_is_the_kinds_or_the_workers_own(store, done):
    worker(done, lengths={"review": 50})
    assert {one.ends_at - one.starts_at for one in free(store)} == {timedelta(minutes=50)}
    assert {one.ends_at - one.starts_at for one in free(store, Wishes(kind="first"))} == {
        timedelta(minutes=45)
    }


def test_who_is_not_open_to_people_or_not_at_work_is_offered_to_nobody(store, done):
    closed = worker(done, open_to_people=False)
    assert free(store) == [] and free(store, Wishes(kind="review", staff_ids=(closed,))) == []


def test_with_nobody_named_who_has_least_on_is_offered_and_each_time_once(store, done, ray):
    amina, bob = worker(done), worker(done, "Bob Jones")
    books(done, ray.person_id, amina, thursday(16))

    found = free(store, most=50, spread=False)

    assert {one.staff_id for one in found} == {bob}
    assert len({one.starts_at for one in found}) == len(found)
    named = free(store, Wishes(kind="review", staff_ids=(amina, bob)))
    assert {one.staff_id for one in named} == {amina}


def test_as_far_ahead_as_the_worker_says_and_no_sooner_than_their_notice(store, done):
    worker(done, ahead_days=2, notice_minutes=24 * 60)

    found = times(free(store, most=99, spread=False))

    assert (found[0], found[-1]) == ("Wed 04 Mar 10:00", "Thu 05 Mar 16:30")


def test_somebody_abroad_is_offered_what_suits_by_their_own_clock(store, amina):
    new_york = ZoneInfo("America/New_York")  # five hours behind
    wishes = Wishes(windows=(Window(THURSDAY, THURSDAY, time(9), time(12)),), kind="review", zone=new_york)

    assert times(free(store, wishes)) == ["Thu 05 Mar 14:00", "Thu 05 Mar 15:00", "Thu 05 Mar 16:00"]


# -- what is in the way ---------------------------------------------------------------------


def test_what_is_booked_is_not_free_nor_the_gap_beside_it(store, done, amina, ray):
    theirs = books(done, ray.person_id, amina, thursday(10))

    found = times(free(store, only(THURSDAY, time(9), time(12)), most=20, spread=False))

    assert found == [f"Thu 05 Mar {hour}" for hour in ("09:00", "09:15", "10:45", "11:00", "11:15", "11:30")]
    assert why(store, amina, thursday(10, 15)) == "booked"
    assert why(store, amina, thursday(9, 30)) == "gap"  # over at ten, with no time to write
    assert why(store, amina, thursday(9, 20)) is None
    assert why(store, amina, thursday(10, 30), ignoring=(theirs.id,)) is None


def test_a_slot_held_for_another_is_in_the_way_and_ones_own_is_not(store, done, clock, amina, ray):
    may = resident(done, MAY, name="May")
    holds(done, ray.person_id, slot(amina, thursday(9)))
    nine = only(THURSDAY, time(9), time(9, 30))
    mine = only(THURSDAY, time(9), time(9, 30), person_id=ray.person_id)

    assert free(store, nine) == [] and why(store, amina, thursday(9)) == "held"
    assert times(free(store, mine)) == ["Thu 05 Mar 09:00"]
    clock.forward(minutes=10)
    assert times(free(store, nine)) == ["Thu 05 Mar 09:00"] and why(store, amina, thursday(9)) is None
    assert may


def test_what_the_person_has_on_elsewhere_is_in_the_way(store, done, amina, ray):
    bob = worker(done, "Bob Jones", open_to_people=False)
    theirs = books(done, ray.person_id, bob, thursday(9))
    wishes = only(THURSDAY, time(9), time(10), person_id=ray.person_id)

    assert times(free(store, wishes)) == ["Thu 05 Mar 09:30"]
    assert why(store, amina, thursday(9), person_id=ray.person_id) == "theirs"
    assert holds(done, ray.person_id, slot(amina, thursday(9))) == Clash("theirs", theirs.id)
    assert times(free(store, wishes, ignoring=(theirs.id,)))[0] == "Thu 05 Mar 09:00"


@pytest.mark.parametrize(
    ("kind", "reason"), [("leave", "leave"), ("sickness", "leave"), ("blocked", "blocked")]
)
def test_leave_and_blocked_time_are_in_the_way_until_taken_back(store, done, amina, kind, reason):
    away = done(lambda unit: rota.take_off(unit, amina, kind, thursday(9), thursday(12)))
    morning = only(THURSDAY, closes=time(12, 15))

    assert free(store, morning) == [] and why(store, amina, thursday(11)) == reason
    assert why(store, amina, thursday(12)) is None  # no gap is needed after it
    done(lambda unit: rota.take_back(unit, away))
    assert free(store, morning) and why(store, amina, thursday(11)) is None


def test_a_fortnights_leave_is_in_the_way_every_day_of_it(store, done, amina):
    done(lambda unit: rota.take_off(unit, amina, "leave", at(2026, 3, 4, 0), at(2026, 3, 18, 0)))

    assert times(free(store, after=at(2026, 3, 4, 0))) == [
        "Wed 18 Mar 09:00",
        "Thu 19 Mar 12:00",
        "Fri 20 Mar 09:00",
    ]


def test_a_group_session_takes_the_workers_time_whoever_comes(store, done, amina, ray):
    def plan(unit):
        return unit.insert(
            group_session, name="Walk", staff_id=amina, starts_at=thursday(9), ends_at=thursday(11),
            status=SessionStatus.PLANNED, created_at=unit.now,
        )  # fmt: skip

    session = done(plan)
    morning = only(THURSDAY, closes=time(12))

    assert times(free(store, morning)) == ["Thu 05 Mar 11:15", "Thu 05 Mar 11:30"]
    assert why(store, amina, thursday(10)) == "booked"
    for who in (ray, resident(done, MAY, name="May")):
        books(done, who.person_id, amina, thursday(9), minutes=120, kind="group", session_id=session)
    assert times(free(store, morning)) == ["Thu 05 Mar 11:15", "Thu 05 Mar 11:30"]


def test_a_full_day_and_a_full_week_are_offered_to_nobody(store, done):
    amina = worker(done, most_a_day=2, most_a_week=3)
    one, two, three = residents(done, 3)
    books(done, one.person_id, amina, thursday(9))
    books(done, two.person_id, amina, thursday(15))

    assert why(store, amina, thursday(11)) == "full-day"
    assert times(free(store))[:2] == ["Tue 03 Mar 12:00", "Wed 04 Mar 09:00"]
    assert free(store, only(THURSDAY)) == []
    books(done, three.person_id, amina, at(2026, 3, 6, 9))
    assert why(store, amina, at(2026, 3, 4, 11)) == "full-week"
    assert times(free(store)) == ["Mon 09 Mar 09:00", "Tue 10 Mar 12:00", "Wed 11 Mar 09:00"]


def test_a_week_is_the_workers_own_from_monday_to_sunday(store, done):
    every_day = nine_to_five(days=range(7))
    amina = worker(done, hours=every_day, most_a_week=1)
    (one,) = residents(done, 1)
    books(done, one.person_id, amina, at(2026, 3, 8, 16))  # Sunday

    assert why(store, amina, at(2026, 3, 3, 16)) == "full-week"  # the Tuesday before
    assert why(store, amina, at(2026, 3, 9, 9)) is None  # the Monday after


@pytest.mark.parametrize(
    ("nation", "day", "closed"),
    [
        ("england", date(2026, 4, 3), True),  # Good Friday
        ("england", date(2026, 3, 17), False),
        ("northern-ireland", date(2026, 3, 17), True),  # St Patrick's Day
        ("scotland", date(2026, 4, 6), False),  # Easter Monday is not one there
        ("wales", date(2026, 4, 6), True),
    ],
)
def test_bank_holidays_are_the_nations(store, amina, nation, day, closed):
    found = free(store, only(day), nation=nation)

    assert (found == []) is closed
    reason = why(store, amina, at(day.year, day.month, day.day, 10), nation=nation)
    assert reason == ("holiday" if closed else None)


def test_staff_may_set_aside_hours_gaps_and_limits_and_nothing_else(store, done):
    amina = worker(done, most_a_day=1)
    one, two, three = residents(done, 3)
    theirs = books(done, one.person_id, amina, thursday(10))
    done(lambda unit: rota.take_off(unit, amina, "blocked", thursday(13), thursday(14)))

    def staff_books(person_id, starts_at, **more):
        return done(
            lambda unit: booking.book(
                unit, person_id, amina, starts_at, minutes=30, kind="review", meeting="phone", **more
            ),
            acting=f"staff:{amina}",
        )

    for starts_at, reason in (
        (thursday(10, 35), "gap"), (thursday(19), "outside-hours"), (thursday(15), "full-day"),
        (at(2026, 4, 3, 10), "holiday"),
    ):  # fmt: skip
        refused = staff_books(two.person_id, starts_at, nation="england")
        assert refused.reason == reason and refused.may_be_set_aside
    for starts_at, reason in (
        (thursday(10, 15), "booked"),
        (thursday(13), "blocked"),
        (at(2026, 3, 3, 9), "past"),
    ):
        refused = staff_books(two.person_id, starts_at, anyway=True)
        assert refused.reason == reason and not refused.may_be_set_aside
    assert staff_books(two.person_id, thursday(19), anyway=True).stands
    assert staff_books(three.person_id, thursday(10, 35), anyway=True).stands
    assert theirs.stands


def test_nobody_is_outside_the_hours_of_a_worker_who_set_none(store, done, ray):
    amina = worker(done, hours=[])

    assert why(store, amina, thursday(7)) is None
    assert free(store) == []  # but nobody can book there alone


def test_hours_that_follow_on_one_another_are_one_stretch_past_midnight_too(store, done):
    amina = worker(done, hours=[Hours(3, time(18), time(0)), Hours(4, time(0), time(2))])

    assert why(store, amina, thursday(23, 30), 60) is None
    assert why(store, amina, thursday(17, 30), 60) == "outside-hours"
    assert why(store, amina, at(2026, 3, 6, 1, 30), 60) == "outside-hours"
    assert times(free(store, Wishes(kind="review"), after=thursday(23), spread=False)) == [
        "Thu 05 Mar 23:00", "Thu 05 Mar 23:15", "Thu 05 Mar 23:30",
    ]  # fmt: skip
