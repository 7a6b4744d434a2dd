"""Who comes and who does not: counted right, differences found where there are some, few never shown."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import LONDON
from bot.records.attendance import (
    MONTHS,
    Became,
    By,
    Period,
    Seen,
    attendance,
    lines,
    period_of,
)
from bot.records.gaps import Shown
from bot.store.tables import appointment_event
from tests.support import diary
from tests.support.stores import TUESDAY_10AM

FEW, WITHHELD = Shown.FEW, Shown.WITHHELD


# -- differences -----------------------------------------------------------------------------------


def seen(dice: random.Random, rates: dict[str, float], each: int) -> list[Seen]:
    """So many appointments in each group, each of somebody else, missed by chance at these rates."""
    return [
        Seen(n, dice.random() < rate, {By.PLAN: group}) for group, rate in rates.items() for n in range(each)
    ]


def found(dice: random.Random, rates: dict[str, float], each: int = 400) -> set[str]:
    """The groups that are said to differ."""
    shown, _ = lines(seen(dice, rates, each), By.PLAN)
    return {line.group for line in shown if line.against is not None and line.against.differs}


@pytest.mark.parametrize("groups", [2, 4])
def test_where_there_is_no_difference_one_view_in_twenty_shows_one(groups):
    dice = random.Random(20261122)
    rates = {f"plan {n}": 0.12 for n in range(groups)}
    wrong = sum(bool(found(dice, rates, 150)) for _ in range(500))

    assert 10 <= wrong <= 36  # 25 of 500, give or take a little over two standard errors


def test_a_planted_difference_is_found_and_only_that():
    dice = random.Random(20261122)
    times = Counter(group for _ in range(60) for group in found(dice, {"a": 0.10, "b": 0.22, "c": 0.10}, 500))

    assert times["b"] + times["a"] + times["c"] > 55
    shown, most = lines(seen(dice, {"a": 0.10, "b": 0.25}, 500), By.PLAN)
    [against] = [line.against for line in shown if line.group != most]
    assert against.differs and abs(against.value) == pytest.approx(0.15, abs=0.05)


def test_months_are_compared_with_nothing():
    shown, most = lines(
        [Seen(n, n % 3 == 0, {By.TIME: f"2026-0{1 + n % 2}"}) for n in range(80)], By.TIME
    )  # fmt: skip

    assert most == "" and [line.against for line in shown] == [None, None]


# -- small numbers ---------------------------------------------------------------------------------


def of(*groups: tuple[str, int, int]) -> list[tuple]:
    """(group, appointments, missed) as shown, of so many appointments and missed ones by as many people."""
    made = [
        Seen(1000 * nth + n, n < missed, {By.KIND: group})
        for nth, (group, number, missed) in enumerate(groups)
        for n in range(number)
    ]
    shown, _ = lines(made, By.KIND)
    return [(line.group, line.appointments, line.missed, line.rate is not None) for line in shown]


def test_few_people_are_not_counted_out_nor_what_would_tell_how_few():
    assert of(("a", 90, 9), ("b", 80, 8)) == [("a", 90, 9, True), ("b", 80, 8, True)]
    assert of(("a", 90, 9), ("b", 80, 8), ("c", 70, 2)) == [
        ("a", 90, 9, True), ("b", 80, WITHHELD, False), ("c", 70, FEW, False),
    ]  # fmt: skip
    assert of(("a", 90, 9), ("b", 3, 0)) == [("a", WITHHELD, WITHHELD, False), ("b", FEW, FEW, False)]


def test_one_person_many_times_is_one_person():
    """Twelve appointments of one person, all missed, must not stand there as a number."""
    many = [Seen(n, n < 8, {By.KIND: "a"}) for n in range(40)] + [Seen(99, True, {By.KIND: "b"})] * 12
    shown, _ = lines(many, By.KIND)

    assert [(line.appointments, line.missed) for line in shown] == [(WITHHELD, WITHHELD), (FEW, FEW)]


# -- counting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "month", "quarter"),
    [
        (datetime(2026, 3, 31, 23, 30, tzinfo=UTC), "2026-04", "2026-2"),  # summer time by then
        (datetime(2026, 10, 31, 23, 30, tzinfo=UTC), "2026-10", "2026-4"),
        (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), "2025-12", "2025-4"),
    ],
)
def test_a_month_is_one_where_they_are(at, month, quarter):
    assert period_of(at, LONDON, Period.MONTH) == month
    assert period_of(at, LONDON, Period.QUARTER) == quarter
    assert period_of(at, LONDON, Period.YEAR) == month[:4]


def plants(unit) -> None:
    """Two months: in February 20 of 40 missed without a reminder, in January 6 of 40 with one."""
    bea = diary.worker(unit)
    for nth in range(80):
        who = diary.somebody(unit, "", nth=nth)
        reminded = nth < 40
        at = datetime(2026, 1 if reminded else 2, 10, 9, tzinfo=UTC) + timedelta(hours=nth)
        missed = nth % 40 < (6 if reminded else 20)
        made = diary.appointment(
            unit, bea, who, at, status="did-not-attend" if missed else "attended",
            kind="first" if nth % 2 else "review", plan="standard" if reminded else "light",
            booked_before=timedelta(days=20 if reminded else 1),
        )  # fmt: skip
        if reminded:
            unit.insert(
                appointment_event, appointment_id=made, what="reminded", at=unit.now, acting="timer",
                step="week", details={},
            )  # fmt: skip


def view(store, **more):
    with store.reading() as reading:
        return attendance(reading, zone=LONDON, **more)


def test_it_is_counted_by_month_kind_plan_reminder_and_how_long_before(store, done):
    done(plants)
    seen = view(store)

    def told(by: By) -> list[tuple]:
        return [(line.group, line.appointments, line.missed) for line in seen.by[by]]

    assert told(By.TIME) == [("2026-01", 40, 6), ("2026-02", 40, 20)]
    assert told(By.PLAN) == [("light", 40, 20), ("standard", 40, 6)]
    assert told(By.REMINDED) == [("yes", 40, 6), ("no", 40, 20)]
    assert told(By.LEAD) == [("under_2_days", 40, 20), ("over_2_weeks", 40, 6)]
    assert told(By.KIND) == [("first", 40, 13), ("review", 40, 13)]
    assert (seen.all.appointments, seen.all.missed) == (80, 26)
    assert seen.all.rate.low < 26 / 80 < seen.all.rate.high
    [against] = [line.against for line in seen.by[By.REMINDED] if line.against]
    assert against.differs
    [same] = [line.against for line in seen.by[By.KIND] if line.against]
    assert not same.differs


def test_by_quarter_and_by_year_small_months_add_up(store, done):
    done(plants)

    [quarter] = view(store, period=Period.QUARTER).by[By.TIME]
    [year] = view(store, period=Period.YEAR).by[By.TIME]
    assert (quarter.group, quarter.appointments, quarter.missed) == ("2026-1", 80, 26)
    assert (year.group, year.appointments) == ("2026", 80)


def test_what_became_of_every_time_is_told_apart(store, done):
    def work(unit):
        bea = diary.worker(unit)
        at = TUESDAY_10AM - timedelta(days=30)
        ways = [
            {"status": "attended"},
            {"status": "did-not-attend"},
            {"status": "cancelled", "cancelled_by": "person", "cancelled_at": at - timedelta(days=2)},
            {"status": "cancelled", "cancelled_by": "person", "cancelled_at": at - timedelta(hours=3)},
            {"status": "cancelled", "cancelled_by": "staff:1", "cancelled_at": at - timedelta(days=2)},
            {"status": "booked"},
        ]
        for nth in range(60):
            diary.appointment(unit, bea, diary.somebody(unit, "", nth=nth), at, **ways[nth % 6])
        # Of these nothing may be counted: held, ahead, and long ago.
        ray = diary.somebody(unit, "", nth=90)
        diary.appointment(unit, bea, ray, TUESDAY_10AM + timedelta(days=1))
        diary.appointment(unit, bea, ray, at, status="held", minutes=30)
        unit.execute(
            diary.tables.appointment.update()
            .where(diary.tables.appointment.c.status == "held")
            .values(booked_at=None)
        )
        diary.appointment(unit, bea, ray, at - timedelta(days=31 * (MONTHS + 2)), status="attended")

    done(work)
    seen = view(store)
    assert seen.became == {one: 10 for one in Became}
    late = {"status": "cancelled", "cancelled_by": "staff:1", "why": "cannot-come"}
    done(lambda unit: rings_off(unit, late))
    assert view(store).became[Became.LATE] == 20  # they rang, and a link worker wrote it down
    assert seen.all.appointments == 20


def rings_off(unit, late: dict) -> None:
    """Ten more people ring an hour before that they cannot come."""
    ali, at = diary.worker(unit, "Ali Khan"), TUESDAY_10AM - timedelta(days=3)
    for nth in range(10):
        who = diary.somebody(unit, "", nth=nth)
        diary.appointment(unit, ali, who, at, cancelled_at=at - timedelta(hours=1), **late)


def test_where_nothing_happened_yet_there_is_nothing(store):
    seen = view(store)

    assert seen.empty and seen.all.appointments is FEW
    assert set(seen.became.values()) == {FEW}
