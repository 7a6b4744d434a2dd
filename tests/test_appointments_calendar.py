"""A link worker's calendar: hours over both clock changes, what may be set, places, time off, the feed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.appointments import calendar, places
from bot.appointments.calendar import Hours, free_hours
from bot.appointments.kinds import kind_of, kinds
from bot.appointments.reminder_plans import plans
from bot.appointments.slots import Wishes
from bot.appointments.windows import Window
from bot.casework import rota
from bot.staff import calendar_words
from bot.store.tables import Meeting
from tests.support.appointments import free, thursday, times, worker


@pytest.fixture
def amina(done):
    return worker(done)


# -- the calendar's odd days ----------------------------------------------------------------


def a_calendar(*hours, zone="Europe/London"):
    return calendar.WorkerCalendar(1, ZoneInfo(zone), hours, {}, 0, None, None, 0, 366, True, 0)


def utc(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("day", "opens", "closes", "from_", "until"),
    [
        # the day before, the day itself and the day after the clocks go forward: nine is nine on the wall
        (date(2026, 3, 28), time(9), time(17), (9, 0), (17, 0)),
        (FORWARD, time(9), time(17), (8, 0), (16, 0)),
        # 1am to 2am is not there: an hour from half past twelve to half past one is half an hour
        (FORWARD, time(0, 30), time(1, 30), (0, 30), (1, 0)),
        (FORWARD, time(1, 30), time(3), (1, 0), (2, 0)),
        (FORWARD, time(0), time(3), (0, 0), (2, 0)),
        # and in autumn it comes twice: the first is meant
        (BACK, time(1, 15), time(1, 45), (0, 15), (0, 45)),
        (BACK, time(1), time(2), (0, 0), (2, 0)),
        (BACK, time(9), time(17), (9, 0), (17, 0)),
    ],
)
def test_hours_on_the_days_the_clocks_change(day, opens, closes, from_, until):
    (span,) = free_hours(a_calendar(Hours(day.weekday(), opens, closes)), day, ())

    assert span == (utc(day, *from_), utc(day, *until))


def test_an_hour_that_does_not_exist_is_nobodys():
    assert free_hours(a_calendar(Hours(6, time(1), time(2))), FORWARD, ()) == []
    assert free_hours(a_calendar(Hours(6, time(1, 10), time(1, 50))), FORWARD, ()) == []


def test_closing_at_midnight_is_the_end_of_the_day_and_leap_day_is_a_day():
    night = a_calendar(Hours(6, time(22), time(0)))
    assert free_hours(night, BACK, ()) == [(utc(BACK, 22), utc(date(2026, 10, 26), 0))]

    leap = date(2028, 2, 29)
    assert free_hours(a_calendar(Hours(1, time(9), time(10))), leap, ()) == [(utc(leap, 9), utc(leap, 10))]
    assert free_hours(night, BACK, {BACK}) == []


@pytest.mark.parametrize(("day", "hours"), [(FORWARD, 7), (BACK, 9)])
def test_slots_on_the_nights_the_clocks_change_are_each_there_once(store, done, clock, day, hours):
    clock.set(utc(day, 0) - timedelta(days=2))
    worker(done, hours=[Hours(6, time(0), time(8))], gap_minutes=0, notice_minutes=0)
    hour = Wishes(windows=(Window(day, day),), kind="first")

    found = free(store, Wishes(windows=(Window(day, day),), kind="review"), most=99, spread=False)

    assert len({one.starts_at for one in found}) == len(found) == 4 * hours - 1
    assert len(free(store, hour, most=99, spread=False)) == 4 * hours - 2
    local = [one.starts_at.astimezone(ZoneInfo("Europe/London")) for one in found]
    assert sum(at.hour == 1 for at in local) == (0 if day == FORWARD else 8)


def test_leap_day_is_offered(store, done, clock):
    clock.set(datetime(2028, 2, 28, 18, tzinfo=UTC))
    worker(done)

    assert times(free(store, spread=False))[0] == "Tue 29 Feb 09:00"


# -- what a calendar may be -----------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": [Hours(0, time(17), time(9))]},
        {"hours": [Hours(0, time(9), time(12)), Hours(0, time(11), time(13))]},
        {"hours": [Hours(0, time(20), time(0)), Hours(0, time(22), time(23))]},
        {"hours": [Hours(7, time(9), time(17))]},
        {"lengths": {"review": 1}},
        {"lengths": {"no such kind": 30}},
        {"gap_minutes": -1},
        {"ahead_days": 0},
        {"notice_minutes": -5},
        {"most_a_day": 0},
    ],
)
def test_a_wrong_calendar_is_refused_and_the_old_one_stands(store, done, amina, wrong):
    with pytest.raises(ValueError):
        done(lambda unit: calendar.set_calendar(unit, amina, **wrong))

    with store.reading() as reading:
        assert len(calendar.calendar_of(reading, amina).hours) == 5


def test_a_feeds_token_opens_it_until_another_is_made_or_it_is_shut(store, done, amina):
    first = done(lambda unit: calendar.new_feed_token(unit, amina))
    second = done(lambda unit: calendar.new_feed_token(unit, amina))

    with store.reading() as reading:
        assert calendar.feed_of(reading, second) == amina
        assert calendar.feed_of(reading, first) is None
    done(lambda unit: calendar.end_feed(unit, amina))
    with store.reading() as reading:
        assert calendar.feed_of(reading, second) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"meeting": "moon"},
        {"link": "javascript:alert(1)"},
        {"address": "x" * 201},
    ],
)
def test_a_wrong_place_is_refused_in_a_plain_sentence(done, wrong):
    details = {"meeting": "cafe", "name": "The Corner Cafe"} | wrong
    with pytest.raises(ValueError, match=r"^[A-Z].*[.]$|https"):
        done(lambda unit: places.add_place(unit, **details))


def test_a_place_is_put_right_retired_and_brought_back(store, done):
    cafe = done(lambda unit: places.add_place(unit, "cafe", "The  Corner Cafe"))
    done(lambda unit: places.correct_place(unit, cafe, address="2 High Street"))
    done(lambda unit: places.retire_place(unit, cafe))

    with store.reading() as reading:
        assert places.places(reading) == []
        (there,) = places.places(reading, all_=True)
        assert (there.name, there.address) == ("The Corner Cafe", "2 High Street")
    done(lambda unit: places.bring_back(unit, cafe))
    with store.reading() as reading:
        assert places.places(reading) == [places.place_of(reading, cafe)]


def test_time_off_ends_after_it_begins_and_is_listed_until_taken_back(store, done, amina):
    with pytest.raises(ValueError):
        done(lambda unit: rota.take_off(unit, amina, "leave", thursday(12), thursday(12)))
    away = done(lambda unit: rota.take_off(unit, amina, "leave", thursday(9), thursday(12), "dentist"))

    with store.reading() as reading:
        (one,) = rota.time_off_of(reading, [amina], thursday(11), thursday(13))
        assert (one.note, one.kind) == ("dentist", "leave")
        assert rota.time_off_of(reading, [amina], thursday(12), thursday(13)) == []
    assert done(lambda unit: rota.take_back(unit, away)) and not done(lambda unit: rota.take_back(unit, away))
    with store.reading() as reading:
        assert rota.time_off_of(reading, [amina], thursday(0), thursday(23)) == []


def test_every_kind_has_a_plan_that_exists_a_name_and_a_length_that_can_be_booked():
    assert set(kinds()) == set(calendar_words.KINDS)
    for kind in kinds().values():
        assert kind.plan in plans()
        assert 5 <= kind.minutes <= 12 * 60
    assert kind_of("visit").may_be(Meeting.HOME) and not kind_of("visit").may_be(Meeting.PHONE)
    with pytest.raises(ValueError, match="first, review"):
        kind_of("party")
