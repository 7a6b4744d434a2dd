"""Imports go one way: the contracts in pyproject.toml hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter import cli
from importlinter.api import read_configuration

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
CONTRACTS = [c["id"] for c in read_configuration(str(PYPROJECT))["contracts_options"]]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_imports_go_one_way(contract, monkeypatch, capsys):
    monkeypatch.chdir(PYPROJECT.parent)

    broken = cli.lint_imports(limit_to_contracts=(contract,), no_cache=True)

    assert not broken, capsys.readouterr().out
