"""Reminder plans: when each reminder is due, and a plans file that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import follow_plans
from bot.appointments import reminder_plans
from bot.appointments.kinds import kinds
from bot.appointments.reminder_plans import OURS, WrongPlans, due_times, plan_of, plans, read
from bot.clock import LONDON
from bot.settings import Settings, WrongSetting

TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
STARTS = datetime(2026, 3, 11, 14, 0, tzinfo=UTC)


@pytest.fixture
def ours_again():
    """Whatever a test follows, the next one follows ours."""
    yield
    reminder_plans.use()


def due(plan="standard", starts=STARTS, now=TUESDAY, zone=LONDON, **more):
    found = due_times(plan_of(plan), starts, zone=zone, now=now, **more)
    return [f"{name} {at.astimezone(zone):%a %d %H:%M}" for name, at in found]


def test_the_standard_plan():
    assert due() == ["week Wed 04 10:00", "two_days Mon 09 10:00", "day_before Tue 10 10:00"]
    assert due(two_hours=True)[-1] == "two_hours Wed 11 12:00"


def test_a_first_talk_asks_three_days_before():
    assert due("first_talk") == ["three_days Sun 08 10:00", "day_before Tue 10 10:00"]


def test_a_group_is_told_the_day_before():
    assert due("light") == ["day_before Tue 10 10:00"]


@pytest.mark.parametrize(
    ("before", "left"),
    [
        (timedelta(days=8), ["week", "two_days", "day_before", "two_hours"]),
        (timedelta(days=6), ["two_days", "day_before", "two_hours"]),
        (timedelta(days=2), ["day_before", "two_hours"]),
        (timedelta(hours=20), ["two_hours"]),
        (timedelta(hours=4), ["two_hours"]),
        (timedelta(hours=3), []),
        (timedelta(hours=1), []),
    ],
)
def test_what_was_due_before_it_was_booked_is_left_out(before, left):
    found = due_times(plan_of("standard"), STARTS, zone=LONDON, now=STARTS - before, two_hours=True)

    assert [name for name, _ in found] == left


@pytest.mark.parametrize("zone", ["Europe/London", "America/Toronto", "Pacific/Auckland", "Asia/Kolkata"])
def test_ten_in_the_morning_is_by_the_clock_where_they_are_all_year(zone):
    where = ZoneInfo(zone)
    for day in range(366):
        starts = datetime(2028, 1, 1, 14, 0, tzinfo=UTC) + timedelta(days=day)
        found = due_times(plan_of("standard"), starts, zone=where, now=starts - timedelta(days=20))
        theirs = starts.astimezone(where).date()
        assert [at.astimezone(where).hour for _, at in found] == [10, 10, 10]
        assert [(theirs - at.astimezone(where).date()).days for _, at in found] == [7, 2, 1]


def test_every_kind_of_appointment_has_a_plan_that_there_is():
    assert {kind.plan for kind in kinds().values()} <= set(plans())


def test_a_plan_that_is_gone_is_the_standard_one():
    assert plan_of("long-gone") == plan_of("standard")


# A file of one's own

STEP = '[[standard]]\nname = "week"\nsays = "coming"\n'


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("[[standard", "is not TOML"),
        ("", "there is no plan named 'standard'"),
        ('[[other]]\nname = "a"\nsays = "today"\nhours = 2\n', "there is no plan named 'standard'"),
        ('standard = "often"\n', "'standard' should be steps"),
        (STEP, "standard, step 1: say either `days` and `at`, or `hours`"),
        (STEP + 'days = 7\nat = "10:00"\nhours = 2\n', "say either"),
        (STEP + "days = 7\n", '`at` should be a time such as "10:00"'),
        (STEP + 'days = 7\nat = "25:00"\n', "`at` should be a time"),
        (STEP + 'days = 0\nat = "10:00"\n', "`days` should be a whole number from 1 to 60"),
        (STEP + 'days = 7.5\nat = "10:00"\n', "`days` should be a whole number"),
        (STEP + "hours = -2\n", "`hours` should be a number of hours"),
        (STEP + "hours = 20_000\n", "`hours` is more than 60 days"),
        (STEP + "hours = 2\nlatest_hours = 3\n", "could never be sent"),
        (STEP + 'days = 1\nat = "10:00"\nlatest_hours = 60\n', "could never be sent"),
        (STEP + 'hours = 2\nif_wished = "yes"\n', "`if_wished` should be true or false"),
        (STEP + "hours = 2\nevery = 3\n", "every is nothing we know"),
        (STEP.replace("coming", "shame") + "hours = 2\n", "`says` should be one of coming, needs"),
        (STEP.replace('"week"', '""') + "hours = 2\n", "`name` should be one short word"),
        (f"{STEP}hours = 2\n{STEP}hours = 3\n", "has two steps named 'week'"),
    ],
)
def test_a_wrong_file_says_what_is_wrong_in_it(tmp_path, written, why):
    file = tmp_path / "plans.toml"
    file.write_text(written)

    with pytest.raises(WrongPlans, match=r"plans\.toml") as wrong:
        read(file)
    assert why in str(wrong.value)


def test_a_service_follows_its_own_plans(tmp_path, ours_again):
    file = tmp_path / "plans.toml"
    file.write_text('[[standard]]\nname = "four_hours"\nsays = "day_before"\nhours = 4\n')

    follow_plans(Settings.load(appointments_plans=str(file)))

    assert due() == ["four_hours Wed 11 10:00"]
    assert due("first_talk") == ["four_hours Wed 11 10:00"]


@pytest.mark.parametrize("name", ["missing.toml", "wrong.toml"])
def test_a_wrong_setting_refuses_to_start_and_names_itself(tmp_path, name, ours_again):
    (tmp_path / "wrong.toml").write_text("[[light]]\n")

    with pytest.raises(WrongSetting, match=f"LINKLINE_APPOINTMENTS_PLANS: .*{name}"):
        follow_plans(Settings.load(appointments_plans=str(tmp_path / name)))
    assert plans() == read(OURS)
