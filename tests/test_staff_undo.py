"""What a link worker pressed by mistake is taken back with one more press."""

from __future__ import annotations

import re

import pytest

from bot.casework import cases
from bot.casework.handoffs import handoff_of
from bot.people import access_needs
from bot.store.tables import HandoffStatus


@pytest.fixture
def bea(at_work):
    return at_work("bea")


def undo(visitor):
    """Press the Undo they are offered."""
    at = re.search(r'(?s)id="said".*?action="/staff([^"]+)"(.*?)</form>', visitor.page.text)
    assert at, visitor.text
    fields = dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', at[2]))
    visitor.presses(at[1], **fields)


def owner_of(store, who):
    with store.reading() as reading:
        return cases.case_of(reading, who.person_id).owner_id


def test_handing_back(bea, ashby, store):
    bea.goes(f"/people/{ashby.pryce.token}")
    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/hand-back")
    assert "Handed back." in bea.text

    undo(bea)

    assert "They are with you again." in bea.text
    assert "With you until" in bea.text
    assert "Bea Marsh took this up again." in bea.text
    with store.reading() as reading:
        held = handoff_of(reading, ashby.pryce.handoff_id)
    assert (held.status, held.picked_up_by) == (HandoffStatus.PICKED_UP, ashby.bea)


def test_handing_back_longer_ago_than_an_hour(bea, ashby, clock):
    bea.goes(f"/people/{ashby.pryce.token}")
    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/hand-back")
    clock.forward(minutes=59)
    bea.goes("/")
    clock.forward(minutes=2)
    bea.presses(f"/handoffs/{ashby.pryce.handoff_id}/undo-close", back=f"/staff/people/{ashby.pryce.token}")

    assert "It is too late to undo this." in bea.text


def test_a_case_that_was_nobodys(bea, ashby, store):
    bea.goes(f"/people/{ashby.ray.token}")
    bea.presses(f"/people/{ashby.ray.token}/take")
    assert owner_of(store, ashby.ray) == ashby.bea

    undo(bea)

    assert owner_of(store, ashby.ray) is None
    assert "Taken back." in bea.text


def test_a_case_that_was_a_colleagues(bea, ashby, store, done):
    with store.reading() as reading:
        case = cases.case_of(reading, ashby.ray.person_id)
    done(lambda unit: cases.take(unit, case.id, ashby.ali))
    bea.goes(f"/people/{ashby.ray.token}")
    bea.presses(f"/people/{ashby.ray.token}/take")

    undo(bea)

    assert owner_of(store, ashby.ray) == ashby.ali


def test_a_case_is_not_taken_back_from_somebody_else(bea, ashby, store, done):
    bea.goes(f"/people/{ashby.ray.token}")
    bea.presses(f"/people/{ashby.ray.token}/take/undo", before="", back=f"/staff/people/{ashby.ray.token}")
    assert "This is not your case any more." in bea.text


def test_a_need_that_was_removed(bea, ashby, store):
    with store.reading() as reading:
        (need,) = access_needs.needs_of(reading, ashby.ray.person_id)
    bea.goes(f"/people/{ashby.ray.token}")
    bea.presses(f"/people/{ashby.ray.token}/needs/{need.id}/end")
    assert need.need not in bea.text.split("Access needs, interpreter")[1].split("Concerns,")[0]

    undo(bea)

    assert need.need in bea.text.split("Access needs, interpreter")[1].split("Concerns,")[0]
    bea.presses(f"/people/{ashby.josie.token}/needs/{need.id}/undo")
    assert bea.page.status_code == 404


def test_someone_at_risk_is_talked_with_once_picked_up(bea, ashby):
    bea.goes("/")
    bea.presses(f"/handoffs/{ashby.josie.handoff_id}/pick-up")
    first = bea.text.split("What to do next, and by when")[1].split("How to contact")[0]
    assert "Talk with them. Then log it here." in first

    bea.presses(f"/people/{ashby.josie.token}/contacts", kind="rang")
    first = bea.text.split("What to do next, and by when")[1].split("How to contact")[0]
    assert "Talk with them." not in first
