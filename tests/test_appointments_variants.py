"""Wordings compared fairly: by lot, in balance, never to those it could shame, and it stops when it harms."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.appointments import variants
from bot.appointments.appointment import appointment_of
from bot.appointments.proportions import difference, share
from bot.appointments.reminder_plans import plan_of
from bot.appointments.variants import Arm, CannotStart, Trial, compared, harms, wording
from bot.people import contact_points, persons
from bot.store.tables import Safe, appointment, audit, short_notice, trial_arm
from bot.words.prompts import Prompts
from bot.worker import nightly
from tests.support import diary
from tests.support.stores import TUESDAY_10AM

ROOT = Path(__file__).parents[1]
SOON = TUESDAY_10AM + timedelta(days=7)
SMALL = Trial("others_wait", "Do more come?", ("week",), (), ("plain", "others_wait"), False, 30, (10, 20))


# -- the two formulas ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("some", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_as_newcombe_worked_it_out(some, of, low, high):
    """R. G. Newcombe, Stat Med 1998; 17: 857-872, table I, method 3."""
    found = share(some, of)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("numbers", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_interval_is_as_he_worked_it_out(numbers, low, high):
    """R. G. Newcombe, Stat Med 1998; 17: 873-890, table II, method 10."""
    found = difference(*numbers)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize("numbers", [(3, 2), (-1, 2), (0, 0)])
def test_what_is_no_share_is_refused(numbers):
    with pytest.raises(ValueError, match="no share"):
        share(*numbers)


# -- what is fixed beforehand ----------------------------------------------------------------------


def test_the_trials_that_come_with_it_are_of_reminders_there_are():
    for trial in variants.trials().values():
        steps = {step.name for plan in ("standard", "first_talk", "light") for step in plan_of(plan).steps}
        assert set(trial.steps) <= steps


def test_every_wording_of_a_trial_has_been_written():
    prompts = Prompts(ROOT / "templates" / "prompts", ROOT / "locales")
    for trial in variants.trials().values():
        for arm in trial.arms[1:]:
            assert prompts.has(f"reminder.coming_{arm}")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"arms": ["others", "plain"]}, "plain"),
        ({"arms": ["plain"]}, "at least one other"),
        ({"arms": ["plain", "plain"]}, "at least one other"),
        ({"steps": []}, "steps"),
        ({"per_arm": 0}, "number of people"),
        ({"looks": [20, 10]}, "looks go up"),
        ({"looks": [30]}, "looks go up"),
        ({"kinds": ["tea"]}, "tea"),
    ],
)
def test_a_trial_that_makes_no_sense_is_refused_with_what_is_wrong(wrong, says):
    fine = {"question": "?", "steps": ["week"], "arms": ["plain", "other"], "per_arm": 30, "looks": [10]}

    assert variants.read({"a": fine})["a"].per_arm == 30
    with pytest.raises(ValueError, match=says):
        variants.read({"a": fine | wrong})


def outcomes(dice: random.Random, rate: float, most: int, looks: tuple[int, ...]) -> list[tuple[int, int]]:
    """(known, missed) of one arm at each look and at the end."""
    missed, found = 0, []
    for n in range(1, most + 1):
        missed += dice.random() < rate
        if n in (*looks, most):
            found.append((n, missed))
    return found


def runs(dice: random.Random, plain: float, other: float, per_arm: int = 400) -> tuple[str, int]:
    """One whole trial: how it ended (harm, better, worse, no difference), and after how many in each arm."""
    looks = (50, 100, 200)
    pairs = list(zip(*(outcomes(dice, rate, per_arm, looks) for rate in (plain, other)), strict=True))
    arms = [[Arm("", known, known, missed) for known, missed in pair] for pair in pairs]
    for one in arms[:-1]:
        if harms(*one):
            return "harm", one[0].known
    found = compared(*arms[-1])
    return ("worse" if found.low > 0 else "better" if found.high < 0 else "none"), per_arm


def ends(plain: float, other: float, times: int) -> Counter[str]:
    dice = random.Random(20261122)
    return Counter(runs(dice, plain, other)[0] for _ in range(times))


def test_where_there_is_no_difference_one_in_twenty_finds_one_and_looks_do_not_add_to_that():
    found = ends(0.15, 0.15, 1000)

    assert found["harm"] <= 10  # three looks at three standard errors: 0.4% at the most, and chance
    assert 35 <= 1000 - found["none"] <= 65  # 5%, give or take two standard errors of a thousand


def test_a_planted_difference_is_found():
    found = ends(0.20, 0.10, 150)

    assert found["better"] >= 140 and not found["harm"] and not found["worse"]


def test_what_does_harm_is_stopped_and_mostly_long_before_its_end():
    dice = random.Random(20261122)
    found = [runs(dice, 0.10, 0.30) for _ in range(150)]

    assert sum(how == "harm" for how, _ in found) >= 148
    assert sum(after <= 100 for _, after in found) >= 110


# -- who hears which -------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch):
    """A trial of thirty people in each arm, looked at after ten and twenty outcomes."""
    monkeypatch.setattr(variants, "trials", lambda: {SMALL.name: SMALL})


def comes(unit, bea: int, nth: int, at=SOON, step: str = "week", **more) -> tuple[int, int, str | None]:
    """Somebody new, with an appointment whose reminder is put into words: (who, which, the wording)."""
    who = diary.somebody(unit, "Ray", nth=nth, **more)
    made = diary.appointment(unit, bea, who, at)
    return who, made, wording(unit, who, appointment_of(unit, made), step)


def test_until_a_lead_starts_it_everybody_hears_the_plain_words(done, small):
    def work(unit):
        bea = diary.worker(unit)
        before = {comes(unit, bea, nth)[2] for nth in range(8)}
        variants.start(unit, SMALL.name)
        after = [comes(unit, bea, nth)[2] for nth in range(10, 34)]
        started = select(audit.c.acting).where(audit.c.action == "trial started")
        return before, Counter(after), unit.execute(started).scalar()

    before, after, who = done(work, "staff:1")
    assert before == {None}
    assert abs(after[None] - after["others_wait"]) <= 3  # in blocks of four or six
    assert who == "staff:1"


def test_what_was_drawn_is_kept_and_counts_by_the_first_appointment(done, small):
    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        drawn = {comes(unit, bea, nth)[:2]: nth for nth in range(12)}
        again = []
        for who, first in drawn:
            arm = unit.execute(select(trial_arm.c.arm).where(trial_arm.c.person_id == who)).scalar()
            other = diary.appointment(unit, bea, who, SOON + timedelta(days=9))
            said = wording(unit, who, appointment_of(unit, other), "week")
            kept = unit.execute(select(trial_arm).where(trial_arm.c.person_id == who)).one()
            again.append((said or "plain", arm, kept.appointment_id == first))
            assert appointment_of(unit, other).arms == appointment_of(unit, first).arms == {SMALL.name: arm}
        return again

    again = done(work)
    assert all(said == arm and first for said, arm, first in again)
    assert {arm for _, arm, _ in again} == {"plain", "others_wait"}


def test_other_reminders_and_other_kinds_are_no_part_of_it(done, small, monkeypatch):
    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        return [comes(unit, bea, nth, step="two_days")[2] for nth in range(6)]

    assert set(done(work)) == {None}
    only = Trial("others_wait", "?", ("week",), ("first",), SMALL.arms, False, 30, ())
    monkeypatch.setattr(variants, "trials", lambda: {only.name: only})
    done(lambda unit: comes(unit, diary.worker(unit, "Ali Khan"), 50))
    assert done(lambda unit: unit.execute(select(trial_arm)).all()) == []


@pytest.mark.parametrize("why", ["concern", "missed", "shared", "discreet", "kept out"])
def test_whom_it_could_shame_or_harm_is_in_no_trial_and_leaves_one(done, small, monkeypatch, why):
    """Practice, section 10: never to someone with an open concern or an earlier miss."""

    def now_so(unit, who, bea):
        if why == "concern":
            monkeypatch.setattr(variants, "has_open_concern", lambda reading, person_id: person_id == who)
        elif why == "missed":
            diary.appointment(unit, bea, who, TUESDAY_10AM - timedelta(days=400), status="did-not-attend")
        elif why == "shared":
            [point] = contact_points.of_person(unit, who)
            contact_points.set_safe(unit, point.id, Safe.SHARED)
        elif why == "discreet":
            persons.plan_contact(unit, who, reminders="discreet")
        else:
            variants.keep_out(unit, who)

    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        said = []
        for nth in range(8):
            who = diary.somebody(unit, "Ray", nth=nth)
            made = diary.appointment(unit, bea, who, SOON)
            if nth % 2:  # in it already, when it becomes so
                wording(unit, who, appointment_of(unit, made), "week")
            now_so(unit, who, bea)
            said.append(wording(unit, who, appointment_of(unit, made), "week"))
        return said, len(unit.execute(select(trial_arm)).all())

    said, came_in = done(work)
    assert set(said) == {None}
    assert came_in == 4


def test_that_others_wait_is_said_only_while_somebody_does(done, monkeypatch):
    true_only = Trial("others_wait", "?", ("week",), (), SMALL.arms, True, 30, ())
    monkeypatch.setattr(variants, "trials", lambda: {true_only.name: true_only})

    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, true_only.name)
        nobody = [comes(unit, bea, nth)[2] for nth in range(6)]
        waits = diary.somebody(unit, "Mo", nth=90)
        unit.insert(short_notice, person_id=waits, since=unit.now, meetings=[], notice_minutes=60)
        somebody = [comes(unit, bea, nth)[2] for nth in range(10, 22)]
        return nobody, somebody

    nobody, somebody = done(work)
    assert set(nobody) == {None} and set(somebody) == {None, "others_wait"}


def test_a_link_workers_no_can_be_taken_back(done, small):
    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        who, made, _ = comes(unit, bea, 1)
        trial, one = SMALL, appointment_of(unit, made)
        found = [variants.may_be_in(unit, trial, who, one)]
        variants.keep_out(unit, who)
        found.append(variants.may_be_in(unit, trial, who, one))
        variants.let_in(unit, who)
        return [*found, variants.may_be_in(unit, trial, who, one)]

    assert done(work) == [True, False, True]


# -- how it ends -----------------------------------------------------------------------------------


def fills(unit, bea: int, missed_of_ten: dict[str, int], people: int, start: int = 0) -> None:
    """So many people come in, and of each ten in an arm so many do not come."""
    seen: Counter[str] = Counter()
    for nth in range(start, start + people):
        _, made, said = comes(unit, bea, nth)
        arm = said or "plain"
        seen[arm] += 1
        missed = seen[arm] % 10 < missed_of_ten[arm]
        unit.change(appointment, made, status="did-not-attend" if missed else "attended")


def test_harm_stops_it_by_itself_and_everybody_hears_the_plain_words(done, small, clock):
    def first(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        fills(unit, bea, {"plain": 0, "others_wait": 8}, 28)
        return bea

    bea = done(first)
    [running] = done(variants.states)
    assert running.runs and running.given == 28 and running.arms == ()  # nobody steers by half a result
    assert done(variants.look) == [SMALL.name]
    [state] = done(variants.states)
    assert (state.runs, state.why) == (False, "harm")
    assert state.against_plain(state.arms[1]).low > 0.2
    assert {done(lambda unit, nth=nth: comes(unit, bea, nth))[2] for nth in range(60, 68)} == {None}
    with pytest.raises(CannotStart, match="runs once"):
        done(lambda unit: variants.start(unit, SMALL.name))


async def test_it_is_looked_at_every_night(store, done, small):
    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        fills(unit, bea, {"plain": 0, "others_wait": 8}, 28)

    done(work)
    assert await nightly.look_at_trials(store) == [SMALL.name]
    assert await nightly.look_at_trials(store) == []


def test_each_look_is_taken_once_and_a_good_wording_runs_to_its_end(done, small, clock):
    def first(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        fills(unit, bea, {"plain": 5, "others_wait": 1}, 28)
        return bea

    def looks(unit):
        return [n for n, _ in unit.execute(select(variants.trial_start.c.looks)).scalar_one()]

    bea = done(first)
    assert done(variants.look) == [] and done(looks) == [10]
    assert done(variants.look) == [] and done(looks) == [10]
    done(lambda unit: fills(unit, bea, {"plain": 5, "others_wait": 1}, 40, start=40))
    [state] = done(variants.states)
    assert state.given == 60  # as many as were planned, and no more
    assert done(variants.look) == [SMALL.name] and done(looks) == [10, 20]
    [state] = done(variants.states)
    assert state.why == "finished"
    assert [arm.given for arm in state.arms] == [30, 30]
    assert state.against_plain(state.arms[1]).high < 0


def test_it_waits_for_outcomes_that_are_to_come_but_not_for_ever(done, small, clock):
    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        for nth in range(60):
            comes(unit, bea, nth)

    done(work)
    assert done(variants.look) == []
    clock.forward(days=8)
    assert done(variants.look) == []
    clock.forward(days=28)
    assert done(variants.look) == [SMALL.name]


def test_called_off_is_not_missed_and_what_nobody_wrote_down_is_not_counted(done, small):
    def work(unit):
        bea = diary.worker(unit)
        variants.start(unit, SMALL.name)
        for nth, status in enumerate(["cancelled", "attended", "did-not-attend", "booked"] * 3):
            made = comes(unit, bea, nth)[1]
            unit.change(appointment, made, status=status)
        return variants.results(unit, SMALL)

    arms = done(work)
    assert sum(arm.given for arm in arms) == 12
    assert (sum(arm.known for arm in arms), sum(arm.missed for arm in arms)) == (9, 3)


def test_a_lead_may_stop_it(done, small):
    def work(unit):
        assert not variants.stop(unit, SMALL.name)
        variants.start(unit, SMALL.name)
        return variants.stop(unit, SMALL.name), variants.states(unit)[0].why

    assert done(work) == (True, "staff")


def test_two_trials_of_one_reminder_do_not_run_at_once(done, monkeypatch):
    other = Trial("another", "?", ("week", "two_days"), (), ("plain", "other"), False, 30, ())
    monkeypatch.setattr(variants, "trials", lambda: {SMALL.name: SMALL, "another": other})
    done(lambda unit: variants.start(unit, SMALL.name))
    with pytest.raises(CannotStart, match="Another trial"):
        done(lambda unit: variants.start(unit, "another"))
    done(lambda unit: variants.stop(unit, SMALL.name))
    done(lambda unit: variants.start(unit, "another"))
