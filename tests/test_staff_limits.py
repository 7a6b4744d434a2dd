"""A link worker at their limit is told so, decides, and it is written down."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.casework import caseload, cases, staffing
from bot.casework.handoffs import handoff_of
from bot.store.tables import HandoffStatus, audit


@pytest.fixture
def bea(at_work, ashby, store, done):
    """Bea, who carries as much as she wants to."""
    with store.reading() as reading:
        (load,) = [one for one in caseload.caseloads(reading) if one.staff.id == ashby.bea]
    done(lambda unit: staffing.set_case_limit(unit, ashby.bea, load.open_cases))
    worker = at_work("bea")
    worker.carries = load.open_cases
    return worker


def written_down(store):
    with store.reading() as reading:
        rows = reading.execute(select(audit).where(audit.c.action == "took a case beyond their limit"))
        return [(row.acting, row.subject, row.details) for row in rows]


def owner_of(store, who):
    with store.reading() as reading:
        return cases.case_of(reading, who.person_id).owner_id


def test_a_new_case_beyond_the_limit_is_hers_only_if_she_says_so(bea, ashby, store):
    bea.goes("/")
    bea.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up")

    assert "You are at your limit" in bea.text
    assert f"your limit is {bea.carries}" in bea.text
    assert "You may take Ray Poole all the same." in bea.text
    with store.reading() as reading:
        assert handoff_of(reading, ashby.ray.handoff_id).status is HandoffStatus.WAITING
    assert written_down(store) == []

    bea.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up", all_the_same="yes")

    assert bea.at == f"/people/{ashby.ray.token}"
    assert f"You have {bea.carries + 1} open cases now, and your limit is {bea.carries}." in bea.text
    assert owner_of(store, ashby.ray) == ashby.bea
    with store.reading() as reading:
        case_id = cases.case_of(reading, ashby.ray.person_id).id
    assert written_down(store) == [(f"staff:{ashby.bea}", f"case:{case_id}", {"limit": bea.carries})]


def test_someone_in_danger_is_hers_at_once_and_she_is_told_after(bea, ashby, store):
    bea.goes("/")
    bea.presses(f"/handoffs/{ashby.josie.handoff_id}/pick-up")

    assert bea.at == f"/people/{ashby.josie.token}"
    assert f"your limit is {bea.carries}" in bea.text
    assert len(written_down(store)) == 1


def test_whom_she_has_already_she_picks_up_without_a_word(bea, ashby, store, done):
    with store.reading() as reading:
        case = cases.case_of(reading, ashby.ray.person_id)
    done(lambda unit: cases.take(unit, case.id, ashby.bea))
    bea.goes("/")
    bea.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up")

    assert bea.at == f"/people/{ashby.ray.token}"
    assert "limit" not in bea.text


def test_someone_with_room_is_asked_nothing(at_work, ashby, store):
    ali = at_work("ali")
    ali.goes("/")
    ali.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up")

    assert ali.at == f"/people/{ashby.ray.token}"
    assert "limit" not in ali.text


def test_a_walk_in_whom_she_makes_hers_is_hers_and_she_is_told(bea, store):
    bea.goes("/people/new")
    bea.presses("/people/new", name="Nell", number="07700 900177", agreed="yes", how="rang", mine="yes")

    assert "A case is open for Nell." in bea.text
    assert f"your limit is {bea.carries}" in bea.text
    assert len(written_down(store)) == 1


def test_making_a_case_hers_asks_the_same(bea, ashby, store):
    bea.goes(f"/people/{ashby.ray.token}")
    bea.presses(f"/people/{ashby.ray.token}/take")
    assert "You are at your limit" in bea.text
    assert owner_of(store, ashby.ray) is None

    bea.presses(f"/people/{ashby.ray.token}/take", all_the_same="yes")

    assert "This is your case now. You have" in bea.text
    assert owner_of(store, ashby.ray) == ashby.bea
    assert len(written_down(store)) == 1
