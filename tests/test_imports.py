"""Imports go one way, by the contracts in pyproject.toml, and name nothing we do not install."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from importlinter.api import read_configuration

ROOT = Path(__file__).parent.parent
PYPROJECT = ROOT / "pyproject.toml"
CONTRACTS = [c["id"] for c in read_configuration(str(PYPROJECT))["contracts_options"]]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_imports_go_one_way(contract):
    # In a process of its own: in ours it would silence every logger there is, for the tests after it.
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]

    linted = subprocess.run(
        [*lint, "--contract", contract, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert linted.returncode == 0, linted.stdout.partition("Broken contracts")[2] or linted


def test_every_room_has_its_place_in_the_rows():
    (layers,) = [
        c["layers"] for c in read_configuration(str(PYPROJECT))["contracts_options"] if c["id"] == "layers"
    ]
    placed = set(re.findall(r"bot\.(\w+)", " ".join(layers)))
    there = {p.parent.name for p in ROOT.glob("bot/*/__init__.py")} | {p.stem for p in ROOT.glob("bot/*.py")}

    assert there - {"__init__"} <= placed


def imported(folder: str) -> set[str]:
    """The first part of every module that the code under `folder` imports."""
    names = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


def declared(*groups: str) -> set[str]:
    """The distributions that pyproject.toml names for the running service, and for `groups`."""
    project = tomllib.loads(PYPROJECT.read_text())
    lines = project["project"]["dependencies"] + [
        line for group in groups for line in project["dependency-groups"][group]
    ]
    return {re.match(r"[\w.-]+", line)[0].lower() for line in lines}


@pytest.mark.parametrize(
    ("folder", "groups"), [("bot", ()), ("flows", ()), ("tests", ["dev"]), ("benchmarks", ["dev"])]
)
def test_what_is_imported_is_installed_by_the_lock(folder, groups):
    brought_by = packages_distributions()
    ours = {"bot", "flows", "tests", "benchmarks"}
    missing = {
        name
        for name in imported(folder) - ours
        if not declared(*groups) & {d.lower().replace("_", "-") for d in brought_by.get(name, [])}
    }

    assert not missing, f"add to pyproject.toml and `make lock`: {missing}"
