"""What the doctor says of whoever is told of danger in closed hours."""

from __future__ import annotations

import pytest

from bot.casework import staffing
from bot.commands.doctor import Finding, examine
from bot.store.engines import Store
from bot.store.sealed import Sealer
from tests.support.stores import KEYS, LOOKUP_KEY
from tests.support.web_site import settings


@pytest.fixture
def says(migrated_sqlite, tmp_path, clock):
    """All it says of a service with these settings, where only Mo works."""
    path = tmp_path / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = Store(f"sqlite:///{path}", Sealer(KEYS, LOOKUP_KEY), clock)
    store.run(
        lambda unit: staffing.add_staff(unit, "Mo@ashby.example", "Mo Akhtar", "lead"), acting="test"
    ).result(20)
    store.close()

    def examined(**given):
        set_ = settings(database_url=f"sqlite:///{path}", keys=list(KEYS), lookup_key=LOOKUP_KEY, **given)
        return [(found.how, found.what) for found in examine(set_)]

    return examined


@pytest.mark.parametrize(
    ("named", "finding", "begins"),
    [
        ("", Finding.LOOK, "Nobody is told of danger in closed hours"),
        ("Mo Akhtar, 07700 900111", Finding.BAD, "The duty contact is not alerted"),
        ("Jo, jo@ashby.example", Finding.BAD, "The duty contact is not alerted"),
        ("Mo Akhtar, 07700 900111, MO@ashby.example", Finding.GOOD, "The duty contact is alerted"),
    ],
)
def test_who_is_told_of_danger_in_closed_hours(says, named, finding, begins):
    found = [one for one in says(out_of_hours="closed", duty_contact=named) if one[1].startswith(begins)]

    assert [one for one, _ in found] == [finding]


def test_a_rota_at_all_hours_needs_no_duty_contact(says):
    assert not any("closed hours" in text for _, text in says(out_of_hours="staffed"))
