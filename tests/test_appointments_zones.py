"""Local times over the nights the clocks change, and for somebody who lives in another zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.appointments.when import Exact, Unclear, Understood, Why, understand
from bot.appointments.zones import Clock, as_seen, day_begins, hours_in, local
from bot.clock import LONDON

NEW_YORK, KOLKATA, APIA = (ZoneInfo(n) for n in ("America/New_York", "Asia/Kolkata", "Pacific/Apia"))
#: Lord Howe Island moves its clocks by half an hour; Havana at midnight.
LORD_HOWE, HAVANA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Havana")

BACK, FORWARD = date(2026, 10, 25), date(2027, 3, 28)


@pytest.mark.parametrize(
    ("day", "hour", "clock", "utc"),
    [
        (BACK, time(0, 59), Clock.ONCE, "2026-10-24T23:59"),
        (BACK, time(1, 0), Clock.REPEATED, "2026-10-25T00:00"),  # the earlier of the two
        (BACK, time(1, 59), Clock.REPEATED, "2026-10-25T00:59"),
        (BACK, time(2, 0), Clock.ONCE, "2026-10-25T02:00"),
        (BACK, time(14, 0), Clock.ONCE, "2026-10-25T14:00"),
        (FORWARD, time(0, 59), Clock.ONCE, "2027-03-28T00:59"),
        (FORWARD, time(1, 0), Clock.SKIPPED, "2027-03-28T01:00"),
        (FORWARD, time(1, 30), Clock.SKIPPED, "2027-03-28T01:30"),
        (FORWARD, time(2, 0), Clock.ONCE, "2027-03-28T01:00"),
        (FORWARD, time(14, 0), Clock.ONCE, "2027-03-28T13:00"),
        (date(2028, 2, 29), time(10, 0), Clock.ONCE, "2028-02-29T10:00"),
    ],
)
def test_a_local_time_in_london(day, hour, clock, utc):
    found = local(day, hour, LONDON)

    assert found.clock == clock
    assert found.at.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_skipped_time_is_shown_as_the_clock_will_show_it():
    assert local(FORWARD, time(1, 30), LONDON).at.strftime("%H:%M") == "02:30"


@pytest.mark.parametrize(
    ("day", "hours"), [(BACK, 25), (FORWARD, 23), (date(2026, 10, 24), 24), (date(2028, 2, 29), 24)]
)
def test_how_long_a_day_is(day, hours):
    assert hours_in(day, LONDON) == timedelta(hours=hours)


def test_a_day_without_a_midnight_begins_at_one():
    day = date(2026, 3, 8)  # Havana's clocks go forward at midnight
    assert day_begins(day, HAVANA).strftime("%H:%M") == "01:00"
    assert hours_in(day, HAVANA) == timedelta(hours=23)


@given(
    some.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)),
    some.sampled_from([LONDON, NEW_YORK, KOLKATA, APIA, LORD_HOWE, HAVANA]),
)
def test_a_time_that_exists_comes_back_as_it_was_said(naive, zone):
    found = local(naive.date(), naive.time(), zone)

    again = as_seen(found.at, zone)
    if found.clock is Clock.SKIPPED:
        assert again > naive
    else:
        assert again == naive
    if found.clock is Clock.REPEATED:
        later = found.at.replace(fold=1)
        assert later.astimezone(UTC) > found.at.astimezone(UTC)
        assert as_seen(later, zone) == naive


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        as_seen(datetime(2026, 10, 22, 10), LONDON)


# ---- what people say over those nights ---------------------------------------------------------


def test_a_time_that_comes_twice_is_asked_with_both():
    meant = understand("sunday at 1.30am", datetime(2026, 10, 22, 10, tzinfo=LONDON))

    assert isinstance(meant, Unclear)
    assert meant.why == Why.CLOCK_REPEATS
    first, second = (reading.at.astimezone(UTC) for reading in meant.readings)
    assert second - first == timedelta(hours=1)


def test_a_time_that_never_comes_is_asked():
    meant = understand("sunday at 1.30am", datetime(2027, 3, 24, 16, tzinfo=LONDON))

    assert isinstance(meant, Unclear)
    assert meant.why == Why.CLOCK_SKIPS


@pytest.mark.parametrize(
    ("now", "text", "utc"),
    [
        (datetime(2026, 10, 22, 10, tzinfo=LONDON), "mon at 2", "2026-10-26T14:00"),  # winter time by then
        (datetime(2026, 10, 22, 10, tzinfo=LONDON), "fri at 2", "2026-10-23T13:00"),  # summer time still
        (datetime(2027, 3, 24, 16, tzinfo=LONDON), "sat at 2pm", "2027-03-27T14:00"),
        (datetime(2027, 3, 24, 16, tzinfo=LONDON), "sunday 2pm", "2027-03-28T13:00"),
        (datetime(2026, 10, 24, 15, tzinfo=LONDON), "a week tomorrow at 10", "2026-11-01T10:00"),
    ],
)
def test_an_hour_is_the_one_on_the_wall_that_day(now, text, utc):
    meant = understand(text, now)
    assert meant == Exact(datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone(LONDON))


@pytest.mark.parametrize(
    ("now", "later"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "01:30"),  # half past one, for the second time
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "02:30"),
    ],
)
def test_in_an_hour_is_an_hour_on_any_night(now, later):
    meant = understand("in an hour", now)

    assert meant.at.astimezone(UTC) - now == timedelta(hours=1)
    assert f"{meant.at:%H:%M}" == later


def test_tomorrow_is_the_persons_own():
    now = datetime(2026, 10, 22, 22, 30, tzinfo=UTC)  # late in London; in India a new day has begun

    firsts = [understand("tomorrow", now, zone).windows[0].first for zone in (LONDON, NEW_YORK, KOLKATA)]

    assert firsts == [date(2026, 10, 23), date(2026, 10, 23), date(2026, 10, 24)]


def test_the_same_words_are_another_instant_abroad():
    now = datetime(2026, 10, 22, 12, tzinfo=UTC)

    here, there = (understand("tomorrow at 2", now, zone) for zone in (LONDON, NEW_YORK))

    assert there.at - here.at == timedelta(hours=5)


def test_a_slot_is_matched_on_the_persons_own_clock():
    now = datetime(2026, 10, 22, 12, tzinfo=UTC)
    meant = understand("tomorrow afternoon", now, NEW_YORK)
    at_six_in_london = datetime(2026, 10, 23, 18, tzinfo=LONDON)

    assert meant.suits(at_six_in_london, at_six_in_london + timedelta(hours=1), NEW_YORK)
    assert not meant.suits(at_six_in_london, at_six_in_london + timedelta(hours=1), LONDON)


@given(
    some.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=some.just(UTC)),
    some.sampled_from([LONDON, NEW_YORK, KOLKATA, APIA, LORD_HOWE]),
    some.integers(9, 17),
)
def test_tomorrow_at_an_hour_is_that_hour_on_the_next_day_there(now, zone, hour):
    meant = understand(f"tomorrow at {hour}:00", now, zone)

    seen = as_seen(now, zone)
    if seen.hour < 4:
        assert isinstance(meant, Unclear)
    elif hour in (9, 10, 11, 12) or hour > 12:
        expected = datetime.combine(seen.date() + timedelta(days=1), time(hour))
        assert isinstance(meant, Exact)
        assert as_seen(meant.at, zone) == expected


def test_the_hour_that_has_just_begun_is_still_ahead_of_nobody():
    now = datetime(2026, 10, 22, 14, 0, 0, tzinfo=LONDON)
    assert understand("today at 2", now) == Unclear(Why.GONE)
    assert isinstance(understand("today at 2", now - timedelta(seconds=1)), Exact)
    assert isinstance(understand("today after 2", now), Understood)
