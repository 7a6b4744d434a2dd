"""The attendance page, as a lead meets it: rates with how sure one can be, few never shown, and trials."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.appointments import variants
from bot.appointments.variants import Arm, Trial
from bot.people import persons
from bot.store.tables import appointment_event, audit
from tests.support import diary
from tests.support.stores import TUESDAY_10AM

TRIAL = Trial(
    "others_wait", "Do more come?", ("week",), (), ("plain", "others_wait"), False, 30, (10, 20)
)  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(variants, "trials", lambda: {TRIAL.name: TRIAL})


def plants(unit) -> None:
    """In February half of forty missed without a reminder, in January six of forty with one."""
    bea = diary.worker(unit, "Bo Marsh")
    for nth in range(80):
        who = diary.somebody(unit, "", nth=nth + 300)
        reminded, missed = nth < 40, nth % 40 < (6 if nth < 40 else 20)
        at = TUESDAY_10AM - timedelta(days=50 if reminded else 20, hours=nth % 8)
        made = diary.appointment(
            unit, bea, who, at, status="did-not-attend" if missed else "attended",
            plan="standard" if reminded else "light",
        )  # fmt: skip
        if reminded:
            unit.insert(
                appointment_event, appointment_id=made, what="reminded", at=unit.now, acting="timer",
                step="week", details={},
            )  # fmt: skip


def test_a_lead_sees_how_many_are_missed_and_how_sure_one_can_be(at_work, done):
    done(plants)
    lou = at_work("lou")
    lou.goes("/attendance")

    assert "26 of 80 appointments were missed: 32%." in lou.text
    assert "anything from 23% to 43%" in lou.text
    assert "January 2026" in lou.text and "February 2026" in lou.text
    assert "None was sent: 35 in 100 more were missed (15 to 52) than “at least one was sent”." in lou.text
    assert "By kind of appointment" in lou.text
    lou.goes("/attendance?by=quarter")
    assert "January to March 2026" in lou.text
    assert ("attendance seen", {"by": "quarter"}) in audited(done)


def audited(done) -> list[tuple]:
    """What was done or seen, each as (action, details)."""
    return done(lambda unit: [tuple(r) for r in unit.execute(select(audit.c.action, audit.c.details))])


def test_the_chart_says_in_words_what_it_shows(at_work, done):
    done(plants)
    lou = at_work("lou")
    page = lou.goes("/attendance").text

    assert 'role="img" aria-label="Bars of how many of 100 were missed, over time. Lately:' in page
    assert "style=" not in page.split("<main")[1]


def test_nothing_yet_is_said_kindly(at_work):
    lou = at_work("lou")
    lou.goes("/attendance")

    assert "Nothing has been written down yet." in lou.text


def test_few_people_are_not_counted_out(at_work, done):
    def few(unit):
        bea = diary.worker(unit, "Bo Marsh")
        for nth in range(3):
            who = diary.somebody(unit, "", nth=nth + 300)
            diary.appointment(unit, bea, who, TUESDAY_10AM - timedelta(days=9), status="did-not-attend")

    done(few)
    lou = at_work("lou")
    lou.goes("/attendance")
    assert "fewer than 5 people" in lou.text
    assert "were missed:" not in lou.text and "%" not in lou.text.replace("95%", "")


def test_the_file_says_the_same(at_work, done):
    done(plants)
    lou = at_work("lou")
    answer = lou.goes("/attendance.csv")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))

    assert rows[0][0] == "By" and {len(row) for row in rows} == {7}
    assert ["Reminded or not", "None was sent", "40", "20", "50.0", "35.2", "64.8"] in rows
    assert "attendance-2026-03-03.csv" in answer.headers["content-disposition"]


@pytest.mark.parametrize("path", ["/attendance", "/attendance.csv"])
def test_it_is_for_leads(at_work, path):
    assert at_work("bea").goes(path).status_code == 403


def test_a_link_worker_starts_and_stops_no_trial(at_work, done):
    bea = at_work("bea")
    assert bea.presses("/attendance/trials/others_wait/start", sure="yes").status_code == 403
    assert not done(variants.states)[0].runs


def test_a_lead_starts_a_trial_knowing_that_it_runs_once_and_stops_it(at_work, done):
    lou = at_work("lou")
    lou.goes("/attendance")
    assert "Not started: everybody hears the plain words." in lou.text
    refused = lou.presses("/attendance/trials/others_wait/start")
    assert refused.status_code == 422 and "Tick the box" in lou.text
    assert not done(variants.states)[0].runs

    lou.presses("/attendance/trials/others_wait/start", sure="yes")
    assert "Started. It stops by itself" in lou.text and "0 of 60 people so far" in lou.text
    assert "is not shown until it ends" in lou.text
    lou.presses("/attendance/trials/others_wait/start", sure="yes")
    assert "This trial ran already." in lou.text
    lou.presses("/attendance/trials/others_wait/stop")
    assert "Stopped. Everybody hears the plain words from now on." in lou.text
    assert "A lead stopped it before its end." in lou.text
    lou.presses("/attendance/trials/others_wait/stop")
    assert "It had stopped already." in lou.text
    assert lou.presses("/attendance/trials/nonsense/stop").status_code == 404


def test_a_link_worker_keeps_somebody_out_of_trials_and_takes_that_back(at_work, done, ashby):
    ray = ashby.people["ray"]
    bea = at_work("bea")
    bea.goes(f"/people/{ray.token}")
    assert "Keep them out" not in bea.text  # none runs
    done(lambda unit: variants.start(unit, TRIAL.name))
    bea.goes(f"/people/{ray.token}")
    assert "Keep them out of it" in bea.text
    bea.presses(f"/people/{ray.token}/trials", out="yes")
    assert "Kept out of trials: they hear the plain words." in bea.text
    assert done(lambda unit: persons.person_of(unit, ray.person_id)).contact_plan["trials"] == "no"
    done(lambda unit: variants.stop(unit, TRIAL.name))
    bea.goes(f"/people/{ray.token}")
    bea.presses(f"/people/{ray.token}/trials", out="no")
    assert "They may take part in a trial again." in bea.text
    assert "trials" not in done(lambda unit: persons.person_of(unit, ray.person_id)).contact_plan


@pytest.mark.parametrize(
    ("missed", "says"),
    [
        ((30, 90), "It stopped by itself: more people missed their appointment with these words."),
        ((30, 90), "That others wait: 20 in 100 more were missed (14 to 26) than with the plain words."),
        ((60, 62), "no difference beyond chance. It may be anything from 6 in 100 fewer to 7 in 100 more."),
        ((90, 30), "That others wait: 20 in 100 fewer were missed (14 to 26) than with the plain words."),
    ],
)
def test_a_trial_that_has_ended_says_what_it_found(at_work, done, monkeypatch, missed, says):
    def ended(unit):
        variants.start(unit, TRIAL.name)
        arms = tuple(Arm(name, 300, 300, n) for name, n in zip(TRIAL.arms, missed, strict=True))
        monkeypatch.setattr(variants, "results", lambda reading, trial: arms)
        variants.stop(unit, TRIAL.name, "harm" if missed[1] > 80 else "finished")

    done(ended)
    lou = at_work("lou")
    lou.goes("/attendance")
    assert says in lou.text
