"""`prove` says plainly what holds, fails when something does not, and keeps figures only of a full run."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import readme
from benchmarks.proofs import Figure, Size, must
from bot.commands import prove


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Two small proofs instead of the large ones, and a folder for their figures."""
    page = tmp_path / "README.md"
    page.write_text(f"About.\n\n{readme.BELOW}\n")
    monkeypatch.setattr(prove, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(readme, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(readme, "README", page)
    monkeypatch.setattr(prove, "PROOFS", ("once", "order"))
    for name in prove.PROOFS:
        proof = ModuleType(f"benchmarks.proofs.{name}")
        proof.prove = lambda size, seed: [Figure("tried", "12")]
        monkeypatch.setitem(sys.modules, proof.__name__, proof)
    return tmp_path


def run(*words: str):
    app = typer.Typer()
    prove.add_to(app)
    return CliRunner().invoke(app, words)


def test_a_full_run_keeps_its_figures_with_the_seed_that_repeats_it(results):
    ran = run("--seed", "7")

    assert ran.exit_code == 0
    assert "2 passed, 0 failed" in ran.output
    kept = json.loads((results / "results" / "once.json").read_text())
    assert (kept["seed"], kept["figures"]) == (7, {"tried": "12"})
    page = (results / "README.md").read_text()
    assert page.startswith("About.")
    assert "## once" in page and "## order" in page


def test_a_small_run_keeps_nothing(results):
    ran = run("--small")

    assert ran.exit_code == 0
    assert not (results / "results").exists()


def test_what_does_not_hold_is_said_with_its_seed_and_the_others_still_run(results):
    def prove_it(size: Size, seed: int):
        must(False, "a message was answered twice")

    sys.modules["benchmarks.proofs.once"].prove = prove_it

    ran = run("--seed", "7")

    assert ran.exit_code == 1
    assert "DOES NOT HOLD (seed 7): a message was answered twice" in ran.output
    assert "order: holds" in ran.output
    assert not (results / "results").exists()


def test_one_proof_can_be_run_alone(results):
    ran = run("order", "--small")

    assert "1 passed, 0 failed" in ran.output
    assert "once" not in ran.output
