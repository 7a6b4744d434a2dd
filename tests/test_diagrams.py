"""flows/README.md is what the flows and their prompts are now, and each picture shows the whole flow."""

from __future__ import annotations

import re

import pytest

import flows
from bot.commands import diagrams
from bot.flowkit.drawing import diagram
from bot.flowkit.gather import gather

FLOWS = gather(flows)


def test_the_page_is_up_to_date():
    assert diagrams.PAGE.read_text(encoding="utf-8") == diagrams.page(), "run: make diagrams"


def test_nothing_the_operator_set_is_in_the_page(monkeypatch):
    monkeypatch.setenv("LINKLINE_SERVICE_NAME", "Somewhere Else")

    assert "Somewhere Else" not in diagrams.page()


@pytest.mark.parametrize("name", FLOWS)
def test_a_picture_shows_every_step_and_every_row(name):
    flow, drawn = FLOWS[name], diagram(FLOWS[name])
    arrows = re.findall(r"^  (\S+) --> (\S+?)(?:: (.*))?$", drawn, re.M)
    said = {(source, dest): labels.split(" | ") for source, dest, labels in arrows}

    for row in flow.rows():
        for source in row["source"] if isinstance(row["source"], list) else [row["source"]]:
            guard = f" [{' & '.join(row['conditions'])}]" if row["conditions"] else ""
            assert f"{row['trigger']}{guard}" in said[source, row["dest"]]
    assert ("[*]", flow.starts_at) in said
    for step in flow.steps:
        assert not step.ends or (step.name, "[*]") in said
        assert not step.awaits or f"{step.name}: {step.awaits.__name__}" in drawn


def test_drawing_leaves_the_running_machine_as_it_was():
    before = FLOWS["intake"].machine.models[:]

    diagram(FLOWS["intake"])

    assert FLOWS["intake"].machine.models == before
