"""The hazard log is honest: its ratings follow the matrix, and what it says holds a hazard is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from bot.safety import hazard_log
from bot.safety.hazard_log import BadHazard, Kind

ROOT = Path(__file__).parents[1]
LOG = hazard_log.read()
CONTROLS = [(hazard, control) for hazard in LOG for control in hazard.controls]

ENTRY = """
[[hazard]]
id = "H99"
hazard = "A hazard"
cause = "A cause"
effect = "An effect"
existing = []
initial = { severity = "Major", likelihood = "High", rating = 4 }
residual = { severity = "Major", likelihood = "Low", rating = 3 }
owner = "Somebody"
status = "open"
raised = 2026-03-02
reviewed = 2026-03-02

[[hazard.control]]
kind = "design"
what = "Something"
test = "tests/test_x.py::test_y"
"""


@cache
def _functions_of(path: str) -> frozenset[str]:
    """The names of a file's test functions, without running it. Empty when there is no such file."""
    file = ROOT / path
    if not file.exists():
        return frozenset()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(
        n.name for n in ast.walk(tree) if isinstance(n, functions) and n.name.startswith("test_")
    )


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    return name in _functions_of(path)


def test_every_control_that_is_held_names_a_test_that_is_there():
    missing = [f"{h.id}, {c.what}: {c.test}" for h, c in CONTROLS if c.test and not exists(c.test)]
    assert not missing, "the log names tests that do not exist:\n" + "\n".join(missing)


def test_nothing_is_called_planned_that_is_there():
    done = [f"{h.id}: {c.planned_test}" for h, c in CONTROLS if c.planned_test and exists(c.planned_test)]
    assert not done, "these tests exist now; say so in the log:\n" + "\n".join(done)


def test_every_hazard_is_held_by_at_least_one_test():
    assert [h.id for h in LOG if not any(c.test for c in h.controls)] == []


def test_no_hazard_is_left_higher_than_it_was_or_must_be_controlled_further():
    for hazard in LOG:
        assert hazard.residual.rating <= hazard.initial.rating, hazard.id
        assert hazard.residual.rating <= 3, f"{hazard.id}: {hazard_log.ACCEPTABILITY[hazard.residual.rating]}"


def test_a_missed_message_is_at_least_major():
    missed = next(hazard for hazard in LOG if hazard.id == "H01")
    assert hazard_log.SEVERITIES.index(missed.initial.severity) >= hazard_log.SEVERITIES.index("Major")


def test_every_entry_says_who_looks_after_it_and_when_it_was_reviewed():
    for hazard in LOG:
        assert hazard.owner and hazard.cause and hazard.effect
        assert hazard.status in {"open", "closed", "transferred"}
        assert hazard.reviewed >= hazard.raised


def test_it_has_the_columns_of_the_form():
    assert list(LOG[0].columns()) == [
        "Id", "Hazard", "Cause", "Effect", "Existing controls",
        "Initial severity", "Initial likelihood", "Initial rating",
        "Added controls: design", "Added controls: test",
        "Added controls: training", "Added controls: process",
        "Evidence", "Residual severity", "Residual likelihood", "Residual rating",
        "Owner", "Status", "Raised", "Reviewed",
    ]  # fmt: skip
    assert all(hazard.columns()["Evidence"] for hazard in LOG)


def test_the_matrix_is_the_standards():
    assert [hazard_log.rating(severity, "Very high") for severity in hazard_log.SEVERITIES] == [3, 4, 4, 5, 5]
    assert [hazard_log.rating("Major", likelihood) for likelihood in hazard_log.MATRIX] == [5, 4, 3, 3, 2]
    assert hazard_log.rating("Minor", "Very low") == 1
    assert hazard_log.rating("Catastrophic", "Low") == 4
    for row in hazard_log.MATRIX.values():
        assert list(row) == sorted(row), "graver is never rated lower"
        assert set(row) <= set(hazard_log.ACCEPTABILITY)


def test_an_entry_reads_as_it_is_written():
    (hazard,) = hazard_log.read(ENTRY)
    assert hazard.controls[0].kind is Kind.DESIGN
    assert hazard.controls[0].status == "held"


@pytest.mark.parametrize(
    ("wrong", "instead", "says"),
    [
        ("rating = 4", "rating = 3", "its initial rating is 4 by the matrix, not 3"),
        ("rating = 3", "rating = 2", "its residual rating is 3 by the matrix, not 2"),
        ('likelihood = "High"', 'likelihood = "Often"', "not in the matrix"),
        ('test = "tests/test_x.py::test_y"', "", "one of test, planned_test or deployer"),
        ('test = "tests/test_x.py::test_y"', 'status = "planned"', "planned, and no planned_test"),
        ('kind = "design"', 'kind = "hope"', "hope"),
        ('cause = "A cause"', "", "cause"),
    ],
)
def test_an_entry_that_does_not_hold_together_is_named(wrong, instead, says):
    assert wrong in ENTRY
    with pytest.raises(BadHazard, match=says):
        hazard_log.read(ENTRY.replace(wrong, instead))


def test_the_same_entry_twice_is_refused():
    with pytest.raises(BadHazard, match="H99"):
        hazard_log.read(ENTRY + ENTRY)
