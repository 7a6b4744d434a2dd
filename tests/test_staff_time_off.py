"""Leave, training and hours kept free: what a link worker presses and reads."""

from __future__ import annotations

import re

import pytest

from tests.support.calendars import ON_ONE_ENGINE
from tests.test_staff_calendar import tiles
from tests.test_staff_undo import undo

pytestmark = ON_ONE_ENGINE


@pytest.fixture
def bea(bea_at_work):
    return bea_at_work


def test_leave_is_taken_what_is_in_it_is_shown_and_it_is_taken_back(bea, booked):
    bea.goes("/calendar/time-off")
    bea.presses("/calendar/time-off", kind="leave", until="2026-03-05", **{"from": "2026-03-04"})

    assert "Written down: leave. 4 appointments are booked in it: move or cancel them below." in bea.text
    assert "Tomorrow to Thursday 5 March, all day" in bea.text
    for words in ("Mrs Pryce, tomorrow at 9.30am Move", "Jo, Thursday 5 March at 10am Move"):
        assert words in bea.text
    undo(bea)
    assert "Taken back: that time can be booked again." in bea.text
    assert "Thursday 5 March, all day" not in bea.text


def test_an_hour_is_blocked_from_the_time_that_was_pressed(bea, booked):
    bea.goes("/calendar/time-off?at=2026-03-03T15:00")
    assert re.search(r'name="from" type="date" value="2026-03-03"', bea.page.text)
    assert re.search(r'name="until_time" type="time" value="16:00"', bea.page.text)
    fields = {
        "kind": "blocked",
        "from": "2026-03-03",
        "from_time": "15:00",
        "until_time": "16:00",
        "note": "Notes",
    }
    bea.presses("/calendar/time-off", **fields)
    bea.presses("/calendar/time-off", **fields)  # pressed twice

    bea.goes("/calendar")
    assert [tile for tile in tiles(bea) if tile.startswith("Blocked")] == ["Blocked 3 to 4pm Notes"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "Choose what it is."),
        ({"kind": "leave"}, "Choose a day, such as 12 March 2026."),
        ({"kind": "leave", "from": "2026-03-05", "until": "2026-03-04"}, "It ends before it begins."),
        ({"kind": "leave", "from": "2026-03-02"}, "That is past already."),
        ({"kind": "leave", "from": "2026-03-05", "until": "2028-03-04"}, "That is more than a year."),
    ],
)
def test_leave_that_cannot_be_says_why(bea, given, why):
    bea.goes("/calendar/time-off")
    bea.presses("/calendar/time-off", **given)

    assert bea.page.status_code == 422
    assert why in bea.text


def test_leave_is_ones_own_and_a_lead_may_take_it_for_somebody(bea, at_work, ashby, booked):
    fields = {"kind": "sickness", "from": "2026-03-03", "who": str(ashby.ali)}
    bea.goes("/calendar/time-off")
    assert bea.presses("/calendar/time-off", **fields).status_code == 403

    lou = at_work("lou")
    lou.goes(f"/calendar/time-off?who={ashby.ali}")
    lou.presses("/calendar/time-off", **fields)
    assert "Written down: off sick." in lou.text
