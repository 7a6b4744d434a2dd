"""When somebody may be written to: not at night, at the times they said, and never too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.appointments.safe_hours import (
    AFTERNOONS,
    ANY,
    CAREFUL,
    MORNINGS,
    is_safe,
    safe_hours,
    when_to_send,
)
from bot.clock import LONDON
from bot.people.quiet import QUIET_BEFORE, QUIET_FROM

ZONES = [ZoneInfo(name) for name in ("Europe/London", "America/Toronto", "Pacific/Apia", "Asia/Kolkata")]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def week(times, language="en"):
    """Their hours as written: "mon-fri 14-20"; days that are alike together."""
    hours = safe_hours({"times": times}, language)
    said = {}
    for day, spans in zip(DAYS, hours.days, strict=True):
        said.setdefault(", ".join(f"{a // 60:g}-{b // 60:g}" for a, b in spans), []).append(day)
    return {" ".join(days): spans for spans, days in said.items() if spans}


ALL = " ".join(DAYS)


@pytest.mark.parametrize(
    ("times", "theirs"),
    [
        ("", {ALL: "9-20"}),
        ("any", {ALL: "9-20"}),
        ("mornings", {ALL: "9-12"}),
        ("Afternoons", {ALL: "12-17"}),
        ("after 2", {ALL: "14-20"}),
        ("not mornings", {ALL: "12-20"}),
        ("evenings", {ALL: "17-20"}),
        ("weekends", {"sat sun": "9-20"}),
        ("Tuesday mornings", {"tue": "9-12"}),
        ("not Wednesdays", {"mon tue thu fri sat sun": "9-20"}),
        ("any weekday, but not before ten", {"mon tue wed thu fri": "10-20"}),
    ],
)
def test_their_times_as_a_week(times, theirs):
    assert week(times) == theirs


def test_their_times_in_welsh():
    assert week("prynhawn", "cy") == {ALL: "12-17"}


@pytest.mark.parametrize(
    "times",
    ["tomorrow after 2", "the 3rd", "next week", "when he is at work", "text me first", "at 5", "after 9pm"],
)
def test_what_is_not_about_every_week_leaves_office_hours(times):
    assert safe_hours({"times": times}) is CAREFUL
    assert week(times) == {"mon tue wed thu fri": "9-17"}


instants = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
lengths = st.timedeltas(timedelta(), timedelta(days=9))


@given(
    now=instants, due_in=lengths, ahead=lengths, latest=st.timedeltas(timedelta(), timedelta(days=2)),
    zone=st.sampled_from(ZONES), hours=st.sampled_from([ANY, MORNINGS, AFTERNOONS, CAREFUL]),
)  # fmt: skip
def test_whatever_is_asked(now, due_in, ahead, latest, zone, hours):
    due, starts = now + due_in, now + ahead
    send = when_to_send(due, now, starts, zone=zone, hours=hours, latest=latest)

    if send is None:
        return
    assert send >= now
    assert send <= starts - latest
    assert is_safe(send, zone, hours)
    assert QUIET_BEFORE <= send.astimezone(zone).hour < QUIET_FROM
    if is_safe(due, zone, hours):
        assert send == due


def send(due, starts, now="2026-03-01 12:00", *, hours=ANY, latest=0.0, zone=LONDON):
    at = [datetime.fromisoformat(words).replace(tzinfo=LONDON) for words in (due, now, starts)]
    found = when_to_send(*at, zone=zone, hours=hours, latest=timedelta(hours=latest))
    return f"{found.astimezone(LONDON):%Y-%m-%d %H:%M}" if found else None


@pytest.mark.parametrize(
    ("due", "starts", "latest", "goes"),
    [
        ("2026-03-10 10:00", "2026-03-11 14:00", 4, "2026-03-10 10:00"),  # as it is
        ("2026-03-10 22:00", "2026-03-11 14:00", 4, "2026-03-11 09:00"),  # when the night is over
        ("2026-03-11 06:00", "2026-03-11 08:00", 0.75, "2026-03-10 19:00"),  # the evening before
        ("2026-03-11 08:59", "2026-03-11 10:00", 0.75, "2026-03-11 09:00"),
        ("2026-03-11 20:00", "2026-03-11 21:00", 0.75, "2026-03-11 19:00"),  # eight is night
        ("2026-03-29 06:00", "2026-03-29 08:00", 0.75, "2026-03-28 19:00"),  # an hour is missing that night
        ("2026-10-25 06:00", "2026-10-25 08:00", 0.75, "2026-10-24 19:00"),  # and comes twice that one
        ("2026-03-11 11:00", "2026-03-11 12:00", 2, None),  # less is left than makes sense
    ],
)
def test_earlier_or_later_as_makes_sense(due, starts, latest, goes):
    assert send(due, starts, latest=latest) == goes


def test_the_evening_before_may_have_begun():
    assert send("2026-03-11 06:00", "2026-03-11 08:00", "2026-03-10 19:40", latest=0.75) == "2026-03-10 19:40"
    assert send("2026-03-11 06:00", "2026-03-11 08:00", "2026-03-10 20:10", latest=0.75) is None


def test_never_days_before_its_time():
    tuesdays = safe_hours({"times": "Tuesdays"})

    assert send("2026-03-13 10:00", "2026-03-14 14:00", hours=tuesdays, latest=4) == "2026-03-10 19:00"
    assert send("2026-03-14 10:00", "2026-03-15 14:00", hours=tuesdays, latest=4) is None
